"""Intake: from the inbox to the mirror. A webhook is a hint: what it names is read again from the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from vip_rules import inbox
from vip_rules.database.failure import DatabaseFailed
from vip_rules.database.tables import customers
from vip_rules.errors import VipRulesError
from vip_rules.explanation import UnknownCustomer
from vip_rules.inbox import Became
from vip_rules.logs.log import Log
from vip_rules.mirror.arrival import Arrival
from vip_rules.mirror.basis import is_filled
from vip_rules.mirror.cursors import FULL, Cursors
from vip_rules.mirror.identities import identities
from vip_rules.mirror.keeping import keep
from vip_rules.mirror.personal import wanted
from vip_rules.operations.erasure import erase, erase_ahead, forget_names
from vip_rules.operations.hand import Hand
from vip_rules.operations.people import NotThere
from vip_rules.operations.switch import pause
from vip_rules.project import Project
from vip_rules.store import Page
from vip_rules.webhooks import InvalidWebhook, News, Person
from vip_rules.worker.backoff import backoff

MOST: Final = 250
"""Deliveries that are taken at a time, what they name is fetched together; and customers, and orders, of one fetch."""

MOST_TRIES: Final = 5
"""How often a delivery is tried that fails in a way nobody expects, before it is quarantined: by then it fails alone."""

MOST_DEATHS: Final = 10
"""How often a delivery is tried over which workers die, before it is quarantined."""

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
        """Handle what is due, a batch of it; whether there was anything. Raises DatabaseFailed, and what the store failed with.

        What could not be done is due again later and later.
        """
        project, now = self._project, self._project.means.now()
        with self._database.reading() as connection:
            if not (
                inbox.is_due(connection, self._shop, now)
                and is_filled(connection, self._shop, project.program, project.means.capabilities)
            ):
                return False
        with self._database.appending() as connection:
            rows = inbox.take(connection, self._shop, now, MOST)
        if not rows:
            return False
        with self._database.reading() as connection:
            twice = inbox.contradicted(connection, rows)
        outcomes: dict[int, Became] = {}
        heard = list(self._read(rows, twice, outcomes))
        asked = any(each.news.redact for each in heard)
        heard = list(self._privacy(heard, outcomes))
        self._mirror(heard, outcomes, now + inbox.LEASE)
        if asked:
            # The requests themselves named who was to be forgotten.
            self._database.empty_log()
        return True

    # Reading

    def _read(
        self, rows: Sequence[Row[Any]], twice: set[int], outcomes: dict[int, Became]
    ) -> Iterator[_Heard]:
        """The deliveries that tell something; the others have their outcomes at once."""
        webhooks = self._project.adapter.webhooks
        for row in rows:
            if row.leased_until is not None and row.attempts >= MOST_DEATHS:
                self._quarantine(row, "workers died over it again and again", outcomes)
            elif row.number in twice:
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

    def _privacy(self, heard: Sequence[_Heard], outcomes: dict[int, Became]) -> Iterator[_Heard]:
        """Privacy requests, and the end of our access. Gives the deliveries that go on to the mirror."""
        for each in heard:
            try:
                became = self._done_for(each.news)
            except DatabaseFailed:
                raise
            except Exception as error:  # the store failed, or an adapter's slip: the others go on
                self._log.failed("intake", error)
                became = self._again(each.row, error)
            if became is None:
                yield each
            else:
                outcomes[each.row.number] = became

    def _done_for(self, news: News) -> Became | None:
        """What became of a delivery that isn't about the mirror alone; None if nothing speaks against its being done."""
        merged = [one for person in news.redact for one in self._erase(person)]
        if news.uninstalled or news.erase:
            why = "the store no longer lets vip-rules in (the app was uninstalled)"
            pause(self._database, self._shop, why, self._hand())
            self._log.access_ended()
        if news.erase:
            return Became(
                "parked",
                "the store asks to forget the whole shop: vip-rules redact --shop NAME does; its backups and files are yours",
            )
        if merged:
            return Became("parked", f"asks to erase somebody, who lives on: {'; '.join(merged)}")
        if told := [person for person in news.disclose if self._is_there(person)]:
            who = ", ".join(
                f"customer {person.customer_id}" if person.customer_id else "somebody without an account"
                for person in told
            )
            return Became(
                "parked",
                f"asks what is kept of {who}: vip-rules explain ID --json says it; send it to them, then drop this",
            )
        return None

    def _erase(self, person: Person) -> Iterator[str]:
        """Erase a person; gives what a person of ours has to decide."""
        means, hand = self._project.means, self._hand()
        for customer in self._known(person):
            try:
                erased = erase(self._database, self._shop, customer, hand, means)
            except UnknownCustomer:
                # Nothing is known of them: that is what was asked, and it has to stay so.
                erase_ahead(self._database, self._shop, customer, hand)
            except NotThere:
                with self._database.reading() as connection:
                    keeper = identities(connection, self._shop, [customer]).keepers.get(customer)
                if keeper is not None:
                    yield f"customer {customer} was merged into {keeper}; vip-rules redact {keeper} erases both"
            else:
                self._log.redacted(len(erased.left))
        names = [name for name in (person.customer_id, person.email) if name]
        with self._database.writing() as connection:
            forget_names(connection, self._shop, names)

    def _is_there(self, person: Person) -> bool:
        """Whether something may be known of a person: nothing is of those who were erased."""
        return person.customer_id is None or bool(self._unerased([person.customer_id]))

    def _unerased(self, people: Sequence[str]) -> list[str]:
        """Those of some customers who weren't erased."""
        with self._database.reading() as connection:
            redacted = identities(connection, self._shop, people).redacted
        return [each for each in people if each not in redacted]

    def _known(self, person: Person) -> list[str]:
        """The ids under which a person may be known."""
        if person.customer_id is not None:
            return [person.customer_id]
        if not person.email:
            return []
        with self._database.reading() as connection:
            same = (customers.c.shop == self._shop) & (func.lower(customers.c.email) == person.email.lower())
            return list(connection.scalars(select(customers.c.id).where(same)))

    def _hand(self) -> Hand:
        means = self._project.means
        return Hand(by=BY, at=means.now(), day=self._project.today(), entropy=means.entropy)

    # The mirror

    def _mirror(self, heard: Sequence[_Heard], outcomes: dict[int, Became], leased_until: int) -> None:
        """Read what is named again, and keep it, with what became of the deliveries. Raises what hinders that."""
        people = self._unerased(sorted({one for each in heard for one in each.news.customers}))
        placed = sorted({one for each in heard for one in each.news.orders})
        failure: Exception | None = None
        page = Page()
        try:
            for first in range(0, max(len(people), len(placed)), MOST):
                if first:
                    with self._database.writing() as connection:
                        self._keep(connection, page)
                page = self._fetched(people[first : first + MOST], placed[first : first + MOST])
        except DatabaseFailed:
            raise
        except Exception as error:  # the store failed; or an adapter's slip, which mustn't stop the worker
            failure = error
            outcomes |= {each.row.number: self._again(each.row, error) for each in heard}
        else:
            outcomes |= {each.row.number: Became("done") for each in heard}
        with self._database.writing() as connection:
            if failure is None:
                self._keep(connection, _with_news(page, heard))
            inbox.settle(connection, outcomes, self._project.means.now(), leased_until=leased_until)
        if failure is not None:
            raise failure

    def _fetched(self, people: Sequence[str], placed: Sequence[str]) -> Page:
        project = self._project
        kept = wanted(project.program, project.means.capabilities)
        return project.adapter.fetch(people, placed, wanted=kept)

    def _keep(self, connection: Connection, page: Page) -> None:
        project = self._project
        kept = wanted(project.program, project.means.capabilities)
        arrival = Arrival(project.program.currency, project.program.timezone, project.rates, kept)
        # A full fetch under way may have passed the place of what is new: it mustn't take that for gone.
        remember = FULL in Cursors(connection, self._shop)
        keep(connection, self._shop, project.program, arrival.batch(page), remember=remember)

    def _again(self, row: Row[Any], error: Exception) -> Became:
        """What becomes of a delivery that failed: it is tried again later, but not for ever where nobody expected it."""
        if isinstance(error, VipRulesError):
            said = str(error)
        else:
            said = f"it failed with {type(error).__name__}"
            if row.attempts + 1 >= MOST_TRIES:
                self._log.quarantined(row.number, row.topic)
                return Became("quarantined", f"{said}, {row.attempts + 1} times")
        return Became("waiting", said, self._project.means.now() + backoff(row.attempts + 1))


def _with_news(page: Page, heard: Sequence[_Heard]) -> Page:
    """What was read again, and what needn't be: who was merged, and what is gone."""
    return replace(
        page,
        merged=(*page.merged, *(pair for each in heard for pair in each.news.merged)),
        gone_customers=(*page.gone_customers, *(one for each in heard for one in each.news.gone_customers)),
        gone_orders=(*page.gone_orders, *(one for each in heard for one in each.news.gone_orders)),
    )
