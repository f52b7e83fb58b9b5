from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import pytest
from sqlalchemy import select

from tests.database.opened import NOON, shop_of
from tests.mirror.told import at, clean, customer, event, mirror, order, rows, whose
from tests.program.example import CATALOGUE, changed
from vip_rules.adapter import Adapter, Intent, Outcome, PlatformFailed, Sight
from vip_rules.database.connection import Database
from vip_rules.database.tables import customers, events, orders, shops, told
from vip_rules.ledger import redact as redact_ledger
from vip_rules.localdays import day_number
from vip_rules.mirror.cursors import SYNCED, Cursors
from vip_rules.mirror.redaction import redact
from vip_rules.program.load import read_program
from vip_rules.rates import Rate, Rates
from vip_rules.store import Page, Shop, StoreOrder
from vip_rules.sync import FetchShrank, SyncReport, sync

PROGRAM = read_program(changed(), "vip.json", CATALOGUE)


class Told(Adapter):
    """A store that tells given pages. With a cursor it goes on behind the page that had it; it may break off before a page."""

    capabilities = {}  # noqa: RUF012 - it does nothing

    def __init__(self, *pages: Page, fails_at: int | None = None, shop: Shop | None = None) -> None:
        self._pages, self._fails_at = pages, fails_at
        self._shop = shop or Shop(currency="USD", timezone="America/New_York")
        self.asked: list[tuple[str | None, bool, frozenset[str]]] = []

    def shop(self) -> Shop:
        return self._shop

    def pages(self, cursor: str | None, *, full: bool, wanted: frozenset[str]) -> Iterator[Page]:
        self.asked.append((cursor, full, wanted))
        known = [page.cursor for page in self._pages]
        start = known.index(cursor) + 1 if cursor in known and cursor is not None else 0
        for number in range(start, len(self._pages)):
            if number == self._fails_at:
                raise PlatformFailed("the store broke off")
            yield self._pages[number]

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        raise NotImplementedError

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        raise NotImplementedError


def run(
    database: Database, shop: int, adapter: Adapter, *changes: tuple[str, Any], **more: Any
) -> SyncReport:
    program = read_program(changed(*changes), "vip.json", CATALOGUE) if changes else PROGRAM
    rates = more.pop("rates", Rates())
    return sync(database, shop, adapter, program, clock=lambda: NOON, rates=rates, **more)


PAGES = (
    Page(customers=(customer("1"), customer("2")), cursor="p1", notes=("Two rows were left out.",)),
    Page(orders=(order("a", "1"), order("b", "2")), cursor="p2"),
    Page(orders=(order("g", None), order("x", "1", currency="CHF")), events=(event("1"),), cursor="p3"),
)


def test_the_first_sync_tells_everything_and_the_next_what_changed(database: Database) -> None:
    shop = shop_of(database)
    adapter = Told(*PAGES, Page(orders=(order("b", "2", 900),), cursor="p4"))
    first = run(database, shop, Told(*PAGES))
    assert (first.full, first.guests, first.set_aside, first.written.orders.new) == (True, 1, {"CHF": 1}, 4)
    clean(database, shop)
    second = run(database, shop, adapter)
    assert [(cursor, full) for cursor, full, _ in adapter.asked] == [("p3", False)]
    assert (second.full, second.written.orders.changed, whose(database, shop)) == (False, 1, {"2"})
    with database.reading() as connection:
        assert Cursors(connection, shop)[SYNCED] == "2026-11-20T12:00:00+00:00"


def test_the_report_says_what_happened(database: Database) -> None:
    report = run(database, shop_of(database), Told(*PAGES))
    assert list(report.sentences()) == [
        "Customers: 2 told, 2 new, 0 changed, 0 as before.",
        "Orders: 4 told, 4 new, 0 changed, 0 as before.",
        "Events: 1 told, 1 new, 0 changed, 0 as before.",
        "1 orders of guests are kept, and count for nobody.",
        "1 orders in CHF are set aside: there is no exchange rate for their day that could be used.",
        "Two rows were left out.",
    ]
    record = report.record()
    assert (record["orders"]["new"], record["set_aside"], record["guests"]) == (4, {"CHF": 1}, 1)


@pytest.mark.parametrize("fails_at", range(3))
@pytest.mark.parametrize("full", [True, False])
def test_an_interrupted_fetch_goes_on_where_it_stopped(database: Database, fails_at: int, full: bool) -> None:
    straight, broken = shop_of(database, "straight"), shop_of(database, "broken")
    run(database, straight, Told(*PAGES))
    with pytest.raises(PlatformFailed):
        run(database, broken, Told(*PAGES, fails_at=fails_at), full=full)
    adapter = Told(*PAGES)
    run(database, broken, adapter)
    assert adapter.asked[0][:2] == ([None, "p1", "p2"][fails_at], True)
    assert mirror(database, broken) == mirror(database, straight)


def test_a_crash_in_the_middle_of_a_page_leaves_nothing_of_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = shop_of(database)
    monkeypatch.setattr("vip_rules.mirror.keeping.merge", crash)
    with pytest.raises(ZeroDivisionError):
        run(database, shop, Told(*PAGES))
    assert not any(mirror(database, shop).values())
    monkeypatch.undo()
    run(database, shop, Told(*PAGES))
    assert len(rows(database, shop, orders)) == 4


def crash(*_: Any) -> int:
    raise ZeroDivisionError


def many(count: int, gone: int = 0) -> Page:
    keys = [str(n) for n in range(gone, count)]
    return Page(customers=tuple(map(customer, keys)), orders=tuple(order(key, key) for key in keys))


def test_what_a_full_fetch_no_longer_tells_is_gone(database: Database) -> None:
    shop = shop_of(database)
    events_of = Page(events=(event("0", id="kept"), event("1", id="lost")))
    run(database, shop, Told(many(20), events_of))
    clean(database, shop)
    report = run(database, shop, Told(many(20, gone=1), Page(events=(event("0", id="kept"),))), full=True)
    written = report.written
    assert (written.gone_customers, written.gone_orders, written.gone_events) == (1, 1, 1)
    assert [key for key, gone in rows(database, shop, customers, "id", "gone") if gone] == ["0"]
    assert "0" not in {key for (key,) in rows(database, shop, orders, "id")}
    assert rows(database, shop, events, "id") == [("kept",)]
    assert whose(database, shop) == {"0", "1"}
    assert rows(database, shop, told) == []


def test_events_that_a_store_knows_nothing_of_stay(database: Database) -> None:
    shop = shop_of(database)
    run(database, shop, Told(many(2), Page(events=(event("1"),))))
    run(database, shop, Told(many(2)), full=True)
    assert len(rows(database, shop, events)) == 1


def test_an_interrupted_full_fetch_remembers_what_it_was_told(database: Database) -> None:
    shop = shop_of(database)
    run(database, shop, Told(many(20)))
    half = (
        Page(customers=many(20, gone=1).customers, cursor="h1"),
        Page(orders=many(20, gone=1).orders, cursor="h2"),
    )
    with pytest.raises(PlatformFailed):
        run(database, shop, Told(*half, fails_at=1), full=True)
    assert not any(gone for (gone,) in rows(database, shop, customers, "gone"))
    report = run(database, shop, Told(*half))
    assert (report.full, report.written.gone_customers, report.written.gone_orders) == (True, 1, 1)


@pytest.mark.parametrize(("left", "refused"), [(90, False), (89, True), (0, True)])
def test_a_fetch_that_shrank_by_over_a_tenth_removes_nothing(
    database: Database, left: int, refused: bool
) -> None:
    shop = shop_of(database)
    run(database, shop, Told(many(100)))
    before = mirror(database, shop)
    if refused:
        with pytest.raises(
            FetchShrank, match=f"{left} customers instead of 100 and {left} orders.*--accept-smaller"
        ):
            run(database, shop, Told(many(left)), full=True)
        assert mirror(database, shop) == before
        assert rows(database, shop, told) == []
        # What was refused is no measure for the next one.
        with pytest.raises(FetchShrank):
            run(database, shop, Told(many(left)), full=True)
    report = run(database, shop, Told(many(left)), full=True, confirm_smaller=refused)
    assert report.written.gone_orders == 100 - left
    assert len(rows(database, shop, orders)) == left


def test_fewer_orders_alone_are_enough_to_refuse(database: Database) -> None:
    shop = shop_of(database)
    run(database, shop, Told(many(20)))
    with pytest.raises(FetchShrank, match="told of 0 orders instead of 20 at"):
        run(database, shop, Told(Page(customers=many(20).customers)), full=True)


def test_a_redacted_customer_stays_redacted(database: Database) -> None:
    shop = shop_of(database)
    ada = Page(customers=(customer("1", email="ada@example.com"), customer("2")), orders=(order("a", "1"),))
    run(database, shop, Told(ada))
    redact(database, shop, "1", redact_ledger)
    report = run(database, shop, Told(ada), full=True)
    assert report.written.customers.redacted == 1
    assert {email for (email,) in rows(database, shop, customers, "email")} == {None}
    assert rows(database, shop, orders, "id", "customer_id") == [("a", None)]


def test_personal_data_is_kept_only_while_the_program_has_a_use_for_it(database: Database) -> None:
    shop = shop_of(database)
    page = Page(
        customers=(customer("1", email="a@example.com", language="en", birthday=date(1990, 2, 28)),),
        cursor="p",
    )
    adapter = Told(page)
    run(database, shop, adapter, ("/messages", []))
    assert rows(database, shop, customers, "email", "birthday") == [(None, "02-28")]
    report = run(database, shop, adapter)
    assert rows(database, shop, customers, "email", "language") == [("a@example.com", "en")]
    assert (
        "The program needs what wasn't kept before (email, language): everything is fetched anew."
        in report.notes
    )
    run(database, shop, adapter, ("/messages", []))
    assert rows(database, shop, customers, "email", "language", "birthday") == [(None, None, "02-28")]
    assert [full for _, full, _ in adapter.asked] == [True, True, False]


def test_another_basis_of_spend_has_everything_told_anew(database: Database) -> None:
    shop = shop_of(database)
    adapter = Told(Page(customers=(customer("1"),), cursor="p"))
    run(database, shop, adapter)
    report = run(database, shop, adapter, ("/spend", {"includes_tax": True}))
    assert "Spend is with tax, without shipping now: everything is fetched anew." in report.notes
    run(database, shop, adapter, ("/spend", {"includes_tax": True}))
    assert [full for _, full, _ in adapter.asked] == [True, True, False]


def test_days_move_with_the_programs_time_zone(database: Database) -> None:
    shop = shop_of(database)
    late = datetime(2026, 3, 9, 3, tzinfo=UTC)
    page = Page(
        customers=(customer("1", created_at=late, joined_at=late), customer("2", created_at=at(1))),
        orders=(order("a", "1", placed_at=late), order("b", "2", placed_at=date(2026, 3, 9))),
        events=(event("1", at=late),),
        cursor="p",
    )
    run(database, shop, Told(page))
    ninth = day_number(date(2026, 3, 9))
    assert dict(rows(database, shop, orders, "id", "day")) == {"a": ninth - 1, "b": ninth}
    clean(database, shop)
    report = run(database, shop, Told(page), ("/timezone", "Europe/Berlin"))
    assert dict(rows(database, shop, orders, "id", "day")) == {"a": ninth, "b": ninth}
    assert rows(database, shop, events, "day") == [(ninth,)]
    assert ("1", ninth, ninth) in rows(database, shop, customers, "id", "created", "joined")
    assert whose(database, shop) == {"1"}
    assert any("was America/New_York and is Europe/Berlin now: 1 customers" in note for note in report.notes)
    again = run(database, shop, Told(page), ("/timezone", "Europe/Berlin"), full=True)
    assert again.written.orders.unchanged == 2


def test_another_currency_of_the_program_converts_everything_anew(database: Database) -> None:
    shop = shop_of(database)
    page = Page(customers=(customer("1"),), orders=(order("a", "1", 1000),), cursor="p")
    run(database, shop, Told(page))
    rates = Rates([Rate(0, "USD", "EUR", Decimal("0.9"))])
    adapter = Told(page)
    report = run(database, shop, adapter, ("/currency", "EUR"), rates=rates)
    assert adapter.asked[0][:2] == (None, True)
    assert rows(database, shop, orders, "total") == [(900,)]
    assert any(note.startswith("The store's currency is USD, the program's is EUR") for note in report.notes)
    run(database, shop, adapter, ("/currency", "EUR"), rates=rates)
    assert adapter.asked[1][:2] == ("p", False)


def test_what_the_store_says_of_itself_is_noted(database: Database) -> None:
    shop = shop_of(database)
    store = Shop(currency="USD", timezone="Asia/Tokyo", trusted_from=date(2026, 9, 21))
    report = run(database, shop, Told(*PAGES, shop=store))
    assert (
        "The store's time zone is Asia/Tokyo; days are those of the program's, America/New_York."
        in report.notes
    )
    with database.reading() as connection:
        trusted = connection.scalar(select(shops.c.trusted_from).where(shops.c.id == shop))
    assert trusted == day_number(date(2026, 9, 21))


def trusted(database: Database, shop: int) -> int | None:
    with database.reading() as connection:
        return connection.scalar(select(shops.c.trusted_from).where(shops.c.id == shop))


def two_months(*orders_told: StoreOrder, since: date = date(2026, 9, 21)) -> Told:
    """A store that tells only of orders since a day."""
    page = Page(customers=(customer("1"),), orders=orders_told, cursor="p")
    return Told(page, shop=Shop(currency="USD", trusted_from=since))


OLD: Final = order("old", "1", placed_at=date(2026, 7, 1))
OLD_TOO: Final = order("old too", "1", placed_at=date(2026, 7, 2))
NEW: Final = [order(f"new{n}", "1", placed_at=date(2026, 10, 1)) for n in range(20)]


def test_orders_that_the_store_no_longer_tells_of_are_kept(database: Database) -> None:
    shop = shop_of(database)
    run(database, shop, two_months(OLD, *NEW, since=date(2026, 6, 1)))
    report = run(database, shop, two_months(*NEW[1:]), full=True)
    assert report.written.gone_orders == 1
    assert {id_ for (id_,) in rows(database, shop, orders, "id")} == {"old", *(each.id for each in NEW[1:])}


def test_a_store_that_tells_of_the_latest_orders_may_have_fewer_in_a_quiet_time(database: Database) -> None:
    shop = shop_of(database)
    run(database, shop, two_months(OLD, OLD_TOO, *NEW[:1], since=date(2026, 6, 1)))
    run(database, shop, two_months(*NEW[:1]), full=True)
    with pytest.raises(FetchShrank, match="0 orders instead of 1"):
        run(database, shop, two_months(), full=True)


def test_what_was_told_in_time_stays_trusted(database: Database) -> None:
    shop = shop_of(database)
    run(database, shop, two_months(since=date(2026, 9, 21)))
    run(database, shop, two_months(since=date(2026, 10, 21)))
    assert trusted(database, shop) == day_number(date(2026, 9, 21))


def test_a_gap_ends_the_trust_in_what_was_told_before(database: Database) -> None:
    shop = shop_of(database)
    run(database, shop, two_months(since=date(2026, 9, 21)))
    after = date(2027, 2, 1)
    run(database, shop, two_months(since=after))
    assert trusted(database, shop) == day_number(after)


def test_orders_that_are_not_told_anew_are_no_longer_trusted(database: Database) -> None:
    shop = shop_of(database)
    run(database, shop, Told(Page(customers=(customer("1"),), orders=(OLD,), cursor="p")))
    run(database, shop, two_months(*NEW), ("/spend", {"includes_tax": True}))
    assert trusted(database, shop) == day_number(date(2026, 9, 21))


def test_a_scope_that_is_lost_takes_nothing_away(database: Database) -> None:
    shop = shop_of(database)
    run(database, shop, Told(Page(customers=(customer("1"),), orders=(OLD, *NEW), cursor="p")))
    report = run(database, shop, two_months(*NEW), full=True)
    assert report.written.gone_orders == 0
    assert trusted(database, shop) is None


def test_who_looks_on_sees_each_page(database: Database) -> None:
    seen: list[int] = []
    run(database, shop_of(database), Told(*PAGES), progress=lambda written: seen.append(written.orders.told))
    assert seen == [0, 2, 4]


def test_two_shops_in_one_database_never_mix(database: Database) -> None:
    here, there = shop_of(database, "here"), shop_of(database, "there")
    run(database, here, Told(many(10)))
    before = mirror(database, here)
    run(database, there, Told(many(10), many(3)))
    run(database, there, Told(many(9)), full=True, confirm_smaller=True)
    assert mirror(database, here) == before
