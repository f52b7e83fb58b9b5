"""Pins: tiers given by hand, with who gave them and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Final

from sqlalchemy import Connection, select

from vip_rules.database.connection import Database
from vip_rules.database.tables import shops
from vip_rules.errors import VipRulesError
from vip_rules.localdays import day_date
from vip_rules.mirror.dirty import mark
from vip_rules.operations.hand import Hand
from vip_rules.operations.people import present_person
from vip_rules.program.program import Program
from vip_rules.recalculation import Stored
from vip_rules.standing import Pin, Standing
from vip_rules.standings import read_standings, write_standings
from vip_rules.tiers import Tier

NO_TIER: Final = "none"
"""How a pin to no tier is written."""


class InvalidPin(VipRulesError):
    """A pin that can't be: the message says what was expected."""


def tier_named(tiers: Sequence[Tier], name: str) -> str | None:
    """The id of a tier as somebody typed it; None for "none". Raises InvalidPin, with the nearest one."""
    ids = [tier.id for tier in tiers]
    if name in ids:
        return name
    if name == NO_TIER:
        return None
    near = get_close_matches(name.lower(), ids, n=1)
    hint = f"did you mean {near[0]}?" if near else f"expected {', '.join(ids)} or {NO_TIER}"
    raise InvalidPin(f"the program has no tier {name!r}: {hint}")


def pin(database: Database, shop: int, program: Program, customer_id: str, given: Pin, hand: Hand) -> None:
    """Pin a customer, in place of a pin that they have. The store hears of it with the next plan that is applied.

    Raises UnknownCustomer, NotThere, and InvalidPin for one that is over already.
    """
    if given.until is not None and given.until < hand.day:
        raise InvalidPin(f"the pin would have ended on {day_date(given.until)}: name today or a later day")
    with database.writing() as connection:
        stored = _stored(connection, shop, program, customer_id, hand)
        _store(connection, shop, customer_id, stored, given)
        says = {**_record(given), "before": stored.standing.pin and _record(stored.standing.pin)}
        hand.remember(connection, shop, "pin", customer_id=customer_id, says=says)


def unpin(
    database: Database, shop: int, program: Program, customer_id: str, reason: str | None, hand: Hand
) -> Pin | None:
    """Take a customer's pin away, and give it back; None if there was none. Raises UnknownCustomer and NotThere."""
    with database.writing() as connection:
        stored = _stored(connection, shop, program, customer_id, hand)
        taken = stored.standing.pin
        if taken is not None:
            _store(connection, shop, customer_id, stored, None)
            says = {"reason": reason, "before": _record(taken)}
            hand.remember(connection, shop, "unpin", customer_id=customer_id, says=says)
    return taken


def _stored(connection: Connection, shop: int, program: Program, customer_id: str, hand: Hand) -> Stored:
    """A customer's stored standing with its opening; a new one for those who never had a tier."""
    present_person(connection, shop, customer_id)
    # As of the first of all days, so that the opening is read whatever day it is of.
    found = read_standings(connection, shop, program, 0, [customer_id]).get(customer_id)
    if found is not None:
        return found
    applied = connection.scalar(select(shops.c.last_applied).where(shops.c.id == shop))
    return Stored(Standing(), hand.day - 1 if applied is None else applied)


def _store(connection: Connection, shop: int, customer_id: str, stored: Stored, given: Pin | None) -> None:
    opening = stored.opening and stored.opening.pinned(given)
    pinned = replace(stored, standing=stored.standing.pinned(given), opening=opening)
    write_standings(connection, shop, [(customer_id, pinned)])
    mark(connection, shop, [customer_id])


def _record(pin: Pin) -> dict[str, Any]:
    return Standing(pin=pin).record()["pin"]  # type: ignore[no-any-return]
