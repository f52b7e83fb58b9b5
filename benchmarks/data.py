"""The histories that the benchmarks read: customers and orders as Parquet, always the same, kept in benchmarks/data.

Like a real shop's: few customers place many orders, some stop coming, amounts are skewed, some orders are refunded
or never paid, and some are younger than the day of the evaluation.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

FOLDER = Path(__file__).with_name("data")
AS_OF = "2026-10-31"


@dataclass(frozen=True)
class Size:
    """How large a history is, and its files."""

    name: str
    customers: int
    orders: int

    @property
    def customers_file(self) -> Path:
        """Columns customer_id, created_at."""
        return FOLDER / f"{self.name}-customers.parquet"

    @property
    def orders_file(self) -> Path:
        """Columns order_id, customer_id, placed_at, total, tax, shipping, refunded, status, channel."""
        return FOLDER / f"{self.name}-orders.parquet"


SIZES = {
    size.name: size
    for size in (
        Size("tiny", 1_000, 10_000),
        Size("small", 100_000, 1_000_000),
        Size("large", 1_000_000, 10_000_000),
    )
}

HISTORY = """
    SET enable_progress_bar = false;

    -- A number of 0 to 1 that only depends on what it is for.
    CREATE MACRO chance(row, what) AS (hash(row, what) % 1_000_000_000) / 1_000_000_000.0;
    CREATE MACRO seconds(days) AS to_seconds((days * 86_400)::BIGINT);
    CREATE MACRO cents(amount) AS (amount::BIGINT * 0.01::DECIMAL(18, 2))::DECIMAL(18, 2);

    CREATE TABLE customer AS
    SELECT
        number,
        printf('C%08d', number) AS customer_id,
        TIMESTAMPTZ '2023-11-21 00:00:00+00' + seconds(first_day) AS created_at,
        first_day,
        -- Half of them stay; the others stop coming.
        CASE
            WHEN chance(number, 'stays') < 0.5 THEN 1095
            ELSE first_day + (1095 - first_day) * chance(number, 'leaves')
        END AS last_day,
        exp(0.5 * (chance(number, 'taste') + chance(number, 'purse') - 1)) AS purse
    FROM (SELECT range AS number, 1000 * sqrt(chance(range, 'joins')) AS first_day FROM range({customers}));

    COPY (SELECT customer_id, created_at FROM customer ORDER BY number) TO '{customers_file}';

    CREATE TABLE purchase AS
    SELECT
        range AS number,
        -- A cubic curve gives a few customers up to twenty times the average; the prime scatters them.
        floor({customers} * (0.05 * who + 0.95 * who * who * who))::BIGINT * 7919 % {customers} AS buyer,
        exp(4.6 + 1.7 * (chance(range, 'a') + chance(range, 'b') + chance(range, 'c') - 1.5)) AS size,
        chance(range, 'when') AS moment,
        chance(range, 'fate') AS fate
    FROM (SELECT range, chance(range, 'who') AS who FROM range({orders}));

    COPY (
        WITH priced AS (
            SELECT
                purchase.number,
                customer_id,
                created_at + seconds((last_day - first_day) * moment) AS placed_at,
                CASE WHEN fate >= 0.998 THEN 0 ELSE (100 * size * purse)::BIGINT END AS goods,
                CASE WHEN size > 100 THEN 0 WHEN size > 50 THEN 595 ELSE 995 END AS shipping,
                CASE
                    WHEN fate < 0.02 THEN 'refunded'
                    WHEN fate < 0.05 THEN 'partially_refunded'
                    WHEN fate < 0.06 THEN 'pending'
                    WHEN fate < 0.07 THEN 'cancelled'
                    WHEN fate < 0.075 THEN 'failed'
                    WHEN fate < 0.08 THEN 'voided'
                    ELSE 'paid'
                END AS status,
                fate
            FROM purchase JOIN customer ON buyer = customer.number
        )
        SELECT
            printf('O%09d', number) AS order_id,
            customer_id,
            placed_at,
            cents(goods + goods * 8 // 100 + shipping) AS total,
            cents(goods * 8 // 100) AS tax,
            cents(shipping) AS shipping,
            CASE
                -- Some exports have no figure for what was refunded in full.
                WHEN status = 'refunded' THEN CASE WHEN fate < 0.01 THEN NULL ELSE cents(goods) END
                WHEN status = 'partially_refunded' THEN cents(goods * (1 + number % 4) // 5)
                ELSE cents(0)
            END AS refunded,
            status,
            CASE WHEN number % 3 = 0 THEN 'pos' ELSE 'online' END AS channel
        FROM priced ORDER BY number
    ) TO '{orders_file}' (FORMAT parquet);
"""


def make(size: Size) -> None:
    """Writes the two files of a size, unless they are there from an earlier run."""
    if size.orders_file.exists():
        return
    FOLDER.mkdir(exist_ok=True)
    unfinished = size.orders_file.with_suffix(".part")
    with duckdb.connect() as database:
        database.execute(
            HISTORY.format(
                customers=size.customers,
                orders=size.orders,
                customers_file=size.customers_file,
                orders_file=unfinished,
            )
        )
    unfinished.rename(size.orders_file)


if __name__ == "__main__":
    make(SIZES[sys.argv[1]])
