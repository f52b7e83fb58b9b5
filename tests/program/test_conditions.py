"""Slips in conditions: for each exactly one message, with the place where it is and how to mend it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.program.example import EXAMPLE, SPEND, changed, problems, spend

QUALIFY = "/tiers/0/qualify"
COMPARATORS = '"at_least", "more_than", "at_most", "less_than", "equals" or "is_known"'


@pytest.mark.parametrize(
    ("condition", "place", "message"),
    [
        # What stands where a condition is due.
        ({}, "", 'found an empty condition, expected "metric", "all", "any", "not" or "condition"'),
        ([SPEND], "", 'found a list, expected one condition; write {"all": […]} or {"any": […]} around it'),
        (
            "loyal regular",
            "",
            'found the text "loyal regular", expected a condition; one with a name is {"condition": "loyal regular"}',
        ),
        (
            2000,
            "",
            f"found 2000, expected a condition, such as {EXAMPLE}",
        ),
        # Keys that stand together.
        (
            spend(all=[SPEND]),
            "",
            '"metric" and "all" stand in one condition; each stands alone in its object, as in {"all": [{…}, {…}]}',
        ),
        (
            {"any": [SPEND], "not": SPEND},
            "",
            '"any" and "not" stand in one condition; each stands alone in its object, as in {"all": [{…}, {…}]}',
        ),
        (
            {"any": [SPEND], "window": "12 months"},
            "/window",
            'found "window" beside "any", which stands alone in its object; expected only "any"',
        ),
        (
            {"any": []},
            "/any",
            f"the list is empty; expected at least one item, such as [{EXAMPLE}]",
        ),
        (
            {"all": SPEND},
            "/all",
            (f'found an object with "metric", "window", "at_least", expected a list, such as [{EXAMPLE}]'),
        ),
        # Names.
        (spend(at_leest=2000), "/at_leest", 'unknown key "at_leest"; did you mean "at_least"?'),
        ({"metrik": "spend", "at_least": 1}, "/metrik", 'unknown key "metrik"; did you mean "metric"?'),
        (
            {"amount": 1},
            "/amount",
            'unknown key "amount"; expected "metric", "all", "any", "not" or "condition"',
        ),
        ({"metric": "spent", "at_least": 1}, "/metric", 'unknown metric "spent"; did you mean "spend"?'),
        (
            {"condition": "loyal regulars"},
            "/condition",
            'there is no condition "loyal regulars"; did you mean "loyal regular"?',
        ),
        ({"and": [SPEND]}, "/and", 'unknown key "and"; did you mean "all"?'),
        ({"OR": [SPEND]}, "/OR", 'unknown key "OR"; did you mean "any"?'),
        (
            {"spend": 2000},
            "/spend",
            '"spend" is a metric, which stands behind "metric"; write {"metric": "spend", "at_least": 2000}',
        ),
        ({"spend": SPEND}, "/spend", '"spend" is a metric, which stands behind "metric"'),
        # Comparators.
        ({"at_least": 1}, "", '"metric" is missing; say which figure is compared, such as "metric": "spend"'),
        (spend(window="12 months"), "", f"nothing is compared; add one of {COMPARATORS}"),
        (
            spend(**{"is": "2000"}),
            "/is",
            f'spend is a number, which "is" doesn\'t compare; expected {COMPARATORS}',
        ),
        (
            {"metric": "tag", "at_least": 1},
            "/at_least",
            (
                'tag is a set of texts, which "at_least" doesn\'t compare; expected "is", "is_not", "one_of", "none_of" or '
                '"is_known"'
            ),
        ),
        (
            spend(at_least=1, more_than=2),
            "",
            '"at_least" and "more_than" both bound the figure from below; keep one',
        ),
        (
            spend(equals=1, at_most=2),
            "",
            '"equals" and "at_most" stand in one comparison; only a lower and an upper bound may stand together',
        ),
        # Ranges that are empty: figures are whole numbers, of minor units for money.
        (spend(at_least=6, less_than=2), "", "the range is empty; no figure is at least 6 and less than 2"),
        (spend(at_least=5, less_than=5), "", "the range is empty; no figure is at least 5 and less than 5"),
        (
            {"metric": "orders", "more_than": 2, "less_than": 3},
            "",
            "the range is empty; no figure is more than 2 and less than 3",
        ),
        (
            spend(more_than=Decimal("19.99"), less_than=20),
            "",
            "the range is empty; no figure is more than 19.99 and less than 20",
        ),
        # Targets.
        (
            spend(at_least="2000"),
            "/at_least",
            'found the text "2000", expected a number; write 2000 without quotation marks',
        ),
        (
            spend(at_least="$2,000"),
            "/at_least",
            'found the text "$2,000", expected a number; write 2000, the unit is the program\'s currency',
        ),
        (
            spend(at_least="20 %"),
            "/at_least",
            'found the text "20 %", expected a number; the unit is the program\'s currency',
        ),
        (
            {"metric": "days_since_last_order", "at_most": "60 days"},
            "/at_most",
            'found the text "60 days", expected a whole number; write 60, the unit is days',
        ),
        (
            {"metric": "spend_percentile", "at_least": "80th"},
            "/at_least",
            'found the text "80th", expected a number; write 80, the unit is percent',
        ),
        (
            {"metric": "orders", "at_least": "12 orders"},
            "/at_least",
            'found the text "12 orders", expected a whole number; write only the number, 12',
        ),
        (
            {"metric": "orders", "at_least": "2.5"},
            "/at_least",
            'found the text "2.5", expected a whole number, such as 12',
        ),
        (spend(at_least="much"), "/at_least", 'found the text "much", expected a number, such as 2000'),
        (spend(at_least=True), "/at_least", "found true, expected a number, such as 2000"),
        (spend(at_least=-1), "/at_least", "found -1, expected a number of at least 0"),
        (
            spend(at_least=Decimal("19.999")),
            "/at_least",
            "19.999 has more decimals than USD has (2); write 19.99 or 20.00",
        ),
        (spend(at_least=10**12), "/at_least", "1000000000000 is out of range for an amount of money"),
        (
            {"metric": "orders", "at_least": Decimal("2.5")},
            "/at_least",
            "found 2.5, expected a whole number, such as 12",
        ),
        ({"metric": "rfm", "at_least": 16}, "/at_least", "found 16, expected a whole number from 3 to 15"),
        (
            {"metric": "discounted_share", "at_least": Decimal("12.345")},
            "/at_least",
            "12.345 has more than two decimals; a percentage has at most two, such as 12.5 or 33.33",
        ),
        (
            {"metric": "spend_percentile", "at_least": 101},
            "/at_least",
            "found 101, expected a number from 0 to 100",
        ),
        (
            spend(is_known="true"),
            "/is_known",
            'found the text "true", expected true or false; write true without quotation marks',
        ),
        (
            {"metric": "tag", "one_of": "press"},
            "/one_of",
            'found the text "press", expected a list; write ["press"]',
        ),
        (
            {"metric": "tag", "is": " "},
            "/is",
            'found the text " ", expected a text that isn\'t empty and has no spaces around it',
        ),
        (
            {"metric": "tag", "is": "a, b"},
            "/is",
            'a tag has no comma; for several tags write "one_of": ["a", "b"]',
        ),
        ({"metric": "current_tier", "is": "glod"}, "/is", 'there is no tier "glod"; did you mean "gold"?'),
        # Windows and filters.
        (
            spend(window="0 days", at_least=1),
            "/window",
            (
                '"0 days" is no window; expected "N days", "N weeks", "N months" or "N years" with N from 1, or one of '
                '"calendar year", "previous calendar year", "calendar quarter", "membership year" or "lifetime"'
            ),
        ),
        (
            spend(window="calender year", at_least=1),
            "/window",
            '"calender year" is no window; did you mean "calendar year"?',
        ),
        (
            spend(window="12 monts", at_least=1),
            "/window",
            '"12 monts" is no window; did you mean "12 months"?',
        ),
        (
            spend(window="year", at_least=1),
            "/window",
            '"year" is no window; did you mean "1 year" or "calendar year"?',
        ),
        (spend(window="12m", at_least=1), "/window", '"12m" is no window; did you mean "12 months"?'),
        (
            spend(window="200 years", at_least=1),
            "/window",
            '"200 years" is longer than 100 years; write "lifetime" instead',
        ),
        *(
            (spend(window=text, at_least=1), "/window", f'"{text}" is no window; did you mean "12 months"?')
            for text in ("12months", "12-months", "12 Months", "last 12 months")
        ),
        (
            spend(window="99999999999 days", at_least=1),
            "/window",
            '"99999999999 days" is longer than 100 years; write "lifetime" instead',
        ),
        (
            {"metric": "order_value_trend", "window": "99999999999 days", "at_least": 1},
            "/window",
            '"99999999999 days" is longer than 100 years; write a shorter time',
        ),
        (spend(window=12, at_least=1), "/window", 'found 12, expected a text, such as "12 months"'),
        (
            {"metric": "order_value_trend", "window": "lifetime", "at_least": 1},
            "/window",
            '"lifetime" doesn\'t begin anywhere, as this metric needs; expected a window such as "12 months"',
        ),
        (
            {"metric": "order_value_trend", "at_least": 1},
            "",
            '"window" is missing; order_value_trend needs one that begins somewhere, such as "12 months"',
        ),
        (
            {"metric": "tag", "window": "12 months", "is": "x"},
            "/window",
            'tag has no window; take "window" out',
        ),
        (
            {"metric": "tag", "where": {"sku": "x"}, "is": "x"},
            "/where",
            'tag cannot be narrowed; take "where" out',
        ),
        (
            spend(where={"colour": "red"}, at_least=1),
            "/where/colour",
            'unknown key "colour"; expected "channel", "category", "brand" or "sku"',
        ),
        (
            spend(where={"chanel": "pos"}, at_least=1),
            "/where/chanel",
            'unknown key "chanel"; did you mean "channel"?',
        ),
        (
            spend(where="online", at_least=1),
            "/where",
            'found the text "online", expected an object, such as {"channel": "online"}',
        ),
        (
            spend(where={}, at_least=1),
            "/where",
            'found an empty object, expected at least one key, such as {"channel": "online"}',
        ),
    ],
)
def test_conditions(condition: Any, place: str, message: str) -> None:
    assert problems(changed((QUALIFY, condition))) == {QUALIFY + place: message}
    # The same message, wherever the condition stands.
    inside = changed(("/segments/0/when", {"all": [{"not": condition}]}))
    assert problems(inside) == {f"/segments/0/when/all/0/not{place}": message}


FINE = "19.999 has more decimals than USD has (2); write 19.99 or 20.00"


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (
            spend(where={"chanel": "pos"}, at_least=Decimal("19.999")),
            {"/where/chanel": 'unknown key "chanel"; did you mean "channel"?', "/at_least": FINE},
        ),
        (
            spend(window="12 monts", at_least=Decimal("19.999")),
            {"/window": '"12 monts" is no window; did you mean "12 months"?', "/at_least": FINE},
        ),
        (
            spend(at_leest=1, at_most=Decimal("19.999"), window="150 years"),
            {
                "/at_leest": 'unknown key "at_leest"; did you mean "at_least"?',
                "/at_most": FINE,
                "/window": '"150 years" is longer than 100 years; write "lifetime" instead',
            },
        ),
        (
            spend(at_least=Decimal("19.999"), more_than=-1),
            {
                "": '"at_least" and "more_than" both bound the figure from below; keep one',
                "/at_least": FINE,
                "/more_than": "found -1, expected a number of at least 0",
            },
        ),
        (
            {"metric": "current_tier", "is": "glod", "where": {"sku": "x"}},
            {
                "/is": 'there is no tier "glod"; did you mean "gold"?',
                "/where": 'current_tier cannot be narrowed; take "where" out',
            },
        ),
        (
            {"or": [spend(at_least=Decimal("19.999")), {"metric": "spent", "at_least": 1}, 7]},
            {
                "/or": 'unknown key "or"; did you mean "any"?',
                "/or/0/at_least": FINE,
                "/or/1/metric": 'unknown metric "spent"; did you mean "spend"?',
                "/or/2": f"found 7, expected a condition, such as {EXAMPLE}",
            },
        ),
        (
            {"al": [{"AND": [{"condition": "loyal"}, spend(window="12 monts", at_least=1)]}]},
            {
                "/al": 'unknown key "al"; did you mean "all"?',
                "/al/0/AND": 'unknown key "AND"; did you mean "all"?',
                "/al/0/AND/0/condition": 'there is no condition "loyal"; expected "loyal regular"',
                "/al/0/AND/1/window": '"12 monts" is no window; did you mean "12 months"?',
            },
        ),
        (
            {"any": [spend(at_least=Decimal("19.999"))], "window": "12 months"},
            {
                "/window": 'found "window" beside "any", which stands alone in its object; expected only "any"',
                "/any/0/at_least": FINE,
            },
        ),
        (
            spend(all=[spend(at_least="5")], at_least=Decimal("19.999")),
            {
                "": '"metric" and "all" stand in one condition; each stands alone in its object, '
                'as in {"all": [{…}, {…}]}',
                "/all/0/at_least": 'found the text "5", expected a number; write 5 without quotation marks',
                "/at_least": FINE,
            },
        ),
    ],
)
def test_several_slips_in_one_condition_are_told_at_once(condition: Any, found: dict[str, str]) -> None:
    assert problems(changed((QUALIFY, condition))) == {QUALIFY + place: text for place, text in found.items()}


def test_a_program_without_conditions_has_no_names() -> None:
    document = changed((QUALIFY, {"condition": "loyal regular"}))
    del document["conditions"]
    assert problems(document) == {
        f"{QUALIFY}/condition": 'there is no condition "loyal regular"; the program has no "conditions"; add it there, '
        "or write the condition here"
    }
    listed = changed(("/conditions", [SPEND]))
    assert list(problems(listed)) == ["/conditions"]
