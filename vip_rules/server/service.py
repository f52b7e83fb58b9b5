"""The service: one process that takes webhooks in, answers questions, and has a worker for each shop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread, current_thread
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from vip_rules.database.connection import Database
from vip_rules.errors import VipRulesError
from vip_rules.inbox import Arrived
from vip_rules.logs.log import Log
from vip_rules.logs.logs import Logs
from vip_rules.project import Outside, open_project
from vip_rules.server.desk import Desk
from vip_rules.server.health import Health
from vip_rules.server.postbox import Postbox
from vip_rules.server.protocol import Protocol
from vip_rules.server.receiver import Address, Receiver
from vip_rules.server.telemetry import Telemetry
from vip_rules.worker.worker import Work, jobs_of, stages_of, work

PATIENCE: Final = 3
"""Seconds that a webhook waits for another transaction: platforms wait five for the answer."""

BUSY: Final = 2
"""Seconds that a worker waits for a busy store before it looks after something else."""

CONNECTIONS: Final = 1_000
"""Requests at a time; beyond it they are answered with 503."""

LAST_WORDS: Final = 30
"""Seconds that workers have to finish what they have in hand."""


class InvalidService(VipRulesError):
    """Shops that can't be served together: mend their configurations."""


class Workers:
    """The workers of some shops, in threads of their own: one for what webhooks bring, one for what the clock brings."""

    def __init__(self, logs: Logs) -> None:
        self._logs = logs
        self.stopping = Event()
        self._threads: list[Thread] = []
        self._nudges: list[Event] = []
        self._ended: list[str] = []

    def start(self, config: Path, outside: Outside, name: str, nudge: Event, *, once: bool = False) -> None:
        """Begin to work on a shop."""
        parts: tuple[tuple[str, Work, Event], ...] = (
            ("jobs", jobs_of, Event()),
            ("worker", stages_of, nudge),
        )
        waiting = replace(outside, sleep=self._sleep, patience=BUSY, stopping=self.stopping.is_set)
        for part, of, wake in parts:
            self._nudges.append(wake)
            thread = Thread(
                target=self._run,
                name=f"{part} of {name}",
                args=(config, waiting, of, name, wake, once),
                daemon=True,
            )
            self._threads.append(thread)
            thread.start()

    def broken(self) -> str | None:
        """The name of a thread that has ended though nobody asked it to."""
        return self._ended[0] if self._ended else None

    def wait(self) -> None:
        """Return once all have ended."""
        for thread in self._threads:
            thread.join()

    def stop(self) -> None:
        """Let everybody finish what they have in hand."""
        self.stopping.set()
        for nudge in self._nudges:
            nudge.set()
        for thread in self._threads:
            thread.join(LAST_WORDS)

    def _sleep(self, seconds: float) -> None:  # not money
        """Wait, but not beyond the end."""
        self.stopping.wait(seconds)

    def _run(self, config: Path, outside: Outside, of: Work, name: str, wake: Event, once: bool) -> None:
        """The life of a thread. One that ends by itself is told of: /livez answers 503 then."""
        log = self._logs.of(name)
        try:
            work(config, outside, of, log, stopping=self.stopping, nudge=wake, once=once)
        except Exception as error:  # the others go on, and whoever looks after the process restarts it
            log.failed("worker", error)
            self._ended.append(current_thread().name)


@contextmanager
def opened_desks(configs: Sequence[Path], outside: Outside) -> Iterator[dict[str, Desk]]:
    """The desks of the shops of some configurations, by name. Raises InvalidService, and what opening a project raises."""
    with ExitStack() as stack:
        desks: dict[str, Desk] = {}
        for config in configs:
            project = stack.enter_context(open_project(config, outside))
            desk = Desk(project, Event())
            if desk.name in desks:
                raise InvalidService(
                    f"{config}: the shop {desk.name} is that of another configuration, too: give each its own [store] shop"
                )
            desks[desk.name] = desk
        yield desks


def serve(
    configs: Sequence[Path],
    outside: Outside,
    logs: Logs,
    *,
    with_workers: bool = True,
) -> None:
    """Serve the shops of some configurations until the process is told to stop (SIGTERM, SIGINT).

    Where to listen, and how large a webhook may be, says the first one. Raises VipRulesError for what can't be opened.
    """
    with opened_desks(configs, outside) as desks:
        first = next(iter(desks.values())).project.config.server
        log, telemetry, workers = logs.of(None), Telemetry(desks), Workers(logs)
        by_number = {desk.project.shop: desk for desk in desks.values()}

        def kept(arrived: list[Arrived]) -> None:
            for shop in {each.shop for each in arrived}:
                by_number[shop].nudge.set()

        with _postbox(desks, outside, log, kept) as postbox:
            receiver = Receiver(
                _addresses(desks, logs),
                postbox,
                log,
                clock=outside.clock,
                largest=first["largest_webhook"],
                answered=telemetry.answered,
            )
            app = application(desks, receiver, Health(desks, telemetry, workers.broken))
            server = _Server(_uvicorn(app, first["host"], first["port"]), log)
            if with_workers:
                for config, desk in zip(configs, desks.values(), strict=True):
                    workers.start(config, outside, desk.name, desk.nudge)
            try:
                server.run()
            finally:
                workers.stop()


def application(desks: dict[str, Desk], receiver: Receiver, health: Health) -> Starlette:
    """All that is served, as an ASGI application."""
    return Starlette(routes=[Route("/webhooks/{shop}", receiver), *health.routes()])


def _addresses(desks: dict[str, Desk], logs: Logs) -> dict[str, Address]:
    """The shops whose stores tell things by themselves."""
    return {
        name: Address(desk.project.shop, webhooks, logs.of(name))
        for name, desk in desks.items()
        if (webhooks := desk.project.adapter.webhooks) is not None
    }


def _uvicorn(app: Starlette, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=LAST_WORDS,
    )


class _Server(uvicorn.Server):
    """A server that says where it listens once it does: port 0 chooses a free one."""

    def __init__(self, config: uvicorn.Config, log: Log) -> None:
        super().__init__(config)
        self._log = log

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._log.listening(f"{host}:{port}")


@contextmanager
def _postbox(
    desks: dict[str, Desk], outside: Outside, log: Log, kept: Callable[[list[Arrived]], None]
) -> Iterator[Postbox]:
    """The postbox, over a connection of its own: what it keeps doesn't wait for the database's upkeep."""
    urls = {desk.project.config.database for desk in desks.values()}
    if len(urls) > 1:
        raise InvalidService(
            "the configurations name several databases: shops that are served together share one"
        )
    with closing(
        Database.open(urls.pop(), clock=outside.clock, patience=PATIENCE, checkpoints=False)
    ) as database:
        box = Postbox(database, log, kept)
        ending = Event()
        keeper = Thread(target=_look_after, args=(database, ending, log), name="checkpoints", daemon=True)
        keeper.start()
        try:
            yield box
        finally:
            box.close()
            ending.set()
            keeper.join()


def _look_after(database: Database, ending: Event, log: Log) -> None:
    """Write SQLite's log into its file every second, apart from the transactions that senders wait for."""
    while not ending.wait(1):
        try:
            database.checkpoint()
        except VipRulesError as error:
            log.failed("checkpoints", error)
