"""Sync: what the store tells is kept in the mirror, page by page, so that an interrupted fetch goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, select, update

from vip_rules.adapter import Adapter
from vip_rules.database.bulk import put
from vip_rules.database.connection import Database
from vip_rules.database.tables import cursors, customers, orders, shops
from vip_rules.errors import VipRulesError
from vip_rules.localdays import day_number
from vip_rules.mirror.arrival import Arrival
from vip_rules.mirror.days import move_days
from vip_rules.mirror.merging import merge
from vip_rules.mirror.personal import erase_unwanted, wanted
from vip_rules.mirror.removal import (
    forget_told,
    held,
    remove_customers,
    remove_orders,
    remove_untold,
    told_of,
)
from vip_rules.mirror.rows import Written
from vip_rules.mirror.writing import write
from vip_rules.program.program import Program
from vip_rules.rates import Rates
from vip_rules.store import Page, Shop

CHANGES: Final = "changes"
"""The cursor from which the next fetch of changes goes on."""

FULL: Final = "full"
"""The cursor of an unfinished full fetch."""

FIRST: Final = "first"
"""Stands while the first full fetch is unfinished: nothing can be gone yet, so it isn't remembered what was told."""

WANTED: Final = "wanted"
"""The personal data that the mirror has."""

SYNCED: Final = "synced"
"""When the last fetch ended, as an ISO instant."""

ACCEPT_SMALLER: Final = "--accept-smaller"


class FetchShrank(VipRulesError):
    """A full fetch told of far fewer customers or orders than the last one: nothing was removed. Look at the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What came of a sync. `notes` are sentences for a person; `set_aside` are orders without a rate, by currency."""

    full: bool
    written: Written
    guests: int
    set_aside: dict[str, int]
    moved: int = 0
    notes: tuple[str, ...] = field(default_factory=tuple)
