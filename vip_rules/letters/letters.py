"""Letters: writes the letter of a message, from the shop's own templates or those that come along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from babel import Locale
from jinja2 import Environment, Template, TemplateError

from vip_rules.benefits.definition import BenefitType
from vip_rules.errors import VipRulesError
from vip_rules.letters.examples import examples
from vip_rules.letters.filling import compiled, environment, fill, laid_out, one_line, one_lined, page
from vip_rules.letters.formats import Formats
from vip_rules.letters.languages import BUILT_IN, LAST_RESORT, candidates, checked, locale_of
from vip_rules.letters.letter import InvalidTemplate, Letter
from vip_rules.letters.phrases import PhraseBook, Phrases
from vip_rules.letters.templates import Shelf, Source
from vip_rules.metrics.definition import Metric
from vip_rules.program.messages import OCCASIONS
from vip_rules.program.program import Program

_NAMES: Final = (
    "tier_name",
    "former_name",
    "next_name",
    "then_name",
    "until",
    "quarter",
    "amount",
    "through",
)
"""What a letter may speak of, besides lists; None where a message doesn't say it."""

_BENEFITS: Final = ("benefits",)
_LACKS: Final = ("keep", "missing")

_CACHED: Final = 64
"""Languages and templates that are kept ready."""


class _Speech:
    """How letters are written in a language: its phrases, and its templates, each made once."""

    def __init__(self, environment: Environment, phrases: Phrases) -> None:
        self._environment, self.phrases = environment, phrases
        self.template = lru_cache(2 * _CACHED)(self._template)

    def _template(self, source: Source, text: str) -> Template:
        return compiled(self._environment, source, text)


class Letters:
    """Writes letters for a program's messages. Filling templates in is all that happens: nothing is read or sent meanwhile.

    `folder` has the shop's own templates, `language` is the shop's, `shop` the name under which it signs. Raises
    InvalidTemplate for a folder that can't be read, UnknownLanguage.
    """

    def __init__(
        self,
        program: Program,
        metrics: Mapping[str, Metric],
        benefits: Mapping[str, BenefitType],
        *,
        folder: Path | None = None,
        language: str = LAST_RESORT,
        shop: str = "",
    ) -> None:
        self._program, self._metrics, self._benefits = program, metrics, benefits
        self._shop = one_line(shop)
        self._tiers = {tier.id: tier.name for tier in program.tiers}
        self._folder = folder
        self._language = checked(language)
        self._shelf = Shelf(folder, self._language)
        # Made once for each of a few languages and templates, not once for each of many letters.
        self._speech = lru_cache(_CACHED)(self._new_speech)
        self._source = lru_cache(_CACHED)(self._shelf.source)

    def write(self, payload: Mapping[str, Any]) -> Letter:
        """The letter of a message's payload, in the customer's language. Raises InvalidTemplate."""
        given = one_lined(payload)
        occasion, wished = str(given["occasion"]), given.get("language")
        if occasion not in OCCASIONS:
            raise InvalidTemplate(f"no letters are written on the occasion {occasion!r}")
        names = tuple(dict.fromkeys((str(given.get("template") or occasion), occasion)))
        source = self._source(names, occasion, wished)
        speech = self._speech(str(locale_of(source.language, wished)), source.language)
        context = self._context(given, source, speech.phrases)
        filled = laid_out(fill(speech.template(source, source.text), context, source))
        return Letter(
            subject=one_line(fill(speech.template(source, source.subject), context, source)),
            text=filled,
            html=page(filled, source.language),
            language=source.language,
        )

    def names(self) -> Iterator[tuple[str, str]]:
        """The templates that letters are made from, each with its occasion: the program's, then the other occasions' own."""
        named = dict.fromkeys((message.template, message.on) for message in self._program.messages)
        used = {occasion for _, occasion in named}
        yield from named
        yield from ((occasion, occasion) for occasion in OCCASIONS if occasion not in used)

    def check(self) -> None:
        """Fill in each of the shop's own templates that is in use, for examples of its occasion. Raises InvalidTemplate."""
        problems: dict[str, None] = {}
        for template, occasion in self.names():
            for name in dict.fromkeys((template, occasion)):
                for language in self._shelf.own(name):
                    problems |= dict.fromkeys(self._problems(occasion, name, language))
        if problems:
            raise InvalidTemplate("\n".join(problems))

    def previews(self, template: str, occasion: str, language: str | None) -> list[Letter]:
        """What goes out for examples of an occasion to somebody of a language; None for one that isn't known.

        Raises InvalidTemplate, and UnknownLanguage for what is none.
        """
        if language is not None:
            checked(language)
        return [
            self.write({**payload, "template": template, "language": language})
            for payload in examples(occasion, self._program)
        ]

    def _problems(self, occasion: str, name: str, language: str) -> Iterator[str]:
        try:
            self.previews(name, occasion, language)
        except InvalidTemplate as error:
            yield str(error)
        except VipRulesError as error:
            yield f"{self._shelf.own(name)[language]}: {error}"

    def _new_speech(self, locale: str, language: str) -> _Speech:
        formats = Formats(Locale.parse(locale), self._program.currency)
        filled_in = environment(formats, self._folder)
        tags = (*candidates(language), *candidates(self._language), LAST_RESORT)
        book = PhraseBook(next(tag for tag in tags if tag in BUILT_IN), filled_in)
        return _Speech(filled_in, Phrases(book, formats, self._metrics, self._benefits, self._tiers))

    def _context(self, given: Mapping[str, Any], source: Source, phrases: Phrases) -> dict[str, Any]:
        """What a template may speak of. Raises InvalidTemplate for data that can't be said."""
        data = given.get("data") or {}
        tier, after = given.get("tier"), data.get("next")
        told = {name: data.get(name) for name in _NAMES}
        # Messages of earlier versions name tiers by their ids only.
        told["tier_name"] = told["tier_name"] or self._tiers.get(str(tier), tier)
        told["next_name"] = told["next_name"] or self._tiers.get(str(after), after)
        told["quarter"] = told["quarter"] or given.get("day")
        try:
            lists = {
                **{name: [phrases.benefit(each) for each in data.get(name) or ()] for name in _BENEFITS},
                **{name: [phrases.lack(each) for each in data.get(name) or ()] for name in _LACKS},
            }
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise InvalidTemplate(
                f"the data of the message can't be said in words: {type(error).__name__}"
            ) from None
        return {
            **told,
            **lists,
            "occasion": given["occasion"],
            "day": given.get("day"),
            "said": given.get("text", ""),
            "data": data,
            "language": source.language,
            "shop": self._shop,
        }
