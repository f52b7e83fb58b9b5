"""Shopify's search syntax: terms with AND, OR, NOT and brackets. A field that isn't known is ignored, with a warning."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.shop.amounts import read_instant

_TOKEN: Final = re.compile(
    r"""\s*(\(|\)|-?(?:\w+:)?(?::?[<>]=?)?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\s()'"]+))"""
)
_TERM: Final = re.compile(r"(-?)(?:(\w+):)?([<>]=?)?(.*)", re.DOTALL)

Predicate = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Text:
    """A field of texts, compared whole and without case. A star at the end of what is searched stands for anything."""

    get: Callable[[Any], str | Sequence[str] | None]

    def compare(self, item: Any, operator: str, wanted: str, zone: ZoneInfo) -> bool:
        value = self.get(item)
        values = [value] if isinstance(value, str) else value or ()
        wanted = wanted.casefold()
        if wanted.endswith("*"):
            return any(text.casefold().startswith(wanted[:-1]) for text in values)
        return any(text.casefold() == wanted for text in values)


@dataclass(frozen=True, slots=True)
class Number:
    """A field of numbers, ids among them."""

    get: Callable[[Any], int | None]

    def compare(self, item: Any, operator: str, wanted: str, zone: ZoneInfo) -> bool:
        value = self.get(item)
        numeral = wanted.rpartition("/")[2]
        return value is not None and numeral.isdecimal() and _ordered(value, operator, int(numeral))


@dataclass(frozen=True, slots=True)
class Instant:
    """A field of instants. With `whole_days` it compares days of the shop's zone, as Shopify's customers do."""

    get: Callable[[Any], datetime | None]
    whole_days: bool = False

    def compare(self, item: Any, operator: str, wanted: str, zone: ZoneInfo) -> bool:
        value = self.get(item)
        if value is None:
            return False
        local = datetime.fromisoformat(wanted)
        bound = local.replace(tzinfo=zone) if local.tzinfo is None else read_instant(wanted)
        if self.whole_days:
            return _ordered(_day(value, zone), operator, _day(bound, zone))
        return _ordered(value, operator, bound)


Field = Text | Number | Instant


@dataclass(frozen=True, slots=True)
class Index:
    """What can be searched of a kind of things. `words` are what a term without a field is looked for in."""

    fields: Mapping[str, Field]
    words: Callable[[Any], str]

    def read(self, query: str, zone: ZoneInfo) -> tuple[Predicate, Sequence[str]]:
        """What a query finds, and the fields in it that aren't known. Raises ValueError for a value that can't be read."""
        reader = _Reader(self, _tokens(query), zone)
        return reader.alternatives(), reader.unknown


class _Reader:
    def __init__(self, index: Index, tokens: list[str], zone: ZoneInfo) -> None:
        self.index, self.tokens, self.zone = index, tokens, zone
        self.unknown: list[str] = []

    def alternatives(self) -> Predicate:
        options = [self._all()]
        while self._next() == "OR":
            self.tokens.pop(0)
            options.append(self._all())
        return lambda item: any(option(item) for option in options)

    def _all(self) -> Predicate:
        conditions: list[Predicate] = []
        while (token := self._next()) is not None and token not in {"OR", ")"}:
            self.tokens.pop(0)
            if token == "AND":
                continue
            if token == "NOT":
                conditions.append(_inverse(self._one(self.tokens.pop(0))))
            else:
                conditions.append(self._one(token))
        return lambda item: all(condition(item) for condition in conditions)

    def _one(self, token: str) -> Predicate:
        if token == "(":
            inner = self.alternatives()
            if self._next() == ")":
                self.tokens.pop(0)
            return inner
        return self._term(token)

    def _term(self, token: str) -> Predicate:
        match = _TERM.fullmatch(token)
        assert match is not None
        minus, name, operator, value = match.groups()
        wanted = _unquoted(value)
        if name is None:
            words = self.index.words
            return lambda item: wanted.casefold() in words(item).casefold()
        field = self.index.fields.get(name)
        if field is None:
            self.unknown.append(name)
            return lambda item: True
        zone = self.zone
        found: Predicate = lambda item: field.compare(item, operator or "", wanted, zone)  # noqa: E731
        return _inverse(found) if minus or name.endswith("_not") else found

    def _next(self) -> str | None:
        return self.tokens[0] if self.tokens else None


def _tokens(query: str) -> list[str]:
    return [match.group(1) for match in _TOKEN.finditer(query)]


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def _inverse(predicate: Predicate) -> Predicate:
    return lambda item: not predicate(item)


def _ordered(value: Any, operator: str, wanted: Any) -> bool:
    match operator:
        case ">":
            return bool(value > wanted)
        case ">=":
            return bool(value >= wanted)
        case "<":
            return bool(value < wanted)
        case "<=":
            return bool(value <= wanted)
    return bool(value == wanted)


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
