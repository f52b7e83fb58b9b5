"""How the shop itself is: its currency, its days, and how many discounts there is room for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from vip_rules.checkup import Finding

from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.checkup.setup import Setup
from vip_rules_shopify.shops import covered

MOST_AUTOMATIC: Final = 25
"""How many automatic discounts a shop may have active at a time, its people's own among them."""

_NEARLY: Final = 20


def place(setup: Setup, info: Mapping[str, Any]) -> Iterator[Finding]:
    """The shop's currency and time zone beside the program's."""
    yield _currency(setup, info["shop"]["currencyCode"])
    yield _timezone(setup, info["shop"]["ianaTimezone"])


def discounts(admin: Admin, setup: Setup, granted: frozenset[str]) -> Iterator[Finding]:
    """How much room there is for automatic discounts, where any are given."""
    if (
        not setup.automatic
        or not {"discount", "free_shipping"} & set(setup.kinds)
        or not covered(granted, "read_discounts")
    ):
        return
    active = sum(1 for _ in _automatic(admin))
    says = f"{active} of {MOST_AUTOMATIC} automatic discounts are active, the shop's own among them"
    if active <= _NEARLY:
        yield Finding("discounts", "good", says)
        return
    says += ": no more can be made" if active >= MOST_AUTOMATIC else ""
    remedy = 'end those that aren\'t needed, or set discounts = "code" in vip-rules.toml'
    yield Finding("discounts", "warning", says, remedy)


def _currency(setup: Setup, currency: str) -> Finding:
    if currency == setup.currency:
        return Finding("currency", "good", f"the shop and the program reckon in {currency}")
    says = f"the shop reckons in {currency}, and the program in {setup.currency}"
    if setup.rates.changes(currency, setup.currency):
        remedy = "keep the rates up to date"
        return Finding("currency", "warning", f"{says}: orders are converted by the table of rates", remedy)
    remedy = f"write the program in {currency}, or set rates in the section [currency] of vip-rules.toml"
    return Finding("currency", "bad", f"{says}: its orders are set aside", remedy)


def _timezone(setup: Setup, timezone: str) -> Finding:
    if timezone == setup.timezone.key:
        return Finding("time zone", "good", f"the shop and the program have the days of {timezone}")
    return Finding(
        "time zone",
        "warning",
        f"the shop has the days of {timezone}, and the program those of {setup.timezone.key}: an order near midnight is of "
        "another day than in the shop's reports",
        f"set timezone in the program to {timezone}",
    )


def _automatic(admin: Admin) -> Iterator[Mapping[str, Any]]:
    """The active automatic discounts that count. Those of apps with Functions have a limit of their own."""
    after = None
    while True:
        page = admin.query("automatic_discounts", after=after)["discountNodes"]
        yield from (
            node for node in page["nodes"] if node["discount"]["__typename"] != "DiscountAutomaticApp"
        )
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]
