"""Records: standings as they are written for others, to JSON Lines, CSV or Parquet.

A record has customer_id, tier, qualified_tier, status, metrics, reasons, next_tier and progress. The nested ones are JSON in
every format. Money is a decimal text, a percentage a decimal number, anything unknown null. They are made column by column
and not customer by customer, so that a million records take seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import and_
from pathlib import Path
from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import polars as pl

from vip_rules import jsontext
from vip_rules.comparators import Target
from vip_rules.conditions import Comparison, Test
from vip_rules.errors import UsageError
from vip_rules.localdays import day_date
from vip_rules.metrics.definition import Unit
from vip_rules.metrics.figure import Figure
from vip_rules.model import Currency
from vip_rules.progress import Requirement, missing
from vip_rules.standings import Standings, comparisons_of, test_name

if TYPE_CHECKING:
    from polars import Expr

FORMATS: Final = (".jsonl", ".csv", ".parquet")
PLAIN: Final = ("customer_id", "tier", "qualified_tier", "status", "next_tier")
"""The columns that are plain text; the others are JSON."""


def check_target(path: Path) -> None:
    """Refuse a file that records can't be written to, before any work. Raises UsageError."""
    if path.suffix not in FORMATS:
        raise UsageError(f"{path}: expected a name that ends in {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}: make it first, or name another")


def write_records(standings: Standings, path: Path, *, brief: bool = False) -> None:
    """Write everybody's record to a file, in the format that its name ends in; the file appears once it is whole.

    Raises UsageError for a name that `check_target` refuses.
    """
    check_target(path)
    records, part = records_of(standings, brief=brief), path.with_name(f".{path.name}.part")
    try:
        match path.suffix:
            case ".parquet":
                records.sink_parquet(part)
            case ".csv":
                records.sink_csv(part)
            case _:
                json_lines(records).sink_csv(part, include_header=False, quote_style="never")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def records_of(standings: Standings, *, brief: bool = False) -> pl.LazyFrame:
    """Everybody's record, sorted by customer_id; a brief one has no reasons and no progress."""
    currency, figures = standings.program.currency, standings.program.figures()
    frame = standings.frame
    told: dict[str, Expr] = {"next_tier": pl.col("next_tier")}
    if not brief:
        frame, progress = _progress(standings)
        told = {"reasons": _reasons(standings), **told, "progress": progress}
    return (
        frame.lazy()
        .with_columns(_shown(figure, pl.col(figure.key), currency).alias(_json(figure)) for figure in figures)
        .select(
            "customer_id",
            "tier",
            qualified_tier="tier",
            status=pl.when(pl.col("tier").is_null()).then(pl.lit("none")).otherwise(pl.lit("member")),
            metrics=jsontext.json_object((figure.key, pl.col(_json(figure))) for figure in figures),
            **told,
        )
    )


def json_lines(records: pl.LazyFrame) -> pl.LazyFrame:
    """Records as one column, a JSON object each."""
    names = records.collect_schema().names()
    return records.select(
        jsontext.json_object(
            (name, jsontext.text(pl.col(name)) if name in PLAIN else pl.col(name)) for name in names
        )
    )


def _reasons(standings: Standings) -> Expr:
    """Each comparison of each tier: its figure, its target, and whether it held."""
    return jsontext.json_array(
        jsontext.json_object(
            [
                ("tier", jsontext.constant(tier.id)),
                ("condition", jsontext.constant(comparison.pointer)),
                *_compared(comparison.figure, comparison.tests, standings.program.currency),
                ("held", jsontext.boolean(_held(comparison))),
            ]
        )
        for tier, comparison in comparisons_of(standings.program)
    )


def _held(comparison: Comparison) -> Expr:
    return reduce(and_, (pl.col(test_name(comparison.figure, test)) for test in comparison.tests))


def _progress(standings: Standings) -> tuple[pl.DataFrame, Expr]:
    """The frame with columns for what each customer lacks for their next tier, and the JSON array made of them."""
    frame = nw.from_native(standings.frame, eager_only=True)
    flags: list[pl.Series] = []
    entries: list[Expr] = []
    for tier in standings.program.tiers:
        climbing = frame.get_column("next_tier") == tier.id
        for requirement, lacks in missing(tier.qualify, frame).items():
            flags.append((lacks & climbing).to_native().alias(f"lacks {len(flags)}"))
            entries.append(pl.when(flags[-1].name).then(_entry(requirement, standings)))
    return standings.frame.with_columns(flags), jsontext.json_array(entries)


def _entry(requirement: Requirement, standings: Standings) -> Expr:
    figure, currency = requirement.figure, standings.program.currency
    gap: Expr | str = "null"
    if requirement.measurable:
        gap = _shown(figure, requirement.gap(pl.col(figure.key)), currency)
    return jsontext.json_object(
        [
            *_compared(figure, [Test(requirement.comparator, requirement.target)], currency),
            ("gap", gap),
            ("by", _by(requirement, standings)),
        ]
    )


def _by(requirement: Requirement, standings: Standings) -> Expr | str:
    """The last day on which the figure still is what it is now, if nothing is added."""
    name = requirement.known
    if name is None:
        return "null"
    known = standings.frame[name].drop_nulls().unique().to_list()
    last = {day: requirement.counts_through(day, standings.as_of) for day in known}
    shown = {day: "null" if through is None else f'"{day_date(through)}"' for day, through in last.items()}
    return pl.col(name).replace_strict(shown, default="null", return_dtype=pl.String)


def _compared(figure: Figure, tests: Iterable[Test], currency: Currency) -> list[jsontext.Member]:
    """A figure with its targets, by their comparators, as a program writes them."""
    targets = [(test.comparator, target_json(figure, test.target, currency)) for test in tests]
    return [("metric", jsontext.constant(figure.key)), ("figure", pl.col(_json(figure))), *targets]


def target_json(figure: Figure, target: Target, currency: Currency) -> str:
    """A target as JSON, written like the figures that it is compared with."""
    if isinstance(target, int) and not isinstance(target, bool):
        shown = figure.text(target, currency)
        return jsontext.constant(shown) if figure.metric.unit is Unit.MONEY else str(shown)
    return jsontext.constant(target)


def _json(figure: Figure) -> str:
    return f"json of {figure.key}"


def _shown(figure: Figure, column: Expr, currency: Currency) -> Expr:
    match figure.metric.unit:
        case Unit.MONEY:
            return jsontext.decimal_text(column, currency.exponent)
        case Unit.PERCENT:
            return jsontext.decimal(column, 2)
        case Unit.TEXT:
            return jsontext.text(column)
        case Unit.SET:
            return jsontext.text_set(column)
        case _:
            return jsontext.whole(column)
