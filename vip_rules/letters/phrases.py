"""Phrases: how benefits, and what is missing to a tier, are said in a language."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, Template

from vip_rules.benefits.definition import BenefitType
from vip_rules.letters.filling import one_line
from vip_rules.letters.formats import Formats
from vip_rules.metrics.definition import Metric, Unit, Windows
from vip_rules.metrics.figure import Figure
from vip_rules.model import Currency
from vip_rules.windows import LIFETIME, InvalidWindow, Window

_FIGURE: Final = re.compile(r"(?P<name>\w+)(?:\[(?P<inside>.*)\])?")
_TEXT: Final = r'(?:"(?:[^"\\]|\\.)*"|[^"|,=]+)'
_FILTER: Final = re.compile(rf"(?P<key>\w+)=(?P<values>{_TEXT}(?:\|{_TEXT})*)(?:, |$)")

_UP: Final = ("at_least", "more_than")
_DOWN: Final = ("at_most", "less_than")
_COMPARATORS: Final = (
    *_UP,
    *_DOWN,
    "equals",
    "not_equals",
    "is",
    "is_not",
    "one_of",
    "none_of",
    "is_known",
)


class PhraseBook:
    """The phrases of a language, each a small template. `sections` is the book's document, by section and name."""

    def __init__(self, language: str, environment: Environment) -> None:
        text = files("vip_rules.letters").joinpath("texts", f"phrases.{language}.toml").read_text("utf-8")
        self.sections: Mapping[str, Mapping[str, str]] = tomllib.loads(text)
        self._environment = environment
        self._made: dict[tuple[str, str], Template] = {}

    def __contains__(self, phrase: tuple[str, str]) -> bool:
        section, name = phrase
        return name in self.sections.get(section, {})

    def say(self, section: str, name: str, /, **given: Any) -> str:
        """A phrase, filled in; spaces that an empty part leaves are gone."""
        if (section, name) not in self._made:
            self._made[section, name] = self._environment.from_string(self.sections[section][name])
        return one_line(self._made[section, name].render(given))


class Phrases:
    """Says the data of messages in a language. What a plugin brings, which no book knows, is said in its own English."""

    def __init__(
        self,
        book: PhraseBook,
        formats: Formats,
        metrics: Mapping[str, Metric],
        benefits: Mapping[str, BenefitType],
        tiers: Mapping[str, str],
    ) -> None:
        self._book, self._formats = book, formats
        self._metrics, self._benefits, self._tiers = metrics, benefits, tiers

    def benefit(self, benefit: Mapping[str, Any]) -> str:
        """A benefit, from its type and arguments."""
        name = str(benefit["type"])
        known = self._benefits.get(name)
        given = {**(known.defaults if known else {}), **benefit}
        if ("benefit", name) in self._book:
            return _begun(self._book.say("benefit", name, **given))
        if known is None:
            return _begun(str(benefit.get("text") or name.replace("_", " ")))
        return _begun(known.sentence(_loaded(known, given, self._formats.currency), self._formats.currency))

    def lack(self, lack: Mapping[str, Any]) -> str:
        """A thing that is missing to a tier, with how much of it and until when, where that is known."""
        key = str(lack["metric"])
        name = key.partition("[")[0]
        unit = self._unit(name, lack)
        comparator = next((each for each in _COMPARATORS if each in lack), "")
        gap, target = lack.get("gap"), lack.get(comparator)
        more = comparator in _UP
        if gap is not None and comparator not in (*_UP, *_DOWN):
            more = Decimal(str(lack["figure"])) < Decimal(str(target))
        says = {
            "phrase": self._phrase(key, name),
            "by": lack.get("by"),
            "now": self._value(name, unit, lack.get("figure")),
            "target": self._target(name, unit, comparator, target),
            "gap": None if gap is None else self._gap(unit, gap),
            "more": more,
        }
        # A step can be taken towards more; of days, towards fewer.
        if gap is not None and more is (unit is not Unit.DAYS) and ("step", name) in self._book:
            says["step"] = self._book.say("step", name, gap=says["gap"], number=gap)
            return _begun(self._book.say("lack", "step", **says))
        return _begun(self._book.say("lack", "plain" if gap is None else "gap", **says))

    def _unit(self, name: str, lack: Mapping[str, Any]) -> Unit:
        known = self._metrics.get(name)
        return known.unit if known else Unit(lack.get("unit", Unit.TEXT.value))

    def _phrase(self, key: str, name: str) -> str:
        """What a figure is called, from its key: "spend[12 months, category=bags|shoes]"."""
        match = _FIGURE.fullmatch(key)
        inside = (match["inside"] or "") if match else ""
        metric = self._metrics.get(name)
        begin, _, rest = inside.partition(", ")
        window = _window(begin)
        filters = [
            self._book.say(
                "filter", "between", name=self._filter(found["key"]), values=_values(found["values"])
            )
            for found in _FILTER.finditer(rest if window else inside)
        ]
        if ("metric", name) not in self._book:
            phrase = name.replace("_", " ") if metric is None else Figure.of(metric, window).phrase
        else:
            # As in English, "days since the last order" needs no "so far".
            bare = metric is None or metric.windows is Windows.NONE or metric.unit is Unit.DAYS
            said = "" if window is None and bare else self._in(window or LIFETIME)
            phrase = self._book.say("metric", name, window=said)
        return self._book.say("filter", "around", phrase=phrase, filters=filters) if filters else phrase

    def _in(self, window: Window) -> str:
        name = f"{window.unit}s" if window.count else window.name
        return self._book.say("window", name, count=window.count)

    def _filter(self, key: str) -> str:
        return self._book.say("filter", key) if ("filter", key) in self._book else key

    def _target(self, name: str, unit: Unit, comparator: str, target: Any) -> str:
        if comparator == "is_known":
            return self._book.say("target", "known" if target else "unknown")
        if isinstance(target, list | tuple):
            value = self._formats.listed([self._value(name, unit, each) for each in target], "or")
        else:
            value = self._value(name, unit, target)
        return self._book.say("target", comparator, value=value) if comparator else value

    def _value(self, name: str, unit: Unit, value: Any) -> str:
        if value is None:
            return self._book.say("unit", "unknown")
        if value == "":
            return self._book.say("unit", "none")
        match unit:
            case Unit.MONEY:
                return self._formats.money(value)
            case Unit.PERCENT:
                return self._formats.percent(value)
            case Unit.DAYS:
                return self._formats.days(value)
            case Unit.TEXT | Unit.SET:
                return self._tiers.get(value, str(value)) if name.endswith("_tier") else str(value)
            case _:
                return self._formats.number(value)

    def _gap(self, unit: Unit, gap: Any) -> str:
        if unit is Unit.PERCENT:
            return self._book.say("unit", "points", number=gap)
        return self._value("", unit, gap)


def _begun(sentence: str) -> str:
    """A sentence that begins with a capital, where there are capitals."""
    return sentence[:1].upper() + sentence[1:]


def _window(text: str) -> Window | None:
    try:
        return Window.of(text) if text else None
    except InvalidWindow:
        return None


def _values(text: str) -> list[str]:
    """The values of a filter as a figure's key has them, without their quotes."""
    return [json.loads(value) if value.startswith('"') else value for value in re.findall(_TEXT, text)]


def _loaded(type_: BenefitType, given: Mapping[str, Any], currency: Currency) -> dict[str, Any]:
    """A benefit's arguments as its sentence takes them: money in minor units, percentages in hundredths, lists as tuples."""
    loaded: dict[str, Any] = {}
    for name, value in given.items():
        meaning = type_.properties.get(name, {}).get("format")
        if meaning == "money":
            loaded[name] = currency.minor(Decimal(str(value)))
        elif meaning == "percent":
            loaded[name] = int(Decimal(str(value)).scaleb(2))
        else:
            loaded[name] = tuple(value) if isinstance(value, list) else value
    return loaded
