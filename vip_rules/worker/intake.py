"""Intake: from the inbox to the mirror. A webhook is a hint: what it names is read again from the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from vip_rules import inbox
from vip_rules.adapter import PlatformFailed
from vip_rules.database.tables import customers
from vip_rules.errors import VipRulesError
from vip_rules.explanation import UnknownCustomer
from vip_rules.inbox import Became
from vip_rules.logs.log import Log
from vip_rules.mirror.arrival import Arrival
from vip_rules.mirror.basis import is_filled
from vip_rules.mirror.cursors import FULL, Cursors
from vip_rules.mirror.keeping import keep
from vip_rules.mirror.personal import wanted
from vip_rules.operations.erasure import erase
from vip_rules.operations.hand import Hand
from vip_rules.operations.people import NotThere
from vip_rules.operations.switch import pause
from vip_rules.project import Project
from vip_rules.store import Page
from vip_rules.webhooks import InvalidWebhook, News, Person
from vip_rules.worker.backoff import backoff

MOST: Final = 250
"""Deliveries that are taken at a time: what they name is fetched together."""

MOST_TRIES: Final = 5
"""How often a delivery is tried that fails in a way nobody expects, before it is quarantined."""

BY: Final = "the store's webhook"
"""Whose hand it is, for the ledger."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """A delivery that could be read."""

    row: Row[Any]
    news: News


class Intake:
    """Takes deliveries of one shop out of the inbox, and keeps in the mirror what the store says of those whom they name."""

    def __init__(self, project: Project, log: Log) -> None:
        self._project, self._log = project, log
        self._database, self._shop = project.database, project.shop

    def run(self) -> bool:
        """Handle what is due, a batch of it; whether there was anything. Raises DatabaseFailed."""
        now = self._project.means.now()
        with self._database.reading() as connection:
            if not is_filled(
                connection, self._shop, self._project.program, self._project.adapter.capabilities
            ):
                return False
        with self._database.appending() as connection:
            rows = inbox.take(connection, self._shop, now, MOST)
        if not rows:
            return False
        with self._database.reading() as connection:
            twice = inbox.contradicted(connection, self._shop, rows)
        outcomes: dict[int, Became] = {}
        heard = list(self._read(rows, twice, outcomes))
        self._privacy(heard, outcomes)
        self._mirror([each for each in heard if each.row.number not in outcomes], outcomes)
        return True

    # Reading

    def _read(
        self, rows: Sequence[Row[Any]], twice: set[int], outcomes: dict[int, Became]
    ) -> Iterator[_Heard]:
        """The deliveries that tell something; the others have their outcomes at once."""
        webhooks = self._project.adapter.webhooks
        for row in rows:
            if row.number in twice:
                said = (
                    "a delivery with this id came before with another body: nothing of this one is believed"
                )
                self._quarantine(row, said, outcomes)
            elif webhooks is None:
                self._quarantine(row, "the shop's adapter reads no webhooks any more", outcomes)
            else:
                try:
                    news = webhooks.read(row.topic, row.body)
                except InvalidWebhook as error:
                    self._quarantine(row, str(error), outcomes)
                except Exception as error:  # whatever it is: the worker lives on
                    self._log.failed("intake", error)
                    self._quarantine(row, f"it can't be read: {type(error).__name__}", outcomes)
                else:
                    if news.ignored:
                        outcomes[row.number] = Became("ignored", news.ignored)
                    else:
                        yield _Heard(row, news)

    def _quarantine(self, row: Row[Any], reason: str, outcomes: dict[int, Became]) -> None:
        self._log.quarantined(row.number, row.topic)
        outcomes[row.number] = Became("quarantined", reason)

    # What isn't about the mirror

    def _privacy(self, heard: Sequence[_Heard], outcomes: dict[int, Became]) -> None:
        """Privacy requests, and the end of our access."""
        for each in heard:
            news, number = each.news, each.row.number
            try:
                for person in news.redact:
                    self._erase(person)
            except PlatformFailed as error:
                outcomes[number] = self._again(each.row, str(error))
                continue
            if news.disclose:
                who = ", ".join(
                    person.customer_id or "somebody without an account" for person in news.disclose
                )
                outcomes[number] = Became(
                    "parked",
                    f"asks what is kept of {who}: vip-rules explain ID --json says it; send it to them, then drop this",
                )
            if news.uninstalled or news.erase:
                why = "the store no longer lets vip-rules in (the app was uninstalled)"
                pause(self._database, self._shop, why, self._hand())
                self._log.access_ended()
            if news.erase:
                outcomes[number] = Became(
                    "parked",
                    "the store asks to forget the whole shop: delete its database (and its backups), which nobody needs now",
                )

    def _erase(self, person: Person) -> None:
        means, hand = self._project.means, self._hand()
        for customer in self._known(person):
            try:
                left = erase(self._database, self._shop, customer, hand, means).left
            except (UnknownCustomer, NotThere):
                continue  # nothing is known of them, or nothing any more: that is what was asked
            self._log.redacted(len(left))

    def _known(self, person: Person) -> list[str]:
        if person.customer_id is not None:
            return [person.customer_id]
        with self._database.reading() as connection:
            same = (customers.c.shop == self._shop) & (customers.c.email == person.email)
            return list(connection.scalars(select(customers.c.id).where(same)))

    def _hand(self) -> Hand:
        means = self._project.means
        return Hand(by=BY, at=means.now(), day=self._project.today(), entropy=means.entropy)

    # The mirror

    def _mirror(self, heard: Sequence[_Heard], outcomes: dict[int, Became]) -> None:
        """Read what is named again, and keep it, with what became of the deliveries, in one transaction."""
        project = self._project
        people = {one for each in heard for one in each.news.customers}
        placed = {one for each in heard for one in each.news.orders}
        page = Page()
        try:
            if people or placed:
                kept = wanted(project.program, project.adapter.capabilities)
                page = project.adapter.fetch(sorted(people), sorted(placed), wanted=kept)
        except VipRulesError as error:
            self._log.failed("intake", error)
            outcomes |= {each.row.number: self._again(each.row, str(error)) for each in heard}
            heard = ()
        except Exception as error:  # an adapter's slip mustn't stop the worker
            self._log.failed("intake", error)
            outcomes |= {each.row.number: self._failed(each.row, error) for each in heard}
            heard = ()
        outcomes |= {each.row.number: Became("done") for each in heard}
        with self._database.writing() as connection:
            self._keep(connection, page, heard)
            inbox.settle(connection, outcomes, project.means.now())

    def _keep(self, connection: Connection, page: Page, heard: Sequence[_Heard]) -> None:
        project = self._project
        told = Page(
            customers=page.customers,
            orders=page.orders,
            events=page.events,
            merged=(*page.merged, *(pair for each in heard for pair in each.news.merged)),
            gone_customers=(
                *page.gone_customers,
                *(one for each in heard for one in each.news.gone_customers),
            ),
            gone_orders=(*page.gone_orders, *(one for each in heard for one in each.news.gone_orders)),
        )
        kept = wanted(project.program, project.adapter.capabilities)
        arrival = Arrival(project.program.currency, project.program.timezone, project.rates, kept)
        # A full fetch under way may have passed the place of what is new: it mustn't take that for gone.
        remember = FULL in Cursors(connection, self._shop)
        keep(connection, self._shop, project.program, arrival.batch(told), remember=remember)

    def _again(self, row: Row[Any], reason: str) -> Became:
        now = self._project.means.now()
        return Became("waiting", reason, now + backoff(row.attempts + 1))

    def _failed(self, row: Row[Any], error: Exception) -> Became:
        said = f"it failed with {type(error).__name__}"
        if row.attempts + 1 >= MOST_TRIES:
            self._log.quarantined(row.number, row.topic)
            return Became("quarantined", f"{said}, {MOST_TRIES} times")
        return self._again(row, said)
