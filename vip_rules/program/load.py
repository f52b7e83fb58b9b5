"""Loading a program: every problem of the file in one run, or the typed program."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from vip_rules.errors import InvalidDocument
from vip_rules.model import Currency, SpendBasis
from vip_rules.plugins import Catalogue, load_catalogue
from vip_rules.program.checks import check_benefits, check_ids, check_ladder, check_landing, check_tier_ids
from vip_rules.program.document import Document, examined, read_document
from vip_rules.program.economics import read_economics
from vip_rules.program.grammar import CONDITION
from vip_rules.program.guardrails import read_guardrails
from vip_rules.program.inspection import Inspection
from vip_rules.program.ladder import read_names, read_rung
from vip_rules.program.messages import read_message
from vip_rules.program.places import escaped
from vip_rules.program.problems import schema_problems
from vip_rules.program.program import Program
from vip_rules.program.rules import Rules
from vip_rules.program.schema import FORMAT, MOST_NAMED_CONDITIONS, MOST_TIERS, program_schema
from vip_rules.program.segments import Segment
from vip_rules.program.shape import condition_places, mistakes, out_of_reach
from vip_rules.program.status import read_status
from vip_rules.program.version import version

MOST_CONDITIONS: Final = 2_000
"""Conditions of a program in all, each comparison and group counted."""


def load_program(path: str | os.PathLike[str], catalogue: Catalogue | None = None) -> Program:
    """The program in a JSON file. `catalogue` are the metrics and benefits that it may use (None: the installed ones).

    Raises InvalidDocument with every problem of the file.
    """
    return _read(read_document(path), catalogue or load_catalogue())


def read_program(document: Any, file: str = "program", catalogue: Catalogue | None = None) -> Program:
    """The program in a parsed JSON document, whose numbers are int or Decimal. `file` names it in messages.

    Raises InvalidDocument with every problem of the document.
    """
    return _read(examined(document, file), catalogue or load_catalogue())


def _read(document: Document, catalogue: Catalogue) -> Program:
    inspection = Inspection(document.file, document.value, catalogue)
    inspection.add(document.problems)
    _refuse(inspection)
    _look_at_shape(inspection)
    program = _typed(inspection, document.value) if isinstance(document.value, dict) else None
    if program is None:
        raise InvalidDocument(inspection.problems)
    return program


def _refuse(inspection: Inspection) -> None:
    """What can't be looked at any further: another format, and sizes that comparing each with each relies on."""
    value, known = inspection.document, len(inspection.problems)
    if not isinstance(value, dict):
        return
    if type(value.get("format")) is int and value["format"] > FORMAT:
        newer = f"found format {value['format']}, which this version of vip-rules doesn't know; it reads format {FORMAT}"
        inspection.problem("/format", newer)
    sizes = (
        ("/tiers", "tiers", len(_list(value, "tiers")), MOST_TIERS),
        ("/conditions", "conditions", len(_object(value, "conditions")), MOST_NAMED_CONDITIONS),
        ("", "conditions in all", sum(1 for _ in condition_places(value)), MOST_CONDITIONS),
    )
    for place, what, count, most in sizes:
        if count > most:
            inspection.problem(place, f"has {count:,} {what}, expected at most {most:,}")
    if len(inspection.problems) > known:
        raise InvalidDocument(inspection.problems)


def _look_at_shape(inspection: Inspection) -> None:
    """The keys of conditions first, for better words; then the schema, for all the rest."""
    value = inspection.document
    shaped: set[str] = set()
    for place, node in condition_places(value):
        for key, message in mistakes(node, inspection.catalogue.metrics):
            shaped.add(place)
            inspection.problem(f"{place}/{escaped(key)}" if key else place, message)
    schema = program_schema(inspection.catalogue)
    inspection.add(schema_problems(value, schema, inspection.file, shaped))
    condition = {**CONDITION, "$defs": schema["$defs"]}
    for outer, node in condition_places(value):
        for place, inner in out_of_reach(node, outer):
            inspection.add(schema_problems(inner, condition, inspection.file, shaped, place))
    inspection.refuse_many()


def _typed(inspection: Inspection, value: Mapping[str, Any]) -> Program | None:
    """The program; None if there are problems, which are then all found."""
    if "currency" in value and inspection.sound("/currency"):
        inspection.currency = Currency.of(value["currency"])
    ladder = read_names(inspection, _list(value, "tiers"))
    ids = check_tier_ids(inspection, ladder)
    rules = Rules(inspection, _object(value, "conditions"), ids if all(rung.id for rung in ladder) else {})
    ladder = [read_rung(inspection, rules, rung) for rung in ladder]
    check_ladder(inspection, ladder)
    for rung in ladder:
        check_benefits(inspection, rung)
    status = read_status(inspection, _object(value, "status"), "/status")
    if status.soft_landing and ladder:
        check_landing(inspection, status.soft_landing, ladder)
    segments = _segments(inspection, rules, _list(value, "segments"))
    messages = [
        read_message(inspection, node, f"/messages/{n}")
        for n, node in enumerate(_list(value, "messages"))
        if isinstance(node, dict)
    ]
    economics = read_economics(inspection, _object(value, "economics"), "/economics")
    guardrails = read_guardrails(inspection, _object(value, "guardrails"), "/guardrails")
    if inspection.problems or inspection.currency is None:
        return None
    return Program(
        id=value["program"],
        currency=inspection.currency,
        timezone=ZoneInfo(value["timezone"]),
        tiers=tuple(rung.tier for rung in ladder),
        spend=SpendBasis(**value.get("spend", {})),
        conditions={name: found for name in _object(value, "conditions") if (found := rules.named[name])},
        status=status,
        segments=tuple(segments),
        messages=tuple(message for message in messages if message),
        economics=economics,
        guardrails=guardrails,
        version=version(value),
        file=inspection.file,
    )


def _segments(inspection: Inspection, rules: Rules, nodes: list[Any]) -> list[Segment]:
    found = []
    for n, node in enumerate(nodes):
        place = f"/segments/{n}"
        if isinstance(node, dict) and "when" in node:
            when = rules.read(node["when"], f"{place}/when")
            if when and "id" in node and inspection.sound(f"{place}/id"):
                found.append((f"{place}/id", Segment(node["id"], when)))
    check_ids(inspection, ((place, segment.id) for place, segment in found), "segment")
    return [segment for _, segment in found]


def _list(value: Mapping[str, Any], key: str) -> list[Any]:
    found = value.get(key)
    return found if isinstance(found, list) else []


def _object(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}
