"""Whatever customers buy and return: what they are told unasked is told once, within the limit, whoever is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.apply.atelier import Atelier, customer, order, program
from tests.effects.test_telling import TOLD, UNASKED
from vip_rules.localdays import day_date
from vip_rules.plan import Plan
from vip_rules.program.program import Program
from vip_rules.testing.databases import Databases

PEOPLE: Final = ("ann", "bob", "cat")
LIMIT: Final = {"count": 2, "days": 7}

Event = tuple[str, int]
"""Who orders, for how much; 0 returns all that they ordered last."""

EVENTS: Final = st.tuples(st.sampled_from(PEOPLE), st.sampled_from((0, 45, 60, 110, 160, 250, 480)))
DAYS: Final = st.lists(st.tuples(st.integers(1, 12), st.lists(EVENTS, max_size=3)), min_size=2, max_size=5)


def rules(limited: bool) -> Program:
    rails: dict[str, Any] = {"max_demotions": {"percent": 100, "count": 1000}}
    life = {"grace": "2 weeks", "demotion": "one tier", "warn_before": ["7 days"]}
    return program(
        messages=TOLD, status=life, guardrails=rails | ({"max_messages": LIMIT} if limited else {})
    )


def told(plan: Plan) -> list[tuple[str, str, Any]]:
    """The messages of a plan: to whom, the key, and all that they say."""
    return sorted(
        (change.customer_id or "", change.key, str(change.record()))
        for change in plan.changes
        if change.kind == "message"
    )


@pytest.mark.slow
@settings(max_examples=12)
@given(limited=st.booleans(), days=DAYS)
def test_each_thing_is_told_once_and_not_too_often(
    databases: Databases, limited: bool, days: Sequence[tuple[int, Sequence[Event]]]
) -> None:
    with (
        TemporaryDirectory() as folder,
        databases.lent(Path(folder)) as url,
        closing(Atelier(Path(folder), program=rules(limited), url=url)) as shop,
    ):
        _lives(shop, limited, days)


def _lives(shop: Atelier, limited: bool, days: Sequence[tuple[int, Sequence[Event]]]) -> None:
    shop.store.put_customer(*map(customer, PEOPLE))
    shop.store.put_order(order("ann", 260, "2026-01-03", "ann 0"), order("bob", 170, "2026-11-03", "bob 0"))
    shop.sync()
    shop.apply()
    placed = Counter({"ann": 1, "bob": 1})
    had: list[tuple[str, int, str]] = []
    for passed, events in days:
        shop.clock.advance(days=passed)
        for who, spent in events:
            if spent:
                shop.store.put_order(order(who, spent, str(day_date(shop.today)), f"{who} {placed[who]}"))
                placed[who] += 1
            elif placed[who]:
                shop.store.refund(f"{who} {placed[who] - 1}")
        shop.sync()
        plan = shop.plan()
        whole = told(plan)
        some = {who for who, _ in events} or {"ann"}
        batch = told(shop.plan(customers=some))
        assert batch == [each for each in whole if each[0] in some], "a batch is told what everybody is"
        shop.apply(plan)
        assert told(shop.plan()) == [], "what was told is not told again"
        had += [(who, shop.today, key) for who, key, _ in whole]
    assert len({key for _, _, key in had}) == len(had)
    for who, day, key in had if limited else ():
        if key.startswith(tuple(each["on"] for each in UNASKED)):
            lately = [each for each in had if each[0] == who and day - LIMIT["days"] < each[1] <= day]
            assert len(lately) <= LIMIT["count"], "there was room for what was told unasked"
