"""The plain values of the Admin API, each checked on its way in."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, Final

from vip_rules.localdays import FIRST_YEAR, LAST_YEAR

from vip_rules_shopify import gids

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

_HEADS: Final = {kind: f"gid://shopify/{kind}" for kind in ("Customer", "LineItem", "Order")}
_SURE: Final = len(str(gids.LARGEST))

LONGEST_TEXT: Final = 4_096
"""Shopify's own bounds on names and tags are far below it."""


class Unusable(ValueError):
    """A row that can't be taken as it is; the message says why, for a person, and holds no personal data."""


def number(node: Any, kind: str) -> str:
    """The number in a node's id. Raises Unusable."""
    # Millions of ids: those that are as expected needn't be looked at closely.
    try:
        its_id = node["id"]
        head, _, tail = its_id.rpartition("/")
        if (
            head == _HEADS[kind]
            and len(tail) < _SURE
            and tail.isdecimal()
            and tail.isascii()
            and tail[0] != "0"
        ):
            return str(tail)
        return gids.number(its_id, kind)
    except (KeyError, TypeError, AttributeError, gids.InvalidId) as error:
        raise Unusable(f"it has no id of the kind {kind}") from error


def instant(node: Any, name: str) -> datetime:
    """An instant with its offset, of the years that a store's history can lie in. Raises Unusable."""
    try:
        moment = datetime.fromisoformat(node[name])
    except (KeyError, TypeError, ValueError):
        raise Unusable(f"its {name} is no instant") from None
    if moment.tzinfo is None or not FIRST_YEAR < moment.year < LAST_YEAR:
        raise Unusable(f"its {name} has no offset, or isn't of this age")
    return moment


def text(node: Any, name: str) -> str | None:
    """A text; None where there is none, or nothing in it. Raises Unusable."""
    value = node.get(name)
    if not value:
        return None
    if type(value) is not str or "\0" in value or len(value) > LONGEST_TEXT:
        raise Unusable(f"its {name} is no text that can be kept")
    return value.strip() or None


def count(node: Any, name: str) -> int:
    """A whole number that isn't negative. Raises Unusable."""
    value = node.get(name)
    if type(value) is not int or not 0 <= value <= 10**9:
        raise Unusable(f"its {name} is no count")
    return value


def day(value: object) -> date:
    """A day as Shopify's metafields of the type date have it. Raises Unusable."""
    if not isinstance(value, str) or _DAY.fullmatch(value) is None:
        raise Unusable("a date such as 1990-05-03 was expected")
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise Unusable("there is no such day in the calendar") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Unusable(f"a day of the years from {FIRST_YEAR} on was expected")
    return found
