"""The job of three-tier-rfm.json by vip-rules: as its command does it, with a reason for everything, and in Python."""

import sys
import time
from datetime import date
from pathlib import Path

import polars as pl
from polars import col

from benchmarks.data import AS_OF, SIZES, Size
from vip_rules.evaluate import evaluate
from vip_rules.files import read_history
from vip_rules.localdays import day_number
from vip_rules.program.load import load_program

PROGRAM = Path(__file__).with_name("three-tier-rfm.json")
FIGURES = {
    "spend": "spend[12 months]",
    "orders": "orders[12 months]",
    "recency": "rfm_recency[12 months]",
    "frequency": "rfm_frequency[12 months]",
    "monetary": "rfm_monetary[12 months]",
}
"""The names of the hand-written peers' columns, with ours."""


def command(size: Size, out: Path, *options: str) -> list[str]:
    """The command line that writes everybody's record: tier, figures and, unless they are to be brief, reasons and progress."""
    return [
        str(Path(sys.executable).with_name("vip-rules")),
        "evaluate",
        str(PROGRAM),
        *("--customers", str(size.customers_file)),
        *("--orders", str(size.orders_file)),
        *("--as-of", AS_OF),
        *("--out", str(out)),
        *options,
    ]


def answers_of_records(out: Path) -> pl.DataFrame:
    """Tiers and figures out of the records that the command wrote."""
    written = {"spend": pl.String} | dict.fromkeys(list(FIGURES)[1:], pl.Int64)
    metrics = pl.Struct({FIGURES[name]: dtype for name, dtype in written.items()})
    return (
        pl.read_parquet(out, columns=["customer_id", "tier", "metrics"])
        .with_columns(col("metrics").str.json_decode(metrics).struct.rename_fields(list(FIGURES)))
        .unnest("metrics")
        .with_columns(col("spend").str.replace(".", "", literal=True).cast(pl.Int64))
    )


def seconds_of_checks(out: Path) -> Path:
    """The file with the seconds that the checks of the input took, beside the written one."""
    return out.with_suffix(".checks")


def tiers_and_figures(size: Size, out: Path) -> None:
    """Writes everybody's tier and figures alone, by the functions that the command calls, and how long the checks took."""
    program = load_program(PROGRAM)
    start = time.perf_counter()
    history, _ = read_history(
        customers=size.customers_file,
        orders=size.orders_file,
        currency=program.currency,
        zone=program.timezone,
    )
    # The frames are lazy: so far their rows were only checked.
    seconds_of_checks(out).write_text(str(time.perf_counter() - start))
    qualifications = evaluate(program, history, day_number(date.fromisoformat(AS_OF)))
    qualifications.frame.select("customer_id", "tier", **FIGURES).write_parquet(out)


if __name__ == "__main__":
    tiers_and_figures(SIZES[sys.argv[1]], Path(sys.argv[2]))
