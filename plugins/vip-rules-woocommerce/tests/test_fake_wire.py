"""How the fake shop lets in, fails, races and tells by itself."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar
from urllib.parse import urlsplit

import pytest
import requests
from requests.auth import AuthBase
from requests_oauthlib import OAuth1

from tests.woocommerce.access import Key
from tests.woocommerce.calls import Call
from tests.woocommerce.client import Client
from tests.woocommerce.faults import Fault
from tests.woocommerce.server import KEY, FakeWooCommerce

READER = Key(consumer_key="ck_reads", consumer_secret="cs_reads", permissions="read")


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce() as shop:
        yield shop
        assert shop.crashes == []


@pytest.fixture
def client(shop: FakeWooCommerce) -> Iterator[Client]:
    with Client(shop) as client:
        yield client


def refused(
    shop: FakeWooCommerce, auth: AuthBase | tuple[str, str] | None = None, **query: str
) -> tuple[int, str, str]:
    answer = requests.get(f"{shop.url}/wp-json/wc/v3/coupons", params=query, auth=auth, timeout=5)
    return answer.status_code, answer.json().get("code"), answer.json().get("message")


def signed(
    secret: str = KEY.consumer_secret,
    *,
    method: str = "HMAC-SHA256",
    place: str = "auth_header",
    timestamp: str | None = None,
) -> OAuth1:
    return OAuth1(
        KEY.consumer_key, secret, signature_method=method, signature_type=place, timestamp=timestamp
    )


@pytest.mark.parametrize("method", ["HMAC-SHA1", "HMAC-SHA256"])
@pytest.mark.parametrize("place", ["auth_header", "query"])
def test_signatures_are_verified(shop: FakeWooCommerce, method: str, place: str) -> None:
    url, query = f"{shop.url}/wp-json/wc/v3/coupons", {"search": "A b/ü+&=%", "per_page": "5"}
    right = signed(method=method, place=place)
    assert requests.get(url, params=query, auth=right, timeout=5).json() == []
    assert refused(shop, signed("cs_wrong", method=method, place=place)) == (
        401,
        "woocommerce_rest_authentication_error",
        "Invalid signature - provided signature does not match.",
    )


def test_over_http_nobody_is_known_by_a_password(shop: FakeWooCommerce) -> None:
    nobody = (401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
    assert refused(shop) == nobody
    assert refused(shop, (KEY.consumer_key, KEY.consumer_secret)) == nobody
    assert refused(shop, consumer_key=KEY.consumer_key, consumer_secret=KEY.consumer_secret) == nobody
    assert refused(shop, OAuth1("ck_unknown", "cs_unknown")) == nobody


def test_old_and_repeated_signatures_are_refused(shop: FakeWooCommerce) -> None:
    code = "woocommerce_rest_authentication_error"
    assert refused(shop, signed(timestamp="1")) == (401, code, "Invalid timestamp.")
    url = f"{shop.url}/wp-json/wc/v3/coupons"
    headers = requests.Request("GET", url, auth=signed()).prepare().headers
    answers = [requests.get(url, headers=headers, timeout=5) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 401]
    assert answers[1].json()["message"] == "Invalid nonce - nonce has already been used."


def test_a_key_that_only_reads_cannot_write(shop: FakeWooCommerce) -> None:
    shop.add_key(READER)
    with Client(shop, READER) as client:
        assert client.get("/coupons") == []
        answer = client.ask("POST", "/coupons", {"code": "x"})
    assert answer.status_code == 401
    assert answer.json()["message"] == "The API key provided does not have write permissions."


def test_a_body_without_its_type_is_not_read(shop: FakeWooCommerce) -> None:
    url = f"{shop.url}/wp-json/wc/v3/coupons"
    unread = requests.post(url, data=b'{"code": "x"}', auth=signed(), timeout=5)
    broken = requests.post(
        url, data=b'{"code": ', auth=signed(), headers={"Content-Type": "application/json"}, timeout=5
    )
    assert unread.json()["code"] == "rest_missing_callback_param"
    assert (broken.status_code, broken.json()["code"]) == (400, "rest_invalid_json")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"POST /wp-json/wc/v3/coupons HTTP/1.1\r\nContent-Length: 99\r\n\r\n{",
        b"GET /wp-json/wc/v3/ HTTP/1.1\r\n\r\n",
    ],
)
def test_a_client_that_is_killed_leaves_the_shop_open(
    shop: FakeWooCommerce, client: Client, said: bytes
) -> None:
    address = urlsplit(shop.url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        # Closed with a reset, as when a process dies.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(said)
    assert client.get("/coupons") == []


@pytest.mark.parametrize(
    ("fault", "done"), [(Fault.LOST_ANSWER, 1), (Fault.LOST_REQUEST, 0), (Fault.HALF_ANSWER, 1)]
)
def test_a_dropped_connection_tells_nothing_of_what_was_done(
    shop: FakeWooCommerce, client: Client, fault: Fault, done: int
) -> None:
    planned = shop.faults.add(fault, when=lambda call: call.method == "POST")
    with pytest.raises(requests.RequestException):
        client.post("/coupons", {"code": "x"})
    assert len(shop.coupons) == done
    assert [call.path for call in planned.befell] == ["/coupons"]
    assert "id" in client.post("/coupons", {"code": "y"})


def test_errors_come_instead_of_work_or_after_it(shop: FakeWooCommerce, client: Client) -> None:
    def posts(call: Call) -> bool:
        return call.method == "POST"

    shop.faults.busy(when=posts, retry_after="7")
    busy = client.ask("POST", "/coupons", {"code": "x"})
    assert (busy.status_code, busy.headers["Retry-After"], len(shop.coupons)) == (429, "7", 0)
    shop.faults.refuse("woocommerce_rest_no", when=posts)
    assert client.post("/coupons", {"code": "x"})["code"] == "woocommerce_rest_no"
    shop.faults.add(Fault.HTML, when=posts, status=502)
    page = client.ask("POST", "/coupons", {"code": "x"})
    assert (page.status_code, page.text[:15], len(shop.coupons)) == (502, "<!DOCTYPE html>", 0)
    shop.faults.add(Fault.ANSWER_AFTER, when=posts, status=500)
    assert client.ask("POST", "/coupons", {"code": "x"}).status_code == 500
    assert len(shop.coupons) == 1


def test_something_else_can_happen_between_the_work_and_its_answer(
    shop: FakeWooCommerce, client: Client
) -> None:
    shop.faults.add(Fault.NOTHING, meanwhile=lambda call: shop.coupons.remove(1))
    assert client.post("/coupons", {"code": "x"})["id"] == 1
    assert len(shop.coupons) == 0


def test_posts_of_one_moment_make_twins_that_a_look_by_code_hides(shop: FakeWooCommerce) -> None:
    shop.race(2)
    made: list[int] = []

    def post() -> None:
        with Client(shop) as client:
            made.append(client.post("/coupons", {"code": "race"})["id"])

    threads = [threading.Thread(target=post) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Client(shop) as client:
        assert sorted(made) == [1, 2]
        assert [row["id"] for row in client.get("/coupons", search="race")] == [2, 1]
        assert [row["id"] for row in client.get("/coupons", code="race")] == [2]
        assert (
            client.post("/coupons", {"code": "race"})["code"] == "woocommerce_rest_coupon_code_already_exists"
        )


def test_a_shop_without_pretty_addresses_answers_with_a_page(shop: FakeWooCommerce, client: Client) -> None:
    shop.permalinks = False
    page = client.ask("GET", "/coupons")
    assert (page.status_code, page.headers["Content-Type"]) == (404, "text/html; charset=UTF-8")
    url = f"{shop.url}/?rest_route=/wc/v3/coupons"
    assert requests.get(url, auth=signed(), timeout=5).status_code == 401


def test_shoppers_may_use_what_is_for_them_or_for_all(shop: FakeWooCommerce, client: Client) -> None:
    client.post("/coupons", {"code": "ada", "email_restrictions": ["Ada@Example.com"], "usage_limit": 1})
    client.post("/coupons", {"code": "corp", "email_restrictions": ["*@corp.example"]})
    client.post("/coupons", {"code": "all"})
    client.post("/coupons", {"code": "past", "date_expires": "2026-11-20T00:00:00"})
    assert shop.coupons_usable_by("ADA@example.com") == ["ada", "all"]
    assert shop.coupons_usable_by("eve@example.com", "b@corp.example") == ["all", "corp"]
    assert shop.public_coupons() == ["all"]
    assert shop.redeem("ada", "eve@example.com") is False
    assert shop.redeem("ada", "ada@example.com") is True
    assert shop.coupons_usable_by("ada@example.com") == ["all"]
    (used,) = client.get("/coupons", code="ada")
    assert (used["usage_count"], used["used_by"]) == (1, ["ada@example.com"])


class Listener(BaseHTTPRequestHandler):
    heard: ClassVar[list[tuple[str | None, bytes]]] = []
    status: ClassVar[int] = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append((self.headers["X-WC-Webhook-Topic"], body))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Say nothing."""


@pytest.fixture
def listener() -> Iterator[type[Listener]]:
    class Ours(Listener):
        heard: ClassVar[list[tuple[str | None, bytes]]] = []

    with HTTPServer(("127.0.0.1", 0), Ours) as server:
        Ours.url = f"http://127.0.0.1:{server.server_port}/hook"  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield Ours
        server.shutdown()
        thread.join()


def test_a_new_webhook_is_pinged_before_it_is_answered(client: Client, listener: type[Listener]) -> None:
    body = {"topic": "customer.updated", "delivery_url": listener.url, "secret": "s3", "status": "paused"}  # type: ignore[attr-defined]
    answer = client.post("/webhooks", body)
    assert listener.heard == [(None, b"webhook_id=1")]
    assert (answer["status"], "s3" in json.dumps(answer)) == ("active", False)


def test_seven_failures_disable_and_an_eighth_chance_is_one(
    shop: FakeWooCommerce, client: Client, listener: type[Listener]
) -> None:
    customer = client.post("/customers", {"email": "ada@example.com"})
    client.post("/webhooks", {"topic": "customer.updated", "delivery_url": listener.url})  # type: ignore[attr-defined]
    listener.status = 500

    def change() -> str:
        client.put(f"/customers/{customer['id']}", {})
        client.put(f"/customers/{customer['id']}", {})
        shop.run_queue()
        status: str = client.get("/webhooks/1")["status"]
        return status

    assert [change() for _ in range(8)] == ["active"] * 6 + ["disabled"] * 2
    assert sum(topic is not None for topic, _ in listener.heard) == 7, "several changes are one delivery"
    client.put("/webhooks/1", {"status": "active"})
    assert change() == "disabled"


def test_deliveries_are_signed_over_their_bytes_and_may_be_errors(shop: FakeWooCommerce) -> None:
    recorded = shop.deliver("order.deleted", 611, "rig-secret-order.deleted", webhook_id=27)
    assert recorded.body == b'{"id":611}'
    assert recorded.header("X-WC-Webhook-Signature") == "mbE26AyaPwfrC4kvTeWwfniQQ43GUNMqBL9WMe/JNYc="
    gone = shop.deliver("customer.created", 5, "rig-secret-customer.created")
    assert gone.body == b'{"code":"wc_user_invalid_id","message":"Invalid user ID.","data":{"status":404}}'
    assert gone.header("X-WC-Webhook-Signature") == "eQX8l39Ns7lN2tZiLVZJnm7qT5iZRe1zS8GJGqBVGSM="
    assert gone.header("X-WC-Webhook-Delivery-ID") == shop.deliver("order.deleted", 6, "s").header(
        "X-WC-Webhook-Delivery-ID"
    )
