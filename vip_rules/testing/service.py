"""The service in a test: a real server over loopback, in threads of the test's process; or its work alone, in the test's own.

It needs what the service needs: pip install "vip-rules[server]".
"""

from __future__ import annotations

import json
import socket
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any, Final

import uvicorn
from sqlalchemy import Table, select

from vip_rules.database import tables
from vip_rules.logs.logs import Logs
from vip_rules.operations.proposals import approve, proposals
from vip_rules.project import Outside, open_database, open_project
from vip_rules.server.desk import Desk
from vip_rules.server.listening import configured
from vip_rules.server.service import application, opened_desks, opened_postbox
from vip_rules.worker.worker import Worker, jobs_of, stages_of
from vip_rules.worker.workers import BUSY, Workers

LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True)
class Running:
    """A service that runs at `url`, with the desks of its shops by name."""

    url: str
    desks: Mapping[str, Desk]


@contextmanager
def running(
    *configs: Path,
    outside: Outside,
    logs: Logs | None = None,
    with_workers: bool = False,
    largest: int = 5 * 1024 * 1024,
    port: int = 0,
) -> Iterator[Running]:
    """A service of the shops of some configurations, until the end of the block; workers only if they are wanted.

    Without a `port` it takes any that is free.
    """
    logs = logs or Logs.silent()
    with opened_desks(configs, outside, logs) as desks:
        log, workers = logs.of(None), Workers(outside, logs)
        with opened_postbox(desks, outside, log) as postbox:
            app = application(desks, postbox, log, workers.broken, largest=largest)
            server = uvicorn.Server(configured(app, LOOPBACK, port))
            thread = Thread(target=server.run, daemon=True)
            thread.start()
            while not server.started:
                assert thread.is_alive(), "the server didn't start"
                time.sleep(0.005)  # not money
            if with_workers:
                for config, desk in zip(configs, desks.values(), strict=True):
                    workers.start(config, desk.name, desk.nudge)
            host, taken = server.servers[0].sockets[0].getsockname()
            try:
                yield Running(f"http://{host}:{taken}", desks)
            finally:
                workers.stop()
                server.should_exit = True
                thread.join()


def free_port() -> int:
    """A port of the loopback that nobody listens on: for an address that has to be written down before the service runs."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        port: int = listener.getsockname()[1]
        return port


class ServedShop:
    """A shop's project in a folder, for its service: with a program, and the settings of [store] and [worker].

    `outside` is what the service has from outside, secrets among them.
    """

    def __init__(
        self,
        folder: Path,
        program: Mapping[str, Any],
        store: Mapping[str, Any],
        outside: Outside,
        *,
        worker: Mapping[str, Any] | None = None,
    ) -> None:
        self.outside = outside
        self.config = folder / "vip-rules.toml"
        folder.joinpath("program.json").write_text(json.dumps(program))
        self.write(store, worker or {})

    def write(self, store: Mapping[str, Any], worker: Mapping[str, Any]) -> None:
        """Write the configuration, or another one in its place."""
        lines = ['program = "program.json"', 'database = "sqlite:///vip-rules.db"']
        for section, settings in (("store", store), ("worker", worker)):
            lines += [f"[{section}]", *(f"{name} = {json.dumps(value)}" for name, value in settings.items())]
        self.config.write_text("\n".join(lines) + "\n")

    def catch_up(self, logs: Logs | None = None) -> None:
        """Do what workers would do by now, in this thread: the jobs, then what webhooks brought, until nothing is left.

        What failed is tried again once the clock has moved on. Raises VipRulesError where the project can't be opened.
        """
        log = (logs or Logs.silent()).of(None)
        patient = replace(self.outside, patience=BUSY)
        for of in (jobs_of, stages_of):
            Worker(of=of, log=log, once=True).run(self.config, patient)

    def approve(self) -> int:
        """Let a person approve all plans that wait: how many did."""
        with open_project(self.config, self.outside) as project:
            with project.database.reading() as connection:
                found = proposals(connection, project.shop, "waiting")
            for each in found:
                approve(project.database, project.shop, each.row.hash, project.hand("ada"))
        return len(found)

    def rows(self, table: Table, *columns: str) -> list[tuple[Any, ...]]:
        """Some columns of a table of the database, in the order of their values."""
        with open_database(self.config, self.outside) as database, database.reading() as connection:
            found = connection.execute(select(*(table.c[column] for column in columns)))
            return sorted((tuple(row) for row in found), key=repr)

    def inbox(self) -> dict[str, int]:
        """How many webhooks there are in each state."""
        return dict(Counter(state for (state,) in self.rows(tables.inbox, "state")))

    def tiers(self) -> dict[str, str]:
        """The tier of each customer who has one."""
        return {
            customer: tier for customer, tier in self.rows(tables.standings, "customer_id", "tier") if tier
        }

    def job(self, name: str) -> tuple[str, list[str]]:
        """What came of the last run of a job, and its sentences."""
        rows = self.rows(tables.jobs, "name", "outcome", "says")
        ((_, outcome, says),) = [row for row in rows if row[0] == name]
        return outcome, json.loads(says)
