"""Customers' tags and fields, and their entitlements: states of one customer each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vip_rules.adapter import Confirmed, Found, Intent, Missing, Outcome, Refused, Sight

from vip_rules_shopify.admin.answers import Answer, Done, NotDone
from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.effects import fields, tags
from vip_rules_shopify.effects.alike import filled, ordered
from vip_rules_shopify.effects.fields import ENTITLEMENTS, Field
from vip_rules_shopify.effects.outcomes import done
from vip_rules_shopify.effects.people import Person

UNKNOWN_CUSTOMER: Final = Refused("the shop has no such customer")


class CustomerStates:
    """Tags and fields. Each is put as a whole over what is there; what is as it should be isn't sent."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    def carry_out(self, intent: Intent, person: Person | None) -> Outcome:
        """Put or remove it. Raises Stopped."""
        putting = intent.action == "put"
        if person is None:
            return UNKNOWN_CUSTOMER if putting else Confirmed()
        wanted: Mapping[str, Any] = intent.payload if putting else {"tags": [], "fields": {}}
        known = (intent.known or {}).get("tags", ()) if putting else _all_tags(intent)
        theirs = _own(person)
        # The new tags come first and the old ones go last: nobody is without a tier in between. They go even if a field is
        # refused, so that nobody has two tiers for long.
        answer = self._put(
            person,
            tags.missing(person.tags, wanted["tags"]),
            fields.changed(theirs, wanted["fields"]),
            fields.left(theirs, wanted["fields"]),
        )
        old = tags.outdated(person.tags, wanted["tags"], known)
        if old and _tags_are_there(answer):
            done(self._admin.mutate("tags_remove", id=person.gid, tags=old))
        if answer is not None:
            done(answer)
        return Confirmed(person.gid if putting else None)

    def sight(self, intent: Intent, person: Person | None) -> Sight:
        """What the customer has of ours."""
        if person is None:
            return Missing()
        asked = intent.payload
        own = tags.told(person.tags, [*asked["tags"], *(intent.known or {}).get("tags", ())])
        values = {key: field.value for key, field in _own(person).items()}
        if not own and not values:
            return Missing()
        return Found(_as_asked(own, values, asked, intent.known), person.gid)

    def _put(
        self, person: Person, add: list[str], changed: Mapping[str, Field], left: list[str]
    ) -> Answer | None:
        """What came of tags and fields in one request; None where there is nothing to send."""
        if not (add or changed or left):
            return None
        return self._admin.mutate(
            "customer_put",
            id=person.gid,
            tags=add,
            adds=bool(add),
            fields=fields.inputs(person.gid, changed),
            sets=bool(changed),
            gone=fields.names(person.gid, left),
            deletes=bool(left),
        )


class Entitlements:
    """What people and other systems deliver to a customer: one field, as JSON."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    def carry_out(self, intent: Intent, person: Person | None) -> Outcome:
        """Put or remove it. Raises Stopped."""
        if intent.action == "remove":
            if person is not None and ENTITLEMENTS in person.fields:
                gone = fields.names(person.gid, [ENTITLEMENTS])
                done(self._admin.mutate("metafields_delete", metafields=gone))
            return Confirmed()
        if person is None:
            return UNKNOWN_CUSTOMER
        changed = fields.changed(person.fields, {ENTITLEMENTS: intent.payload})
        if changed:
            done(self._admin.mutate("metafields_set", metafields=fields.inputs(person.gid, changed)))
        return Confirmed(person.gid)

    def sight(self, intent: Intent, person: Person | None) -> Sight:
        """What is written there."""
        field = person.fields.get(ENTITLEMENTS) if person else None
        if person is None or field is None:
            return Missing()
        value = field.value
        return Found(value if isinstance(value, dict) else {"entitlements": value}, person.gid)


def _tags_are_there(answer: Answer | None) -> bool:
    """Whether the new tags were added, or none had to be."""
    match answer:
        case None | Done():
            return True
        case NotDone(data=data) if data is not None:
            added = data.get("tagsAdd", {"userErrors": []})
            return added is not None and not added["userErrors"]
    return False


def _own(person: Person) -> dict[str, Field]:
    return {key: field for key, field in person.fields.items() if key != ENTITLEMENTS}


def _all_tags(intent: Intent) -> list[str]:
    return [*intent.payload.get("tags", ()), *(intent.known or {}).get("tags", ())]


def _as_asked(
    own: list[str], values: Mapping[str, Any], asked: Mapping[str, Any], known: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Tags and values in the form of what was asked for, or of what was known before, if they are just that."""
    forms = [asked] if known is None else [known, asked]
    for form in forms:
        told = {"tags": ordered(own, form.get("tags", ())), "fields": filled(values, form.get("fields", {}))}
        if told == form:
            break
    return told
