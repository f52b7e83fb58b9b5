"""What came of a request: the one place that decides whether something was done, was not done, or is in doubt.

Shopify tells failures in four places: the HTTP status; `errors`, maybe beside partial data; `userErrors` in what a mutation
gives; and the connection itself, which may break after the work was done.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

_COME_BACK: Final = 10
_RECONNECT: Final = 5
_LONGEST_WAIT: Final = 3_600
"""Seconds to wait where an answer doesn't say how long, where there was no connection, and at most."""

_IN_DOUBT: Final = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"})
"""Codes of errors after which something may have been done."""

_NOT_DONE: Final = frozenset({"ACCESS_DENIED", "MAX_COST_EXCEEDED", "BAD_REQUEST", "SHOP_INACTIVE"})
"""Codes of errors at a field of which nothing was done."""

_PASSING: Final = frozenset(
    {"IDEMPOTENCY_CONCURRENT_REQUEST", "SERVICE_UNAVAILABLE", "OPERATION_IN_PROGRESS"}
)
"""Codes of user errors that go away by themselves."""

_STATUSES: Final = {
    401: "the access token was refused: install the app in the shop again, or make a new token",
    402: "the shop is frozen: its owner has a bill to pay",
    403: "the app may not use this shop: look at its installation and its scopes",
    404: "there is no such shop or API version: look at the shop's address and the version",
    423: "the shop is locked: its owner has to ask Shopify's support",
}

_UNUSABLE: Final = frozenset(f"HTTP_{status}" for status in _STATUSES)


@dataclass(frozen=True, slots=True)
class Done:
    """It was done. `data` is what was asked for of it."""

    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Denial:
    """A field that this app may not read or write, by its path in the data ("shop.orders"); `needs` is what it takes."""

    path: str
    needs: str


@dataclass(frozen=True, slots=True)
class NotDone:
    """It was not done: the store said no. `codes` are Shopify's own; `data` is what was done beside it, where there is any."""

    reason: str
    codes: frozenset[str] = frozenset()
    data: Mapping[str, Any] | None = None
    denials: tuple[Denial, ...] = ()

    @property
    def is_of_shop(self) -> bool:
        """Whether the shop can't be used at all, whatever is asked for."""
        return any(code.startswith("HTTP_3") for code in self.codes) or bool(self.codes & _UNUSABLE)


@dataclass(frozen=True, slots=True)
class Busy:
    """It was not done, and may be tried again after some seconds."""

    seconds: int
    reason: str


@dataclass(frozen=True, slots=True)
class InDoubt:
    """Nobody knows whether it was done: read it back before anything else."""

    reason: str


Answer = Done | NotDone | Busy | InDoubt


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer. `body` is its JSON; None where it is none."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def cost(self) -> Mapping[str, Any] | None:
        """What it tells of points."""
        cost = _mapping(_mapping(self.body).get("extensions")).get("cost")
        return cost if isinstance(cost, Mapping) else None


@dataclass(frozen=True, slots=True)
class NotSent:
    """There was no connection: nothing can have been done."""

    reason: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The request was sent, and no answer came."""

    reason: str


def judge(reply: Reply | NotSent | Lost, *, host: str) -> Answer:
    """What came of a request, from the answer to it."""
    match reply:
        case NotSent(reason):
            return Busy(_RECONNECT, f"{host} couldn't be reached: {reason}")
        case Lost(reason):
            return InDoubt(f"{host} gave no answer: {reason}")
    said = f"{host} answered {reply.status}"
    if reply.status == 429:
        return Busy(_retry_after(reply.headers), f"{said}: too many requests")
    if reply.status >= 500 or reply.status == 408:
        return InDoubt(said)
    if reply.status != 200:
        return NotDone(f"{said}: {_told(reply.status)}", frozenset({f"HTTP_{reply.status}"}))
    if not isinstance(reply.body, Mapping):
        return InDoubt(f"{said} with something that isn't JSON")
    return _judge_body(reply.body, host)


def search_warnings(body: object) -> list[str]:
    """What Shopify didn't understand of a search: it leaves that out in silence, and finds too much."""
    searches = _mapping(_mapping(body).get("extensions")).get("search")
    return [
        f"{warning.get('field')}: {_short(warning.get('message'))}"
        for search in _mappings(searches)
        for warning in _mappings(search.get("warnings"))
    ]


def _judge_body(body: Mapping[str, Any], host: str) -> Answer:
    data = body.get("data")
    data = data if isinstance(data, Mapping) else None
    errors = body.get("errors")
    if errors:
        return _judge_errors(list(_mappings(errors)), data, host)
    if data is None:
        return InDoubt(f"{host} answered without data")
    refusals = [refusal for payload in data.values() for refusal in _user_errors(payload)]
    if not refusals:
        return Done(data)
    codes = frozenset(str(each["code"]) for each in refusals if each.get("code"))
    reason = "; ".join(dict.fromkeys(_user_error(each) for each in refusals))
    untouched = all(_user_errors(payload) for payload in data.values())
    if untouched and codes and codes <= _PASSING and all(each.get("code") for each in refusals):
        return Busy(_COME_BACK, reason)
    return NotDone(reason, codes, data)


def _judge_errors(errors: list[Mapping[str, Any]], data: Mapping[str, Any] | None, host: str) -> Answer:
    codes = frozenset(code for code in map(_code, errors) if code)
    reason = "; ".join(dict.fromkeys(_short(error.get("message")) for error in errors))
    if "THROTTLED" in codes:
        return Busy(1, f"{host} is throttling: the shop's points are spent")
    if not errors or any(_may_be_done(error) for error in errors):
        return InDoubt(f"{host} failed: {reason or 'it does not say how'}")
    denials = tuple(_denial(error) for error in errors if _code(error) == "ACCESS_DENIED")
    if denials:
        needed = "; ".join(dict.fromkeys(denial.needs for denial in denials))
        reason = f"the app may not do this: Shopify asks for {needed.rstrip('.')}; vip-rules doctor says what to do"
    return NotDone(reason, codes, data, denials)


def _may_be_done(error: Mapping[str, Any]) -> bool:
    """Whether something may have been done in spite of an error: not where the document was refused before it was run."""
    code = _code(error)
    if code in _IN_DOUBT:
        return True
    return (
        code not in _NOT_DONE
        and ("path" in error or "locations" not in error)
        and not _is_refused_early(code)
    )


def _is_refused_early(code: str) -> bool:
    # The codes of a validation's errors are in camel case: undefinedField, missingRequiredArguments …
    return code[:1].islower() or code.startswith("INVALID_")


def _denial(error: Mapping[str, Any]) -> Denial:
    extensions = _mapping(error.get("extensions"))
    path = error.get("path")
    where = ".".join(str(part) for part in path) if isinstance(path, list) else ""
    needs = extensions.get("requiredAccess") or error.get("message")
    return Denial(where, _short(needs))


def _user_errors(payload: object) -> list[Mapping[str, Any]]:
    return [
        error
        for key, errors in _mapping(payload).items()
        if key.endswith(("userErrors", "UserErrors"))
        for error in _mappings(errors)
    ]


def _user_error(error: Mapping[str, Any]) -> str:
    field, code = error.get("field"), error.get("code")
    where = f"{'.'.join(map(str, field))}: " if isinstance(field, list) and field else ""
    return f"{where}{_short(error.get('message'))}{f' ({code})' if code else ''}"


def _code(error: Mapping[str, Any]) -> str:
    return str(_mapping(error.get("extensions")).get("code") or "")


def _told(status: int) -> str:
    if 300 <= status < 400:
        return "a redirect, which isn't followed: set the shop's own address, https://NAME.myshopify.com"
    return _STATUSES.get(status, "it doesn't take the request")


def _retry_after(headers: Mapping[str, str]) -> int:
    try:
        seconds = math.ceil(float(headers.get("Retry-After", _COME_BACK)))  # not money
    except (ValueError, OverflowError):
        return _COME_BACK
    return min(max(seconds, 1), _LONGEST_WAIT)


def _short(message: object) -> str:
    text = " ".join(str(message or "no reason given").split())
    return text if len(text) <= 300 else f"{text[:299]}…"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> Iterable[Mapping[str, Any]]:
    if isinstance(value, str):
        return [{"message": value}]
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
