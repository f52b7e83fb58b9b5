"""The fake shop answers as the recorded WooCommerce 11.0.1 did."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from vip_rules.testing.clock import StoppedClock

from tests.woocommerce.client import Client
from tests.woocommerce.server import FakeWooCommerce

REFUSALS = json.loads((Path(__file__).parent / "woocommerce/refusals.json").read_text("utf-8"))
NOBODY_THERE = "http://127.0.0.1:9"


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 11, 21, 23, tzinfo=UTC))


@pytest.fixture
def shop(clock: StoppedClock) -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce(clock=clock) as shop:
        shop.load()
        yield shop
        assert shop.crashes == []


@pytest.fixture
def client(shop: FakeWooCommerce) -> Iterator[Client]:
    with Client(shop) as client:
        yield client


@pytest.fixture(scope="module")
def refusing() -> Iterator[Client]:
    with FakeWooCommerce() as shop, Client(shop) as client:
        shop.load()
        client.post("/customers", {"email": "zoe@example.test", "username": "zoe"})
        client.post("/coupons", {"code": "Summer-20 %", "amount": "20"})
        client.post("/webhooks", {"topic": "order.updated", "delivery_url": NOBODY_THERE})
        client.post("/orders/392/notes", {"note": "one"})
        client.delete("/orders/391")
        yield client
        assert shop.crashes == []


@pytest.mark.parametrize("recorded", REFUSALS, ids=lambda recorded: recorded["name"])
def test_refusals_are_in_the_recorded_words(refusing: Client, recorded: dict[str, Any]) -> None:
    answer = refusing.ask(recorded["method"], recorded["path"], recorded["body"], **recorded["query"])
    assert (answer.status_code, answer.json()) == (recorded["status"], recorded["answer"])


def test_links_of_orders_repeat_what_nobody_sent(client: Client, shop: FakeWooCommerce) -> None:
    root = f"<{shop.url}/wp-json/wc/v3/orders?per_page=3"
    extra = "&status%5B0%5D=any&dp=2&context=view"
    first, second = (
        client.ask("GET", "/orders", per_page="3"),
        client.ask("GET", "/orders", per_page="3", page="2"),
    )
    assert first.headers["Link"] == f'{root}{extra}&page=2>; rel="next"'
    assert second.headers["Link"] == f'{root}&page=1{extra}>; rel="prev", {root}&page=3{extra}>; rel="next"'
    assert (second.headers["X-WP-Total"], second.headers["X-WP-TotalPages"]) == ("320", "107")


def test_behind_the_last_page_customers_keep_their_totals_and_orders_do_not(client: Client) -> None:
    customers = client.ask("GET", "/customers", per_page="100", page="9")
    orders = client.ask("GET", "/orders", per_page="100", page="50")
    assert (customers.json(), customers.headers["X-WP-Total"], customers.headers["X-WP-TotalPages"]) == (
        [],
        "230",
        "3",
    )
    assert (orders.json(), orders.headers["X-WP-Total"], orders.headers["X-WP-TotalPages"]) == ([], "0", "0")


def test_by_id_customers_are_told_once_and_by_registration_some_never(client: Client) -> None:
    def read(orderby: str) -> list[int]:
        pages = (
            client.get("/customers", per_page="7", page=str(page), orderby=orderby) for page in range(1, 34)
        )
        return [row["id"] for page in pages for row in page]

    by_id, by_registration = read("id"), read("registered_date")
    assert len(by_id) == len(set(by_id)) == len(by_registration) == 230
    assert len(set(by_registration)) < 230


def test_modified_after_is_exclusive_and_a_suffix_with_the_flag_drops_it(
    client: Client, shop: FakeWooCommerce, clock: StoppedClock
) -> None:
    client.put("/orders/392", {})

    def ids(bound: str, **query: str) -> list[int]:
        return [row["id"] for row in client.get("/orders", modified_after=bound, _fields="id", **query)]

    assert ids("2026-11-21T22:59:59", dates_are_gmt="true") == [392]
    assert ids("2026-11-21T23:00:00", dates_are_gmt="true") == []
    assert ids("2026-11-21T17:59:59") == [392]
    assert ids("2026-11-21T22:59:59Z") == ids("2026-11-21T23:59:59+01:00") == [392]
    assert len(ids("2099-01-01T00:00:00Z", dates_are_gmt="true")) == 10


def test_unknown_arguments_are_ignored(client: Client) -> None:
    assert len(client.get("/customers", modified_after="2099-01-01T00:00:00", nonsense="1")) == 10


def test_emails_are_looked_up_by_role_whatever_their_case(client: Client) -> None:
    def found(email: str, **query: str) -> list[int]:
        return [row["id"] for row in client.get("/customers", email=email, **query)]

    assert found("CUSTOMER007@Example.test") == [8]
    assert found("admin@example.test") == []
    assert found("admin@example.test", role="all") == [1]


def test_fields_trim_rows_also_within_a_field(client: Client) -> None:
    (row,) = client.get("/orders", include="392", _fields="id,billing.email")
    assert row == {"id": 392, "billing": {"email": "customer038@example.test"}}


def test_a_trashed_order_is_found_by_its_id_alone(client: Client) -> None:
    before = client.delete("/orders/392")
    assert before["status"] == "completed"
    assert client.get("/orders/392")["status"] == "trash"
    assert client.get("/orders", include="392") == []
    assert client.get("/orders", include="392", status="any,trash") == []
    assert [row["id"] for row in client.get("/orders", status="trash")] == [392]
    assert client.put("/orders/392", {"status": "completed"})["status"] == "completed"


def test_orders_of_a_deleted_customer_are_those_of_a_guest(client: Client) -> None:
    order = client.get("/orders/392")
    client.delete(f"/customers/{order['customer_id']}", force="true")
    assert client.get("/orders/392")["customer_id"] == 0
    assert 392 in [row["id"] for row in client.get("/orders", customer="0", per_page="100")]


def test_meta_data_is_updated_as_recorded(client: Client) -> None:
    made = client.post(
        "/customers",
        {
            "email": "zoe@example.test",
            "password": "p",
            "meta_data": [{"key": "crm_id", "value": "Z"}, {"key": "prefs", "value": {"langs": ["de"]}}],
        },
    )
    first, second = made["meta_data"]

    def put(*rows: dict[str, Any]) -> list[dict[str, Any]]:
        meta: list[dict[str, Any]] = client.put(f"/customers/{made['id']}", {"meta_data": rows})["meta_data"]
        return meta

    assert put({"key": "crm_id", "value": "K"}) == [{**first, "value": "K"}, second], "in place"
    assert put({"id": first["id"], "value": "I"}) == [{**first, "value": "K"}, second], (
        "an id alone is ignored"
    )
    assert put({"id": first["id"], "key": "crm_id", "value": "B"})[0] == {**first, "value": "B"}
    ghost = put({"id": 99_999_999, "key": "ghost", "value": "g"})[-1]
    assert (ghost["key"], ghost["value"], ghost["id"] == 99_999_999) == ("ghost", "g", False)
    assert [row["key"] for row in put({"key": "ghost", "value": None})] == ["crm_id", "prefs"]
    twice = put({"key": "dup", "value": "a"}, {"key": "dup", "value": "b"})
    assert [row["value"] for row in twice if row["key"] == "dup"] == ["b"]
    types = put(
        *({"key": f"t{n}", "value": value} for n, value in enumerate((5, 1.5, True, False, [1, "2"])))
    )
    assert [row["value"] for row in types[-5:]] == ["5", "1.5", "1", "", [1, "2"]]
    assert not any(row["key"] == "_hidden" for row in put({"key": "_hidden", "value": "h"}))


def test_of_twins_a_key_sets_the_first_and_deletes_the_other(client: Client, shop: FakeWooCommerce) -> None:
    twins = [{"id": 90_001, "key": "twin", "value": "1"}, {"id": 90_002, "key": "twin", "value": "2"}]
    shop.customers.change(8, meta_data=twins)
    answer = client.put("/customers/8", {"meta_data": [{"key": "twin", "value": "three"}]})
    assert answer["meta_data"] == [{"id": 90_001, "key": "twin", "value": "three"}]


def test_a_put_moves_the_date_though_nothing_differs(client: Client, clock: StoppedClock) -> None:
    clock.advance(seconds=5)
    assert client.put("/customers/8", {})["date_modified_gmt"] == "2026-11-21T23:00:05"
    assert client.get("/customers/8")["date_modified"] == "2026-11-21T18:00:05"


def test_names_of_accounts_are_encoded_and_those_on_bills_are_not(client: Client) -> None:
    body = {"first_name": "A & B", "last_name": "D'Arc & <Söhne>", "billing": {"last_name": "P & <b>Q</b>"}}
    answer = client.put("/customers/8", body)
    assert (answer["first_name"], answer["last_name"]) == ("A &amp; B", "D'Arc &amp; ")
    assert answer["billing"]["last_name"] == "P & <b>Q</b>"
    assert client.put("/customers/8", {"first_name": "A &amp; B"})["first_name"] == "A &amp; B"


def test_a_batch_blanks_an_invalid_email_and_says_nothing(client: Client) -> None:
    body = {
        "create": [{"email": "customer007@example.test"}],
        "update": [
            {"id": 33, "email": "not-an-email"},
            {"id": 34, "billing": "x"},
            {"id": 35, "billing": {"email": "nope"}},
            {"id": 999_999},
        ],
    }
    answer = client.post("/customers/batch", body)
    blanked, kept, refused, unknown = answer["update"]
    assert (blanked["email"], "error" in blanked) == ("", False)
    assert kept["billing"]["email"] == "customer033@example.test"
    assert refused["error"]["code"] == "customer_invalid_billing_email"
    assert unknown == {
        "id": 999_999,
        "error": {"code": "wc_user_invalid_id", "message": "Invalid user ID.", "data": {"status": 404}},
    }
    assert answer["create"][0]["id"] == 0
    assert client.post("/customers/batch", {}) == []
    too_many = client.ask("POST", "/customers/batch", {"delete": list(range(101))})
    assert (too_many.status_code, too_many.json()["code"]) == (
        413,
        "woocommerce_rest_request_entity_too_large",
    )


def test_a_coupon_for_no_email_is_for_everybody(client: Client, shop: FakeWooCommerce) -> None:
    coupon = client.post("/coupons", {"code": "BADMAIL", "amount": 1, "email_restrictions": ["nope"]})
    assert (coupon["code"], coupon["amount"], coupon["email_restrictions"]) == ("badmail", "1.00", [])
    assert "badmail" in shop.public_coupons()


def test_a_null_clears_limits_and_no_expiry(client: Client) -> None:
    coupon = client.post("/coupons", {"code": "x", "usage_limit": 1, "date_expires": "2026-12-31T23:59:59"})
    assert coupon["date_expires_gmt"] == "2027-01-01T04:59:59"
    path = f"/coupons/{coupon['id']}"
    kept = client.put(path, {"date_expires": None, "usage_limit": None})
    assert (kept["date_expires"], kept["usage_limit"]) == ("2026-12-31T23:59:59", None)
    assert client.put(path, {"date_expires": ""})["date_expires_gmt"] is None


def test_the_code_of_a_trashed_coupon_is_free(client: Client) -> None:
    coupon = client.post("/coupons", {"code": "again"})
    assert client.delete(f"/coupons/{coupon['id']}")["status"] == "publish"
    assert client.get("/coupons", code="AGAIN") == []
    assert client.post("/coupons", {"code": "Again"})["id"] != coupon["id"]
    assert client.get(f"/coupons/{coupon['id']}")["status"] == "trash"


def test_a_refund_is_negative_on_the_order_and_positive_in_its_own_lists(
    client: Client, shop: FakeWooCommerce
) -> None:
    refund = shop.refund(392, "23.14")
    (on_order,) = client.get("/orders/392")["refunds"]
    assert on_order == {"id": refund["id"], "reason": "", "total": "-23.14", "total_tax": "0.00"}
    (listed,) = client.get("/orders/392/refunds")
    assert (listed["amount"], "parent_id" in listed) == ("23.14", False)
    assert client.get("/refunds", per_page="1")[0]["parent_id"] == 392
    assert client.get("/orders/392")["status"] == "completed"
    client.delete(f"/orders/392/refunds/{refund['id']}")
    assert client.get("/orders/392")["refunds"] == []


def test_json_is_escaped_as_php_does(client: Client) -> None:
    answer = client.ask("PUT", "/customers/8", {"billing": {"city": "Köln 1/2"}})
    assert r'"city":"K\u00f6ln 1\/2"' in answer.text


def test_order_notes_are_html(client: Client) -> None:
    note = client.post("/orders/392/notes", {"note": "Packed by <i>Ann</i> & co"})
    assert (note["note"], note["author"], note["customer_note"]) == (
        "Packed by <i>Ann</i> &amp; co",
        "WooCommerce",
        False,
    )
    assert client.get("/orders/392/notes") == [note]
