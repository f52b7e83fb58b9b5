from collections.abc import Callable
from datetime import date
from os import urandom
from pathlib import Path

import pytest
from sqlalchemy import insert

from tests.database.opened import everything, shop_of
from tests.mirror.told import clean, customer, event, keep, order, rows, whose
from vip_rules.database.connection import Database
from vip_rules.database.tables import customers, effects, events, orders, outbox, standings
from vip_rules.ledger import Entry, Ledger, breaks
from vip_rules.ledger import redact as redact_ledger
from vip_rules.mirror.redaction import redact
from vip_rules.store import Page

CANARIES = ("canary-4711", "ada.canary@example.com", "canary-former")

PAGE = Page(
    customers=(
        customer("canary-4711", email="ada.canary@example.com", birthday=date(1990, 5, 3), language="en"),
        customer("2", email="bob@example.com"),
    ),
    orders=(order("a", "canary-4711"), order("b", "2")),
    events=(event("canary-4711"), event("2")),
)


def populate(database: Database, shop: int) -> None:
    former = Page(customers=(customer("canary-former", email="ada.canary@example.com"),))
    keep(database, shop, PAGE, former, Page(merged=(("canary-former", "canary-4711"),)))
    effect = {
        "shop": shop,
        "kind": "customer",
        "customer_id": "canary-4711",
        "payload": '{"email": "ada.canary@example.com"}',
    }
    intent = {**effect, "action": "put", "attempts": 0, "planned_at": 0, "changed_at": 0}
    with database.writing() as connection:
        connection.execute(insert(standings).values(shop=shop, customer_id="canary-4711", day=1, tier="gold"))
        connection.execute(insert(effects).values(key="customer:canary-4711", confirmed_at=1, **effect))
        connection.execute(insert(outbox).values(key="customer:canary-4711", state="planned", **intent))
        connection.execute(
            insert(outbox).values(key="birthday:2026:canary-4711", state="confirmed", **intent)
        )
        says = {"email": "ada.canary@example.com"}
        ledger = Ledger(connection, shop, 1, urandom)
        ledger.append(
            [Entry(kind="standing", day=1, customer_id="canary-4711", key="customer:canary-4711", says=says)]
        )


@pytest.fixture
def written(database: Database, tmp_path: Path) -> Callable[[], str]:
    """What is in the database: every byte of SQLite's files, and all rows."""
    return lambda: bytes_of(tmp_path) + everything(database)


def test_a_redacted_customer_is_in_no_byte_of_the_database_and_stays_away(
    database: Database, written: Callable[[], str]
) -> None:
    shop = shop_of(database)
    populate(database, shop)
    assert all(canary in written() for canary in CANARIES)
    redact(database, shop, "canary-4711", redact_ledger)
    assert not any(canary in written() for canary in CANARIES)
    clean(database, shop)
    # The store tells of them again, and more.
    again = keep(
        database, shop, PAGE, Page(orders=(order("c", "canary-4711"),), gone_customers=("canary-4711",))
    )
    assert (again.customers.redacted, again.events.redacted) == (1, 1)
    keep(database, shop, Page(merged=(("canary-4711", "2"), ("2", "canary-4711"))))
    database.empty_log()
    assert not any(canary in written() for canary in CANARIES)
    assert whose(database, shop) == set()
    assert rows(database, shop, orders, "id", "customer_id") == [("a", None), ("b", "2"), ("c", None)]
    assert rows(database, shop, events, "customer_id") == [("2",)]
    kept = rows(database, shop, customers, "email", "gone", "redacted")
    assert kept == [("bob@example.com", False, False), (None, True, True), (None, True, True)]


def test_nothing_that_was_planned_is_sent_any_more(database: Database) -> None:
    shop = shop_of(database)
    populate(database, shop)
    redact(database, shop, "canary-4711", redact_ledger)
    assert rows(database, shop, standings) == rows(database, shop, effects) == []
    assert rows(database, shop, outbox, "state", "payload") == [("confirmed", "{}"), ("withdrawn", "{}")]
    with database.reading() as connection:
        assert not list(breaks(connection, shop))


def test_the_same_id_in_another_shop_is_somebody_else(database: Database) -> None:
    here, there = shop_of(database, "here"), shop_of(database, "there")
    populate(database, here)
    populate(database, there)
    before = [
        rows(database, there, table) for table in (customers, orders, events, standings, effects, outbox)
    ]
    redact(database, here, "canary-4711", redact_ledger)
    assert before == [
        rows(database, there, table) for table in (customers, orders, events, standings, effects, outbox)
    ]


def test_somebody_who_was_never_told_can_be_redacted_ahead(database: Database) -> None:
    shop = shop_of(database)
    redact(database, shop, "canary-4711", redact_ledger)
    assert keep(database, shop, PAGE).customers.redacted == 1


def bytes_of(folder: Path) -> str:
    return "".join(path.read_bytes().decode("latin-1") for path in sorted(folder.iterdir()) if path.is_file())
