"""What a coupon of ours says: whom it is for, what it is worth, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from html import unescape
from typing import Any, Final

from vip_rules_woocommerce.effects.emails import NOBODY
from vip_rules_woocommerce.effects.meta import PREFIX, held
from vip_rules_woocommerce.effects.outcomes import Row

MARK: Final = f"{PREFIX}key"
"""The key of the meta data by which a coupon is ours: its value is the business key."""

OVER: Final = "2000-01-01T00:00:00"
"""When coupons have expired that aren't good yet, or aren't any more."""

_LONG_AGO: Final = "2000-01-03"
_HALF_A_UNIT: Final = Decimal("0.005")
"""Of the second decimal, to which the shop rounds what it tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A coupon as it is to be. `email` is the one that may use it; `expires` "" is never, otherwise the shop's own time.

    `uses` is how often it may be used; None: as often as they like.
    """

    key: str
    email: str
    discount_type: str
    amount: str
    description: str
    free_shipping: bool = False
    individual_use: bool = False
    uses: int | None = None
    expires: str = ""

    def made(self, code: str) -> dict[str, Any]:
        """A new coupon that is good for nothing yet: for one address, worth nothing, and expired."""
        return {
            "code": code,
            "discount_type": self.discount_type,
            "amount": "0",
            "description": self.description,
            "usage_limit": self.uses,
            "usage_limit_per_user": self.uses,
            **self.closed(),
            "meta_data": [{"key": MARK, "value": self.key}],
        }

    def closed(self) -> dict[str, Any]:
        """The change after which a coupon is for the one address, and for nobody yet."""
        return {"date_expires": OVER, "email_restrictions": [self.email]}

    def opened(self) -> dict[str, Any]:
        """The change after which a coupon of the right address is good."""
        return {
            "status": "publish",
            "discount_type": self.discount_type,
            "amount": self.amount,
            "description": self.description,
            "free_shipping": self.free_shipping,
            "individual_use": self.individual_use,
            "usage_limit": self.uses,
            "usage_limit_per_user": self.uses,
            "date_expires": self.expires,
        }

    def restricts(self, row: Row) -> bool:
        """Whether a coupon is for the one address, and for nobody else."""
        return row.get("email_restrictions") == [self.email]

    def differences(self, row: Row) -> Iterator[str]:
        """The names of what a coupon says otherwise."""
        if not self.restricts(row):
            yield "email_restrictions"
        if not _same(amount(row), Decimal(self.amount)):
            yield "amount"
        if unescape(str(row.get("description"))) != unescape(self.description):
            yield "description"
        for name in ("discount_type", "free_shipping", "individual_use"):
            if row.get(name) != getattr(self, name):
                yield name
        for name in ("usage_limit", "usage_limit_per_user"):
            if (row.get(name) or None) != self.uses:
                yield name
        if not self.expires and row.get("date_expires") is not None:
            yield "date_expires"
        if row.get("status", "publish") != "publish":
            yield "status"


def given_up() -> dict[str, Any]:
    """The change after which a coupon is good for nothing, and holds nobody's address."""
    return {"date_expires": OVER, "email_restrictions": [NOBODY]}


def is_ours(row: Row, key: str) -> bool:
    """Whether a coupon bears our mark with a business key."""
    return key_of(row) == key


def key_of(row: Row) -> str | None:
    """The business key of a coupon of ours; None of others, and of those in the trash."""
    key = held(row).get(MARK)
    usable = type(row.get("id")) is int and row.get("status") != "trash"
    return key if usable and isinstance(key, str) and key else None


def code_of(row: Row) -> str:
    """The code of a coupon."""
    return str(row.get("code"))


def is_over(row: Row) -> bool:
    """Whether a coupon was closed by us: not opened yet, or given up."""
    return str(row.get("date_expires_gmt") or "9999") < _LONG_AGO


def was_used(row: Row) -> bool:
    """Whether a coupon was used at least once."""
    return row.get("usage_count") not in (0, "0", None)


def amount(row: Row) -> Decimal:
    """What a coupon is worth: an amount of money, or a percentage."""
    try:
        return Decimal(str(row.get("amount") or 0))
    except InvalidOperation:
        return Decimal(0)


def _same(told: Decimal, put: Decimal) -> bool:
    """Whether an amount is the one that was put: the shop tells two decimals, also in currencies that have three."""
    return told == put or (put != round(put, 2) and abs(told - put) <= _HALF_A_UNIT)


def people(row: Row) -> str:
    """Whom a coupon is for, in a text."""
    given = row.get("email_restrictions")
    named = ", ".join(map(str, given)) if isinstance(given, list) else ""
    return named or "ANYBODY"
