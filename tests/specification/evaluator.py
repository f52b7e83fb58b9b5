"""The readable specification of evaluation: one customer at a time, in whole numbers, loops and ifs.

It is written to be read beside the design, whose sentences it cites (§3, §4, §5), not to be quick; the fast
evaluator must agree exactly. Read it the way of the data: days, sales, figures, logic, progress, this.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.specification.figures import Store, Value, View, figure_of
from tests.specification.logic import Held, comparisons, held, meets
from tests.specification.progress import Missing, missing_for
from vip_rules.comparators import Target
from vip_rules.model import Customer
from vip_rules.program.program import Program


@dataclass(frozen=True)
class Outcome:
    """What is decided for one customer, and all that it rests on.

    `tier` is the id of the tier that they qualify for (None: no tier), `next_tier` the one above it (None: at the top),
    `progress` what is missing to it. `figures` go by their keys, `tests` by figure, comparator and target.
    """

    tier: str | None
    next_tier: str | None
    figures: dict[str, Value]
    tests: dict[tuple[str, str, Target], Held]
    progress: tuple[Missing, ...]


def evaluate(program: Program, store: Store, as_of: int) -> dict[str, Outcome]:
    """Everybody's outcome as of a local day, by customer id."""
    return {customer.id: outcome(program, store, as_of, customer) for customer in store.customers}


def outcome(program: Program, store: Store, as_of: int, customer: Customer) -> Outcome:
    """One customer's outcome. §3: "the highest tier whose `qualify` holds (not: all below it)"."""
    figures: dict[str, Value] = {}
    for figure in program.figures():
        figures[figure.key] = figure_of(View(store, program.spend, as_of, figure, customer))

    tests: dict[tuple[str, str, Target], Held] = {}
    for _, condition in program.rules():
        for comparison in comparisons(condition):
            key = comparison.figure.key
            for test in comparison.tests:
                tests[key, test.comparator, test.target] = meets(test, figures[key])

    tier, above = None, program.tiers
    for n, candidate in enumerate(program.tiers):
        if held(candidate.qualify, figures) is True:  # §3: "unknown at the root does not qualify"
            tier, above = candidate.id, program.tiers[n + 1 :]
    if not above:
        return Outcome(tier, None, figures, tests, ())
    return Outcome(tier, above[0].id, figures, tests, missing_for(above[0].qualify, figures))
