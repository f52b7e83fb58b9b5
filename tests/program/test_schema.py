"""The schema itself: valid, closed everywhere, explained everywhere, and made of what is registered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from tests.program.example import CATALOGUE, PROGRAM, changed
from vip_rules.benefits.definition import BenefitType
from vip_rules.comparators import comparators_of
from vip_rules.metrics.definition import Metric, Part, Unit, Windows
from vip_rules.model import currency_codes
from vip_rules.plugins import Catalogue
from vip_rules.program.load import read_program
from vip_rules.program.schema import cases_schema, program_schema

SCHEMAS = {"program": program_schema(CATALOGUE), "cases": cases_schema()}
KEYWORDS = ("items", "if", "then", "else", "not", "contains", "propertyNames")


def subschemas(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """A schema and all schemas in it, with their places."""
    yield path, schema
    for key, inner in schema.items():
        if key in KEYWORDS:
            yield from subschemas(inner, f"{path}/{key}")
        elif key in ("properties", "patternProperties", "$defs"):
            for name, named in inner.items():
                yield from subschemas(named, f"{path}/{key}/{name}")
        elif key in ("allOf", "anyOf", "oneOf"):
            for n, part in enumerate(inner):
                yield from subschemas(part, f"{path}/{key}/{n}")


@pytest.fixture(params=list(SCHEMAS.values()), ids=list(SCHEMAS))
def schema(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.param
    return found


def test_it_is_a_schema(schema: dict[str, Any]) -> None:
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)
    with pytest.raises(SchemaError):
        Draft202012Validator.check_schema({"type": "list"})


def test_ids_carry_the_number_of_the_format() -> None:
    assert {name: schema["$id"] for name, schema in SCHEMAS.items()} == {
        "program": "urn:vip-rules:program:1",
        "cases": "urn:vip-rules:cases:1",
    }


def test_every_object_is_closed(schema: dict[str, Any]) -> None:
    def opens(path: str, part: dict[str, Any]) -> bool:
        # An `if` only looks, and in a decision each branch is closed by itself.
        looks = path.endswith("/if") or "/if/" in path
        decides = any("if" in branch for branch in part.get("allOf", ()))
        names = path.endswith("/allOf/0") and "properties" in part
        objects = "properties" in part or "object" in part.get("type", "")
        return (
            objects
            and not looks
            and not decides
            and not names
            and part.get("additionalProperties") is not False
        )

    assert [path for path, part in subschemas(schema) if opens(path, part)] == []


def test_every_key_is_explained(schema: dict[str, Any]) -> None:
    def explained(part: dict[str, Any]) -> bool:
        if "$ref" in part:
            return explained(schema["$defs"][part["$ref"].removeprefix("#/$defs/")])
        return bool(part.get("description")) or any(explained(inner) for inner in part.get("allOf", ())[:1])

    silent = [
        f"{path}/{name}"
        for path, part in subschemas(schema)
        for name, key in part.get("properties", {}).items()
        if "/if" not in path and not explained(key)
    ]
    assert silent == []


def test_descriptions_are_sentences(schema: dict[str, Any]) -> None:
    described = {path: part["description"] for path, part in subschemas(schema) if "description" in part}
    assert [path for path, text in described.items() if text[:1].islower() or not text.endswith(".")] == []


def test_examples_are_valid(schema: dict[str, Any]) -> None:
    """Each example fits the schema that shows it."""
    validator = Draft202012Validator(schema)
    wrong = [
        (path, example)
        for path, part in subschemas(schema)
        for example in part.get("examples", ())
        if not validator.evolve(schema={**part, "$defs": schema.get("$defs", {})}).is_valid(example)
    ]
    assert wrong == []
    assert sum(len(part.get("examples", ())) for _, part in subschemas(schema)) > 20


def test_references_stand_alone_and_lead_somewhere() -> None:
    """Editors let a reference's own keywords win over those beside it, and decode the names in it."""
    schema = SCHEMAS["program"]
    for path, part in subschemas(schema):
        if "$ref" in part:
            assert list(part) == ["$ref"], path
            assert part["$ref"].removeprefix("#/$defs/") in schema["$defs"], path
    assert not [name for name in schema["$defs"] if set(name) & set(" /~%")]


def test_decimals_have_no_multiple_of() -> None:
    assert "multipleOf" not in json.dumps(SCHEMAS)


@pytest.mark.parametrize("name", CATALOGUE.metrics)
def test_a_comparison_offers_what_its_metric_has(name: str) -> None:
    metric, definition = CATALOGUE.metrics[name], SCHEMAS["program"]["$defs"][f"comparison.{name}"]
    keys = {"metric", *(comparator.name for comparator in comparators_of(metric.unit))}
    keys |= {"window"} if metric.windows is not Windows.NONE else set()
    keys |= {"where"} if metric.filters else set()
    assert set(definition["properties"]) == keys
    if metric.filters:
        assert tuple(definition["properties"]["where"]["properties"]) == metric.filters
    assert ("window" in definition["required"]) == (metric.windows is Windows.BOUNDED)


def test_the_schema_accepts_the_design_and_refuses_slips() -> None:
    validator = Draft202012Validator(SCHEMAS["program"])
    assert validator.is_valid(PROGRAM)
    assert not validator.is_valid(changed(("/tiers/0/qualify/any/0/at_leest", 1)))
    assert not validator.is_valid(changed(("/tiers/0/benefits/0/percent", 101)))
    assert not validator.is_valid(changed(("/tiers/0/qualify/any/0/window", "0 days")))


def test_currencies_and_zones_are_named() -> None:
    properties = SCHEMAS["program"]["properties"]
    assert properties["currency"]["enum"] == currency_codes()
    assert {"UTC", "Europe/Vienna", "America/New_York"} <= set(properties["timezone"]["enum"])


def test_plugins_extend_the_language() -> None:
    parties = Metric(
        name="parties",
        title="Parties",
        description="How many parties were attended.",
        unit=Unit.COUNT,
        rows="events",
        parts={"events": Part("count")},
        figure=lambda p: p["events"],
        sentence="parties {window}",
        filters=("city",),
    )
    lounge = BenefitType(
        name="lounge",
        title="Lounge",
        description="A lounge in one of our shops.",
        properties={"shop": {"description": "Which shop.", "type": "string", "minLength": 3}},
        required=("shop",),
        sentence=lambda given, _: f"the lounge in {given['shop']}",
        example={"shop": "Vienna"},
    )
    catalogue = Catalogue({**CATALOGUE.metrics, "parties": parties}, {**CATALOGUE.benefits, "lounge": lounge})
    Draft202012Validator.check_schema(program_schema(catalogue))
    document = changed(
        ("/tiers/0/qualify", {"metric": "parties", "where": {"city": "Vienna"}, "at_least": 2}),
        ("/tiers/0/benefits/0", {"type": "lounge", "shop": "Vienna"}),
    )
    silver = read_program(document, "vip.json", catalogue).tiers[0]
    assert silver.benefits[0].type is lounge
