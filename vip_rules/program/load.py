"""Loading a program: every problem of the file in one run, or the typed program."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from vip_rules.conditions import Condition
from vip_rules.errors import InvalidDocument, Problem
from vip_rules.model import Currency
from vip_rules.plugins import Catalogue, load_catalogue
from vip_rules.program.checks import check_benefits, check_ids, check_ladder, check_landing, check_tier_ids
from vip_rules.program.document import Document, examined, read_document
from vip_rules.program.economics import Economics, read_economics
from vip_rules.program.guardrails import Guardrails, read_guardrails
from vip_rules.program.ladder import Rung, read_names, read_rung
from vip_rules.program.messages import Message, read_message
from vip_rules.program.problems import schema_problems
from vip_rules.program.program import Program, SpendBasis
from vip_rules.program.reading import Reading
from vip_rules.program.rules import Rules
from vip_rules.program.schema import FORMAT, MOST_NAMED_CONDITIONS, MOST_TIERS, program_schema
from vip_rules.program.segments import Segment
from vip_rules.program.shape import condition_places, mistakes
from vip_rules.program.status import Status, read_status
from vip_rules.program.version import version


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
    value = document.value
    reading = Reading(document.file, value, catalogue)
    reading.add(document.problems)
    if isinstance(value, dict) and type(value.get("format")) is int and value["format"] > FORMAT:
        newer = f"found format {value['format']}, and this vip-rules reads format {FORMAT}; update vip-rules"
        raise InvalidDocument([Problem(document.file, "/format", newer)])
    _look_at_shape(reading)
    if not isinstance(value, dict):
        raise InvalidDocument(reading.problems)
    parts = _Parts(reading, value)
    if reading.problems:
        raise InvalidDocument(reading.problems)
    return parts.program()


def _look_at_shape(reading: Reading) -> None:
    """The keys of conditions first, for better words; then the schema, for all that is left."""
    metrics = reading.catalogue.metrics
    shaped = {place: found for place, node in condition_places(reading.document) if (found := mistakes(node, metrics))}
    for place, found in shaped.items():
        for key, message in found:
            reading.problem(f"{place}/{escaped(key)}" if key else place, message)
    ...
