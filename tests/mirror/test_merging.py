import json
from typing import Any

from sqlalchemy import insert

from tests.database.opened import shop_of
from tests.mirror.told import clean, customer, event, keep, order, rows, whose
from vip_rules.canonical import canonical
from vip_rules.database.connection import Database
from vip_rules.database.tables import customers, effects, events, orders, outbox, standings
from vip_rules.store import Page

TWO = Page(
    customers=(customer("1", email="ada@example.com"), customer("2")),
    orders=(order("a", "1"), order("b", "2")),
    events=(event("1"),),
)


def standing(database: Database, shop: int, customer_id: str, **more: Any) -> None:
    row = {"shop": shop, "customer_id": customer_id, "day": 20_000, **more}
    with database.writing() as connection:
        connection.execute(insert(standings).values(**row))


def intent(database: Database, shop: int, key: str, state: str, kind: str = "store_credit") -> None:
    row = {"shop": shop, "key": key, "kind": kind, "state": state, "customer_id": key.rpartition(":")[2]}
    rest = {"action": "put", "payload": "{}", "planned_at": 0, "changed_at": 0}
    with database.writing() as connection:
        connection.execute(insert(outbox).values(**row, **rest))


def test_orders_and_events_go_to_the_keeper_now_and_later(database: Database) -> None:
    shop = shop_of(database)
    keep(database, shop, TWO)
    clean(database, shop)
    assert keep(database, shop, Page(merged=(("1", "2"),))).merged == 1
    assert whose(database, shop) == {"1", "2"}
    assert rows(database, shop, orders, "id", "customer_id") == [("a", "2"), ("b", "2")]
    assert rows(database, shop, events, "customer_id") == [("2",)]
    keep(
        database,
        shop,
        Page(customers=(customer("1"),), orders=(order("c", "1"),), events=(event("1", type="visit"),)),
    )
    assert rows(database, shop, orders, "id", "customer_id") == [("a", "2"), ("b", "2"), ("c", "2")]
    assert rows(database, shop, events, "customer_id") == [("2",), ("2",)]
    assert rows(database, shop, customers, "id", "email", "merged_into", "gone") == [
        ("1", None, "2", True),
        ("2", None, None, False),
    ]


def test_merges_follow_each_other_and_never_in_a_circle(database: Database) -> None:
    shop = shop_of(database)
    pairs = (("1", "2"), ("2", "3"), ("3", "1"), ("1", "2"), ("3", "3"))
    assert keep(database, shop, TWO, Page(merged=pairs)).merged == 2
    assert rows(database, shop, orders, "customer_id") == [("3",), ("3",)]
    assert rows(database, shop, customers, "id", "merged_into") == [("1", "3"), ("2", "3")]


def test_the_higher_tier_stays_with_the_keepers_pin(database: Database) -> None:
    shop = shop_of(database)
    keep(database, shop, TWO)
    opening = json.dumps({"tier": "silver", "highest_tier": "silver"})
    standing(
        database,
        shop,
        "1",
        tier="gold",
        since=19_990,
        highest_tier="gold",
        opening=opening,
        opening_day=19_999,
    )
    standing(database, shop, "2", tier="silver", highest_tier="platinum", pin_tier="platinum", pin_by="Ada")
    keep(database, shop, Page(merged=(("1", "2"),)))
    assert rows(
        database, shop, standings, "customer_id", "tier", "since", "highest_tier", "pin_tier", "pin_by"
    ) == [("2", "gold", 19_990, "platinum", "platinum", "Ada")]
    kept = json.loads(rows(database, shop, standings, "opening")[0][0])
    assert kept == {"tier": "silver", "highest_tier": "platinum"}


def test_a_pin_of_the_merged_customer_ends(database: Database) -> None:
    shop = shop_of(database)
    keep(database, shop, TWO)
    standing(database, shop, "1", tier="gold", pin_tier="platinum", pin_by="Ada", pin_floor=True)
    keep(database, shop, Page(merged=(("1", "2"),)))
    assert rows(database, shop, standings, "customer_id", "tier", "pin_tier", "pin_by", "pin_floor") == [
        ("2", "gold", None, None, False)
    ]


def test_a_keeper_keeps_a_standing_that_is_as_high(database: Database) -> None:
    shop = shop_of(database)
    keep(database, shop, TWO)
    standing(database, shop, "1", tier="gold", since=1)
    standing(database, shop, "2", tier="gold", since=2)
    keep(database, shop, Page(merged=(("1", "2"),)))
    assert rows(database, shop, standings, "customer_id", "since") == [("2", 2)]


def test_what_happened_once_to_either_has_happened_to_the_keeper(database: Database) -> None:
    shop = shop_of(database)
    keep(database, shop, TWO)
    for key, state in (
        ("birthday:2025:1", "confirmed"),
        ("birthday:2026:1", "unknown"),
        ("quarter:2026-1:1", "planned"),
        ("birthday:2026:2", "planned"),
        ("promotion:gold:2", "confirmed"),
    ):
        intent(database, shop, key, state)
    intent(database, shop, "customer:1", "confirmed", kind="customer")
    keep(database, shop, Page(merged=(("1", "2"),)))
    of_keeper = {
        key: state for key, state in rows(database, shop, outbox, "key", "state") if key.endswith(":2")
    }
    assert of_keeper == {
        "birthday:2025:2": "confirmed",
        "birthday:2026:2": "withdrawn",
        "promotion:gold:2": "confirmed",
    }


def test_the_keeper_carries_the_tags_of_both(database: Database) -> None:
    """The store leaves both with the keeper; what is known of that lets the next plan put it right."""
    shop = shop_of(database)
    keep(database, shop, TWO)
    for name, tier in (("1", "gold"), ("2", "silver")):
        held = {"shop": shop, "kind": "customer", "customer_id": name, "confirmed_at": 5}
        payload = canonical({"tags": [f"vip-{tier}"], "fields": {"tier": tier}})
        with database.writing() as connection:
            connection.execute(insert(effects).values(key=f"customer:{name}", payload=payload, **held))
    keep(database, shop, Page(merged=(("1", "2"),)))
    both = canonical({"tags": ["vip-gold", "vip-silver"], "fields": {"tier": "silver"}})
    assert rows(database, shop, effects, "key", "payload") == [("customer:2", both)]
