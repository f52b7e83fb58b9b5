"""Standings: dirty customers are evaluated in batches, and what follows is applied, within the safety limits."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, select

from vip_rules.apply import Applied, apply_plan
from vip_rules.database.connection import PATIENCE
from vip_rules.database.tables import shops
from vip_rules.logs.log import Log
from vip_rules.mirror import dirty
from vip_rules.operations.proposals import apply_approved, proposals, propose
from vip_rules.operations.switch import pause_of
from vip_rules.plan import Plan
from vip_rules.planning.making import Request, make_plan
from vip_rules.planning.safety import concerned
from vip_rules.project import Project

MOST: Final = 500
"""Customers who are evaluated at a time: enough to be quick, few enough that nobody waits long for the others."""


class Standings:
    """Keeps the standings of one shop true: of those whose data changed, and once a day of everybody.

    What goes beyond the guardrails, and what begins anew (the first standings, another program), waits for a person.
    """

    def __init__(self, project: Project, log: Log) -> None:
        self._project, self._log = project, log
        self._database, self._shop = project.database, project.shop

    def run(self) -> bool:
        """Evaluate a batch of dirty customers; whether there were any. Raises VipRulesError."""
        with self._database.reading() as connection:
            if pause_of(connection, self._shop):
                return False
        if self._approved():
            return True
        with self._database.reading() as connection:
            begins = self._begins(connection)
            marks = {} if begins else dirty.marks(connection, self._shop, MOST)
        if begins is not None:
            return self._proposed(begins)
        if not marks:
            return False
        plan = self._plan(list(marks))
        if not plan.changes:
            with self._database.writing() as connection:
                dirty.clear(connection, self._shop, marks)
            return True
        if beyond := concerned(self._project.program, plan.limits, plan.changes):
            rest = [customer for customer in marks if customer not in beyond]
            self._leave(self._plan(sorted(beyond)), [limit.says for limit in plan.limits])
            if not rest:
                return True
            plan = self._plan(rest)
        self.apply(plan)
        return True

    def everybody(self) -> str:
        """Evaluate everybody; what came of it, in a sentence. Raises VipRulesError."""
        plan = self._plan(None)
        with self._database.reading() as connection:
            begins = self._begins(connection)
        if begins is not None or plan.limits:
            reasons = [*([begins] if begins else ()), *(limit.says for limit in plan.limits)]
            self._leave(plan, reasons)
            return f"a plan waits for a person: {'; '.join(reasons)}"
        applied = self.apply(plan, patience=PATIENCE)
        return f"{plan.customers:,} customers, {applied.standings:,} standings, {applied.intents:,} effects"

    def _approved(self) -> bool:
        """Apply what a person approved; whether there was anything."""
        project = self._project
        applied = apply_approved(
            self._database, self._shop, project.program, project.means, document=project.document
        )
        for each in applied:
            self._log.applied(each)
        return bool(applied)

    def _proposed(self, begins: str) -> bool:
        """Let the first plan of a changed program wait for a person, once a day; whether that was to do."""
        today = self._project.today()
        with self._database.reading() as connection:
            first = connection.scalar(select(shops.c.enrolled_on).where(shops.c.id == self._shop)) is None
            known = any(
                each.row.as_of == today and begins in each.limits
                for each in proposals(connection, self._shop)
            )
        # The very first plan is the day's job: the store has to be read before.
        if first or known:
            return False
        self.everybody()
        return True

    def apply(self, plan: Plan, *, patience: float = 0) -> Applied:
        """Apply a plan that is within the limits. Raises AtWork, PlanRefused, DatabaseFailed."""
        project = self._project
        applied = apply_plan(
            self._database,
            self._shop,
            project.program,
            plan,
            project.means,
            document=project.document,
            patience=patience,
        )
        self._log.applied(applied)
        return applied

    def _plan(self, people: Collection[str] | None) -> Plan:
        project = self._project
        request = Request(as_of=project.today(), customers=people)
        return make_plan(self._database, self._shop, project.program, request, project.means.capabilities)

    def _begins(self, connection: Connection) -> str | None:
        """Why a plan would be a beginning, which a person looks at first."""
        row = connection.execute(select(shops).where(shops.c.id == self._shop)).one()
        if row.enrolled_on is None:
            return "nobody has a standing yet: the first plan is a person's"
        if row.program_version != self._project.program.version:
            version = self._project.program.version
            return f"the program {version} is another than the one that was applied last"
        return None

    def _leave(self, plan: Plan, reasons: list[str]) -> None:
        with self._database.writing() as connection:
            if propose(connection, self._shop, plan, reasons, self._project.means.now()):
                self._log.waiting(plan.hash, len(plan.changes))
