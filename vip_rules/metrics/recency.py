"""When customers bought: recency and the purchase cycle, in local days."""

from vip_rules.metrics.definition import Metric, Part, Unit, divide
from vip_rules.metrics.filters import ORDER_FILTERS

DAYS_SINCE_LAST_ORDER = Metric(
    name="days_since_last_order",
    title="Days since the last order",
    description="Days from the window's last order to the day of the evaluation; 0 on the same day, unknown without an order.",
    unit=Unit.DAYS,
    rows="orders",
    parts={"last": Part("most", "day")},
    figure=lambda p: p.as_of - p["last"],
    sentence="days since the last order {window}",
    filters=ORDER_FILTERS,
)

DAYS_SINCE_FIRST_ORDER = Metric(
    name="days_since_first_order",
    title="Days since the first order",
    description="Days from the window's first order to the day of the evaluation; unknown without an order.",
    unit=Unit.DAYS,
    rows="orders",
    parts={"first": Part("least", "day")},
    figure=lambda p: p.as_of - p["first"],
    sentence="days since the first order {window}",
    filters=ORDER_FILTERS,
)

DAYS_BETWEEN_ORDERS = Metric(
    name="days_between_orders",
    title="Days between orders",
    description="The purchase cycle: days from the window's first order to its last, divided by the orders after the first, "
    "rounded down; unknown with fewer than two orders.",
    unit=Unit.DAYS,
    rows="orders",
    parts={"first": Part("least", "day"), "last": Part("most", "day"), "orders": Part("count")},
    figure=lambda p: divide(p["last"] - p["first"], p["orders"] - 1),
    sentence="days between orders {window}",
    filters=ORDER_FILTERS,
)

METRICS = (DAYS_SINCE_LAST_ORDER, DAYS_SINCE_FIRST_ORDER, DAYS_BETWEEN_ORDERS)
