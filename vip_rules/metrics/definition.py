"""What a metric is: one definition that every engine, sentence, schema and reference table is made from.

A metric asks for *parts*, simple aggregates of a customer's rows in a window, and says how its figure is made of them.
The parts are data, so that one pass over the orders serves every metric of a program; the figure is a Narwhals
expression, so that it is the same on Polars, DuckDB and Spark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

    Expr = nw.Expr
else:
    Expr = Any

Rows = Literal["orders", "counted", "lines", "events", "customer"]
"""Whose rows the parts aggregate: real orders; counted ones with those that were refunded whole; lines; events; none."""

Span = Literal["whole", "first half", "second half"]


class Unit(Enum):
    """What a figure counts, and so how it is written in a program and shown: `text` units compare by name."""

    MONEY = "money"
    COUNT = "count"
    DAYS = "days"
    SCORE = "score"
    PERCENT = "percent"
    TEXT = "text"
    SET = "set"

    @property
    def is_text(self) -> bool:
        """Whether comparators for text apply; a set holds several texts, and `is` means that it contains one."""
        return self in (Unit.TEXT, Unit.SET)


class Windows(Enum):
    """Which windows a metric allows."""

    NONE = "none"
    ANY = "any"
    BOUNDED = "bounded"


@dataclass(frozen=True, slots=True)
class Part:
    """An aggregate of a column over the rows in the window, or in the half of it that `span` names.

    `sum`, `count` of rows, the `least` or `most`, `distinct` (how many different values), `values` (their set).
    """

    how: Literal["sum", "count", "least", "most", "distinct", "values"]
    column: str = ""
    span: Span = "whole"


@dataclass(frozen=True, slots=True)
class Rank:
    """A place among the population: the customers with an order in the window. `part` names what is ranked, more is better.

    A day (a part of the column `day`) is ranked by how long ago it was.
    """

    part: str


class Parts(Mapping[str, "Expr"]):
    """The parts of one customer as expressions, with the local day of the evaluation.

    `as_of` is a number, or a column where customers are evaluated as of days of their own: reckon and compare with it.
    For each rank, `worse(name)` is how many of the population are strictly worse, to a ten-thousandth of it, and
    `population` how many there are; the first is unknown for customers outside it.
    """

    def __init__(self, parts: Mapping[str, Expr], as_of: int | Expr) -> None:
        self._parts, self.as_of = parts, as_of

    def __getitem__(self, name: str) -> Expr:
        return self._parts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def worse(self, rank: str) -> Expr:
        """How many of the population are strictly worse in a rank."""
        return self._parts[f"{rank}: worse"]

    @property
    def population(self) -> Expr:
        """How many customers have an order in the window."""
        return self._parts["population"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric that rules can use. Register it with the hook `vip_rules_metrics`.

    `sentence` is a noun phrase with `{window}`; `least` and `most` bound sensible targets, in the figure's unit (percent:
    hundredths). `filters` are the keys that `where` may have.

    >>> from vip_rules.metrics.definition import Metric, Part, Unit
    >>> Metric(name="biggest_order", title="Biggest order", unit=Unit.MONEY, rows="orders",
    ...        parts={"biggest": Part("most", "value")}, figure=lambda p: p["biggest"],
    ...        sentence="biggest order {window}", description="The value of the window's biggest order.").name
    'biggest_order'
    """

    name: str
    title: str
    description: str
    unit: Unit
    rows: Rows
    figure: Callable[[Parts], Expr]
    sentence: str
    parts: Mapping[str, Part] = field(default_factory=dict)
    ranks: Mapping[str, Rank] = field(default_factory=dict)
    windows: Windows = Windows.ANY
    filters: tuple[str, ...] = ()
    least: int = 0
    most: int | None = None
    needs: tuple[str, ...] = ()
    """Optional input columns without which the figure would mean nothing: "orders.discount"."""

    @property
    def adds_up(self) -> bool:
        """Whether its figure is a sum or a count, and so 0 where there is nothing."""
        hows = [part.how for part in self.parts.values()]
        return not self.ranks and hows in (["sum"], ["count"], ["distinct"])


def hundredths(part: Expr, whole: Expr) -> Expr:
    """10,000 · part // whole in integers, unknown where the whole is 0; in two steps, so that 64 bits are never left."""
    percent, rest = divide(part * 100, whole), (part * 100) % whole
    return percent * 100 + divide(rest * 100, whole)


def divide(dividend: Expr, divisor: Expr) -> Expr:
    """Floor division of non-negative integers, unknown where the divisor is 0."""
    return dividend // divisor
