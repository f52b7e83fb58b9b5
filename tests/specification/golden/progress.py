"""Golden cases: what is missing to the next tier."""

from decimal import Decimal

from tests.specification.golden.case import order
from tests.specification.golden.decision import BOUGHT, FALSE, TRUE, UNKNOWN, decision, wants
from tests.specification.progress import Missing

CASES = (
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
    decision(
        "the largest gaps are measured as exactly",
        order("2026-06-27", 1),
        order("2026-06-30", 9 * 10**12),
        tiers={
            "silver": {
                "any": [
                    wants("order_value_trend", "4 days", at_most=100),
                    wants("spend", at_most=Decimal("0.01")),
                    wants("orders", equals=3),
                ]
            },
            "gold": wants("order_value_trend", "4 days", less_than=200),
        },
        missing=(Missing("orders", "equals", 3, 1),),
    ),
)
