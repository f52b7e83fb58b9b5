"""Phrases: every book says everything that programs speak of, in words of its own."""

from __future__ import annotations

from typing import Any

import pytest
from babel import Locale

from tests.letters.shop import CATALOGUE
from vip_rules.benefits.arguments import amount, percentage, words
from vip_rules.benefits.definition import BenefitType
from vip_rules.comparators import COMPARATORS
from vip_rules.letters.filling import environment
from vip_rules.letters.formats import Formats
from vip_rules.letters.languages import BUILT_IN
from vip_rules.letters.phrases import PhraseBook, Phrases
from vip_rules.metrics.definition import Metric, Part, Unit, Windows
from vip_rules.metrics.figure import Figure, Where
from vip_rules.metrics.filters import DESCRIPTIONS
from vip_rules.model import Currency
from vip_rules.windows import NAMED, Window

USD = Currency.of("USD")

LOUNGE = BenefitType(
    name="lounge",
    title="Lounge",
    description="A lounge.",
    properties={"shop": words("Which."), "worth": amount("How much."), "off": percentage("How much.")},
    required=("shop", "worth", "off"),
    sentence=lambda given, currency: (
        f"the lounge in {given['shop']}, worth {currency.shown(given['worth'])}, {given['off']} off"
    ),
)
BIGGEST = Metric(
    name="biggest_order",
    title="Biggest order",
    description="…",
    unit=Unit.MONEY,
    rows="orders",
    parts={"biggest": Part("most", "value")},
    figure=lambda p: p["biggest"],
    sentence="biggest order {window}",
)


def phrases(language: str) -> Phrases:
    formats = Formats(Locale(language), USD)
    book = PhraseBook(language, environment(formats, None))
    metrics = {**CATALOGUE.metrics, BIGGEST.name: BIGGEST}
    return Phrases(book, formats, metrics, {**CATALOGUE.benefits, LOUNGE.name: LOUNGE}, {"gold": "Gold"})


def lack(metric: str, comparator: str = "at_least", target: Any = "4", **more: Any) -> dict[str, Any]:
    given = {"metric": metric, "figure": "3", comparator: target, "gap": "1", "by": None, **more}
    return {"unit": CATALOGUE.metrics[metric.partition("[")[0]].unit.value, **given}


def book(language: str) -> dict[str, set[str]]:
    sections = PhraseBook(language, environment(Formats(Locale(language), USD), None)).sections
    return {section: set(names) for section, names in sections.items()}


@pytest.mark.parametrize("language", BUILT_IN)
def test_a_book_says_everything_and_nothing_else(language: str) -> None:
    found = book(language)
    assert found["metric"] == set(CATALOGUE.metrics)
    assert found["benefit"] == set(CATALOGUE.benefits)
    assert found["window"] == {"days", "weeks", "months", "years", *NAMED}
    assert found["target"] == {*COMPARATORS, "not_equals", "known", "unknown"} - {"is_known"}
    assert found["filter"] == {"between", "around", *DESCRIPTIONS}
    assert found == book("en")


@pytest.mark.parametrize("language", BUILT_IN)
@pytest.mark.parametrize("name", CATALOGUE.metrics)
def test_every_metric_is_said_in_every_language(name: str, language: str) -> None:
    metric = CATALOGUE.metrics[name]
    window = None if metric.windows is Windows.NONE else Window.of("90 days")
    figure = Figure.of(metric, window)
    if metric.unit.is_text:
        said = phrases(language).lack(lack(figure.key, "is", "gold", figure="x", gap=None))
    else:
        said = phrases(language).lack(lack(figure.key))
    english = phrases("en").lack(lack(figure.key))
    assert "{" not in said
    assert "  " not in said
    assert language == "en" or said != english
    assert ("90" in said) is (window is not None)


@pytest.mark.parametrize("language", BUILT_IN)
@pytest.mark.parametrize("name", CATALOGUE.benefits)
def test_every_choice_of_every_benefit_is_said_in_every_language(name: str, language: str) -> None:
    kind = CATALOGUE.benefits[name]
    said = set()
    examples = [kind.written]
    for argument, schema in kind.properties.items():
        choices = schema.get("enum", [[each] for each in schema.get("items", {}).get("enum", ())])
        examples += [{**kind.written, argument: choice} for choice in choices]
    for example in examples:
        sentence = phrases(language).benefit(example)
        said.add(sentence)
        assert "{" not in sentence
    assert len(said) >= len({str(sorted(map(str, example.items()))) for example in examples})


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        (lack("orders"), "Place 1 more order (orders so far: 3; at least 4 needed)"),
        (
            lack("orders[1 month]", target="5", gap="2"),
            "Place 2 more orders (orders in the last month: 3; at least 5 needed)",
        ),
        (
            lack("days_since_last_order", "at_most", "90", figure="400", gap="310"),
            "Place an order (days since your last order: 400 days; at most 90 days needed)",
        ),
        (
            lack("days_since_last_order", "at_least", "90", figure="89"),
            "Days since your last order: at least 90 days needed, 89 days now; 1 day more",
        ),
        (
            lack("spend", "less_than", "10.00", figure="12.50", gap="2.51"),
            "Spend so far: less than $10 needed, $12.50 now; $2.51 less",
        ),
        (lack("units", "equals", "4", gap="1"), "Buy 1 more item (items bought so far: 3; exactly 4 needed)"),
        (lack("units", "equals", "2", gap="1"), "Items bought so far: exactly 2 needed, 3 now; 1 less"),
        (
            lack("refunded_share[calendar year]", "at_most", "5.00", figure="6.50", gap="1.50", by="2027-07-01"),
            "Returned share in this calendar year: at most 5% needed, 6.5% now; 1.5 percentage points less by July 1, 2027",
        ),
        (
            lack("tag", "one_of", ["vip", "press"], figure="", gap=None),
            "Characteristics: one of vip or press needed, none now",
        ),
        (lack("current_tier", "is", "gold", figure=None, gap=None), "Current tier: Gold needed, not known now"),
        (
            lack("average_order_value", "is_known", True, figure=None, gap=None),
            "Average order value so far: known needed, not known now",
        ),
        (
            lack('spend[12 months, category=bags|"a, b=c|d", channel=pos]', figure="1.00", gap="3.00"),
            "Spend $3 more (spend in the last 12 months (category bags or a, b=c|d, channel pos): $1; at least $4 needed)",
        ),
        (lack("events[type=review]"), "Activities so far (type review): at least 4 needed, 3 now; 1 more"),
        (lack("orders", "at_least", "4", unit="count", by="2027-01-02"),
         "Place 1 more order by January 2, 2027 (orders so far: 3; at least 4 needed)"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_in_english(figure: dict[str, Any], said: str) -> None:
    assert phrases("en").lack(figure) == said


@pytest.mark.parametrize("language", BUILT_IN)
def test_a_filter_is_read_back_as_it_was_written(language: str) -> None:
    where = Where.of({"category": ['quote " and, comma', "plain"], "sku": "[1]"})
    figure = Figure.of(CATALOGUE.metrics["units"], Window.of("calendar quarter"), where)
    said = phrases(language).lack(lack(figure.key))
    assert 'quote " and, comma' in said
    assert "[1]" in said


@pytest.mark.parametrize("language", BUILT_IN)
def test_what_plugins_bring_is_said_in_their_own_words(language: str) -> None:
    says = phrases(language)
    lounge = {"type": "lounge", "shop": "Vienna", "worth": "25.00", "off": "12.5"}
    assert says.benefit(lounge) == "The lounge in Vienna, worth 25.00 USD, 1250 off"
    biggest = {
        "metric": "biggest_order[12 months]",
        "figure": "1.00",
        "at_least": "4.00",
        "gap": "3.00",
        "by": None,
    }
    assert "iggest order in the last 12 months" in says.lack(biggest)
    assert says.benefit({"type": "sky_diving", "text": "a jump"}) == "A jump"
    assert says.benefit({"type": "sky_diving"}) == "Sky diving"
    gone = {
        "metric": "star_sign[4 weeks]",
        "figure": "3",
        "at_least": "4",
        "gap": "1",
        "by": None,
        "unit": "count",
    }
    assert "tar sign" in says.lack(gone)
