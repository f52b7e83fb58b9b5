import base64
import gzip
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.database.opened import NOON, only_sqlite
from tests.server.lines import Line, head, post, request
from tests.server.memory import OLD_SECRET, SECRET, SHOP, write_project
from tests.server.running import Running, running
from vip_rules.errors import VipRulesError
from vip_rules.logs.logs import Logs
from vip_rules.project import Outside
from vip_rules.server.protocol import LARGEST_HEAD, Protocol
from vip_rules.server.receiver import Receiver
from vip_rules.testing.webhooks import AT, CHANGED, ID, SIGNATURE, TOPIC, MemoryWebhooks
from vip_rules.webhooks import Delivery, Verdict

LARGEST = 64 * 1024

WEBHOOKS = MemoryWebhooks(SHOP, [SECRET])


@pytest.fixture
def service(tmp_path: Path, plugins: Path, url: str) -> Iterator[Running]:
    """A service without workers: what it takes stays in its inbox."""
    config = write_project(tmp_path, url)
    with running(config, outside=Outside(environment={}), largest=LARGEST) as service:
        yield service


def told(named: str = "1", **says: Any) -> Delivery:
    return WEBHOOKS.delivery(says or {"customers": ["7"]}, id=named)


def kept(service: Running) -> list[Any]:
    """What the inbox has."""
    with service.desks[SHOP].project.database.reading() as connection:
        return list(connection.exec_driver_sql("SELECT * FROM inbox ORDER BY number"))


def is_well(service: Running) -> bool:
    """Whether it lives, and goes on taking what is genuine."""
    before = len(kept(service))
    assert post(service.url, request(told("is it well?", customers=[str(before)]))).status == 200
    return requests.get(f"{service.url}/livez", timeout=10).status_code == 200


def changed(delivery: Delivery, name: str, value: str | None) -> Delivery:
    """A delivery with another value of a header; None takes it away."""
    others = [header for header in delivery.headers if header[0] != name]
    return replace(delivery, headers=others if value is None else [*others, (name, value)])


# What is taken


def test_what_is_genuine_is_in_the_inbox_once_it_is_answered(service: Running) -> None:
    delivery = WEBHOOKS.delivery({"customers": ["7"]}, id="42")
    dated = replace(delivery, headers=[*delivery.headers, (AT, "2026-11-20T12:00:00.000001+09:00")])
    answer = post(service.url, request(dated))
    assert (answer.status, answer.body) == (200, b"")
    (row,) = kept(service)
    assert (row.topic, row.delivery, row.body, row.state) == (CHANGED, "42", delivery.body, "waiting")
    assert row.sent_at == 1_795_143_600_000_001


def test_the_same_again_is_answered_alike_and_kept_once(service: Running) -> None:
    for _ in range(3):
        assert post(service.url, request(told())).status == 200
    assert len(kept(service)) == 1


def test_another_body_under_the_same_id_is_kept_beside_it(service: Running) -> None:
    assert post(service.url, request(told("1", customers=["7"]))).status == 200
    assert post(service.url, request(told("1", customers=["8"]))).status == 200
    assert len(kept(service)) == 2


@only_sqlite
def test_a_topic_that_nobody_knows_is_kept(service: Running) -> None:
    assert post(service.url, request(WEBHOOKS.delivery(b"\xff", topic="no/such-topic"))).status == 200
    assert [row.topic for row in kept(service)] == ["no/such-topic"]


@only_sqlite
def test_a_ping_is_answered_and_not_kept(service: Running) -> None:
    form = [("Content-Type", "application/x-www-form-urlencoded")]
    assert post(service.url, request(Delivery(headers=form, body=b"webhook_id=12"))).status == 200
    assert not kept(service)


@only_sqlite
def test_the_secret_before_counts_while_it_is_being_changed(service: Running) -> None:
    before = MemoryWebhooks(SHOP, [OLD_SECRET]).delivery({"customers": ["7"]})
    assert post(service.url, request(before)).status == 200
    assert len(kept(service)) == 1


@only_sqlite
def test_a_body_may_be_as_large_as_is_said_and_come_in_chunks(service: Running) -> None:
    delivery = WEBHOOKS.delivery(b" " * LARGEST)
    headers = [*delivery.headers, ("Transfer-Encoding", "chunked")]
    with Line(service.url) as line:
        line.send(head(f"/webhooks/{SHOP}", headers))
        for start in range(0, LARGEST, 16_384):
            line.send(b"4000;why=not\r\n" + delivery.body[start : start + 16_384] + b"\r\n")
        line.send(b"0\r\n\r\n")
        assert line.answer().status == 200
    assert [len(row.body) for row in kept(service)] == [LARGEST]


# What isn't


def forged(forge: Callable[[Delivery], Delivery]) -> Delivery:
    return forge(told())


def _signed_as(value: str | None) -> Callable[[Delivery], Delivery]:
    return lambda delivery: changed(delivery, SIGNATURE, value)


@only_sqlite
@pytest.mark.parametrize(
    "forge",
    [
        _signed_as(None),
        _signed_as(""),
        _signed_as(base64.b64encode(b"\0" * 32).decode()),
        _signed_as("AAé="),
        _signed_as("=!=§" * 11),
        lambda delivery: replace(delivery, headers=[*delivery.headers, delivery.headers[0]]),
        lambda delivery: replace(
            delivery, body=json.dumps(json.loads(delivery.body), separators=(",", ":")).encode()
        ),
        lambda delivery: replace(delivery, body=b""),
        lambda delivery: MemoryWebhooks(SHOP, ["another secret"]).delivery(delivery.body),
        lambda delivery: changed(delivery, TOPIC, None),
    ],
    ids=["none", "empty", "wrong", "not ascii", "junk", "two", "rewritten", "no body", "other", "no topic"],
)
def test_what_isnt_signed_by_the_store_is_refused(
    service: Running, forge: Callable[[Delivery], Delivery]
) -> None:
    with Line(service.url) as line:
        line.send(request(forged(forge)))
        assert line.answer().status == 401
        # The whole of it was read: the connection goes on.
        line.send(request(told()))
        assert line.answer().status == 200
    assert len(kept(service)) == 1


@only_sqlite
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_webhooks_are_posted(service: Running, method: str) -> None:
    with Line(service.url) as line:
        line.send(request(told(), method=method))
        answer = line.answer(method)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert not kept(service)


@only_sqlite
@pytest.mark.parametrize("path", ["/webhooks/nobody", "/webhooks/", "/webhooks", "/", "/webhooks/atelier/"])
def test_nobody_elses_webhooks_are_taken(service: Running, path: str) -> None:
    delivery = told()
    length = ("Content-Length", str(len(delivery.body)))
    assert post(service.url, head(path, [*delivery.headers, length]) + delivery.body).status == 404
    assert not kept(service)


@only_sqlite
def test_packed_bodies_arent_taken(service: Running) -> None:
    packed = WEBHOOKS.delivery(gzip.compress(b"{}"))
    answer = post(service.url, request(changed(packed, "Content-Encoding", "gzip")))
    assert (answer.status, answer.headers["accept-encoding"]) == (415, "identity")
    assert post(service.url, request(changed(packed, "Content-Encoding", "Identity"))).status == 200


@only_sqlite
def test_a_body_that_says_it_is_too_large_isnt_even_read(service: Running) -> None:
    with Line(service.url) as line:
        line.send(head(f"/webhooks/{SHOP}", [("Content-Length", str(LARGEST + 1))]))
        answer = line.answer()
        assert (answer.status, answer.headers["connection"]) == (413, "close")
        assert line.is_closed()


@only_sqlite
def test_an_absurd_length_is_no_length(service: Running) -> None:
    length = ("Content-Length", "9" * 5_000)
    assert post(service.url, head(f"/webhooks/{SHOP}", [length])).status in (400, 413)
    assert is_well(service)


@only_sqlite
def test_a_body_without_end_is_read_no_further_than_the_cap(service: Running) -> None:
    with Line(service.url) as line:
        line.send(head(f"/webhooks/{SHOP}", [("Transfer-Encoding", "chunked")]))
        chunk = b"4000\r\n" + b" " * 16_384 + b"\r\n"
        sent = 0
        while sent < 10_000 and line.send(chunk):
            sent += 1
        assert sent < 10_000, "the server goes on reading"
        assert line.answer().status == 413
        assert line.is_closed()
    assert is_well(service)


@only_sqlite
def test_names_have_bounds(service: Running) -> None:
    for name in (TOPIC, ID):
        assert post(service.url, request(changed(told(), name, "x" * 256))).status == 400
        assert post(service.url, request(changed(told(), name, "a\x80b"))).status == 400
    assert not kept(service)


@only_sqlite
def test_an_adapter_that_stumbles_over_a_delivery_doesnt_believe_it(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> Verdict:
        raise ZeroDivisionError

    with monkeypatch.context() as stumbling:
        stumbling.setattr(MemoryWebhooks, "verify", stumble)
        assert post(service.url, request(told())).status == 401
    assert is_well(service)


# Slow senders


@only_sqlite
@pytest.mark.parametrize("said", [b"", b"POST /webhooks/atelier HTTP/1.1\r\nHost: a\r\n", b"\r\n"])
def test_who_is_slow_with_the_head_is_cut_off(
    service: Running, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(Protocol, "slow", 0.2)
    with Line(service.url) as line:
        line.send(said)
        assert line.is_closed()


@only_sqlite
@pytest.mark.parametrize("said", [b"POST /webhooks/atelier HTTP/1.1\r\nHost: a\r\n", b"\r\n"])
def test_who_is_slow_with_the_next_head_is_cut_off(
    service: Running, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(Protocol, "slow", 0.2)
    with Line(service.url) as line:
        line.send(request(told()))
        assert line.answer().status == 200
        line.send(said)
        assert line.is_closed()


@only_sqlite
def test_who_is_slow_with_the_body_is_cut_off(service: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Receiver, "slow", 0.2)
    with Line(service.url) as line:
        line.send(request(told())[:-1])
        assert line.answer().status == 408
        assert line.is_closed()
    assert not kept(service)


@only_sqlite
def test_a_body_that_is_torn_off_isnt_kept(service: Running) -> None:
    with Line(service.url) as line:
        line.send(request(told())[:-1])
    assert is_well(service)
    assert len(kept(service)) == 1


# Whatever speaks HTTP badly, or too well


@only_sqlite
@pytest.mark.parametrize(
    "said",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GIMME /webhooks/atelier HTTP/1.1\r\n\r\n",
        b"POST /webhooks/atelier\r\n\r\n",
        b"POST /webhooks/atelier HTTP/3.0\r\nHost: a\r\n\r\n",
        b"POST /webhooks/\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST http://[::1 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /webhooks/atelier HTTP/1.1\r\nHost : a\r\n\r\n",
        b"POST /webhooks/atelier HTTP/1.1\r\nA: b\0c\r\n\r\n",
        b"POST /webhooks/atelier HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /webhooks/atelier HTTP/1.1\r\nContent-Length: 0x2\r\n\r\n{}",
        b"POST /webhooks/atelier HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
        b"POST /webhooks/atelier HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /webhooks/atelier HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        b"POST /webhooks/atelier HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        b"POST /webhooks/atelier HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n",
        b"CONNECT shop.example:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ids=lambda said: repr(said[-24:]),
)
def test_what_isnt_http_is_refused_and_the_line_closed(service: Running, said: bytes) -> None:
    with Line(service.url) as line:
        line.send(said)
        line.end()
        assert line.rest().startswith(b"HTTP/1.1 40")
    assert is_well(service)


@only_sqlite
def test_what_hides_behind_a_length_isnt_taken_for_a_request(service: Running) -> None:
    hidden = request(told("hidden"))
    smuggled = [("Content-Length", "4"), ("Transfer-Encoding", "chunked")]
    with Line(service.url) as line:
        line.send(head(f"/webhooks/{SHOP}", smuggled) + b"0\r\n\r\n" + hidden)
        line.end()
        assert line.rest().count(b"HTTP/1.1 ") == 1
    assert not kept(service)


@only_sqlite
def test_a_length_that_is_too_small_leaves_the_rest_to_be_refused(service: Running) -> None:
    delivery = told()
    short = [*delivery.headers, ("Content-Length", str(len(delivery.body) - 3))]
    with Line(service.url) as line:
        line.send(head(f"/webhooks/{SHOP}", short) + delivery.body)
        line.end()
        assert b"HTTP/1.1 400" in line.rest()
    assert not kept(service)


@only_sqlite
def test_the_first_version_of_http_is_answered_and_closed(service: Running) -> None:
    delivery = told()
    headers = [*delivery.headers, ("Content-Length", str(len(delivery.body)))]
    with Line(service.url) as line:
        line.send(head(f"/webhooks/{SHOP}", headers, version="1.0") + delivery.body)
        assert line.answer().status == 200
        assert line.is_closed()


@only_sqlite
def test_who_asks_before_sending_is_told_to_go_on(service: Running) -> None:
    delivery = changed(told(), "Expect", "100-continue")
    whole = request(delivery)
    with Line(service.url) as line:
        line.send(whole[: -len(delivery.body)])
        begin = b"HTTP/1.1 100 Continue\r\n\r\n"
        assert line.read(len(begin)) == begin
        line.send(delivery.body)
        assert line.answer().status == 200


@only_sqlite
def test_who_asks_before_sending_too_much_is_told_at_once(service: Running) -> None:
    headers = [("Content-Length", str(LARGEST + 1)), ("Expect", "100-continue")]
    with Line(service.url) as line:
        line.send(head(f"/webhooks/{SHOP}", headers))
        assert line.rest().startswith(b"HTTP/1.1 413")


@only_sqlite
def test_requests_that_follow_at_once_are_answered_in_their_order(service: Running) -> None:
    forgery = changed(told(), SIGNATURE, None)
    with Line(service.url) as line:
        line.send(request(told("1")) + request(forgery) + request(told("2")) + request(told("1")))
        assert [line.answer().status for _ in range(4)] == [200, 401, 200, 200]
    assert [row.delivery for row in kept(service)] == ["1", "2"]


@only_sqlite
@pytest.mark.parametrize(
    ("before", "again"),
    [
        (b"", b"\r\n"),
        (b"POST /webhooks/atelier", b"/" * 1_000),
        (b"POST /webhooks/atelier HTTP/1.1\r\nA: ", b"b" * 1_000),
        (b"POST /webhooks/atelier HTTP/1.1\r\n", b"A: " + b"b" * 1_000 + b"\r\n"),
        (b"POST /webhooks/atelier HTTP/1.1\r\n", b"A:\r\n"),
    ],
    ids=["nothing", "path", "header", "headers", "small headers"],
)
def test_a_head_without_end_is_read_no_further_than_its_bound(
    service: Running, before: bytes, again: bytes
) -> None:
    with Line(service.url) as line:
        line.send(before)
        sent = 0
        while sent < 100 * LARGEST_HEAD and line.send(again * 64):
            sent += 64 * len(again)
        assert sent < 100 * LARGEST_HEAD, "the server goes on reading"
        assert line.rest().startswith(b"HTTP/1.1 431")
    assert is_well(service)


@only_sqlite
@pytest.mark.parametrize(
    ("before", "again"),
    [
        (b"0\r\nA: ", b"b" * 1_000),
        (b"1;", b"a" * 1_000),
        (b"", b"1\r\n{\r\n"),
    ],
    ids=["trailer", "extension", "crumbs"],
)
def test_what_is_around_a_body_has_a_bound(service: Running, before: bytes, again: bytes) -> None:
    with Line(service.url) as line:
        line.send(head(f"/webhooks/{SHOP}", [("Transfer-Encoding", "chunked")]) + before)
        sent = 0
        while sent < 100 * LARGEST_HEAD and line.send(again * 16):
            sent += 16 * len(again)
        assert sent < 100 * LARGEST_HEAD, "the server goes on reading"
    assert is_well(service)


@only_sqlite
def test_many_headers_are_no_trouble(service: Running) -> None:
    delivery = told()
    many = replace(delivery, headers=[*delivery.headers, *[("A", "")] * 5_000])
    assert post(service.url, request(many)).status == 200


@only_sqlite
def test_an_upgrade_isnt_taken(service: Running) -> None:
    upgrade = [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Key", "a")]
    for method in ("GET", "POST"):
        assert post(service.url, head(f"/webhooks/{SHOP}", upgrade, method)).status in (401, 405)
    assert is_well(service)


@only_sqlite
def test_who_is_answered_before_the_end_of_the_body_needs_another_line(service: Running) -> None:
    for path in (f"/webhooks/{SHOP}", "/nowhere"):
        with Line(service.url) as line:
            line.send(head(path, [("Content-Length", "100")], "PUT"))
            assert line.answer("PUT").status in (404, 405)
            assert line.is_closed()


# When nothing can be kept


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Let somebody else write for a while."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@only_sqlite
def test_while_the_database_is_locked_nothing_is_acknowledged(
    tmp_path: Path, plugins: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vip_rules.server.service.PATIENCE", 0)
    with running(write_project(tmp_path, url), outside=Outside(environment={})) as service:
        file = service.desks[SHOP].project.database.file
        assert file is not None
        with locked(file):
            answer = post(service.url, request(told()))
            assert (answer.status, answer.headers["retry-after"]) == (503, "60")
        assert not kept(service)
        assert post(service.url, request(told())).status == 200
        assert len(kept(service)) == 1


@only_sqlite
def test_who_comes_while_the_database_is_locked_doesnt_wait_for_a_turn_of_their_own(
    tmp_path: Path, plugins: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vip_rules.server.service.PATIENCE", 1)
    monkeypatch.setattr("vip_rules.server.postbox.MOST", 1)
    lines, config = StringIO(), write_project(tmp_path, url)
    logs = Logs.to(lines, clock=lambda: NOON)
    with running(config, outside=Outside(environment={}), logs=logs) as service, ExitStack() as stack:
        file = service.desks[SHOP].project.database.file
        assert file is not None
        stack.enter_context(locked(file))
        senders = [stack.enter_context(Line(service.url)) for _ in range(8)]
        for number, sender in enumerate(senders):
            sender.send(request(told(str(number))))
        assert {sender.answer().status for sender in senders} == {503}
    assert lines.getvalue().count('"not_kept"') < len(senders)


@only_sqlite
def test_when_too_much_waits_already_senders_are_told_to_come_again(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as crowded:
        crowded.setattr("vip_rules.server.postbox.MOST_BYTES", 10)
        assert post(service.url, request(told())).status == 503
    assert not kept(service)
    assert is_well(service)


@only_sqlite
def test_one_that_cant_be_kept_isnt_the_undoing_of_those_beside_it(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = MemoryWebhooks.verify

    def careless(webhooks: MemoryWebhooks, delivery: Delivery) -> Verdict:
        verdict = verify(webhooks, delivery)
        if delivery.header(ID) == "bad":
            # A year that no database's whole number holds.
            object.__setattr__(verdict, "at", _Far())
        return verdict

    monkeypatch.setattr(MemoryWebhooks, "verify", careless)
    with Line(service.url) as one, Line(service.url) as two, Line(service.url) as three:
        lines = {one: "1", two: "bad", three: "3"}
        for line, named in lines.items():
            line.send(request(told(named)))
        assert [line.answer().status for line in lines] == [200, 503, 200]
    assert {row.delivery for row in kept(service)} == {"1", "3"}


class _Far:
    """An instant beyond what can be kept."""

    def __sub__(self, _: object) -> Any:
        return self

    def __floordiv__(self, _: object) -> int:
        return 2**70


def test_a_secret_that_is_empty_hinders_the_start(tmp_path: Path, plugins: Path) -> None:
    config = write_project(tmp_path, f"sqlite:///{tmp_path}/vip.db")
    for nothing in ("", "\n", f"{SECRET}\n\n{OLD_SECRET}"):
        tmp_path.joinpath("secrets").write_text(nothing)
        starting = running(config, outside=Outside(environment={}), logs=Logs.silent())
        with pytest.raises(VipRulesError, match="empty"), starting:
            pass


# Health and figures


@only_sqlite
def test_the_figures_are_prometheus_text(service: Running) -> None:
    post(service.url, request(told()))
    post(service.url, request(changed(told(), SIGNATURE, None)))
    post(service.url, head("/webhooks/nobody", [("Content-Length", "0")]))
    answer = requests.get(f"{service.url}/metrics", timeout=10)
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }

    def webhooks(shop: str, status: str) -> float:
        return samples["vip_rules_webhooks_total", ("shop", shop), ("status", status)]

    assert webhooks(SHOP, "200") == webhooks(SHOP, "401") == webhooks("", "404") == 1
    assert samples["vip_rules_inbox", ("shop", SHOP), ("state", "waiting")] == 1
    assert 0 <= samples["vip_rules_inbox_oldest_seconds", ("shop", SHOP)] < 3_600
    assert samples["vip_rules_paused", ("shop", SHOP)] == 0


@only_sqlite
def test_a_database_that_cant_be_read_is_told(service: Running) -> None:
    assert requests.get(f"{service.url}/readyz", timeout=10).status_code == 200
    database = service.desks[SHOP].project.database
    file = database.file
    assert file is not None
    database.close()
    file.rename(file.with_name("elsewhere"))
    file.mkdir()
    for path in ("/readyz", "/metrics"):
        assert requests.get(f"{service.url}{path}", timeout=10).status_code == 503
    assert requests.get(f"{service.url}/livez", timeout=10).status_code == 200
