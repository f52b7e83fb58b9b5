"""Customers, and the personal data that is taken only if it is wanted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from vip_rules.store import StoreCustomer

from tests.reading.nodes import customer_node
from vip_rules_shopify.reading.customers import Personal, told_customer
from vip_rules_shopify.reading.remarks import Remarks
from vip_rules_shopify.reading.selection import Selection

ALL = Personal(email=True, birthday=True, language=True)
PERSONAL: dict[str, Any] = {
    "defaultEmailAddress": {"emailAddress": "ada@example.com"},
    "birthDate": {"value": "1990-05-03"},
    "locale": "pt-BR",
}


def test_a_customer_is_told_with_what_is_wanted() -> None:
    remarks = Remarks()
    bare = StoreCustomer(
        id="7",
        created_at=datetime(2024, 3, 1, 9, 30, tzinfo=UTC),
        updated_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        tags=("newsletter", "vip-gold"),
    )
    assert told_customer(customer_node(**PERSONAL), Personal(), remarks) == bare
    whole = told_customer(customer_node(**PERSONAL), ALL, remarks)
    assert whole is not None
    assert (whole.email, whole.birthday, whole.language) == ("ada@example.com", date(1990, 5, 3), "pt-BR")
    assert remarks.sentences() == ()


def test_what_is_not_wanted_is_not_even_asked_for() -> None:
    query = Selection(Personal(), product_tags=False).bulk("customers", None)
    assert not [word for word in ("locale", "mail", "birth") if word in query]
    assert "birth_date" in Selection(Personal(birthday=True), product_tags=False).bulk("customers", None)


def test_withheld_data_is_nobodys() -> None:
    remarks = Remarks()
    node = customer_node(defaultEmailAddress=None, birthDate=None, locale=None)
    customer = told_customer(node, ALL, remarks)
    assert customer is not None
    assert (customer.email, customer.birthday, customer.language) == (None, None, None)
    assert remarks.sentences() == ()


def test_a_leap_day_is_a_birthday() -> None:
    customer = told_customer(
        customer_node(birthDate={"value": "2000-02-29"}), Personal(birthday=True), Remarks()
    )
    assert customer is not None
    assert customer.birthday == date(2000, 2, 29)


@pytest.mark.parametrize(
    "value", ["2001-02-29", "19900503", "3 May", "", None, "1890-01-01", "1990-W18-4", 5]
)
def test_a_birthday_that_is_none_is_said_without_it(value: object) -> None:
    remarks = Remarks()
    customer = told_customer(customer_node(birthDate={"value": value}), Personal(birthday=True), remarks)
    assert customer is not None
    assert customer.birthday is None
    (sentence,) = remarks.sentences()
    assert "customer 7" in sentence
    assert not value or str(value) not in sentence.replace("customer 7", "").replace("1990-05-03", "")


@pytest.mark.parametrize(
    "node",
    [
        customer_node(id="gid://shopify/Order/1"),
        customer_node(createdAt="yesterday"),
        customer_node(updatedAt=None),
        customer_node(tags=["a\x1fb"]),
        customer_node(tags=[1]),
    ],
)
def test_a_customer_that_makes_no_sense_is_left_out(node: dict[str, object]) -> None:
    remarks = Remarks()
    assert told_customer(node, ALL, remarks) is None
    assert remarks.sentences()[0].startswith("Left out")
