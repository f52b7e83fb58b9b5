"""The job of three-tier-rfm.json as plain Polars, as one who knows it well would write it by hand.

It takes shortcuts that a program can't: the window is two instants, and local days are only computed once for
a customer. Figures in cents; no score without an order.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
from polars import col

from benchmarks.data import SIZES, Size

ZONE = ZoneInfo("America/New_York")
FIRST = datetime(2025, 11, 1, tzinfo=ZONE).astimezone(UTC)
END = datetime(2026, 11, 1, tzinfo=ZONE).astimezone(UTC)
COUNTED = ["paid", "partially_refunded", "refunded"]
STATUSES = [*COUNTED, "pending", "failed", "cancelled", "voided"]


def figures(orders: pl.LazyFrame) -> pl.LazyFrame:
    """Spend, orders and last day of each customer with a counted order in the window."""
    goods = cents("total") - cents("tax") - cents("shipping")
    return (
        orders.filter(col("status").is_in(COUNTED), col("placed_at") >= FIRST, col("placed_at") < END)
        .select("customer_id", "placed_at", "status", goods=goods, back=cents("refunded"))
        .with_columns(
            back=pl.coalesce("back", pl.when(col("status") == "refunded").then("goods").otherwise(0))
        )
        .filter((col("back") == 0) | (col("back") < col("goods")))
        .group_by("customer_id")
        .agg(
            spend=(col("goods") - col("back")).sum(),
            orders=pl.len().cast(pl.Int64),
            last_day=col("placed_at").max().dt.convert_time_zone(ZONE.key).dt.date(),
        )
    )


def standings(customers: pl.LazyFrame, figure: pl.LazyFrame) -> pl.LazyFrame:
    """Everybody's tier and figures, sorted by id."""
    scored = figure.with_columns(
        recency=score("last_day"), frequency=score("orders"), monetary=score("spend")
    )
    regular = (col("recency") >= 4) & (col("frequency") >= 5) & (col("monetary") >= 3)
    tier = (
        pl.when(col("spend") >= 1_000_000, col("orders") >= 6, col("recency") >= 3)
        .then(pl.lit("platinum"))
        .when(col("spend") >= 500_000)
        .then(pl.lit("gold"))
        .when((col("spend") >= 200_000) | regular)
        .then(pl.lit("silver"))
    )
    return (
        customers.select("customer_id")
        .join(scored, on="customer_id", how="left")
        .with_columns(col("spend", "orders").fill_null(0))
        .select("customer_id", "spend", "orders", "recency", "frequency", "monetary", tier=tier)
        .sort("customer_id")
    )


def cents(amount: str) -> pl.Expr:
    """An amount of two decimals as an integer, without arithmetic: decimals are integers within."""
    return col(amount).to_physical().cast(pl.Int64)


def score(figure: str) -> pl.Expr:
    """1 to 5: by how many fifths of the customers have a worse figure."""
    return 1 + 5 * (col(figure).rank("min").cast(pl.Int64) - 1) // pl.len()


def wrong_rows(customers: pl.LazyFrame, orders: pl.LazyFrame) -> int:
    """How many rows vip-rules would refuse."""
    missing = pl.any_horizontal(col("order_id", "customer_id", "placed_at", "total").is_null())
    amounts = [cents(amount) for amount in ("total", "tax", "shipping", "refunded")]
    total, tax, shipping, refunded = amounts
    impossible = (tax < 0) | (shipping < 0) | (refunded < 0) | (total < tax + shipping) | (total < refunded)
    counts = [
        customers.select(pl.len() - col("customer_id").n_unique()),
        customers.select(pl.any_horizontal(pl.all().is_null()).sum()),
        orders.select(pl.len() - col("order_id").n_unique()),
        orders.select((missing | impossible | ~col("status").is_in(STATUSES)).sum()),
        orders.join(customers, on="customer_id", how="anti").select(pl.len()),
    ]
    return sum(count.item() for count in pl.collect_all(counts, engine="streaming"))


def evaluate(size: Size, out: Path, *, checked: bool) -> None:
    """Writes everybody's tier and figures; with `checked`, refuses what vip-rules refuses."""
    customers = pl.scan_parquet(size.customers_file)
    orders = pl.scan_parquet(size.orders_file, parallel="row_groups")
    if checked and (bad := wrong_rows(customers, orders)):
        raise SystemExit(f"{bad} rows can't be right")
    standings(customers, figures(orders)).collect(engine="streaming").write_parquet(out)


if __name__ == "__main__":
    evaluate(SIZES[sys.argv[1]], Path(sys.argv[2]), checked="--checked" in sys.argv)
