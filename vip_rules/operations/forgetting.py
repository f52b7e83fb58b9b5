"""Forgetting a shop: whatever is known of it goes, for good. Its ledger stays as a chain that no longer says anything."""

from __future__ import annotations

from contextlib import ExitStack
from typing import get_args

from sqlalchemy import delete, update

from vip_rules.database.connection import Database
from vip_rules.database.locking import Work
from vip_rules.database.tables import ledger, metadata, shops
from vip_rules.operations.hand import Hand
from vip_rules.operations.switch import Pause, set_pause

FORGOTTEN = "everything that was known of the shop was erased: take its configuration out of the service"


def forget_shop(database: Database, shop: int, hand: Hand) -> int:
    """Erase all rows of a shop, but for its own and the emptied entries of its ledger: how many. The shop is paused then.

    What it holds of ours isn't taken back: a store that asks for this no longer lets us in. Raises AtWork where somebody is at
    work on the shop.
    """
    erased = 0
    with ExitStack() as held:
        for work in get_args(Work):
            held.enter_context(database.lock(shop, work))
        with database.writing() as connection:
            for table in reversed(metadata.sorted_tables):
                if table not in (shops, ledger):
                    erased += connection.execute(delete(table).where(table.c.shop == shop)).rowcount
            emptied = update(ledger).where(ledger.c.shop == shop)
            connection.execute(emptied.values(customer_id=None, key=None, payload=None, salt=None))
            # As if it were new, but for its name, its number, and the count of its changes, which never goes back.
            known = {column.name: None for column in shops.columns if column.nullable}
            this = update(shops).where(shops.c.id == shop)
            connection.execute(this.values(**known, redaction_key=hand.entropy(32).hex()))
            set_pause(connection, shop, Pause(hand.at, hand.by, FORGOTTEN))
            hand.remember(connection, shop, "redaction", says={"everything": True})
    database.empty_log()
    return erased
