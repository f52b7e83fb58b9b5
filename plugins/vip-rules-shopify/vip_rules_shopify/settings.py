"""The settings of a shop, read: what is wrong is told by the key that it is written under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from vip_rules.errors import UsageError
from vip_rules.model import Currency, InvalidMoney

Method = Literal["Automatic", "Code"]
"""How a discount is given: to whoever is entitled, or to those of them who enter its code."""

SERVICES: Final = {
    "standard": "standard_up_to",
    "expedited": "expedited_up_to",
    "next-day": "next_day_up_to",
}
_METHODS: Final[Mapping[str, Method]] = {"automatic": "Automatic", "code": "Code"}
_LONGEST: Final = 36_500
_MOST: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How effects are carried out in a shop.

    `up_to` is the highest shipping price that is free, by service; `days` how long a store credit is good for; and
    `connections` how many requests run side by side.
    """

    method: Method = "Automatic"
    up_to: Mapping[str, Decimal] = field(default_factory=dict)
    days: int = 365
    connections: int = 4

    @classmethod
    def read(cls, settings: Mapping[str, Any], currency: Currency) -> Wishes:
        """Those of a shop's settings, with prices in its currency. Raises UsageError."""
        method = settings.get("discounts", "automatic")
        if method not in _METHODS:
            raise UsageError(f'[store] discounts is {method!r}: expected "automatic" or "code"')
        return cls(
            method=_METHODS[method],
            up_to={
                service: _price(key, settings[key], currency)
                for service, key in SERVICES.items()
                if settings.get(key) is not None
            },
            days=_number("credit_days", settings.get("credit_days", 365), _LONGEST),
            connections=_number("connections", settings.get("connections", 4), _MOST),
        )


def _price(key: str, text: str, currency: Currency) -> Decimal:
    try:
        price = Decimal(text)
        minor = currency.minor(price) if price.is_finite() else -1
    except InvalidMoney as error:
        raise UsageError(f"[store] {key} is {text!r}: {error}") from None
    except InvalidOperation:
        minor = -1
    if minor < 0:
        raise UsageError(
            f'[store] {key} is {text!r}: expected a price in the shop\'s currency, as in "20.00"'
        )
    # Written the one way in which the shop is asked for it and tells of it.
    return Decimal(currency.major(minor))


def _number(key: str, value: int, most: int) -> int:
    if not 1 <= value <= most:
        raise UsageError(f"[store] {key} is {value}: expected a whole number from 1 to {most}")
    return value
