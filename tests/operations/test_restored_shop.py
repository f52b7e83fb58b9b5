"""A shop that goes on from a backup: it rests first, catches up with the store, and nothing happens to a customer twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.apply.atelier import Atelier, customer, order, seen
from vip_rules.adapter import Intent
from vip_rules.operations.backup import make_backup, opened_backup
from vip_rules.operations.restoring import Restorer, restore
from vip_rules.operations.switch import resume
from vip_rules.plan import PlanRefused
from vip_rules.testing.adapter import CAPABILITIES

PEOPLE = ("ann", "bob", "cat", "dan")
CREDIT = "promotion:gold:cat"
UNREADABLE = {
    **CAPABILITIES,
    "store_credit": replace(CAPABILITIES["store_credit"], idempotent=True, readable=False),
}


class Shops:
    """A shop, the backups that are taken of it, and those who go on from one."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self._folder = folder
        self._more = more
        self.shops: list[Atelier] = []
        self.first = self._opened()

    def _opened(self, **more: Any) -> Atelier:
        folder = self._folder / str(len(self.shops))
        folder.mkdir()
        self.shops.append(Atelier(folder, **self._more | more))
        return self.shops[-1]

    def backup(self) -> Path:
        file = self._folder / "backup.db"
        make_backup(self.first.database, file, clock=self.first.clock)
        return file

    def restored(self, file: Path) -> Atelier:
        """Another shop with the same store, which goes on from a backup, two days later."""
        self.first.clock.advance(days=2)
        found = self._opened(store=self.first.store, now=self.first.clock())
        with opened_backup(file) as checked:
            restorer = Restorer(by="ada", clock=found.clock, entropy=found.means.entropy)
            restore(found.database, checked, restorer)
        return found


@pytest.fixture
def made(tmp_path: Path) -> Iterator[list[Shops]]:
    found: list[Shops] = []
    yield found
    for shops in found:
        for shop in shops.shops:
            with closing(shop):
                pass


@pytest.fixture
def shops(made: list[Shops], tmp_path: Path) -> Shops:
    made.append(Shops(tmp_path))
    enrol(made[-1].first)
    return made[-1]


def enrol(shop: Atelier) -> None:
    shop.store.put_customer(*map(customer, PEOPLE))
    shop.store.put_order(order("ann", 600, key="a"), order("bob", 300, key="b"), order("cat", 50, key="c"))
    shop.sync()
    shop.apply()
    shop.clock.advance(days=1)


def live_on(shop: Atelier) -> None:
    """What happens after the backup: cat rises, and bob's order is refunded."""
    shop.store.put_order(order("cat", 600, key="rise", day="2026-11-20"))
    shop.store.refund("b")
    shop.sync()
    shop.apply()


def given_credits(shop: Atelier) -> Counter[str]:
    return Counter(each.key for each in shop.store.held("store_credit"))


def test_nothing_is_sent_before_somebody_has_looked(shops: Shops) -> None:
    after = shops.restored(shops.backup())
    plan = after.plan()
    with pytest.raises(PlanRefused, match=r"paused by ada \(restored from a backup of 2026-11-21 17:00 UTC"):
        after.apply(plan)


def test_it_catches_up_and_gives_nothing_twice(shops: Shops) -> None:
    file = shops.backup()
    live_on(shops.first)
    store = seen(shops.first.store, PEOPLE)
    assert given_credits(shops.first)[CREDIT] == 1
    after = shops.restored(file)
    assert after.sync().full, "the next sync reads everything"
    resume(after.database, after.shop, after.hand())
    after.apply()
    assert CREDIT not in after.adapter.attempts, "it was looked up instead"
    assert after.intents()[CREDIT] == "confirmed"
    assert seen(after.store, PEOPLE) == store
    assert after.tiers() == {"ann": "gold", "cat": "gold"} == shops.first.tiers()
    assert after.breaks() == []
    assert not after.plan().changes


def test_what_was_not_done_yet_is_done_once(shops: Shops) -> None:
    file = shops.backup()
    shops.first.store.put_order(order("cat", 600, key="rise", day="2026-11-20"))
    after = shops.restored(file)
    after.sync()
    resume(after.database, after.shop, after.hand())
    after.apply()
    assert after.adapter.attempts.count(CREDIT) == 1
    assert given_credits(after)[CREDIT] == 1
    assert after.intents()[CREDIT] == "confirmed"


def test_what_falls_due_later_is_sent_as_ever(shops: Shops) -> None:
    after = shops.restored(shops.backup())
    after.sync()
    resume(after.database, after.shop, after.hand())
    after.apply()
    after.clock.advance(days=3)
    after.store.put_order(order("cat", 600, key="rise", day="2026-11-25"))
    after.sync()
    looked: list[str] = []
    look = after.adapter.look

    def watched(intents: Any) -> Any:
        looked.extend(each.key for each in intents)
        return look(intents)

    after.adapter.look = watched  # type: ignore[method-assign]
    after.apply()
    assert CREDIT not in looked
    assert given_credits(after)[CREDIT] == 1


@pytest.mark.parametrize("sent", [False, True])
def test_what_was_open_then_is_looked_up(shops: Shops, sent: bool) -> None:
    """The backup is taken while a credit is under way; later it arrives, or it never does."""
    shop = shops.first
    shop.store.put_order(order("cat", 600, key="rise", day="2026-11-20"))
    shop.sync()
    file = _interrupted(shops, sent=sent)
    after = shops.restored(file)
    assert after.intents()[CREDIT] == "unknown"
    after.sync()
    resume(after.database, after.shop, after.hand())
    after.apply()
    assert given_credits(after)[CREDIT] == 1
    assert after.adapter.attempts.count(CREDIT) == int(not sent)
    assert after.intents()[CREDIT] == "confirmed"
    assert after.breaks() == []


def _interrupted(shops: Shops, *, sent: bool) -> Path:
    """A backup of the moment in which the credit is under way: it reaches the store, or the process ends before."""
    shop, files = shops.first, []

    def backup(intent: Intent) -> None:
        if intent.key == CREDIT:
            files.append(shops.backup())
            if not sent:
                raise KeyboardInterrupt

    shop.adapter.before = backup
    try:
        shop.apply()
    except KeyboardInterrupt:
        assert not sent
    return files[0]


def test_what_cant_be_looked_up_waits_for_a_person(made: list[Shops], tmp_path: Path) -> None:
    """Such a store takes a key twice as once, but nobody knows for how long it remembers it."""
    made.append(Shops(tmp_path, capabilities=UNREADABLE))
    shops = made[-1]
    enrol(shops.first)
    file = shops.backup()
    live_on(shops.first)
    after = shops.restored(file)
    after.sync()
    resume(after.database, after.shop, after.hand())
    after.apply()
    assert after.intents()[CREDIT] == "parked"
    assert CREDIT not in after.adapter.attempts
    assert given_credits(after)[CREDIT] == 1
