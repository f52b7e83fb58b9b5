"""Records: qualifications as they are written for others, to JSON Lines, CSV or Parquet.

A record has customer_id, tier, qualified_tier, status, metrics, reasons, next_tier and progress. The nested ones are JSON in
every format. Money is a decimal text, a percentage a decimal number, anything unknown null. They are made column by column
and not customer by customer, so that a million records take seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import polars as pl

from vip_rules.comparators import Target
from vip_rules.conditions import Test, holds
from vip_rules.jsontext import (
    Pieces,
    array_of_present,
    boolean,
    constant,
    decimal,
    decimal_text,
    joined,
    json_array,
    json_object,
    text,
    text_set,
    whole,
)
from vip_rules.localdays import day_date
from vip_rules.metrics.definition import Unit
from vip_rules.metrics.figure import Figure
from vip_rules.model import Currency
from vip_rules.outfiles import check_target, written_whole
from vip_rules.progress import Requirement, missing
from vip_rules.qualification import Qualifications, comparisons_of, test_names

if TYPE_CHECKING:
    from polars import Expr

FORMATS: Final = (".jsonl", ".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Records:
    """Everybody's record, sorted by customer_id.

    The `members` are made of the columns of `frame`: plain texts as a column, JSON in pieces.
    """

    frame: pl.LazyFrame
    members: Mapping[str, Expr | Pieces]

    def columns(self) -> pl.LazyFrame:
        """A column a member, JSON as text."""
        return self.frame.select(
            **{
                name: joined(value) if isinstance(value, tuple) else value
                for name, value in self.members.items()
            }
        )

    def lines(self) -> pl.LazyFrame:
        """One column, a JSON object each."""
        members = self.members.items()
        return self.frame.select(
            joined(
                json_object(
                    (name, value if isinstance(value, tuple) else (text(value),)) for name, value in members
                )
            )
        )


def write_records(qualifications: Qualifications, path: Path, *, brief: bool = False) -> None:
    """Write everybody's record to a file, in the format that its name ends in; the file appears once it is whole.

    Raises UsageError for a file that can't be written.
    """
    check_target(path, FORMATS)
    records = records_of(qualifications, brief=brief)
    with written_whole(path) as part:
        match path.suffix.lower():
            case ".parquet":
                # The texts repeat themselves: the quickest compression makes them as small as any.
                records.columns().sink_parquet(part, compression="zstd", compression_level=1)
            case ".csv":
                records.columns().with_columns(customer_id=_harmless(pl.col("customer_id"))).sink_csv(part)
            case _:
                records.lines().sink_csv(part, include_header=False, quote_style="never")


def _harmless(column: Expr) -> Expr:
    """Texts that no spreadsheet takes for a formula: an apostrophe before what one could begin with."""
    return (
        pl.when(column.str.contains(r"^[=+\-@\t\r]"))
        .then(pl.concat_str(pl.lit("'"), column))
        .otherwise(column)
    )


def records_of(qualifications: Qualifications, *, brief: bool = False, progress: bool = True) -> Records:
    """Everybody's record; a brief one has no reasons and no `progress`, which takes longer than all the rest."""
    currency, figures = qualifications.program.currency, qualifications.program.figures()
    left_out = {"reasons", "progress"} if brief else set() if progress else {"progress"}
    frame = qualifications.frame
    if "progress" not in left_out:
        frame = frame.with_columns(progress=_progress(qualifications))
    members: dict[str, Expr | Pieces] = {
        "customer_id": pl.col("customer_id"),
        "tier": pl.col("tier"),
        "qualified_tier": pl.col("tier"),
        "status": pl.when(pl.col("tier").is_null()).then(pl.lit("none")).otherwise(pl.lit("member")),
        "metrics": json_object((figure.key, (pl.col(_json(figure)),)) for figure in figures),
        "reasons": _reasons(qualifications),
        "next_tier": pl.col("next_tier"),
        "progress": (pl.col("progress"),),
    }
    return Records(
        frame.lazy().with_columns(_shown(figures, currency)),
        {name: value for name, value in members.items() if name not in left_out},
    )


def _reasons(qualifications: Qualifications) -> Pieces:
    """Each comparison of each tier: its figure, its target, and whether it held."""
    held = {test: pl.col(name) for test, name in test_names(qualifications.program).items()}
    return json_array(
        json_object(
            [
                ("tier", (constant(tier.id),)),
                ("condition", (constant(comparison.pointer),)),
                *_compared(comparison.figure, comparison.tests, qualifications.program.currency),
                ("held", (boolean(holds(comparison, held)),)),
            ]
        )
        for tier, comparison in comparisons_of(qualifications.program)
    )


def _progress(qualifications: Qualifications) -> pl.Series:
    """For each customer, in the order of the frame, what is missing to their next tier, as a JSON array."""
    currency = qualifications.program.currency
    indexed = qualifications.frame.with_row_index("row")
    parts = [indexed.lazy().filter(pl.col("next_tier").is_null()).select("row", progress=pl.lit("[]"))]
    for tier in qualifications.program.tiers:
        climbing = indexed.filter(pl.col("next_tier") == tier.id)
        lacking = missing(tier.qualify, nw.from_native(climbing, eager_only=True))
        flags = [lacks.to_native().alias(f"lacks {n}") for n, lacks in enumerate(lacking.values())]
        figures = list(dict.fromkeys(requirement.figure for requirement in lacking))
        entries = [
            pl.when(flag.name).then(joined(_entry(requirement, climbing, qualifications)))
            for requirement, flag in zip(lacking, flags, strict=True)
        ]
        told = climbing.lazy().with_columns(flags).with_columns(_shown(figures, currency))
        parts.append(told.select("row", progress=joined(array_of_present(entries))))
    return pl.concat(parts).sort("row").collect(engine="streaming")["progress"]


def _entry(requirement: Requirement, climbing: pl.DataFrame, qualifications: Qualifications) -> Pieces:
    figure, currency = requirement.figure, qualifications.program.currency
    gap: Expr | str = "null"
    if requirement.measurable:
        gap = _figure_json(figure, requirement.gap(pl.col(figure.key)), currency)
    return json_object(
        [
            *_compared(figure, [Test(requirement.comparator, requirement.target)], currency),
            ("gap", (gap,)),
            ("by", (_by(requirement, climbing, qualifications.as_of),)),
        ]
    )


def _by(requirement: Requirement, climbing: pl.DataFrame, as_of: int) -> Expr | str:
    """The last day on which the figure still is what it is now, if nothing is added."""
    name = requirement.known
    if name is None:
        return "null"
    known = climbing[name].drop_nulls().unique().to_list()
    last = {day: requirement.counts_through(day, as_of) for day in known}
    shown = {day: "null" if through is None else f'"{day_date(through)}"' for day, through in last.items()}
    return pl.col(name).replace_strict(shown, default="null", return_dtype=pl.String)


def _compared(figure: Figure, tests: Iterable[Test], currency: Currency) -> list[tuple[str, Pieces]]:
    """A figure with its targets, by their comparators, as a program writes them."""
    targets = [(test.comparator, (target_json(figure, test.target, currency),)) for test in tests]
    return [("metric", (constant(figure.key),)), ("figure", (pl.col(_json(figure)),)), *targets]


def target_json(figure: Figure, target: Target, currency: Currency) -> str:
    """A target as JSON, written like the figures that it is compared with."""
    if isinstance(target, int) and not isinstance(target, bool):
        shown = figure.text(target, currency)
        return constant(shown) if figure.metric.unit is Unit.MONEY else str(shown)
    return constant(target)


def _json(figure: Figure) -> str:
    return f"json of {figure.key}"


def _shown(figures: Iterable[Figure], currency: Currency) -> list[Expr]:
    return [_figure_json(figure, pl.col(figure.key), currency).alias(_json(figure)) for figure in figures]


def _figure_json(figure: Figure, column: Expr, currency: Currency) -> Expr:
    match figure.metric.unit:
        case Unit.MONEY:
            return decimal_text(column, currency.exponent)
        case Unit.PERCENT:
            return decimal(column, 2)
        case Unit.TEXT:
            return text(column)
        case Unit.SET:
            return text_set(column)
        case _:
            return whole(column)
