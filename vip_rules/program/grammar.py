"""JSON Schema of conditions and benefits: in an object, one key (`metric`, `type`) decides which other keys there are.

The shape is what editors read best: a flat `allOf`, first all the names that the key can have, then for each name an `if` that
leads to its own closed object. An editor so offers exactly the keys of that name, and a slip gives one message, not ten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from vip_rules.benefits.arguments import LARGEST_NUMBER, Schema, amount, percentage, whole, words
from vip_rules.benefits.definition import BenefitType
from vip_rules.comparators import Comparator, comparators_of
from vip_rules.metrics.definition import Metric, Unit, Windows
from vip_rules.metrics.filters import DESCRIPTIONS
from vip_rules.windows import NAMED, ROLLING

GROUPS: Final = ("all", "any", "not", "condition")
MOST_CONDITIONS: Final = 100
"""In one group."""

MOST_TEXTS: Final = 1_000
"""In one list of texts."""

CONDITION: Final[Schema] = {"$ref": "#/$defs/condition"}
BENEFIT: Final[Schema] = {"$ref": "#/$defs/benefit"}

EXAMPLE: Final = {"metric": "spend", "window": "12 months", "at_least": 2000}

_FILTERED: Final = {"channel": "online", "category": "shoes", "type": "review"}
_ROLLING: Final = ROLLING.pattern
_EXAMPLES: Final = {
    Unit.MONEY: (2000, 5000, 10000),
    Unit.PERCENT: (80,),
    Unit.COUNT: (12,),
    Unit.DAYS: (60,),
    Unit.SCORE: (4, 5),
}


def closed(
    description: str, properties: Mapping[str, Schema], required: Iterable[str] = (), **more: Any
) -> dict[str, Any]:
    """An object with these keys and no others. A key without a title gets one from its name."""
    titled = {
        name: schema if "$ref" in schema else {"title": name.replace("_", " ").capitalize(), **schema}
        for name, schema in properties.items()
    }
    shape = {"type": "object", "additionalProperties": False, "properties": titled}
    return {"description": description, **shape, **({"required": list(required)} if required else {}), **more}


def decided_by(
    key: str, noun: str, description: str, names: Mapping[str, str], target: str
) -> dict[str, Any]:
    """An object whose `key` has one of some names (each with its description), which decides its other keys.

    The object of each name is looked for in $defs, as `target`.NAME.
    """
    options = [{"const": name, "description": text} for name, text in names.items()]
    branches = [
        {
            "if": {"type": "object", "properties": {key: {"const": name}}, "required": [key]},
            "then": {"$ref": f"#/$defs/{target}.{name}"},
        }
        for name in names
    ]
    first = {"properties": {key: {"$comment": noun, "description": description, "oneOf": options}}}
    return {"type": "object", "allOf": [first, *branches]}


def condition(description: str) -> Schema:
    """A condition, with what it is for at this place."""
    # Beside a $ref editors would show the reference's own description instead.
    return {"allOf": [{"description": description}, CONDITION], "examples": [EXAMPLE]}


def condition_definitions(metrics: Mapping[str, Metric]) -> dict[str, Schema]:
    """The $defs of conditions: any condition, the groups, and the comparison of each metric."""
    comparison = decided_by(
        "metric",
        "metric",
        "The figure that is compared.",
        {metric.name: metric.description for metric in metrics.values()},
        "comparison",
    )
    comparison["allOf"].append({"if": {"required": ["metric"]}, "else": {"$ref": "#/$defs/group"}})
    comparison |= {
        "title": "Condition",
        "description": "A comparison of a metric, or a group: all, any, not, or a condition of the program by its name.",
        "examples": [
            EXAMPLE,
            {
                "any": [
                    {"metric": "spend", "at_least": 5000},
                    {"metric": "orders", "window": "12 months", "at_least": 12},
                ]
            },
        ],
    }
    comparisons = {f"comparison.{metric.name}": _comparison(metric) for metric in metrics.values()}
    return {"condition": comparison, "group": _group(), **comparisons, **_windows(metrics)}


def benefit_definitions(benefits: Mapping[str, BenefitType]) -> dict[str, Schema]:
    """The $defs of benefits: any benefit, and each type's own."""
    benefit = decided_by(
        "type",
        "type of benefit",
        "What the member gets.",
        {benefit.name: benefit.description for benefit in benefits.values()},
        "benefit",
    )
    benefit["allOf"][0]["required"] = ["type"]
    benefit |= {
        "title": "Benefit",
        "description": "Something that the members of a tier get.",
        "examples": [benefit.written for benefit in benefits.values()],
    }
    return {"benefit": benefit, **{f"benefit.{kind.name}": _benefit(kind) for kind in benefits.values()}}


def _comparison(metric: Metric) -> Schema:
    properties: dict[str, Schema] = {
        "metric": {"const": metric.name, "title": metric.title, "description": metric.description}
    }
    if metric.windows is not Windows.NONE:
        bounded = metric.windows is Windows.BOUNDED
        properties["window"] = {"$ref": f"#/$defs/window{'.bounded' if bounded else ''}"}
    if metric.filters:
        properties["where"] = _where(metric)
    for comparator in comparators_of(metric.unit):
        properties[comparator.name] = _target(comparator, metric)
    required = ["metric", "window"] if metric.windows is Windows.BOUNDED else ["metric"]
    return closed(metric.description, properties, required, title=metric.title, minProperties=2)


def _windows(metrics: Mapping[str, Metric]) -> dict[str, Schema]:
    """The $defs of windows, and of the keys of `where`."""
    one = words("One of the values.")
    value = {key: text for key, text in one.items() if key != "description"}
    several = {"type": ["string", "array"], "items": one, "minItems": 1, "maxItems": MOST_TEXTS}
    names = dict.fromkeys(name for metric in metrics.values() for name in metric.filters)
    texts = {name: DESCRIPTIONS.get(name, f"Only what has this {name} (or one of these).") for name in names}
    filters = {f"filter.{name}": {"description": text, **value, **several} for name, text in texts.items()}
    return {
        "window": _window(NAMED, "Left out: lifetime."),
        "window.bounded": _window(
            [name for name in NAMED if name != "lifetime"], "It has to begin somewhere."
        ),
        **filters,
    }


def _window(names: Iterable[str], rest: str) -> Schema:
    return {
        "title": "Window",
        "description": "The days that count, back from the day of the evaluation: a number of days, weeks, months or years, "
        f"or a window with a name. {rest}",
        "type": "string",
        "format": "window",
        "pattern": f"^({'|'.join([_ROLLING, *names])})$",
        "examples": ["12 months", "90 days", *names],
    }


def _where(metric: Metric) -> Schema:
    filters = {name: {"$ref": f"#/$defs/filter.{name}"} for name in metric.filters}
    examples = [{name: _FILTERED[name]} for name in metric.filters if name in _FILTERED]
    narrowed = closed(
        "Narrows the metric to a part of the history; all keys must match.", filters, minProperties=1
    )
    return {**narrowed, "examples": examples[:1]} if examples else narrowed


def _target(comparator: Comparator, metric: Metric) -> Schema:
    if comparator.kind == "any":
        return {"description": comparator.description, "type": "boolean"}
    if comparator.kind == "text":
        if comparator.name in ("is", "is_not"):
            return words(comparator.description)
        items = words("One of the texts.")
        return {
            "description": comparator.description,
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_TEXTS,
            "items": items,
        }
    examples = tuple(
        n for n in _EXAMPLES[metric.unit] if metric.most is None or n * 100 <= metric.most or n <= metric.most
    )
    if metric.unit is Unit.MONEY:
        return amount(f"{comparator.description} Money in the program's currency: 2000, 19.99.", *examples)
    if metric.unit is Unit.PERCENT:
        most = LARGEST_NUMBER // 100 if metric.most is None else metric.most // 100
        return {**percentage(f"{comparator.description} In percent.", *examples), "maximum": most}
    most = LARGEST_NUMBER if metric.most is None else metric.most
    if metric.unit is Unit.DAYS:
        days = whole(f"{comparator.description} In days.", *examples, least=metric.least, most=most)
        return {**days, "format": "days"}
    return whole(comparator.description, *examples, least=metric.least, most=most)


def _group() -> Schema:
    several = {
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_CONDITIONS,
        "items": CONDITION,
        "examples": [[EXAMPLE]],
    }
    return closed(
        "Conditions taken together; each of these keys stands alone in its object.",
        {
            "all": {"description": "Holds if all of these conditions hold.", **several},
            "any": {"description": "Holds if at least one of these conditions holds.", **several},
            "not": condition("Holds if this condition doesn't; unknown stays unknown."),
            "condition": words("The name of one of the program's conditions.", "loyal regular"),
        },
        title="Group",
        minProperties=1,
        maxProperties=1,
    )


def _benefit(kind: BenefitType) -> Schema:
    properties = {
        "type": {"const": kind.name, "title": kind.title, "description": kind.description},
        **kind.properties,
    }
    return closed(
        kind.description, properties, ("type", *kind.required), title=kind.title, examples=[kind.written]
    )
