"""A plain client for the tests of the fake itself: it asks, and says what came back."""

from __future__ import annotations

from typing import Any

import requests

from tests.shop.server import FakeShopify


def post(shop: FakeShopify, document: str, **variables: Any) -> requests.Response:
    """The HTTP answer to a document."""
    return requests.post(
        f"{shop.url}/admin/api/2026-10/graphql.json",
        json={"query": document, "variables": variables},
        headers={"X-Shopify-Access-Token": shop.token},
        timeout=10,
    )


def ask(shop: FakeShopify, document: str, **variables: Any) -> dict[str, Any]:
    """Everything in the answer."""
    content: dict[str, Any] = post(shop, document, **variables).json()
    return content


def data(shop: FakeShopify, document: str, **variables: Any) -> dict[str, Any]:
    """The data of an answer without errors."""
    content = ask(shop, document, **variables)
    assert "errors" not in content, content["errors"]
    found: dict[str, Any] = content["data"]
    return found


def codes(content: dict[str, Any]) -> list[str]:
    """The codes of an answer's errors."""
    return [error["extensions"]["code"] for error in content.get("errors", ())]
