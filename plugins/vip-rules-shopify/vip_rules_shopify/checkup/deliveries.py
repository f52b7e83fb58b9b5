"""Whether the shop tells of what changes in it."""

from __future__ import annotations

from collections.abc import Iterator

from vip_rules.checkup import Finding

from vip_rules_shopify.admin.client import VERSION, Admin
from vip_rules_shopify.checkup.setup import REPAIR, Setup
from vip_rules_shopify.shops import covered
from vip_rules_shopify.webhooks.subscriptions import Health, Subscriptions
from vip_rules_shopify.webhooks.topics import COMPLIANCE


def subscriptions(admin: Admin, url: str, granted: frozenset[str]) -> Subscriptions:
    """The subscriptions of an address, of an app with these scopes. Raises VipRulesError for one that can't be."""
    return Subscriptions(admin, url, lambda scope: covered(granted, scope))


def webhooks(admin: Admin, setup: Setup, granted: frozenset[str]) -> Iterator[Finding]:
    """What the shop tells of, and how."""
    if not setup.webhook_url:
        yield Finding(
            "webhooks",
            "warning",
            "the shop isn't asked to tell of changes: they are found at the next vip-rules sync only",
            "where vip-rules can be reached from outside, set webhook_url in vip-rules.toml to that address, and "
            + REPAIR,
        )
        return
    if not setup.checks_webhooks:
        remedy = "set webhook_secret, or client_secret, to the app's client secret"
        yield Finding("webhooks", "bad", "there is no secret to check webhooks by: none is accepted", remedy)
    health = subscriptions(admin, setup.webhook_url, granted).health()
    yield from _health(health)
    if health.versions - {VERSION}:
        yield Finding(
            "webhooks",
            "warning",
            f"webhooks are written in the version {', '.join(sorted(health.versions))} of the API, not {VERSION}",
            f"set the app's webhooks API version to {VERSION}, in its settings",
        )
    yield Finding(
        "privacy requests",
        "good",
        "the app's own configuration asks for them, which can't be seen from here: compliance_topics in its shopify.app.toml "
        f"should have {', '.join(COMPLIANCE)}, with the address {setup.webhook_url}",
    )


def _health(health: Health) -> Iterator[Finding]:
    reachable = f"look whether webhook_url can be reached from outside, and {REPAIR}"
    if health.missing and not health.versions:
        says = "the shop tells of nothing: it wasn't asked to, or has dropped what couldn't be delivered eight times in a row"
        yield Finding("webhooks", "bad", says, reachable)
    elif health.missing:
        topics = ", ".join(topic.name for topic in health.missing)
        yield Finding(
            "webhooks",
            "bad",
            f"the shop doesn't tell of {topics}. Shopify drops what couldn't be delivered eight times in a row",
            reachable,
        )
    if health.unfit or health.doubled:
        amiss = sorted({topic.name for _, topic in health.unfit} | {each.topic for each in health.doubled})
        says = f"{', '.join(amiss)}: subscribed to twice, or with other fields or filters than are needed"
        yield Finding("webhooks", "warning", says, REPAIR)
    if health.is_good:
        says = "the shop tells of all changes"
        if health.refused:
            left = ", ".join(f"{topic.name} (needs {topic.needs})" for topic in health.refused)
            says = f"the shop tells of changes, but not of {left}"
        yield Finding("webhooks", "good", says)
    if health.elsewhere:
        yield Finding(
            "webhooks",
            "warning",
            f"the app tells {', '.join(sorted(health.elsewhere))} as well",
            "if that is an address that vip-rules had before, delete those subscriptions",
        )
