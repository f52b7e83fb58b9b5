"""What a tier's discount and its free shipping are in Shopify, and back: the part in which the two differ."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from vip_rules_shopify.effects.alike import ordered

MARK: Final = "vip-rules-"
"""What the tags begin with by which our discounts are found again."""

_SERVICE: Final = f"{MARK}service-"
_CLASSES: Final = {
    "product": "productDiscounts",
    "order": "orderDiscounts",
    "shipping": "shippingDiscounts",
}
_FINEST: Final = Decimal("0.000001")


class Terms(ABC):
    """What a kind of discount says.

    `form` is Shopify's name of it, `word` the end of its codes, and `names` are those in its payloads.
    """

    kind: str
    names: frozenset[str]
    form: Literal["Basic", "FreeShipping"]
    word: str

    def mark(self, tier: str) -> str:
        """The tag by which a tier's discount of this kind is found again."""
        return f"{MARK}{self.kind}-{tier}"

    def tier(self, tags: Sequence[str]) -> str | None:
        """The tier of a discount with some tags."""
        before = self.mark("")
        return next((tag.removeprefix(before) for tag in tags if tag.startswith(before)), None)

    @abstractmethod
    def tags(self, payload: Mapping[str, Any]) -> list[str]:
        """The tags of a payload's discount, its mark first."""

    @abstractmethod
    def written(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """What Shopify is asked for."""

    @abstractmethod
    def told(self, content: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
        """What Shopify holds, as a part of a payload, with what no payload has where people changed that."""

    def is_outdated(self, content: Mapping[str, Any]) -> bool:
        """Whether what Shopify holds isn't as the settings say, which no payload knows of."""
        return False


class Percentage(Terms):
    """A percentage off everything."""

    kind, form, word = "discount", "Basic", "DISCOUNT"
    names = frozenset({"tier", "tags", "title", "percent", "combines_with"})

    def tags(self, payload: Mapping[str, Any]) -> list[str]:
        """Its mark alone."""
        return [self.mark(payload["tier"])]

    def written(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The percentage exactly as it is: Shopify takes it as a part of 1."""
        combined = payload["combines_with"]
        return {
            "customerGets": {
                "value": {"percentage": Decimal(payload["percent"]).scaleb(-2)},
                "items": {"all": True},
            },
            "combinesWith": {theirs: ours in combined for ours, theirs in _CLASSES.items()},
        }

    def told(self, content: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
        """The percentage, and what it combines with."""
        gets, combined = content["customerGets"], content["combinesWith"]
        part = gets["value"].get("percentage")
        percent = None if part is None else Decimal(str(part)).quantize(_FINEST).scaleb(2).normalize()
        told = {
            "percent": None if percent is None else format(percent, "f"),
            "combines_with": ordered(
                (ours for ours, theirs in _CLASSES.items() if combined[theirs]), asked.get("combines_with")
            ),
        }
        return told if gets["items"].get("allItems") else {**told, "items": "not all"}


@dataclass(frozen=True, slots=True)
class FreeShipping(Terms):
    """Free shipping. `up_to` is the highest price that is free, by service; for others every price is.

    Shopify knows no services: which one a tier has is kept in a tag.
    """

    up_to: Mapping[str, Decimal]
    kind = "free_shipping"
    form = "FreeShipping"
    word = "SHIPPING"
    names = frozenset({"tier", "tags", "title", "service"})

    def tags(self, payload: Mapping[str, Any]) -> list[str]:
        """Its mark, and the service."""
        return [self.mark(payload["tier"]), f"{_SERVICE}{payload['service']}"]

    def written(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Free anywhere, beside every discount on goods that allows it."""
        return {
            "destination": {"all": True},
            "maximumShippingPrice": self._price(payload["service"]),
            "combinesWith": {"productDiscounts": True, "orderDiscounts": True, "shippingDiscounts": False},
        }

    def told(self, content: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
        """The service; what else is set in the shop, where it isn't what the settings say."""
        told: dict[str, Any] = {"service": self._service(content)}
        if self.is_outdated(content):
            told["up_to"] = (content["maximumShippingPrice"] or {}).get("amount", "any price")
        combined = content["combinesWith"]
        if not (combined["productDiscounts"] and combined["orderDiscounts"]):
            told["combines_with"] = [ours for ours, theirs in _CLASSES.items() if combined[theirs]]
        return told

    def is_outdated(self, content: Mapping[str, Any]) -> bool:
        """Whether a discount's highest price isn't that of its service."""
        amount = (content["maximumShippingPrice"] or {}).get("amount")
        return (None if amount is None else Decimal(amount)) != self.up_to.get(self._service(content) or "")

    def _price(self, service: str | None) -> str | None:
        highest = self.up_to.get(service or "")
        return None if highest is None else str(highest)

    def _service(self, content: Mapping[str, Any]) -> str | None:
        tags = (tag.removeprefix(_SERVICE) for tag in content["tags"] if tag.startswith(_SERVICE))
        return next(tags, None)
