"""Meta data of ours: what its keys and values look like, and how a customer's is read and written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from vip_rules_woocommerce.effects.outcomes import Row, done, record, refuse
from vip_rules_woocommerce.rest.answers import NotDone
from vip_rules_woocommerce.rest.client import Absent, Rest

PREFIX: Final = "vip_rules_"
"""What the keys of all our meta data begin with: nothing else is ever sent."""


def held(row: Row) -> dict[str, Any]:
    """Our meta data on a record, by key; of several rows with one key the first, as WordPress reads it."""
    found: dict[str, Any] = {}
    rows = row.get("meta_data")
    for each in rows if isinstance(rows, list) else []:
        if isinstance(each, dict) and str(each.get("key")).startswith(PREFIX):
            found.setdefault(str(each["key"]), each.get("value"))
    return found


def written(value: Any) -> str | None:
    """A value as meta data: texts as they are, None as none, and all else as JSON.

    Scalars would come back as texts, and backslashes inside of lists would be lost.
    """
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read(value: Any, like: Any) -> Any:
    """A value from meta data. Where it was put as a text it is one; `like` is a value as it was put, or None."""
    if not isinstance(value, str) or isinstance(like, str) or (like is None and value[:1] not in ("[", "{")):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


class CustomerMeta:
    """The meta data of a shop's customers."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def read(self, customer_id: str | None) -> dict[str, Any]:
        """What a customer has of ours; nothing if there is no such customer. Raises PlatformFailed."""
        if not _is_id(customer_id):
            return {}
        try:
            row = self._rest.get(f"customers/{customer_id}", _fields="id,meta_data")
        except Absent:
            return {}
        return held(row) if isinstance(row, dict) else {}

    def write(self, customer_id: str | None, values: Mapping[str, str | None]) -> dict[str, Any]:
        """Set some keys, None deletes one; gives what the customer has of ours then. Raises Stopped."""
        if not _is_id(customer_id):
            raise refuse(f"{customer_id} isn't the id of a customer")
        return held(record(self._put(customer_id, values)))

    def erase(self, customer_id: str | None, keys: list[str]) -> None:
        """Delete some keys; right, too, if the customer was deleted. Raises Stopped."""
        if not keys or not _is_id(customer_id):
            return
        answer = self._put(customer_id, dict.fromkeys(keys))
        if not (isinstance(answer, NotDone) and answer.absent):
            done(answer)

    def _put(self, customer_id: str | None, values: Mapping[str, str | None]) -> Any:
        # By the route of one customer: the batch route checks nothing.
        rows = [{"key": key, "value": value} for key, value in values.items()]
        return self._rest.put(f"customers/{customer_id}", {"meta_data": rows})


def _is_id(customer_id: str | None) -> bool:
    """Whether it is a number, and so no other path of the API."""
    return customer_id is not None and customer_id.isascii() and customer_id.isdigit()
