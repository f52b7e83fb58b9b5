"""What a JSON Schema finds wrong, in the words of our messages: what was found, what was expected, the nearest known name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from vip_rules.errors import Problem
from vip_rules.program.document import CONTROL, Unusable
from vip_rules.program.numerals import in_quotation_marks
from vip_rules.program.places import escaped, pointer
from vip_rules.program.times import meant
from vip_rules.program.wording import LONGEST, expected, found, listed, nearest, quoted, written
from vip_rules.program.zones import zone_meant
from vip_rules.windows import LONGEST_YEARS, NAMED

MOST_PROBLEMS: Final = 500
"""By the schema, of one document."""

KINDS: Final = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}

FORMATS: Final = {
    "words": "a text that isn't empty and has no spaces around it",
    "identifier": "letters, digits, - and _, beginning with a letter or digit (at most 64)",
    "window": f'"N days", "N weeks", "N months" or "N years" with N from 1, or one of {listed(NAMED)}',
    "duration": '"N days", "N weeks", "N months" or "N years" with N from 1',
    "grace": '"N days", "N weeks", "N months" or "N years" with N from 1, or "none"',
    "term": '"rolling", "N months" with N from 1, "calendar year" or "lifetime"',
    "response time": '"N seconds", "N minutes", "N hours" or "N days" with N from 1',
    "date": 'a date such as "2026-11-20"',
    "instant": 'a date or time such as "2026-03-02" or "2026-03-02T18:30:00-05:00"',
    "currency": 'a code of three capital letters (ISO 4217), such as "USD" or "EUR"',
    "time zone": 'a place as the IANA time zone database names it, such as "America/New_York" or "Europe/Berlin"',
}

ROLLING: Final = ("days", "weeks", "months", "years")
NAMED_FORMATS: Final[Mapping[str, tuple[Sequence[str], Sequence[str]]]] = {
    "window": (NAMED, ROLLING),
    "duration": ((), ROLLING),
    "grace": (("none",), ROLLING),
    "term": (("rolling", "calendar year", "lifetime"), ("months",)),
}
"""Formats with their names, and the units that a number goes with."""

TOO_LONG: Final = re.compile(r"[1-9][0-9]{5,} (days?|weeks?)|[1-9][0-9]{4,} months?|[1-9][0-9]{3,} years?")
"""Rolling times of more than LONGEST_YEARS, whatever their form may be."""

NOUNS: Final = {"on": "occasion"}
"""For keys that are no nouns."""

BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def schema_problems(
    value: Any, schema: Mapping[str, Any], file: str, shaped: Collection[str] = (), within: str = ""
) -> Iterator[Problem]:
    """The problems of a parsed document by a JSON Schema, each mistake once.

    `shaped` are places of which enough was said; what is inside of them is still looked at. `within` is where the value
    stands in the document.
    """
    from jsonschema import Draft202012Validator

    seen: set[tuple[str, str]] = set()
    wrong_types: list[str] = []
    # Errors of one place come in the schema's order, which has `type` first.
    for error in Draft202012Validator(schema).iter_errors(value):
        place = within + pointer(error.absolute_path)
        if (
            place in shaped
            or _unreadable(error.instance)
            or any(place == p or place.startswith(f"{p}/") for p in wrong_types)
        ):
            continue
        if error.validator == "type":
            wrong_types.append(place)
        for step, message in _mistakes(error):
            if (place + step, message) not in seen:
                if len(seen) == MOST_PROBLEMS:
                    yield Problem(
                        file, "", f"there are more than {MOST_PROBLEMS} problems; mend some to see the rest"
                    )
                    return
                seen.add((place + step, message))
                yield Problem(file, place + step, message)


def _unreadable(value: Any) -> bool:
    """Whether the text itself was at fault, which has its own message."""
    return isinstance(value, Unusable | float) or (
        isinstance(value, str) and CONTROL.search(value) is not None
    )


def _mistakes(error: Any) -> Iterator[tuple[str, str]]:
    match error.validator:
        case "additionalProperties":
            for key in _unknown(error.instance, error.schema):
                yield f"/{escaped(key)}", _unknown_key(key, error.schema)
        case "required":
            for key in _missing(error.instance, error.schema):
                yield "", f"{quoted(key)} is missing{_add(key, error.schema)}"
        case _:
            yield (
                "",
                _about(error.validator, error.validator_value, error.instance, error.schema) or error.message,
            )


def _unknown(instance: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    patterns = [re.compile(pattern) for pattern in schema.get("patternProperties", ())]
    known = schema.get("properties", {})
    return [
        key
        for key in instance
        if key not in known
        and not CONTROL.search(key)
        and not any(pattern.search(key) for pattern in patterns)
    ]


def _unknown_key(key: str, schema: Mapping[str, Any]) -> str:
    if "patternProperties" in schema:
        return f"{quoted(key)} is no name; expected up to 100 characters without spaces around them"
    return f"unknown key {quoted(key)}; {expected(key, list(schema['properties']))}"


def _missing(instance: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """The keys that are missing, but for those that are there misspelt."""
    unknown = [key for key in instance if key not in schema.get("properties", instance)]
    misspelt = {nearest(key, schema["properties"]) for key in unknown}
    return [key for key in schema["required"] if key not in instance and key not in misspelt]


def _add(key: str, schema: Mapping[str, Any]) -> str:
    property_ = schema.get("properties", {}).get(key, {})
    options = property_.get("oneOf", ())
    examples = property_.get("examples") or property_.get("enum") or [option["const"] for option in options]
    shown = f"{quoted(key)}: {written(examples[0])}" if examples else ""
    return f"; add it, such as {shown}" if shown and len(shown) <= 3 * LONGEST else "; add it"


def _about(keyword: str, value: Any, instance: Any, schema: Mapping[str, Any]) -> str | None:
    if keyword == "type":
        return _wrong_type(instance, [value] if isinstance(value, str) else value, schema)
    if keyword == "const":
        return f"{found(instance)}, expected {written(value)}"
    if keyword in ("enum", "oneOf"):
        return _wrong_name(instance, schema, value)
    if keyword == "pattern":
        return _wrong_text(instance, schema.get("format", ""), value)
    if keyword in BOUNDS:
        return f"{found(instance)}, expected {_range(schema)}"
    return _wrong_size(keyword, value, instance, schema)


def _wrong_type(instance: Any, types: Sequence[str], schema: Mapping[str, Any]) -> str:
    message = f"{found(instance)}, expected {' or '.join(KINDS[kind] for kind in types)}"
    number = "number" in types or "integer" in types
    if number and isinstance(instance, str):
        # A benefit's number has its unit for a name: "hours".
        unit = str(schema.get("format") or schema.get("title", "")).lower()
        if hint := in_quotation_marks(instance.strip(), unit, whole="number" not in types):
            return f"{message}; {hint}"
    if "boolean" in types and isinstance(instance, str) and instance.lower() in ("true", "false"):
        return f"{message}; write {instance.lower()} without quotation marks"
    if "array" in types and isinstance(instance, str) and schema.get("items", {}).get("type") == "string":
        return f"{message}; write [{quoted(instance)}]"
    if "string" in types and isinstance(instance, Decimal):
        return f"{message}; write {quoted(written(instance))}"
    example = next(
        (written(example) for example in schema.get("examples", ()) if _is_one_of(example, types)), ""
    )
    if "array" in types and isinstance(instance, dict) and not example:
        return f"{message}; write [ ] around it"
    return f"{message}, such as {example}" if 0 < len(example) <= 3 * LONGEST else message


def _is_one_of(example: Any, types: Sequence[str]) -> bool:
    kind = {dict: "object", list: "array", str: "string", int: "integer", bool: "boolean"}[type(example)]
    return kind in types or (kind == "integer" and "number" in types)


def _wrong_name(instance: Any, schema: Mapping[str, Any], options: Sequence[Any]) -> str:
    names = [option["const"] if isinstance(option, dict) else option for option in options]
    if not isinstance(instance, str):
        return f"{found(instance)}, expected {FORMATS.get(schema.get('format', ''), listed(names))}"
    noun = str(schema.get("format") or schema.get("$comment") or schema.get("title", "value")).lower()
    if noun in FORMATS:
        name = zone_meant(instance) if noun == "time zone" else _code_meant(instance, names)
        what = f"did you mean {quoted(name)}?" if name else f"expected {FORMATS[noun]}"
        return f"unknown {noun} {quoted(instance)}; {what}"
    return f"unknown {NOUNS.get(noun, noun)} {quoted(instance)}; {expected(instance, names)}"


def _code_meant(text: str, codes: Sequence[str]) -> str | None:
    """The currency that somebody means by "usd", "Euro" or "GBP £"; None for what may be any of many, such as "$"."""
    letters = "".join(character for character in text.upper() if character.isalpha())
    return letters[:3] if letters[:3] in codes and len(letters) <= 4 else None


def _wrong_text(instance: str, kind: str, pattern: str) -> str:
    if kind == "window" and instance in NAMED:
        return f'{quoted(instance)} doesn\'t begin anywhere, as this metric needs; expected a window such as "12 months"'
    if kind in NAMED_FORMATS and TOO_LONG.fullmatch(instance):
        instead = 'write "lifetime" instead' if re.search(pattern, "lifetime") else "write a shorter time"
        return f"{quoted(instance)} is longer than {LONGEST_YEARS} years; {instead}"
    if kind in NAMED_FORMATS:
        near = nearest(instance, (text for text in _texts_of(kind, instance) if re.search(pattern, text)))
        if options := meant(instance, pattern) or ([near] if near else []):
            return f"{quoted(instance)} is no {kind}; did you mean {listed(options)}?"
    what = FORMATS.get(kind, f"a text that matches {pattern}")
    if kind in NAMED_FORMATS:
        return f"{quoted(instance)} is no {kind}; expected {what}"
    such_as = f", such as {quoted(_as_id(instance))}" if kind == "identifier" and _as_id(instance) else ""
    return f"{found(instance)}, expected {what}{such_as}"


def _as_id(text: str) -> str:
    """A text as an id, "silver-vip" for "Silver VIP"; empty where that would lose letters."""
    return re.sub("[^a-z0-9_-]+", "-", text.lower()).strip("-_")[:64] if text.isascii() else ""


def _texts_of(kind: str, text: str) -> list[str]:
    """The texts of a kind that somebody may have meant: its names, and their number with each unit."""
    names, units = NAMED_FORMATS.get(kind, ((), ()))
    number = text.partition(" ")[0]
    counts = number.isascii() and number.isdecimal() and re.findall(r"\d+", text) == [number]
    return [*names, *(f"{number} {unit}" for unit in units if counts)]


def _range(schema: Mapping[str, Any]) -> str:
    what = "a whole number" if schema.get("type") == "integer" else "a number"
    least, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    most, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    if least is not None and most is not None:
        return f"{what} from {least:,} to {most:,}"
    bounds = (("of at least", least), ("above", above), ("of at most", most), ("below", below))
    return f"{what} {' and '.join(f'{phrase} {bound:,}' for phrase, bound in bounds if bound is not None)}"


def _wrong_size(keyword: str, limit: int, instance: Any, schema: Mapping[str, Any]) -> str | None:
    some = schema.get("minItems") == schema.get("maxItems")
    match keyword:
        case "minItems" if limit == 1:
            example = next((f", such as {written(example)}" for example in schema.get("examples", ())), "")
            return f"the list is empty; expected at least one item{example if len(example) <= 3 * LONGEST else ''}"
        case "minItems" | "maxItems":
            return (
                f"found a list of {len(instance):,}, expected {limit if some else f'at most {limit:,}'} items"
            )
        case "minProperties":
            example = next((f", such as {written(example)}" for example in schema.get("examples", ())), "")
            return (
                f"found an empty object, expected at least one key{example}"
                if not instance
                else "a key is missing"
            )
        case "maxProperties":
            return f"found an object of {len(instance):,} keys, expected at most {limit:,}"
        case "maxLength":
            return f"found a text of {len(instance):,} characters, expected at most {limit:,}"
    return None
