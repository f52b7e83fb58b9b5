"""Meta data: rows of a key and a value on a record, with the shop's own idea of what an update is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def updated(rows: list[dict[str, Any]], given: Any, next_id: Callable[[], int]) -> list[dict[str, Any]]:
    """The rows after an update. An id without a key is ignored; a key alone takes its first row and deletes the others."""
    rows = [dict(row) for row in rows]
    for item in given if isinstance(given, list) else []:
        if not isinstance(item, dict) or not item.get("key"):
            continue
        key, value, row_id = str(item["key"]), item.get("value"), item.get("id")
        if row_id:
            row = next((row for row in rows if row["id"] == row_id), None)
        else:
            row = next((row for row in rows if row["key"] == key), None)
            rows = [one for one in rows if one is row or one["key"] != key]
        if row is None:
            rows = [one for one in rows if one["key"] != key]
            row = {"id": 0, "key": key, "value": None}
            rows.append(row)
        row["key"], row["value"] = key, stored(value)
        rows = [one for one in rows if one["value"] is not None]
        if row["value"] is not None and not row["id"]:
            row["id"] = next_id()
    return rows


def stored(value: Any) -> Any:
    """A value as it comes back: scalars are texts, lists and objects stay; an empty object is an empty list to PHP."""
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, int | float):
        return str(value)
    return _without_empty_objects(value)


def _without_empty_objects(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_empty_objects(one) for name, one in value.items()} or []
    if isinstance(value, list):
        return [_without_empty_objects(one) for one in value]
    return value
