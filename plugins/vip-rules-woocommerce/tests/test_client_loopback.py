"""The client against a real server that hangs, breaks off, redirects, or shows a certificate."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event, Lock
from typing import Any

import pytest
from vip_rules.adapter import PlatformFailed

from tests.asking import Asking
from tests.loopback import Loopback, answer, cut, hang_up, serving
from vip_rules_woocommerce.rest import client
from vip_rules_woocommerce.rest.client import Busy, Done, InDoubt, NotDone


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine that it signed itself; its key is in the same file."""
    file = tmp_path_factory.mktemp("tls") / "shop.pem"
    key = file.with_name("key.pem")
    subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "30000")
    command = (
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    )
    subprocess.run([*command, *subject, "-keyout", key, "-out", file], check=True, capture_output=True)
    file.write_text(file.read_text("ascii") + key.read_text("ascii"), "ascii")
    return file


@pytest.fixture
def secured(certificate: Path) -> Iterator[Loopback]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(answer(200, b'{"id": 1}'), tls=context) as shop:
        yield shop


def closed_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


def test_connections_are_kept_for_the_next_request() -> None:
    peers = set()

    def behave(handler: BaseHTTPRequestHandler) -> None:
        peers.add(handler.client_address)
        answer(200)(handler)

    with serving(behave) as shop:
        rest = Asking().rest(shop.url)
        for _ in range(3):
            rest.get("orders/1")
        rest.close()
    assert len(peers) == 1


@pytest.mark.parametrize("behaviour", [hang_up, cut(b'{"id": ', 100)])
def test_a_broken_off_answer_is_in_doubt_for_a_write_and_tried_again_for_a_read(behaviour: Any) -> None:
    asking = Asking()
    with serving(behaviour, behaviour, answer(200, b'{"id": 1}')) as shop:
        rest = asking.rest(shop.url)
        assert isinstance(rest.post("coupons", {}), InDoubt)
        assert rest.get("orders/1") == {"id": 1}
        rest.close()
    assert [line for line, _ in shop.asked] == [
        "POST /wp-json/wc/v3/coupons HTTP/1.1",
        "GET /wp-json/wc/v3/orders/1 HTTP/1.1",
        "GET /wp-json/wc/v3/orders/1 HTTP/1.1",
    ]


def test_a_shop_that_hangs_leaves_a_write_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_TIMEOUT", (3, 0.2))  # not money
    over = Event()

    def behave(handler: BaseHTTPRequestHandler) -> None:
        over.wait()
        handler.close_connection = True

    with serving(behave) as shop:
        rest = Asking().rest(shop.url)
        told = rest.post("coupons", {})
        over.set()
        rest.close()
    assert isinstance(told, InDoubt)
    assert "didn't answer POST coupons in time" in told.reason


def test_where_no_connection_was_made_nothing_was_done() -> None:
    asking = Asking()
    rest = asking.rest(f"http://127.0.0.1:{closed_port()}")
    assert isinstance(rest.post("coupons", {}), Busy)
    assert asking.slept == []
    with pytest.raises(PlatformFailed, match="can't be reached"):
        rest.get("orders")
    assert sum(asking.slept) <= 30


def test_a_name_that_nobody_knows_is_told() -> None:
    told = Asking().rest("http://shop.invalid").post("coupons", {})
    assert isinstance(told, Busy)
    assert "shop.invalid can't be reached" in told.reason


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_never_followed(status: int) -> None:
    with serving(answer(200)) as elsewhere:
        target = f"{elsewhere.url}/wp-json/wc/v3/coupons"
        with serving(answer(status, Location=target)) as shop:
            rest = Asking().rest(shop.url)
            told = rest.post("coupons", {})
            with pytest.raises(PlatformFailed, match=elsewhere.url):
                rest.get("coupons")
            rest.close()
    assert elsewhere.asked == []
    assert isinstance(told, InDoubt if status == 303 else NotDone)


def test_errors_have_no_trace_of_keys(certificate: Path) -> None:
    with serving(hang_up) as shop:
        rest = Asking().rest(shop.url)
        with pytest.raises(PlatformFailed) as failed:
            rest.get("customers", email="somebody@example.test")
        rest.close()
    trace = "".join(traceback.format_exception(failed.value))
    assert failed.value.__context__ is None
    assert not any(hidden in trace.replace(__file__, "") for hidden in ("canary", "oauth_", "%40"))


def test_no_more_requests_are_under_way_than_is_polite() -> None:
    lock, together, most = Lock(), 0, 0

    def behave(handler: BaseHTTPRequestHandler) -> None:
        nonlocal together, most
        with lock:
            together += 1
            most = max(most, together)
        time.sleep(0.02)  # not money
        with lock:
            together -= 1
        answer(200)(handler)

    with serving(behave) as shop:
        rest = Asking().rest(shop.url, at_once=2)
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda number: rest.get(f"orders/{number}"), range(1, 17)))
        rest.close()
    assert len(shop.asked) == 16
    assert most <= 2


def test_a_certificate_of_ones_own_authority_is_trusted(secured: Loopback, certificate: Path) -> None:
    rest = Asking().rest(secured.url, ca_bundle=str(certificate))
    assert rest.put("orders/1", {}) == Done({"id": 1})
    rest.close()
    assert secured.asked[0][1]["Authorization"].startswith("Basic ")


def test_an_unknown_certificate_is_refused_before_anything_is_sent(secured: Loopback) -> None:
    rest = Asking().rest(secured.url)
    told = rest.put("orders/1", {})
    assert isinstance(told, NotDone)
    assert "set ca_bundle" in told.reason
    with pytest.raises(PlatformFailed, match="isn't trusted"):
        rest.get("orders/1")
    rest.close()
    assert secured.asked == []


def test_certificates_go_unchecked_only_where_that_is_asked_for(secured: Loopback) -> None:
    rest = Asking().rest(secured.url, verify=False)
    assert rest.get("orders/1") == {"id": 1}
    rest.close()


def test_a_file_that_holds_no_certificates_is_told(secured: Loopback, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("nothing", "ascii")
    rest = Asking().rest(secured.url, ca_bundle=str(file))
    with pytest.raises(PlatformFailed, match="ca_bundle"):
        rest.get("orders/1")
    file.unlink()
    with pytest.raises(PlatformFailed):
        rest.get("orders/1")
    rest.close()


def test_https_with_a_server_that_speaks_http_is_told() -> None:
    with serving(answer(200)) as shop:
        rest = Asking().rest(shop.url.replace("http:", "https:"))
        with pytest.raises(PlatformFailed, match="https with"):
            rest.get("orders/1")
        rest.close()


def test_the_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer(200, b'{"id": 1}')) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        rest = Asking().rest("http://shop.test")
        assert rest.get("orders/1") == {"id": 1}
        rest.close()
    assert proxy.asked[0][0] == "GET http://shop.test/wp-json/wc/v3/orders/1 HTTP/1.1"


def test_a_proxy_that_breaks_off_leaves_a_write_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(hang_up) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        rest = Asking().rest("http://shop.test")
        assert isinstance(rest.post("coupons", {}), InDoubt)
        rest.close()
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    rest = Asking().rest("http://shop.test")
    assert isinstance(rest.post("coupons", {}), Busy)
