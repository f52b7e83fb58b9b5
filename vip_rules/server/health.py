"""Health: whether the service lives, whether it can work, and its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from vip_rules.database.failure import DatabaseFailed
from vip_rules.server.desk import Desk
from vip_rules.server.telemetry import MEDIA_TYPE, Telemetry


class Health:
    """The routes /livez, /readyz and /metrics. `broken` names a part of the service that has ended by itself, if one has."""

    def __init__(
        self, desks: Mapping[str, Desk], telemetry: Telemetry, broken: Callable[[], str | None]
    ) -> None:
        self._desks, self._telemetry, self._broken = desks, telemetry, broken

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/livez", self.livez),
            Route("/readyz", self.readyz),
            Route("/metrics", self.metrics),
        ]

    def livez(self, _: Request) -> Response:
        """200 while every part of the service lives; else restart it."""
        broken = self._broken()
        if broken is not None:
            return PlainTextResponse(f"{broken} has ended\n", 503)
        return PlainTextResponse("alive\n")

    def readyz(self, _: Request) -> Response:
        """200 while webhooks can be kept; else send none here."""
        for desk in self._desks.values():
            try:
                with desk.project.database.reading() as connection:
                    connection.exec_driver_sql("SELECT 1 FROM shops")
            except DatabaseFailed:
                return PlainTextResponse("the database can't be read\n", 503)
        return PlainTextResponse("ready\n")

    def metrics(self, _: Request) -> Response:
        """The figures for Prometheus."""
        try:
            return Response(self._telemetry.text(), media_type=MEDIA_TYPE)
        except DatabaseFailed:
            return PlainTextResponse("the database can't be read\n", 503)
