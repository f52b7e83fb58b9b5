"""How often customers buy, and how much at a time."""

from vip_rules.metrics.definition import Metric, Part, Unit
from vip_rules.metrics.filters import ORDER_FILTERS

ORDERS = Metric(
    name="orders",
    title="Orders",
    description="How many counted orders the window has. Two orders of one day are two; one that was refunded whole is none.",
    unit=Unit.COUNT,
    rows="orders",
    parts={"orders": Part("count")},
    figure=lambda p: p["orders"],
    sentence="orders {window}",
    filters=ORDER_FILTERS,
)

ACTIVE_MONTHS = Metric(
    name="active_months",
    title="Active months",
    description="In how many different calendar months of the window there was an order. Rewards steady buyers: 1,000 ten "
    "times over two years rather than 10,000 once.",
    unit=Unit.COUNT,
    rows="orders",
    parts={"months": Part("distinct", "month")},
    figure=lambda p: p["months"],
    sentence="active months {window}",
    filters=ORDER_FILTERS,
)

UNITS = Metric(
    name="units",
    title="Units",
    description="How many units were bought in the window, without those that were refunded. Needs order lines.",
    unit=Unit.COUNT,
    rows="lines",
    parts={"units": Part("sum", "units")},
    figure=lambda p: p["units"],
    sentence="units bought {window}",
    filters=ORDER_FILTERS,
    needs=("lines.quantity",),
)

CATEGORIES = Metric(
    name="categories",
    title="Categories",
    description="In how many different product categories something was bought and kept in the window. Needs order lines.",
    unit=Unit.COUNT,
    rows="lines",
    parts={"categories": Part("distinct", "category")},
    figure=lambda p: p["categories"],
    sentence="categories {window}",
    filters=ORDER_FILTERS,
    needs=("lines.category",),
)

METRICS = (ORDERS, ACTIVE_MONTHS, UNITS, CATEGORIES)
