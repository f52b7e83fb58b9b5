"""Numbers as people write them, "$2,000", "20 %" or "60 days", and as a program does: 2000, 20, 60."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 40

WRITTEN: Final = re.compile(
    r"""(?P<before> [A-Z]{3} | [A-Z]{0,2}[$€£¥] | ) \s?
    (?: (?P<grouped> [0-9]{1,3} (?P<mark> [,'’_ \u00a0\u202f]) [0-9]{3} (?: (?P=mark) [0-9]{3})* (?: \.[0-9]+)? )
      | (?P<pointed> [0-9]{1,3} (?: (?: \.[0-9]{3})+ ,[0-9]+ | (?: \.[0-9]{3}){2,} ) | [0-9]+,[0-9]{1,2} )
      | \+? (?P<plain> (?: [0-9]+ (?: \.[0-9]*)? | \.[0-9]+) (?: [eE][+-]?[0-9]{1,3})? ) )
    \s? (?P<after> [%$€£¥] | [A-Za-z][A-Za-z ]{0,19} | )""",
    re.VERBOSE,
)

JSON: Final = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

THOUSANDS: Final = {
    ",": "a comma",
    "'": "an apostrophe",
    "’": "an apostrophe",
    "_": "an underscore",
    " ": "a space",
    "\u00a0": "a space",
    "\u202f": "a space",
}

MULTIPLES: Final = frozenset(("k", "m", "mio", "mn", "bn", "dozen", "hundred", "thousand", "million"))

UNITS: Final = {
    "money": (
        "the program's currency",
        r"[A-Z]{3}|[A-Z]{0,2}[$€£¥]|(?i:dollars?|euros?|pounds?|francs?|yen)",
    ),
    "percent": ("percent", r"%|(?i:percent|per cent|pct|th)"),
    "days": ("days", r"(?i:d|days?)"),
    "hours": ("hours", r"(?i:h|hrs?|hours?)"),
}
"""The units that a program's numbers have, each with how people write it."""


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as JSON writes it, with the unit that stands beside it, and how its digits are set apart."""

    number: str
    unit: str = ""
    mark: str = ""
    pointed: bool = False

    @classmethod
    def of(cls, text: str) -> Numeral | None:
        """The number that somebody means by a text; None if that isn't sure."""
        match = WRITTEN.fullmatch(text) if len(text) <= LONGEST else None
        if match is None or (match["before"] and match["after"]) or match["after"].lower() in MULTIPLES:
            return None
        unit = match["before"] or match["after"].strip()
        if match["grouped"]:
            return cls(_bare(match["grouped"].replace(match["mark"], "")), unit, match["mark"])
        if match["pointed"]:
            return cls(_bare(match["pointed"].replace(".", "").replace(",", ".")), unit, pointed=True)
        return cls(_bare(match["plain"]), unit)


def in_quotation_marks(text: str, unit: str, whole: bool) -> str:
    """What to write where a number is due (a `whole` one, or any) and a text is found: "write 60, the unit is days".

    `unit` is one of UNITS, or the number counts something. Empty if there is nothing to be said for sure.
    """
    numeral = Numeral.of(text)
    if numeral is None or (whole and not numeral.number.isdecimal()):
        return ""
    if numeral.number == text:
        return f"write {text} without quotation marks"
    if unit not in UNITS:
        return f"write only the number, {numeral.number}"
    name, known = UNITS[unit]
    if numeral.unit and not re.fullmatch(known, numeral.unit):
        return f"the unit is {name}"
    return f"write {numeral.number}, the unit is {name}"


def without_quotation_marks(text: str) -> str:
    """What is wrong with a number that JSON can't read: "a number is written without a comma for thousands: 2000".

    Empty if the text is a number, or none at all.
    """
    numeral = None if JSON.fullmatch(text) else Numeral.of(text)
    if numeral is None:
        return ""
    how = "like this"
    if numeral.pointed:
        how = "with a point for decimals and no mark for thousands"
    if numeral.mark:
        how = f"without {THOUSANDS[numeral.mark]} for thousands"
    if numeral.unit.isalpha():
        text = json.dumps(text, ensure_ascii=False)
        return (
            f"a number is written alone: {numeral.number}; or, as a text, in double quotation marks: {text}"
        )
    if numeral.unit:
        how = f"without {numeral.unit}"
    return f"a number is written {how}: {numeral.number}"


def _bare(digits: str) -> str:
    """Digits as JSON writes them: no 0 too many before a point, and none too few."""
    whole, point, rest = digits.partition(".")
    rest = rest if rest[:1].isdecimal() else ""
    return f"{whole.lstrip('0') or '0'}{point if rest else ''}{rest}"
