from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.database.opened import opened, shop_of
from tests.mirror.told import customer, event, keep, order
from tests.program.example import CATALOGUE, changed, spend
from vip_rules.database.connection import Database
from vip_rules.evaluate import evaluate
from vip_rules.history import History
from vip_rules.localdays import day_number
from vip_rules.mirror import reading, transport
from vip_rules.mirror.reading import read_history, read_people
from vip_rules.model import Customer, Event, Order, OrderLine
from vip_rules.program.load import read_program
from vip_rules.program.program import Program
from vip_rules.store import Page

DAY = date(2026, 1, 2)
NUMBER = day_number(DAY)
BAG = OrderLine(sku="b", product="Bag", category="bags", brand="X", quantity=2, amount=700, refunded=100)
CARD = OrderLine(sku="card", amount=300, gift_card=True)

PAGE = Page(
    customers=(
        customer("1", created_at=DAY),
        customer(
            "2", created_at=DAY, joined_at=DAY + timedelta(7), tags=("b", "a"), birthday=date(1990, 5, 3)
        ),
        customer("3", created_at=DAY, email="c@example.com", language="de"),
        customer("gone", created_at=DAY),
    ),
    orders=(
        order("a", "1", placed_at=DAY, tax=100, shipping=50, discount=20, channel="web", lines=(BAG, CARD)),
        order("b", "1", placed_at=DAY, refunded=0, lines=()),
        order("c", "2", placed_at=DAY, refunded=1000, status="refunded", lines=(BAG,)),
        order("t", "2", placed_at=DAY, test=True),
        order("x", "2", placed_at=DAY, currency="CHF"),
        order("g", None, placed_at=DAY),
        order("l", "gone", placed_at=DAY),
    ),
    events=(event("1", at=DAY), event("2", at=DAY, type="visit"), event("gone", at=DAY)),
    gone_customers=("gone",),
)

HISTORY = History.of(
    [
        Customer("1", NUMBER),
        Customer("2", NUMBER, NUMBER + 7, tags=("b", "a")),
        Customer("3", NUMBER),
    ],
    [
        Order("a", "1", NUMBER, 1000, 100, 50, None, 20, channel="web", lines=(BAG, CARD)),
        Order("b", "1", NUMBER, 1000, refunded=0),
        Order("c", "2", NUMBER, 1000, refunded=1000, status="refunded", lines=(BAG,)),
    ],
    [Event("1", "review", NUMBER), Event("2", "visit", NUMBER)],
)


def program(*metrics: dict[str, Any]) -> Program:
    return read_program(
        changed(("/tiers/0/qualify", {"any": [spend(at_least=5), *metrics]})), "vip.json", CATALOGUE
    )


ALL_KINDS = program(
    {"metric": "units", "at_least": 3}, {"metric": "events", "at_least": 1, "where": {"type": "x"}}
)


@pytest.fixture
def shop(database: Database) -> int:
    keep(
        database,
        shop_of(database, "other"),
        PAGE,
        Page(customers=(customer("z"),), orders=(order("z", "z"),)),
    )
    shop = shop_of(database)
    keep(database, shop, PAGE)
    return shop


def same(found: History, expected: History) -> None:
    for name, key in (("customers", "customer_id"), ("orders", "order_id"), ("events", "customer_id")):
        assert_frame_equal(getattr(found, name).sort(key), getattr(expected, name).sort(key))
    of_orders = found.lines.join(found.orders, on="order_id", how="semi")
    assert_frame_equal(of_orders.sort("order_id", "line"), expected.lines.sort("order_id", "line"))


def test_everybodys_history_is_that_of_the_same_rows(database: Database, shop: int) -> None:
    same(read_history(database, shop, ALL_KINDS), HISTORY)


def test_some_peoples_history_is_that_of_the_same_rows(database: Database, shop: int) -> None:
    same(read_history(database, shop, ALL_KINDS, ["1", "2", "3", "gone", "unknown"]), HISTORY)


def test_it_is_evaluated_alike(database: Database, shop: int) -> None:
    expected = evaluate(ALL_KINDS, HISTORY, NUMBER + 9).frame
    for people in (None, ["1", "2", "3"]):
        found = evaluate(ALL_KINDS, read_history(database, shop, ALL_KINDS, people), NUMBER + 9).frame
        assert_frame_equal(found, expected)


def test_many_people_are_picked_out_of_everybody(
    database: Database, shop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = read_history(database, shop, ALL_KINDS, ["1", "3"])
    monkeypatch.setattr(reading, "FEW", 1)
    same(read_history(database, shop, ALL_KINDS, ["1", "3"]), few)
    assert few.customers["customer_id"].sort().to_list() == ["1", "3"]


def test_parts_make_the_whole(database: Database, shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "PART", 1)
    same(read_history(database, shop, ALL_KINDS), HISTORY)


def test_what_processes_read_is_the_same(
    database: Database, shop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = ("50%", "it's", "a\\b", "Ä", "ä", ":x")
    keep(
        database,
        shop,
        Page(customers=tuple(map(customer, odd)), orders=tuple(order(f"o{who}", who) for who in odd)),
    )
    plain = read_history(database, shop, ALL_KINDS)
    monkeypatch.setattr(transport, "MANY", 0)
    monkeypatch.setattr(transport, "PART", 2)
    found = read_history(database, shop, ALL_KINDS)
    for name, keys in (
        ("customers", ["customer_id"]),
        ("orders", ["order_id"]),
        ("lines", ["order_id", "line"]),
    ):
        assert_frame_equal(getattr(found, name).sort(keys), getattr(plain, name).sort(keys))
    assert plain.customers.height == 3 + len(odd)


def test_only_what_the_rules_ask_for_is_read(database: Database, shop: int) -> None:
    money = program()
    for people in (None, ["1", "2"]):
        found = read_history(database, shop, money, people)
        assert found.events is None
        # What gift cards cost isn't spent, whatever the rules ask for.
        assert found.lines["sku"].to_list() == ["card"]
        assert evaluate(money, found, NUMBER).frame["spend"].to_list()[0] == 1000 - 150 - 300 + 1000


def test_nobody_at_all(database: Database) -> None:
    for people in (None, [], ["1"]):
        found = read_history(database, shop_of(database), ALL_KINDS, people)
        for name in ("customers", "orders", "lines", "events"):
            frame: pl.DataFrame = getattr(found, name)
            assert frame.is_empty()
            assert frame.schema == getattr(HISTORY, name).schema


def test_what_is_written_meanwhile_is_read_with_all_that_belongs_to_it(
    database: Database, shop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = iter(range(3))
    plain = transport.rows_at_once

    def with_a_sync_in_between(*given: Any) -> Iterator[pl.DataFrame]:
        frames = plain(*given)
        if next(fresh, 9) == 0:
            keep(database, shop, Page(customers=(customer("4"),), orders=(order("d", "4"),)))
        return iter(frames)

    monkeypatch.setattr(reading, "rows_at_once", with_a_sync_in_between)
    found = read_history(database, shop, ALL_KINDS)
    assert "4" in found.customers["customer_id"]
    assert "d" in found.orders["order_id"]


def test_the_database_may_lie_anywhere(tmp_path: Path) -> None:
    folder = tmp_path / "Füße & Söhne #1 100%"
    folder.mkdir()
    database = opened(f"sqlite:///{folder / 'vip.db'}")
    keep(database, shop_of(database), PAGE)
    same(read_history(database, shop_of(database), ALL_KINDS), HISTORY)
    database.close()


def test_people_are_known_as_far_as_benefits_need_it(database: Database, shop: int) -> None:
    messages = read_program(changed(), "vip.json", CATALOGUE)
    birthdays = read_program(changed(("/messages", [])), "vip.json", CATALOGUE)
    nothing = [{"type": "discount", "percent": 10}]
    plain = changed(("/messages", []), ("/tiers/0/benefits", nothing), ("/tiers/1/benefits", nothing))
    del plain["economics"], plain["status"]["soft_landing"]
    with database.reading() as connection:
        both = read_people(connection, shop, messages, {}, ["2", "3", "gone"])
        assert both["2"] == {"joined": NUMBER + 7, "birthday": "05-03", "email": None, "language": None}
        assert both["3"] == {"joined": NUMBER, "birthday": None, "email": "c@example.com", "language": "de"}
        assert set(both) == {"2", "3"}
        assert read_people(connection, shop, birthdays, {}, ["2"]) == {
            "2": {"joined": NUMBER + 7, "birthday": "05-03"}
        }
        unread = read_program(plain, "vip.json", CATALOGUE)
        assert read_people(connection, shop, unread, {}, ["2"]) == {}
