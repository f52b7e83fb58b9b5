"""Signed posts: verifiable, sent nowhere else, and every answer means the right thing."""

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest
import requests
import responses
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.channels.messages import LATER, WARNING, CannotWrite, Writes
from vip_rules.adapter import Confirmed, Refused, RetryAfter, Unknown, Unreadable
from vip_rules.channels.channel import InvalidChannel
from vip_rules.channels.signed_post import SignedPost
from vip_rules.testing import StoppedClock

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
URL = "https://hooks.example.com/in/canary-path?token=canary-token"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def post(url: str = URL, secret: str = SECRET) -> SignedPost:
    return SignedPost(url, secret, session=requests.Session(), clock=StoppedClock(NOW), timeout=5)


class Receiver(BaseHTTPRequestHandler):
    """Keeps what arrives; drops the answer to what it was told to."""

    arrived: ClassVar[list[tuple[dict[str, str], bytes]]] = []
    drops: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).arrived.append((dict(self.headers), body))
        if self.drops:
            self.drops.pop()
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def receiver() -> Iterator[str]:
    Receiver.arrived.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/messages"
        finally:
            server.shutdown()
            serving.join()


def test_a_receiver_can_verify_what_arrives() -> None:
    with receiver() as url:
        assert post(url).carry_out([WARNING]) == [Confirmed()]
    ((headers, body),) = Receiver.arrived
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-id"] == WARNING.key
    assert int(headers["webhook-timestamp"]) == NOW.timestamp()
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {
        "type": "vip.demotion_warning",
        "data": {"key": WARNING.key, "customer_id": "1", **WARNING.payload},
    }


def test_the_reference_library_verifies_what_arrives_and_nothing_else() -> None:
    now = datetime.now(UTC)  # the library has its own clock, and takes what is five minutes old at most
    with receiver() as url:
        channel = SignedPost(url, SECRET, session=requests.Session(), clock=lambda: now, letters=Writes())
        strange = replace(WARNING, key="warning:Zoë:1")
        assert channel.carry_out([WARNING, strange]) == [Confirmed(), Confirmed()]
    for (headers, body), intent in zip(Receiver.arrived, (WARNING, strange), strict=True):
        found = Webhook(SECRET).verify(body, headers)
        assert found["data"]["key"] == intent.key
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(body + b" ", headers)
        with pytest.raises(WebhookVerificationError):
            Webhook("whsec_" + base64.b64encode(bytes(32)).decode()).verify(body, headers)


def test_what_the_customer_reads_goes_along() -> None:
    payload = {**WARNING.payload, "language": "ko-KR"}
    with receiver() as url:
        channel = SignedPost(url, SECRET, clock=StoppedClock(NOW), letters=Writes())
        assert channel.carry_out([replace(WARNING, payload=payload)]) == [Confirmed()]
        channel.close()
    ((_, body),) = Receiver.arrived
    assert json.loads(body)["data"] == {
        "key": WARNING.key,
        "customer_id": "1",
        **payload,
        "subject": "골드 등급 유지 안내",
        "body": "고객님, 안녕하세요.\n",
        "language": "ko",
    }


def test_a_letter_that_cannot_be_written_is_refused_with_the_place() -> None:
    with responses.RequestsMock():
        channel = SignedPost(
            URL, SECRET, session=requests.Session(), clock=StoppedClock(NOW), letters=CannotWrite()
        )
        assert channel.carry_out([WARNING]) == [Refused("templates/x.txt:3: mend it")]


def test_a_signature_is_the_one_that_it_always_was() -> None:
    """Made once by openssl dgst -sha256 -mac HMAC, of the id, the timestamp and the body with full stops between them."""
    with responses.RequestsMock() as mock:
        mock.post(URL)
        post().carry_out([replace(WARNING, key="k:1", customer_id="1", payload={"occasion": "o"})])
        headers = mock.calls[0].request.headers
        assert (
            mock.calls[0].request.body
            == b'{"type": "vip.o", "data": {"key": "k:1", "customer_id": "1", "occasion": "o"}}'
        )
    assert headers["webhook-signature"] == "v1,CsztkwKCCikJRukQRIa/Dx1oN00gm6J7cAfLZS5uCZM="


def test_a_lost_answer_is_unknown_and_sent_again_it_is_the_same_message() -> None:
    Receiver.drops.append("the answer")
    with receiver() as url:
        channel = post(url)
        assert channel.carry_out([WARNING]) == [Unknown("127.0.0.1 didn't answer: ConnectionError")]
        assert channel.carry_out([WARNING]) == [Confirmed()]
        channel.close()
    (first, again) = Receiver.arrived
    assert first[0]["webhook-id"] == again[0]["webhook-id"]
    assert first[1] == again[1]


def test_a_receiver_that_does_not_listen_got_nothing() -> None:
    with receiver() as url:
        pass
    (outcome,) = post(url).carry_out([WARNING])
    assert outcome == RetryAfter(60, "127.0.0.1 couldn't be reached")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Confirmed()),
        (202, Confirmed()),
        (302, Refused),
        (308, Refused),
        (400, Refused),
        (401, Refused),
        (404, Refused),
        (408, RetryAfter(60, "hooks.example.com answered 408")),
        (410, Refused),
        (425, RetryAfter(60, "hooks.example.com answered 425")),
        (429, RetryAfter(60, "hooks.example.com answered 429")),
        (500, Unknown),
        (502, Unknown),
        (503, RetryAfter(60, "hooks.example.com answered 503")),
        (504, Unknown),
    ],
)
def test_each_answer_means_something(status: int, outcome: Any) -> None:
    with responses.RequestsMock() as mock:
        mock.post(
            URL, status=status, headers={"location": "https://elsewhere.example.com/"}, body="canary-body"
        )
        (found,) = post().carry_out([WARNING])
        assert len(mock.calls) == 1, "a redirect was followed"
    assert isinstance(found, outcome) if isinstance(outcome, type) else found == outcome
    assert "canary" not in str(found)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        ("0", 1),
        ("999999999999", 3_600),
        ("Fri, 20 Nov 2026 12:05:00 GMT", 300),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 1),
        ("Fri, 20 Nov 2099 11:00:00 GMT", 3_600),
        ("Fri, 20 Nov 2026 12:05:00", 60),
        ("soon", 60),
        ("-5", 60),
        ("٣", 60),
        ("", 60),
    ],
)
def test_a_busy_receiver_says_when_to_come_back(text: str, seconds: int) -> None:
    with responses.RequestsMock() as mock:
        mock.post(URL, status=429, headers={"retry-after": text})
        (outcome,) = post().carry_out([WARNING])
    assert isinstance(outcome, RetryAfter)
    assert outcome.seconds == seconds


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (requests.exceptions.ReadTimeout, Unknown("hooks.example.com didn't answer: ReadTimeout")),
        (requests.exceptions.ConnectTimeout, RetryAfter(60, "hooks.example.com couldn't be reached")),
        (
            requests.exceptions.ChunkedEncodingError,
            Unknown("hooks.example.com didn't answer: ChunkedEncodingError"),
        ),
        (requests.exceptions.SSLError, Unknown("hooks.example.com didn't answer: SSLError")),
    ],
)
def test_what_goes_wrong_on_the_way_says_no_secret(error: type[Exception], outcome: object) -> None:
    with responses.RequestsMock() as mock:
        mock.post(URL, body=error(f"{URL} {SECRET}"))
        assert post().carry_out([WARNING]) == [outcome]


def test_any_key_fits_into_a_header() -> None:
    with responses.RequestsMock() as mock:
        mock.post(URL)
        assert post().carry_out([replace(WARNING, key="warning:Zoë\r\nx: y")]) == [Confirmed()]
        assert mock.calls[0].request.headers["webhook-id"] == "warning:Zo%C3%AB%0D%0Ax:%20y"


def test_nobody_can_be_asked_what_arrived() -> None:
    sights = post().look([WARNING, LATER])
    assert [type(sight) for sight in sights] == [Unreadable, Unreadable]
    assert not post().capabilities["message"].readable


def test_only_messages_are_posted() -> None:
    with responses.RequestsMock():
        (outcome,) = post().carry_out([replace(WARNING, kind="store_credit")])
    assert isinstance(outcome, Refused)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://hooks.example.com/canary", "without encryption: expected https://hooks.example.com/…"),
        ("http://127.0.0.1.example.com/canary", "without encryption"),
        ("http://localhost.example.com/canary", "without encryption"),
        ("ftp://hooks.example.com/canary", "isn't one: expected https"),
        ("hooks.example.com/canary", "isn't one"),
        ("https:///canary", "isn't one"),
        ("https://hooks.example.com:canary/", "isn't one"),
        ("https://[canary/", "isn't one"),
        ("https://ada:canary@hooks.example.com/", "has a user name in it"),
    ],
)
def test_an_address_that_cannot_work_is_refused(url: str, message: str) -> None:
    with pytest.raises(InvalidChannel, match=message) as refused:
        post(url)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://localhost:8080/", "http://127.0.0.1/", "http://[::1]:80/", URL])
def test_an_address_on_this_machine_needs_no_encryption(url: str) -> None:
    assert post(url).batch == 1


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "canary", SECRET.removeprefix("whsec_"), "whsec_canary", "whsec_" + "Y" * 31 + "é",
     "whsec_" + base64.b64encode(b"canary").decode(), "whsec_" + base64.b64encode(bytes(65)).decode()],
)  # fmt: skip
def test_a_secret_that_cannot_work_is_refused(secret: str) -> None:
    with pytest.raises(InvalidChannel, match=r'expected "whsec_" and 24 to 64 bytes in base64$') as refused:
        post(secret=secret)
    assert not secret or secret == "whsec_" or secret not in str(refused.value)
