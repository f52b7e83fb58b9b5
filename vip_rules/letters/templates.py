"""Templates: the files that letters are made from, a shop's own and those that come along, each by its name and language.

A file begins with a line "Subject: …" and an empty line; the rest is the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from vip_rules.letters.languages import BUILT_IN, LAST_RESORT, candidates, normal
from vip_rules.letters.letter import InvalidTemplate

_SUBJECT: Final = "Subject:"
_FILE: Final = re.compile(r"(?P<name>.+?)(?:\.(?P<language>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*))?\.txt")


@dataclass(frozen=True, slots=True)
class Source:
    """A template as it was written. `place` is its file, for messages; `own`: it is the shop's."""

    place: str
    language: str
    subject: str
    text: str
    own: bool


class Shelf:
    """Where templates stand: the shop's own in a folder, if it has one, and those that come along.

    A shop's own NAME.txt, without a language, is in its `default` one. Raises InvalidTemplate for a folder that can't be read.
    """

    def __init__(self, folder: Path | None, default: str) -> None:
        self._default = default
        self._own: dict[str, dict[str, Path]] = {}
        if folder is not None:
            self._find(folder)

    def own(self, name: str) -> Mapping[str, Path]:
        """The shop's files for a template, by language."""
        return self._own.get(name, {})

    def source(self, names: tuple[str, ...], occasion: str, wished: str | None) -> Source:
        """The template for a customer's language: the shop's own by the first name that it has, else the occasion's.

        Languages are tried in this order: the customer's, from its whole tag to its first part; the shop's; English. Raises
        InvalidTemplate.
        """
        tags = list(dict.fromkeys([*candidates(wished), *candidates(self._default), LAST_RESORT]))
        for name in names:
            for tag in tags:
                if tag in self.own(name):
                    return read(self.own(name)[tag], tag)
        language = next(tag for tag in tags if tag in BUILT_IN)
        return built_in(occasion, language)

    def _find(self, folder: Path) -> None:
        try:
            found = sorted(path for path in folder.iterdir() if path.suffix == ".txt")
        except OSError as error:
            raise InvalidTemplate(
                f"the folder of templates can't be read: {folder}: {error.strerror}"
            ) from None
        for path in found:
            if match := _FILE.fullmatch(path.name):
                language = normal(match["language"]) if match["language"] else None
                self._own.setdefault(match["name"], {})[language or self._default] = path


def read(path: Path, language: str) -> Source:
    """A shop's own template. Raises InvalidTemplate."""
    try:
        written = path.read_text("utf-8-sig")
    except OSError as error:
        raise InvalidTemplate(f"{path}: the template can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidTemplate(f"{path}: the template is no text in UTF-8: save it as one") from None
    return _source(written, str(path), language, own=True)


def built_in(occasion: str, language: str) -> Source:
    """The template that comes along for an occasion, in one of the languages BUILT_IN."""
    name = f"{occasion}.{language}.txt"
    written = files("vip_rules.letters").joinpath("texts", name).read_text("utf-8")
    return _source(written, name, language, own=False)


def _source(written: str, place: str, language: str, *, own: bool) -> Source:
    first, _, rest = written.partition("\n")
    second, _, text = rest.partition("\n")
    if not first.startswith(_SUBJECT) or not first.removeprefix(_SUBJECT).strip() or second.strip():
        raise InvalidTemplate(
            f'{place}:1: a template begins with a line "{_SUBJECT} …" and an empty line; below them stands the text'
        )
    # The lines above the text are kept empty, so that an error names the line of the file.
    return Source(place, language, first.removeprefix(_SUBJECT).strip(), f"\n\n{text}", own)
