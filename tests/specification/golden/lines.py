"""Golden cases: what filters let through, and how refunds are told of the lines."""

from tests.specification.golden.case import case, line, order

CASES = (
    case(
        "a channel lets its orders through; an order without one never matches",
        order("2026-01-01", 100, channel="pos"),
        order("2026-01-02", 20, channel="online"),
        order("2026-01-03", 3),
        ann={
            "spend[channel=pos]": 100,
            "spend[channel=online|pos]": 120,
            "orders[channel=fax]": 0,
            "spend": 123,
        },
    ),
    case(
        "a category narrows each order to its lines",
        order("2026-01-01", 10000, line(4000, "shoes"), line(6000, "bags")),
        order("2026-01-02", 500, line(500, "shoes")),
        order("2026-01-03", 70, line(70)),
        order("2026-01-04", 8),
        ann={
            "spend[category=shoes]": 4500,
            "orders[category=shoes]": 2,
            "average_order_value[category=shoes]": 2250,
            "spend[category=bags]": 6000,
            "spend[category=bags|shoes]": 10500,
            "orders[category=bags|shoes]": 2,
            "orders[category=hats]": 0,
            "days_since_last_order[category=bags]": 180,
        },
    ),
    case(
        "all keys of a filter must match, on the same line",
        order("2026-01-01", 300, line(100, "shoes", brand="Aya"), line(200, "bags", brand="Bo")),
        order("2026-01-02", 400, line(400, "shoes", brand="Bo", sku="S1"), channel="pos"),
        ann={
            "orders[brand=Bo, category=shoes]": 1,
            "spend[brand=Bo, category=shoes]": 400,
            "orders[brand=Aya, category=bags]": 0,
            "spend[brand=Bo]": 600,
            "spend[brand=Bo, channel=pos]": 400,
            "spend[sku=S1]": 400,
        },
    ),
    case(
        "the capitals of a filter matter",
        order("2026-01-01", 300, line(100, "Shoes"), line(200, "shoes"), channel="POS"),
        order("2026-01-02", 50, line(50, "SHOES"), channel="pos"),
        ann={
            "spend[category=Shoes]": 100,
            "spend[category=shoes]": 200,
            "orders[channel=POS]": 1,
            "spend[channel=pos]": 50,
        },
    ),
    case(
        "a filter doesn't let gift cards through",
        order("2026-01-01", 300, line(100, "gifts"), line(200, "gifts", gift_card=True)),
        order("2026-01-02", 50, line(50, "gifts", gift_card=True)),
        ann={"spend[category=gifts]": 100, "orders[category=gifts]": 1, "units[category=gifts]": 1},
    ),
    case(
        "what is narrowed to nothing but refunded lines is no order; a free line is one",
        order("2026-01-01", 150, line(50, "shoes", refunded=50), line(100, "bags"), refunded=50),
        order("2026-01-02", 100, line(0, "samples"), line(100, "bags")),
        ann={
            "orders[category=shoes]": 0,
            "orders[category=bags]": 2,
            "orders[category=samples]": 1,
            "spend[category=samples]": 0,
        },
    ),
    case(
        "of an order that was given back every line was, free ones too",
        order("2026-01-01", 150, line(50, "shoes"), line(100, "bags"), line(0, "samples"), refunded=150),
        order("2026-01-02", 10, line(15, "shoes"), status="refunded"),
        ann={
            "orders[category=shoes]": 0,
            "orders[category=samples]": 0,
            "spend[category=bags]": 0,
            "refunded_share[category=shoes]": 10000,
            "units": 0,
        },
    ),
    case(
        "refunds that name no line are spread pro rata",
        order("2026-01-01", 10000, line(3000, "shoes"), line(7000, "bags"), refunded=1000),
        ann={
            "spend[category=shoes]": 2700,
            "spend[category=bags]": 6300,
            "refunded_share[category=shoes]": 1000,
        },
    ),
    case(
        "the largest amounts are spread as exactly",
        order(
            "2026-01-01",
            10**13,
            line(3 * 10**12, "shoes", quantity=1000),
            line(7 * 10**12, "bags"),
            refunded=10**12 + 1,
        ),
        ann={
            "spend": 8_999_999_999_999,
            "spend[category=shoes]": 2_700_000_000_000,
            "spend[category=bags]": 6_299_999_999_999,
            "units[category=shoes]": 900,
            "refunded_share[category=bags]": 1000,
        },
    ),
    case(
        "shares of a refund are floored, the remainder goes to the largest line",
        order("2026-01-01", 100, line(10, "a"), line(20, "b"), line(70, "c"), refunded=33),
        ann={"spend[category=a]": 7, "spend[category=b]": 14, "spend[category=c]": 46},
    ),
    case(
        "of lines that are equally large, the first takes the remainder",
        order("2026-01-01", 320, line(20, "a"), line(100, "b"), line(100, "c"), line(100, "d"), refunded=100),
        ann={
            "spend[category=a]": 14,
            "spend[category=b]": 68,
            "spend[category=c]": 69,
            "spend[category=d]": 69,
        },
    ),
    case(
        "a remainder that the largest line has no room for goes to the first that has",
        order(
            "2026-01-01",
            109,
            line(100, "a", refunded=100),
            line(3, "b"),
            line(3, "c"),
            line(3, "d"),
            refunded=104,
        ),
        ann={
            "orders[category=a]": 0,
            "spend[category=b]": 1,
            "spend[category=c]": 2,
            "spend[category=d]": 2,
        },
    ),
    case(
        "a refund that names lines is theirs; only what exceeds it is spread, over what they have left",
        order("2026-01-01", 10000, line(6000, "shoes", refunded=2000), line(4000, "bags"), refunded=5000),
        ann={"spend[category=shoes]": 2500, "spend[category=bags]": 2500, "spend": 5000},
    ),
    case(
        "a line's refund is capped at its amount",
        order("2026-01-01", 10000, line(4000, "shoes", refunded=9000), line(6000, "bags"), refunded=4000),
        ann={"orders[category=shoes]": 0, "spend[category=bags]": 6000},
    ),
    case(
        "nothing is spread if the lines' refunds exceed the order's",
        order("2026-01-01", 10000, line(4000, "shoes", refunded=1000), line(6000, "bags"), refunded=400),
        ann={"spend": 9600, "spend[category=shoes]": 3000, "spend[category=bags]": 6000},
    ),
    case(
        "an order's refund is spread up to what its lines have",
        order("2026-01-01", 100, line(25, "shoes"), line(15, "bags"), refunded=60),
        ann={"spend": 40, "spend[category=bags|shoes]": 0, "units": 0},
    ),
    case(
        "a refund is taken from goods first: gift cards have no share of it",
        order("2026-01-01", 400, line(100, "shoes"), line(300, "cards", gift_card=True), refunded=50),
        ann={"spend": 50, "spend[category=shoes]": 50},
    ),
    case(
        "lines that come to more than their order share its refund all the same",
        order("2026-01-01", 100, line(30, "shoes"), line(110, "bags"), tax=10, refunded=89),
        ann={"spend": 1, "spend[category=shoes]": 11, "spend[category=bags]": 40},
    ),
    case(
        "units are net of refunded ones, floored",
        order("2026-01-01", 3000, line(3000, quantity=3, refunded=1000), refunded=1000),
        order("2026-01-02", 3000, line(3000, quantity=3, refunded=999), refunded=999),
        order("2026-01-03", 3000, line(2000, quantity=5, refunded=2000), line(1000), refunded=2000),
        ann={"units": 6, "orders": 3},
    ),
    case(
        "the largest quantities are netted as exactly",
        order("2026-01-01", 10**13, line(10**13, quantity=10**9), refunded=9 * 10**12 + 7),
        ann={"units": 100_000_000},
    ),
    case(
        "refunds that name no line take their share of the units",
        order("2026-01-01", 100, line(50, "a", quantity=10), line(50, "b", quantity=2), refunded=50),
        ann={"units": 6, "units[category=a]": 5, "units[category=b]": 1},
    ),
    case(
        "free lines have units, gift cards have none",
        order("2026-01-01", 350, line(0, quantity=4), line(50, quantity=3, gift_card=True), line(300)),
        order("2026-01-02", 0, line(0, quantity=10)),
        order("2026-01-03", 10, line(10, quantity=20), refunded=10),
        order("2026-01-04", 10, line(10, quantity=20), status="pending"),
        ann={"units": 15},
    ),
    case(
        "categories are distinct and known, of lines that weren't refunded whole",
        order(
            "2026-01-01", 60, line(10, "a"), line(10, "a"), line(10), line(30, "b", refunded=29), refunded=29
        ),
        order("2026-01-02", 30, line(10, "c", refunded=10), line(20, "a"), refunded=10),
        order("2026-01-03", 40, line(0, "d"), line(40, "cards", gift_card=True)),
        order("2025-01-01", 40, line(40, "e")),
        ann={"categories": 4, "categories[12 months]": 3, "categories[category=a|b]": 2},
    ),
    case(
        "discounts and trends see the narrowed orders",
        order("2026-06-27", 100, line(40, "a"), line(60, "b"), channel="pos", discount=100),
        order("2026-06-30", 100, line(60, "a"), line(40, "b"), channel="online"),
        ann={
            "order_value_trend[4 days, category=a]": 15000,
            "order_frequency_trend[4 days, category=a]": 10000,
            "discounted_share[channel=pos]": 5000,
            "discounted_share[channel=online]": 0,
        },
    ),
)
