"""The job of three-tier-rfm.json as SQL for DuckDB, as one who knows it well would write it by hand.

It takes shortcuts that a program can't: the window is two instants, local days are only computed once for a
customer, and ranks of few distinct values come from their histogram. Figures in cents; no score without an order.
"""

import sys
from pathlib import Path

import duckdb

from benchmarks.data import SIZES, Size

SESSION = """
    SET enable_progress_bar = false;
    SET TimeZone = 'America/New_York';
"""

CHECKS = """
    SELECT
        (SELECT count(*) FROM '{customers}' WHERE customer_id IS NULL OR created_at IS NULL)
        + (SELECT count(*) - count(DISTINCT customer_id) FROM '{customers}')
        + (SELECT count(*) - count(DISTINCT order_id) FROM '{orders}')
        + (SELECT count(*) FROM '{orders}' ANTI JOIN '{customers}' USING (customer_id))
        + (
            SELECT count(*) FROM '{orders}'
            WHERE order_id IS NULL OR placed_at IS NULL OR total IS NULL
                OR tax < 0 OR shipping < 0 OR refunded < 0 OR total < tax + shipping OR total < refunded
                OR status NOT IN (
                    'paid', 'partially_refunded', 'refunded', 'pending', 'failed', 'cancelled', 'voided'
                )
        )
"""

FIGURES = """
    CREATE TABLE figure AS
    WITH purchase AS (
        SELECT
            customer_id,
            placed_at,
            -- Narrow decimals are 64-bit integers; sums of wide ones would need 128 bits.
            total::DECIMAL(14, 2) - tax::DECIMAL(14, 2) - shipping::DECIMAL(14, 2) AS goods,
            coalesce(refunded::DECIMAL(16, 2), CASE WHEN status = 'refunded' THEN goods ELSE 0 END) AS back
        FROM '{orders}'
        WHERE status IN ('paid', 'partially_refunded', 'refunded')
            AND placed_at >= TIMESTAMPTZ '2025-11-01 00:00 America/New_York'
            AND placed_at < TIMESTAMPTZ '2026-11-01 00:00 America/New_York'
    )
    SELECT
        customer_id,
        (sum(goods - back) * 100)::BIGINT AS spend,
        count(*) AS orders,
        max(placed_at)::DATE AS last_day
    FROM purchase
    WHERE back = 0 OR back < goods
    GROUP BY customer_id
"""

STANDINGS = """
    COPY (
        WITH
            everyone AS (SELECT count(*) AS n FROM figure),
            by_day AS (
                SELECT last_day, (sum(count(*)) OVER (ORDER BY last_day) - count(*))::BIGINT AS worse
                FROM figure GROUP BY last_day
            ),
            by_orders AS (
                SELECT orders, (sum(count(*)) OVER (ORDER BY orders) - count(*))::BIGINT AS worse
                FROM figure GROUP BY orders
            ),
            scored AS (
                SELECT
                    customer_id,
                    spend,
                    orders,
                    1 + 5 * by_day.worse // n AS recency,
                    1 + 5 * by_orders.worse // n AS frequency,
                    1 + 5 * (rank() OVER (ORDER BY spend) - 1) // n AS monetary
                FROM figure JOIN by_day USING (last_day) JOIN by_orders USING (orders) CROSS JOIN everyone
            )
        SELECT
            customer_id,
            CASE
                WHEN spend >= 1000000 AND orders >= 6 AND recency >= 3 THEN 'platinum'
                WHEN spend >= 500000 THEN 'gold'
                WHEN spend >= 200000 OR (recency >= 4 AND frequency >= 5 AND monetary >= 3) THEN 'silver'
            END AS tier,
            coalesce(spend, 0) AS spend,
            coalesce(orders, 0) AS orders,
            recency,
            frequency,
            monetary
        FROM '{customers}' LEFT JOIN scored USING (customer_id)
        ORDER BY customer_id
    ) TO '{out}' (FORMAT parquet)
"""


def evaluate(size: Size, out: Path, *, checked: bool) -> None:
    """Writes everybody's tier and figures; with `checked`, refuses what vip-rules refuses."""
    names = {"customers": size.customers_file, "orders": size.orders_file, "out": out}
    with duckdb.connect() as database:
        database.execute(SESSION)
        if checked and (bad := database.execute(CHECKS.format(**names)).fetchall()[0][0]):
            raise SystemExit(f"{bad} rows can't be right")
        database.execute(FIGURES.format(**names))
        database.execute(STANDINGS.format(**names))


if __name__ == "__main__":
    evaluate(SIZES[sys.argv[1]], Path(sys.argv[2]), checked="--checked" in sys.argv)
