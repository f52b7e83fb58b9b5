"""What answers say about whether something was done: those that were recorded, and those of what stands before a shop."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.asking import NOW
from tests.recordings import load, names, recording
from vip_rules_woocommerce.rest.answers import Answer, Busy, Done, InDoubt, NotDone, answered

FATAL = {
    "code": "internal_server_error",
    "message": "<p>There has been a critical error.</p>",
    "data": {"status": 500},
}


def judged(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
    return answered(status, headers or {}, body, asked="PUT orders/1", host="shop.test", now=NOW)


def as_recorded(name: str) -> Answer:
    told = recording(name)
    return judged(told.status, told.text.encode(), told.headers)


def error(status: int, code: str, message: str = "No.", data: Any = None) -> bytes:
    return json.dumps({"code": code, "message": message, "data": data or {"status": status}}).encode()


def test_a_signed_request_that_something_repeated_may_have_been_done() -> None:
    answer = as_recorded("error-oauth1-nonce-reused")
    assert isinstance(answer, InDoubt)
    assert "a proxy that repeats requests" in answer.reason


@pytest.mark.parametrize(
    "name",
    [name for name in names() if "status" in load(name) and name != "error-oauth1-nonce-reused"],
)
def test_the_shop_itself_never_leaves_in_doubt(name: str) -> None:
    assert isinstance(as_recorded(name), Done if recording(name).status < 300 else NotDone)


def test_what_was_done_has_its_data() -> None:
    answer = as_recorded("customer-update-meta-by-key")
    assert isinstance(answer, Done)
    assert answer.data == recording("customer-update-meta-by-key").body


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        (
            "coupon-create-duplicate",
            "woocommerce_rest_coupon_code_already_exists",
            "The coupon code already exists",
        ),
        (
            "batch-products-101",
            "woocommerce_rest_request_entity_too_large",
            "Unable to accept more than 100 items",
        ),
        ("customer-delete-without-force", "woocommerce_rest_trash_not_supported", "do not support trashing"),
        ("refund-create-too-much", "woocommerce_rest_cannot_create_order_refund", "Invalid refund amount."),
        (
            "refund-create-api-default",
            "woocommerce_rest_cannot_create_order_refund",
            "does not support automatic",
        ),
        ("order-create-coupon-unknown", "woocommerce_rest_invalid_coupon", 'Coupon "nope" cannot be applied'),
        ("customer-update-invalid-billing-email", "rest_invalid_param", "billing: Invalid email address."),
        ("error-malformed-json", "rest_invalid_json", "Invalid JSON body passed."),
    ],
)
def test_a_refusal_is_not_done_whatever_its_status(name: str, code: str, words: str) -> None:
    answer = as_recorded(name)
    assert isinstance(answer, NotDone)
    assert (answer.code, answer.status) == (code, recording(name).status)
    assert words in answer.reason
    assert not answer.absent


@pytest.mark.parametrize(
    "name",
    [
        "order-get-unknown",
        "order-get-deleted",
        "order-get-product-id",
        "order-update-unknown",
        "product-update-unknown",
        "coupon-get-unknown",
        "customer-get-unknown",
        "webhook-get-unknown",
        "order-trash-again",
    ],
)
def test_unknown_ids_are_absent(name: str) -> None:
    answer = as_recorded(name)
    assert isinstance(answer, NotDone)
    assert answer.absent


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("error-no-auth", "strips the Authorization header"),
        ("error-bad-key", "the key is unknown or was revoked"),
        ("error-basic-over-http", "should begin with https"),
        ("error-bad-secret", "the consumer secret doesn't belong to the consumer key"),
        ("error-read-only-key-writes", "the key may only read: set it to Read/Write"),
        ("error-write-only-key-reads", "the key may only write: set it to Read/Write"),
        ("error-oauth1-old-timestamp", "set this computer's clock"),
        ("error-oauth1-bad-signature", "the consumer secret is wrong, or the address isn't the shop's own"),
        ("error-unknown-route", "Permalinks isn't on Plain"),
        ("error-method", "Permalinks isn't on Plain"),
    ],
)
def test_a_closed_door_says_how_it_opens(name: str, advice: str) -> None:
    answer = as_recorded(name)
    assert isinstance(answer, NotDone)
    assert advice in answer.reason
    assert not answer.absent


def test_a_missing_page_is_no_missing_order() -> None:
    answer = judged(404, b"<html>Not Found</html>")
    assert isinstance(answer, NotDone)
    assert not answer.absent
    assert "Permalinks" in answer.reason


@pytest.mark.parametrize(
    ("status", "body", "advice"),
    [
        (403, b"<html>Forbidden</html>", "let /wp-json/wc/v3 through"),
        (403, error(403, "rest_forbidden"), "rest_forbidden"),
        (401, error(401, "rest_login_required"), "rest_login_required"),
        (401, b"", "strips the Authorization header"),
        (403, error(403, "woocommerce_rest_cannot_edit"), "an administrator or shop manager"),
        (405, b"", "doesn't let this kind of request"),
        (501, b"<html>Not Implemented</html>", "doesn't let this kind of request"),
        (406, b"<html>Not Acceptable</html>", "ModSecurity"),
        (413, b"<html>Too Large</html>", "raise its limit"),
        (301, b"", "set the address of the shop"),
    ],
)
def test_what_stands_before_a_shop_refuses_with_advice(status: int, body: bytes, advice: str) -> None:
    answer = judged(status, body)
    assert isinstance(answer, NotDone)
    assert advice in answer.reason


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, json.dumps(FATAL).encode()),
        (500, b""),
        (500, json.dumps({**FATAL, "data": 500}).encode()),
        (502, b"<html>Bad Gateway</html>"),
        (504, b""),
        (520, b""),
        (503, b"<html>Backend fetch failed</html>"),
        (503, error(503, "internal_server_error")),
        (303, b""),
        (200, b""),
        (200, b"<!DOCTYPE html><title>Log in</title>"),
        (201, b'{"id": 1'),
    ],
)
def test_where_the_work_may_be_done_it_is_in_doubt(status: int, body: bytes) -> None:
    assert isinstance(judged(status, body, {"Retry-After": "5"}), InDoubt)


@pytest.mark.parametrize(
    ("status", "body", "retry_after", "seconds"),
    [
        (429, b"", None, 30),
        (429, error(429, "too_many"), "7", 7),
        (429, b"", "0", 1),
        (429, b"", "99999999999", 3600),
        (429, b"", "Sat, 21 Nov 2026 22:31:30 GMT", 90),
        (429, b"", "Sat, 21 Nov 2026 22:31:30", 30),
        (429, b"", "soon", 30),
        (408, b"", None, 30),
        (503, b"<html>Briefly unavailable</html>", "600", 600),
        (503, error(503, "wp_die", "Briefly unavailable"), None, 30),
    ],
)
def test_a_busy_shop_says_when_to_come_again(
    status: int, body: bytes, retry_after: str | None, seconds: int
) -> None:
    answer = judged(status, body, {"Retry-After": retry_after} if retry_after else {})
    assert isinstance(answer, Busy)
    assert answer.seconds == seconds


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<br />\n<b>Warning</b>:  Undefined variable in <b>/srv/x.php</b>\n{}", "PHP notices"),
        (b"PHP Notice: foo in /srv/secret.php\n[]", "PHP notices"),
        (b"<html><head></head></html>", "a web page"),
        (b"  ", "an empty answer"),
        (b'{"id": 1, "tot', "cut off"),
        (b"\xff\xfe{\x00}\x00", "isn't JSON"),
        (b"[" * 100_000, "isn't JSON"),
        (b'{"x": NaN}', "isn't JSON"),
        (b'{"x": ' + b"9" * 5000 + b"}", "isn't JSON"),
    ],
)
def test_what_isnt_json_is_told_for_what_it_is_but_not_repeated(body: bytes, words: str) -> None:
    answer = judged(200, body)
    assert isinstance(answer, InDoubt)
    assert words in answer.reason
    assert "/srv" not in answer.reason


def test_a_byte_order_mark_is_passed_over() -> None:
    assert judged(200, b'\xef\xbb\xbf{"id": 1}') == Done({"id": 1})


def test_messages_are_told_as_short_plain_text_without_emails() -> None:
    message = "Coupon &quot;x&quot; of <b>zoe@example.test</b> &amp;lt;no&amp;gt;\ud800\x00 " + "long " * 200
    answer = judged(400, error(400, "woocommerce_rest_invalid_coupon", message))
    assert isinstance(answer, NotDone)
    assert 'Coupon "x" of (an email address)' in answer.reason
    assert answer.reason.isprintable()
    assert len(answer.reason) < 450


@pytest.mark.parametrize(
    "location", ["https://www.shop.test/wp-json?key=canary", "/wp-login.php?canary", "https://[", ""]
)
def test_a_redirect_tells_only_the_host_that_it_leads_to(location: str) -> None:
    answer = judged(302, b"", {"Location": location})
    assert isinstance(answer, NotDone)
    assert "canary" not in answer.reason
    assert ("https://www.shop.test" in answer.reason) == ("www" in location)
