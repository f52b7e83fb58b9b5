"""A shop whose API is asked: a project as init makes it, synced and applied, served over loopback."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import func, select

from tests.server.running import Running, running
from vip_rules.apply import apply_plan
from vip_rules.cli import init
from vip_rules.cli.main import main
from vip_rules.database.tables import inbox
from vip_rules.inbox import Arrived, Became, State, keep, settle
from vip_rules.logs.logs import Logs
from vip_rules.operations.proposals import propose
from vip_rules.plan import Plan
from vip_rules.planning.making import Request, make_plan
from vip_rules.project import Outside, Project, open_project
from vip_rules.sync import sync
from vip_rules.testing.clock import StoppedClock
from vip_rules.testing.databases import Databases

NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)
TOKEN = "an operator's token"
LINKS = "what signs links"
STOREFRONT = "https://shop.example"
SETTINGS = {
    "VIP_RULES_SERVER_TOKEN_ENV": "API_TOKEN",
    "API_TOKEN": TOKEN,
    "VIP_RULES_SERVER_LINKS_ENV": "API_LINKS",
    "API_LINKS": LINKS,
}


def made(folder: Path, url: str) -> None:
    """Make a project in a folder: amara, bruno and others, synced and applied on the day, in the database of a URL."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(init, "today", lambda: NOON.date())
        with pytest.raises(SystemExit) as done:
            main(["init", str(folder)])
        assert not done.value.code
    config = folder / "vip-rules.toml"
    config.write_text(config.read_text("utf-8") + f'\n[server]\nstorefronts = ["{STOREFRONT}"]\n', "utf-8")
    _use(config, url)
    with open_project(config, Outside(environment={}, clock=lambda: NOON)) as project:
        _sync(project)
        plan = make_plan(
            project.database,
            project.shop,
            project.program,
            Request(as_of=project.today()),
            project.means.capabilities,
        )
        apply_plan(
            project.database,
            project.shop,
            project.program,
            plan,
            project.means,
            confirm=plan.hash,
            document=project.document,
        )


@contextmanager
def copied(databases: Databases, made: Path, folder: Path) -> Iterator[Path]:
    """A copy of a made project in a folder, with the database's rows."""
    shutil.copytree(made, folder)
    with databases.of(folder) as url:
        _use(folder / "vip-rules.toml", url)
        yield folder


def _use(config: Path, url: str) -> None:
    """Name the database in a configuration."""
    text = re.sub(r"^database = .*$", f"database = {json.dumps(url)}", config.read_text("utf-8"), flags=re.M)
    config.write_text(text, "utf-8")


@dataclass
class Asking:
    """Asks a running service. What it answers is checked against its own document."""

    service: Running
    clock: StoppedClock
    document: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.document = requests.get(f"{self.service.url}/openapi.json", timeout=10).json()

    @property
    def project(self) -> Project:
        (desk,) = self.service.desks.values()
        return desk.project

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.ask("POST", path, json=body, **more)

    def ask(
        self, method: str, path: str, *, token: str | None = TOKEN, headers: Any = None, **more: Any
    ) -> requests.Response:
        """Ask as an operator, with the shop's token unless another is said."""
        given = dict(headers or {}) | ({} if token is None else {"Authorization": f"Bearer {token}"})
        answer = requests.request(method, self.service.url + path, headers=given, timeout=30, **more)
        self._check(method, path, answer)
        return answer

    def data(self, path: str, **more: Any) -> Any:
        answer = self.get(path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def decides(self, path: str, body: Any) -> Any:
        answer = self.post(path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refuses(self, answer: requests.Response, status: int) -> str:
        assert answer.status_code == status, answer.text
        return str(answer.json()["detail"])

    def _check(self, method: str, path: str, answer: requests.Response) -> None:
        """What is answered is what the document promises, and nobody keeps it."""
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        operation = self._operation(method, path.partition("?")[0])
        if operation is None or answer.status_code == 204:
            return
        (media_type, promised), *others = operation["responses"][str(answer.status_code)]["content"].items()
        assert not others
        assert answer.headers["content-type"] == media_type
        schema = {**promised["schema"], "components": self.document["components"]}
        checker = Draft202012Validator(schema, format_checker=FormatChecker(("date", "date-time")))
        checker.validate(answer.json())

    def _operation(self, method: str, path: str) -> Any:
        for template, operations in self.document["paths"].items():
            parts, names = path.split("/"), template.split("/")
            alike = len(parts) == len(names) and all(
                name.startswith("{") or name == part for name, part in zip(names, parts, strict=True)
            )
            if alike and method.lower() in operations:
                return operations[method.lower()]
        return None


@contextmanager
def asking(
    folder: Path,
    *,
    settings: Mapping[str, str] = SETTINGS,
    with_workers: bool = False,
    logs: Logs | None = None,
) -> Iterator[Asking]:
    """A service of the project in a folder."""
    clock = StoppedClock(NOON)
    outside = Outside(environment=dict(settings), clock=clock, entropy=os.urandom)
    with running(folder / "vip-rules.toml", outside=outside, with_workers=with_workers, logs=logs) as service:
        yield Asking(service, clock)


def waiting_plan(project: Project, reason: str = "a person should look at it") -> Plan:
    """Let bruno order something that makes him gold, and leave the plan to a person."""
    with Path(project.config.settings["folder"], "orders.csv").open("a", encoding="utf-8") as file:
        file.write("new,bruno,2026-11-20,4500.00,0.00,0.00,,paid,online\n")
    _sync(project)
    plan = make_plan(
        project.database,
        project.shop,
        project.program,
        Request(as_of=project.today(), customers=["bruno"]),
        project.means.capabilities,
    )
    assert plan.changes
    with project.database.writing() as connection:
        assert propose(connection, project.shop, plan, [reason], project.means.now())
    return plan


def _sync(project: Project) -> None:
    sync(
        project.database,
        project.shop,
        project.adapter,
        project.program,
        clock=project.outside.clock,
        rates=project.rates,
    )


def webhook(
    project: Project, state: State = "waiting", body: Any = None, reason: str | None = None, **more: Any
) -> None:
    """Put a webhook into the inbox, and bring it to a state."""
    now = project.means.now()
    text = json.dumps({"id": 7} if body is None else body).encode()
    arrived = Arrived(
        **{
            "shop": project.shop,
            "topic": "orders/updated",
            "delivery": f"d-{len(text)}-{state}",
            "body": text,
            "sent_at": now,
            "received_at": now,
            **more,
        }
    )
    with project.database.writing() as connection:
        assert keep(connection, [arrived]) == 1
        if state != "waiting":
            number = connection.execute(select(func.max(inbox.c.number))).scalar_one()
            settle(connection, {number: Became(state, reason)}, now)
