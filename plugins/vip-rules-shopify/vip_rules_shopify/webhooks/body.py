"""The body of a delivery, read so that no bytes whatever do harm: bounded, and only what is asked for by name is looked at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from vip_rules.webhooks import InvalidWebhook

from vip_rules_shopify import gids

LARGEST_BODY: Final = 16 * 1024 * 1024
"""Bytes. An order of 500 lines has about one MiB."""

_DIGITS: Final = 20
_LONGEST_TEXT: Final = 255


class Body:
    """An object of a delivery's JSON. What is asked for and is missing or of another type raises InvalidWebhook."""

    def __init__(self, fields: Mapping[str, Any], at: str = "") -> None:
        self._fields = fields
        self._at = at

    @classmethod
    def of(cls, raw: bytes) -> Body:
        """What the bytes hold. Raises InvalidWebhook."""
        if len(raw) > LARGEST_BODY:
            raise InvalidWebhook(f"the body has {len(raw):,} bytes; at most {LARGEST_BODY:,} are read")
        document = _loaded(raw)
        if not isinstance(document, dict):
            raise InvalidWebhook("the body isn't an object of JSON")
        return cls(document)

    def has(self, name: str) -> bool:
        """Whether there is anything under a name; null is nothing."""
        return self._fields.get(name) is not None

    def part(self, name: str) -> Body:
        """An object within this one."""
        value = self._fields.get(name)
        if not isinstance(value, dict):
            raise self._unfit(name, "an object")
        return Body(value, self._path(name))

    def id(self, name: str, kind: str) -> str:
        """An id, however it is written: a number, its digits, or a global id of the kind."""
        return _id(self._fields.get(name), kind) or self._refuse(name, f"an id of the kind {kind}")

    def ids(self, name: str, kind: str) -> tuple[str, ...]:
        """A list of ids; none where nothing is there."""
        values = self._fields.get(name)
        if values is None:
            return ()
        if not isinstance(values, list):
            raise self._unfit(name, "a list")
        found = [_id(value, kind) for value in values]
        return tuple(one or self._refuse(name, f"a list of ids of the kind {kind}") for one in found)

    def text(self, name: str) -> str | None:
        """A short text without control characters; None where nothing is there."""
        value = self._fields.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value) > _LONGEST_TEXT or not value.isprintable():
            raise self._unfit(name, f"a text of at most {_LONGEST_TEXT} printable characters")
        return value

    def instant(self, name: str) -> datetime:
        """An instant with its offset, given in UTC."""
        found = parse_instant(self.text(name) or "")
        if found is None:
            raise self._unfit(name, "a time of ISO 8601 with its offset")
        return found

    def _path(self, name: str) -> str:
        return f"{self._at}.{name}" if self._at else name

    def _unfit(self, name: str, expected: str) -> InvalidWebhook:
        return InvalidWebhook(f"the body's {self._path(name)!r} should be {expected}, and isn't")

    def _refuse(self, name: str, expected: str) -> str:
        raise self._unfit(name, expected)


def parse_instant(text: str) -> datetime | None:
    """An instant in UTC; None for what isn't one, or has no offset, or leaves the calendar in UTC."""
    try:
        parsed = datetime.fromisoformat(text)
        return parsed.astimezone(UTC) if parsed.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _loaded(raw: bytes) -> object:
    # What is raised must not have the body about it, as the errors caught here do: so it is raised after them.
    try:
        return json.loads(
            raw.decode("utf-8"),
            parse_int=_whole,
            parse_float=_Fraction,
            parse_constant=_no_number,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError:
        reason = "the body isn't UTF-8"
    except RecursionError:
        reason = "the body is nested too deeply to be read"
    except json.JSONDecodeError as error:
        reason = f"the body isn't JSON: {error.msg.lower()} at its character {error.pos + 1:,}"
    raise InvalidWebhook(reason)


class _Fraction:
    """A number with a point or an exponent: nothing that we read is one, so that it is never reckoned with."""

    def __init__(self, text: str) -> None:
        pass


def _whole(text: str) -> int:
    if len(text) > _DIGITS:
        raise InvalidWebhook(f"the body has a number of {len(text):,} digits")
    return int(text)


def _no_number(name: str) -> None:
    raise InvalidWebhook(f"the body has {name}, which isn't a number of JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidWebhook("the body has an object with two keys of one name")
    return found


def _id(value: object, kind: str) -> str | None:
    """The number of an id as text; None for what isn't one."""
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str):
        return None
    try:
        return gids.number(value if value.startswith("gid:") else gids.gid(kind, value), kind)
    except gids.InvalidId:
        return None
