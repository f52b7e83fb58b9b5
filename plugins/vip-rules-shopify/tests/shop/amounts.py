"""Money as Shopify's GraphQL shows it: decimal texts without trailing zeros, at least one decimal."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from vip_rules.model import Currency

from tests.shop.projection import Fields


def decimal_text(minor: int, currency: str) -> str:
    """Minor units as Shopify writes them: 12_990 of USD is "129.9", 4_000 is "40.0"."""
    text = Currency.of(currency).major(minor)
    whole, _, part = text.partition(".")
    return f"{whole}.{part.rstrip('0') or '0'}"


def money(minor: int, currency: str) -> Fields:
    """A MoneyV2."""
    return {"__typename": "MoneyV2", "amount": decimal_text(minor, currency), "currencyCode": currency}


def bag(minor: int, currency: str, presentment: Fields | None = None) -> Fields:
    """A MoneyBag; what the buyer saw is the shop's money unless said otherwise."""
    shop = money(minor, currency)
    return {"__typename": "MoneyBag", "shopMoney": shop, "presentmentMoney": presentment or shop}


def minor(amount: object, currency: str) -> int:
    """A decimal text in minor units. Raises InvalidMoney."""
    return Currency.of(currency).minor(Decimal(str(amount)))


def instant(moment: datetime | None) -> str | None:
    """An instant as Shopify writes it, in UTC to the second."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_instant(text: Any) -> datetime:
    """An instant or day from a document; without an offset it is in UTC."""
    moment = datetime.fromisoformat(str(text))
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
