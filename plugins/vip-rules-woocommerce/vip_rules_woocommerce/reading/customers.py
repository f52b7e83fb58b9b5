"""An account of the shop as the core knows customers.

Accounts of every role are customers: who buys may be a subscriber or an administrator, and the shop lists them by no other
role than `all`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from vip_rules.store import StoreCustomer

from vip_rules_woocommerce.reading.birthdays import birthday
from vip_rules_woocommerce.reading.choices import Choices
from vip_rules_woocommerce.reading.fields import Row, Unusable, instant, meta, text

EVERYONE: Final = {"role": "all"}
"""What the list of customers is asked with: without it, it leaves out other roles than customer."""


def fields(wanted: frozenset[str], choices: Choices) -> str:
    """What is asked of an account. The email address tells twins."""
    asked = ["id", "date_created_gmt", "date_modified_gmt", "email"]
    if choices.tags_meta or not wanted.isdisjoint({"birthday", "language"}):
        asked.append("meta_data")
    if choices.link_guests:
        asked += ["is_paying_customer", "billing.email"]
    return ",".join(asked)


def customer(row: Row, wanted: frozenset[str], choices: Choices) -> StoreCustomer:
    """A customer, with what is wanted of personal data. Raises Unusable."""
    created_at = instant(row, "date_created_gmt")
    if created_at is None:
        raise Unusable("date_created_gmt is missing")
    born = meta(row, choices.birthday_meta) if choices.birthday_meta and "birthday" in wanted else None
    spoken = meta(row, choices.language_meta) if choices.language_meta and "language" in wanted else None
    return StoreCustomer(
        id=str(row["id"]),
        created_at=created_at,
        updated_at=instant(row, "date_modified_gmt"),
        tags=_tags(meta(row, choices.tags_meta)) if choices.tags_meta else (),
        birthday=birthday(born),
        email=email(row) if "email" in wanted else None,
        language=(spoken.strip().replace("_", "-") or None) if isinstance(spoken, str) else None,
    )


def remarks(row: Row, wanted: frozenset[str], choices: Choices) -> Iterator[str]:
    """What a person should know of a customer who is told."""
    if choices.birthday_meta and "birthday" in wanted:
        born = meta(row, choices.birthday_meta)
        if born not in (None, "") and birthday(born) is None:
            yield (
                f"Customer {row['id']} has something in {choices.birthday_meta} that can't be read as a birthday: expected "
                "1985-05-03, 19850503 or 05-03."
            )


def email(row: Row) -> str | None:
    """The address of an account, in small letters; None where it has none."""
    address = text(row, "email")
    return address.lower() if address else None


def twins(rows: Iterable[Row]) -> Iterator[str]:
    """Accounts of one email address among neighbours: made in one moment, they have neighbouring ids."""
    with_address = sorted((email(row) or "", row["id"]) for row in rows)
    for (one, first), (other, second) in pairwise(with_address):
        if one and one == other:
            yield (
                f"Customers {first} and {second} have one email address: WooCommerce made two accounts at once. Delete one "
                f"of them; what was ordered with it counts for that one only."
            )


def _tags(value: object) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(dict.fromkeys(part.strip() for part in parts if isinstance(part, str) and part.strip()))
