"""Any bytes whatever: they are answered with 2xx or 4xx, or the line is closed, and the service lives on."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.database.opened import only_sqlite
from tests.server.lines import Line, request
from tests.server.memory import SECRET, SHOP, write_project
from tests.server.running import Running, running
from vip_rules import inbox
from vip_rules.project import Outside
from vip_rules.server.protocol import Protocol
from vip_rules.server.receiver import Receiver
from vip_rules.testing.webhooks import CHANGED, MemoryWebhooks

pytestmark = [only_sqlite, pytest.mark.slow]

WEBHOOKS = MemoryWebhooks(SHOP, [SECRET])
GENUINE = request(WEBHOOKS.delivery({"customers": ["7"]}, id="1"))

PATIENCE = 60
"""Seconds after which a worker that doesn't read its inbox is taken to be dead."""

one_service = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
names = st.sampled_from(
    ["customers", "orders", "gone_orders", "merged", "redact", "disclose", "shop", "erase"]
)
says = st.dictionaries(names, json, max_size=4)
cuts = st.tuples(
    st.integers(0, len(GENUINE)),
    st.integers(0, 20),
    st.binary(max_size=20)
    | st.sampled_from([b"\r\n", b"\r\n\r\n", b"\0", b": ", b"HTTP/1.1", b"chunked", b"-1"]),
)


@pytest.fixture
def service(tmp_path: Path, plugins: Path, url: str) -> Iterator[Running]:
    """A service with its workers, of a shop whose store is empty. Once its test is over, they still live."""
    config = write_project(tmp_path, url)
    with running(config, outside=Outside(environment={}), with_workers=True) as service:
        yield service
        assert requests.get(f"{service.url}/livez", timeout=10).status_code == 200
        assert statuses(service, GENUINE) == [200]
        assert "waiting" not in settled(service)


@pytest.fixture
def hasty(service: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    """The same, but it doesn't wait long for what never comes."""
    monkeypatch.setattr(Protocol, "slow", 0.1)
    monkeypatch.setattr(Receiver, "slow", 0.1)
    return service


def statuses(service: Running, *data: bytes) -> list[int]:
    """The statuses that are answered to some bytes, until the line is closed."""
    with Line(service.url) as line:
        for part in data:
            line.send(part)
        answers = line.some()
        line.end()
        answers += line.rest()
    assert not answers or answers.startswith(b"HTTP/1.1 ")
    return [int(status) for status in re.findall(rb"^HTTP/1\.1 (\d{3}) ", answers, re.MULTILINE)]


def settled(service: Running) -> Counter[str]:
    """How many deliveries came to which end, once the worker has read them."""
    project = service.desks[SHOP].project
    found: dict[str, int] = {}
    for _ in range(PATIENCE * 20):
        with project.database.reading() as connection:
            found = inbox.counts(connection, project.shop)
        if "waiting" not in found:
            break
        time.sleep(0.05)
    return Counter(found)


def fits(status: int) -> bool:
    return 200 <= status < 300 or 400 <= status < 500


def mutated(mutations: list[tuple[int, int, bytes]]) -> bytes:
    data = GENUINE
    for place, gone, new in mutations:
        data = data[:place] + new + data[place + gone :]
    return data


@given(data=st.lists(st.binary(max_size=400), max_size=3))
@one_service
def test_any_bytes(hasty: Running, data: list[bytes]) -> None:
    assert all(map(fits, statuses(hasty, *data)))


@given(mutations=st.lists(cuts, min_size=1, max_size=4), behind=st.sampled_from([b"", GENUINE]))
@one_service
def test_any_change_of_a_request(hasty: Running, mutations: list[Any], behind: bytes) -> None:
    assert all(map(fits, statuses(hasty, mutated(mutations) + behind)))


@given(
    headers=st.lists(
        st.tuples(
            st.sampled_from(["Content-Length", "Transfer-Encoding", "Connection", "Expect", "Host", "X-A"]),
            st.sampled_from(
                ["0", "3", "-1", "chunked", "identity", "close", "keep-alive", "100-continue", "é"]
            )
            | st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30),
        ),
        max_size=6,
    ),
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "TRACE", "M-SEARCH", "post"]),
    path=st.sampled_from(
        ["/webhooks/atelier", "/webhooks/%ff", "/webhooks/..", "*", "//", "/metrics", "/livez"]
    ),
    body=st.binary(max_size=50),
)
@one_service
def test_any_headers(
    hasty: Running, headers: list[tuple[str, str]], method: str, path: str, body: bytes
) -> None:
    told = "".join(f"{name}: {value}\r\n" for name, value in headers)
    data = f"{method} {path} HTTP/1.1\r\n{told}\r\n".encode("latin-1") + body
    assert all(map(fits, statuses(hasty, data)))


@given(body=st.binary(max_size=200) | says.map(lambda told: WEBHOOKS.delivery(told).body))
@one_service
def test_any_genuine_body(service: Running, body: bytes) -> None:
    topic = CHANGED if len(body) % 4 else "another/topic"
    assert statuses(service, request(WEBHOOKS.delivery(body, topic=topic))) == [200]
