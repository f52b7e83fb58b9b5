"""The file of orders."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from vip_rules.files.amounts import Amount
from vip_rules.files.columns import Choice, CurrencyCode, Flag, Identifier, Moment, Row, Setting, Text
from vip_rules.files.exchange import NUMERATOR, converted, daily_rates, too_large
from vip_rules.files.identity import Referred
from vip_rules.files.reading import LONGEST_LIST, SetAside
from vip_rules.files.reasons import Reason
from vip_rules.files.sheet import LINE, Column, Rule, Sheet
from vip_rules.files.sifting import Sifted
from vip_rules.history import ORDERS
from vip_rules.model import LARGEST_AMOUNT, ORDER_STATUSES
from vip_rules.rates import Rates

AMOUNTS = ("total", "tax", "shipping", "refunded", "discount")
EXAMPLES = 3
AS_IT_IS = "totals are taken as they are"


def _tax_and_shipping_above_total(values: Mapping[str, pl.Expr]) -> pl.Expr:
    return values["tax"] + values["shipping"] > values["total"]


def _more_than_total(row: Row) -> Reason:
    parts = [name for name in ("tax", "shipping") if row.get(name)]
    words = f"{' {} and '.join(parts)} {{}} make more than the total {{}}, which includes them"
    return Reason.of(words, *[row[name] for name in (*parts, "total")])


SHEET = Sheet(
    "orders",
    (
        Column("order_id", Identifier(), required=True, also=("id", "order", "order_number", "name")),
        Column(
            "customer_id",
            Identifier(reference=True),
            required=True,
            may_be_blank=True,
            also=("customer", "email", "customer_email"),
        ),
        Column(
            "placed_at", Moment(), "day", required=True, also=("date", "order_date", "created", "created_at")
        ),
        Column("total", Amount(), required=True, also=("amount", "total_price", "order_total")),
        Column("tax", Amount(), default=0, absent=AS_IT_IS),
        Column("shipping", Amount(), default=0, absent=AS_IT_IS),
        Column("refunded", Amount(), absent="nothing was given back unless status says so"),
        Column("currency", CurrencyCode(), "foreign"),
        Column("status", Choice(ORDER_STATUSES), default="paid", absent="every order counts as paid"),
        Column("channel", Text()),
        Column("discount", Amount()),
        Column("test", Flag(), default=False),
    ),
    (
        Rule(("total", "tax", "shipping"), _tax_and_shipping_above_total, _more_than_total),
        Rule(
            ("total", "refunded"),
            lambda values: values["refunded"] > values["total"],
            lambda row: Reason.of("refunded {} is more than the total {}", row["refunded"], row["total"]),
        ),
    ),
)


def exchange(orders: Sifted, setting: Setting, rates: Rates) -> tuple[pl.DataFrame, tuple[SetAside, ...]]:
    """Converts the orders of other currencies, and sets those aside that have no rate: their ids, and the report of them."""
    nothing = pl.DataFrame(schema={LINE: pl.Int64, "order_id": pl.String})
    if "currency" not in orders.present:
        return nothing, ()
    foreign = orders.rows.filter(pl.col("foreign").is_not_null())
    seen = foreign.select(
        pl.col("foreign").unique().implode(),
        pl.col("day").min().alias("first"),
        pl.col("day").max().alias("last"),
    ).collect(engine="streaming")
    codes, first, last = seen.row(0)
    if first is None:
        return nothing, ()
    table = daily_rates(rates, codes, setting.currency, first, last)
    orders.rows = orders.rows.join(table.lazy(), on=["foreign", "day"], how="left", maintain_order="left")
    lacking = orders.rows.filter(pl.col("foreign").is_not_null() & pl.col(NUMERATOR).is_null())
    aside = lacking.select(LINE, "order_id", "foreign").collect(engine="streaming")
    orders.leave(aside)
    orders.rows = orders.rows.with_columns(
        too_large(AMOUNTS).alias("too large"), *[converted(amount) for amount in AMOUNTS]
    ).with_columns(*_clamped())
    large = orders.rows.filter("too large").select(LINE, "order_id").collect(engine="streaming").sort(LINE)
    orders.spoiled = pl.concat([orders.spoiled, large])
    limit = setting.currency.shown(LARGEST_AMOUNT)
    reason = Reason.of(f"an amount is more than {limit} when it is converted")
    orders.reject(large, ((line, reason) for line in large[LINE].head(LONGEST_LIST)))
    return aside.select(LINE, "order_id"), _reported(aside)


def _clamped() -> list[pl.Expr]:
    """Each amount is rounded for itself; what held before still has to hold."""
    total, tax, shipping, refunded = (pl.col(name) for name in ("total", "tax", "shipping", "refunded"))
    tax = pl.min_horizontal(tax, total)
    return [
        tax.alias("tax"),
        pl.min_horizontal(shipping, total - tax).alias("shipping"),
        pl.when(refunded > total).then(total).otherwise(refunded).alias("refunded"),
    ]


def _reported(aside: pl.DataFrame) -> tuple[SetAside, ...]:
    by_currency = aside.group_by("foreign").agg(
        pl.len().alias("count"), pl.col("order_id").sort().head(EXAMPLES).alias("examples")
    )
    return tuple(SetAside(code, n, tuple(ids)) for code, n, ids in by_currency.sort("foreign").iter_rows())


def canonical(orders: Sifted) -> pl.LazyFrame:
    """The parsed rows as evaluation sees them. A blank discount is none, where the file tells discounts at all."""
    discount = pl.col("discount").fill_null(0) if "discount" in orders.present else pl.col("discount")
    return orders.rows.with_columns(discount).select(*ORDERS)


def ratios(orders: Sifted) -> pl.LazyFrame | None:
    """The currency and ratio of each order of another currency, for its lines; None if there is no such order."""
    if NUMERATOR not in orders.rows.collect_schema():
        return None
    return orders.rows.filter(pl.col("foreign").is_not_null()).select(
        "order_id", "foreign", NUMERATOR, "denominator"
    )


def referred(orders: Sifted, left: pl.DataFrame) -> Referred:
    """What lines can refer to."""
    return Referred(
        orders.file,
        "order",
        orders.rows.select("order_id"),
        left.lazy().select("order_id"),
        orders.spoiled.lazy().select("order_id"),
    )
