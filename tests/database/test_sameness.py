"""The same input has the same outcome on SQLite and on PostgreSQL, to the byte."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from tests.apply.atelier import Atelier, customer, order, program
from tests.database.opened import content, lending, need_server
from vip_rules.database.tables import metadata, shops
from vip_rules.plan import write_plan

NAMES: Final = (
    *("ann", "Ann", "ANN", "änn", "zoë", "_", "10", "9", "a b", "a-b", "ab", "É", "e\u0301", "ß", "ss", "ﬁ"),
    *(
        "'",
        '"',
        "\\",
        "%s",
        ":x",
        "?",
        "{}",
        "🌹",
        "\U0001f339\ufe0f",
        "中",
        "ไทย",
        "\u200bann",
        "I",
        "ı",
        "İ",
        "i",
    ),
)
"""Ids that databases sort, fold and escape in different ways."""

LIFE: Final = {
    "status": {"grace": "1 month", "demotion": "one tier", "warn_before": ["14 days"]},
    "guardrails": {"max_demotions": {"percent": 100, "count": 1000}},
}


def happens(shop: Atelier, chance: Random, day: int) -> None:
    """What people do on a day, in the store."""
    there = sorted(shop.store._customers)
    for number in range(12):
        who = chance.choice(NAMES)
        if who not in there:
            shop.store.put_customer(customer(who))
        key = f"{who} {day} {number}"
        shop.store.put_order(order(who, chance.choice([40, 210, 300, 520, 900]), key=key))
    if day:
        shop.store.refund(chance.choice(sorted(shop.store._orders)))
        shop.store.delete_customer(chance.choice(there))


def lives(shop: Atelier, seed: int) -> dict[str, Any]:
    """All that becomes of some days: the plans, and what is in each table."""
    chance, plans = Random(seed), []
    for day, later in enumerate((1, 40, 300, 1)):
        happens(shop, chance, day)
        shop.sync(full=bool(day % 2), confirm_smaller=True)
        plan = shop.plan(welcome=True)
        write_plan(plan, file := shop.folder / f"{day}.json")
        plans.append(file.read_bytes())
        shop.apply(plan)
        shop.clock.advance(days=later)
    tables = {table.name: content(shop.database, table) for table in metadata.sorted_tables}
    # Made at random with the shop, for it alone.
    secret = list(shops.c).index(shops.c.redaction_key)
    tables["shops"] = [row[:secret] + row[secret + 1 :] for row in tables["shops"]]
    return {"files": plans, **tables}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_shop_lives_alike_on_both(seed: int, tmp_path: Path) -> None:
    need_server()
    outcomes = []
    with ExitStack() as stack:
        for name in ("sqlite", "postgresql"):
            folder = tmp_path / name
            folder.mkdir()
            databases = stack.enter_context(closing(lending(name)))
            url = stack.enter_context(databases.lent(folder))
            shop = stack.enter_context(closing(Atelier(folder, url=url, program=program(**LIFE), batch=5)))
            outcomes.append(lives(shop, seed))
    here, there = outcomes
    for what, found in here.items():
        assert there[what] == found, what
    assert len(here["files"]) == 4
    assert len(here["outbox"]) > 50
    assert len(here["ledger"]) > 100
