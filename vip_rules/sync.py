"""Sync: what the store tells is kept in the mirror, page by page, so that an interrupted fetch goes on where it stopped."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from vip_rules.adapter import Adapter, Capability
from vip_rules.database.connection import Database
from vip_rules.database.tables import shops
from vip_rules.errors import VipRulesError
from vip_rules.localdays import day_number, local_day
from vip_rules.mirror.arrival import Arrival
from vip_rules.mirror.basis import basis_of
from vip_rules.mirror.cursors import BASIS, CHANGES, FIRST, FULL, SYNCED, WANTED, Cursors
from vip_rules.mirror.days import move_days
from vip_rules.mirror.keeping import keep
from vip_rules.mirror.personal import forget_unwanted, wanted
from vip_rules.mirror.removal import (
    forget_told,
    held,
    remove_untold,
    told_of,
)
from vip_rules.mirror.rows import Tally, Written
from vip_rules.program.program import Program
from vip_rules.rates import Rates
from vip_rules.store import Page

ACCEPT_SMALLER: Final = "--accept-smaller"

RARELY: Final = 50_000
"""So many new objects may be there before Python looks for cycles among them."""


class FetchShrank(VipRulesError):
    """A full fetch told of far fewer customers or orders than the last one: nothing was removed. Look at the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What came of a sync. `guests` and `set_aside` count orders, those without a rate by currency.

    `notes` are sentences for a person: of the store, and of what was done beyond what was asked.
    """

    full: bool
    written: Written
    guests: int
    set_aside: Mapping[str, int]
    notes: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """The report as plain JSON data."""
        counts = asdict(self.written)
        aside = dict(sorted(self.set_aside.items()))
        return {
            "full": self.full,
            **counts,
            "guests": self.guests,
            "set_aside": aside,
            "notes": list(self.notes),
        }

    def sentences(self) -> Iterator[str]:
        """The report for a person."""
        written = self.written
        kinds = (("customers", written.customers), ("orders", written.orders), ("events", written.events))
        for name, tally in kinds:
            if tally.told or name != "events":
                yield f"{name.capitalize()}: {_tally(tally)}."
        gone = [
            f"{count:,} {name}"
            for name, count in (
                ("customers", written.gone_customers),
                ("orders", written.gone_orders),
                ("events", written.gone_events),
            )
            if count
        ]
        if gone:
            yield f"No longer in the store: {', '.join(gone)}."
        if written.merged:
            yield f"Merged into others: {written.merged:,} customers."
        if self.guests:
            yield f"{self.guests:,} orders of guests are kept, and count for nobody."
        for code, count in sorted(self.set_aside.items()):
            yield f"{count:,} orders in {code} are set aside: there is no exchange rate for their day that could be used."
        yield from self.notes


def sync(
    database: Database,
    shop: int,
    adapter: Adapter,
    program: Program,
    *,
    clock: Callable[[], datetime],
    rates: Rates,
    capabilities: Mapping[str, Capability] | None = None,
    full: bool = False,
    confirm_smaller: bool = False,
    progress: Callable[[Written], None] | None = None,
    patience: float = 0,
) -> SyncReport:
    """Bring the mirror up to what the store tells: everything (`full`), or what has changed since the last sync.

    What a full fetch doesn't tell any more is removed. What was kept stays when the fetch breaks off (PlatformFailed), and the
    next sync goes on from there. `capabilities` are those of channels, too, where there are some: they may need personal data.
    `progress` is called after each page with what was written so far. Raises FetchShrank for a full fetch that told of over a
    tenth less than the one before, unless `confirm_smaller`; then nothing is removed; AtWork where another sync of the shop is
    at work still, after `patience` seconds.
    """
    with database.lock(shop, "sync", patience=patience), _rarely_collecting():
        can = adapter.capabilities if capabilities is None else capabilities
        at_work = _Sync(database, shop, adapter, program, rates, can)
        at_work.begin(full=full)
        for page in adapter.pages(at_work.cursor, full=at_work.full, wanted=at_work.wanted):
            at_work.keep(page)
            if progress is not None:
                progress(at_work.written)
        at_work.end(clock(), confirm_smaller=confirm_smaller)
        return at_work.report()


@contextmanager
def _rarely_collecting() -> Iterator[None]:
    """Let Python look for cycles of references less often: so many rows are made here that it would look all the time."""
    before = gc.get_threshold()
    if before[0] >= RARELY:
        # Whoever runs for long has seen to it; or another shop's sync, in another thread.
        yield
        return
    gc.set_threshold(RARELY, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Sync:
    """One sync at work."""

    def __init__(
        self,
        database: Database,
        shop: int,
        adapter: Adapter,
        program: Program,
        rates: Rates,
        capabilities: Mapping[str, Capability],
    ) -> None:
        self._database, self._shop, self._program = database, shop, program
        self._store = adapter.shop()
        since = self._store.trusted_from
        self._horizon = None if since is None else day_number(since)
        self.wanted = wanted(program, capabilities)
        self._basis = basis_of(program)
        self._arrival = Arrival(program.currency, program.timezone, rates, self.wanted)
        self.written = Written()
        self.full = False
        self.cursor: str | None = None
        self._first = False
        self._notes: dict[str, None] = {}

    def begin(self, *, full: bool) -> None:
        """Find out what to ask the store for, and from where on."""
        with self._database.writing() as connection:
            row = connection.execute(select(shops).where(shops.c.id == self._shop)).one()
            at = Cursors(connection, self._shop)
            self._look_at_store()
            self._move_days(connection, row)
            incomplete = self._incomplete(row, at)
            trusted = self._horizon if incomplete else self._trusted(row, at)
            connection.execute(update(shops).where(shops.c.id == self._shop).values(trusted_from=trusted))
            self.full = full or incomplete or FULL in at or CHANGES not in at
            if not self.full:
                self.cursor = at[CHANGES]
            else:
                self._begin_full(connection, at, anew=incomplete)
            forget_unwanted(connection, self._shop, self.wanted)
            at[WANTED] = ",".join(sorted(self.wanted))
            at[BASIS] = self._basis

    def keep(self, page: Page) -> None:
        """Keep a page with the cursor behind it, all of it or nothing."""
        batch = self._arrival.batch(page)
        with self._database.writing() as connection:
            remember = self.full and not self._first
            written = keep(connection, self._shop, self._program, batch, remember=remember)
            if page.cursor is not None:
                Cursors(connection, self._shop)[FULL if self.full else CHANGES] = page.cursor
                self.cursor = page.cursor
        self.written.add(written)
        self._notes |= dict.fromkeys(page.notes)

    def end(self, now: datetime, *, confirm_smaller: bool) -> None:
        """The store has told everything: remove what it no longer has. Raises FetchShrank."""
        shrunk = None
        with self._database.writing() as connection:
            at = Cursors(connection, self._shop)
            if self.full:
                shrunk = None if confirm_smaller else self._shrunk(connection)
                if shrunk is None:
                    self._end_full(connection, at)
                forget_told(connection, self._shop)
                del at[FULL], at[FIRST]
            at[SYNCED] = now.astimezone(UTC).isoformat(timespec="seconds")
        if shrunk is not None:
            raise shrunk

    def report(self) -> SyncReport:
        """What came of it."""
        return SyncReport(
            full=self.full,
            written=self.written,
            guests=self._arrival.guests,
            set_aside=self._arrival.set_aside,
            notes=tuple(self._notes),
        )

    # The beginning

    def _look_at_store(self) -> None:
        store, program = self._store, self._program
        if store.currency != program.currency.code:
            self._note(
                f"The store's currency is {store.currency}, the program's is {program.currency.code}: orders in other "
                "currencies are converted by the table of exchange rates."
            )
        if store.timezone not in (None, program.timezone.key):
            self._note(
                f"The store's time zone is {store.timezone}; days are those of the program's, {program.timezone.key}."
            )

    def _trusted(self, row: Row[Any], at: Cursors) -> int | None:
        """The first local day of which the mirror has every order; None: it has all of them.

        A store that tells only of the latest ones doesn't take away those that were told before, if none was missed between.
        """
        synced = at.get(SYNCED)
        if self._horizon is None or synced is None:
            return self._horizon
        if local_day(synced, self._program.timezone) < self._horizon:
            return self._horizon
        return None if row.trusted_from is None else min(row.trusted_from, self._horizon)

    def _move_days(self, connection: Connection, row: Row[Any]) -> None:
        timezone = self._program.timezone
        if row.timezone != timezone.key:
            moved = move_days(connection, self._shop, timezone)
            connection.execute(update(shops).where(shops.c.id == self._shop).values(timezone=timezone.key))
            self._note(
                f"The program's time zone was {row.timezone} and is {timezone.key} now: {moved:,} customers have orders or "
                "dates on other days."
            )

    def _incomplete(self, row: Row[Any], at: Cursors) -> bool:
        """Whether rows that are kept already have to be told anew for this program."""
        before = set((at[WANTED] or "").split(",")) if WANTED in at else self.wanted
        if row.currency != self._program.currency.code:
            self._note(
                f"The program's currency was {row.currency}, now it is {self._program.currency.code}: "
                "everything is fetched anew."
            )
            return True
        if at.get(BASIS, self._basis) != self._basis:
            self._note(f"Spend is {self._basis} now: everything is fetched anew.")
            return True
        if lacking := sorted(self.wanted - before):
            self._note(
                f"The program needs what wasn't kept before ({', '.join(lacking)}): everything is fetched anew."
            )
            return True
        return False

    def _begin_full(self, connection: Connection, at: Cursors, *, anew: bool) -> None:
        self.cursor = None if anew or FULL not in at else at[FULL]
        if self.cursor is not None:
            self._first = FIRST in at
            self._note("The last full fetch was interrupted: it went on from there.")
            return
        forget_told(connection, self._shop)
        at[FULL] = None
        self._first = FIRST in at or not any(held(connection, self._shop))
        if self._first:
            at[FIRST] = None

    # The end

    def _told(self, connection: Connection) -> tuple[int, int]:
        if self._first:
            return held(connection, self._shop)
        return told_of(connection, self._shop, "customer"), told_of(connection, self._shop, "order")

    def _shrunk(self, connection: Connection) -> FetchShrank | None:
        """What speaks against removing what wasn't told; None if nothing does."""
        last = select(shops.c.full_customers, shops.c.full_orders).where(shops.c.id == self._shop)
        people, placed = connection.execute(last).one()
        if self._horizon is not None and placed:
            # What the store tells moves on with the days: the mirror knows how much that has to be by now.
            placed = held(connection, self._shop, self._horizon)[1]
        names = ("customers", "orders")
        found = [
            f"{now:,} {name} instead of {then:,}"
            for name, now, then in zip(names, self._told(connection), (people, placed), strict=True)
            if then and 10 * now < 9 * then
        ]
        if not found:
            return None
        return FetchShrank(
            f"the store told of {' and '.join(found)} at the last full fetch, over 10 % less. That looks like a fetch that was "
            "cut short, so nothing was removed. Look at what the store tells; if it is right, confirm it with "
            f"{ACCEPT_SMALLER}"
        )

    def _end_full(self, connection: Connection, at: Cursors) -> None:
        count, placed = self._told(connection)
        if not self._first:
            self.written.add(remove_untold(connection, self._shop, self._horizon))
        currency = self._program.currency.code
        of_shop = update(shops).where(shops.c.id == self._shop)
        connection.execute(of_shop.values(full_customers=count, full_orders=placed, currency=currency))
        at[CHANGES] = self.cursor

    def _note(self, sentence: str) -> None:
        self._notes[sentence] = None


def _tally(tally: Tally) -> str:
    parts = [
        f"{tally.told:,} told",
        f"{tally.new:,} new",
        f"{tally.changed:,} changed",
        f"{tally.unchanged:,} as before",
    ]
    if tally.older:
        parts.append(f"{tally.older:,} older than what is known")
    if tally.redacted:
        parts.append(f"{tally.redacted:,} of redacted customers left out")
    return ", ".join(parts)
