"""What the adapter asks, the fake shop knows."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

import pytest
import requests
from graphql import OperationDefinitionNode, parse, print_ast
from vip_rules.testing.examples import CUSTOMERS, ORDERS

from tests.shop import FakeShopify
from vip_rules_shopify.admin.documents import document

FOLDER: Final = files("vip_rules_shopify.admin") / "documents"
NAMES: Final = sorted(
    path.name.removesuffix(".graphql")
    for path in FOLDER.iterdir()
    if not path.read_text().startswith("fragment")
    and not path.name.startswith(("bulk_customers", "bulk_orders"))
)
"""The operations that are sent as they are."""

CUSTOMER: Final = "gid://shopify/Customer/1"
TAGGED: Final = "customer_tags CONTAINS 'vip-gold'"
DISCOUNT: Final = {
    "title": "Gold",
    "startsAt": "2026-11-01T00:00:00Z",
    "tags": ["vip-gold-auto"],
    "context": {"all": "ALL"},
}
FIELD: Final = {"key": "tier", "namespace": "$app:vip"}
DEFINITION: Final = FIELD | {"name": "Tier", "ownerType": "CUSTOMER"}
BY_NAME: Final[Mapping[str, Any]] = {
    "add": ["vip-gold"],
    "code": "VIP",
    "credit": {"creditAmount": {"amount": "25.00", "currencyCode": "USD"}},
    "first": 10,
    "ids": [CUSTOMER, "gid://shopify/Order/1001", "gid://shopify/Customer/404"],
    "name": "Gold VIP",
    "namespace": "$app:vip",
    "owner": "CUSTOMER",
    "remove": ["vip-silver"],
    "tags": ["vip-gold"],
    "topic": "ORDERS_PAID",
    "sub": {"uri": "https://example.com/webhooks"},
}


def variables(name: str, operation: OperationDefinitionNode) -> dict[str, Any]:
    """Values for the variables that have to be given."""
    given = dict(BY_NAME) | {"id": "gid://shopify/Order/1001" if "order" in name else CUSTOMER}
    given["discount"] = DISCOUNT | ({"code": "VIP"} if name.startswith("code") else {})
    given["query"] = "{ orders { edges { node { id } } } }" if name == "bulk_run_query" else TAGGED
    given["input"] = {"id": given["id"], "tags": ["vip-expedited"]}
    given["metafields"] = [FIELD | {"ownerId": CUSTOMER}]
    value = {"type": "single_line_text_field", "value": "gold"}
    given["set"] = [FIELD | {"ownerId": CUSTOMER} | value]
    creates = {"type": "single_line_text_field"} if name.endswith("create") else {}
    given["definition"] = DEFINITION | creates
    by_type = {
        "Boolean": True,
        "[MetafieldIdentifierInput!]": given["metafields"],
        "[MetafieldsSetInput!]": given["set"],
    }
    needed = {
        definition.variable.name.value: print_ast(definition.type).removesuffix("!")
        for definition in operation.variable_definitions or ()
        if definition.type.kind == "non_null_type" or name == "segment_create"
    }
    return {each: by_type[kind] if kind in by_type else given[each] for each, kind in needed.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_document_of_the_adapter_is_answered(name: str) -> None:
    text = document(name).text
    operation = next(one for one in parse(text).definitions if isinstance(one, OperationDefinitionNode))
    with FakeShopify() as shop:
        shop.put_customer(CUSTOMERS[0])
        shop.put_order(ORDERS[0])
        answer = requests.post(
            f"{shop.url}/admin/api/2026-10/graphql.json",
            json={"query": text, "variables": variables(name, operation)},
            headers={"X-Shopify-Access-Token": shop.token},
            timeout=10,
        )
        content = answer.json()
    assert "errors" not in content
    assert content["data"]


@pytest.mark.parametrize("name", ["bulk_customers", "bulk_orders"])
def test_a_bulk_query_of_the_adapter_gives_rows(name: str) -> None:
    switches = {"$email": "true", "$birthday": "true", "$language": "true", "$tags": "true"}
    text = document(name).text
    head = text.index("(")
    text = text[:head] + text[text.index(")") + 1 :].replace("(query: $query)", "", 1)
    for variable, value in switches.items():
        text = text.replace(variable, value)
    with FakeShopify() as shop:
        shop.put_customer(CUSTOMERS[0])
        shop.put_order(ORDERS[0])
        shop.bulk.run_query({"query": text})
        (operation,) = shop.bulk.operations.values()
        operation.polls = 0
        shop.bulk.one({"id": f"gid://shopify/BulkOperation/{operation.id}"})
        assert operation.count == (1 if name == "bulk_customers" else 3)
