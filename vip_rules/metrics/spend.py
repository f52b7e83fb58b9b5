"""What customers spend: sums over their counted orders, net of refunds."""

from vip_rules.metrics.definition import Metric, Part, Unit, divide, hundredths
from vip_rules.metrics.filters import ORDER_FILTERS

SPEND = Metric(
    name="spend",
    title="Spend",
    description="What the counted orders of the window come to, after discounts and minus refunds; without tax and shipping "
    "unless the program's \"spend\" says so. A refund counts on its order's day.",
    unit=Unit.MONEY,
    rows="orders",
    parts={"value": Part("sum", "value")},
    figure=lambda p: p["value"],
    sentence="spend {window}",
    filters=ORDER_FILTERS,
)

AVERAGE_ORDER_VALUE = Metric(
    name="average_order_value",
    title="Average order value",
    description="Spend divided by the number of orders of the window, rounded down to a minor unit; unknown without an order.",
    unit=Unit.MONEY,
    rows="orders",
    parts={"value": Part("sum", "value"), "orders": Part("count")},
    figure=lambda p: divide(p["value"], p["orders"]),
    sentence="average order value {window}",
    filters=ORDER_FILTERS,
)

DISCOUNTED_SHARE = Metric(
    name="discounted_share",
    title="Discounted share",
    description="How much of the value before discounts was taken off by discounts, in percent; unknown where that value is 0. "
    "Finds customers who wait for sales.",
    unit=Unit.PERCENT,
    rows="orders",
    parts={"discount": Part("sum", "discount"), "before": Part("sum", "before_discount")},
    figure=lambda p: hundredths(p["discount"], p["before"]),
    sentence="discounted share {window}",
    filters=("channel",),
    most=10_000,
    needs=("orders.discount",),
)

REFUNDED_SHARE = Metric(
    name="refunded_share",
    title="Refunded share",
    description="How much of the value before refunds was given back, in percent; unknown where that value is 0. Orders that "
    "were refunded whole, which count nowhere else, count here.",
    unit=Unit.PERCENT,
    rows="counted",
    parts={"refunded": Part("sum", "refunded"), "before": Part("sum", "before_refund")},
    figure=lambda p: hundredths(p["refunded"], p["before"]),
    sentence="refunded share {window}",
    filters=ORDER_FILTERS,
    most=10_000,
)

METRICS = (SPEND, AVERAGE_ORDER_VALUE, DISCOUNTED_SHARE, REFUNDED_SHARE)
