"""A service at its most talkative, on a day on which everything fails: what is secret is told nowhere."""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.apply.atelier import DOCUMENT, NOON, customer, order
from tests.channels.mail_server import login, serving
from tests.database.opened import everything, only_sqlite
from tests.logs.lines import Lines
from tests.server.lines import post, request
from tests.server.memory import SHOP, write_project
from tests.server.running import running
from vip_rules.cli.main import main
from vip_rules.logs.logs import Logs
from vip_rules.operations.proposals import approve, proposals
from vip_rules.project import Outside
from vip_rules.server.api.api import OPERATIONS
from vip_rules.store import Shop
from vip_rules.testing import MemoryAdapter, MemoryStore, StoppedClock
from vip_rules.testing.service import free_port
from vip_rules.testing.serving import serve
from vip_rules.testing.webhooks import MemoryWebhooks
from vip_rules.worker.turn import Turn
from vip_rules.worker.worker import jobs_of, stages_of

POSTED = base64.b64encode(b"canary-post-and-what-makes-it-long").decode()

CANARIES = {
    "webhooks": "canary-webhooks-1",
    "former": "canary-webhooks-0",
    "token": "canary-token",
    "links": "canary-links",
    "password": "canary-password",
    "post": POSTED,
}

pytestmark = pytest.mark.slow


def config_of(folder: Path, url: str, address: str, messages: list[str]) -> Path:
    """A project whose secrets are in files, but for one of the environment."""
    more = ["[server]", 'log_level = "debug"', f"port = {free_port()}", 'token_env = "CANARY_TOKEN"']
    more += ['links_file = "links"', "[messages]", *messages]
    config = write_project(folder, url, address=address, more=more)
    folder.joinpath("secrets").write_text(f"{CANARIES['webhooks']}\n{CANARIES['former']}")
    folder.joinpath("links").write_text(CANARIES["links"])
    folder.joinpath("password").write_text(CANARIES["password"])
    folder.joinpath("post").write_text(f"whsec_{POSTED}")
    folder.joinpath("program.json").write_text(
        json.dumps(DOCUMENT | {"messages": [{"on": "promotion", "template": "promotion"}]})
    )
    return config


@pytest.fixture(params=["smtp", "url"])
def messages(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Settings of a channel that doesn't let us in: a mail server with another password, an address where nobody is."""
    if request.param == "url":
        yield [f'url = "http://127.0.0.1:{free_port()}/hook"', 'secret_file = "post"']
        return
    with serving(authenticator=login("shop", "another"), auth_require_tls=False) as server:
        yield [
            f'smtp = "127.0.0.1:{server.port}"',
            'from = "Shop <shop@shop.example>"',
            'user = "shop"',
            'password_file = "password"',
        ]


def told(text: str) -> list[str]:
    """What secrets a text tells, with what stands around them."""
    either = "|".join(map(re.escape, CANARIES.values()))
    return [text[max(0, each.start() - 60) : each.end() + 20] for each in re.finditer(either, text)]


def failing(method: Callable[..., Any], at: set[int]) -> Callable[..., Any]:
    """A method of the store's adapter that fails now and then, and tells all that it knows."""
    calls = 0

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls in at:
            raise ValueError(f"the store answered 500: {CANARIES}")
        return method(*args, **kwargs)

    return call


def test_whatever_fails_no_secret_is_told(
    tmp_path: Path,
    plugins: Path,
    url: str,
    messages: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    store, clock, lines = MemoryStore(Shop(currency="USD")), StoppedClock(NOON), Lines()
    store.put_customer(customer("ann", email="ann@shop.example"), customer("bob", email="bob@shop.example"))
    store.put_order(order("ann", 300), order("bob", 300))
    logs = Logs.to(lines, clock=clock, level="debug")
    answers: list[requests.Response] = []
    with serve(store) as address, logs.in_charge():
        logging.getLogger().setLevel(logging.DEBUG)
        config = config_of(tmp_path, url, address, messages)
        environment = {"CANARY_TOKEN": CANARIES["token"]}
        outside = Outside(environment=environment, clock=clock, sleep=lambda _: None)
        with running(config, outside=outside, logs=logs) as service:
            project = service.desks[SHOP].project
            for name, at in (("pages", {1, 3}), ("fetch", {1}), ("carry_out", set()), ("look", {1})):
                monkeypatch.setattr(MemoryAdapter, name, failing(getattr(MemoryAdapter, name), at))
            log = logs.of(SHOP)
            turn = Turn({**jobs_of(project, log), **stages_of(project, log)}, log, project.means.now)

            def go_on(minutes: int) -> None:
                for _ in range(minutes):
                    turn.take()
                    clock.advance(seconds=60)

            go_on(30)
            with project.database.reading() as connection:
                (waits,) = proposals(connection, project.shop, "waiting")
            approve(project.database, project.shop, waits.row.hash, project.hand("ada"))
            go_on(5)
            clock.advance(days=1)
            # Somebody rises, which is to be told, and somebody forges what the store says.
            store.put_order(order("ann", 900, key="new"))
            for secret in (CANARIES["webhooks"], "forged", ""):
                webhooks = MemoryWebhooks(SHOP, [secret or "x"])
                delivery = webhooks.delivery({"customers": ["ann"], "orders": ["new"]}, id="1")
                status = post(service.url, request(delivery)).status
                assert status == (200 if secret == CANARIES["webhooks"] else 401)
            go_on(30)
            for token in (CANARIES["token"], f"{CANARIES['token']}x", "", CANARIES["links"]):
                for operation in OPERATIONS:
                    path = operation.path.format(shop=SHOP, id="ann", hash=waits.row.hash)
                    said = {"Authorization": f"Bearer {token}"}
                    body = {"by": "ada", "reason": "x"} if operation.method == "POST" else None
                    answers.append(
                        requests.request(
                            operation.method, service.url + path, headers=said, json=body, timeout=10
                        )
                    )
            paths = ("/metrics", "/openapi.json", "/livez", "/readyz", "/nowhere")
            answers += [requests.get(service.url + path, timeout=10) for path in paths]
            database = everything(project.database)
            repr_ = repr([project, project.config, project.adapter, project.channels, service])
    said_ = capfd.readouterr()
    events = {line["event"] for line in lines.read_all()}
    assert {"mistaken", "refused", "applied", "job_ended", "waiting"} <= events
    # The message couldn't be sent, and says why.
    assert "promotion:gold" in database
    assert {200, 401, 404} <= {answer.status_code for answer in answers}
    raw = [
        path.read_bytes().decode("latin-1") for path in tmp_path.iterdir() if path.name.startswith("vip.db")
    ]
    everything_said = [lines.getvalue(), said_.out, said_.err, database, repr_, *raw]
    everything_said += [f"{answer.headers}\n{answer.text}" for answer in answers]
    assert [each for text in everything_said for each in told(text)] == []


@only_sqlite
def test_a_process_tells_none_in_its_arguments_or_to_its_terminal(
    tmp_path: Path, plugins: Path, url: str
) -> None:
    with serve(MemoryStore(Shop(currency="USD"))) as address:
        config = config_of(tmp_path, url, address, ['file = "messages.jsonl"'])
        port = int(re.findall(r"port = (\d+)", config.read_text())[0])
        root = Path(__file__).parents[2]
        environment = os.environ | {
            "CANARY_TOKEN": CANARIES["token"],
            "PYTHONPATH": os.pathsep.join((str(plugins), str(root))),
        }
        command = [
            sys.executable,
            "-c",
            "from vip_rules.cli.main import main; main()",
            "serve",
            "--config",
            str(config),
        ]
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            line = process.stderr.readline()
            while "listening" not in line:
                assert line, "the service ended"
                line = process.stderr.readline()
            forged = MemoryWebhooks(SHOP, ["forged"]).delivery({"customers": ["ann"]}, id="1")
            assert post(f"http://127.0.0.1:{port}", request(forged)).status == 401
            arguments = Path(f"/proc/{process.pid}/cmdline")
            shown = arguments.read_text() if arguments.exists() else " ".join(command)
            process.send_signal(signal.SIGTERM)
            rest = process.stderr.read()
        assert process.returncode == 0
    assert '"signature"' in rest
    assert told(shown) == told(rest) == []


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_database_that_isnt_there_is_named_without_its_password(
    tmp_path: Path,
    plugins: Path,
    command: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CANARY_TOKEN", CANARIES["token"])
    url = f"postgresql+psycopg://shop:{CANARIES['password']}@127.0.0.1:{free_port()}/shop"
    config = config_of(tmp_path, url, "1:00", ['file = "messages.jsonl"'])
    with pytest.raises(SystemExit) as done:
        main([command, "--config", str(config)])
    said = capsys.readouterr()
    assert done.value.code == 3
    assert "127.0.0.1" in said.err
    assert told(said.out + said.err) == []
