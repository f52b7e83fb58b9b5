"""Golden cases: which conditions hold, and which tier follows from them."""

from decimal import Decimal

from tests.specification.golden.case import customer, order
from tests.specification.golden.decision import BOUGHT, FALSE, TRUE, UNKNOWN, decision, wants
from tests.specification.progress import Missing

CASES = (
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
        "the capitals of a tag matter",
        customer("ann", tags=("VIP",)),
        customer("bob", tags=("vip",)),
        tiers={"silver": wants("tag", **{"is": "vip"}), "gold": wants("tag", **{"is": "VIP"})},
        tier={"ann": "gold", "bob": "silver"},
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
