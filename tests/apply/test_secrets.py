"""What is secret stands in no log, error, plan, report or database, whatever goes wrong."""

from __future__ import annotations

import base64
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests.apply.conftest import Opened, fill
from tests.database.opened import only_sqlite
from vip_rules.channels.signed_post import SignedPost

pytestmark = only_sqlite

CANARY = "canary4711"
SECRET = "whsec_" + base64.b64encode(f"{CANARY}-and-what-makes-it-long".encode()).decode()


class Answers(BaseHTTPRequestHandler):
    """Answers with the status that stands in the path, and says what it was asked."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        status = int(self.path.split("/")[1])
        if status == 0:
            self.connection.close()
            return
        self.send_response(status)
        self.send_header("location", f"http://127.0.0.1/{CANARY}")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing on the terminal."""


@pytest.fixture(scope="module")
def receiver() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


@pytest.mark.parametrize("status", [200, 204, 307, 401, 429, 500, 0, None])
def test_a_channels_secrets_are_never_told(
    opened: Opened,
    receiver: int,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    status: int | None,
) -> None:
    caplog.set_level(logging.DEBUG)
    port = free_port() if status is None else receiver
    shop = opened()
    channel = SignedPost(
        f"http://127.0.0.1:{port}/{status or 0}/hook?token={CANARY}", SECRET, clock=shop.clock
    )
    shop.channels = (channel,)
    fill(shop)
    shop.sync()
    plan = shop.plan(welcome=True)
    applied = shop.apply(plan)
    again = shop.apply(plan)
    channel.close()
    said = capfd.readouterr()
    told = [
        json.dumps([plan.record(), applied.record(), again.record()]),
        shop.dump(),
        caplog.text,
        said.out,
        said.err,
    ]
    body = SECRET.removeprefix("whsec_")
    assert [text for text in told if CANARY in text or body in text or body[:16] in text] == []
    assert ("confirmed" if status in (200, 204) else "promotion") in told[0]
