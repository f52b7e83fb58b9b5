"""The GraphQL documents, as they are sent, against Shopify's own schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from itertools import product
from typing import Any

import pytest
from graphql import NoDeprecatedCustomRule, parse, specified_rules, validate

from tests.schema import schema, valid_variables
from vip_rules_shopify.admin.documents import bulk_query, document, names

SEARCHES = (None, "updated_at:>='2026-01-01T00:00:00Z' tag:\"a\\b\"")
BULK = [name for name in names() if "edges {" in document(name).text]


def sent_in_bulk() -> Iterator[str]:
    """Every bulk query, with and without a search, with every choice of fields."""
    for name in BULK:
        choices = sorted(set(re.findall(r"@include\(if: \$(\w+)\)", document(name).text)))
        for query, wanted in product(SEARCHES, product((False, True), repeat=len(choices))):
            yield bulk_query(name, query=query, **dict(zip(choices, wanted, strict=True)))


GOLD = {
    "title": "Gold VIP 15 %",
    "startsAt": "2026-11-01T00:00:00Z",
    "endsAt": None,
    "tags": ["vip-rules-gold"],
    "context": {"customerSegments": {"add": ["gid://shopify/Segment/1"]}},
    "combinesWith": {"orderDiscounts": False, "productDiscounts": True, "shippingDiscounts": True},
}


def errors(text: str) -> list[str]:
    rules = [*specified_rules, NoDeprecatedCustomRule]
    return [error.message for error in validate(schema(), parse(text), rules)]


@pytest.mark.parametrize("name", names())
def test_every_document_is_valid_and_uses_nothing_deprecated(name: str) -> None:
    assert errors(document(name).text) == []


@pytest.mark.parametrize("text", [*sent_in_bulk()])
def test_every_bulk_query_is_valid_without_variables_and_directives(text: str) -> None:
    assert "$" not in text
    assert "@" not in text
    assert errors(text) == []


def test_bulk_queries_are_those_of_customers_and_orders() -> None:
    assert {"bulk_customers", "bulk_orders"} <= set(BULK)


def test_a_slip_and_a_deprecated_field_are_found() -> None:
    assert errors("query Q($id: ID!) { customer(id: $id) { nmae } }")
    assert errors("query Q($id: ID!) { customer(id: $id) { email } }")


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("customers_page", {"first": 250, "email": False, "birthday": True, "language": False}),
        (
            "metafields_set",
            {"metafields": [{"ownerId": "gid://shopify/Customer/1", "key": "tier", "value": "gold"}]},
        ),
        (
            "metafield_definition_create",
            {
                "definition": {
                    "name": "VIP tier",
                    "namespace": "$app:vip",
                    "key": "tier",
                    "type": "single_line_text_field",
                    "ownerType": "CUSTOMER",
                    "access": {"admin": "MERCHANT_READ", "storefront": "PUBLIC_READ"},
                }
            },
        ),
        (
            "automatic_basic_create",
            {"discount": GOLD | {"customerGets": {"value": {"percentage": 0.15}, "items": {"all": True}}}},
        ),
        ("automatic_free_shipping_create", {"discount": GOLD | {"destination": {"all": True}}}),
        (
            "store_credit",
            {
                "id": "gid://shopify/Customer/1",
                "credit": {
                    "creditAmount": {"amount": "25.00", "currencyCode": "USD"},
                    "expiresAt": "2027-05-03T23:12:40Z",
                    "notify": False,
                },
            },
        ),
        ("webhook_create", {"topic": "ORDERS_PAID", "sub": {"uri": "https://vip.example/webhooks/atelier"}}),
    ],
)
def test_values_of_these_forms_are_taken(name: str, variables: Mapping[str, Any]) -> None:
    assert valid_variables(name, variables) == []


def test_wrong_values_are_found() -> None:
    assert valid_variables("tags_add", {"id": "gid://shopify/Customer/1", "tag": ["vip-gold"]})
    assert valid_variables("automatic_basic_create", {"discount": {"titel": "Gold"}})
    assert valid_variables(
        "automatic_basic_create",
        {"discount": {"context": {"all": "ALL", "customers": {"add": ["gid://shopify/Customer/1"]}}}},
    )


def test_a_document_brings_each_of_its_fragments_once() -> None:
    text = document("discounts_find").text
    assert text.count("fragment DiscountFields ") == 1
    assert text.count("fragment CombinesFields ") == 1


def test_a_document_knows_its_kind() -> None:
    assert (document("segments").kind, document("tags_add").kind) == ("query", "mutation")


@pytest.mark.parametrize("name", ["nothing", "order_fields"])
def test_what_is_no_document_is_not_there(name: str) -> None:
    with pytest.raises(KeyError):
        document(name)


def test_a_bulk_query_holds_its_search_as_text() -> None:
    text = bulk_query("bulk_orders", query='tag:"gold"', tags=False)
    assert r'orders(query: "tag:\"gold\"")' in text
    assert "(query:" not in bulk_query("bulk_orders", tags=False)


def test_a_bulk_query_reads_personal_data_only_where_it_is_wanted() -> None:
    none = bulk_query("bulk_customers", email=False, birthday=False, language=False)
    some = bulk_query("bulk_customers", email=True, birthday=False, language=False)
    assert not [word for word in ("emailAddress", "birth_date", "locale") if word in none]
    assert [word for word in ("emailAddress", "birth_date", "locale") if word in some] == ["emailAddress"]


def test_every_fragment_is_used() -> None:
    folder = files("vip_rules_shopify.admin") / "documents"
    used = "".join(document(name).text for name in names())
    unused = [
        file.name
        for file in folder.iterdir()
        if file.read_text("utf-8").startswith("fragment ") and file.read_text("utf-8") not in used
    ]
    assert unused == []
