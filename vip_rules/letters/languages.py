"""Languages: which one a customer is written to in, and how it writes dates, numbers and money."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from babel import Locale, UnknownLocaleError

from vip_rules.errors import VipRulesError

BUILT_IN: Final = ("en", "ko", "id", "zh")
"""The languages that letters come in."""

LAST_RESORT: Final = "en"

_OLD: Final = {"in": "id", "cmn": "zh"}
"""Codes that stores still use for a language that has another one."""

_TAG: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


class UnknownLanguage(VipRulesError):
    """A text that names no language: write a tag of BCP 47, such as ko or zh-Hans."""


def normal(tag: str) -> str | None:
    """A tag as everything here compares it: "zh_CN" is "zh-cn", the old "in" is "id"; None for what is no tag."""
    language, dash, rest = tag.strip().lower().partition(".")[0].replace("_", "-").partition("-")
    found = f"{_OLD.get(language, language)}{dash}{rest}"
    return found if _TAG.fullmatch(found) else None


def candidates(tag: str | None) -> Iterator[str]:
    """A tag, and what is left of it when its last parts are dropped: zh-hant-tw, zh-hant, zh. None of no tag."""
    found = normal(tag or "")
    while found:
        yield found
        found = found.rpartition("-")[0]


def checked(tag: str) -> str:
    """A tag that names a language. Raises UnknownLanguage."""
    found = normal(tag)
    if found is None or _locale(found) is None:
        raise UnknownLanguage(f"{tag!r} names no language: expected a tag such as en, ko, id or zh-Hans")
    return found


def locale_of(language: str, wished: str | None) -> Locale:
    """How a letter in a language writes dates and numbers: as the customer's own tag says, where that is this language."""
    for tag in candidates(wished):
        if tag.partition("-")[0] == language.partition("-")[0] and (found := _locale(tag)):
            return found
    return next(filter(None, map(_locale, candidates(language))), None) or Locale(LAST_RESORT)


def _locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
