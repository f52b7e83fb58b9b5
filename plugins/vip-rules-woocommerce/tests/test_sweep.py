"""Lists are read whole, whatever goes away or comes while they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vip_rules.adapter import PlatformFailed

from vip_rules_woocommerce.reading.lists import START, Position, walk
from vip_rules_woocommerce.rest.client import Told


class List:
    """A list of the shop in which something happens before each page is told. `hidden` rows are there, and left out."""

    host = "shop.test"

    def __init__(self, ids: set[int], happens: Iterator[Callable[[set[int]], object]] = iter(())) -> None:  # noqa: B008
        self.ids, self.happens, self.asked = ids, happens, 0
        self.hidden: set[int] = set()
        self.deaf = False

    def told(self, path: str, *, offset: int, per_page: int, orderby: str, order: str) -> Told:
        assert (orderby, order, path) == ("id", "asc", "orders")
        self.asked += 1
        next(self.happens, lambda ids: None)(self.ids)
        start = 0 if self.deaf else offset
        page = [
            {"id": each} for each in sorted(self.ids)[start : start + per_page] if each not in self.hidden
        ]
        return Told(page, {"X-WP-Total": str(len(self.ids))})


def read(listed: List, start: Position = START, **asked: Any) -> list[int]:
    return [row["id"] for rows, _ in walk(listed, "orders", start, **asked) for row in rows]  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 198, 199, 200, 1000])
def test_every_row_is_told_once(count: int) -> None:
    listed = List(set(range(1, count + 1)))
    assert read(listed) == list(range(1, count + 1))
    assert listed.asked <= count // 99 + 1


CHANGES = st.lists(st.lists(st.tuples(st.booleans(), st.integers(1, 700)), max_size=150), max_size=12)


@settings(deadline=None)
@given(st.sets(st.integers(1, 600), max_size=600), CHANGES)
def test_what_was_there_all_the_time_is_told_exactly_once(
    ids: set[int], changes: list[list[tuple[bool, int]]]
) -> None:
    """Rows may be deleted and come back in between; those that nobody touched are all told, and nothing twice."""
    touched = {each for some in changes for _, each in some}

    def happening(some: list[tuple[bool, int]]) -> Callable[[set[int]], None]:
        def happen(now: set[int]) -> None:
            for comes, each in some:
                (now.add if comes else now.discard)(each)

        return happen

    told = read(List(set(ids), map(happening, changes)))
    assert told == sorted(set(told))
    assert ids - touched <= set(told)
    assert set(told) <= ids | touched


def test_a_reading_goes_on_from_the_position_of_any_page() -> None:
    ids = set(range(1, 451))
    pages = list(walk(List(ids), "orders"))  # type: ignore[arg-type]
    for number, (_, position) in enumerate(pages, start=1):
        gone = List(ids - {3, 50, position.id})
        before = [row["id"] for rows, _ in pages[:number] for row in rows]
        assert before + read(gone, position) == list(range(1, 451))


def test_a_position_that_is_told_again_goes_back_by_a_page() -> None:
    ids = set(range(1, 451))
    assert read(List(ids), Position(450, 450)) == []
    assert read(List(ids | {451}), Position(450, 450), again=True) == list(range(351, 452))
    assert read(List({1, 2, 3}), Position(450, 450), again=True) == [1, 2, 3]


def test_rows_that_the_shop_leaves_out_do_not_end_the_list() -> None:
    listed = List(set(range(1, 301)))
    listed.hidden = {7, 99, 100, 150, 299}
    assert read(listed) == [each for each in range(1, 301) if each not in listed.hidden]


def test_a_shop_that_does_not_know_offsets_is_found_out() -> None:
    listed = List(set(range(1, 301)))
    listed.deaf = True
    with pytest.raises(PlatformFailed, match="same orders"):
        read(listed)


def test_rows_out_of_order_are_found_out() -> None:
    class Shuffled(List):
        def told(self, path: str, **asked: Any) -> Told:
            return Told([{"id": 2}, {"id": 1}], {"X-WP-Total": "2"})

    with pytest.raises(PlatformFailed, match="order of their ids"):
        read(Shuffled({1, 2}))


@settings(deadline=None)
@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 98))
def test_up_to_a_page_may_be_left_out(count: int, first: int, hidden: int) -> None:
    listed = List(set(range(1, count + 1)))
    listed.hidden = set(range(first, first + hidden))
    assert read(listed) == sorted(listed.ids - listed.hidden)


def test_a_page_that_is_left_out_whole_is_no_end() -> None:
    listed = List(set(range(1, 401)))
    listed.hidden = set(range(90, 310))
    with pytest.raises(PlatformFailed, match="leaves out so many"):
        read(listed)
