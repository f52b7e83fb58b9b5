"""Whatever becomes of a program, it is either read or refused, with places that are there."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.program.example import CATALOGUE, PROGRAM
from vip_rules.errors import InvalidDocument, Problem
from vip_rules.program.lint import lint
from vip_rules.program.load import read_program
from vip_rules.program.places import steps
from vip_rules.program.program import Program

NUMBERS: tuple[Any, ...] = (0, -1, 1, 5, 100, 10**20, Decimal("0.5"), Decimal("19.999"), Decimal("-1e20"))
TEXTS = (
    *(
        "",
        " ",
        "12 months",
        "0 days",
        "spend",
        "orders",
        "silver",
        "gold",
        "USD",
        "lifetime",
        "rolling",
        "none",
    ),
    *("loyal regular", "a,b", "\x00", "\ud800", "é"),
)
CONTAINERS: tuple[Any, ...] = (
    *([], {}, [[]], [{}], {"": {}}, {"~/": 1}, {"all": []}, {"not": {}}, {"metric": "tag"}),
    {"condition": "loyal regular"},
)
ODD = st.one_of(
    st.sampled_from((None, True, False)),
    st.sampled_from(NUMBERS),
    st.sampled_from(TEXTS),
    st.sampled_from(CONTAINERS).map(deepcopy),
    st.text(max_size=8),
    st.integers(),
)
KEYS = st.text(max_size=4) | st.sampled_from(
    (
        *(
            "metric",
            "all",
            "any",
            "not",
            "condition",
            "window",
            "where",
            "at_least",
            "less_than",
            "is",
            "is_known",
        ),
        *(
            "type",
            "id",
            "was",
            "keep",
            "benefits",
            "tiers",
            "status",
            "percent",
            "amount",
            "on",
            "format",
            "~1/",
        ),
    )
)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """The example with some of its parts deleted, replaced, moved elsewhere, doubled, or put under other keys."""
    document: Any = deepcopy(PROGRAM)
    for _ in range(draw(st.integers(1, 4))):
        parents = [node for node in nodes(document) if node and isinstance(node, dict | list)]
        if not parents:
            break
        parent = draw(st.sampled_from(parents))
        key = draw(st.sampled_from(sorted(parent) if isinstance(parent, dict) else range(len(parent))))
        change = draw(st.sampled_from(("delete", "replace", "move", "double", "rename")))
        if change == "delete":
            del parent[key]
        elif change == "replace":
            parent[key] = draw(ODD)
        elif change == "move":
            parent[key] = deepcopy(draw(st.sampled_from(parents)))
        elif isinstance(parent, list):
            parent.insert(key, deepcopy(parent[key]))
        else:
            parent[draw(KEYS)] = deepcopy(parent[key]) if change == "double" else parent.pop(key)
    return document


def nodes(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(node for part in inner for node in nodes(part))]


def is_there(document: Any, pointer: str) -> bool:
    node = document
    for step in steps(pointer):
        if isinstance(node, dict) and step in node:
            node = node[step]
        elif isinstance(node, list) and step.isdecimal() and int(step) < len(node):
            node = node[int(step)]
        else:
            return False
    return True


def outcome(document: Any) -> tuple[Program | None, Sequence[Problem]]:
    """The program with advice on it, or what is wrong."""
    try:
        program = read_program(document, "vip.json", CATALOGUE)
    except InvalidDocument as error:
        return None, error.problems
    return program, lint(program)


@given(mutated())
def test_a_mutated_program_is_read_or_refused(document: Any) -> None:
    before = deepcopy(document)
    program, found = outcome(document)
    assert document == before
    assert [problem.pointer for problem in found if not is_there(document, problem.pointer)] == []
    assert len(set(found)) == len(found)
    if program is None:
        assert found
        assert not any(problem.lint for problem in found)
    else:
        assert all(problem.lint for problem in found)
        assert [tier.id for tier in program.tiers] == [tier["id"] for tier in document["tiers"]]


def test_places_that_are_not_there_are_noticed() -> None:
    assert is_there(PROGRAM, "/tiers/1/keep")
    assert not is_there(PROGRAM, "/tiers/2")
    assert not is_there(PROGRAM, "/colour")
