"""What a type of benefit is: its arguments' schema, the sentence that says it, and an example, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vip_rules.benefits.arguments import Schema
from vip_rules.model import Currency

Arguments = Mapping[str, Any]
"""A benefit's arguments as loaded: money in minor units, percentages in hundredths, lists as tuples, defaults filled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitType:
    """A type of benefit that tiers can carry. Register it with the hook `vip_rules_benefits`.

    `properties` are JSON Schema of its arguments (`vip_rules.benefits.arguments` makes them), `required` those without a
    default. `variant` names the argument whose value tells its kinds apart ("" for none), so that costs can be given for
    each: `free_shipping.expedited`. `sentence` says a benefit of it to a person. Two benefits of one tier contradict each
    other if `identity` gives the same for both ("" means: any number of them may stand side by side).

    >>> from vip_rules.benefits.arguments import words
    >>> from vip_rules.benefits.definition import BenefitType
    >>> BenefitType(name="lounge", title="Lounge", description="A lounge in one of our shops.",
    ...             properties={"shop": words("Which shop.", "Vienna")}, required=("shop",),
    ...             sentence=lambda given, _: f"the lounge in {given['shop']}", identity=lambda given: given["shop"],
    ...             example={"shop": "Vienna"}).name
    'lounge'
    """

    name: str
    title: str
    description: str
    sentence: Callable[[Arguments, Currency], str]
    properties: Mapping[str, Schema] = field(default_factory=dict)
    example: Mapping[str, Any] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    variant: str = ""
    identity: Callable[[Arguments], str] = lambda _: "the same type"

    @property
    def written(self) -> dict[str, Any]:
        """The example as a program writes it."""
        return {"type": self.name, **self.example}

    @property
    def variants(self) -> tuple[str, ...]:
        """The names by which a program speaks of it or of one of its kinds: free_shipping, free_shipping.standard."""
        kinds = self.properties[self.variant].get("enum", ()) if self.variant else ()
        return (self.name, *(f"{self.name}.{kind}" for kind in kinds))


@dataclass(frozen=True, slots=True)
class Benefit:
    """A benefit of a tier: its type with this tier's arguments."""

    type: BenefitType
    arguments: Arguments
    pointer: str = ""

    def sentence(self, currency: Currency) -> str:
        """The benefit in words: "10 % discount"."""
        return self.type.sentence(self.arguments, currency)

    @property
    def identity(self) -> tuple[str, str] | None:
        """What no other benefit of its tier may share; None: anything."""
        identity = self.type.identity(self.arguments)
        return (self.type.name, identity) if identity else None

    @property
    def variant(self) -> str:
        """The most precise of its type's `variants` that it is: "free_shipping.expedited"."""
        return (
            f"{self.type.name}.{self.arguments[self.type.variant]}" if self.type.variant else self.type.name
        )
