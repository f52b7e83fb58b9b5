"""Generated programs, as the JSON documents that an author might write."""

from __future__ import annotations

from dataclasses import dataclass
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
from vip_rules.windows import NAMED

CATALOGUE: Final = load_catalogue()
METRICS: Final = tuple(CATALOGUE.metrics.values())
LOWER, UPPER = ("at_least", "more_than"), ("at_most", "less_than")
ZONES: Final = (
    *("Europe/Vienna", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "UTC"),
)
UNREACHABLE: Final = "nobody can be in this tier"
LONGEST: Final = {"day": 60, "week": 9, "month": 26, "year": 3}

HUNDREDTHS: Final = (0, 1, 1999, 2000, 3333, 5000, 6666, 8000, 9999, 10_000, 15_000, 20_000)
NUMBERS: Final = {
    Unit.MONEY: st.sampled_from(AMOUNTS) | st.integers(0, 40_000),
    Unit.COUNT: st.integers(0, 6),
    Unit.DAYS: st.sampled_from((0, 1, 2, 7, 30, 60, 90, 181, 365, 366, 730)),
    Unit.SCORE: st.integers(1, 15),
    Unit.PERCENT: st.sampled_from(HUNDREDTHS) | st.integers(0, 10_000),
}
TEXTS: Final = {"tag": TAGS, "channel": FILTERS["channel"]}


@dataclass(frozen=True)
class Scheme:
    """What one program is made of: few metrics, windows and filters, so that its rules are about the same rows."""

    currency: Currency
    tiers: tuple[str, ...]
    metrics: tuple[Metric, ...]
    windows: tuple[str, ...]
    filters: tuple[str, ...]


@st.composite
def programs(draw: st.DrawFn) -> dict[str, Any]:
    """The document of a program that is valid."""
    document = draw(documents())
    try:
        read_program(document, "generated.json", CATALOGUE)
    except InvalidDocument as error:
        # Whether a tier can be reached is up to the loader to prove; any other problem is a mistake of the generator.
        if all(UNREACHABLE in problem.message for problem in error.problems):
            reject()
        raise
    return document


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A program as an author writes it; its named conditions may refer to earlier ones."""
    scheme = draw(schemes())
    named: dict[str, Any] = {}
    for name in ("regular", "not/so~regular")[: draw(st.sampled_from((0, 1, 2, 0)))]:
        named[name] = draw(conditions(scheme, tuple(named), depth=1))
    return {
        "format": 1,
        "program": "generated",
        "currency": scheme.currency.code,
        "timezone": draw(st.sampled_from(ZONES)),
        "spend": {"includes_tax": draw(st.booleans()), "includes_shipping": draw(st.booleans())},
        "conditions": named,
        "tiers": [draw(rungs(tier, scheme, tuple(named))) for tier in scheme.tiers],
    }


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    """Up to three metrics, or all of them; up to three windows; one key to filter by, or all."""
    return Scheme(
        currency=Currency.of(draw(st.sampled_from(("EUR", "JPY", "KWD")))),
        tiers=TIERS[: draw(st.sampled_from((2, 3, 1, 4)))],
        metrics=tuple(draw(st.lists(st.sampled_from(METRICS), min_size=1, max_size=3) | st.just(METRICS))),
        windows=tuple(draw(st.lists(windows(), min_size=1, max_size=3))),
        filters=draw(st.sampled_from([tuple(FILTERS), *((key,) for key in FILTERS)])),
    )


@st.composite
def rungs(draw: st.DrawFn, tier: str, scheme: Scheme, named: tuple[str, ...]) -> dict[str, Any]:
    """A tier of a program."""
    qualify = draw(conditions(scheme, named, depth=2))
    rung = {"id": tier, "name": tier.title(), "qualify": qualify, "benefits": []}
    if draw(st.integers(0, 4)) == 0:
        rung["keep"] = draw(conditions(scheme, named, depth=1))
    return rung


@st.composite
def conditions(draw: st.DrawFn, scheme: Scheme, named: tuple[str, ...], depth: int) -> dict[str, Any]:
    """A condition: a comparison, or a group that is nested at most so deep."""
    groups = ("all", "any", "all", "any", "not") if depth else ()
    kind = draw(st.sampled_from([*groups, "metric", *(["condition"] if named else [])]))
    if kind == "metric":
        return draw(comparisons(scheme))
    if kind == "condition":
        return {"condition": draw(st.sampled_from(named))}
    inner = conditions(scheme, named, depth - 1)
    if kind == "not":
        return {"not": draw(inner)}
    return {kind: [draw(inner) for _ in range(draw(st.sampled_from((2, 3, 1))))]}


@st.composite
def comparisons(draw: st.DrawFn, scheme: Scheme) -> dict[str, Any]:
    """A comparison of a metric, in a window and with a filter that it allows."""
    metric = draw(st.sampled_from(scheme.metrics))
    comparison: dict[str, Any] = {"metric": metric.name}
    bounded = metric.windows is Windows.BOUNDED
    if bounded or (metric.windows is Windows.ANY and draw(st.booleans())):
        window = draw(st.sampled_from(scheme.windows))
        comparison["window"] = "12 months" if bounded and window == "lifetime" else window
    keys = [key for key in metric.filters if key in scheme.filters or len(metric.filters) == 1]
    if draw(st.booleans()) and keys:
        comparison["where"] = draw(filters(keys))
    tests = text_tests(metric, scheme) if metric.unit.is_text else number_tests(metric, scheme)
    return {**comparison, **draw(tests)}


def windows() -> st.SearchStrategy[str]:
    """Any window; rolling ones up to some years."""
    rolling = st.sampled_from(sorted(LONGEST)).flatmap(
        lambda unit: st.integers(1, LONGEST[unit]).map(lambda n: f"{n} {unit}{'s' if n > 1 else ''}")
    )
    return rolling | st.sampled_from(NAMED)


@st.composite
def filters(draw: st.DrawFn, keys: list[str]) -> dict[str, str | list[str]]:
    """A filter by one or two keys, each with one value or several."""
    where: dict[str, str | list[str]] = {}
    for key in draw(st.lists(st.sampled_from(keys), min_size=1, max_size=2, unique=True)):
        values = draw(st.lists(st.sampled_from(FILTERS[key]), min_size=1, max_size=2, unique=True))
        alone = len(values) == 1 and draw(st.booleans())
        where[key] = values[0] if alone else values
    return where


@st.composite
def number_tests(draw: st.DrawFn, metric: Metric, scheme: Scheme) -> dict[str, Any]:
    """A comparator with its target, or two that make a range, which lets something through."""
    kind = draw(st.sampled_from(("one", "one", "one", "range", "is_known")))
    if kind == "is_known":
        return {"is_known": draw(st.booleans())}
    most = metric.most or 10**6
    low = min(max(draw(NUMBERS[metric.unit]), metric.least), most)
    high = low + draw(st.sampled_from((2, 3, 10, 500)))
    if kind == "one" or high > most:
        return {draw(st.sampled_from((*LOWER, *UPPER, "equals"))): written(low, metric.unit, scheme.currency)}
    bounds = [(draw(st.sampled_from(LOWER)), low), (draw(st.sampled_from(UPPER)), high)]
    return {name: written(n, metric.unit, scheme.currency) for name, n in draw(st.permutations(bounds))}


@st.composite
def text_tests(draw: st.DrawFn, metric: Metric, scheme: Scheme) -> dict[str, Any]:
    """A comparator of texts with its target."""
    known = st.sampled_from(TEXTS.get(metric.name, scheme.tiers))
    comparator = draw(st.sampled_from(("is", "is_not", "one_of", "none_of", "is_known")))
    if comparator == "is_known":
        return {comparator: draw(st.booleans())}
    if comparator in ("is", "is_not"):
        return {comparator: draw(known)}
    return {comparator: draw(st.lists(known, min_size=1, max_size=3, unique=True))}


def written(number: int, unit: Unit, currency: Currency) -> int | Decimal:
    """A target as a program writes it: money in major units, percentages in percent."""
    decimals = {Unit.MONEY: currency.exponent, Unit.PERCENT: 2}.get(unit, 0)
    exact = Decimal(number).scaleb(-decimals)
    return int(exact) if exact == int(exact) else exact
