"""Runs: how the jobs by the clock went when they ran last."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from vip_rules.database.tables import jobs
from vip_rules.mentions import Mentions


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The last run of a job: `ran_for` is the time by its schedule, None if it was never done.

    `outcome` is done, refused or failed, with sentences about it (`says`). `failures` counts those since it was done last;
    after one it isn't tried before `retry_at`.
    """

    job: str
    ran_for: datetime | None
    began_at: datetime
    ended_at: datetime
    outcome: str
    says: tuple[str, ...]
    failures: int
    retry_at: datetime | None

    def record(self) -> dict[str, Any]:
        """The run as plain JSON data."""
        return {
            "job": self.job,
            "outcome": self.outcome,
            "ran_for": _text(self.ran_for),
            "began_at": _text(self.began_at),
            "ended_at": _text(self.ended_at),
            "says": list(self.says),
            "failures": self.failures,
            "retry_at": _text(self.retry_at),
        }


def runs(connection: Connection, shop: int) -> list[Run]:
    """The last run of each job that has had one, by their names."""
    rows = connection.execute(select(jobs).where(jobs.c.shop == shop).order_by(jobs.c.name))
    return [
        Run(
            job=row.name,
            ran_for=_instant(row.ran_for),
            began_at=_at(row.began_at),
            ended_at=_at(row.ended_at),
            outcome=row.outcome,
            says=tuple(json.loads(row.says)),
            failures=row.failures,
            retry_at=_instant(row.retry_at),
        )
        for row in rows
    ]


def erase(connection: Connection, shop: int, who: Mentions) -> None:
    """Forget the sentences that name somebody."""
    for row in connection.execute(select(jobs.c.name, jobs.c.says).where(jobs.c.shop == shop)).all():
        says = json.loads(row.says)
        kept = [sentence for sentence in says if not who.said(sentence)]
        if len(kept) < len(says):
            this = (jobs.c.shop == shop) & (jobs.c.name == row.name)
            connection.execute(update(jobs).where(this).values(says=json.dumps(kept, ensure_ascii=False)))


def _at(micros: int) -> datetime:
    return datetime.fromtimestamp(micros // 1_000_000, UTC)


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else _at(micros)


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
