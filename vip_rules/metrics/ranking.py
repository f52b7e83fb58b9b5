"""Places among the population: the customers with an order in the window. For all others the figure is unknown.

A score is 1 + 5 · (strictly worse) // n: equals score equally, the best fifth 5, the worst fifth 1.
"""

from collections.abc import Mapping

from vip_rules.metrics.definition import Expr, Metric, Part, Parts, Rank, Unit, divide
from vip_rules.metrics.filters import ORDER_FILTERS

RECENCY = {"last": Part("most", "day")}
FREQUENCY = {"orders": Part("count")}
MONETARY = {"value": Part("sum", "value")}


def _score(p: Parts, rank: str) -> Expr:
    return 1 + divide(5 * p.worse(rank), p.population)


def _score_metric(name: str, parts: Mapping[str, Part], what: str, best: str) -> Metric:
    (part,) = parts
    return Metric(
        name=f"rfm_{name}",
        title=f"RFM {name} score",
        description=f"1 to 5 by {what}, {best} best, among the customers who ordered in the window.",
        unit=Unit.SCORE,
        rows="orders",
        parts=parts,
        ranks={name: Rank(part)},
        figure=lambda p: _score(p, name),
        sentence=f"RFM {name} score {{window}}",
        filters=ORDER_FILTERS,
        least=1,
        most=5,
    )


RFM_RECENCY = _score_metric("recency", RECENCY, "the days since the last order of the window", "fewest")
RFM_FREQUENCY = _score_metric("frequency", FREQUENCY, "the orders of the window", "most")
RFM_MONETARY = _score_metric("monetary", MONETARY, "the spend of the window", "most")

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
