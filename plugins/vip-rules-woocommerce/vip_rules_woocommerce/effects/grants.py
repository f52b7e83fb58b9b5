"""The discount and the free shipping of a tier: a coupon of its own for each customer, as often as they like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from vip_rules.adapter import Found, Intent, Missing

from vip_rules_woocommerce.effects.coupons import Coupons
from vip_rules_woocommerce.effects.emails import restriction
from vip_rules_woocommerce.effects.outcomes import Row, Stopped
from vip_rules_woocommerce.effects.terms import Terms, amount, is_over, people

_COMBINATIONS: Final = ["order", "product", "shipping"]


class Grants:
    """An effect that is a coupon of a customer's own; `terms` gives what it says, from a business key and a payload."""

    def __init__(self, coupons: Coupons, terms: Callable[[str, Mapping[str, Any]], Terms]) -> None:
        self._coupons, self._terms = coupons, terms

    def put(self, intent: Intent) -> str:
        """Make the coupon, or change it in place; gives its id. Raises Stopped, PlatformFailed.

        Where there is no address that it could be restricted to, one for a former address is no longer good.
        """
        try:
            terms = self._terms(intent.key, intent.payload)
        except Stopped:
            self._coupons.give_up(intent)
            raise
        row = self._coupons.made(intent, terms, str(intent.payload["tier"]))
        return self._coupons.open(row, intent, terms)

    def remove(self, intent: Intent) -> None:
        """Let the coupon expire. Raises Stopped, PlatformFailed."""
        self._coupons.give_up(intent)

    def look(self, intent: Intent) -> Found | Missing:
        """What the coupon says; one that has expired by us isn't there. Raises PlatformFailed.

        To remove one isn't done before its customer is no longer shown the code.
        """
        rows = self._coupons.of(intent)
        if not rows or is_over(rows[0]):
            code = self._coupons.shown(intent) if intent.action == "remove" else None
            return Missing() if code is None else Found({**intent.payload, "shown": code})
        row, copies = rows[0], len(rows)
        reference = str(row["id"])
        changed: dict[str, Any] = {"copies": copies} if copies > 1 else {}
        for like in (intent.payload, intent.known):
            if not changed and like and not self._changes(intent.key, like, row):
                return Found(like, reference)
        like = intent.known or intent.payload
        return Found({**like, **self._changes(intent.key, like, row), **changed}, reference)

    def _changes(self, key: str, like: Mapping[str, Any], row: Row) -> dict[str, Any]:
        """What a coupon says otherwise than a payload, in the payload's words where it has some."""
        try:
            terms = self._terms(key, like)
        except (Stopped, KeyError):
            return {"email": people(row)}
        return dict(_told(name, row) for name in terms.differences(row))


def discount(key: str, payload: Mapping[str, Any]) -> Terms:
    """The terms of a discount. Raises Stopped for an address that a coupon can't be restricted to."""
    return Terms(
        key=key,
        email=restriction(payload.get("email")),
        discount_type="percent",
        amount=str(payload["percent"]),
        description=str(payload["title"]),
        individual_use=not payload["combines_with"],
    )


def free_shipping(key: str, payload: Mapping[str, Any]) -> Terms:
    """The terms of free shipping. Raises Stopped for an address that a coupon can't be restricted to."""
    return Terms(
        key=key,
        email=restriction(payload.get("email")),
        discount_type="percent",
        amount="0",
        description=str(payload["title"]),
        free_shipping=True,
    )


def _told(name: str, row: Row) -> tuple[str, Any]:
    """A difference for people."""
    match name:
        case "email_restrictions":
            return "email", people(row)
        case "amount" if row.get("discount_type") == "percent":
            text = f"{amount(row):f}"
            return "percent", text.rstrip("0").rstrip(".") if "." in text else text
        case "description":
            return "title", row.get("description")
        case "individual_use":
            return "combines_with", [] if row.get("individual_use") else _COMBINATIONS
        case _:
            return name, row.get(name)
