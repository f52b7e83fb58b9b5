"""A customer's tags and fields as meta data, for themes, emails and campaigns; one key of it stops cart reminders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vip_rules.adapter import Found, Intent, Missing

from vip_rules_woocommerce.effects.codes import SHOWN
from vip_rules_woocommerce.effects.entitlements import ENTITLEMENTS
from vip_rules_woocommerce.effects.meta import PREFIX, CustomerMeta, read, written

TAGS: Final = f"{PREFIX}tags"
NO_CART_REMINDERS: Final = f"{PREFIX}no_cart_reminders"
"""Is "yes" for customers whom campaigns about abandoned carts should leave out."""

_NO_CART_REMINDERS_TAG: Final = "vip-no-cart-reminders"
_YES: Final = "yes"


class Fields:
    """The effect "customer": one key for each field, one for the tags, one for the tag that campaigns look for."""

    def __init__(self, customers: CustomerMeta) -> None:
        self._customers = customers

    def put(self, intent: Intent) -> None:
        """Write all of it, and delete what an earlier state had besides. Raises Stopped."""
        wanted = _written(intent.payload)
        former = dict.fromkeys(_written(intent.known or {}))
        after = _ours(self._customers.write(intent.customer_id, {**former, **wanted}))
        left = [key for key in after if wanted.get(key) is None]
        self._customers.erase(intent.customer_id, left)

    def remove(self, intent: Intent) -> None:
        """Delete all of it. Raises Stopped, PlatformFailed."""
        self._customers.erase(intent.customer_id, list(_ours(self._customers.read(intent.customer_id))))

    def look(self, intent: Intent) -> Found | Missing:
        """What the customer has. Raises PlatformFailed."""
        mine = _ours(self._customers.read(intent.customer_id))
        if not mine:
            return Missing()
        for like in (intent.payload, intent.known):
            if like is not None and _payload(mine, like) == like:
                return Found(like)
        return Found(_payload(mine, intent.known or intent.payload))


def _ours(meta: Mapping[str, Any]) -> dict[str, Any]:
    """What is of this effect; entitlements and codes of coupons are others'."""
    return {key: value for key, value in meta.items() if key != ENTITLEMENTS and not key.startswith(SHOWN)}


def _written(payload: Mapping[str, Any]) -> dict[str, str | None]:
    tags = payload.get("tags", ())
    return {
        **{f"{PREFIX}{name}": written(value) for name, value in payload.get("fields", {}).items()},
        TAGS: written(list(tags)),
        NO_CART_REMINDERS: _YES if _NO_CART_REMINDERS_TAG in tags else None,
    }


def _payload(mine: Mapping[str, Any], like: Mapping[str, Any]) -> dict[str, Any]:
    """The payload that the meta data say. A field without a row is None where `like` has it as None, and else left out."""
    expected = like.get("fields", {})
    names = [key.removeprefix(PREFIX) for key in mine if key not in (TAGS, NO_CART_REMINDERS)]
    absent = {name: None for name, value in expected.items() if value is None}
    found = {name: read(mine[f"{PREFIX}{name}"], expected.get(name)) for name in names}
    return {"tags": _tags(mine), "fields": {**absent, **found}}


def _tags(mine: Mapping[str, Any]) -> Any:
    """The tags; that against cart reminders counts only if campaigns see it."""
    tags = read(mine.get(TAGS), [])
    if not isinstance(tags, list):
        return [] if tags is None else tags
    told = mine.get(NO_CART_REMINDERS) == _YES
    if told and _NO_CART_REMINDERS_TAG not in tags:
        return [*tags, _NO_CART_REMINDERS_TAG]
    return [tag for tag in tags if told or tag != _NO_CART_REMINDERS_TAG]
