"""Carrying effects out and looking at them: those of the shop one after another, those of customers side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, Protocol, TypeVar
from zoneinfo import ZoneInfo

from vip_rules.adapter import Confirmed, Intent, Missing, Outcome, PlatformFailed, Refused, Sight, Unreadable

from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.effects.credits import Account, Credits
from vip_rules_shopify.effects.customers import CustomerStates, Entitlements
from vip_rules_shopify.effects.discounts import DiscountStates
from vip_rules_shopify.effects.holdings import Holdings
from vip_rules_shopify.effects.outcomes import Stopped, unread
from vip_rules_shopify.effects.people import Person, people
from vip_rules_shopify.effects.segments import Segments, SegmentStates
from vip_rules_shopify.effects.terms import FreeShipping, Percentage
from vip_rules_shopify.settings import Wishes

_TURNS: Final = {(True, "put"): 0, (False, "remove"): 1, (False, "put"): 2, (True, "remove"): 3}
"""In which order segments and the others are put and removed."""

_OF_PERSON: Final = frozenset({"customer", "entitlements"})
_CREDIT: Final = "store_credit"

LAG: Final = timedelta(seconds=10)
"""How long Shopify's lists may not show what was just made."""

T = TypeVar("T")

Do = Callable[[Intent], Outcome]
See = Callable[[Intent], Sight]


class Kind(Protocol):
    """The effects of one kind that are of the shop as a whole."""

    def carry_out(self, intent: Intent) -> Outcome:
        """Put or remove one. Raises Stopped and AdminFailed."""

    def sight(self, intent: Intent) -> Sight:
        """What is there. Raises AdminFailed."""


class Work:
    """The effects of one shop, done as it wishes. Close it in the end."""

    def __init__(
        self,
        admin: Admin,
        wishes: Wishes,
        zone: ZoneInfo,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> None:
        self._admin, self._wishes, self._clock, self._sleep = admin, wishes, clock, sleep
        self._customers, self._entitlements = CustomerStates(admin), Entitlements(admin)
        self._credits = Credits(admin, wishes.days, zone)
        self._doubted_at: datetime | None = None

    def carry_out(self, intents: Sequence[Intent]) -> list[Outcome]:
        """The outcome of each, in order. Raises nothing for what a shop does."""
        outcomes: dict[int, Outcome] = {}
        for place, intent, do in self._shop_first(intents):
            outcomes[place] = _tried(do, intent)
        personal = [place for place, intent in enumerate(intents) if place not in outcomes]
        do = self._doing([intents[place] for place in personal])
        together: dict[str | None, list[int]] = {}
        for place in personal:
            together.setdefault(intents[place].customer_id, []).append(place)

        def all_of(places: list[int]) -> list[tuple[int, Outcome]]:
            return [(place, _tried(do, intents[place])) for place in places]

        for done in self._side_by_side(all_of, list(together.values())):
            outcomes |= dict(done)
        return [outcomes[place] for place in range(len(intents))]

    def look(self, intents: Sequence[Intent]) -> list[Sight]:
        """What is there of each, in order. Raises nothing for what a shop does."""
        kinds = self._kinds()
        see = self._seeing(intents)
        return [_seen(kinds[each.kind].sight if each.kind in kinds else see, each) for each in intents]

    def repair(self) -> Iterator[str]:
        """Give discounts and free shipping as the settings say: programs know nothing of these. Says what was done.

        Raises PlatformFailed, at the end, for what couldn't be done.
        """
        discounts = self._discounts(*self._held())
        failed: list[str] = []
        for states in discounts.values():
            for intent in list(states.unlike_settings()):
                title = intent.payload["title"]
                outcome = _tried(states.carry_out, intent)
                if isinstance(outcome, Confirmed):
                    yield f"the discount {title} is given as the settings say"
                else:
                    failed.append(f"{title}: {outcome.reason}")
        if failed:
            raise PlatformFailed(f"not all discounts could be given as the settings say: {'; '.join(failed)}")

    def close(self) -> None:
        """End the threads."""
        if "_pool" in vars(self):
            self._pool.shutdown()

    def _shop_first(self, intents: Sequence[Intent]) -> list[tuple[int, Intent, Do]]:
        """What is of the shop, in the order in which it can be done.

        Discounts need their segments; and what is retired makes room for what is new.
        """
        kinds = self._kinds()
        mine = [(place, intent) for place, intent in enumerate(intents) if intent.kind in kinds]
        mine.sort(key=lambda placed: _TURNS[placed[1].kind == "segment", placed[1].action])
        return [(place, intent, kinds[intent.kind].carry_out) for place, intent in mine]

    def _kinds(self) -> Mapping[str, Kind]:
        """Those of the shop, over what it holds as it is now."""
        segments, holdings = self._held()
        return {"segment": SegmentStates(segments, holdings), **self._discounts(segments, holdings)}

    def _discounts(self, segments: Segments, holdings: Holdings) -> dict[str, DiscountStates]:
        terms = (Percentage(), FreeShipping(self._wishes.up_to))
        return {
            each.kind: DiscountStates(
                self._admin, each, self._wishes.method, holdings, segments, self._clock, self._doubted
            )
            for each in terms
        }

    def _held(self) -> tuple[Segments, Holdings]:
        return Segments(self._admin), Holdings(self._admin, self._let_lists_catch_up)

    def _doing(self, intents: Sequence[Intent]) -> Do:
        """How effects of customers are done: on what the shop has of them now."""
        persons, accounts = self._persons(intents), self._accounts(intents)

        def do(intent: Intent) -> Outcome:
            customer = intent.customer_id or ""
            match intent.kind:
                case "customer":
                    return self._customers.carry_out(intent, persons().get(customer))
                case "entitlements":
                    return self._entitlements.carry_out(intent, persons().get(customer))
                case "store_credit":
                    return self._credits.carry_out(intent, accounts().get(customer))
            return Refused(f"Shopify has no place for effects of the kind {intent.kind}")

        return do

    def _seeing(self, intents: Sequence[Intent]) -> See:
        """How effects of customers are looked at: all of them at once."""
        persons, accounts = self._persons(intents), self._accounts(intents)

        def see(intent: Intent) -> Sight:
            customer = intent.customer_id or ""
            match intent.kind:
                case "customer":
                    return self._customers.sight(intent, persons().get(customer))
                case "entitlements":
                    return self._entitlements.sight(intent, persons().get(customer))
                case "store_credit":
                    return self._credits.sight(intent, accounts().get(customer))
            return Missing()

        return see

    def _persons(self, intents: Iterable[Intent]) -> Callable[[], Mapping[str, Person]]:
        return _read(lambda: people(self._admin, _customers(intents, _OF_PERSON)))

    def _accounts(self, intents: Iterable[Intent]) -> Callable[[], Mapping[str, list[Account]]]:
        return _read(lambda: self._credits.accounts(_customers(intents, {_CREDIT})))

    def _side_by_side(
        self, call: Callable[[list[int]], list[tuple[int, Outcome]]], groups: list[list[int]]
    ) -> Iterable[list[tuple[int, Outcome]]]:
        if len(groups) < 2 or self._wishes.connections == 1:
            return map(call, groups)
        return self._pool.map(call, groups)

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._wishes.connections, thread_name_prefix="vip-rules-shopify")

    def _doubted(self) -> None:
        self._doubted_at = self._clock()

    def _let_lists_catch_up(self) -> None:
        """Wait until the lists show what may have been made when an answer was lost."""
        if self._doubted_at is None:
            return
        left = (self._doubted_at + LAG - self._clock()).total_seconds()
        if left > 0:
            self._sleep(left)
        self._doubted_at = None


def _tried(do: Do, intent: Intent) -> Outcome:
    try:
        return do(intent)
    except Stopped as stopped:
        return stopped.outcome
    except PlatformFailed as error:
        return unread(error)


def _seen(see: See, intent: Intent) -> Sight:
    try:
        return see(intent)
    except PlatformFailed as error:
        return Unreadable(str(error))


def _read(reading: Callable[[], T]) -> Callable[[], T]:
    """What a reading gave, or raises: it is done here and now, and what it fails with is told to those who need it."""
    try:
        read = reading()
    except PlatformFailed as error:
        failed = error
    else:
        return lambda: read

    def fail() -> T:
        raise failed

    return fail


def _customers(intents: Iterable[Intent], kinds: Iterable[str]) -> list[str]:
    return list(
        dict.fromkeys(each.customer_id for each in intents if each.kind in kinds and each.customer_id)
    )
