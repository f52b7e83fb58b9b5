"""What a merchant can choose about how the shop is read, as settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vip_rules.adapter import Setting
from vip_rules.errors import VipRulesError

GIFT_CARD_TYPES: Final = ("gift-card", "gift_card", "giftcard", "pw-gift-card")
"""The types of products that extensions sell gift cards as."""

GIFT_CARD_META: Final = ("_gift_card", "wc_gc_giftcard_amount", "_ywgc_gift_card_code", "pw_gift_card_number")
"""The fields with which extensions mark a gift card: on the product, or on the order's line."""

SETTINGS: Final[Mapping[str, Setting]] = {
    "paid_statuses": Setting(
        description="Statuses of orders that count as paid besides processing and completed, as a list: those of plugins.",
        default=[],
    ),
    "birthday_meta": Setting(
        description="The key of the customers' field with the birthday, if there is one."
    ),
    "language_meta": Setting(
        description="The key of the customers' field with the language.", default="locale"
    ),
    "tags_meta": Setting(
        description="The key of the customers' field with tags: a list, or a text with commas between them.",
    ),
    "gift_card_types": Setting(
        description="The types of products that are gift cards.", default=list(GIFT_CARD_TYPES)
    ),
    "gift_card_meta": Setting(
        description="The keys of fields that mark a product or an order's line as a gift card.",
        default=list(GIFT_CARD_META),
    ),
    "gift_card_categories": Setting(
        description="The slugs of product categories that hold gift cards only.", default=[]
    ),
    "link_guests": Setting(
        description=(
            "Whether orders of guests count for the one account with their email address, if it has paid for an order "
            "with that address itself."
        ),
        default=False,
    ),
}
"""The settings of an adapter that reading needs, for its section [store]."""


class InvalidChoice(VipRulesError):
    """A setting of reading that can't work: mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What was chosen; what it means is told by `SETTINGS`."""

    paid_statuses: frozenset[str] = frozenset()
    birthday_meta: str | None = None
    language_meta: str | None = "locale"
    tags_meta: str | None = None
    gift_card_types: frozenset[str] = frozenset(GIFT_CARD_TYPES)
    gift_card_meta: tuple[str, ...] = GIFT_CARD_META
    gift_card_categories: frozenset[str] = frozenset()
    link_guests: bool = False

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Choices:
        """What settings choose; the defaults where they say nothing. Raises InvalidChoice."""
        link = settings.get("link_guests", False)
        if not isinstance(link, bool):
            raise InvalidChoice("link_guests: expected true or false")
        paid = _texts(settings, "paid_statuses", ())
        return cls(
            paid_statuses=frozenset(status.removeprefix("wc-") for status in paid),
            birthday_meta=_text(settings, "birthday_meta", None),
            language_meta=_text(settings, "language_meta", "locale"),
            tags_meta=_text(settings, "tags_meta", None),
            gift_card_types=frozenset(_texts(settings, "gift_card_types", GIFT_CARD_TYPES)),
            gift_card_meta=_texts(settings, "gift_card_meta", GIFT_CARD_META),
            gift_card_categories=frozenset(_texts(settings, "gift_card_categories", ())),
            link_guests=link,
        )


def _text(settings: Mapping[str, Any], name: str, default: str | None) -> str | None:
    value = settings.get(name, default)
    if value is None or (isinstance(value, str) and value.strip()):
        return value
    raise InvalidChoice(f"{name}: expected a key, in quotes")


def _texts(settings: Mapping[str, Any], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    value = settings.get(name)
    if value is None:
        return default
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list | tuple) and all(isinstance(each, str) and each.strip() for each in value):
        return tuple(value)
    raise InvalidChoice(f'{name}: expected a text or a list of texts, such as ["shipped"]')
