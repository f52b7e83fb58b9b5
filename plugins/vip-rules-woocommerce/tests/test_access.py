from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import re
from urllib.parse import quote, unquote

import pytest
import responses

from tests.asking import KEY, NOW, SECRET, Asking
from tests.recordings import SHOP, replay
from vip_rules_woocommerce.rest.access import Access, InvalidAccess

HTTP_SHOP = "http://shop.test:8089"


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://shop.test", "https://shop.test"),
        ("https://shop.test/", "https://shop.test"),
        (" https://Shop.test/store/ ", "https://shop.test/store"),
        ("https://shop.test/wp-json/wc/v3/", "https://shop.test"),
        ("https://shop.test/store/wp-json", "https://shop.test/store"),
        ("http://shop.test:8089", "http://shop.test:8089"),
    ],
)
def test_an_address_is_taken_as_people_write_it(written: str, url: str) -> None:
    assert Access.of(written, KEY, SECRET).url == url


@pytest.mark.parametrize(
    "written",
    [
        "",
        "shop.test",
        "ftp://shop.test",
        "https://",
        "https://shop.test:x",
        "https://[",
        "https://shop.test:0",
    ],
)
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(InvalidAccess, match="expected https://HOST"):
        Access.of(written, KEY, SECRET)


@pytest.mark.parametrize(
    "written", ["https://me:cs_canary0secret@shop.test", f"https://shop.test?consumer_secret={SECRET}"]
)
def test_keys_within_an_address_are_refused_and_not_repeated(written: str) -> None:
    with pytest.raises(InvalidAccess) as refused:
        Access.of(written, KEY, SECRET)
    assert "canary" not in str(refused.value)


def test_swapped_keys_are_told() -> None:
    with pytest.raises(InvalidAccess, match="swapped") as refused:
        Access.of(SHOP, SECRET, KEY)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("key", "secret"), [("", SECRET), (KEY, " "), ("ck_canary\nx", SECRET), (KEY, "cs_kanärie")]
)
def test_keys_that_cant_be_keys_are_refused(key: str, secret: str) -> None:
    with pytest.raises(InvalidAccess, match="copy both again") as refused:
        Access.of(SHOP, key, secret)
    assert "canary" not in str(refused.value)


def test_access_doesnt_show_its_keys() -> None:
    access = Access.of(SHOP, KEY, SECRET)
    both = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
    assert "canary" not in repr(access)
    assert access.without_keys(f"Basic {both}, {KEY} and {SECRET}!") == "Basic …, … and …!"


@responses.activate
def test_over_https_the_keys_go_in_the_header_and_never_in_the_address() -> None:
    replay(responses.mock, "customer-get")
    Asking().rest().get("customers/8", context="view")
    sent = responses.calls[0].request
    both = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
    assert sent.headers["Authorization"] == f"Basic {both}"
    assert sent.url == f"{SHOP}/wp-json/wc/v3/customers/8?context=view"


@responses.activate
def test_over_http_requests_are_signed_as_woocommerce_computes_it() -> None:
    replay(responses.mock, "auth-oauth1-over-http-header", shop=HTTP_SHOP)
    Asking().rest(HTTP_SHOP).get("coupons", per_page=1, search="a b&c=d", status=["any", "trash"])
    sent = responses.calls[0].request
    header = str(sent.headers["Authorization"])
    told = {name: unquote(value) for name, value in re.findall(r'(oauth_\w+)="([^"]*)"', header)}
    signature = told.pop("oauth_signature")
    assert told == {
        "oauth_consumer_key": KEY,
        "oauth_nonce": f"{1:032x}",
        "oauth_timestamp": str(int(NOW.timestamp())),
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_version": "1.0",
    }
    parameters = {**told, "per_page": "1", "search": "a b&c=d", "status": "any,trash"}
    pairs = "&".join(
        f"{quote(name, safe='')}={quote(parameters[name], safe='')}" for name in sorted(parameters)
    )
    base = "&".join(quote(part, safe="") for part in ("GET", f"{HTTP_SHOP}/wp-json/wc/v3/coupons", pairs))
    expected = hmac.digest(f"{SECRET}&".encode(), base.encode(), hashlib.sha256)
    assert signature == base64.b64encode(expected).decode()
    assert SECRET not in header


@responses.activate
def test_each_try_is_signed_with_a_number_of_its_own() -> None:
    responses.get(f"{HTTP_SHOP}/wp-json/wc/v3/orders/1", status=502)
    responses.get(f"{HTTP_SHOP}/wp-json/wc/v3/orders/1", json={"id": 1})
    Asking().rest(HTTP_SHOP).get("orders/1")
    headers = [str(call.request.headers["Authorization"]) for call in responses.calls]
    nonces = {re.findall(r'oauth_nonce="(\w+)"', header)[0] for header in headers}
    assert len(nonces) == len(headers) == 2


@responses.activate
def test_a_signed_write_keeps_its_body() -> None:
    replay(responses.mock, "auth-oauth1-post-body", shop=HTTP_SHOP)
    Asking().rest(HTTP_SHOP).post("coupons", {"code": "über"})
    sent = responses.calls[0].request
    assert sent.body == b'{"code": "\\u00fcber"}'
    assert sent.headers["Content-Type"] in ("application/json", b"application/json")


@responses.activate
@pytest.mark.parametrize("shop", [SHOP, HTTP_SHOP])
def test_no_log_tells_keys_bodies_or_emails(shop: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    replay(responses.mock, "coupon-create", shop=shop)
    replay(responses.mock, "customers-list-page1", shop=shop)
    rest = Asking().rest(shop)
    rest.get("customers", email="somebody@example.test")
    rest.post("coupons", {"code": "a-body"})
    logging.getLogger("urllib3.connectionpool").debug("%s", "/customers?email=somebody%40example.test")
    for hidden in ("canary", "oauth_signature", "a-body", "somebody"):
        assert hidden not in caplog.text


def test_a_file_of_authorities_that_isnt_there_is_refused() -> None:
    with pytest.raises(InvalidAccess, match="ca_bundle"):
        Asking().rest(ca_bundle="nowhere.pem")
