"""A customer's figures: each metric over the rows that its window and filter let through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tests.specification.days import days_of, inside, on
from tests.specification.sales import Part, Sale, is_counted, is_given_back, narrowed, sale_of
from vip_rules.metrics.figure import Figure
from vip_rules.model import Customer, Event, Order, SpendBasis

Value = int | str | frozenset[str] | None
"""Minor units, a count, days, a score, hundredths of a percent; a text; a set of texts; None is unknown."""


@dataclass(frozen=True)
class Store:
    """A store's whole history."""

    customers: tuple[Customer, ...] = ()
    orders: tuple[Order, ...] = ()
    events: tuple[Event, ...] = ()


@dataclass(frozen=True)
class View:
    """What one figure looks at for one customer, as of a local day."""

    store: Store
    spend: SpendBasis
    as_of: int
    figure: Figure
    customer: Customer

    @property
    def joined(self) -> int:
        """The day of joining the program; of those who never joined, their first day as a customer."""
        return self.customer.created if self.customer.joined is None else self.customer.joined

    def has(self, day: int) -> bool:
        """Whether the window has a day."""
        return inside(self.figure.window, day, self.as_of, self.joined)

    def sales(self) -> list[Sale]:
        """Counted orders in the window, also those given back. §4: a refund counts on "its order's day"."""
        where = dict(self.figure.where.values)
        channels = where.pop("channel", None)
        sales: list[Sale | None] = []
        for order in self.store.orders:
            if order.customer_id == self.customer.id and is_counted(order) and self.has(order.day):
                sale = sale_of(order, self.spend)
                if channels is None or sale.channel in channels:
                    sales.append(narrowed(sale, where) if where else sale)
        return [sale for sale in sales if sale]

    def orders(self) -> list[Sale]:
        """The sales that are orders. §4: "two orders of one day are two"."""
        return [sale for sale in self.sales() if sale.is_order]

    def halves(self) -> tuple[list[Sale], list[Sale]]:
        """The orders of the window's first half and of its second. §4: "odd day to the second half"."""
        assert self.figure.window is not None
        days = days_of(self.figure.window, self.as_of, self.joined)
        early = set(days[: len(days) // 2])
        orders = self.orders()
        return [o for o in orders if o.day in early], [o for o in orders if o.day not in early]

    def parts(self) -> list[Part]:
        """The lines of orders, but for those that were refunded whole."""
        parts = [part for order in self.orders() for part in order.parts]
        return [part for part in parts if not is_given_back(part.line.amount, part.refunded)]

    def events(self) -> list[Event]:
        """The customer's events in the window."""
        types = dict(self.figure.where.values).get("type")
        events = [e for e in self.store.events if e.customer_id == self.customer.id and self.has(e.day)]
        return [event for event in events if types is None or event.type in types]

    def population(self) -> list[View]:
        """§4: "the customers with a counted order in the window", each seen through the same figure."""
        views = (replace(self, customer=customer) for customer in self.store.customers)
        return [view for view in views if view.orders()]


def figure_of(view: View) -> Value:
    """The value of a customer's figure."""
    return METRICS[view.figure.metric.name](view)


def divided(part: int | None, whole: int | None) -> int | None:
    """§4: "integer floor divisions of non-negative integers, unknown where the divisor is 0"."""
    return None if part is None or not whole else part // whole


def hundredths(part: int | None, whole: int | None) -> int | None:
    """§4: "10,000·part // whole", hundredths of a percent."""
    return None if part is None else divided(10_000 * part, whole)


# Over orders. §3: "Sums and counts over an empty window are 0, not unknown."


def spend(orders: Sequence[Sale]) -> int:
    """What the orders come to, net of refunds."""
    return sum(order.net for order in orders)


def average_order_value(orders: Sequence[Sale]) -> int | None:
    """§4: "spend // orders"."""
    return divided(spend(orders), len(orders))


def days_since_last_order(view: View) -> int | None:
    """0 for an order of the day of the evaluation."""
    return min((view.as_of - order.day for order in view.orders()), default=None)


def days_since_first_order(view: View) -> int | None:
    """The first order is the window's first."""
    return max((view.as_of - order.day for order in view.orders()), default=None)


def days_between_orders(view: View) -> int | None:
    """§4: "the purchase cycle: (last − first) // (n − 1) of the window's orders"."""
    days = [order.day for order in view.orders()]
    return divided(max(days) - min(days), len(days) - 1) if days else None


def active_months(view: View) -> int:
    """§4: "distinct calendar months with a counted order"."""
    return len({(on(order.day).year, on(order.day).month) for order in view.orders()})


def order_value_trend(view: View) -> int | None:
    """§4: "10,000·second half // first half of the window", of the average order values."""
    first, second = view.halves()
    return hundredths(average_order_value(second), average_order_value(first))


def order_frequency_trend(view: View) -> int | None:
    """§4: "10,000·second half // first half of the window", of the numbers of orders."""
    first, second = view.halves()
    return hundredths(len(second), len(first))


def discounted_share(view: View) -> int | None:
    """§4: "of value before discounts": the counted value before refunds, and the discount."""
    discounts = sum(order.discount for order in view.orders())
    return hundredths(discounts, discounts + sum(order.value for order in view.orders()))


def refunded_share(view: View) -> int | None:
    """§4: "of value before refunds": here, and only here, orders that were given back count."""
    refunded = sum(min(sale.refunded, sale.value) for sale in view.sales())
    return hundredths(refunded, sum(sale.value for sale in view.sales()))


def channel(view: View) -> frozenset[str]:
    """A set, known even if it is empty."""
    return frozenset(order.channel for order in view.orders() if order.channel is not None)


# Over lines.


def units(view: View) -> int:
    """§4: "net of refunded ones": a line refunded in part loses as large a part of its units, floored."""
    kept = 0
    for part in view.parts():
        kept += part.line.quantity
        if part.line.amount > 0:
            kept -= part.line.quantity * part.refunded // part.line.amount
    return kept


def categories(view: View) -> int:
    """The distinct categories of lines."""
    return len({part.line.category for part in view.parts() if part.line.category is not None})


# Over the population: "for the others: unknown".


def place(view: View, worth: Callable[[View], int]) -> tuple[int, int] | None:
    """How many of the population are strictly worse, and how many there are."""
    if not view.orders():
        return None
    worths = [worth(other) for other in view.population()]
    return sum(other < worth(view) for other in worths), len(worths)


def score(view: View, worth: Callable[[View], int]) -> int | None:
    """§4: "1 + 5·(strictly worse) // n, worst 1, best 5, equals equal"."""
    found = place(view, worth)
    return None if found is None else 1 + 5 * found[0] // found[1]


def rfm_recency(view: View) -> int | None:
    """§4: "recency by days since the last order": the later the last day, the better."""
    return score(view, lambda other: max(order.day for order in other.orders()))


def rfm_frequency(view: View) -> int | None:
    """By the number of orders."""
    return score(view, lambda other: len(other.orders()))


def rfm_monetary(view: View) -> int | None:
    """By spend."""
    return score(view, lambda other: spend(other.orders()))


def rfm(view: View) -> int | None:
    """§4: "their sum, 3–15"."""
    scores = [rfm_recency(view), rfm_frequency(view), rfm_monetary(view)]
    known = [one for one in scores if one is not None]
    return sum(known) if len(known) == len(scores) else None


def spend_percentile(view: View) -> int | None:
    """§4: "10,000·(strictly less) // n, an integer of hundredths of a percent"."""
    found = place(view, lambda other: spend(other.orders()))
    return None if found is None else 10_000 * found[0] // found[1]


# Of the customer.


def member_days(view: View) -> int | None:
    """Unknown for those who join later."""
    return view.as_of - view.joined if view.joined <= view.as_of else None


METRICS: Final[dict[str, Callable[[View], Value]]] = {
    "spend": lambda view: spend(view.orders()),
    "orders": lambda view: len(view.orders()),
    "average_order_value": lambda view: average_order_value(view.orders()),
    "days_since_last_order": days_since_last_order,
    "days_since_first_order": days_since_first_order,
    "days_between_orders": days_between_orders,
    "active_months": active_months,
    "order_value_trend": order_value_trend,
    "order_frequency_trend": order_frequency_trend,
    "discounted_share": discounted_share,
    "refunded_share": refunded_share,
    "channel": channel,
    "units": units,
    "categories": categories,
    "events": lambda view: len(view.events()),
    "rfm_recency": rfm_recency,
    "rfm_frequency": rfm_frequency,
    "rfm_monetary": rfm_monetary,
    "rfm": rfm,
    "spend_percentile": spend_percentile,
    "member_days": member_days,
    "current_tier": lambda view: view.customer.current_tier,
    "highest_tier": lambda view: view.customer.highest_tier,
    "tag": lambda view: frozenset(view.customer.tags),
}
