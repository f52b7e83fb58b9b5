"""Golden cases: which conditions hold, which tier follows from them, and what is missing to the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.specification.figures import Store
from tests.specification.golden.case import Row, customer, order, store
from tests.specification.logic import Held
from tests.specification.progress import Missing


@dataclass(frozen=True)
class Decision:
    """A rule with a program and a store, and what the program makes of the customers of the store."""

    rule: str
    program: Mapping[str, Any]
    store: Store
    tiers: Mapping[str, str | None]
    """Each customer's tier."""

    held: Mapping[tuple[str, str], Held] = field(default_factory=dict)
    """Ann's tests, by figure and comparator."""

    missing: tuple[Missing, ...] | None = None
    """What Ann misses to the next tier; None: the case isn't about it."""


def decision(
    rule: str,
    *rows: Row,
    tiers: Mapping[str, Any],
    tier: str | Mapping[str, str | None] | None = None,
    held: Mapping[tuple[str, str], Held] | None = None,
    missing: tuple[Missing, ...] | None = None,
    currency: str = "EUR",
    conditions: Mapping[str, Any] | None = None,
) -> Decision:
    """A golden case. `tiers` are conditions by the tiers' ids, lowest first; `tier` is Ann's, or everybody's."""
    program = {
        "format": 1,
        "program": "golden",
        "currency": currency,
        "timezone": "Europe/Vienna",
        "conditions": dict(conditions or {}),
        "tiers": [
            {"id": name, "name": name.title(), "qualify": tiers[name], "benefits": []} for name in tiers
        ],
    }
    everybody = tier if isinstance(tier, Mapping) else {"ann": tier}
    return Decision(rule, program, store(*rows), everybody, held or {}, missing)


def wants(metric: str, window: str | None = None, **tests: Any) -> dict[str, Any]:
    """A comparison, as a program writes it."""
    return {"metric": metric, **({"window": window} if window else {}), **tests}


BOUGHT = order("2026-06-10", 100_000)
"""Ann's only order, of 1,000.00, twenty days ago."""

UNKNOWN = wants("days_between_orders", at_most=30)
"""Of somebody who has ordered once."""

TRUE, FALSE = wants("orders", at_least=1), wants("orders", at_least=2)

CONDITIONS = (
    decision(
        "one qualifies for the highest tier whose condition holds, not for all below it",
        BOUGHT,
        tiers={"silver": wants("orders", at_least=5), "gold": wants("spend", at_least=1000)},
        tier="gold",
        missing=(),
    ),
    decision(
        "one may qualify for a tier below one that doesn't hold",
        BOUGHT,
        tiers={"silver": TRUE, "gold": FALSE},
        tier="silver",
    ),
    decision("one may qualify for no tier", tiers={"silver": TRUE, "gold": FALSE}),
    decision(
        "the numbers' comparators at their bounds",
        BOUGHT,
        tiers={
            "silver": {
                "all": [
                    wants("spend", at_least=1000),
                    wants("spend", at_most=1000),
                    wants("spend", equals=1000),
                    {"any": [TRUE, wants("spend", more_than=1000), wants("spend", less_than=1000)]},
                ]
            }
        },
        tier="silver",
        held={
            ("spend", "at_least"): True,
            ("spend", "at_most"): True,
            ("spend", "equals"): True,
            ("spend", "more_than"): False,
            ("spend", "less_than"): False,
        },
    ),
    decision(
        "the numbers' comparators beyond their bounds",
        BOUGHT,
        tiers={
            "silver": {
                "any": [
                    wants("spend", at_least=Decimal("1000.01")),
                    wants("spend", at_most=Decimal("999.99")),
                    wants("spend", equals=Decimal("1000.01")),
                ]
            },
            "gold": {
                "all": [
                    wants("spend", more_than=Decimal("999.99")),
                    wants("spend", less_than=Decimal("1000.01")),
                ]
            },
        },
        tier="gold",
        held={
            ("spend", "at_least"): False,
            ("spend", "at_most"): False,
            ("spend", "equals"): False,
            ("spend", "more_than"): True,
            ("spend", "less_than"): True,
        },
    ),
    decision(
        "two keys make a range",
        *(customer(name) for name in ("ann", "bob", "cleo")),
        order("2026-01-01", of="ann"),
        *(order("2026-01-01", of="bob") for _ in range(2)),
        *(order("2026-01-01", of="cleo") for _ in range(3)),
        tiers={"silver": wants("orders", at_least=2, less_than=3)},
        tier={"ann": None, "bob": "silver", "cleo": None},
    ),
    decision(
        "money is compared in minor units",
        order("2026-01-01", 1999),
        tiers={
            "silver": wants("spend", at_least=Decimal("19.99")),
            "gold": wants("spend", more_than=Decimal("19.99")),
        },
        tier="silver",
    ),
    decision(
        "a currency may have no minor unit",
        order("2026-01-01", 2000),
        currency="JPY",
        tiers={"silver": wants("spend", at_least=2000), "gold": wants("spend", at_least=2001)},
        tier="silver",
        missing=(Missing("spend", "at_least", 2001, 1),),
    ),
    decision(
        "a currency may have a thousand minor units",
        order("2026-01-01", 1999),
        currency="KWD",
        tiers={"silver": wants("spend", at_least=Decimal("1.999")), "gold": wants("spend", at_least=2)},
        tier="silver",
        missing=(Missing("spend", "at_least", 2000, 1),),
    ),
    decision(
        "shares are compared in hundredths of a percent",
        order("2026-01-01", 30, refunded=10),
        tiers={
            "silver": wants("refunded_share", at_least=Decimal("33.33")),
            "gold": wants("refunded_share", at_least=Decimal("33.34")),
        },
        tier="silver",
    ),
    decision(
        "at least 80 percent is the top fifth",
        *(customer(name) for name in ("ann", "bob", "cleo", "dan", "eve")),
        *(order("2026-01-01", n, of=name) for n, name in enumerate(("ann", "bob", "cleo", "dan", "eve"))),
        tiers={"top": wants("spend_percentile", at_least=80)},
        tier={"ann": None, "bob": None, "cleo": None, "dan": None, "eve": "top"},
    ),
    decision(
        "equals at the top may leave nobody",
        *(customer(name) for name in ("ann", "bob", "cleo", "dan", "eve")),
        *(order("2026-01-01", 50, of=name) for name in ("ann", "bob", "cleo")),
        *(order("2026-01-01", 90, of=name) for name in ("dan", "eve")),
        tiers={"top": wants("spend_percentile", at_least=80)},
        tier={"ann": None, "dan": None, "eve": None},
    ),
    decision(
        "unknown at the root doesn't qualify",
        BOUGHT,
        tiers={"silver": UNKNOWN},
        held={("days_between_orders", "at_most"): None},
    ),
    decision("not of unknown is unknown", BOUGHT, tiers={"silver": {"not": UNKNOWN}}),
    decision("unknown or true is true", BOUGHT, tiers={"silver": {"any": [UNKNOWN, TRUE]}}, tier="silver"),
    decision("unknown or false is unknown", BOUGHT, tiers={"silver": {"not": {"any": [UNKNOWN, FALSE]}}}),
    decision(
        "unknown and false is false",
        BOUGHT,
        tiers={"silver": {"not": {"all": [UNKNOWN, FALSE]}}},
        tier="silver",
    ),
    decision("unknown and true is unknown", BOUGHT, tiers={"silver": {"not": {"all": [UNKNOWN, TRUE]}}}),
    decision(
        "a range of an unknown figure is unknown",
        BOUGHT,
        tiers={"silver": {"not": wants("days_between_orders", at_least=5, at_most=30)}},
    ),
    decision(
        "whether a figure is known is never unknown",
        BOUGHT,
        tiers={
            "silver": wants("days_between_orders", is_known=False),
            "gold": wants("days_between_orders", is_known=True),
        },
        tier="silver",
    ),
    decision(
        "0 is known, and so is an empty set",
        tiers={
            "silver": {"all": [wants(name, is_known=True) for name in ("spend", "events", "tag", "channel")]}
        },
        tier="silver",
    ),
    decision(
        "texts are compared whole, and capitals matter",
        customer("ann", current_tier="gold", highest_tier="gold"),
        customer("bob", current_tier="Gold", highest_tier="gold"),
        customer("cleo", current_tier="gold-plus", highest_tier="silver"),
        customer("dan"),
        tiers={
            "silver": {
                "all": [wants("current_tier", is_not="gold"), wants("highest_tier", none_of=["silver"])]
            },
            "gold": {
                "all": [
                    wants("current_tier", **{"is": "gold"}),
                    wants("highest_tier", one_of=["silver", "gold"]),
                ]
            },
        },
        tier={"ann": "gold", "bob": "silver", "cleo": None, "dan": None},
    ),
    decision(
        "for sets, is means contains",
        customer("ann", tags=("vip", "new")),
        customer("bob", tags=("vip-2024",)),
        customer("cleo", tags=("new",)),
        customer("dan"),
        tiers={
            "silver": wants("tag", none_of=["vip", "new"]),
            "gold": wants("tag", **{"is": "vip"}),
        },
        tier={"ann": "gold", "bob": "silver", "cleo": None, "dan": "silver"},
    ),
    decision(
        "one of several is enough, and is_not means that a set doesn't contain it",
        customer("ann"),
        customer("bob"),
        order("2026-01-01", of="ann", channel="pos"),
        order("2026-01-02", of="ann", channel="online"),
        order("2026-01-02", of="bob", channel="phone"),
        tiers={
            "silver": wants("channel", is_not="pos"),
            "gold": wants("channel", one_of=["fax", "online"]),
        },
        tier={"ann": "gold", "bob": "silver"},
    ),
    decision(
        "a condition of the program stands for itself wherever it is named",
        BOUGHT,
        conditions={"regular": FALSE, "not regular": {"not": {"condition": "regular"}}},
        tiers={"silver": {"condition": "not regular"}, "gold": {"condition": "regular"}},
        tier="silver",
        missing=(Missing("orders", "at_least", 2, 1),),
    ),
)

PROGRESS = (
    decision(
        "progress is to the tier above the one that somebody qualifies for",
        BOUGHT,
        tiers={"silver": wants("spend", at_least=1000), "gold": wants("spend", at_least=1500)},
        tier="silver",
        missing=(Missing("spend", "at_least", 150_000, 50_000),),
    ),
    decision(
        "of all conditions those are missing that don't hold, as they are written",
        BOUGHT,
        tiers={
            "silver": {
                "all": [
                    wants("spend", at_least=1500),
                    TRUE,
                    wants("days_since_last_order", less_than=20),
                    FALSE,
                ]
            }
        },
        missing=(
            Missing("spend", "at_least", 150_000, 50_000),
            Missing("days_since_last_order", "less_than", 20, 1),
            Missing("orders", "at_least", 2, 1),
        ),
    ),
    decision(
        "fewest missing tests come first, however far they are",
        BOUGHT,
        tiers={
            "silver": {
                "any": [{"all": [wants("spend", at_least=1001), FALSE]}, wants("orders", at_least=100)]
            },
        },
        missing=(Missing("orders", "at_least", 100, 99),),
    ),
    decision(
        "of as many missing tests, the smallest relative gap comes first",
        BOUGHT,
        tiers={"silver": {"any": [wants("orders", at_least=2), wants("spend", at_least=1999)]}},
        missing=(Missing("spend", "at_least", 199_900, 99_900),),
    ),
    decision(
        "relative gaps are added up",
        BOUGHT,
        tiers={
            "silver": {
                "any": [
                    {"all": [wants("spend", at_least=1500), wants("spend", "12 months", at_least=1500)]},
                    {"all": [wants("orders", at_least=2), wants("member_days", at_least=2373)]},
                ]
            }
        },
        missing=(Missing("orders", "at_least", 2, 1), Missing("member_days", "at_least", 2373, 1)),
    ),
    decision(
        "of ways that cost the same, the first one that is written is taken",
        BOUGHT,
        tiers={"silver": {"any": [wants("orders", at_least=2), wants("spend", at_least=2000)]}},
        missing=(Missing("orders", "at_least", 2, 1),),
    ),
    decision(
        "the gaps of the comparators",
        order("2026-06-10", 3000, refunded=1500),
        tiers={
            "silver": {
                "all": [
                    wants("spend", more_than=15),
                    wants("days_since_last_order", at_most=5),
                    wants("refunded_share", less_than=50),
                    wants("orders", equals=4),
                    wants("spend", "12 months", equals=12),
                ]
            }
        },
        missing=(
            Missing("spend", "more_than", 1500, 1),
            Missing("days_since_last_order", "at_most", 5, 15),
            Missing("refunded_share", "less_than", 5000, 1),
            Missing("orders", "equals", 4, 3),
            Missing("spend[12 months]", "equals", 1200, 300),
        ),
    ),
    decision(
        "not of a test asks for its opposite",
        order("2026-06-10", 3000, refunded=1500),
        tiers={
            "silver": {
                "all": [
                    {"not": wants("refunded_share", at_least=20)},
                    {"not": wants("orders", at_most=1)},
                    {"not": wants("spend", equals=15)},
                    {"not": wants("tag", is_not="vip")},
                    {"not": wants("channel", none_of=["pos", "online"])},
                    {"not": wants("days_since_last_order", is_known=True)},
                ]
            }
        },
        missing=(
            Missing("refunded_share", "less_than", 2000, 3001),
            Missing("orders", "more_than", 1, 1),
            Missing("spend", "not_equals", 1500, 1),
            Missing("tag", "is", "vip", None),
            Missing("channel", "one_of", ("pos", "online"), None),
            Missing("days_since_last_order", "is_known", False, None),
        ),
    ),
    decision(
        "for not of a range, one end is enough: the nearer one",
        *(order("2026-01-01") for _ in range(3)),
        tiers={"silver": {"not": wants("orders", at_least=2, less_than=5)}},
        missing=(Missing("orders", "at_least", 5, 2),),
    ),
    decision(
        "not of all is any of the opposites, not of any is all of them",
        BOUGHT,
        tiers={
            "silver": {
                "all": [
                    {
                        "not": {
                            "all": [
                                wants("days_since_last_order", more_than=10),
                                wants("spend", less_than=1001),
                            ]
                        }
                    },
                    {"not": {"any": [wants("orders", less_than=2), wants("events", equals=0)]}},
                    {"not": {"not": wants("active_months", at_least=2)}},
                ]
            }
        },
        missing=(
            Missing("spend", "at_least", 100_100, 100),
            Missing("orders", "at_least", 2, 1),
            Missing("events", "not_equals", 0, 1),
            Missing("active_months", "at_least", 2, 1),
        ),
    ),
    decision(
        "an unknown figure is as far as its target",
        BOUGHT,
        tiers={"silver": {"any": [UNKNOWN, wants("spend", at_least=1001)]}, "gold": FALSE},
        missing=(Missing("spend", "at_least", 100_100, 100),),
    ),
    decision(
        "an unknown figure is missing, and so it is under not",
        BOUGHT,
        tiers={"silver": {"not": wants("days_between_orders", at_least=30)}},
        missing=(Missing("days_between_orders", "less_than", 30, None),),
    ),
    decision(
        "a text is as far as a whole target",
        BOUGHT,
        tiers={"silver": {"any": [wants("tag", **{"is": "vip"}), wants("orders", equals=3)]}},
        missing=(Missing("orders", "equals", 3, 2),),
    ),
    decision(
        "each missing test is told once",
        BOUGHT,
        conditions={"twice": FALSE},
        tiers={"silver": {"all": [FALSE, {"condition": "twice"}, wants("orders", at_least=3)]}},
        missing=(Missing("orders", "at_least", 2, 1), Missing("orders", "at_least", 3, 2)),
    ),
    decision(
        "a gap to 0 is measured in wholes",
        BOUGHT,
        tiers={"silver": {"any": [wants("orders", at_most=0), wants("days_since_last_order", at_most=11)]}},
        missing=(Missing("days_since_last_order", "at_most", 11, 9),),
    ),
    decision(
        "relative gaps count up to 10,000 wholes",
        order("2026-06-10", 2_000_000),
        tiers={"silver": {"any": [wants("spend", at_most=0), wants("spend", at_most=Decimal("0.01"))]}},
        missing=(Missing("spend", "at_most", 0, 2_000_000),),
    ),
)
