"""Two shops in one database, and one shop in two databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from tests.boutique import Boutique, fill, order, program
from tests.shop import FakeShopify, Fault
from tests.shop.state import Discount
from tests.workbench import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shops(clock: Clock) -> Iterator[list[FakeShopify]]:
    """Two shops whose customers have the same ids."""
    with ExitStack() as stack:
        found = [stack.enter_context(FakeShopify(clock=clock)) for _ in range(2)]
        for shop in found:
            fill(shop)
            order(shop, 7_001, 1, 60_000, clock() - timedelta(days=3))
        yield found


def active(shop: FakeShopify) -> list[Discount]:
    return [
        each
        for each in shop.discounts.values()
        if any(tag.startswith("vip-rules-") for tag in each.tags) and each.status(shop.now()) != "EXPIRED"
    ]


def percents(shop: FakeShopify) -> list[object]:
    return sorted(each.percentage for each in active(shop) if not each.free_shipping)


def folder(path: Path, name: str) -> Path:
    made = path / name
    made.mkdir()
    return made


def test_two_shops_of_one_database_know_nothing_of_each_other(
    tmp_path: Path, shops: list[FakeShopify], clock: Clock
) -> None:
    here, there = shops
    one = Boutique(tmp_path, here, clock, program(), name="here")
    two = Boutique(tmp_path, there, clock, program(percent=20), name="there", database=one.database)
    there.faults.add(Fault.HTTP_500, when=lambda call: call.mutation and call.operation != "BulkRunQuery")
    for boutique in (one, two):
        boutique.sync(full=True)
        boutique.apply()
    assert percents(here) == [0.05, 0.15]
    assert active(there) == []
    assert {state for state, _ in one.intents().values()} == {"confirmed"}
    assert one.drift().differences == []
    there.faults.clear()
    calls = len(here.calls)
    two.settle()
    assert percents(there) == [0.05, 0.2]
    assert len(here.calls) == calls
    # What may have been given while it failed waits for a person, as it should; the other shop's was given.
    assert one.credits() == {"promotion:gold:1": ("confirmed", 1)}
    assert two.credits() == {"promotion:gold:1": ("parked", 0)}
    for boutique in (one, two):
        assert boutique.plan().changes == ()
        assert boutique.drift().differences == []
        boutique.adapter.close()
    one.database.close()


def test_another_database_for_the_same_shop_doubles_nothing(
    tmp_path: Path, shops: list[FakeShopify], clock: Clock
) -> None:
    shop = shops[0]
    first = Boutique(folder(tmp_path, "first"), shop, clock, program(landing=True))
    first.settle()
    discounts, segments, balance = len(shop.discounts), len(shop.segments), shop.accounts_of(1)[0].balance
    second = Boutique(folder(tmp_path, "second"), shop, clock, program(landing=True))
    second.settle()
    assert (len(shop.discounts), len(shop.segments)) == (discounts, segments)
    assert shop.accounts_of(1)[0].balance == balance
    assert second.credits() == {"promotion:gold:1": ("confirmed", 1)}
    for boutique in (first, second):
        assert boutique.plan().changes == ()
        assert boutique.drift().differences == []
        boutique.close()


def test_databases_with_different_programs_change_one_discount_to_and_fro(
    tmp_path: Path, shops: list[FakeShopify], clock: Clock
) -> None:
    shop = shops[0]
    first = Boutique(folder(tmp_path, "first"), shop, clock, program())
    first.settle()
    second = Boutique(folder(tmp_path, "second"), shop, clock, program(percent=20))
    second.settle()
    assert percents(shop) == [0.05, 0.2]
    told = {each.key: each.sentence() for each in first.drift().differences}
    assert told.keys() == {"discount:gold", "customer:1"}
    assert "percent is 20 instead of 15" in told["discount:gold"]
    first.program = program(percent=25)
    first.apply()
    assert percents(shop) == [0.05, 0.25]
    assert len([each for each in shop.discounts.values() if each.percentage == 0.25]) == 1
    for boutique in (first, second):
        boutique.close()


def test_a_database_put_back_to_an_earlier_day_gives_nothing_again(
    tmp_path: Path, shops: list[FakeShopify], clock: Clock
) -> None:
    shop = shops[0]
    boutique = Boutique(tmp_path, shop, clock, program())
    boutique.sync(full=True)
    kept = (tmp_path / "vip.db").read_bytes()
    boutique.apply()
    balance = shop.accounts_of(1)[0].balance
    boutique.close()
    (tmp_path / "vip.db").write_bytes(kept)
    for leftover in ("vip.db-wal", "vip.db-shm"):
        (tmp_path / leftover).unlink(missing_ok=True)
    again = Boutique(tmp_path, shop, clock, program())
    again.settle()
    assert shop.accounts_of(1)[0].balance == balance
    assert percents(shop) == [0.05, 0.15]
    assert again.drift().differences == []
    again.close()
