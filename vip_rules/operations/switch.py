"""The switch: while a shop is paused nothing is applied and nothing is sent; reading the store goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from vip_rules.database.connection import Database
from vip_rules.database.tables import shops
from vip_rules.mentions import Mentions
from vip_rules.operations.hand import Hand


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause: since when, in microseconds since 1970, by whom and why."""

    at: int
    by: str
    reason: str

    def record(self) -> dict[str, str]:
        """The pause as plain JSON data."""
        since = datetime.fromtimestamp(self.at // 1_000_000, UTC).isoformat()
        return {"since": since, "by": self.by, "reason": self.reason}


def pause_of(connection: Connection, shop: int) -> Pause | None:
    """The pause in which a shop is; None if it is in none."""
    row = connection.execute(select(shops).where(shops.c.id == shop)).one()
    return None if row.paused_at is None else Pause(row.paused_at, row.paused_by, row.paused_reason)


def pause(database: Database, shop: int, reason: str, hand: Hand) -> Pause | None:
    """Pause a shop. Gives back the pause in which it is already, which stays as it is; None if this one begins."""
    with database.writing() as connection:
        if found := pause_of(connection, shop):
            return found
        set_pause(connection, shop, Pause(hand.at, hand.by, reason))
        hand.remember(connection, shop, "pause", says={"reason": reason})
    return None


def resume(database: Database, shop: int, hand: Hand) -> Pause | None:
    """End the pause of a shop, and give it back; None if there is none."""
    with database.writing() as connection:
        found = pause_of(connection, shop)
        if found is not None:
            set_pause(connection, shop, None)
            hand.remember(connection, shop, "resume", says={"paused": found.record()})
    return found


def set_pause(connection: Connection, shop: int, now: Pause | None) -> None:
    """Put a shop into a pause, or (None) out of it."""
    values = {
        "paused_at": now and now.at,
        "paused_by": now and now.by,
        "paused_reason": now and now.reason,
    }
    connection.execute(update(shops).where(shops.c.id == shop).values(**values))


def erase(connection: Connection, shop: int, who: Mentions) -> None:
    """Forget why a shop is paused, if the reason names somebody; it stays paused."""
    found = pause_of(connection, shop)
    if found and who.said(found.reason):
        reason = "the reason named a customer who was redacted"
        set_pause(connection, shop, Pause(found.at, found.by, reason))
