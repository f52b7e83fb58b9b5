"""Trends: the second half of a window against its first; an odd day belongs to the second half."""

from vip_rules.metrics.definition import Metric, Part, Unit, Windows, divide, hundredths
from vip_rules.metrics.filters import ORDER_FILTERS

ORDER_FREQUENCY_TREND = Metric(
    name="order_frequency_trend",
    title="Order frequency trend",
    description="Orders in the second half of the window as a percentage of those in its first half: 100 is steady, 200 is "
    "twice as many; unknown without an order in the first half.",
    unit=Unit.PERCENT,
    rows="orders",
    parts={"first": Part("count", span="first half"), "second": Part("count", span="second half")},
    figure=lambda p: hundredths(p["second"], p["first"]),
    sentence="order frequency trend {window}",
    windows=Windows.BOUNDED,
    filters=ORDER_FILTERS,
)

ORDER_VALUE_TREND = Metric(
    name="order_value_trend",
    title="Order value trend",
    description="Average order value in the second half of the window as a percentage of that in its first half: 100 is "
    "steady; unknown without an order in both halves, or with a first half of 0.",
    unit=Unit.PERCENT,
    rows="orders",
    parts={
        "first value": Part("sum", "value", span="first half"),
        "first": Part("count", span="first half"),
        "second value": Part("sum", "value", span="second half"),
        "second": Part("count", span="second half"),
    },
    figure=lambda p: hundredths(divide(p["second value"], p["second"]), divide(p["first value"], p["first"])),
    sentence="order value trend {window}",
    windows=Windows.BOUNDED,
    filters=ORDER_FILTERS,
)

METRICS = (ORDER_FREQUENCY_TREND, ORDER_VALUE_TREND)
