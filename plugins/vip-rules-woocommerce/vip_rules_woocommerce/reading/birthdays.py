"""Birthdays as extensions keep them: with the year or without it."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from vip_rules.localdays import FIRST_YEAR, LAST_YEAR

YEARLESS: Final = 1904
"""The year that stands for an unknown one; it has a 29 February."""

_SHAPE: Final = re.compile(r"(?:([0-9]{4})-?|--)?([0-9]{2})-?([0-9]{2})(?:[T ]00:00(?::00)?)?")


def birthday(value: object) -> date | None:
    """The day of birth that a field holds, and None for what isn't one.

    >>> birthday("1985-05-03"), birthday("19850503"), birthday("05-03")
    (datetime.date(1985, 5, 3), datetime.date(1985, 5, 3), datetime.date(1904, 5, 3))

    Days like 03/05/1985 aren't read: it is not to be known which is the month.

    >>> birthday("03/05/1985")
    """
    found = _SHAPE.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        return None
    year, month, day = (int(part or YEARLESS) for part in found.groups())
    try:
        born = date(year, month, day)
    except ValueError:
        return None
    return born if FIRST_YEAR <= year <= LAST_YEAR else None
