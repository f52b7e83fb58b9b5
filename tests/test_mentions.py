import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vip_rules.mentions import SHORT, Mentions


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("customer:5: is gone from the store", True),
        ("birthday:2026:5: not sent", True),
        ("asks what is kept of customer 5, customer 7", True),
        ("no customer is named '5'", True),
        ("gid://shop/Customer/5", True),
        ("5 orders of guests are kept", False),
        ("No longer in the store: 5 customers.", False),
        ("customer 55 is gone", False),
        ("customer 15 is gone", False),
        ("customer:5b", False),
    ],
)
def test_a_short_id_is_somebodys_only_where_customers_are_meant(text: str, named: bool) -> None:
    assert Mentions(["5"]).said(text) is named


@pytest.mark.parametrize(
    ("says", "topic", "named"),
    [
        ({"id": 5}, "customers/update", True),
        ({"id": 5}, "orders/updated", False),
        ({"id": 7, "customer": {"id": 5}}, "orders/updated", True),
        ({"id": 7, "customer": {"id": 8, "orders_count": 5}}, "orders/updated", False),
        ({"id": 7, "customer_id": 5, "total": "9.50"}, "order.updated", True),
        (
            {"id": 7, "customer_id": 6, "total": "9.5", "line_items": [{"id": 5, "quantity": 5}]},
            "order.updated",
            False,
        ),
        ({"customers": ["4", "5"]}, "changed", True),
        ({"orders": ["5"]}, "changed", False),
        ({"merged": [["4", "5"]]}, "changed", True),
        ({"redact": [{"customer_id": "5"}]}, "changed", True),
        ({"admin_graphql_api_id": "gid://shop/Customer/5"}, "x", True),
        ({"admin_graphql_api_id": "gid://shop/Order/5"}, "x", False),
        ({"email": "ADA@canary.example"}, "x", True),
        ({"note": "joada@canary.example"}, "x", False),
        ({"email": "éva@canary.example"}, "x", True),
        ({"id": 1234567890123}, "orders/updated", True),
        ({"id": 12345678901234}, "orders/updated", False),
    ],
)
@pytest.mark.parametrize("ascii_", [True, False])
def test_webhooks_name_somebody_by_what_they_are_about(
    says: dict[str, Any], topic: str, named: bool, ascii_: bool
) -> None:
    mentions = Mentions(["5", "1234567890123", "ada@canary.example", "Éva@canary.example"])
    assert mentions.sent(json.dumps(says, ensure_ascii=ascii_).encode(), topic) is named


@pytest.mark.parametrize("body", [b'{"id": 5', b"5", b"\xff 5 \xff", b"[" * 100_000 + b"5", b"id=5&x=y"])
def test_where_nobody_can_say_what_an_id_means_it_counts(body: bytes) -> None:
    assert Mentions(["5"]).sent(body, "customers")
    assert not Mentions(["6"]).sent(body, "customers")


def test_nobody_is_named_by_nothing() -> None:
    assert not Mentions(["", ""]).said("anything, customer 5 too")
    assert not Mentions([]).sent(b'{"customer": ""}', "customers")


@given(st.text(min_size=SHORT + 1), st.text(), st.text())
def test_what_is_long_enough_is_found_wherever_it_stands(name: str, before: str, after: str) -> None:
    assert Mentions([name]).said(f"{before} {name} {after}") or name[0].isspace() or not name[0].isprintable()
    body = json.dumps({"text": f"{before} {name} {after}"})
    assert Mentions([name]).sent(body.encode(), "x")
