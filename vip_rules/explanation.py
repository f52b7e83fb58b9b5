"""Explanation: why one customer has their tier, as a tree of conditions with figures, and what is missing to the next."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from vip_rules.conditions import All, AnyOf, Comparison, Condition, Named, Not, holds
from vip_rules.errors import VipRulesError
from vip_rules.localdays import day_date
from vip_rules.model import Currency
from vip_rules.outlook import lacks
from vip_rules.qualification import Qualifications, test_names
from vip_rules.records import records_of, target_json
from vip_rules.tiers import Tier, next_tier
from vip_rules.wording import day_in_words, target_in_words

MARKS = {True: "✓", False: "✗", None: "?"}
"""How a condition stands: held, not held, unknown."""


class UnknownCustomer(VipRulesError):
    """A customer who isn't in the history: look the id up in the customers' file."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one customer has their tier. `row` holds their figures and tests, as `Qualifications.frame` names them."""

    qualifications: Qualifications
    row: dict[str, Any]

    @property
    def tier(self) -> Tier | None:
        """The tier they qualify for."""
        return next((tier for tier in self.qualifications.program.tiers if tier.id == self.row["tier"]), None)

    def record(self) -> dict[str, Any]:
        """The same record as everybody's output has, with the tree of each tier's conditions as `tiers`."""
        record = dict(json.loads(records_of(self.qualifications).lines().collect().item()))
        trees = [
            {
                "tier": tier.id,
                "held": self.held(tier.qualify),
                "qualify": self._tree(tier.qualify, record["metrics"]),
            }
            for tier in self.qualifications.program.tiers
        ]
        return record | {"as_of": str(day_date(self.qualifications.as_of)), "tiers": trees}

    def held(self, condition: Condition) -> bool | None:
        """Whether a condition holds; None is unknown."""
        held = {test: pl.col(name) for test, name in test_names(self.qualifications.program).items()}
        found: bool | None = self.qualifications.frame.select(holds(condition, held)).item()
        return found

    def _tree(self, condition: Condition, figures: dict[str, Any]) -> dict[str, Any]:
        """A condition as the program writes it, with the figure and whether it held at each place."""
        held = {"held": self.held(condition)}
        match condition:
            case Comparison(figure, tests):
                targets = {
                    test.comparator: json.loads(target_json(figure, test.target, self._currency))
                    for test in tests
                }
                return {"metric": figure.key, "figure": figures[figure.key]} | targets | held
            case All(conditions):
                return {"all": [self._tree(inner, figures) for inner in conditions]} | held
            case AnyOf(conditions):
                return {"any": [self._tree(inner, figures) for inner in conditions]} | held
            case Not(inner):
                return {"not": self._tree(inner, figures)} | held
            case Named(name, inner):
                return {"condition": name, "is": self._tree(inner, figures)} | held

    def missing(self) -> list[str]:
        """What is missing to the next tier on the cheapest path, a sentence each."""
        above = next_tier(self.qualifications.program.tiers, self.row["tier"])
        if above is None:
            return []
        (lacking,) = lacks(above.qualify, self.qualifications.frame).values()
        return [lack.sentence(self._currency) for lack in lacking]

    def lines(self) -> Iterator[str]:
        """The whole explanation for a person to read."""
        program = self.qualifications.program
        standing = f"{self.tier.name} ({self.tier.id})" if self.tier else "no tier"
        yield f"Customer {self.row['customer_id']} as of {day_in_words(day_date(self.qualifications.as_of))}: {standing}"
        yield from self.trees()
        above = next_tier(program.tiers, self.row["tier"])
        if above:
            yield ""
            yield f"To reach {above.name}:"
            yield from (f"  - {sentence}" for sentence in self.missing())
        if self.tier and self.tier.benefits:
            yield ""
            yield f"Benefits of {self.tier.name}:"
            yield from (f"  - {benefit.sentence(program.currency)}" for benefit in self.tier.benefits)

    def trees(self) -> Iterator[str]:
        """The conditions of all tiers with the customer's figures, the highest tier first."""
        for tier in reversed(self.qualifications.program.tiers):
            yield ""
            yield f"{MARKS[self.held(tier.qualify)]} {tier.name} ({tier.id})"
            yield from self._branch(tier.qualify, "  ")

    @property
    def _currency(self) -> Currency:
        return self.qualifications.program.currency

    def _branch(self, condition: Condition, indent: str) -> Iterator[str]:
        mark = f"{indent}{MARKS[self.held(condition)]} "
        match condition:
            case Comparison(figure, tests):
                wanted = " and ".join(
                    target_in_words(figure, test.comparator, test.target, self._currency) for test in tests
                )
                yield f"{mark}{figure.phrase}: {figure.shown(self.row[figure.key], self._currency)} ({wanted})"
            case All(conditions) | AnyOf(conditions):
                yield f"{mark}{'all' if isinstance(condition, All) else 'any'} of"
                for inner in conditions:
                    yield from self._branch(inner, indent + "  ")
            case Not(inner):
                yield f"{mark}not"
                yield from self._branch(inner, indent + "  ")
            case Named(name, inner):
                yield f'{mark}"{name}"'
                yield from self._branch(inner, indent + "  ")


def explain(qualifications: Qualifications, customer_id: str) -> Explanation:
    """Why a customer has their tier. Raises UnknownCustomer."""
    alone = qualifications.of(customer_id)
    if not len(alone):
        alike = pl.col("customer_id").str.strip_chars().str.to_lowercase() == customer_id.strip().lower()
        meant = qualifications.frame.filter(alike)["customer_id"]
        hint = f": did you mean {meant[0]!r}?" if len(meant) else ""
        known = f"the {len(qualifications):,} customers of the history"
        raise UnknownCustomer(f"customer {customer_id!r} is not among {known}{hint}")
    return Explanation(alone, alone.frame.row(0, named=True))
