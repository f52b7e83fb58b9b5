"""Generated programs, as the JSON documents that an author might write."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from hypothesis import reject
from hypothesis import strategies as st

from tests.specification.vocabulary import AMOUNTS, FILTERS, TAGS, TIERS
from vip_rules.errors import InvalidDocument
from vip_rules.metrics.definition import Metric, Unit, Windows
from vip_rules.model import Currency
from vip_rules.plugins import load_catalogue
from vip_rules.program.load import read_program
from vip_rules.program.program import Program
from vip_rules.windows import NAMED

CATALOGUE: Final = load_catalogue()
METRICS: Final = tuple(CATALOGUE.metrics.values())
LOWER, UPPER = ("at_least", "more_than"), ("at_most", "less_than")
ZONES: Final = (
    "Europe/Vienna",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "UTC",
)
UNREACHABLE: Final = "nobody can be in this tier"

LONGEST: Final = {"day": 60, "week": 9, "month": 36, "year": 3}
COUNTS: Final = st.integers(0, 6)
DAYS: Final = st.sampled_from((0, 1, 2, 7, 30, 60, 90, 181, 365, 366, 730))
HUNDREDTHS: Final = st.sampled_from((0, 1, 1999, 2000, 3333, 5000, 6666, 8000, 9999, 10_000, 15_000, 20_000))
NUMBERS: Final = {
    Unit.MONEY: st.sampled_from(AMOUNTS) | st.integers(0, 40_000),
    Unit.COUNT: COUNTS,
    Unit.DAYS: DAYS | COUNTS,
    Unit.SCORE: st.integers(1, 15),
    Unit.PERCENT: HUNDREDTHS | st.integers(0, 10_000),
}
TEXTS: Final = {
    "current_tier": TIERS,
    "highest_tier": TIERS,
    "tag": TAGS,
    "channel": FILTERS["channel"],
}


@st.composite
def programs(draw: st.DrawFn) -> tuple[dict[str, Any], Program]:
    """A document with the program that is read from it."""
    document = draw(documents())
    try:
        return document, read_program(document, "generated.json", CATALOGUE)
    except InvalidDocument as error:
        # Whether a tier can be reached is up to the loader to prove; any other problem is a mistake of the generator.
        if all(UNREACHABLE in problem.message for problem in error.problems):
            reject()
        raise


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A program as an author writes it; its named conditions may refer to earlier ones."""
    currency = Currency.of(draw(st.sampled_from(("EUR", "JPY", "KWD"))))
    tiers = TIERS[: draw(st.integers(1, len(TIERS)))]
    named: dict[str, Any] = {}
    for name in ("regular", "not/so~regular")[: draw(st.integers(0, 2))]:
        named[name] = draw(conditions(currency, tiers, tuple(named), depth=1))
    return {
        "format": 1,
        "program": "generated",
        "currency": currency.code,
        "timezone": draw(st.sampled_from(ZONES)),
        "spend": {"includes_tax": draw(st.booleans()), "includes_shipping": draw(st.booleans())},
        "conditions": named,
        "tiers": [draw(rungs(tier, currency, tiers, tuple(named))) for tier in tiers],
    }


@st.composite
def rungs(
    draw: st.DrawFn, tier: str, currency: Currency, tiers: tuple[str, ...], named: tuple[str, ...]
) -> dict[str, Any]:
    """A tier of a program."""
    rung = {
        "id": tier,
        "name": tier.title(),
        "qualify": draw(conditions(currency, tiers, named, depth=2)),
        "benefits": [],
    }
    if draw(st.integers(0, 3)) == 0:
        rung["keep"] = draw(conditions(currency, tiers, named, depth=1))
    return rung


@st.composite
def conditions(
    draw: st.DrawFn, currency: Currency, tiers: tuple[str, ...], named: tuple[str, ...], depth: int
) -> dict[str, Any]:
    """A condition: a comparison, or a group that is nested at most so deep."""
    groups = ("all", "any", "all", "any", "not") if depth else ()
    kinds = [*groups, "metric", *(["condition"] if named else [])]
    kind = draw(st.sampled_from(kinds))
    if kind == "metric":
        return draw(comparisons(currency, tiers))
    if kind == "condition":
        return {"condition": draw(st.sampled_from(named))}
    inner = conditions(currency, tiers, named, depth - 1)
    if kind == "not":
        return {kind: draw(inner)}
    return {kind: [draw(inner) for _ in range(draw(st.sampled_from((2, 3, 1))))]}


@st.composite
def comparisons(draw: st.DrawFn, currency: Currency, tiers: tuple[str, ...]) -> dict[str, Any]:
    """A comparison of any metric, in any window and with any filter that it allows."""
    metric = draw(st.sampled_from(METRICS))
    comparison: dict[str, Any] = {"metric": metric.name}
    if metric.windows is Windows.BOUNDED or (metric.windows is Windows.ANY and draw(st.booleans())):
        comparison["window"] = draw(windows(bounded=metric.windows is Windows.BOUNDED))
    if metric.filters and draw(st.integers(0, 2)) == 0:
        comparison["where"] = draw(filters(metric.filters))
    tests = text_tests(metric, tiers) if metric.unit.is_text else number_tests(metric, currency)
    return {**comparison, **draw(tests)}


def windows(bounded: bool) -> st.SearchStrategy[str]:
    """A window; a bounded one begins somewhere."""
    rolling = st.sampled_from(sorted(LONGEST)).flatmap(
        lambda unit: st.integers(1, LONGEST[unit]).map(lambda n: f"{n} {unit}{'s' if n > 1 else ''}")
    )
    return rolling | st.sampled_from([name for name in NAMED if not (bounded and name == "lifetime")])


@st.composite
def filters(draw: st.DrawFn, keys: tuple[str, ...]) -> dict[str, str | list[str]]:
    """A filter by one or two keys, each with one value or several."""
    chosen = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=2, unique=True))
    return {
        key: draw(
            st.sampled_from(FILTERS[key])
            | st.lists(st.sampled_from(FILTERS[key]), min_size=1, max_size=3, unique=True)
        )
        for key in chosen
    }


@st.composite
def number_tests(draw: st.DrawFn, metric: Metric, currency: Currency) -> dict[str, Any]:
    """A comparator with its target, or two that make a range, which lets something through."""
    kind = draw(st.sampled_from(("one", "one", "range", "is_known")))
    if kind == "is_known":
        return {"is_known": draw(st.booleans())}
    numbers = NUMBERS[metric.unit].filter(
        lambda n: n >= metric.least and (metric.most is None or n <= metric.most)
    )
    low = draw(numbers)
    if kind == "one":
        return {draw(st.sampled_from((*LOWER, *UPPER, "equals"))): written(low, metric.unit, currency)}
    high = low + draw(st.integers(2, 500))
    if metric.most is not None and high > metric.most:
        return {draw(st.sampled_from(LOWER)): written(low, metric.unit, currency)}
    bounds = [(draw(st.sampled_from(LOWER)), low), (draw(st.sampled_from(UPPER)), high)]
    return {name: written(n, metric.unit, currency) for name, n in draw(st.permutations(bounds))}


@st.composite
def text_tests(draw: st.DrawFn, metric: Metric, tiers: tuple[str, ...]) -> dict[str, Any]:
    """A comparator of texts with its target."""
    known = tiers if TEXTS[metric.name] is TIERS else TEXTS[metric.name]
    comparator = draw(st.sampled_from(("is", "is_not", "one_of", "none_of", "is_known")))
    if comparator == "is_known":
        return {comparator: draw(st.booleans())}
    if comparator in ("is", "is_not"):
        return {comparator: draw(st.sampled_from(known))}
    return {comparator: draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True))}


def written(number: int, unit: Unit, currency: Currency) -> int | Decimal:
    """A target as a program writes it: money in major units, percentages in percent."""
    decimals = {Unit.MONEY: currency.exponent, Unit.PERCENT: 2}.get(unit, 0)
    exact = Decimal(number).scaleb(-decimals)
    return int(exact) if exact == int(exact) else exact
