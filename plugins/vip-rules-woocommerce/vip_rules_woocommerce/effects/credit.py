"""Store credit: a coupon for one use, given once. Its code is made of its key, so that one that is in doubt is known again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from vip_rules.adapter import Found, Intent, Missing

from vip_rules_woocommerce.effects.coupons import Coupons
from vip_rules_woocommerce.effects.emails import restriction
from vip_rules_woocommerce.effects.outcomes import Row, Stopped, refuse
from vip_rules_woocommerce.effects.terms import Terms, amount, is_over, people, was_used


class Credit:
    """The effect "store_credit". `currency` asks for the shop's, `today` gives the local day; coupons last some days."""

    def __init__(
        self, coupons: Coupons, *, currency: Callable[[], str], today: Callable[[], date], days: int
    ) -> None:
        self._coupons, self._currency, self._today, self._days = coupons, currency, today, days

    def put(self, intent: Intent) -> str:
        """Give it, unless it was given before; gives the coupon's id. Raises Stopped, PlatformFailed.

        Two that were made at once are closed both, and the one that is kept is opened: so it is given once.
        """
        given, shops = str(intent.payload["currency"]), self._currency()
        if given != shops:
            raise refuse(f"the credit is in {given}, and the shop's coupons are in {shops}")
        terms = self._terms(intent.key, intent.payload)
        row = self._coupons.made(intent, terms, str(intent.payload["occasion"]))
        if _was_given(row):
            return str(row["id"])
        return self._coupons.open(row, intent, terms)

    def remove(self, intent: Intent) -> None:
        """Raises Stopped: money isn't taken back."""
        raise refuse("the credit was given: to take it back, delete its coupon in the shop")

    def look(self, intent: Intent) -> Found | Missing:
        """The credit, also once it was spent or has expired. Raises PlatformFailed."""
        row = next((row for row in self._coupons.of(intent) if _was_given(row)), None)
        if row is None:
            return Missing()
        return Found({**intent.payload, **self._changes(intent, row)}, str(row["id"]))

    def _terms(self, key: str, payload: Mapping[str, Any]) -> Terms:
        last = self._today() + timedelta(days=self._days)
        return Terms(
            key=key,
            email=restriction(payload.get("email")),
            discount_type="fixed_cart",
            amount=str(payload["amount"]),
            # The year alone: the whole day would tell the customer's birthday.
            description=f"{payload['amount']} {payload['currency']}: {payload['occasion']} {payload['day'][:4]}",
            uses=1,
            expires=f"{last.isoformat()}T23:59:59",
        )

    def _changes(self, intent: Intent, row: Row) -> dict[str, Any]:
        """What was changed by hand since."""
        try:
            differ = [*self._terms(intent.key, intent.payload).differences(row)]
        except (Stopped, KeyError):
            return {}
        told = {"amount": f"{amount(row):f}", "email": people(row)}
        return {name: told.get(name, row.get(name)) for name in map(_in_payload, differ)}


def _was_given(row: Row) -> bool:
    return was_used(row) or not is_over(row)


def _in_payload(name: str) -> str:
    return "email" if name == "email_restrictions" else name
