from pathlib import Path

import pytest
from sqlalchemy import select

from tests.apply.atelier import Atelier, customer, order
from tests.apply.conftest import atelier, opened, running
from vip_rules.database.failure import AtWork
from vip_rules.database.tables import ledger, metadata, shops
from vip_rules.inbox import Arrived, keep
from vip_rules.ledger import Entry, Ledger
from vip_rules.operations.forgetting import forget_shop
from vip_rules.operations.switch import pause_of, resume

__all__ = ["atelier", "opened", "running"]


def bytes_of(folder: Path) -> str:
    return "".join(path.read_bytes().decode("latin-1") for path in sorted(folder.iterdir()) if path.is_file())


def test_nothing_is_known_of_a_forgotten_shop(running: Atelier) -> None:
    shop = running
    shop.store.put_customer(customer("canary-4711", email="ada@canary.example"))
    shop.store.put_order(order("canary-4711", 600, key="canary-order"))
    shop.sync()
    shop.apply()
    body = b'{"owner": "owner@canary.example"}'
    webhook = Arrived(shop=shop.shop, topic="x", delivery="1", body=body, sent_at=None, received_at=0)
    with shop.database.appending() as connection:
        keep(connection, [webhook])
    other = shop.database.shop("other", adapter="memory", currency="USD", timezone="UTC")
    with shop.database.writing() as connection:
        entry = Entry(kind="pause", day=1, says={"reason": "of the other"})
        Ledger(connection, other, 1, shop.means.entropy).append([entry])
    assert "canary" in shop.dump()
    entries = len(shop.remembered_all())

    assert forget_shop(shop.database, shop.shop, shop.hand()) > 0
    said = shop.dump() + bytes_of(shop.folder)
    assert [name for name in ("canary", "Gold VIP", "customer:ann") if name in said] == []
    assert "of the other" in said
    for table in metadata.sorted_tables:
        if table not in (shops, ledger):
            assert shop.rows(table) == []
    *emptied, last = shop.remembered_all()
    assert (emptied, last["says"] if last else None) == ([None] * entries, {"by": "ada", "everything": True})
    assert not shop.breaks()
    with shop.database.reading() as connection:
        paused = pause_of(connection, shop.shop)
        others = connection.execute(select(shops).where(shops.c.id == other)).one()
    assert paused is not None
    assert "configuration" in paused.reason
    assert others.paused_at is None

    # Whoever lets us in again begins anew.
    resume(shop.database, shop.shop, shop.hand())
    shop.sync()
    assert shop.plan().enrolment
    shop.apply()
    assert shop.tiers()["canary-4711"] == "gold"
    assert not shop.breaks()


def test_nobody_may_be_at_work_on_it(running: Atelier) -> None:
    before = running.dump()
    with running.database.lock(running.shop, "sync"), pytest.raises(AtWork):
        forget_shop(running.database, running.shop, running.hand())
    assert running.dump() == before
