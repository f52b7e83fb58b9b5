"""A program: everything that a rule author decided, typed; money in minor units, days and windows as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from vip_rules.conditions import Comparison, Condition, comparisons
from vip_rules.metrics.figure import Figure
from vip_rules.model import Currency, SpendBasis
from vip_rules.program.economics import Economics
from vip_rules.program.guardrails import Guardrails
from vip_rules.program.messages import Message
from vip_rules.program.segments import Segment
from vip_rules.program.status import Status
from vip_rules.tiers import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A VIP program. Tiers go from lowest to highest; `version` is a digest of its content, formatting aside.

    `file` is where it was read from, for messages. Percentages are in hundredths of a percent.
    """

    id: str
    currency: Currency
    timezone: ZoneInfo
    tiers: tuple[Tier, ...]
    spend: SpendBasis = field(default_factory=SpendBasis)
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    status: Status = field(default_factory=Status)
    segments: tuple[Segment, ...] = ()
    messages: tuple[Message, ...] = ()
    economics: Economics | None = None
    guardrails: Guardrails = field(default_factory=Guardrails)
    version: str = ""
    file: str = ""

    def rules(self) -> Iterator[tuple[str, Condition]]:
        """Each condition that decides something, with the JSON pointer of its place."""
        for n, tier in enumerate(self.tiers):
            yield f"/tiers/{n}/qualify", tier.qualify
            if tier.keep is not None:
                yield f"/tiers/{n}/keep", tier.keep

    def comparisons(self) -> Iterator[Comparison]:
        """All comparisons of the program's rules."""
        for _, condition in self.rules():
            yield from comparisons(condition)

    def figures(self) -> list[Figure]:
        """The figures that the rules ask for, each once, in the order of first use."""
        return list(dict.fromkeys(comparison.figure for comparison in self.comparisons()))
