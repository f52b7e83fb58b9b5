"""Arrival: what a store tells becomes rows of the mirror, with local days and amounts in the program's currency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from vip_rules.history import wrap_tags
from vip_rules.localdays import local_day
from vip_rules.mirror.rows import Batch, CustomerRow, EventRow, LineRow, OrderRow, digest
from vip_rules.mirror.texts import fit
from vip_rules.model import LARGEST_AMOUNT, Currency, OrderLine
from vip_rules.rates import Rates
from vip_rules.store import Moment, Page, StoreCustomer, StoreEvent, StoreOrder

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(slots=True)
class Arrival:
    """The way in, for the pages of one fetch. `wanted` names the personal data to keep.

    Counts the orders of guests, and those that are set aside, by currency: for lack of a rate, or because their amounts are too
    large when they are converted.
    """

    currency: Currency
    timezone: ZoneInfo
    rates: Rates
    wanted: frozenset[str]
    guests: int = 0
    set_aside: Counter[str] = field(default_factory=Counter)
    _same_events: Counter[int] = field(default_factory=Counter)
    _currencies: dict[str, Currency] = field(default_factory=dict)

    def batch(self, page: Page) -> Batch:
        """The rows of a page."""
        return Batch(
            customers=[self._customer(customer) for customer in page.customers],
            orders=[self._order(order) for order in page.orders],
            events=[self._event(event) for event in page.events],
            gone_customers=tuple(map(fit, page.gone_customers)),
            gone_orders=tuple(map(fit, page.gone_orders)),
            merged=tuple((fit(one), fit(other)) for one, other in page.merged),
        )

    def _customer(self, told: StoreCustomer) -> CustomerRow:
        created_at, created = self._moment(told.created_at)
        joined_at, joined = (created_at, created) if told.joined_at is None else self._moment(told.joined_at)
        tags = fit(wrap_tags(told.tags))
        birthday = told.birthday if "birthday" in self.wanted else None
        day_of_birth = f"{birthday:%m-%d}" if birthday else None
        email = fit(told.email) if "email" in self.wanted else None
        language = fit(told.language) if "language" in self.wanted else None
        moments = (_content(created_at, created), _content(joined_at, joined))
        return CustomerRow(
            fit(told.id),
            created_at,
            created,
            joined_at,
            joined,
            tags,
            day_of_birth,
            email,
            language,
            _instant(told.updated_at),
            digest(*moments, tags, day_of_birth, email, language),
        )

    def _order(self, told: StoreOrder) -> tuple[OrderRow, list[LineRow]]:
        placed_at, day = self._moment(told.placed_at)
        total, tax, shipping, refunded, discount = amounts = (
            told.total,
            told.tax,
            told.shipping,
            told.refunded,
            told.discount,
        )
        of_lines = [(line.amount, line.refunded) for line in told.lines]
        set_aside = False
        if told.currency != self.currency.code:
            converted = self._converted(
                [*amounts, *(amount for pair in of_lines for amount in pair)], told, day
            )
            set_aside = converted is None
            if converted is not None:
                total, tax, shipping, refunded, discount = _clamped(converted[:5])
                rest = iter(converted[5:])
                of_lines = [(amount or 0, refunded or 0) for amount, refunded in zip(rest, rest, strict=True)]
        self.guests += told.customer_id is None
        if set_aside:
            self.set_aside[told.currency] += 1
        key, customer_id, channel = fit(told.id), fit(told.customer_id), fit(told.channel)
        lines = [_line(key, n, line, *of_lines[n]) for n, line in enumerate(told.lines)]
        content = (
            told.currency,
            total,
            tax,
            shipping,
            refunded,
            discount,
            told.status,
            told.test,
            channel,
            set_aside,
        )
        row = OrderRow(
            key,
            customer_id,
            placed_at,
            day,
            *content,
            _instant(told.updated_at),
            digest(customer_id, _content(placed_at, day), *content, *(line[1:] for line in lines)),
        )
        return row, lines

    def _event(self, told: StoreEvent) -> EventRow:
        happened_at, day = self._moment(told.at)
        key, customer_id, kind = fit(told.id), fit(told.customer_id), fit(told.type)
        if key is None:
            made = f"{customer_id}:{kind}:{_content(happened_at, day)}"
            same = digest(made)
            self._same_events[same] += 1
            key = f"{made}:{self._same_events[same]}"
        return EventRow(key, customer_id, kind, happened_at, day)

    def _moment(self, told: Moment) -> tuple[int | None, int]:
        """The instant, None for a bare date, and the local day. A time without an offset is in the program's zone."""
        if isinstance(told, datetime):
            aware = told if told.tzinfo else told.replace(tzinfo=self.timezone)
            return _instant(aware), local_day(told, self.timezone)
        return None, local_day(told, self.timezone)

    def _converted(
        self, amounts: Iterable[int | None], told: StoreOrder, day: int
    ) -> list[int | None] | None:
        """Amounts in the program's currency; None where they can't be."""
        source = self._currencies.get(told.currency)
        if source is None:
            source = self._currencies[told.currency] = Currency.of(told.currency)
        found: list[int | None] = []
        for amount in amounts:
            converted = None if amount is None else self.rates.convert(amount, source, self.currency, day)
            if (converted is None) != (amount is None) or (converted or 0) > LARGEST_AMOUNT:
                return None
            found.append(converted)
        return found


def day_of_instant(instant: int, timezone: ZoneInfo) -> int:
    """The local day of an instant as the mirror keeps it, in microseconds since 1970."""
    return local_day(_EPOCH + instant * _MICROSECOND, timezone)


def _instant(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def _content(instant: int | None, day: int) -> int | str:
    """A moment in a way that another time zone of the program doesn't change."""
    return f"day {day}" if instant is None else instant


def _clamped(amounts: list[int | None]) -> tuple[int, int, int, int | None, int | None]:
    """Each amount is rounded for itself; what held before still has to hold: no part is more than the total."""
    total, tax, shipping, refunded, discount = amounts
    whole = total or 0
    tax = min(tax or 0, whole)
    shipping = min(shipping or 0, whole - tax)
    return whole, tax, shipping, None if refunded is None else min(refunded, whole), discount


def _line(order_id: str, number: int, told: OrderLine, amount: int, refunded: int) -> LineRow:
    return LineRow(
        order_id,
        number,
        fit(told.sku),
        fit(told.product),
        fit(told.category),
        fit(told.brand),
        told.quantity,
        amount,
        refunded,
        told.gift_card,
    )
