"""The standing of a customer: the tier with its dates, the pin, and what is remembered to take a promotion back.

All bounds are inclusive local days, as days since 1970-01-01. A tier is its id, None for no tier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Final, Literal

from vip_rules.benefits.definition import Benefit
from vip_rules.localdays import day_date, day_number
from vip_rules.program.program import Program
from vip_rules.tiers import Tier

FOREVER: Final = day_number(date.max)
"""The bound of what never ends."""

Status = Literal["pinned", "grace", "landing", "secured", "member", "none"]
"""What is shown of a standing: the first of these that applies."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A tier given by hand, through `until` (None: until it is taken away). With `floor` a higher tier of their own counts."""

    tier: str | None
    until: int | None
    reason: str
    by: str
    floor: bool = False


@dataclass(frozen=True, slots=True)
class Promotion:
    """How a tier was reached, and what was before, so that it can be taken back.

    `rule` is the digest of what qualified for the tier: a changed rule never takes back what an older one gave.
    """

    tier: str
    on: int
    rule: str
    before: str | None = None
    before_since: int | None = None
    before_highest: str | None = None
    before_secured: int | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning that was given on a day: so long `before` ("60 days") a demotion that was then due on the day `ahead`."""

    before: str
    on: int
    ahead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A customer's standing at the close of a day. What is left out is nothing: a customer who never had a tier.

    `grace_until` in the past is a grace that is over, of somebody who still waits for the end of their notice. A
    grandfathered standing was short when the program changed, and is kept until it meets the new rules.
    """

    tier: str | None = None
    since: int | None = None
    secured_until: int | None = None
    grace_until: int | None = None
    landing_until: int | None = None
    landing_from: str | None = None
    highest_tier: str | None = None
    pin: Pin | None = None
    promotions: tuple[Promotion, ...] = ()
    notices: tuple[Notice, ...] = ()
    grandfathered: bool = False

    def status(self, day: int) -> Status:
        """What is shown of it on a day."""
        if self.pin_on(day):
            return "pinned"
        if _lasts(self.grace_until, day):
            return "grace"
        if _lasts(self.landing_until, day):
            return "landing"
        if _lasts(self.secured_until, day):
            return "secured"
        return "none" if self.tier is None else "member"

    def pin_on(self, day: int) -> Pin | None:
        """The pin that holds on a day."""
        held = self.pin is not None and (self.pin.until is None or day <= self.pin.until)
        return self.pin if held else None

    def effective(self, tiers: Sequence[Tier], day: int) -> str | None:
        """The tier that counts on a day: the pin's, with a floor the higher of both."""
        pin = self.pin_on(day)
        if pin is None or (pin.floor and rank(tiers, self.tier) >= rank(tiers, pin.tier)):
            return self.tier
        return pin.tier

    def benefits(self, program: Program, day: int) -> tuple[Benefit, ...]:
        """The benefits that count on a day: those of the effective tier.

        During a soft landing the kept types are those of the former tier; only where the standing's own tier counts, since a
        pin above or below it says by itself what its customer has.
        """
        effective = self.effective(program.tiers, day)
        own = _benefits(program.tiers, effective)
        landing = program.status.soft_landing
        if landing is None or effective != self.tier or not _lasts(self.landing_until, day):
            return own
        kept = tuple(b for b in _benefits(program.tiers, self.landing_from) if b.type.name in landing.keep)
        overridden = {benefit.type.name for benefit in kept}
        return (*(benefit for benefit in own if benefit.type.name not in overridden), *kept)

    def pinned(self, pin: Pin | None) -> Standing:
        """The standing with another pin, or without one. What was announced before is void."""
        return replace(self, pin=pin, notices=())

    def renamed(self, present: Mapping[str, str]) -> Standing:
        """The standing with the present ids of tiers, by their former ones."""

        def now(tier: str | None) -> str | None:
            return None if tier is None else present.get(tier, tier)

        return replace(
            self,
            tier=now(self.tier),
            landing_from=now(self.landing_from),
            highest_tier=now(self.highest_tier),
            pin=self.pin and replace(self.pin, tier=now(self.pin.tier)),
            promotions=tuple(
                replace(
                    promotion,
                    tier=present.get(promotion.tier, promotion.tier),
                    before=now(promotion.before),
                    before_highest=now(promotion.before_highest),
                )
                for promotion in self.promotions
            ),
        )

    def record(self) -> dict[str, Any]:
        """The standing as plain JSON data, days as ISO dates: `Standing.of` makes it again."""
        return _plain(self) | {
            "pin": self.pin and _plain(self.pin),
            "promotions": [_plain(promotion) for promotion in self.promotions],
            "notices": [_plain(notice) for notice in self.notices],
        }

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Standing:
        """The standing of a record; keys that are missing are nothing."""
        known = _typed(record) | {
            "pin": Pin(**_typed(record["pin"])) if record.get("pin") else None,
            "promotions": tuple(Promotion(**_typed(each)) for each in record.get("promotions", ())),
            "notices": tuple(Notice(**_typed(each)) for each in record.get("notices", ())),
        }
        return cls(**known)


def rank(tiers: Sequence[Tier], tier: str | None) -> int:
    """The place of a tier in the ladder, the lowest 0; -1 for none, and for one that the ladder no longer has."""
    for place, each in enumerate(tiers):
        if each.id == tier:
            return place
    return -1


def _lasts(until: int | None, day: int) -> bool:
    return until is not None and day <= until


def _benefits(tiers: Sequence[Tier], tier: str | None) -> tuple[Benefit, ...]:
    return next((each.benefits for each in tiers if each.id == tier), ())


_DAYS: Final = frozenset(
    (
        *("since", "secured_until", "grace_until", "landing_until", "until", "on", "ahead"),
        *("before_since", "before_secured"),
    )
)
"""The fields that are days, of all that is recorded here."""


def _plain(value: Standing | Pin | Promotion | Notice) -> dict[str, Any]:
    found = {field.name: getattr(value, field.name) for field in fields(value)}
    return {
        name: str(day_date(known)) if name in _DAYS and known is not None else known
        for name, known in found.items()
    }


def _typed(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: day_number(date.fromisoformat(known)) if name in _DAYS and known is not None else known
        for name, known in record.items()
    }
