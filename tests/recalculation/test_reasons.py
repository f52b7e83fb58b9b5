"""Each decision says what decided it, with the figures of its day and the orders behind them."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.recalculation.shop import Shop, program, spend, tier
from vip_rules.conditions import All, AnyOf, Comparison, Condition, Named, Not, Test
from vip_rules.metrics.figure import Figure
from vip_rules.metrics.spend import SPEND
from vip_rules.plan import Change
from vip_rules.planning.decisions import Decisions
from vip_rules.reasons import Held, deciding

ORDERED = {"metric": "orders", "window": "12 months", "at_least": 3}
COMPARISONS = [Comparison(Figure.of(SPEND), (Test("at_least", n),)) for n in range(4)]
CONDITIONS = st.recursive(
    st.sampled_from(COMPARISONS),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(Named, st.just("named"), inner),
        st.builds(All, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)
HELD = st.lists(st.sampled_from((True, False, None)), min_size=4, max_size=4)


@given(CONDITIONS, HELD, st.lists(st.sampled_from((True, False, None)), min_size=4, max_size=4))
def test_the_decisive_comparisons_alone_make_a_condition_stand_as_it_does(
    condition: Condition, held: list[Held], others: list[Held]
) -> None:
    """Whatever the other comparisons came to, the condition would stand the same; unless it is unknown anyway."""
    stands, decisive = deciding(condition, lambda _, test: held[int(str(test.target))])

    said = {int(str(comparison.tests[0].target)) for comparison in decisive}
    otherwise = [held[n] if n in said else others[n] for n in range(4)]
    again, _ = deciding(condition, lambda _, test: otherwise[int(str(test.target))])

    assert stands is None or again is stands


def changes(shop: Shop, day: str) -> dict[str, Change]:
    recalculation = shop.evaluate(day)
    found = Decisions(shop.program, recalculation, lambda customer: "seen").changes()
    return {change.customer_id or "": change for change in found}


def test_a_promotion_names_the_way_that_was_met_and_not_the_other() -> None:
    shop = Shop(program(tier("silver", {"any": [spend(100), ORDERED]})))
    shop.order("ann", "2026-01-01", 1)
    shop.evaluate("2026-01-10")
    for _ in range(2):
        shop.order("ann", "2026-01-12", 10)

    change = changes(shop, "2026-01-15")["ann"]

    assert change.reason == "qualifies for Silver: orders in the last 12 months: 3 (at least 3)"
    assert (change.sign, change.what) == ("+", "promotion to Silver")
    assert [each["day"] for each in change.content["transitions"]] == ["2026-01-12"]


def test_a_demotion_says_what_was_missing_on_its_day() -> None:
    shop = Shop(program(tier("silver", spend(100), {"all": [spend(50), ORDERED]})))
    shop.order("ann", "2026-01-01", 60)
    shop.order("ann", "2025-06-01", 60)
    shop.evaluate("2026-01-10")

    change = changes(shop, "2026-08-01")["ann"]

    assert (change.sign, change.what) == ("-", "demotion to no tier")
    assert change.reason == (
        "doesn't qualify for Silver, and no grace is left: orders in the last 12 months: 1 (at least 3)"
    )
    assert change.content["transitions"][0]["day"] == "2026-06-01"


def test_evidence_has_figures_conditions_and_the_latest_orders_first() -> None:
    shop = Shop(program())
    shop.order("ann", "2025-12-01", 80, name="b")
    shop.order("ann", "2026-01-02", 40, name="a")
    shop.order("ann", "2026-01-11", 999, name="later")
    shop.refund(shop.order("ann", "2026-01-03", 70, name="returned"))

    evidence = json.loads(changes(shop, "2026-01-10")["ann"].evidence)

    assert evidence["figures"] == {"spend[12 months]": "120.00"}
    assert evidence["orders"] == [["a", "2026-01-02", "40.00"], ["b", "2025-12-01", "80.00"]]
    assert evidence["orders_counted"] == 2
    assert evidence["conditions"]


def test_a_notice_says_until_when_and_what_would_keep_the_tier() -> None:
    shop = Shop(program(status={"grace": "3 months", "warn_before": ["60 days"]}))
    shop.order("ann", "2026-01-01", 600)
    shop.order("ann", "2026-06-01", 80)
    shop.evaluate("2026-12-01")
    shop.evaluate("2027-01-31")

    change = changes(shop, "2027-02-01")["ann"]

    assert (change.sign, change.what) == ("~", "notice of a demotion")
    assert change.reason == "Gold lasts until 1 April 2027 unless the customer qualifies again"
    assert change.content["notices"] == [{"before": "60 days", "on": "2027-02-01", "ahead": "2027-04-02"}]
    assert change.content["keep"] == [
        "spend in the last 12 months: at least 500.00 EUR needed, 80.00 EUR now; 420.00 EUR more, by 1 April 2027"
    ]


def test_who_stays_as_they_are_is_no_change() -> None:
    shop = Shop(program())
    shop.order("ann", "2026-01-01", 100)
    shop.evaluate("2026-01-10")
    shop.order("ann", "2026-01-11", 1)

    assert changes(shop, "2026-01-12") == {}
