"""The ledger says what was decided and why, and every later change of what it says is found; redaction leaves it whole."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import text

from tests.apply.atelier import Atelier, customer, order
from tests.apply.conftest import Opened
from vip_rules.database.tables import ledger
from vip_rules.operations.erasure import erase


@pytest.fixture
def told(running: Atelier) -> Atelier:
    """A shop whose ledger has something of every day: cat rose, and bob's order was refunded."""
    running.store.put_order(order("cat", 600, key="rise"))
    running.store.refund("b")
    running.sync()
    running.apply()
    assert running.breaks() == []
    return running


def tamper(shop: Atelier, sql: str, **places: int) -> None:
    with shop.database.writing() as connection:
        assert connection.execute(text(sql), places).rowcount > 0


def number(shop: Atelier, kind: str = "standing") -> int:
    """The number of a middle entry of a kind."""
    entries = [seq for seq, found in shop.rows(ledger, "seq", "kind") if found == kind]
    return int(entries[len(entries) // 2])


TAMPERED = {
    "other words": "UPDATE ledger SET payload = replace(payload, 'gold', 'silver') WHERE seq = :seq",
    "an empty payload": "UPDATE ledger SET payload = '' WHERE seq = :seq",
    "another salt": "UPDATE ledger SET salt = '00' WHERE seq = :seq",
    "no salt": "UPDATE ledger SET salt = NULL WHERE seq = :seq",
    "another digest": "UPDATE ledger SET digest = hash WHERE seq = :seq",
    "another hash": "UPDATE ledger SET hash = digest WHERE seq = :seq",
    "another one before": "UPDATE ledger SET previous = digest WHERE seq = :seq",
    "another day": "UPDATE ledger SET day = day + 1 WHERE seq = :seq",
    "another time": "UPDATE ledger SET at = at - 1 WHERE seq = :seq",
    "another kind": "UPDATE ledger SET kind = 'notice' WHERE seq = :seq",
    "another customer": "UPDATE ledger SET customer_id = 'dan' WHERE seq = :seq",
    "another key": "UPDATE ledger SET key = 'standing:dan' WHERE seq = :seq",
    "another number": "UPDATE ledger SET seq = 1000 WHERE seq = :seq",
    "removed": "DELETE FROM ledger WHERE seq = :seq",
}


@pytest.mark.parametrize("sql", TAMPERED.values(), ids=TAMPERED)
def test_a_change_of_what_was_written_is_found(told: Atelier, sql: str) -> None:
    tamper(told, sql, seq=number(told))
    assert told.breaks()


def test_an_entry_that_was_written_anew_with_a_fitting_digest_is_found(told: Atelier) -> None:
    """Whoever writes an entry anew has to write all that follow anew as well."""
    place = number(told)
    columns = "at, day, kind, customer_id, key, payload, salt, digest, previous, hash"
    of_another = (
        f"UPDATE ledger SET ({columns}) = (SELECT {columns} FROM ledger WHERE seq = :other) WHERE seq = :seq"
    )
    tamper(told, of_another, seq=place + 1, other=place)
    assert f"{place + 1} doesn't follow from the entry before" in told.breaks()


def test_two_entries_that_changed_places_are_found(told: Atelier) -> None:
    place = number(told)
    for old, new in ((place, -1), (place + 1, place), (-1, place + 1)):
        tamper(told, "UPDATE ledger SET seq = :new WHERE seq = :seq", seq=old, new=new)
    assert len(told.breaks()) >= 2


def test_a_decision_says_what_it_rests_on(told: Atelier) -> None:
    (entry,) = [each for each in told.remembered("standing") if each["customer_id"] == "cat"]
    says = entry["says"]
    assert (says["program"], says["version"]) == ("atelier-vip", told.program.version)
    assert says["after"]["tier"] == "gold"
    assert [(each["kind"], each["day"]) for each in says["transitions"]] == [("promotion", "2026-11-21")]
    evidence = json.dumps(says["evidence"])
    assert "650.00" in evidence, "the figure"
    assert "500.00" in evidence, "the condition"
    assert '"rise"' in evidence, "the order behind it"


def test_a_condition_that_failed_is_said_too(told: Atelier) -> None:
    (entry,) = [each for each in told.remembered("standing") if each["customer_id"] == "bob"][1:]
    says = entry["says"]
    assert says["before"]["tier"] == "silver"
    assert "tier" not in says["after"]
    assert '"held": false' in json.dumps(says["evidence"])


def test_redaction_leaves_nothing_of_the_person_and_the_chain_whole(opened: Opened) -> None:
    shop = opened()
    canary, email = "canary-4711", "canary@example.com"
    shop.store.put_customer(
        customer(canary, birthday=date(1980, 11, 21), email=email, language="eo"), customer("bob")
    )
    shop.store.put_order(order(canary, 600, key="first"), order("bob", 300))
    shop.sync()
    shop.apply(shop.plan(welcome=True))
    shop.clock.advance(days=1)
    shop.apply()
    assert email in shop.dump()
    # Something that is still to be sent, and something stale.
    shop.store.refund("first")
    shop.sync()
    plan = shop.plan()
    length = len(shop.remembered_all())
    erase(shop.database, shop.shop, canary, shop.hand(), shop.means)
    applied = shop.apply(plan)
    assert list(applied.stale) == [canary]
    shop.apply()
    shop.sync(full=True)
    shop.database.empty_log()
    shop.close()
    raw = b"".join(file.read_bytes() for file in shop.folder.iterdir()) + shop.dump().encode()
    assert b"canary" not in raw
    assert b"bob" in raw
    assert shop.breaks() == []
    entries = shop.remembered_all()
    assert len(entries) > length
    assert sum(entry is None for entry in entries) >= 5


def test_the_salts_hide_what_was_erased(running: Atelier) -> None:
    """Who knows what an erased entry may have said can't find it out from its digest: the salt is gone with it."""
    erase(running.database, running.shop, "ann", running.hand(), running.means)
    entries = running.rows(ledger, "customer_id", "salt", "payload", "key")
    rows = [tuple(rest) for customer_id, *rest in entries if customer_id is not None]
    assert [row for row in rows if row == (None, None, None)]
    assert all((salt is None) == (payload is None) for salt, payload, _ in rows)
