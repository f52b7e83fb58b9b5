"""Personal data: which of it a program has a use for. Nothing else of the kind is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from sqlalchemy import Connection, update

from vip_rules.adapter import Capability
from vip_rules.benefits.definition import Benefit
from vip_rules.database.tables import customers
from vip_rules.program.program import Program

PERSONAL: Final = ("birthday", "email", "language")
"""The columns of customers that hold personal data."""


def wanted(program: Program, capabilities: Mapping[str, Capability]) -> frozenset[str]:
    """The personal data that there is a use for.

    Birthdays are for credits, address and language for messages; what carries effects out may need some for a benefit, or to
    tell somebody of a demotion, which every program does.
    """
    birthday = any(credit.arguments["on"] == "birthday" for credit in credits_of(program))
    granted = {"message", *(benefit.type.name for tier in program.tiers for benefit in tier.benefits)}
    return frozenset(
        {
            *(("birthday",) if birthday else ()),
            *(("email", "language") if program.messages else ()),
            *(name for kind in granted & capabilities.keys() for name in capabilities[kind].needs),
        }
    )


def credits_of(program: Program) -> Iterator[Benefit]:
    """The store credits of all tiers."""
    benefits = (benefit for tier in program.tiers for benefit in tier.benefits)
    return (benefit for benefit in benefits if benefit.type.name == "store_credit")


def forget_unwanted(connection: Connection, shop: int, kept: Collection[str]) -> None:
    """Erase the personal data that nothing has a use for any more."""
    if unwanted := [name for name in PERSONAL if name not in kept]:
        of_shop = update(customers).where(customers.c.shop == shop)
        connection.execute(of_shop.values(dict.fromkeys(unwanted)))
