"""Golden cases: places among the customers who ordered in the window."""

from tests.specification.golden.case import case, customer, line, order

NAMES = ("ann", "bob", "cleo", "dan", "eve")
FIVE = tuple(customer(name) for name in NAMES)

CASES = (
    case(
        "scores go from 1 for the worst fifth to 5 for the best",
        *FIVE,
        *(order("2026-01-01", 100 * n, of=name) for n, name in enumerate(NAMES, 1)),
        everybody={
            name: {"rfm_monetary": n, "spend_percentile": 2000 * (n - 1)} for n, name in enumerate(NAMES, 1)
        },
    ),
    case(
        "frequency is by orders, recency by the days since the last one",
        *FIVE[:4],
        *(order(f"2026-01-0{day}", 1, of="ann") for day in range(1, 6)),
        *(order(f"2026-01-0{day}", 1, of="bob") for day in (1, 7)),
        order("2026-01-08", 1000, of="cleo"),
        everybody={
            "ann": {"rfm_recency": 1, "rfm_frequency": 4, "rfm_monetary": 2, "rfm": 7},
            "bob": {"rfm_recency": 2, "rfm_frequency": 2, "rfm_monetary": 1, "rfm": 5},
            "cleo": {"rfm_recency": 4, "rfm_frequency": 1, "rfm_monetary": 4, "rfm": 9},
            "dan": {"rfm_recency": None, "rfm_frequency": None, "rfm_monetary": None, "rfm": None},
        },
    ),
    case(
        "equals score equally: strictly worse ones count",
        *FIVE,
        *(order("2026-01-01", spent, of=name) for name, spent in zip(NAMES, (7, 7, 7, 9, 9), strict=True)),
        everybody={
            "ann": {"rfm_monetary": 1, "rfm_recency": 1, "rfm_frequency": 1, "spend_percentile": 0},
            "bob": {"rfm_monetary": 1, "spend_percentile": 0},
            "dan": {"rfm_monetary": 4, "spend_percentile": 6000},
            "eve": {"rfm_monetary": 4, "spend_percentile": 6000},
        },
    ),
    case(
        "alone, one is the worst",
        order("2026-01-01", 100),
        ann={"rfm_monetary": 1, "rfm_recency": 1, "rfm_frequency": 1, "rfm": 3, "spend_percentile": 0},
    ),
    case(
        "percentiles are floored to hundredths",
        *FIVE[:3],
        *(order("2026-01-01", spent, of=name) for name, spent in zip(NAMES, (1, 2, 3), strict=False)),
        everybody={
            "ann": {"spend_percentile": 0, "rfm_monetary": 1},
            "bob": {"spend_percentile": 3333, "rfm_monetary": 2},
            "cleo": {"spend_percentile": 6666, "rfm_monetary": 4},
        },
    ),
    case(
        "the population is who has an order in the window: not by other days, given back or uncounted orders",
        *FIVE,
        order("2026-01-01", 100, of="ann"),
        order("2026-01-01", 200, of="bob"),
        order("2025-01-01", 300, of="cleo"),
        order("2026-01-01", 400, of="dan", refunded=400),
        order("2026-01-01", 500, of="eve", status="pending"),
        everybody={
            "ann": {"spend_percentile[12 months]": 0, "spend_percentile": 0},
            "bob": {"spend_percentile[12 months]": 5000, "spend_percentile": 3333},
            "cleo": {"spend_percentile[12 months]": None, "spend_percentile": 6666},
            "dan": {"spend_percentile": None},
            "eve": {"spend_percentile": None},
        },
    ),
    case(
        "who spent 0.00 is in the population",
        *FIVE[:2],
        order("2026-01-01", 0, of="ann"),
        order("2026-01-01", 1, of="bob"),
        everybody={"ann": {"spend_percentile": 0}, "bob": {"spend_percentile": 5000}},
    ),
    case(
        "the population of a filter is who has an order that it lets through",
        *FIVE[:3],
        order("2026-01-01", 100, line(10, "shoes"), line(90, "bags"), of="ann", channel="pos"),
        order("2026-01-02", 20, line(20, "shoes"), of="bob", channel="online"),
        order("2026-01-03", 500, line(500, "bags"), of="cleo", channel="pos"),
        everybody={
            "ann": {
                "spend_percentile[category=shoes]": 0,
                "rfm_recency[category=shoes]": 1,
                "rfm_monetary[channel=pos]": 1,
            },
            "bob": {
                "spend_percentile[category=shoes]": 5000,
                "rfm_recency[category=shoes]": 3,
                "rfm_monetary[channel=pos]": None,
            },
            "cleo": {"spend_percentile[category=shoes]": None, "rfm_monetary[channel=pos]": 3},
        },
    ),
)
