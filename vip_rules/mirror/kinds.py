"""The kinds of rows that a history has: where the mirror keeps them, and which of them are real."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column, ColumnElement, Select, Table, func, literal, select, true

from vip_rules import history
from vip_rules.database.tables import customers, events, lines, orders

if TYPE_CHECKING:
    import polars as pl

_NOTHING: Final = {history.TEXT: "\x1f", history.AMOUNT: -1}
"""Stands for null on the way from a driver that guesses types by values; no text and no amount of a store is like that."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of rows: its table, the columns of its frame, and what the table calls those by another name.

    `real` are the rows that count in a history.
    """

    table: Table
    frame: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    real: ColumnElement[bool] = field(default_factory=true)

    def query(self, shop: int, *conditions: ColumnElement[bool]) -> Select[Any]:
        """The real rows of a shop, with something in place of null."""
        given = [self._filled(name, column).label(name) for name, column in self._columns.items()]
        return select(*given).where(self.table.c.shop == shop, self.real, *conditions)

    @property
    def raw(self) -> dict[str, type[pl.DataType]]:
        """The columns of the query, with their types."""
        import polars as pl

        return {name: getattr(pl, self.frame[name]) for name in self._columns}

    def typed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The frame of the query's rows."""
        import polars as pl

        def column(name: str, dtype: str) -> pl.Expr:
            kind: type[pl.DataType] = getattr(pl, dtype)
            if (kept := self._columns.get(name)) is None:
                return pl.lit(None, dtype=kind).alias(name)
            given = pl.col(name).cast(kind)
            return pl.when(given != _NOTHING[dtype]).then(given).alias(name) if kept.nullable else given

        return rows.select(column(name, dtype) for name, dtype in self.frame.items())

    @property
    def _columns(self) -> dict[str, Column[Any]]:
        """The table's columns, by the frame's names; the mirror knows nothing of earlier tiers."""
        named = {name: self.table.c.get(self.names.get(name, name)) for name in self.frame}
        return {name: column for name, column in named.items() if column is not None}

    def _filled(self, name: str, column: Column[Any]) -> ColumnElement[Any]:
        return func.coalesce(column, literal(_NOTHING[self.frame[name]])) if column.nullable else column


CUSTOMERS: Final = Kind(customers, history.CUSTOMERS, {"customer_id": "id"}, ~customers.c.gone)
ORDERS: Final = Kind(
    orders,
    history.ORDERS,
    {"order_id": "id"},
    # Said so that SQLite doesn't go through the index of customers to find all that have one.
    ~orders.c.test & ~orders.c.set_aside & (func.coalesce(orders.c.customer_id, "") != ""),
)
LINES: Final = Kind(lines, history.LINES)
EVENTS: Final = Kind(events, history.EVENTS)
