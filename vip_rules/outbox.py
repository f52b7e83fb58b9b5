"""The outbox: intents are stored before they are sent, one for each business key, with what became of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, Row, delete

from vip_rules.adapter import (
    ONCE,
    Intent,
)
from vip_rules.canonical import canonical
from vip_rules.database.bulk import among, put
from vip_rules.database.tables import effects

ERASED: Final = "{}"
"""The payload of an intent for somebody who was redacted since."""

RESTORED: Final = "the database was restored from a backup, and this may have been done since"
"""Why an intent without an attempt is unknown."""


def hold(connection: Connection, shop: int, confirmed: Iterable[tuple[Intent, str | None]], at: int) -> None:
    """Know from now on, an instant in microseconds since 1970, that the store holds what intents asked for.

    Each comes with the store's reference. What happens once isn't held.
    """
    states = [(intent, reference) for intent, reference in confirmed if intent.kind not in ONCE]
    removed = [intent.key for intent, _ in states if intent.action == "remove"]
    if removed:
        connection.execute(
            delete(effects).where(effects.c.shop == shop, among(connection, effects.c.key, removed))
        )
    put(
        connection,
        effects,
        (
            (shop, each.key, each.kind, each.customer_id, canonical(each.payload), reference, at)
            for each, reference in states
            if each.action == "put"
        ),
    )


def intent_of(row: Row[Any]) -> Intent:
    """The intent of a row of the outbox."""
    return Intent(
        key=row.key,
        kind=row.kind,
        action=row.action,
        customer_id=row.customer_id,
        payload=json.loads(row.payload),
    )
