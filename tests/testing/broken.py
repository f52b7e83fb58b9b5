"""Adapters that each break the contract in one way, with the suite on each of them: test_contract.py runs this file."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from tests.testing.memory import MemoryWorkbench
from vip_rules.adapter import (
    Adapter,
    Confirmed,
    Found,
    Intent,
    Missing,
    Outcome,
    PlatformFailed,
    Refused,
    Sight,
    Unknown,
)
from vip_rules.store import Page
from vip_rules.testing import AdapterContract, MemoryAdapter, adapter_contract

SECRET = "shpat_canary"


class Doubles(MemoryAdapter):
    """Declares messages idempotent, and sends one each time."""

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        for intent in intents:
            if intent.kind == "message" and self.store.find(intent) is not None:
                self.store.carry_out(intent, idempotent=False)
        return super().carry_out(intents)


class TidiesTags(MemoryAdapter):
    """Sets a customer's tags to ours alone."""

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        for intent in intents:
            if intent.kind == "customer" and intent.customer_id in ("1", "2", "3"):
                self.store.untag(intent.customer_id, *self.store.customer(intent.customer_id).tags)
        return super().carry_out(intents)


class TidiesDiscounts(MemoryAdapter):
    """Takes all discounts away with one."""

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        outcomes = super().carry_out(intents)
        if intents and (intents[0].kind, intents[0].action) == ("discount", "remove"):
            for held in self.store.held("discount"):
                self.store.drop("discount", held.key)
        return outcomes


class Raises(MemoryAdapter):
    """Raises what the store refuses."""

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        outcomes = super().carry_out(intents)
        if any(isinstance(outcome, Refused) for outcome in outcomes):
            raise PlatformFailed("the store says no")
        return outcomes


class Boasts(MemoryAdapter):
    """Says that it found what it was asked for."""

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        return [Found(intent.payload) for intent in intents]


class Forgets(MemoryAdapter):
    """Says that nothing is there where it got no answer."""

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        return [sight if isinstance(sight, Found) else Missing() for sight in super().look(intents)]


class GivesUp(MemoryAdapter):
    """Takes a lost answer for a refusal."""

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        outcomes = super().carry_out(intents)
        return [Refused("it failed") if isinstance(outcome, Unknown) else outcome for outcome in outcomes]


class Hopes(MemoryAdapter):
    """Takes everything for done."""

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        return [Confirmed() for _ in super().carry_out(intents)]


class Leaks(MemoryAdapter):
    """Says its secret where something goes wrong."""

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        outcomes = super().carry_out(intents)
        return [Unknown(SECRET) if isinstance(outcome, Unknown) else outcome for outcome in outcomes]


class Adds(MemoryAdapter):
    """Leaves fields where they were when others are put."""

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        merged = []
        for intent in intents:
            held = self.store.find(intent)
            if intent.kind == "customer" and intent.action == "put" and held:
                fields = held["fields"] | intent.payload["fields"]
                intent = replace(intent, payload={**intent.payload, "fields": fields})
            merged.append(intent)
        return super().carry_out(merged)


class Reorders(MemoryAdapter):
    """Tells the outcomes of a batch in an order of its own."""

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        self.batch = 9
        return sorted(super().carry_out(intents), key=lambda outcome: isinstance(outcome, Refused))


class Nosy(MemoryAdapter):
    """Tells personal data that nobody wants."""

    def pages(self, cursor: str | None, *, full: bool, wanted: frozenset[str]) -> Iterator[Page]:
        return super().pages(cursor, full=full, wanted=wanted | {"email"})


class Skips(MemoryAdapter):
    """Goes on one thing too late."""

    def pages(self, cursor: str | None, *, full: bool, wanted: frozenset[str]) -> Iterator[Page]:
        return super().pages(cursor and str(int(cursor) + 1), full=full, wanted=wanted)


class Repeats(MemoryAdapter):
    """Tells each page twice."""

    def pages(self, cursor: str | None, *, full: bool, wanted: frozenset[str]) -> Iterator[Page]:
        for page in super().pages(cursor, full=full, wanted=wanted):
            yield from (page, page)


class EndsQuietly(MemoryAdapter):
    """Ends a reading that broke off as if it were whole."""

    def pages(self, cursor: str | None, *, full: bool, wanted: frozenset[str]) -> Iterator[Page]:
        try:
            yield from super().pages(cursor, full=full, wanted=wanted)
        except PlatformFailed:
            return


class Naive(MemoryAdapter):
    """Tells instants without their offset."""

    def pages(self, cursor: str | None, *, full: bool, wanted: frozenset[str]) -> Iterator[Page]:
        for page in super().pages(cursor, full=full, wanted=wanted):
            orders = [
                replace(order, placed_at=order.placed_at.replace(tzinfo=None))
                for order in page.orders
                if isinstance(order.placed_at, datetime)
            ]
            yield replace(page, orders=tuple(orders))


def contract(broken: type[MemoryAdapter]) -> type[AdapterContract]:
    class BrokenWorkbench(MemoryWorkbench):
        secrets = (SECRET,)

        def adapter(self) -> Adapter:
            return broken(self.store, self.plan, page_size=2)

    return adapter_contract(BrokenWorkbench)


TestDoubles = contract(Doubles)
TestTidiesTags = contract(TidiesTags)
TestTidiesDiscounts = contract(TidiesDiscounts)
TestRaises = contract(Raises)
TestBoasts = contract(Boasts)
TestForgets = contract(Forgets)
TestGivesUp = contract(GivesUp)
TestHopes = contract(Hopes)
TestLeaks = contract(Leaks)
TestAdds = contract(Adds)
TestReorders = contract(Reorders)
TestNosy = contract(Nosy)
TestSkips = contract(Skips)
TestRepeats = contract(Repeats)
TestEndsQuietly = contract(EndsQuietly)
TestNaive = contract(Naive)
