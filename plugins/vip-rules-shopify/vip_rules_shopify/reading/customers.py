"""Customers of Shopify as the core takes them. Personal data is read only if a program's benefits want it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from vip_rules.store import StoreCustomer

from vip_rules_shopify.reading.remarks import Remarks
from vip_rules_shopify.reading.scalars import Unusable, day, instant, number, text

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Personal:
    """Which personal data is wanted: nothing else is even asked for."""

    email: bool = False
    birthday: bool = False
    language: bool = False

    @classmethod
    def wanted(cls, names: frozenset[str]) -> Personal:
        """As the core names it."""
        return cls("email" in names, "birthday" in names, "language" in names)

    @property
    def variables(self) -> dict[str, bool]:
        """The variables of the documents that read customers."""
        return {"email": self.email, "birthday": self.birthday, "language": self.language}


def told_customer(node: Node, personal: Personal, remarks: Remarks) -> StoreCustomer | None:
    """A customer as the core takes them; None, and a remark, where the row can't be used."""
    try:
        return store_customer(node, personal, remarks)
    except Unusable as unusable:
        remarks.leave_out("customer", str(node.get("id", "without an id"))[-40:], str(unusable))
        return None


def store_customer(node: Node, personal: Personal, remarks: Remarks) -> StoreCustomer:
    """A customer. Raises Unusable. What Shopify withholds of the personal data (null) is nobody's."""
    its_id = number(node, "Customer")
    email = node.get("defaultEmailAddress") if personal.email else None
    return StoreCustomer(
        id=its_id,
        created_at=instant(node, "createdAt"),
        updated_at=instant(node, "updatedAt"),
        tags=_tags(node),
        birthday=_birthday(node, its_id, remarks) if personal.birthday else None,
        email=None if email is None else text(email, "emailAddress"),
        language=text(node, "locale") if personal.language else None,
    )


def _tags(node: Node) -> tuple[str, ...]:
    tags = node.get("tags") or ()
    if not all(isinstance(tag, str) and "\0" not in tag and "\x1f" not in tag for tag in tags):
        raise Unusable("its tags are no texts that can be kept")
    return tuple(tags)


def _birthday(node: Node, its_id: str, remarks: Remarks) -> date | None:
    field = node.get("birthDate")
    if field is None:
        return None
    try:
        return day(field.get("value"))
    except Unusable as unusable:
        remarks.doubt("customer", its_id, f"the birthday isn't taken: {unusable}")
        return None
