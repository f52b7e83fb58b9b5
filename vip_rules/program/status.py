"""The section `status`: how long a standing lasts, and what goes before its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Literal

from vip_rules.benefits.arguments import Schema, choice, whole
from vip_rules.benefits.definition import BenefitType
from vip_rules.program.duration import Duration, duration
from vip_rules.program.grammar import closed
from vip_rules.program.inspection import Inspection

Demotion = Literal["one tier", "to qualified"]


@dataclass(frozen=True, slots=True)
class Term:
    """How long a tier is secured once it is reached: `months` from then for "months", else by its kind."""

    kind: Literal["rolling", "months", "calendar year", "lifetime"] = "rolling"
    months: int = 0


@dataclass(frozen=True, slots=True)
class CycleGrace:
    """Grace by the customer's own purchase cycle: so many times their days between orders, but at least a time."""

    cycles: int
    at_least: Duration


@dataclass(frozen=True, slots=True)
class SoftLanding:
    """Benefits of the former tier that stay for a time after a demotion, by their types."""

    lasts: Duration
    keep: tuple[str, ...]


GRACE: Final = Duration(3, "month")
WARNINGS: Final = (Duration(60, "day"), Duration(30, "day"))
TERM: Final = r"^(rolling|[1-9][0-9]{0,2} months?|calendar year|lifetime)$"


@dataclass(frozen=True, slots=True)
class Status:
    """The life of a standing. `grace` None: a demotion follows at once. `warn_before` goes from the longest to the shortest."""

    term: Term = field(default_factory=Term)
    grace: Duration | CycleGrace | None = GRACE
    demotion: Demotion = "one tier"
    soft_landing: SoftLanding | None = None
    warn_before: tuple[Duration, ...] = WARNINGS


def status_schema(benefits: Iterable[BenefitType]) -> Schema:
    """JSON Schema of the section."""
    return closed(
        "How long a standing lasts. What is left out: term rolling, grace 3 months, demotion one tier, no soft landing, "
        "warnings 60 and 30 days ahead.",
        {
            "term": {
                "description": "What a reached tier secures: nothing beyond its condition (rolling), a number of months from "
                "the promotion, the time to the end of the next calendar year, or the tier for ever (lifetime).",
                "type": "string",
                "format": "term",
                "pattern": TERM,
                "examples": ["rolling", "12 months", "calendar year", "lifetime"],
            },
            "grace": _grace(),
            "demotion": choice(
                "Where a demotion leads: one step down, or at once to the tier that the customer qualifies for.",
                "one tier",
                "to qualified",
            ),
            "soft_landing": closed(
                "Benefits of the former tier that stay for a time after a demotion.",
                {
                    "for": duration("How long they stay.", "30 days", "2 months"),
                    "keep": {
                        "description": "The types of benefit that stay.",
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 100,
                        "items": {
                            "title": "Type of benefit",
                            **choice("What stays.", *(kind.name for kind in benefits)),
                        },
                        "examples": [["free_shipping"]],
                    },
                },
                ["for", "keep"],
                examples=[{"for": "30 days", "keep": ["free_shipping"]}],
            ),
            "warn_before": {
                "description": "How long before a demotion the customer is told what would keep the tier; [] for no warning.",
                "type": "array",
                "maxItems": 10,
                "items": duration("A time before the demotion.", "60 days", "30 days"),
                "examples": [["60 days", "30 days"]],
            },
        },
        examples=[
            {
                "term": "rolling",
                "grace": "3 months",
                "demotion": "one tier",
                "warn_before": ["60 days", "30 days"],
            }
        ],
    )


def read_status(inspection: Inspection, node: Mapping[str, Any], pointer: str) -> Status:
    """The section as far as it is sound; what isn't has its problem, and the default here."""
    default = Status()

    def sound(key: str) -> bool:
        return key in node and inspection.sound(f"{pointer}/{key}")

    return Status(
        term=_read_term(node["term"]) if sound("term") else default.term,
        grace=_read_grace(inspection, node["grace"], f"{pointer}/grace") if sound("grace") else default.grace,
        demotion=node["demotion"] if sound("demotion") else default.demotion,
        soft_landing=_read_landing(inspection, node["soft_landing"], f"{pointer}/soft_landing")
        if sound("soft_landing")
        else None,
        warn_before=_read_warnings(inspection, node["warn_before"], f"{pointer}/warn_before")
        if sound("warn_before")
        else default.warn_before,
    )


def _grace() -> Schema:
    cycles = closed(
        "",
        {
            "cycles": whole("How many times the customer's own days between orders.", 2, least=1, most=100),
            "at_least": duration("The least grace, also where the cycle is unknown.", "30 days"),
        },
        ["cycles", "at_least"],
    )
    shape = duration(
        "How long a customer who falls short keeps the tier: a time, a number of their own purchase cycles, or none.",
        "3 months",
        "none",
    )
    return {
        **cycles,
        **shape,
        "type": ["string", "object"],
        "format": "grace",
        "pattern": f"^(none|{str(shape['pattern']).strip('^$')})$",
        "examples": ["3 months", "none", {"cycles": 2, "at_least": "30 days"}],
    }


def _read_term(text: str) -> Term:
    match text:
        case "rolling" | "calendar year" | "lifetime":
            return Term(text)
        case _:
            return Term("months", int(text.split()[0]))


def _read_grace(inspection: Inspection, node: Any, pointer: str) -> Duration | CycleGrace | None:
    if node == "none":
        return None
    if isinstance(node, str):
        return inspection.exact(pointer, lambda: Duration.of(node))
    at_least = inspection.exact(f"{pointer}/at_least", lambda: Duration.of(node["at_least"]))
    return None if at_least is None else CycleGrace(node["cycles"], at_least)


def _read_landing(inspection: Inspection, node: Mapping[str, Any], pointer: str) -> SoftLanding | None:
    inspection.distinct(node["keep"], f"{pointer}/keep")
    lasts = inspection.exact(f"{pointer}/for", lambda: Duration.of(node["for"]))
    return None if lasts is None else SoftLanding(lasts, tuple(node["keep"]))


def _read_warnings(inspection: Inspection, node: list[str], pointer: str) -> tuple[Duration, ...]:
    inspection.distinct(node, pointer)
    found = [inspection.exact(f"{pointer}/{n}", partial(Duration.of, text)) for n, text in enumerate(node)]
    return tuple(sorted((duration for duration in found if duration), key=lambda d: d.days, reverse=True))
