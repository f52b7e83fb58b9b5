"""How far back a shop's orders can be trusted: without the scope `read_all_orders` Shopify tells the last 60 days, silently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vip_rules.adapter import PlatformFailed
from vip_rules.store import Shop

ALL_ORDERS: Final = "read_all_orders"
_DAYS: Final = 60


@dataclass(frozen=True, slots=True)
class Trust:
    """The shop as it was found, and whether all of its orders are told."""

    shop: Shop

    @classmethod
    def of(cls, info: Mapping[str, Any], now: datetime) -> Trust:
        """What a shop tells of itself. Raises PlatformFailed for a time zone that nobody knows."""
        shop = info["shop"]
        try:
            zone = ZoneInfo(shop["ianaTimezone"])
        except (ZoneInfoNotFoundError, ValueError):
            raise PlatformFailed(
                f"the shop's time zone is {ascii(shop['ianaTimezone'])[:60]}: it isn't known here"
            ) from None
        scopes = {scope["handle"] for scope in info["currentAppInstallation"]["accessScopes"]}
        first = None if ALL_ORDERS in scopes else _first_whole_day(now, zone)
        return cls(Shop(currency=shop["currencyCode"], timezone=zone.key, trusted_from=first))

    @property
    def all_orders(self) -> bool:
        """Whether orders of all time are told."""
        return self.shop.trusted_from is None

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person must know."""
        if self.all_orders:
            return ()
        told = (
            f"SHOPIFY HIDES OLDER ORDERS from this app: only those of the last {_DAYS} days are read, and only days from "
            f"{self.shop.trusted_from} on are trusted. Nobody is promoted or demoted by what reaches back further. To mend it, "
            f"ask Shopify for the scope {ALL_ORDERS} (in the app's settings, under API access), install the app anew, and "
            "read everything again (vip-rules sync --full)."
        )
        return (told,)


def _first_whole_day(now: datetime, zone: ZoneInfo) -> date:
    return (now - timedelta(days=_DAYS)).astimezone(zone).date() + timedelta(days=1)
