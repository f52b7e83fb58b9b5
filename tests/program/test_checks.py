"""What a schema can't see: parts of a program that contradict each other, and rules that grow out of bounds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.program.example import PROGRAM, SPEND, changed, problems, spend

QUALIFY = "/tiers/0/qualify"


def test_ids_of_tiers() -> None:
    twice = changed(("/tiers/1/id", "Silver"))
    assert problems(twice) == {
        "/tiers/1/id": '"Silver" differs by capitals only from "silver", the id of the tier /tiers/0; choose another'
    }
    was = changed(("/tiers/0/was", ["vip", "gold"]), ("/tiers/1/was", ["vip"]))
    assert problems(was) == {
        "/tiers/0/was/1": '"gold" is the id of the tier /tiers/1; a former id can\'t be in use',
        "/tiers/1/was/0": '"vip" is listed as a former id more than once; keep it in one tier',
    }
    former = {"metric": "highest_tier", "is": "vip"}
    assert problems(changed(("/tiers/0/was", ["vip"]), ("/segments/0/when", former))) == {
        "/segments/0/when/is": 'there is no tier "vip"; it is "silver" now'
    }


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        (spend(at_least=5000), spend(at_least=2000)),
        (spend(at_least=5000), spend(at_least=5000)),
        (spend(more_than=100), spend(at_least=Decimal("100.01"))),
        (spend(at_least=5, at_most=6), spend(at_most=6)),
        (spend(equals=5), spend(is_known=True)),
        (
            spend(where={"channel": ["pos", "web"]}, at_least=2),
            spend(where={"channel": ["web", "pos"]}, at_least=1),
        ),
        ({"metric": "tag", "is": "press"}, {"metric": "tag", "one_of": ["friend", "press"]}),
        ({"metric": "tag", "none_of": ["friend", "press"]}, {"metric": "tag", "is_not": "press"}),
        ({"all": [spend(at_least=5000)]}, {"any": [spend(at_least=2000)]}),
    ],
)
def test_a_tier_that_nobody_can_be_in(lower: Any, higher: Any) -> None:
    document = changed((QUALIFY, lower), ("/tiers/1/qualify", higher))
    del document["tiers"][1]["keep"]
    assert problems(document) == {
        QUALIFY: "nobody can be in this tier: whoever qualifies for it qualifies for the higher one, /tiers/1, too; list tiers "
        "from lowest to highest, each harder to reach"
    }


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        (spend(at_least=2000), spend(at_least=5000)),
        (spend(at_least=5000), spend(window="12 months", at_least=2000)),
        (spend(at_least=5000), spend(where={"channel": "pos"}, at_least=2000)),
        (spend(at_least=5000), {"metric": "average_order_value", "at_least": 2000}),
        (spend(is_known=False), spend(is_known=True)),
        (spend(is_known=True), spend(at_least=1)),
        ({"metric": "tag", "one_of": ["a", "b"]}, {"metric": "tag", "is": "a"}),
        ({"metric": "tag", "is": "a"}, {"metric": "tag", "is_not": "b"}),
    ],
)
def test_tiers_that_can_be_reached(lower: Any, higher: Any) -> None:
    document = changed((QUALIFY, lower), ("/tiers/1/qualify", higher))
    del document["tiers"][1]["keep"]
    assert problems(document) == {}


def test_benefits_that_contradict_each_other() -> None:
    document = changed(
        (
            "/tiers/0/benefits",
            [
                {"type": "discount", "percent": 10},
                {"type": "discount", "percent": 20},
                {"type": "free_shipping", "service": "standard"},
                {"type": "store_credit", "amount": 5, "on": "quarter"},
                {"type": "store_credit", "amount": 5, "on": "birthday"},
                {"type": "store_credit", "amount": 9, "on": "quarter"},
                {"type": "event", "kind": "virtual"},
                {"type": "event", "kind": "regional"},
            ],
        )
    )
    assert problems(document) == {
        "/tiers/0/benefits/1": 'contradicts /tiers/0/benefits/0; a tier has one "discount", keep one of them',
        "/tiers/0/benefits/5": 'contradicts /tiers/0/benefits/3; a tier has one "store_credit" on quarter, keep one of them',
    }


def test_conditions_that_grow_out_of_bounds() -> None:
    doubling: dict[str, Any] = {"c0": SPEND}
    doubling |= {f"c{n}": {"all": [{"condition": f"c{n - 1}"}] * 2} for n in range(1, 60)}
    chain: dict[str, Any] = {"c0": SPEND} | {f"c{n}": {"condition": f"c{n - 1}"} for n in range(1, 400)}
    plain = (QUALIFY, SPEND)
    assert problems(changed(plain, ("/conditions", doubling))) == {
        "/conditions/c8": "comes to 256 comparisons, names followed; at most 200 are read"
    }
    assert problems(changed(plain, ("/conditions", chain))) == {
        "/conditions/c64": "is nested 65 deep, names followed; at most 64 are read"
    }
    named = {f"c{n}": SPEND for n in range(501)}
    assert problems(changed(plain, ("/conditions", named))) == {
        "/conditions": "has 501 conditions, expected at most 500"
    }
    assert problems(changed(plain, ("/tiers", PROGRAM["tiers"] * 26))) == {
        "/tiers": "has 52 tiers, expected at most 50"
    }
    many = {"any": [{"any": [SPEND] * 60}] * 60}
    assert problems(changed((QUALIFY, many))) == {"": "has 3,667 conditions in all, expected at most 2,000"}
