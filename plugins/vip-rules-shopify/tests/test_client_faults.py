"""The client against a real server that breaks off, is silent, or isn't there."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from tests.loopback import RESET, SILENCE, Loopback, http, loopback
from vip_rules_shopify.admin.answers import Busy, Done, InDoubt
from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.admin.failures import AdminFailed
from vip_rules_shopify.admin.tokens import StaticToken

DONE = b'{"data":{"tagsAdd":{"node":{"id":"gid://shopify/Customer/1"},"userErrors":[]}}}'
SHOP = b'{"data":{"shop":{"id":"gid://shopify/Shop/1"}}}'


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as served:
        yield served


@pytest.fixture
def admin(server: Loopback) -> Iterator[Admin]:
    admin = client(server.url)
    yield admin
    admin.close()


def client(url: str) -> Admin:
    return Admin(
        url,
        tokens=StaticToken("shpat_secret"),
        clock=lambda: datetime(2026, 11, 22, tzinfo=UTC),
        sleep=lambda seconds: None,
        entropy=bytes,
        timeout=(1, 0.5),
    )


LOST: list[Callable[[], bytes]] = [
    lambda: RESET,
    lambda: SILENCE,
    lambda: http(DONE, length=len(DONE) + 10),
    lambda: b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{"data"',
    lambda: b"",
    lambda: b"not HTTP at all\r\n\r\n",
    lambda: http(b"<html>", "502 Bad Gateway"),
]


@pytest.mark.parametrize("lost", LOST)
def test_a_mutation_whose_answer_is_lost_is_in_doubt_and_sent_once(
    admin: Admin, server: Loopback, lost: Callable[[], bytes]
) -> None:
    server.answers = [lost(), http(DONE)]
    assert isinstance(admin.mutate("tags_add", id="gid://shopify/Customer/1", tags=[]), InDoubt)
    assert len(server.requests) == 1


@pytest.mark.parametrize("lost", LOST)
def test_a_query_whose_answer_is_lost_is_asked_again(
    admin: Admin, server: Loopback, lost: Callable[[], bytes]
) -> None:
    server.answers = [lost(), http(SHOP)]
    assert admin.query("shop_info") == {"shop": {"id": "gid://shopify/Shop/1"}}


def test_a_mutation_that_cannot_be_sent_is_not_done() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    admin = client(f"http://127.0.0.1:{port}")
    assert isinstance(admin.mutate("tags_add", id="gid://shopify/Customer/1", tags=[]), Busy)


def test_a_mutation_over_a_connection_that_was_closed_meanwhile_is_done(
    admin: Admin, server: Loopback
) -> None:
    server.answers = [http(DONE), http(DONE)]
    for _ in range(2):
        assert isinstance(admin.mutate("tags_add", id="gid://shopify/Customer/1", tags=[]), Done)


def test_several_threads_share_a_client(admin: Admin, server: Loopback) -> None:
    server.answers = [http(DONE)] * 20
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(
            pool.map(
                lambda number: admin.mutate("tags_add", id=f"gid://shopify/Customer/{number}", tags=[]),
                range(20),
            )
        )
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    assert len(server.requests) == 20


def test_a_redirect_is_not_followed(admin: Admin, server: Loopback) -> None:
    server.answers = [http(b"", "307 Temporary Redirect", f"Location: {server.url}/elsewhere")]
    with pytest.raises(AdminFailed, match="307: a redirect"):
        admin.query("shop_info")
    assert len(server.requests) == 1


def test_a_download_gives_lines_without_sending_the_token(admin: Admin, server: Loopback) -> None:
    server.answers = [http(b'{"id":1}\n{"id":2}\n\n{"id":3}')]
    with admin.download(f"{server.url}/bulk.jsonl?signature=abc") as lines:
        assert list(lines) == [b'{"id":1}', b'{"id":2}', b'{"id":3}']
    [request] = server.requests
    assert b"signature=abc" in request
    assert b"shpat" not in request


def test_a_long_download_comes_whole_over_the_borders_of_its_pieces(admin: Admin, server: Loopback) -> None:
    rows = [b'{"id":%d,"title":"%s"}' % (number, b"x" * (number % 997)) for number in range(5000)]
    server.answers = [http(b"\n".join(rows) + b"\n")]
    with admin.download(f"{server.url}/bulk.jsonl") as lines:
        assert list(lines) == rows


@pytest.mark.parametrize(
    "cut",
    [
        http(b'{"id":1}\n{"id', length=1000),
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"id":1}\n\r\n40\r\n{"id',
    ],
)
def test_a_download_that_is_cut_fails(admin: Admin, server: Loopback, cut: bytes) -> None:
    server.answers = [cut]
    with (
        pytest.raises(AdminFailed, match=r"127\.0\.0\.1 broke off") as failed,
        admin.download(f"{server.url}/bulk.jsonl?signature=abc") as lines,
    ):
        list(lines)
    assert "signature" not in str(failed.value)


@pytest.mark.parametrize("lost", [RESET, SILENCE, b""])
def test_a_download_that_does_not_begin_fails(admin: Admin, server: Loopback, lost: bytes) -> None:
    server.answers = [lost]
    with (
        pytest.raises(AdminFailed, match="couldn't be read"),
        admin.download(f"{server.url}/bulk.jsonl") as lines,
    ):
        list(lines)


def test_a_download_whose_address_has_run_out_says_so(admin: Admin, server: Loopback) -> None:
    server.answers = [http(b"<Error>", "403 Forbidden")]
    with (
        pytest.raises(AdminFailed, match="seven days") as failed,
        admin.download(f"{server.url}/bulk.jsonl?signature=abc"),
    ):
        raise AssertionError("it has no lines")
    assert "signature" not in str(failed.value)


def test_a_download_is_never_read_in_the_clear(admin: Admin) -> None:
    with pytest.raises(AdminFailed, match="encrypted"), admin.download("http://files.example/bulk.jsonl"):
        raise AssertionError("it has no lines")


def test_the_log_keeps_a_signed_address_to_itself(
    admin: Admin, server: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answers = [http(b"{}\n"), http(DONE)]
    with admin.download(f"{server.url}/bulk.jsonl?signature=abc") as lines:
        list(lines)
    admin.mutate("tags_add", id="gid://shopify/Customer/1", tags=[])
    assert "signature" not in caplog.text
    assert "shpat" not in caplog.text
    assert "graphql.json" in caplog.text
