"""What an answer of Shopify's comes to for an effect: the one place that decides it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vip_rules.adapter import Outcome, PlatformFailed, Refused, RetryAfter, Unknown

from vip_rules_shopify.admin.answers import Answer, Busy, Done, InDoubt, NotDone
from vip_rules_shopify.admin.failures import AdminFailed

_UNREACHABLE: Final = 30
"""Seconds after which a shop is asked again that couldn't be read, or that is closed for now."""

_CLOSED: Final = "SHOP_INACTIVE"

_HINTS: Final = {
    "ACTIVE_PERIOD_OVERLAP": (
        "Shopify has room for 25 active automatic discounts, those of people and of other apps among them: end one that isn't "
        'needed, or set discounts = "code" in vip-rules.toml'
    ),
    "CREDIT_LIMIT_EXCEEDED": "the customer's store credit has come to the limit that Shopify sets",
    "OWNER_NOT_FOUND": "the shop has no such customer",
    "UNSUPPORTED_CURRENCY": "the shop's store credit doesn't know this currency",
    "EXPIRES_AT_IN_PAST": "it would have ended already: set credit_days in vip-rules.toml to more days",
}
"""What some of Shopify's codes mean for a person, and what to do."""


class Stopped(Exception):
    """An effect that doesn't go on. It ends inside of this package, which tells its `outcome`."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome)


def done(answer: Answer) -> Mapping[str, Any]:
    """What a mutation gives that was done. Raises Stopped where it wasn't, or nobody knows.

    Of several mutations for an effect an earlier one may have been done. States are put again as a whole, so that to be told
    to come back is right for them; and what is in doubt stays so.
    """
    match answer:
        case Done(data):
            return data
        case NotDone(reason, codes) if _CLOSED in codes:
            raise Stopped(RetryAfter(_UNREACHABLE, reason))
        case NotDone(reason, codes):
            hints = [_HINTS[code] for code in sorted(codes) if code in _HINTS]
            raise Stopped(Refused("; ".join(hints) or reason))
        case Busy(seconds, reason):
            raise Stopped(RetryAfter(seconds, reason))
        case InDoubt(reason):
            raise Stopped(Unknown(f"{reason}: whether it was done isn't known"))


def made(data: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """What a mutation made, under the first of some names that there is. Raises Stopped where it says nothing of it."""
    (payload,) = data.values()
    thing = next((payload[name] for name in names if payload.get(name)), None)
    if thing is None:
        raise Stopped(Unknown("Shopify named no error, and nothing that it made"))
    told: Mapping[str, Any] = thing
    return told


def unread(error: PlatformFailed) -> Outcome:
    """What it comes to that the shop couldn't be read, before anything was done or where doing it again is right."""
    codes = error.codes if isinstance(error, AdminFailed) else frozenset()
    if codes and _CLOSED not in codes and not any(code.startswith("HTTP_") for code in codes):
        return Refused(str(error))
    return RetryAfter(_UNREACHABLE, str(error))
