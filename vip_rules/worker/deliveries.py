"""Deliveries: what is left in the outbox goes on, once the store is no longer busy or can be asked again."""

from __future__ import annotations

from sqlalchemy import select

from vip_rules.database.tables import outbox
from vip_rules.delivery import deliver
from vip_rules.logs.log import Log
from vip_rules.operations.switch import pause_of
from vip_rules.planning.entitlement import Entitlement
from vip_rules.planning.known import OPEN
from vip_rules.project import Project
from vip_rules.worker.backoff import backoff


class Deliveries:
    """Carries on with the outbox of one shop: what a busy store left, what another process left when it died."""

    def __init__(self, project: Project, log: Log) -> None:
        self._project, self._log = project, log
        self._failures = self._not_before = 0

    def run(self) -> bool:
        """Send what is open, if it is time; whether anything came to its end. Raises VipRulesError."""
        project, means = self._project, self._project.means
        if means.now() < self._not_before:
            return False
        kinds = [kind for kind in means.capabilities if means.resting(kind) is None]
        with project.database.reading() as connection:
            there = (outbox.c.shop == project.shop) & outbox.c.state.in_(OPEN) & outbox.c.kind.in_(kinds)
            if pause_of(connection, project.shop) or not connection.scalar(
                select(outbox.c.number).where(there).limit(1)
            ):
                return False
        today = project.today()
        entitled = Entitlement(project.database, project.shop, project.program, today, means.capabilities)
        with project.database.lock(project.shop):
            delivered = deliver(project.database, project.shop, means, day=today, entitled=entitled.lost)
        self._log.delivered(delivered)
        self._failures = self._failures + 1 if delivered.left else 0
        self._not_before = means.now() + backoff(self._failures) if delivered.left else 0
        return bool(delivered.counts)
