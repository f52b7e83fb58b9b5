"""The rows of a bulk operation's file, laid aside in SQLite until each object has its children: these may come in any order."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, Final

import orjson
from vip_rules.adapter import PlatformFailed

from vip_rules_shopify import gids

# Texts in JSON never have a quote without a backslash before it: no value of a field can look like these. Slashes may be
# escaped.
_GID: Final = rb'"gid:\\?/\\?/shopify\\?/%b\\?/([1-9][0-9]{0,17})"'
_PARENT: Final = re.compile(rb'"__parentId":' + _GID % rb"[A-Za-z]{1,64}")
_ROOTS: Final = {kind: re.compile(rb'"id":' + _GID % kind.encode()) for kind in ("Customer", "Order")}

Node = dict[str, Any]


class Staging:
    """Rows by the number of the object that they belong to. Made by `staging`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("CREATE TABLE rows (object INTEGER, child INTEGER, body BLOB)").close()

    def fill(self, lines: Iterable[bytes], kind: str) -> int:
        """Lay aside the lines of a file of objects of a kind, and tell how many there were.

        Raises PlatformFailed for a line that isn't what such files have, and what `lines` raises.
        """
        self._do("DROP INDEX IF EXISTS by_object", "DELETE FROM rows", "BEGIN")
        try:
            filled = self._connection.executemany("INSERT INTO rows VALUES (?, ?, ?)", _rows(lines, kind))
        finally:  # to roll back isn't possible without a journal; what is there is deleted before the next try
            self._do("COMMIT")
        self._do("CREATE INDEX by_object ON rows (object, child)")
        return max(filled.rowcount, 0)

    def objects(self, after: int) -> Iterator[tuple[int, Node, list[Node]]]:
        """The objects with a number above a given one, in the order of these, each with its children.

        Raises PlatformFailed for children without their object.
        """
        found = self._connection.execute(
            "SELECT object, child, body FROM rows WHERE object > ? ORDER BY object, child", (after,)
        )
        last, node, children = 0, None, list[Node]()
        for number, child, body in found:
            if number != last:
                if node is not None:
                    yield last, node, children
                elif last:
                    raise _orphans()
                last, node, children = number, None, []
            if child:
                children.append(_decoded(body))
            else:
                node = _decoded(body)
        if node is not None:
            yield last, node, children
        elif last:
            raise _orphans()

    def _do(self, *statements: str) -> None:
        for statement in statements:
            self._connection.execute(statement).close()


@contextmanager
def staging() -> Iterator[Staging]:
    """A place for the rows of a file, for as long as it is needed. Raises PlatformFailed where the disk has no room for them.

    It is a temporary file without a name: nobody else can read it, and nothing of it stays where a process is killed.
    """
    with closing(sqlite3.connect("", isolation_level=None)) as connection:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-65536"):
            connection.execute(f"PRAGMA {pragma}").close()
        try:
            yield Staging(connection)
        except sqlite3.Error as error:
            raise PlatformFailed(
                f"what Shopify sent can't be laid aside in the folder for temporary files ({error}): make room there, or name "
                "another folder in the environment (TMPDIR), and call the command again"
            ) from error


def _rows(lines: Iterable[bytes], kind: str) -> Iterator[tuple[int, bool, bytes]]:
    parent, root = _PARENT.search, _ROOTS[kind].search
    for line in lines:
        if found := parent(line):
            yield int(found[1]), True, line
        elif b"__parentId" not in line and (found := root(line)):
            yield int(found[1]), False, line
        else:
            yield _placed(line, kind)


def _placed(line: bytes, kind: str) -> tuple[int, bool, bytes]:
    """A row that is written in another way than Shopify does now."""
    try:
        node = _decoded(line)
        if "__parentId" in node:
            return int(gids.number(node["__parentId"])), True, line
        return int(gids.number(node["id"], kind)), False, line
    except (KeyError, TypeError, gids.InvalidId):
        raise PlatformFailed(
            f"the file of the bulk operation has a line that is no {kind.lower()} and none of its parts: call the command again"
        ) from None


def _decoded(row: bytes) -> Node:
    """A row's fields. Raises PlatformFailed."""
    try:
        node: Node = orjson.loads(row)
    except orjson.JSONDecodeError:
        return _mended(row)
    return node


def _mended(row: bytes) -> Node:
    """The fields of a row that orjson refuses: half of a character that is written in two is taken for a question mark."""
    try:
        text = json.dumps(json.loads(row), ensure_ascii=False)
        node: Node = orjson.loads(text.encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise PlatformFailed(
            "the file of the bulk operation has a line that isn't JSON: call the command again"
        ) from None
    return node


def _orphans() -> PlatformFailed:
    return PlatformFailed(
        "the file of the bulk operation has parts of an object without the object: call the command again"
    )
