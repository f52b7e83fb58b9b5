"""What a restored database can't know: it is older than its store, and holds as open what may have been done since."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, select, update

from vip_rules.database.bulk import put
from vip_rules.database.tables import cursors, dirty, outbox, plans
from vip_rules.mirror import cursors as cursor
from vip_rules.outbox import RESTORED
from vip_rules.planning.known import OPEN


def forget_what_passed(connection: Connection, shop: int, today: int) -> int:
    """Take nothing as open or up to date any more that may have passed since the backup; how many intents are in doubt.

    Those are read back before anything else happens to them, and so is what happens once and fell due up to `today`, a local
    day, when it is planned. The next sync reads everything, waiting plans are at an end, and whoever was in them is looked at
    again.
    """
    open_ = (outbox.c.shop == shop) & outbox.c.state.in_(OPEN)
    doubtful: int = connection.execute(select(func.count()).where(open_)).scalar_one()
    # Without an attempt: what happens once is sent only if the store surely doesn't have it (vip_rules.delivery).
    connection.execute(update(outbox).where(open_).values(state="unknown", attempts=0, reason=RESTORED))
    where = (cursors.c.shop == shop) & cursors.c.name.in_((cursor.CHANGES, cursor.FULL, cursor.FIRST))
    connection.execute(delete(cursors).where(where))
    put(connection, cursors, [(shop, cursor.RESTORED, str(today))])
    waiting = (plans.c.shop == shop) & (plans.c.state == "waiting")
    ended = {"state": "expired", "text": None, "reason": "the database was restored from a backup"}
    connection.execute(update(plans).where(waiting).values(**ended))
    connection.execute(update(dirty).where(dirty.c.shop == shop).values(plan=None))
    return doubtful
