"""What may be known of customers, and what is kept at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vip_rules.checkup import Finding

from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.checkup.setup import REPAIR, Setup
from vip_rules_shopify.definitions import defined, has_birth_date
from vip_rules_shopify.shops import covered


def personal_data(admin: Admin, setup: Setup, granted: frozenset[str]) -> Iterator[Finding]:
    """Level 1 lets an app read customers at all, level 2 lets it know their names and email addresses."""
    if not covered(granted, "read_customers"):
        return
    told = admin.query_allowed("personal_data")
    if told.data.get("customers") is None:
        needs = "; ".join(dict.fromkeys(denial.needs for denial in told.denied))
        remedy = "ask for access to protected customer data in the app's settings, under API access"
        yield Finding("personal data", "bad", f"Shopify doesn't show customers to the app: {needs}", remedy)
        return
    if "email" in setup.wanted:
        yield _email(told.data["customers"]["nodes"], bool(told.denied))
    if "birthday" in setup.wanted:
        yield _birthday(has_birth_date(admin))


def fields(admin: Admin, setup: Setup, granted: frozenset[str]) -> Iterator[Finding]:
    """Whether a theme can show the fields that customers get."""
    if not covered(granted, "read_customers"):
        return
    found = defined(admin, setup.definitions)
    if found.missing:
        keys = ", ".join(each.key for each in found.missing)
        yield Finding("fields", "warning", f"not defined, so that no theme can show them: {keys}", REPAIR)
    if found.hidden:
        keys = ", ".join(each.key for each in found.hidden)
        yield Finding("fields", "warning", f"themes may not read them: {keys}", REPAIR)
    for definition, type_ in found.otherwise:
        says = f"{definition.key} is defined as {type_} instead of {definition.type}: it can't be written"
        remedy = "delete the definition in the admin, under Settings, Custom data, Customers, and " + REPAIR
        yield Finding("fields", "bad", says, remedy)
    if not (found.missing or found.hidden or found.otherwise):
        yield Finding("fields", "good", "the customers' fields are defined, and themes may read them")


def _email(customers: Sequence[Mapping[str, Any]], denied: bool) -> Finding:
    addresses = [(each["defaultEmailAddress"] or {}).get("emailAddress") for each in customers]
    if denied or None in addresses:
        return Finding(
            "personal data",
            "warning",
            "Shopify doesn't show email addresses to the app: what needs one can't be done",
            "if a benefit needs them, ask for protected customer data of level 2 in the app's settings, under API access",
        )
    return Finding(
        "personal data",
        "good",
        "customers can be read" + (", with their email addresses" if addresses else ""),
    )


def _birthday(there: bool) -> Finding:
    if there:
        return Finding("birthdays", "good", "customers can have a birth date (facts.birth_date)")
    return Finding(
        "birthdays",
        "warning",
        "the shop hasn't got Shopify's standard field for birth dates (facts.birth_date): nothing is given on birthdays that "
        "nobody can enter",
        "if a benefit goes by them, add the standard field Birth date in the admin, under Settings, Custom data, Customers",
    )
