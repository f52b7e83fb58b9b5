"""Checks: a request against what its operation asks for, with every problem of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker

from vip_rules.server.api.operation import Operation, Parameter, Schema
from vip_rules.server.api.problems import Refused

LONGEST: Final = 200
"""Signs of a problem that are told: it repeats what was given."""

TOKEN: Final = "token"
"""The parameter by which a link gives its token."""


def _is_date(value: object) -> bool:
    """Whether a text is a day as RFC 3339 writes it; Python takes other ways, too. Raises ValueError for 31 June."""
    if not isinstance(value, str):
        return True
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) and date.fromisoformat(value))


_FORMATS: Final = FormatChecker(())
_FORMATS.checks("date", ValueError)(_is_date)


def path_of(operation: Operation, given: Mapping[str, str]) -> Mapping[str, str]:
    """The parameters in the path. Raises Refused: there can't be anything of such a name."""
    for parameter in _parameters(operation, "path"):
        if problems := list(_problems(given[parameter.name], parameter.schema)):
            raise Refused(404, f"there is nothing here: {parameter.name}: {problems[0]}")
    return given


def query_of(operation: Operation, given: Sequence[tuple[str, str]]) -> Mapping[str, Any]:
    """The parameters in the query. Raises Refused."""
    known = {parameter.name: parameter for parameter in _parameters(operation, "query")}
    found: dict[str, Any] = {}
    problems = []
    for name, text in given:
        if operation.who == "customer" and name == TOKEN:
            continue
        if name not in known:
            there = f"expected {', '.join(known)}" if known else "expected none"
            problems.append(f"there is no parameter {name[:LONGEST]!r}: {there}")
        elif name in found:
            problems.append(f"{name} is given twice")
        else:
            schema = known[name].schema
            found[name] = int(text) if schema.get("type") == "integer" and _is_number(text) else text
            problems += [f"{name}: {problem}" for problem in _problems(found[name], schema)]
    if problems:
        raise Refused(400, f"the query isn't as expected: {problems[0]}", problems=problems)
    return found


def body_of(operation: Operation, given: bytes) -> Mapping[str, Any]:
    """The body, JSON that fits. Raises Refused."""
    if operation.body is None:
        return {}
    try:
        found = json.loads(given or b"{}", parse_constant=_no_number)
        # What UTF-8 can't write, such as half a sign, nobody can keep.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refused(400, "the body isn't JSON in UTF-8") from None
    if problems := list(_problems(found, operation.body)):
        raise Refused(400, f"the body isn't as expected: {problems[0]}", problems=problems)
    assert isinstance(found, dict)
    return found


def _parameters(operation: Operation, place: str) -> Iterator[Parameter]:
    return (parameter for parameter in operation.parameters if parameter.place == place)


def _problems(value: object, schema: Schema) -> Iterator[str]:
    errors = Draft202012Validator(schema, format_checker=_FORMATS).iter_errors(value)
    for error in sorted(errors, key=lambda error: error.json_path):
        place = error.json_path.removeprefix("$").removeprefix(".")
        yield f"{place + ': ' if place else ''}{error.message[:LONGEST]}"


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d{1,18}", text, re.ASCII) is not None


def _no_number(name: str) -> None:
    raise ValueError(name)
