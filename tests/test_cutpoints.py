"""Cut points score whoever made them as if all were ranked, and everybody else by the steps of that population."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vip_rules.evaluate import evaluate, evaluate_days
from vip_rules.evaluation.cutpoints import Cut, CutPoints, MissingCutPoints
from vip_rules.history import History
from vip_rules.model import Customer, Order
from vip_rules.plugins import load_catalogue
from vip_rules.program.load import read_program
from vip_rules.program.program import Program

TODAY = 20_000
SPENT = "orders[12 months]: sum value"

Purchase = tuple[int, int, int]
"""A customer's number, how many days ago, and the amount."""

PURCHASES = st.lists(
    st.tuples(st.integers(0, 8), st.integers(-3, 500), st.sampled_from((0, 1, 2, 50, 51, 900)))
)


def program(*figures: dict[str, object]) -> Program:
    """A program that asks for some figures."""
    asked = [{"window": "12 months", **figure, "is_known": True} for figure in figures]
    document = {
        "format": 1,
        "program": "ranked",
        "currency": "EUR",
        "timezone": "UTC",
        "tiers": [{"id": "known", "name": "Known", "qualify": {"any": asked}, "benefits": []}],
    }
    return read_program(document, "ranked.json", load_catalogue())


PERCENTILE = program({"metric": "spend_percentile"})
ALL = program(
    {"metric": "spend_percentile"},
    {"metric": "rfm"},
    {"metric": "rfm_recency", "window": "lifetime"},
    {"metric": "rfm_frequency", "where": {"channel": "pos"}},
    {"metric": "spend"},
)


def history(purchases: Sequence[Purchase], customers: int = 9) -> History:
    orders = [
        Order(str(n), str(customer), TODAY - ago, amount, channel="pos" if n % 2 else None)
        for n, (customer, ago, amount) in enumerate(purchases)
    ]
    return History.of([Customer(str(n), TODAY - 600) for n in range(customers)], orders)


def spending(*amounts: int, ago: int = 0) -> History:
    """A customer for each amount, who spent it once."""
    return history([(n, ago, amount) for n, amount in enumerate(amounts)], len(amounts))


def percentiles(frame: pl.DataFrame) -> list[int | None]:
    return frame["spend_percentile[12 months]"].to_list()


@given(PURCHASES)
def test_a_population_is_scored_by_its_own_cut_points_as_by_ranks(purchases: list[Purchase]) -> None:
    ranked = evaluate(ALL, history(purchases), TODAY)
    scored = evaluate(ALL, history(purchases), TODAY, cut_points=ranked.cut_points)
    assert scored.frame.equals(ranked.frame)
    assert scored.cut_points == ranked.cut_points


@given(PURCHASES, st.sets(st.integers(0, 8)))
def test_some_of_a_population_are_scored_as_among_all(purchases: list[Purchase], some: set[int]) -> None:
    everybody = history(purchases)
    ranked = evaluate(ALL, everybody, TODAY)
    wanted = pl.col("customer_id").is_in([str(n) for n in some])
    few = History(everybody.customers.filter(wanted), everybody.orders.filter(wanted), everybody.lines)
    scored = evaluate(ALL, few, TODAY, cut_points=ranked.cut_points)
    assert scored.frame.equals(ranked.frame.filter(wanted))


def test_every_engine_scores_by_cut_points() -> None:
    bought = history([(0, 1, 50), (0, 9, 7), (1, 2, 50), (2, 400, 9), (3, 30, 1)])
    ranked = evaluate(ALL, bought, TODAY, engine="duckdb")
    assert evaluate(ALL, bought, TODAY, engine="duckdb", cut_points=ranked.cut_points).frame.equals(
        ranked.frame
    )
    assert evaluate(ALL, bought, TODAY).cut_points == ranked.cut_points


def test_a_large_population_is_thinned_and_scored_exactly() -> None:
    crowd = spending(*(n // 2 * 3 for n in range(25_000)))
    ranked = evaluate(PERCENTILE, crowd, TODAY)
    cut = ranked.cut_points.cuts[SPENT]
    assert cut.population == 25_000
    assert len(cut.values) == len(cut.worse) == 10_000
    assert evaluate(PERCENTILE, crowd, TODAY, cut_points=ranked.cut_points).frame.equals(ranked.frame)


def test_a_value_between_two_steps_belongs_to_the_lower_one() -> None:
    made = evaluate(PERCENTILE, spending(10, 20, 20, 40), TODAY).cut_points
    assert made.cuts[SPENT] == Cut(4, (10, 20, 40), (0, 1, 3))
    newcomers = evaluate(PERCENTILE, spending(9, 19, 20, 39, 40, 1_000), TODAY, cut_points=made)
    assert percentiles(newcomers.frame) == [0, 0, 2500, 2500, 7500, 7500]


def test_who_has_no_order_in_the_window_is_outside() -> None:
    made = evaluate(PERCENTILE, spending(10, 20), TODAY).cut_points
    scored = evaluate(PERCENTILE, spending(30, ago=400), TODAY, cut_points=made)
    assert percentiles(scored.frame) == [None]


def test_nobody_can_be_compared_with_an_empty_population() -> None:
    made = evaluate(PERCENTILE, spending(), TODAY).cut_points
    assert made.cuts == {SPENT: Cut(0)}
    assert percentiles(evaluate(PERCENTILE, spending(30), TODAY, cut_points=made).frame) == [None]


def test_recency_falls_as_days_go_by_without_orders() -> None:
    recency = program({"metric": "rfm_recency"})
    made = evaluate(recency, history([(n, 10 * n, 1) for n in range(5)]), TODAY).cut_points
    days = pl.DataFrame({"customer_id": "0", "day": [TODAY, TODAY + 10, TODAY + 25, TODAY + 300]})
    frame = evaluate_days(recency, history([(0, 0, 1)]), days, [made])
    assert frame["rfm_recency[12 months]"].to_list() == [5, 4, 2, 1]


def test_a_program_that_compares_nobody_makes_no_cuts() -> None:
    assert evaluate(program({"metric": "spend"}), spending(1), TODAY).cut_points == CutPoints(TODAY, {})


def test_each_day_is_scored_by_the_latest_cut_points_not_after_it() -> None:
    given = [
        CutPoints(day, {SPENT: Cut(100, (0, 10), (0, worse))})
        for day, worse in ((TODAY, 30), (TODAY - 10, 20), (TODAY - 20, 10))
    ]
    away = (-30, -20, -11, -10, 0, 5)
    days = pl.DataFrame({"customer_id": "0", "day": [TODAY + n for n in away]})
    frame = evaluate_days(PERCENTILE, spending(10, ago=60), days, given)
    assert percentiles(frame) == [1000, 1000, 1000, 2000, 3000, 3000]


def test_cut_points_of_another_program_are_passed_over() -> None:
    others = CutPoints(TODAY, {"orders[3 months]: sum value": Cut(1, (0,), (0,))})
    fitting = CutPoints(TODAY - 50, {SPENT: Cut(2, (0, 10), (0, 1))})
    days = pl.DataFrame({"customer_id": "0", "day": [TODAY]})
    assert percentiles(evaluate_days(PERCENTILE, spending(10), days, [fitting, others])) == [5000]
    with pytest.raises(MissingCutPoints, match="evaluate everybody"):
        evaluate_days(PERCENTILE, spending(10), days, [others])


def test_days_cant_be_scored_without_cut_points() -> None:
    days = pl.DataFrame({"customer_id": "0", "day": [TODAY]})
    with pytest.raises(MissingCutPoints, match=r"orders\[12 months\]: sum value"):
        evaluate_days(PERCENTILE, spending(10), days)


def test_text() -> None:
    made = evaluate(PERCENTILE, spending(20, 10, 20, 40), TODAY).cut_points
    assert made.text() == (
        '{"cuts":{"orders[12 months]: sum value":{"population":4,"values":[10,20,40],"worse":[0,1,3]}},"day":20000}'
    )
    assert CutPoints.of(made.text()) == made


@given(PURCHASES)
def test_the_same_population_makes_the_same_text(purchases: list[Purchase]) -> None:
    bought = history(purchases)
    turned = History(bought.customers.reverse(), bought.orders.reverse(), bought.lines)
    text = evaluate(ALL, bought, TODAY).cut_points.text()
    assert evaluate(ALL, turned, TODAY).cut_points.text() == text
    assert CutPoints.of(text).text() == text
