"""Recalculation: what has become of standings by a day. One way for one customer, a thousand, or everybody; it stores nothing.

Each customer goes on from their opening, the standing at the close of the last evaluated day before: the days between are
replayed, and the day's own earlier decisions replaced. So evaluating twice, or in another order, changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import polars as pl

from vip_rules.evaluate import evaluate, evaluate_days
from vip_rules.evaluation.cutpoints import CutPoints
from vip_rules.facts import facts_of, path_dependent
from vip_rules.history import History
from vip_rules.lifecycle import (
    Ahead,
    Facts,
    Life,
    OnChange,
    Transition,
    advance,
    enrol,
    look_ahead,
    notices_due,
    rebase,
    with_notices,
)
from vip_rules.outlook import Lack, lacks
from vip_rules.program.program import Program
from vip_rules.program.status import CycleGrace
from vip_rules.qualification import Qualifications
from vip_rules.standing import Notice, Pin, Standing, rank
from vip_rules.tiers import Tier

MOST_PAIRS: Final = 2_000_000
"""Customers times days that are evaluated at a time, to bound memory."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A customer's standing as it is stored: at the close of `day`, with its opening at the close of `opening_day`."""

    standing: Standing
    day: int
    opening: Standing | None = None
    opening_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What was decided before an evaluation.

    `stored` has everybody who has or had a standing; `evaluated` is the last day before this one on which everybody was
    evaluated. `enrolled_on` None: nobody was yet. `changed_on` is the day on which the present program took over.
    """

    stored: Mapping[str, Stored] = field(default_factory=dict)
    enrolled_on: int | None = None
    evaluated: int | None = None
    changed_on: int | None = None
    on_change: OnChange = "next-check"
    trusted_from: int | None = None
    cut_points: Sequence[CutPoints] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What has become of one customer's standing, and how.

    `moments` are the standings from each replayed day on which they changed; `ahead` is what lies ahead without further orders,
    and `keep` what would avert it.
    """

    customer_id: str
    stored: Standing
    opening: Standing
    opening_day: int
    standing: Standing
    transitions: tuple[Transition, ...] = ()
    moments: tuple[tuple[int, Standing], ...] = ()
    notices: tuple[Notice, ...] = ()
    ahead: Ahead | None = None
    keep: tuple[Lack, ...] = ()

    def rises(self, tiers: Sequence[Tier]) -> tuple[Transition, ...]:
        """The enrolment and promotions that lead higher: not what is left of a higher tier that was taken back that day."""
        lost = {each.day: rank(tiers, each.before) for each in self.transitions if each.kind == "revocation"}
        return tuple(
            each
            for each in self.transitions
            if each.kind in ("enrolment", "promotion") and rank(tiers, each.after) > lost.get(each.day, -1)
        )

    def on(self, day: int) -> Standing:
        """The standing at the close of a replayed day."""
        found = self.opening
        for begin, standing in self.moments:
            if begin <= day:
                found = standing
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalculation:
    """The outcome for everybody who was evaluated. Who isn't among the `decisions` has no standing and never had one.

    `rows` gives the figures behind a transition, by customer and day; `undecided` counts those about whom untrusted windows
    leave nothing to decide.
    """

    qualifications: Qualifications
    history: History
    decisions: Mapping[str, Decision]
    enrolment: bool
    rows: Mapping[tuple[str, int], Mapping[str, Any]] = field(default_factory=dict)
    undecided: int = 0

    def row(self, customer_id: str, day: int) -> Mapping[str, Any] | None:
        """A customer's figures and tests on a day of a transition."""
        return self.rows.get((customer_id, day))


def recalculate(
    program: Program, history: History, before: Before, as_of: int, *, everybody: bool = False
) -> Recalculation:
    """What has become of the standings of a history's customers by the local day `as_of`.

    With `everybody` the population's cut points are made anew, else the latest stored ones score.
    """
    return _Recalculation(program, history, before, as_of, everybody).outcome()


class _Recalculation:
    """One recalculation at work: lives are led on from day to day, each customer's from their opening."""

    def __init__(
        self, program: Program, history: History, before: Before, as_of: int, everybody: bool
    ) -> None:
        self._program, self._history, self._before, self._as_of = program, history, before, as_of
        self._everybody = everybody
        self._new = before.enrolled_on is None or before.enrolled_on >= as_of
        self._changed = before.changed_on == as_of and not self._new
        self._openings = {customer: self._opening(stored) for customer, stored in before.stored.items()}
        self._standings = {customer: standing for customer, (standing, _) in self._openings.items()}
        self._transitions: dict[str, list[Transition]] = defaultdict(list)
        self._moments: dict[str, list[tuple[int, Standing]]] = defaultdict(list)
        self._rows: dict[tuple[str, int], Mapping[str, Any]] = {}
        self._cut_points = list(before.cut_points)

    def outcome(self) -> Recalculation:
        """Replay, decide the day, and look ahead."""
        if not self._new and not self._changed:
            self._replay()
        qualifications = self._evaluate()
        if self._everybody:
            self._cut_points.append(qualifications.cut_points)
        facts = facts_of(self._program, qualifications.frame, trusted_from=self._before.trusted_from)
        self._decide(facts)
        given, ahead, keep = self._look_ahead()
        self._keep_rows(qualifications.frame)
        return Recalculation(
            qualifications=qualifications,
            history=self._history,
            decisions={
                customer: self._decision(customer, given, ahead, keep) for customer in sorted(self._standings)
            },
            enrolment=self._new,
            rows=self._rows,
            undecided=facts.filter(pl.col("undecided") != 0).height,
        )

    def _decision(
        self,
        customer: str,
        given: Mapping[str, tuple[Notice, ...]],
        ahead: Mapping[str, Ahead],
        keep: Mapping[str, tuple[Lack, ...]],
    ) -> Decision:
        stored = self._before.stored.get(customer)
        opening, opening_day = self._openings.get(customer, (Standing(), self._base))
        return Decision(
            customer_id=customer,
            stored=stored.standing if stored else Standing(),
            opening=opening,
            opening_day=opening_day,
            standing=with_notices(self._standings[customer], given.get(customer, ())),
            transitions=tuple(self._transitions.get(customer, ())),
            moments=tuple(self._moments.get(customer, ())),
            notices=given.get(customer, ()),
            ahead=ahead.get(customer),
            keep=keep.get(customer, ()),
        )

    @property
    def _base(self) -> int:
        """The last evaluated day of those without a stored standing."""
        evaluated = self._before.evaluated
        return self._as_of - 1 if evaluated is None or self._new else evaluated

    def _opening(self, stored: Stored) -> tuple[Standing, int]:
        """A customer's opening, and the day at whose close it was."""
        if self._new:
            # The enrolment's own day is decided anew, but a pin stays.
            return Standing(pin=stored.standing.pin), self._as_of - 1
        standing, day = stored.standing, stored.day
        if day >= self._as_of:
            standing = replace(stored.opening or Standing(), pin=stored.standing.pin)
            day = self._base if stored.opening_day is None else stored.opening_day
        return standing, min(max(day, self._base), self._as_of - 1)

    # The days between

    def _replay(self) -> None:
        customers = self._customers()
        days = pl.DataFrame(
            {"customer_id": customers, "after": [self._opened(customer) for customer in customers]},
            schema={"customer_id": pl.String, "after": pl.Int32},
        ).filter(pl.col("after") < self._as_of - 1)
        if not days.height:
            return
        first, last = int(days["after"].min()) + 1, self._as_of - 1  # type: ignore[arg-type]
        size = 1 if path_dependent(self._program) else max(1, MOST_PAIRS // days.height)
        for begin in range(first, last + 1, size):
            end = min(begin + size - 1, last)
            between = pl.int_ranges(
                pl.max_horizontal(pl.lit(begin), pl.col("after") + 1), end + 1, dtype=pl.Int32
            )
            pairs = days.filter(pl.col("after") < end).select("customer_id", day=between).explode("day")
            frame = evaluate_days(self._program, self._told(), pairs, self._cut_points)
            self._lead_on(facts_of(self._program, frame, trusted_from=self._before.trusted_from), frame, end)

    def _lead_on(self, facts: pl.DataFrame, frame: pl.DataFrame, until: int) -> None:
        """Lead everybody's life on to the close of a replayed day."""
        by_customer = _by_customer(self._with_standing(facts))
        held_on = self._held_on(by_customer)
        moved = set()
        for customer, their in by_customer.items():
            standing = self._standings.get(customer, Standing())
            after = max(self._opened(customer), their[0].day - 1)
            life = advance(
                self._program, standing, their, after=after, until=until, held_on=held_on.get(customer, {})
            )
            if self._record(customer, standing, life):
                moved |= {(customer, transition.day) for transition in life.transitions}
        self._keep_rows(frame, moved)

    # The day itself

    def _evaluate(self) -> Qualifications:
        scored = None if self._everybody or not self._before.cut_points else self._before.cut_points[-1]
        return evaluate(self._program, self._told(), self._as_of, cut_points=scored)

    def _decide(self, facts: pl.DataFrame) -> None:
        by_customer = _by_customer(self._with_standing(facts))
        held_on = {} if self._new else self._held_on(by_customer)
        for customer, their in by_customer.items():
            standing = self._standings.get(customer, Standing())
            if self._new:
                life = _pinned(enrol(self._program, their[-1]), standing.pin)
            else:
                if self._changed:
                    based = rebase(self._program, standing, their[-1], self._before.on_change)
                    self._record(customer, standing, based)
                    standing = based.standing
                life = advance(
                    self._program,
                    standing,
                    their,
                    after=self._as_of - 1,
                    until=self._as_of,
                    held_on=held_on.get(customer, {}),
                )
            self._record(customer, standing, life)

    def _record(self, customer: str, standing: Standing, life: Life) -> bool:
        if life.standing == standing and not life.transitions:
            return False
        self._standings[customer] = life.standing
        if life.transitions:
            self._transitions[customer] += life.transitions
        self._moments[customer] += life.moments
        return True

    # Looking back and ahead

    def _held_on(self, facts: Mapping[str, Sequence[Facts]]) -> dict[str, dict[int, int]]:
        """For those who no longer qualify for their tier: which tiers they qualified for on the days of their promotions.

        A rule that asks for the tier before is asked with the one before that promotion.
        """
        places = {tier.id: n for n, tier in enumerate(self._program.tiers)}
        one_by_one = path_dependent(self._program)
        looked_at: dict[int, dict[tuple[str, int], Standing]] = defaultdict(dict)
        for customer, their in facts.items():
            standing = self._standings.get(customer, Standing())
            if standing.tier not in places or all(
                each.qualifies >> places[standing.tier] & 1 for each in their
            ):
                continue
            for n, promotion in enumerate(standing.promotions):
                before = Standing(tier=promotion.before, highest_tier=promotion.before_highest)
                looked_at[n if one_by_one else 0][customer, promotion.on] = before
        found: dict[str, dict[int, int]] = defaultdict(dict)
        for promoted in looked_at.values():
            before_it = {customer: before for (customer, _), before in promoted.items()}
            for frame in self._on_days(list(promoted), before_it):
                looked = facts_of(self._program, frame, trusted_from=self._before.trusted_from)
                # What nobody can tell of that day takes nothing back.
                deserved = looked.select("customer_id", "day", pl.col("qualifies") | pl.col("undecided"))
                for customer, day, qualifies in deserved.iter_rows():
                    found[customer][day] = qualifies
        return found

    def _look_ahead(
        self,
    ) -> tuple[dict[str, tuple[Notice, ...]], dict[str, Ahead], dict[str, tuple[Lack, ...]]]:
        warnings = self._program.status.warn_before
        if not warnings:
            return {}, {}, {}
        horizon = max(warning.after(self._as_of) for warning in warnings)
        candidates = [
            customer for customer, standing in self._standings.items() if self._may_fall(standing, horizon)
        ]
        given: dict[str, tuple[Notice, ...]] = {}
        ahead: dict[str, Ahead] = {}
        falls: list[tuple[str, int]] = []
        days = range(self._as_of + 1, horizon + 1)
        size = max(1, MOST_PAIRS // len(days))
        for begin in range(0, len(candidates), size):
            part = candidates[begin : begin + size]
            pairs = pl.DataFrame({"customer_id": part}, schema={"customer_id": pl.String}).join(
                pl.DataFrame({"day": list(days)}, schema={"day": pl.Int32}), how="cross"
            )
            frame = evaluate_days(self._program, self._told(part), pairs, self._cut_points)
            future = facts_of(self._program, frame, trusted_from=self._before.trusted_from)
            for customer, their in _by_customer(future).items():
                standing = self._standings[customer]
                found = look_ahead(self._program, standing, their, today=self._as_of, horizon=horizon)
                if found is None:
                    continue
                ahead[customer] = found
                if standing.pin_on(self._as_of) is None:
                    falls.append((customer, found.day))
                if due := notices_due(self._program, standing, found, self._as_of):
                    given[customer] = due
        return given, ahead, self._what_keeps(falls)

    def _what_keeps(self, falls: Sequence[tuple[str, int]]) -> dict[str, tuple[Lack, ...]]:
        """What each customer would lack on the day of their fall if they ordered nothing more; it counts by the day before."""
        found: dict[str, tuple[Lack, ...]] = {}
        last = {customer: day - 1 for customer, day in falls}
        for frame in self._on_days(falls, self._standings):
            for tier in self._program.tiers:
                of_tier = [customer for customer, _ in falls if self._standings[customer].tier == tier.id]
                part = frame.filter(pl.col("customer_id").is_in(of_tier))
                for customer, lacking in lacks(tier.keep or tier.qualify, part).items():
                    found[customer] = tuple(replace(lack, through=last[customer]) for lack in lacking)
        return found

    def _may_fall(self, standing: Standing, horizon: int) -> bool:
        """Whether an effective tier may go down by a day, as far as its dates tell."""
        pin, grace = standing.pin, self._program.status.grace
        if pin is not None and pin.until is not None and pin.until < horizon:
            return True
        if standing.tier is None or standing.grandfathered:
            return False
        if standing.secured_until is not None and standing.secured_until >= horizon:
            return False
        if standing.grace_until is not None:
            return standing.grace_until < horizon
        if grace is None:
            return True
        least = grace.at_least if isinstance(grace, CycleGrace) else grace
        return least.after(self._as_of + 1) < horizon

    # Rows

    def _customers(self) -> list[str]:
        found = self._history.customers
        found = found.collect() if isinstance(found, pl.LazyFrame) else found
        customers: list[str] = found["customer_id"].to_list()
        return customers

    def _opened(self, customer: str) -> int:
        opening = self._openings.get(customer)
        return self._base if opening is None else opening[1]

    def _told(
        self, customers: Iterable[str] | None = None, standings: Mapping[str, Standing] | None = None
    ) -> History:
        """The history with each customer's tier and highest tier, as they are by now or as given; of some customers only."""
        history = self._history if customers is None else _only(self._history, list(customers))
        if not path_dependent(self._program):
            return history
        held = pl.DataFrame(
            [
                (customer, standing.tier or "", standing.highest_tier or "")
                for customer, standing in (self._standings if standings is None else standings).items()
            ],
            schema={"customer_id": pl.String, "current_tier": pl.String, "highest_tier": pl.String},
            orient="row",
        )
        people = history.customers.lazy().drop("current_tier", "highest_tier")
        joined = people.join(held.lazy(), on="customer_id", how="left").with_columns(
            pl.col("current_tier", "highest_tier").fill_null("")
        )
        return replace(history, customers=joined.collect())

    def _on_days(
        self, pairs: Sequence[tuple[str, int]], standings: Mapping[str, Standing]
    ) -> Iterator[pl.DataFrame]:
        """Figures and tests of some customers on some days, with the tiers before that some standings tell."""
        for begin in range(0, len(pairs), MOST_PAIRS):
            part = pairs[begin : begin + MOST_PAIRS]
            frame = pl.DataFrame(
                part, schema={"customer_id": pl.String, "day": pl.Int32}, orient="row"
            ).unique()
            told = self._told({customer for customer, _ in part}, standings)
            yield evaluate_days(self._program, told, frame, self._cut_points)

    def _with_standing(self, facts: pl.DataFrame) -> pl.DataFrame:
        """The facts of those who have a standing, or qualify for one."""
        known = pl.Series(list(self._standings), dtype=pl.String)
        concerned = facts.filter(pl.col("qualifies") != 0)["customer_id"].unique()
        return facts.filter(pl.col("customer_id").is_in(pl.concat([known, concerned]).implode()))

    def _keep_rows(self, frame: pl.DataFrame, wanted: set[tuple[str, int]] | None = None) -> None:
        """Keep the figures behind the day's transitions, or behind those that are named."""
        if wanted is None:
            wanted = {
                (customer, self._as_of)
                for customer, transitions in self._transitions.items()
                if transitions[-1].day == self._as_of
            }
        if not wanted:
            return
        pairs = pl.DataFrame(list(wanted), schema={"customer_id": pl.String, "day": pl.Int32}, orient="row")
        for row in frame.join(pairs, on=["customer_id", "day"], how="semi").iter_rows(named=True):
            self._rows[row["customer_id"], row["day"]] = row


def _pinned(life: Life, pin: Pin | None) -> Life:
    """A life whose standings have a pin."""
    moments = ((day, replace(standing, pin=pin)) for day, standing in life.moments)
    return Life(replace(life.standing, pin=pin), life.transitions, tuple(moments))


def _by_customer(facts: pl.DataFrame) -> dict[str, list[Facts]]:
    """Facts as lives are led by them: those that say the same as the day before are left out."""
    columns = ("qualifies", "keeps", "undecided", "cycle")
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in columns)
    ordered = facts.sort("customer_id", "day")
    told = ordered.filter(~(same & (pl.col("customer_id") == pl.col("customer_id").shift())).fill_null(False))
    found: dict[str, list[Facts]] = {}
    for customer, day, *rest in told.select("customer_id", "day", *columns).iter_rows():
        found.setdefault(customer, []).append(Facts(day, *rest))
    return found


def _only(history: History, customers: list[str]) -> History:
    """The part of a history that is about some customers."""
    wanted = pl.LazyFrame({"customer_id": customers}, schema={"customer_id": pl.String})

    def of(frame: Any, key: str, ids: pl.LazyFrame) -> Any:
        return None if frame is None else frame.lazy().join(ids, on=key, how="semi").collect()

    orders = of(history.orders, "customer_id", wanted)
    return History(
        of(history.customers, "customer_id", wanted),
        orders,
        of(history.lines, "order_id", orders.lazy().select("order_id")),
        of(history.events, "customer_id", wanted),
    )
