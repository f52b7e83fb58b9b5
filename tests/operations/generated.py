"""Databases with rows in every table, of every type, as no shop would have them."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st
from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, Table, insert

from tests.database.opened import shop_of
from vip_rules.database.connection import Database
from vip_rules.database.copying import TABLES
from vip_rules.database.tables import ledger, shops
from vip_rules.ledger import Entry, Ledger

Rows = dict[str, list[dict[str, Any]]]

# Neither database takes half a character, and PostgreSQL takes no NUL.
TEXTS: Final = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


def _values(column: Column[Any]) -> st.SearchStrategy[Any]:
    match column.type:
        case Boolean():
            found: st.SearchStrategy[Any] = st.booleans()
        case BigInteger():
            found = st.integers(-(2**63), 2**63 - 1)
        case Integer():
            found = st.integers(-(2**31), 2**31 - 1)
        case LargeBinary():
            found = st.binary(max_size=12)
        case _:
            found = TEXTS
    if column.name == "number":
        found = st.integers(1, 2**40)
    elif column.name == "shop":
        found = st.integers(1, 2)
    return st.none() | found if column.nullable else found


def _unique(table: Table) -> list[list[str]]:
    keys = [[column.name for column in table.primary_key]]
    return [*keys, ["shop", "key"]] if table.name == "outbox" else keys


def _rows(table: Table) -> st.SearchStrategy[list[dict[str, Any]]]:
    row = st.fixed_dictionaries({column.name: _values(column) for column in table.columns})
    unique = [lambda row, key=key: tuple(row[name] for name in key) for key in _unique(table)]
    return st.lists(row, max_size=4, unique_by=tuple(unique))


DATABASES: Final[st.SearchStrategy[Rows]] = st.fixed_dictionaries(
    {table.name: _rows(table) for table in TABLES if table not in (shops, ledger)}
)
"""Rows of two shops, by table. Ledgers can't be made up."""


def fill(database: Database, rows: Rows, entries: int = 3) -> None:
    """Put rows of two shops into an empty database."""
    for name in ("atelier", "Gallery"):
        shop_of(database, name)
    with database.writing() as connection:
        for table in TABLES:
            if rows.get(table.name):
                connection.execute(insert(table), rows[table.name])
        for shop in (1, 2):
            for number in range(entries):
                told = Entry(kind="notice", day=number, customer_id="ann", says={"n": number})
                Ledger(connection, shop, number, lambda size: bytes(size)).append([told])
