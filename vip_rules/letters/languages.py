"""Languages: which one a customer is written to in, and how it writes dates, numbers and money."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from vip_rules.errors import VipRulesError

BUILT_IN: Final = ("en", "ko", "id", "zh")
"""The languages that letters come in."""

LAST_RESORT: Final = "en"

_OLD: Final = {"in": "id", "cmn": "zh"}
"""Codes that stores still use for a language that has another one."""

_LIKELY: Final = {tag.lower(): whole for tag, whole in get_global("likely_subtags").items()}
"""Whole tags, with script and territory, of shorter ones: of "zh_tw", "zh_Hant_TW"."""

_SCRIPT: Final = 4
"""The letters of a script's code; no other part of a tag has as many."""

_TAG: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


class UnknownLanguage(VipRulesError):
    """A text that names no language: write a tag of BCP 47, such as ko or zh-Hans."""


def normal(tag: str) -> str | None:
    """A tag as everything here compares it: "zh_CN" is "zh-cn", the old "in" is "id"; None for what is no tag."""
    language, dash, rest = tag.strip().lower().partition(".")[0].replace("_", "-").partition("-")
    found = f"{_OLD.get(language, language)}{dash}{rest}"
    return found if _TAG.fullmatch(found) else None


def candidates(tag: str | None) -> Iterator[str]:
    """A tag, and what is left of it when its last parts are dropped: ko-kr, ko. None of no tag.

    Before the language alone comes the language in its script, as it is written there: zh-tw, zh-hant, zh.
    """
    whole = normal(tag or "")
    if whole is None:
        return
    parts = whole.split("-")
    shorter = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    likely = _LIKELY.get("_".join((parts[0], *parts[1:2])).lower()) or _LIKELY.get(parts[0], "")
    if likely.count("_") == 2 and not any(len(part) == _SCRIPT for part in parts[1:]):
        shorter.insert(-1 if len(parts) > 1 else 1, "-".join(likely.lower().split("_")[:2]))
    yield from shorter


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
