"""Waiting for a shop's points."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest

from vip_rules_shopify.admin.bucket import Bucket


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def cost(left: float, requested: float = 10, maximum: float = 2000, rate: float = 100) -> dict[str, Any]:
    status = {"maximumAvailable": maximum, "currentlyAvailable": left, "restoreRate": rate}
    return {"requestedQueryCost": requested, "actualQueryCost": None, "throttleStatus": status}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bucket(clock: Clock) -> Bucket:
    return Bucket(clock)


def learn(bucket: Bucket, told: dict[str, Any] | None, document: str = "tags_add") -> None:
    bucket.give_back(bucket.take(document), told)


def test_nobody_waits_before_the_first_answer(bucket: Bucket) -> None:
    assert bucket.take("tags_add").wait == 0


def test_nobody_waits_while_there_are_points(bucket: Bucket) -> None:
    learn(bucket, cost(left=30))
    assert [bucket.take("tags_add").wait for _ in range(3)] == [0, 0, 0]


def test_who_comes_when_they_are_spent_waits_until_enough_are_back(bucket: Bucket) -> None:
    learn(bucket, cost(left=5))
    assert bucket.take("tags_add").wait == pytest.approx(0.05)


def test_those_who_wait_queue_up(bucket: Bucket) -> None:
    learn(bucket, cost(left=0))
    assert [bucket.take("tags_add").wait for _ in range(3)] == pytest.approx([0.1, 0.2, 0.3])


def test_time_brings_points_back_but_no_more_than_the_bucket_holds(bucket: Bucket, clock: Clock) -> None:
    learn(bucket, cost(left=0, requested=1000, maximum=2000))
    clock.advance(5)
    assert bucket.take("tags_add").wait == pytest.approx(5)
    clock.advance(3600)
    assert [bucket.take("tags_add").wait for _ in range(3)] == pytest.approx([0, 0, 10])


def test_a_clock_that_goes_back_takes_nothing_away(bucket: Bucket, clock: Clock) -> None:
    learn(bucket, cost(left=10))
    clock.advance(-3600)
    assert bucket.take("tags_add").wait == 0


def test_each_document_costs_what_it_cost_last(bucket: Bucket) -> None:
    learn(bucket, cost(left=0, requested=10), "tags_add")
    learn(bucket, cost(left=0, requested=250), "orders_page")
    assert bucket.seconds_for("orders_page") == pytest.approx(2.5)
    assert bucket.seconds_for("tags_add") == pytest.approx(0.1)
    assert bucket.seconds_for("segments") == 0


def test_the_bucket_is_what_the_shop_says_and_no_constant(bucket: Bucket) -> None:
    learn(bucket, cost(left=0, requested=100, maximum=20_000, rate=1000))
    assert bucket.take("tags_add").wait == pytest.approx(0.1)


def test_what_is_under_way_is_not_spent_twice(bucket: Bucket) -> None:
    learn(bucket, cost(left=100))
    first, second = bucket.take("tags_add"), bucket.take("tags_add")
    bucket.give_back(first, cost(left=15))
    assert bucket.take("tags_add").wait == pytest.approx(0.05)
    bucket.give_back(second, cost(left=15))


def test_a_throttled_document_waits_for_what_it_needs(bucket: Bucket) -> None:
    learn(bucket, cost(left=12, requested=252))
    assert bucket.seconds_for("tags_add") == pytest.approx(2.4)


def test_what_costs_more_than_there_ever_is_does_not_wait_for_ever(bucket: Bucket) -> None:
    learn(bucket, cost(left=0, requested=9000))
    assert bucket.take("tags_add").wait == pytest.approx(20)


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        {"throttleStatus": None},
        {"throttleStatus": {"maximumAvailable": 2000.0}},
        cost(left=0, rate=0),
        {"throttleStatus": {"maximumAvailable": "a", "currentlyAvailable": "b", "restoreRate": "c"}},
    ],
)
def test_an_answer_that_tells_nothing_changes_nothing(bucket: Bucket, told: dict[str, Any] | None) -> None:
    learn(bucket, told)
    assert bucket.take("tags_add").wait == 0


def test_threads_share_the_points(bucket: Bucket) -> None:
    learn(bucket, cost(left=0))
    waits: list[float] = []
    threads = [Thread(target=lambda: waits.append(bucket.take("tags_add").wait)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == pytest.approx([number * 0.1 for number in range(1, 21)])
