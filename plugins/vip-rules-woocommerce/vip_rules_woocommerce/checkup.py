"""Whether a shop is set up as vip-rules needs it, each finding with what to do. Nothing is changed in the shop."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from vip_rules.adapter import PlatformFailed
from vip_rules.checkup import Finding

from vip_rules_woocommerce.rest.answers import NotDone
from vip_rules_woocommerce.rest.client import Rest
from vip_rules_woocommerce.webhooks.subscriptions import Subscriptions

OLDEST: Final = (5, 8)
"""The first version of WooCommerce that lists orders by when they were changed."""

TRIED: Final = (11, 0)
"""The version with which this was tried."""

_READ: Final = ("customers", "orders", "products", "coupons")
_NO_ORDER: Final = f"orders/{2**53 - 1}"
"""An order that no shop has: to change it is refused for that, or before that for want of rights."""

_DRIFT: Final = 60
_DRIFT_SIGNED: Final = 15 * 60
"""Seconds by which clocks may differ; the second refuses signed requests."""

_AGAIN: Final = "mend what is said here, and check again"
_STATUS: Final = (
    "environment.version,environment.wp_version,environment.wp_cron,settings.HPOS_enabled"  # the rest is slow
)


def checkup(
    rest: Rest,
    *,
    currency: str,
    timezone: ZoneInfo,
    clock: Callable[[], datetime],
    subscriptions: Subscriptions | None,
) -> Iterator[Finding]:
    """Look at access, clock, versions, settings and webhooks. Currency and time zone are the program's. Raises nothing."""
    yield from _transport(rest)
    reached = list(_reading(rest, clock))
    yield from reached
    if any(finding.state == "bad" for finding in reached):
        return
    yield _writing(rest)
    yield from _versions(rest)
    yield from _settings(rest, currency)
    yield from _place(rest, timezone)
    yield from _webhooks(subscriptions)


def _transport(rest: Rest) -> Iterator[Finding]:
    if not rest.access.secured:
        says = f"{rest.host} is asked without encryption: customers' data can be read on the way"
        yield Finding(
            "https", "warning", says, "give the shop a certificate, and set its address to https://…"
        )
    elif rest.verified:
        yield Finding("https", "good", f"{rest.host} is asked over https")
    else:
        says = f"the certificate of {rest.host} isn't checked: anybody on the way could take the keys"
        yield Finding(
            "https", "bad", says, "have certificates verified; name your own authority in ca_bundle"
        )


def _reading(rest: Rest, clock: Callable[[], datetime]) -> Iterator[Finding]:
    """Whether the shop can be reached, with keys that let read; and its clock."""
    told = None
    for path in _READ:
        try:
            told = rest.told(path, per_page=1, _fields="id")
        except PlatformFailed as failed:
            yield Finding("access", "bad", f"{path} can't be read: {failed}", _AGAIN)
            return
    yield Finding("access", "good", f"{rest.host} lets its {', '.join(_READ)} be read")
    if told is not None:
        yield from _clock(told.headers.get("Date", ""), clock(), signed=not rest.access.secured)


def _clock(text: str, now: datetime, *, signed: bool) -> Iterator[Finding]:
    try:
        seconds = abs(int((parsedate_to_datetime(text) - now).total_seconds()))
    except (ValueError, TypeError):  # no date, or one without a zone: nothing is known of its clock
        return
    if seconds <= _DRIFT:
        yield Finding("clock", "good", "the clocks of the shop and of this computer agree")
        return
    refused = ", by which it refuses signed requests" if signed and seconds > _DRIFT_SIGNED else ""
    yield Finding(
        "clock",
        "bad" if refused else "warning",
        f"the clocks of the shop and of this computer differ by {seconds} seconds{refused}",
        "set both by a time server",
    )


def _writing(rest: Rest) -> Finding:
    """Whether the key may write: an order that doesn't exist is changed, which is refused for the one reason or the other."""
    answer = rest.put(_NO_ORDER, {}, again=False)
    if isinstance(answer, NotDone) and answer.absent:
        return Finding("writing", "good", "the key may write")
    reason = getattr(answer, "reason", "the shop changed an order that it can't have")
    return Finding("writing", "bad", f"the key may not write, as far as can be seen: {reason}", _AGAIN)


def _versions(rest: Rest) -> Iterator[Finding]:
    try:
        status = rest.get("system_status", _fields=_STATUS)
    except PlatformFailed as failed:
        says = f"the shop doesn't tell its version: {failed}"
        yield Finding(
            "version", "warning", says, "make the key for an administrator, or look at WooCommerce › Status"
        )
        return
    environment, settings = _part(status, "environment"), _part(status, "settings")
    yield _version(str(environment.get("version", "")))
    if settings.get("HPOS_enabled") is False:
        yield Finding(
            "order storage",
            "warning",
            "the shop keeps its orders the old way, with which vip-rules wasn't tried",
            "switch on high-performance order storage in WooCommerce › Settings › Advanced › Features",
        )
    if environment.get("wp_cron") is True:
        yield Finding(
            "background jobs",
            "warning",
            "webhooks wait until somebody visits the shop: at night that may be hours",
            "have the host call wp-cron.php each minute, and set DISABLE_WP_CRON to true in wp-config.php",
        )
    elif environment.get("wp_cron") is False:
        says = "background jobs are run by the host: webhooks don't wait for visitors"
        yield Finding("background jobs", "good", says)


def _version(text: str) -> Finding:
    numbers = re.match(r"(\d{1,4})\.(\d{1,4})", text)
    if numbers is None:
        says = "the shop doesn't tell which version of WooCommerce it has"
        return Finding("version", "warning", says, "look whether WooCommerce is active and up to date")
    version = int(numbers[1]), int(numbers[2])
    shown, tried = f"WooCommerce {version[0]}.{version[1]}", f"{TRIED[0]}.{TRIED[1]}"
    if version < OLDEST:
        says = f"{shown} doesn't tell what has changed since the last sync"
        return Finding("version", "bad", says, f"update it: expected {OLDEST[0]}.{OLDEST[1]} or later")
    same = version == TRIED
    return Finding("version", "good", shown if same else f"{shown}; vip-rules was tried with {tried}")


def _settings(rest: Rest, currency: str) -> Iterator[Finding]:
    try:
        rows = rest.get("settings/general")
    except PlatformFailed as failed:
        yield Finding("settings", "warning", f"the shop doesn't tell its settings: {failed}", _AGAIN)
        return
    listed = rows if isinstance(rows, list) else []
    values = {row.get("id"): row.get("value") for row in listed if isinstance(row, dict)}
    shops = str(values.get("woocommerce_currency", ""))
    if shops == currency:
        yield Finding("currency", "good", f"the shop and the program count in {currency}")
    elif shops:
        yield Finding(
            "currency",
            "bad",
            f"the shop counts in {shops}, the program in {currency}: credits would be of the wrong worth",
            f'set "currency" of the program to {shops}',
        )
    if values.get("woocommerce_enable_coupons") == "yes":
        yield Finding("coupons", "good", "customers can use coupons")
    elif "woocommerce_enable_coupons" in values:
        yield Finding(
            "coupons",
            "bad",
            "coupons are switched off: no discount, free shipping or credit reaches anybody",
            "tick Enable the use of coupon codes in WooCommerce › Settings › General",
        )


def _place(rest: Rest, timezone: ZoneInfo) -> Iterator[Finding]:
    try:
        name = rest.site().get("timezone_string")
    except PlatformFailed as failed:
        yield Finding("time zone", "warning", f"the shop doesn't tell its time zone: {failed}", _AGAIN)
        return
    if name == timezone.key:
        yield Finding("time zone", "good", f"the days of the shop and of the program begin by {name}")
    elif not name:
        yield Finding(
            "time zone",
            "warning",
            f"the shop's time zone is only an offset, without summer time; the program's is {timezone.key}",
            "choose a city in Settings › General › Timezone",
        )
    else:
        yield Finding(
            "time zone",
            "warning",
            f"the shop's time zone is {name}, the program's {timezone.key}: their days begin at other times",
            f'set "timezone" of the program to {name}, if its days should be those of the shop',
        )


def _webhooks(subscriptions: Subscriptions | None) -> Iterator[Finding]:
    if subscriptions is None:
        yield Finding(
            "webhooks",
            "warning",
            "the shop has nowhere to tell changes to: only syncs find them",
            "set webhook_url and a secret for webhooks, and run vip-rules doctor --repair",
        )
        return
    try:
        yield from subscriptions.findings()
    except PlatformFailed as failed:
        yield Finding("webhooks", "warning", f"the shop's webhooks can't be read: {failed}", _AGAIN)


def _part(status: Any, name: str) -> Mapping[str, Any]:
    part = status.get(name) if isinstance(status, dict) else None
    return part if isinstance(part, dict) else {}
