"""The service: one process that takes webhooks in, answers questions, and has workers for each shop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from vip_rules.database.connection import Database
from vip_rules.errors import VipRulesError
from vip_rules.inbox import Arrived
from vip_rules.logs.log import Log
from vip_rules.logs.logs import Logs, ServiceFailed
from vip_rules.project import Outside
from vip_rules.server.api.api import Api, unrouted
from vip_rules.server.desk import Desk
from vip_rules.server.health import Health
from vip_rules.server.listening import listen
from vip_rules.server.postbox import Postbox
from vip_rules.server.receiver import Receiver
from vip_rules.server.telemetry import Telemetry
from vip_rules.worker.interpreter import settle
from vip_rules.worker.workers import Workers

PATIENCE: Final = 3
"""Seconds that a webhook waits for another transaction: platforms wait five for the answer."""


class InvalidService(VipRulesError):
    """Shops that can't be served together: mend their configurations."""


def serve(configs: Sequence[Path], outside: Outside, logs: Logs, *, with_workers: bool = True) -> None:
    """Serve the shops of some configurations until the process is told to stop.

    Where to listen, and how large a webhook may be, says the first one. Raises VipRulesError for what can't be opened, and
    ServiceFailed if a worker ended by itself.
    """
    with opened_desks(configs, outside, logs) as desks:
        server = next(iter(desks.values())).project.config.server
        log, workers = logs.of(None), Workers(outside, logs)
        settle()
        with opened_postbox(desks, outside, log) as postbox:
            app = application(desks, postbox, log, workers.broken, largest=server["largest_webhook"])
            if with_workers:
                for config, desk in zip(configs, desks.values(), strict=True):
                    workers.start(config, desk.name, desk.nudge)
            try:
                listen(app, server["host"], server["port"], log, workers.broken)
            finally:
                workers.stop()
    log.stopped()
    if (broken := workers.broken()) is not None:
        raise ServiceFailed(
            f"{broken} ended by a mistake of ours, and with it the service: the log says where"
        )


def application(
    desks: Mapping[str, Desk], postbox: Postbox, log: Log, broken: Callable[[], str | None], *, largest: int
) -> Starlette:
    """All that is served, as an ASGI application. `broken` names a part of the service that has ended, if one has."""
    telemetry = Telemetry(desks)
    receiver = Receiver(desks, postbox, log, largest=largest, answered=telemetry.answered)
    health = Health(desks, telemetry, broken)
    app = Starlette(
        routes=[Route("/webhooks/{shop}", receiver), *health.routes(), *Api(desks, log).routes()],
        exception_handlers={HTTPException: unrouted},
    )
    # A path is what it is: nobody is led to another one.
    app.router.redirect_slashes = False
    return app


@contextmanager
def opened_desks(configs: Sequence[Path], outside: Outside, logs: Logs) -> Iterator[dict[str, Desk]]:
    """The desks of the shops of some configurations, by name. Raises InvalidService, and what opening a project raises."""
    desks: dict[str, Desk] = {}
    try:
        for config in configs:
            desk = Desk(config, outside, logs)
            if desk.name in desks:
                desk.close()
                raise InvalidService(
                    f"{config}: the shop {desk.name} is that of another configuration, too: give each its own [store] shop"
                )
            desks[desk.name] = desk
        if len({desk.project.config.database for desk in desks.values()}) > 1:
            raise InvalidService(
                "the configurations name several databases: shops that are served together share one"
            )
        yield desks
    finally:
        for desk in desks.values():
            desk.close()


@contextmanager
def opened_postbox(desks: Mapping[str, Desk], outside: Outside, log: Log) -> Iterator[Postbox]:
    """The postbox, over a connection of its own: what it keeps doesn't wait for the database's upkeep."""
    by_number = {desk.project.shop: desk for desk in desks.values()}

    def kept(arrived: Sequence[Arrived]) -> None:
        for shop in {each.shop for each in arrived}:
            by_number[shop].nudge.set()

    url = next(iter(desks.values())).project.config.database
    with (
        closing(Database.open(url, clock=outside.clock, patience=PATIENCE, checkpoints=False)) as database,
        closing(Postbox(database, log, kept)) as postbox,
    ):
        ending = Event()
        upkeep = Thread(target=_upkeep, args=(database, desks, ending, log), name="upkeep", daemon=True)
        upkeep.start()
        try:
            yield postbox
        finally:
            ending.set()
            upkeep.join()


def _upkeep(database: Database, desks: Mapping[str, Desk], ending: Event, log: Log) -> None:
    """Every second, apart from what senders wait for: write SQLite's log into its file, and read anew what was changed."""
    while not ending.wait(1):
        for desk in desks.values():
            desk.refresh()
        try:
            database.checkpoint()
        except VipRulesError as error:
            log.failed("upkeep", error)
