"""The scopes that an app needs in a shop, and what doesn't work without each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from vip_rules_shopify.shops import covered


@dataclass(frozen=True, slots=True)
class Scope:
    """A scope, and what needs it, as in "tags need …". `vital`: nothing right comes of a program without it.

    `kinds` are the kinds of effects that need it; empty: all programs do.
    """

    name: str
    without: str
    vital: bool = False
    kinds: frozenset[str] = frozenset()


ALL_ORDERS: Final = "read_all_orders"
"""Not among the others: it isn't only asked for but has to be granted by Shopify, and what it hides is hidden in silence."""

SCOPES: Final = (
    Scope("read_customers", "customers can't be read", vital=True),
    Scope("read_orders", "orders can't be read", vital=True),
    Scope("read_products", "categories and brands of what was bought aren't known"),
    Scope("read_customer_merge", "merged customers are known after the next full reading only"),
    Scope(
        "write_customers",
        "customers get neither tags nor fields, and tiers no segments",
        vital=True,
        kinds=frozenset({"customer", "segment", "entitlements"}),
    ),
    Scope(
        "write_discounts",
        "no discount and no free shipping can be given",
        kinds=frozenset({"discount", "free_shipping"}),
    ),
    Scope(
        "write_store_credit_account_transactions",
        "no store credit can be given",
        kinds=frozenset({"store_credit"}),
    ),
    Scope(
        "read_store_credit_accounts",
        "a store credit whose answer was lost can't be looked up",
        kinds=frozenset({"store_credit"}),
    ),
)


def lacking(granted: Collection[str], kinds: Iterable[str]) -> list[Scope]:
    """The scopes that programs with these kinds of effects need and an app hasn't got."""
    wanted = set(kinds)
    needed = [scope for scope in SCOPES if not scope.kinds or scope.kinds & wanted]
    return [scope for scope in needed if not covered(granted, scope.name)]
