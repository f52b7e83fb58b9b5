"""Telling: which of what customers may be told unasked they are told, after all that they were told before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, time
from itertools import chain

from sqlalchemy import Connection, and_, func, or_, select

from vip_rules.database.bulk import among
from vip_rules.database.tables import outbox
from vip_rules.effects.approaches import Approaches
from vip_rules.effects.effect import Effect
from vip_rules.effects.messages import Messages
from vip_rules.effects.nudge import Nudge
from vip_rules.effects.reminders import REMINDER, Reminders
from vip_rules.localdays import day_date
from vip_rules.mirror.reading import FEW
from vip_rules.planning.known import given
from vip_rules.program.program import Program
from vip_rules.recalculation import Recalculation


class Telling:
    """What those who were evaluated are told unasked: by what is so today, whatever happened since yesterday.

    Each thing is told once for its key. What the program's `max_messages` leaves out isn't used up: it is looked at again on
    every day, and told once it may be if it is still so. Where nothing `carries` messages, nobody is told too much.
    """

    def __init__(
        self,
        connection: Connection,
        shop: int,
        program: Program,
        recalculation: Recalculation,
        *,
        trusted_from: int | None,
        carries: bool,
    ) -> None:
        self._connection, self._shop, self._program = connection, shop, program
        self._limit = program.guardrails.max_messages if carries else None
        self._day = recalculation.qualifications.as_of
        self._approaches = Approaches(program, recalculation, trusted_from)
        self._reminders = Reminders(program, recalculation)

    def nudges(self, fresh: Iterable[Effect]) -> list[Nudge]:
        """What is told beside what else falls due today and wasn't planned before."""
        found = [*self._approaches.nudges(), *self._reminders.nudges()]
        keys = chain.from_iterable(nudge.keys for nudge in found)
        used = given(self._connection, self._shop, keys) if found else set()
        return list(self._within_limit([each for each in found if used.isdisjoint(each.keys)], fresh))

    def effects(self, nudges: Iterable[Nudge], messages: Messages) -> Iterator[Effect]:
        """Their messages."""
        several = list(nudges)
        yield from self._approaches.effects((each for each in several if each.occasion != REMINDER), messages)
        yield from self._reminders.effects((each for each in several if each.occasion == REMINDER), messages)

    def _within_limit(self, nudges: list[Nudge], fresh: Iterable[Effect]) -> Iterator[Nudge]:
        """Those for which there is room beside all other messages of a customer; of several the first."""
        limit = self._limit
        if limit is None or not nudges:
            yield from nudges
            return
        told = self._told({nudge.customer_id for nudge in nudges}, self._day - limit.days + 1)
        told.update(each.customer_id for each in fresh if each.kind == "message" and each.customer_id)
        for nudge in nudges:
            if told[nudge.customer_id] < limit.count:
                told[nudge.customer_id] += 1
                yield nudge

    def _told(self, people: Collection[str], first: int) -> Counter[str]:
        """How many messages customers have had, or have on their way, from a local day on.

        They are of the day on which they fell due or were planned: one that was made up for is of both.
        """
        planned = and_(
            outbox.c.planned_at >= self._midnight(first), outbox.c.planned_at < self._midnight(self._day + 1)
        )
        query = (
            select(outbox.c.customer_id, func.count())
            .where(
                outbox.c.shop == self._shop,
                outbox.c.kind == "message",
                outbox.c.state.not_in(("refused", "withdrawn")),
                or_(outbox.c.due.between(first, self._day), planned),
            )
            .group_by(outbox.c.customer_id)
        )
        if len(people) <= FEW:
            query = query.where(among(self._connection, outbox.c.customer_id, people))
        return Counter({customer: count for customer, count in self._connection.execute(query) if customer})

    def _midnight(self, day: int) -> int:
        """The instant at which a local day begins, in microseconds since 1970."""
        begins = datetime.combine(day_date(day), time(), self._program.timezone)
        return int(begins.timestamp()) * 1_000_000  # not money
