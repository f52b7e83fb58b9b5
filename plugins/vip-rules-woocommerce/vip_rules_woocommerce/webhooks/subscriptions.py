"""The webhooks that the shop has for us: made where they are missing, switched on again, never doubled."""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Iterator, Mapping
from html import unescape
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from vip_rules.adapter import PlatformFailed
from vip_rules.checkup import Finding
from vip_rules.errors import VipRulesError

from vip_rules_woocommerce.rest.answers import Answer, Done
from vip_rules_woocommerce.rest.client import Rest
from vip_rules_woocommerce.webhooks.topics import TOPICS

_NAME: Final = "vip-rules"
_PORTS: Final = frozenset({80, 443, 8080})
"""The only ports that WordPress sends to by itself."""

_SUBJECT: Final = "webhooks"
_GAP: Final = "run vip-rules sync --full, for what happened meanwhile isn't sent again"


class InvalidAddress(VipRulesError):
    """An address for webhooks that isn't one: mend the settings."""


class Subscriptions:
    """The shop's webhooks that deliver to one address, signed with one secret. All others are left alone.

    A secret can't be read back, so a webhook's name bears a short mark of the secret that it was given. Reads and writes
    raise PlatformFailed. Raises InvalidAddress for an address that can't be one.
    """

    def __init__(self, rest: Rest, *, url: str, secret: str) -> None:
        if not _is_address(url):
            raise InvalidAddress("webhook_url isn't an address: expected https://HOST/webhooks/SHOP")
        self._rest = rest
        self._url = url
        self._secret = secret
        self._mark = hmac.digest(secret.encode(), _NAME.encode(), "sha256").hex()[:6]

    def repair(self) -> Iterator[str]:
        """Make what is missing, switch on what the shop switched off, delete doubles, write a changed secret; and say so.

        A paused webhook stays so: a person did that.
        """
        ours = self._ours()
        for topic in TOPICS:
            if topic not in ours:
                self._subscribe(topic)
                yield f"subscribed to {topic}; vip-rules sync --full finds what happened before"
                continue
            kept, *doubles = ours[topic]
            if kept.get("status") == "disabled":
                self._write(kept, topic, status="active")
                yield (
                    f"the shop had switched off the webhook for {topic} after failed deliveries, and one more failure "
                    f"switches it off again: it is on now; {_GAP}"
                )
            elif kept.get("name") != self._name(topic):
                self._write(kept, topic)
                yield f"the webhook for {topic} signs with the present secret from now on"
            for double in doubles:
                self._done(
                    self._rest.delete(f"webhooks/{_id(double)}", force=True), f"deleting a double of {topic}"
                )
                yield f"deleted a second webhook for {topic}"

    def rotate(self) -> Iterator[str]:
        """Write the secret into all webhooks of ours, whatever mark they bear, and say so.

        For secrets that somebody changed in the shop. Deliveries under way may still bear the earlier one.
        """
        for topic, webhooks in self._ours().items():
            for webhook in webhooks:
                self._write(webhook, topic)
                yield f"the webhook for {topic} signs with the present secret from now on"

    def findings(self) -> Iterator[Finding]:
        """Whether the shop tells us what it should. Raises PlatformFailed."""
        if why := _undeliverable(self._url):
            yield Finding(_SUBJECT, "warning", *why)
        ours = self._ours()
        missing = [topic for topic in TOPICS if topic not in ours]
        doubled = [topic for topic in TOPICS if len(ours.get(topic, ())) > 1]
        kept = {topic: webhooks[0].get("status") for topic, webhooks in ours.items() if topic in TOPICS}
        off = [topic for topic, status in kept.items() if status == "disabled"]
        paused = [topic for topic, status in kept.items() if status == "paused"]
        earlier = [
            topic
            for topic, webhooks in ours.items()
            if topic in TOPICS and webhooks[0].get("name") != self._name(topic)
        ]
        if missing:
            says = f"the shop has no webhook of ours for {', '.join(missing)}"
            yield Finding(_SUBJECT, "warning", says, "run vip-rules doctor --repair")
        if off:
            yield Finding(
                _SUBJECT,
                "warning",
                f"the shop switched off the webhooks for {', '.join(off)} after seven failed deliveries in a row",
                f"look why {_host(self._url)} couldn't be reached, run vip-rules doctor --repair, and {_GAP}",
            )
        if paused:
            yield Finding(
                _SUBJECT,
                "warning",
                f"somebody paused the webhooks for {', '.join(paused)}",
                f"set them to Active in WooCommerce › Settings › Advanced › Webhooks, and {_GAP}",
            )
        if doubled:
            yield Finding(
                _SUBJECT,
                "warning",
                f"the shop has more than one webhook of ours for {', '.join(doubled)}, and tells everything twice",
                "run vip-rules doctor --repair: one of each is kept",
            )
        if earlier:
            yield Finding(
                _SUBJECT,
                "warning",
                f"the webhooks for {', '.join(earlier)} weren't given the present secret by vip-rules",
                "run vip-rules doctor --repair: the secret is written into them",
            )
        if not (missing or off or paused or doubled or earlier):
            yield Finding(_SUBJECT, "good", f"all {len(TOPICS)} webhooks deliver to {_host(self._url)}")

    def _ours(self) -> dict[str, list[Mapping[str, Any]]]:
        """Our webhooks by topic: of each, the one to keep first."""
        ours = defaultdict(list)
        for page in self._rest.pages("webhooks", orderby="id", order="asc"):
            for webhook in page:
                if self._is_ours(webhook):
                    ours[str(webhook.get("topic"))].append(webhook)
        return {topic: sorted(webhooks, key=_preference) for topic, webhooks in ours.items()}

    def _name(self, topic: str) -> str:
        return f"{_NAME}: {topic} ({self._mark})"

    def _subscribe(self, topic: str) -> None:
        what = f"subscribing to {topic}"
        body = {
            "name": self._name(topic),
            "topic": topic,
            "delivery_url": self._url,
            "secret": self._secret,
        }
        made = self._done(self._rest.post("webhooks", body), what)
        if not self._is_ours(made):  # it would not be known again, and be made anew each time
            if isinstance(made.get("id"), int):
                self._done(self._rest.delete(f"webhooks/{_id(made)}", force=True), what)
            raise PlatformFailed(
                f"{what}: the shop writes webhook_url in another way: leave out what is odd in it"
            )

    def _write(self, webhook: Mapping[str, Any], topic: str, **changes: str) -> None:
        """Write the secret, with its mark, and other changes."""
        body = {"name": self._name(topic), "secret": self._secret, **changes}
        self._done(self._rest.put(f"webhooks/{_id(webhook)}", body), f"changing the webhook for {topic}")

    def _is_ours(self, webhook: Mapping[str, Any]) -> bool:
        return isinstance(webhook.get("id"), int) and unescape(str(webhook.get("delivery_url"))) == self._url

    def _done(self, answer: Answer, what: str) -> Mapping[str, Any]:
        """What the shop answered. Raises PlatformFailed."""
        if isinstance(answer, Done):
            return answer.data if isinstance(answer.data, dict) else {}
        raise PlatformFailed(f"{what}: {answer.reason}; then run vip-rules doctor --repair again")


def _preference(webhook: Mapping[str, Any]) -> tuple[bool, bool, int]:
    """Which webhook of a topic to keep: one that works, then one that a person paused, then the oldest."""
    return webhook.get("status") != "active", webhook.get("status") != "paused", _id(webhook)


def _id(webhook: Mapping[str, Any]) -> int:
    return int(webhook["id"])


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _host(url: str) -> str:
    return urlsplit(url).hostname or "its address"


def _undeliverable(url: str) -> tuple[str, str] | None:
    """Why a shop may not deliver to an address, and what to do."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        private = not ip_address(host).is_global
    except ValueError:
        private = host == "localhost" or "." not in host
    if private:
        return (
            f"the shop doesn't deliver webhooks to {host}, an address of a private network",
            "set webhook_url to an address that is reached from the internet",
        )
    if port not in _PORTS:
        return (
            f"the shop doesn't deliver webhooks to port {port}",
            "set webhook_url to an address with one of the ports 443, 8080 or 80",
        )
    if parts.scheme != "https":
        return (
            "webhooks are delivered without encryption",
            "set webhook_url to an address that begins with https",
        )
    return None
