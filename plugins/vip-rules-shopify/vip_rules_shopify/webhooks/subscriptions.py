"""What a shop is asked to tell of: the subscriptions of our address, compared with what is needed, and put right.

Shopify deletes a subscription after eight failed deliveries in a row, so that this has to be looked at each day. Those of
other addresses are never touched, nor those of topics that we don't need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from vip_rules.errors import VipRulesError

from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.mending import Mending
from vip_rules_shopify.webhooks.topics import TOPICS, Topic

_TAKEN: Final = "already been taken"
"""How Shopify says that an address has a topic: there is no code for it."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as the shop has it. `version` is that of the API in which the bodies are written."""

    id: str
    topic: str
    uri: str
    format: str
    filter: str
    fields: frozenset[str] | None
    version: str

    def fits(self, topic: Topic) -> bool:
        """Whether it tells what is needed, no more and no less."""
        fields = None if topic.fields is None else frozenset(topic.fields)
        return self.format == "JSON" and not self.filter and self.fields == fields


@dataclass(frozen=True, slots=True)
class Health:
    """How the subscriptions of an address are.

    `missing` aren't there; `unfit` are, and tell too much or too little; `doubled` are there more than once; `refused` can't
    be asked for without scopes that the app hasn't got. `versions` are those in which our deliveries are written, and
    `elsewhere` the hosts of other addresses.
    """

    missing: tuple[Topic, ...]
    unfit: tuple[tuple[Subscription, Topic], ...]
    doubled: tuple[Subscription, ...]
    refused: tuple[Topic, ...]
    versions: frozenset[str]
    elsewhere: frozenset[str]

    @property
    def is_good(self) -> bool:
        """Whether there is nothing to put right."""
        return not (self.missing or self.unfit or self.doubled)


class Subscriptions:
    """The subscriptions of one address in one shop.

    `covers` tells whether the app has a scope. Raises VipRulesError for an address that Shopify doesn't deliver to.
    """

    def __init__(self, admin: Admin, url: str, covers: Callable[[str], bool]) -> None:
        if not is_deliverable(url):
            raise VipRulesError(
                "webhook_url isn't an address that Shopify delivers to: expected https://HOST/webhooks/SHOP"
            )
        self._admin = admin
        self._url = url
        self._covers = covers

    def health(self) -> Health:
        """How they are now. Raises PlatformFailed."""
        listed = list(self._listed())
        ours = [each for each in listed if _comparable(each.uri) == _comparable(self._url)]
        possible = [topic for topic in TOPICS if topic.needs is None or self._covers(topic.needs)]
        missing: list[Topic] = []
        unfit: list[tuple[Subscription, Topic]] = []
        doubled: list[Subscription] = []
        for topic in possible:
            # The one that fits first: it is what stays.
            there = sorted(
                (each for each in ours if each.topic == topic.name), key=lambda each: not each.fits(topic)
            )
            if not there:
                missing.append(topic)
                continue
            kept, *others = there
            doubled += others
            if not kept.fits(topic):
                unfit.append((kept, topic))
        return Health(
            missing=tuple(missing),
            unfit=tuple(unfit),
            doubled=tuple(doubled),
            refused=tuple(topic for topic in TOPICS if topic not in possible),
            versions=frozenset(each.version for each in ours),
            elsewhere=frozenset(_host(each.uri) for each in listed) - {_host(self._url)},
        )

    def repair(self) -> Iterator[str]:
        """Put them right, and say what was done. What fails doesn't keep the others from being put right.

        Raises PlatformFailed, at the end, for what couldn't be.
        """
        health = self.health()
        mending = Mending(self._admin, lambda refusal: _TAKEN in refusal.reason)
        for doubled in health.doubled:
            if mending.did(doubled.topic, "webhook_delete", id=doubled.id):
                yield f"the second subscription of {doubled.topic} was removed"
        for unfit, topic in health.unfit:
            if mending.did(topic.name, "webhook_update", id=unfit.id, sub=self._asked(topic)):
                yield f"the subscription of {topic.name} was put right: it told too much or too little"
        for topic in health.missing:
            if mending.did(topic.name, "webhook_create", topic=topic.name, sub=self._asked(topic)):
                yield f"the shop was asked to tell of {topic.name}"
        mending.finish("not all webhooks could be put right")

    def _asked(self, topic: Topic) -> Mapping[str, Any]:
        fields = None if topic.fields is None else list(topic.fields)
        return {"uri": self._url, "format": "JSON", "filter": None, "includeFields": fields}

    def _listed(self) -> Iterator[Subscription]:
        after = None
        while True:
            page = self._admin.query("webhook_list", after=after)["webhookSubscriptions"]
            for node in page["nodes"]:
                fields = node["includeFields"]
                yield Subscription(
                    id=node["id"],
                    topic=node["topic"],
                    uri=node["uri"],
                    format=node["format"],
                    filter=node["filter"] or "",
                    fields=frozenset(fields) if fields else None,
                    version=node["apiVersion"]["handle"],
                )
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]


def is_deliverable(url: str) -> bool:
    """Whether Shopify delivers to an address: over https only."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not (parts.username or parts.fragment)


def _comparable(uri: str) -> str:
    """An address with the parts in lower case in which case doesn't matter."""
    scheme, colon, rest = uri.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{colon}{host.lower()}{slash}{path}"


def _host(uri: str) -> str:
    """All of an address that is told to people: there may be a secret in the rest."""
    scheme, colon, rest = uri.partition("://")
    return rest.partition("/")[0].rpartition("@")[2].lower() if colon else scheme.partition(":")[0]
