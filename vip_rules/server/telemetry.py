"""Telemetry: figures about the service for Prometheus. What the database knows is counted when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import select

from vip_rules import inbox
from vip_rules.database.tables import jobs
from vip_rules.mirror import dirty
from vip_rules.operations.interventions import counts
from vip_rules.operations.proposals import proposals
from vip_rules.operations.switch import pause_of
from vip_rules.server.desk import Desk

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_SECOND: Final = 1_000_000


class Telemetry:
    """The figures of a service. Labels are shops' names, states and statuses; nothing names a customer."""

    def __init__(self, desks: Mapping[str, Desk]) -> None:
        self._registry = CollectorRegistry()
        self._webhooks = Counter(
            "vip_rules_webhooks",
            "Webhooks by the status of the answer.",
            ["shop", "status"],
            registry=self._registry,
        )
        self._registry.register(_Stored(desks))

    def answered(self, shop: str, status: int) -> None:
        """Count the answer to a webhook. `shop` is empty where none was named that is known."""
        self._webhooks.labels(shop, str(status)).inc()

    def text(self) -> bytes:
        """All figures, in Prometheus' text format. Raises DatabaseFailed."""
        return generate_latest(self._registry)


class _Stored(Collector):
    """What the database knows of each shop."""

    def __init__(self, desks: Mapping[str, Desk]) -> None:
        self._desks = desks

    def describe(self) -> Iterator[Metric]:
        """Nothing: whoever asks is told at once, and the database isn't asked at the start."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """The figures as they are now."""
        waiting = _gauge("inbox", "Webhooks by state.", "state")
        lag = _gauge("inbox_oldest_seconds", "How long the longest waiting webhook has waited.")
        changed = _gauge("dirty_customers", "Customers whose data changed since their last evaluation.")
        intents = _gauge("outbox", "Effects by state.", "state")
        plans = _gauge("plans_waiting", "Plans that wait for a person.")
        paused = _gauge("paused", "1 while the shop is paused.")
        ended = _gauge("job_ended_timestamp_seconds", "When a job ended last.", "job")
        failed = _gauge("job_failures", "Failures of a job since it was done last.", "job")
        for desk in self._desks.values():
            project, shop = desk.project, [desk.name]
            with project.database.reading() as connection:
                for state, count in inbox.counts(connection, project.shop).items():
                    waiting.add_metric([*shop, state], count)
                oldest = inbox.oldest(connection, project.shop)
                now = project.means.now()
                lag.add_metric(shop, 0 if oldest is None else max(0, now - oldest) // _SECOND)
                changed.add_metric(shop, dirty.count(connection, project.shop))
                for state, count in counts(connection, project.shop).items():
                    intents.add_metric([*shop, state], count)
                plans.add_metric(shop, len(proposals(connection, project.shop, "waiting")))
                paused.add_metric(shop, int(pause_of(connection, project.shop) is not None))
                for row in connection.execute(select(jobs).where(jobs.c.shop == project.shop)):
                    ended.add_metric([*shop, row.name], (row.ended_at or 0) // _SECOND)
                    failed.add_metric([*shop, row.name], row.failures)
        yield from (waiting, lag, changed, intents, plans, paused, ended, failed)


def _gauge(name: str, tells: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"vip_rules_{name}", tells, labels=["shop", *labels])
