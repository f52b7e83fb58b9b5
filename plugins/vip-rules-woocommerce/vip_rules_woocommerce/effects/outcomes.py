"""One policy: which outcome an answer of the shop is; and what carries out a kind of effect."""

from __future__ import annotations

from typing import Any, Final, Protocol

from vip_rules.adapter import Found, Intent, Missing, Refused, RetryAfter, Unknown

from vip_rules_woocommerce.rest.answers import Answer, Busy, Done, InDoubt

Row = dict[str, Any]

LATER: Final = 120
"""Seconds until a shop is asked again in which something has to be mended, or that didn't answer several times.

It is longer than an apply waits by itself: nobody should sit in front of it meanwhile.
"""

_NOT_THE_EFFECTS: Final = frozenset({0, 401, 403, 405, 406})
"""Statuses that speak of the key, the certificate or a firewall: what is refused for them may be done once that is mended."""


class Effect(Protocol):
    """A kind of effect. Its methods raise Stopped, and PlatformFailed where the shop can't be read."""

    def put(self, intent: Intent) -> str | None:
        """Do it; gives the shop's own name for it, if there is one."""

    def remove(self, intent: Intent) -> None:
        """Take it away."""

    def look(self, intent: Intent) -> Found | Missing:
        """What the shop holds of it."""


class Stopped(Exception):
    """The work on an effect ends here, with an outcome other than Confirmed."""

    def __init__(self, outcome: Refused | Unknown | RetryAfter) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


def refuse(reason: str) -> Stopped:
    """What to raise for an effect that can't be done; the reason is told to a person."""
    return Stopped(Refused(reason))


def done(answer: Answer) -> Row:
    """The record that a write gave back. Raises Stopped for a write that wasn't done, or of which nobody knows."""
    match answer:
        case Done(data):
            return data if isinstance(data, dict) else {}
        case Busy(seconds, reason):
            raise Stopped(RetryAfter(seconds, reason))
        case InDoubt(reason):
            raise Stopped(Unknown(reason))
    if 300 <= answer.status < 400 or answer.status in _NOT_THE_EFFECTS or answer.code == "rest_no_route":
        raise Stopped(RetryAfter(LATER, answer.reason))
    raise refuse(answer.reason)


def record(answer: Answer) -> Row:
    """The record that a write gave back, which has an id. Raises Stopped: as `done`, and for an answer without one."""
    row = done(answer)
    if type(row.get("id")) is not int:
        raise Stopped(Unknown("the shop answered a write with something else than what was written"))
    return row
