"""Slips in benefits and sections: for each exactly one message, and all of them at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.program.example import EXAMPLE, PROGRAM, SPEND, changed, problems

BENEFIT = "/tiers/0/benefits/0"
TIER = (
    f'[{{"id": "silver", "name": "Silver VIP", "qualify": {EXAMPLE}, '
    '"benefits": [{"type": "discount", "percent": 10}]}]'
)


@pytest.mark.parametrize(
    ("benefit", "place", "message"),
    [
        (
            "discount",
            "",
            'found the text "discount", expected an object, such as {"type": "discount", "percent": 10}',
        ),
        ({"percent": 10}, "", '"type" is missing; add it, such as "type": "discount"'),
        ({"type": "discount"}, "", '"percent" is missing; add it, such as "percent": 10'),
        (
            {"type": "discont", "percent": 10},
            "/type",
            'unknown type of benefit "discont"; did you mean "discount"?',
        ),
        ({"type": "discount", "percnt": 10}, "/percnt", 'unknown key "percnt"; did you mean "percent"?'),
        (
            {"type": "discount", "percent": 101},
            "/percent",
            "found 101, expected a number above 0 and of at most 100",
        ),
        (
            {"type": "discount", "percent": -5},
            "/percent",
            "found -5, expected a number above 0 and of at most 100",
        ),
        (
            {"type": "discount", "percent": 5, "combines_with": ["order", "order"]},
            "/combines_with/1",
            '"order" is listed twice; take one out',
        ),
        (
            {"type": "free_shipping", "service": "express"},
            "/service",
            'unknown service "express"; expected "standard", "expedited" or "next-day"',
        ),
        (
            {"type": "store_credit", "amount": 25, "on": "Christmas"},
            "/on",
            'unknown occasion "Christmas"; expected "birthday", "anniversary", "quarter" or "promotion"',
        ),
        (
            {"type": "discount", "percent": "10%"},
            "/percent",
            'found the text "10%", expected a number; write 10, the unit is percent',
        ),
        (
            {"type": "early_access", "hours": "1 day"},
            "/hours",
            'found the text "1 day", expected a whole number; the unit is hours',
        ),
        ({"type": "early_access", "hours": 0}, "/hours", "found 0, expected a whole number from 1 to 2,160"),
        (
            {"type": "store_credit", "amount": Decimal("0.001"), "on": "quarter"},
            "/amount",
            "0.001 has more decimals than USD has (2); write 0.01",
        ),
        (
            {"type": "support", "level": "priority", "response_time": "soon"},
            "/response_time",
            'found the text "soon", expected "N seconds", "N minutes", "N hours" or "N days" with N from 1',
        ),
    ],
)
def test_benefits(benefit: Any, place: str, message: str) -> None:
    document = changed((BENEFIT, benefit))
    assert problems(document) == {BENEFIT + place: message}


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        (
            "format",
            2,
            {"/format": "found format 2, which this version of vip-rules doesn't know; it reads format 1"},
        ),
        ("format", "1", {"/format": 'found the text "1", expected 1'}),
        (
            "program",
            "our vips",
            {
                "/program": 'found the text "our vips", expected letters, digits, - and _, beginning with a letter or digit '
                '(at most 64), such as "our-vips"'
            },
        ),
        ("currency", "usd", {"/currency": 'unknown currency "usd"; did you mean "USD"?'}),
        ("currency", "GBP £", {"/currency": 'unknown currency "GBP £"; did you mean "GBP"?'}),
        *(
            (
                "currency",
                text,
                {
                    "/currency": f'unknown currency "{text}"; expected a code of three capital letters (ISO 4217), '
                    'such as "USD" or "EUR"'
                },
            )
            for text in ("$", "dollar", "kr")
        ),
        (
            "timezone",
            "New York",
            {"/timezone": 'unknown time zone "New York"; did you mean "America/New_York"?'},
        ),
        ("timezone", "Berlin", {"/timezone": 'unknown time zone "Berlin"; did you mean "Europe/Berlin"?'}),
        ("timezone", "utc", {"/timezone": 'unknown time zone "utc"; did you mean "UTC"?'}),
        *(
            (
                "timezone",
                text,
                {
                    "/timezone": f'unknown time zone "{text}"; expected a place as the IANA time zone database names it, '
                    'such as "America/New_York" or "Europe/Berlin"'
                },
            )
            for text in ("GMT+1", "UTC+2", "CEST", "PST")
        ),
        (
            "currency",
            "QQQ",
            {
                "/currency": 'unknown currency "QQQ"; expected a code of three capital letters (ISO 4217), '
                'such as "USD" or "EUR"'
            },
        ),
        (
            "timezone",
            "america/new york",
            {"/timezone": 'unknown time zone "america/new york"; did you mean "America/New_York"?'},
        ),
        (
            "timezone",
            "../../etc/passwd",
            {
                "/timezone": 'unknown time zone "../../etc/passwd"; expected a place as the IANA time zone database names it, '
                'such as "America/New_York" or "Europe/Berlin"'
            },
        ),
        ("teirs", [], {"/teirs": 'unknown key "teirs"; did you mean "tiers"?'}),
        ("tiers", [], {"/tiers": f"the list is empty; expected at least one item, such as {TIER}"}),
        (
            "tiers",
            {"silver": {}, "gold": {}},
            {"/tiers": f'found an object with "silver", "gold", expected a list, such as {TIER}'},
        ),
        (
            "spend",
            {"include_tax": True},
            {"/spend/include_tax": 'unknown key "include_tax"; did you mean "includes_tax"?'},
        ),
        (
            "conditions",
            {"loyal regular": SPEND, " x": SPEND},
            {"/conditions/ x": '" x" is no name; expected up to 100 characters without spaces around them'},
        ),
        (
            "conditions",
            {
                "loyal regular": {"any": [SPEND, {"condition": "b"}]},
                "b": {"not": {"condition": "c"}},
                "c": {"condition": "b"},
                "d": {"condition": "d"},
            },
            {
                "/conditions/b/not/condition": 'conditions refer to each other in a circle: "b" → "c" → "b"; take one '
                "reference out",
                "/conditions/d/condition": 'conditions refer to each other in a circle: "d" → "d"; take one reference out',
            },
        ),
        (
            "status",
            {"term": "1 week"},
            {
                "/status/term": '"1 week" is no term; expected "rolling", "N months" with N from 1, "calendar year" '
                'or "lifetime"'
            },
        ),
        (
            "status",
            {"grace": "soon"},
            {
                "/status/grace": '"soon" is no grace; expected "N days", "N weeks", "N months" or "N years" with N from 1, '
                'or "none"'
            },
        ),
        (
            "status",
            {"grace": {"cycles": 2}},
            {"/status/grace": '"at_least" is missing; add it, such as "at_least": "30 days"'},
        ),
        (
            "status",
            {"grace": "200 years"},
            {"/status/grace": '"200 years" is longer than 100 years; write a shorter time'},
        ),
        (
            "status",
            {"grace": "123456 weeks"},
            {"/status/grace": '"123456 weeks" is longer than 100 years; write a shorter time'},
        ),
        ("status", {"grace": "0 months"}, {"/status/grace": '"0 months" is no grace; did you mean "none"?'}),
        (
            "status",
            {"term": "1 year"},
            {"/status/term": '"1 year" is no term; did you mean "12 months" or "calendar year"?'},
        ),
        (
            "status",
            {"warn_before": ["30d"]},
            {"/status/warn_before/0": '"30d" is no duration; did you mean "30 days"?'},
        ),
        (
            "status",
            {"warn_before": ["30 days", "30 days"]},
            {"/status/warn_before/1": '"30 days" is listed twice; take one out'},
        ),
        (
            "status",
            {"soft_landing": {"for": "30 days", "keep": ["gift", "free shipping"]}},
            {
                "/status/soft_landing/keep/1": 'unknown type of benefit "free shipping"; did you mean "free_shipping"?'
            },
        ),
        (
            "status",
            {"soft_landing": {"for": "30 days", "keep": ["free_shipping", "gift"]}},
            {"/status/soft_landing/keep/1": 'no tier has the benefit "gift"; take it out'},
        ),
        (
            "segments",
            [{"id": "a", "when": SPEND}, {"id": "A", "when": SPEND}],
            {
                "/segments/1/id": '"A" differs by capitals only from "a", the id of the segment /segments/0; choose another'
            },
        ),
        (
            "messages",
            [{"on": "near_next_tier", "template": "x"}, {"on": "promotion", "within": 5, "template": "x"}],
            {
                "/messages/0": '"within" is missing; add it, such as "within": 200',
                "/messages/1/within": 'unknown key "within"; expected "on" or "template"',
            },
        ),
        (
            "economics",
            {"gross_margin": 140, "costs": {"free_shipping.express": 1}},
            {
                "/economics/gross_margin": "found 140, expected a number from 0 to 100",
                "/economics/costs/free_shipping.express": 'unknown key "free_shipping.express"; did you mean '
                '"free_shipping.expedited"?',
            },
        ),
        (
            "guardrails",
            {"vip_share": [20, 10]},
            {"/guardrails/vip_share": "the range ends before it starts; write the lower percentage first"},
        ),
        ("guardrails", {"vip_share": [20]}, {"/guardrails/vip_share": "found a list of 1, expected 2 items"}),
        (
            "guardrails",
            {"max_messages": {"count": 0, "day": 7}},
            {
                "/guardrails/max_messages/count": "found 0, expected a whole number from 1 to 1,000",
                "/guardrails/max_messages/day": 'unknown key "day"; did you mean "days"?',
            },
        ),
        (
            "guardrails",
            {"max_messages": {"days": 367}},
            {
                "/guardrails/max_messages": '"count" is missing; add it, such as "count": 2',
                "/guardrails/max_messages/days": "found 367, expected a whole number from 1 to 366",
            },
        ),
    ],
)
def test_sections(key: str, value: Any, found: dict[str, str]) -> None:
    assert problems({**PROGRAM, key: value}) == found


def test_several_slips_in_one_place_are_told_at_once() -> None:
    fine = Decimal("19.999")
    near = "19.999 has more decimals than USD has (2); write 19.99 or 20.00"
    document = changed(
        (BENEFIT, {"type": "store_credit", "amount": fine, "on": "Christmas"}),
        ("/messages/0", {"on": "near_next_tier", "within": fine, "tmplate": "x"}),
        ("/economics", {"gross_margin": 140, "costs": {"suport": 1, "gift": fine}}),
    )
    assert problems(document) == {
        f"{BENEFIT}/amount": near,
        f"{BENEFIT}/on": 'unknown occasion "Christmas"; expected "birthday", "anniversary", "quarter" or "promotion"',
        "/messages/0/within": near,
        "/messages/0/tmplate": 'unknown key "tmplate"; did you mean "template"?',
        "/economics/gross_margin": "found 140, expected a number from 0 to 100",
        "/economics/costs/suport": 'unknown key "suport"; did you mean "support"?',
        "/economics/costs/gift": near,
    }


def test_keys_that_are_missing() -> None:
    assert problems({}) == {
        "": "\n".join(
            (
                '"format" is missing; add it, such as "format": 1',
                '"program" is missing; add it, such as "program": "atelier-vip"',
                '"currency" is missing; add it, such as "currency": "USD"',
                '"timezone" is missing; add it, such as "timezone": "America/New_York"',
                f'"tiers" is missing; add it, such as "tiers": {TIER}',
            )
        )
    }
    assert problems([]) == {"": "found an empty list, expected an object"}


def test_a_currency_decides_on_decimals() -> None:
    def at_least(currency: str, amount: Any) -> dict[str, str]:
        document = changed(("/currency", currency), ("/tiers/1/qualify/at_least", amount))
        return {
            place: text for place, text in problems(document).items() if place == "/tiers/1/qualify/at_least"
        }

    assert at_least("USD", Decimal("100.0")) == {}
    assert at_least("KWD", Decimal("19.999")) == {}
    assert at_least("JPY", Decimal("10.50")) == {
        "/tiers/1/qualify/at_least": "10.50 has more decimals than JPY has (0); write 10 or 11"
    }


def test_all_problems_come_at_once_in_the_order_of_the_document() -> None:
    document = changed(
        ("/tiers/1/qualify/at_least", "5000"),
        ("/conditions/loyal regular/all/1/at_most", -1),
        ("/tiers/0/qualify/any/1/condition", "loyal"),
        ("/tiers/0/benefits/1", {"type": "discount", "percent": 5}),
        ("/status/warn_before/0", "soon"),
        ("/program", ""),
        ("/colour", "red"),
    )
    assert list(problems(document)) == [
        "/program",
        "/conditions/loyal regular/all/1/at_most",
        "/tiers/0/qualify/any/1/condition",
        "/tiers/0/benefits/1",
        "/tiers/1/qualify/at_least",
        "/status/warn_before/0",
        "/colour",
    ]


def test_more_problems_than_anybody_reads() -> None:
    document = changed(
        ("/segments", [{"id": f"s{n}", "wen": SPEND, "x": 1, "y": 2, "z": 3} for n in range(200)])
    )
    found = problems(document)
    assert found[""] == "there are more than 500 problems; mend some to see the rest"


def test_nothing_is_read_that_the_schema_left_untold() -> None:
    wrong = {"any": [{"metric": "spend", "window": 7, "at_least": "x", "where": 8}] * 100}
    document = changed(("/tiers/0/qualify", wrong), ("/tiers/1/qualify", wrong), ("/messages", [{"on": 7}]))
    document["conditions"] = {"a": wrong, "b": wrong}
    assert problems(document)[""] == "there are more than 500 problems; mend some to see the rest"
