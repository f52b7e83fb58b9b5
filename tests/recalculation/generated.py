"""Generated shops: few customers whose orders lie around their enrolment, and programs whose standings end soon."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from tests.recalculation.shop import Shop, number, program, spend, tier
from vip_rules.model import Customer
from vip_rules.program.program import Program

ENROLLED: Final = number("2026-03-20")
PEOPLE: Final = ("ann", "bob", "cleo")
JOINED: Final = {"ann": "2025-03-30", "bob": "2024-02-29", "cleo": "2025-12-31"}
WINDOWS: Final = ("10 days", "1 month", "calendar quarter", "membership year", "calendar year")
DURATIONS: Final = st.sampled_from(("2 days", "1 week"))


@st.composite
def programs(draw: st.DrawFn, *, warned: bool) -> Program:
    """Programs of two or three tiers, whose standings end soon, with warnings ahead or without."""
    window = draw(st.sampled_from(WINDOWS))
    rungs = [
        tier("silver", spend(100, window), benefits=[{"type": "pre_order"}]),
        tier("gold", spend(300, window), draw(st.none() | st.just(spend(200, "2 weeks")))),
        tier("platinum", {"metric": "orders", "window": "20 days", "at_least": 3}),
    ]
    by_cycle = st.fixed_dictionaries({"cycles": st.integers(1, 2), "at_least": DURATIONS})
    landing = st.fixed_dictionaries({"for": DURATIONS, "keep": st.just(["pre_order"])})
    status: dict[str, Any] = {
        "term": draw(st.sampled_from(("rolling", "1 month"))),
        "grace": draw(st.just("none") | DURATIONS | by_cycle),
        "demotion": draw(st.sampled_from(("one tier", "to qualified"))),
        "warn_before": draw(st.lists(DURATIONS, min_size=1, max_size=2, unique=True)) if warned else [],
    }
    status |= {"soft_landing": draw(landing)} if draw(st.booleans()) else {}
    return program(*rungs[: draw(st.integers(2, 3))], status=status)


@st.composite
def shops(draw: st.DrawFn, *, warned: bool = False) -> Shop:
    """Shops whose orders lie around the months after their enrolment."""
    shop = Shop(draw(programs(warned=warned)))
    for name, joined in JOINED.items():
        shop.customers[name] = Customer(name, number(joined))
    placed = st.tuples(st.sampled_from(PEOPLE), st.integers(-30, 30), st.sampled_from((60, 100, 150, 300)))
    for customer, day, amount in draw(st.lists(placed, min_size=4, max_size=14)):
        shop.order(customer, ENROLLED + day, amount)
    shop.evaluate(ENROLLED)
    return shop
