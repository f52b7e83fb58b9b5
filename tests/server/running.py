"""The service for tests: a real server over loopback, in threads of this process."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import uvicorn

from vip_rules.logs.logs import Logs
from vip_rules.project import Outside
from vip_rules.server.desk import Desk
from vip_rules.server.listening import configured
from vip_rules.server.service import application, opened_desks, opened_postbox
from vip_rules.worker.workers import Workers


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
) -> Iterator[Running]:
    """A service of the shops of some configurations, until the end of the block; workers only if they are wanted."""
    logs = logs or Logs.silent()
    with opened_desks(configs, outside, logs) as desks:
        log, workers = logs.of(None), Workers(outside, logs)
        with opened_postbox(desks, outside, log) as postbox:
            app = application(desks, postbox, log, workers.broken, largest=largest)
            server = uvicorn.Server(configured(app, "127.0.0.1", 0))
            thread = Thread(target=server.run, daemon=True)
            thread.start()
            while not server.started:
                assert thread.is_alive(), "the server didn't start"
                time.sleep(0.005)
            if with_workers:
                for config, desk in zip(configs, desks.values(), strict=True):
                    workers.start(config, desk.name, desk.nudge)
            host, port = server.servers[0].sockets[0].getsockname()
            try:
                yield Running(f"http://{host}:{port}", desks)
            finally:
                workers.stop()
                server.should_exit = True
                thread.join()
