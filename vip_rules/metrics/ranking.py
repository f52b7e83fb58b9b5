"""Places among the population: the customers with an order in the window. For all others the figure is unknown.

A score is 1 + 5 · (strictly worse) // n: equals score equally, the best fifth 5, the worst fifth 1.
"""

from vip_rules.metrics.definition import Expr, Metric, Part, Parts, Rank, Unit, divide
from vip_rules.metrics.filters import ORDER_FILTERS

RECENCY = {"last": Part("last", "day")}
FREQUENCY = {"orders": Part("count")}
MONETARY = {"value": Part("sum", "value")}


def _score(p: Parts, rank: str) -> Expr:
    return 1 + divide(5 * p.worse(rank), p.population)


RFM_RECENCY = Metric(
    name="rfm_recency",
    title="RFM recency score",
    description="1 to 5 by the days since the last order of the window, fewest best, among the customers who ordered in it.",
    unit=Unit.SCORE,
    rows="orders",
    parts=RECENCY,
    ranks={"recency": Rank("last")},
    figure=lambda p: _score(p, "recency"),
    sentence="RFM recency score {window}",
    filters=ORDER_FILTERS,
    least=1,
    most=5,
)

RFM_FREQUENCY = Metric(
    name="rfm_frequency",
    title="RFM frequency score",
    description="1 to 5 by the orders of the window, most best, among the customers who ordered in it.",
    unit=Unit.SCORE,
    rows="orders",
    parts=FREQUENCY,
    ranks={"frequency": Rank("orders")},
    figure=lambda p: _score(p, "frequency"),
    sentence="RFM frequency score {window}",
    filters=ORDER_FILTERS,
    least=1,
    most=5,
)

RFM_MONETARY = Metric(
    name="rfm_monetary",
    title="RFM monetary score",
    description="1 to 5 by the spend of the window, most best, among the customers who ordered in it.",
    unit=Unit.SCORE,
    rows="orders",
    parts=MONETARY,
    ranks={"monetary": Rank("value")},
    figure=lambda p: _score(p, "monetary"),
    sentence="RFM monetary score {window}",
    filters=ORDER_FILTERS,
    least=1,
    most=5,
)

RFM = Metric(
    name="rfm",
    title="RFM score",
    description="The recency, frequency and monetary scores of the window added up: 3 to 15.",
    unit=Unit.SCORE,
    rows="orders",
    parts=RECENCY | FREQUENCY | MONETARY,
    ranks={"recency": Rank("last"), "frequency": Rank("orders"), "monetary": Rank("value")},
    figure=lambda p: _score(p, "recency") + _score(p, "frequency") + _score(p, "monetary"),
    sentence="RFM score {window}",
    filters=ORDER_FILTERS,
    least=3,
    most=15,
)

SPEND_PERCENTILE = Metric(
    name="spend_percentile",
    title="Spend percentile",
    description="The percentage of customers with an order in the window who spent strictly less: at_least 80 is the top "
    "fifth. Moves with everybody's spend; many equals at the top may leave nobody above a high mark.",
    unit=Unit.PERCENT,
    rows="orders",
    parts=MONETARY,
    ranks={"monetary": Rank("value")},
    figure=lambda p: divide(10_000 * p.worse("monetary"), p.population),
    sentence="spend percentile {window}",
    filters=ORDER_FILTERS,
    most=10_000,
)

METRICS = (RFM_RECENCY, RFM_FREQUENCY, RFM_MONETARY, RFM, SPEND_PERCENTILE)
