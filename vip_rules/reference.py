"""The reference in the documents, made of the catalogue and of the commands' help, so that it can't be out of date.

`python -m vip_rules.reference FILE…` rewrites, in Markdown files, what stands between `<!-- generated: NAME -->` and
`<!-- end -->`. NAME is one of BLOCKS, or help, alone or with a command's name.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any, Final

import click

from vip_rules.adapter import Setting
from vip_rules.benefits.arguments import Schema
from vip_rules.benefits.definition import BenefitType
from vip_rules.cli.main import COMMANDS, commands
from vip_rules.comparators import ALL, comparators_of
from vip_rules.config import SETTINGS, STORE, TOP
from vip_rules.errors import VipRulesError
from vip_rules.files import customers, events, lines, orders
from vip_rules.files.amounts import Amount
from vip_rules.files.columns import Choice, CurrencyCode, Flag, Identifier, Kind, Moment, Quantity, Tags
from vip_rules.files.sheet import Column
from vip_rules.localdays import day_date, day_number
from vip_rules.logs.fields import FIELDS
from vip_rules.logs.log import events as log_events
from vip_rules.metrics.definition import Metric, Unit, Windows
from vip_rules.metrics.figure import Figure, Where
from vip_rules.metrics.filters import DESCRIPTIONS
from vip_rules.plugins import Catalogue, load_catalogue
from vip_rules.program.cases import cases_schema
from vip_rules.program.load import read_program
from vip_rules.program.wording import written
from vip_rules.windows import Window

BLOCK: Final = re.compile(
    r"^<!-- generated: (?P<name>[^\n]*?) -->\n(?P<content>.*?)^(?P<end><!-- end -->$|(?=<!-- generated)|\Z)",
    re.DOTALL | re.MULTILINE,
)

AS_OF: Final = date(2026, 11, 20)
JOINED: Final = date(2024, 5, 5)
"""The day that windows are shown as of, and the day on which somebody joined for their membership year."""

UNITS: Final = {
    Unit.MONEY: "money, in the program's currency",
    Unit.COUNT: "a whole number",
    Unit.DAYS: "days, a whole number",
    Unit.SCORE: "a score",
    Unit.PERCENT: "percent, with up to two decimals",
    Unit.TEXT: "a text",
    Unit.SET: "several texts",
}

EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "average_order_value": {"at_least": 150},
    "discounted_share": {"at_least": 30},
    "refunded_share": {"less_than": 30},
    "active_months": {"at_least": 10},
    "categories": {"at_least": 3},
    "days_since_first_order": {"at_least": 365},
    "order_frequency_trend": {"at_least": 120},
    "order_value_trend": {"at_least": 120},
    "rfm": {"at_least": 10},
    "events": {"where": {"type": "review"}, "at_least": 3},
    "member_days": {"at_least": 365},
    "tag": {"is": "press"},
    "channel": {"one_of": ["pos", "market"]},
}
"""What the comparisons of some metrics look like."""

UNIT_EXAMPLES: Final[Mapping[Unit, Mapping[str, Any]]] = {
    Unit.MONEY: {"at_least": 2000},
    Unit.COUNT: {"at_least": 12},
    Unit.DAYS: {"at_most": 60},
    Unit.SCORE: {"at_least": 4},
    Unit.PERCENT: {"at_least": 80},
    Unit.TEXT: {"is": "gold"},
    Unit.SET: {"is": "press"},
}
"""What those of all others look like."""

WINDOWS: Final = {
    "90 days": "the last 90 days, today among them",
    "8 weeks": "the last 8 × 7 days, today among them",
    "12 months": "since the day after today's date 12 months ago",
    "2 years": "the same as 24 months",
    "calendar year": "since 1 January",
    "previous calendar year": "the whole year before this one",
    "calendar quarter": "since the first day of January, April, July or October",
    "membership year": "since the last anniversary of the day on which the customer joined the program",
    "lifetime": "everything, also what was before the customer joined; used if no window is given",
}


SHEETS: Final = (
    customers.sheet(customers.PERSONAL),
    orders.SHEET,
    lines.sheet(currency_known=True),
    events.SHEET,
)

IDS: Final = {
    "customer_id": "The customer's id.",
    "order_id": "The order's id.",
    "email": "The customer's email address.",
    "language": "The customer's language, such as `de`.",
}
GUEST: Final = " Blank for a guest, who has no account."
INSTANT: Final = " A local day, or a time of ISO 8601."
"""What the table of columns says by an example."""


class UnknownBlock(VipRulesError):
    """A document asks for a block that isn't generated, or doesn't end one: mend its markers."""


def rewritten(text: str, catalogue: Catalogue) -> str:
    """A document with its generated blocks as they should be. Raises UnknownBlock."""

    def block(found: re.Match[str]) -> str:
        if not found["end"]:
            raise UnknownBlock(
                f"the block {found['name']!r} doesn't end; expected <!-- end --> on a line of its own"
            )
        return f"<!-- generated: {found['name']} -->\n{content(found['name'], catalogue)}\n<!-- end -->"

    return BLOCK.sub(block, text)


def content(name: str, catalogue: Catalogue) -> str:
    """What a generated block holds. Raises UnknownBlock."""
    kind, _, command = name.partition(" ")
    if name in BLOCKS:
        return "\n".join(BLOCKS[name](catalogue))
    if kind == "help" and (not command or command in COMMANDS):
        return f"```text\n{help_of(command)}\n```"
    known = ", ".join([*BLOCKS, "help", *(f"help {command}" for command in COMMANDS)])
    raise UnknownBlock(f"there is no block {name!r} to generate; expected one of {known}")


def help_of(name: str) -> str:
    """The help of a command, or of vip-rules itself (""), as it is shown at a width of 100."""
    root = commands.make_context("vip-rules", [], terminal_width=100, resilient_parsing=True)
    if not name:
        return commands.get_help(root)
    command = commands.get_command(root, name)
    assert command is not None
    return command.get_help(command.make_context(name, [], root, resilient_parsing=True))


def metrics(catalogue: Catalogue) -> Iterator[str]:
    """Every metric: what it is, what can stand in its comparison, and one as an example."""
    for n, metric in enumerate(catalogue.metrics.values()):
        yield from _section(n, metric.name, metric.title, metric.description)
        yield f"- unit: {UNITS[metric.unit]}{_bounds(metric)}"
        yield f"- windows: {_windows_of(metric)}"
        yield f"- where: {_names(metric.filters) or 'none'}"
        yield f"- comparators: {_names(comparator.name for comparator in comparators_of(metric.unit))}"
        if metric.needs:
            yield f"- needs: {', '.join(map(_column, metric.needs))}"
        yield from ("", "```json", written(example(metric)), "```")


def example(metric: Metric) -> dict[str, Any]:
    """A comparison of a metric."""
    window = {} if metric.windows is Windows.NONE else {"window": "12 months"}
    return {"metric": metric.name, **window, **EXAMPLES.get(metric.name, UNIT_EXAMPLES[metric.unit])}


def comparators(_: Catalogue) -> Iterator[str]:
    """The comparators as a table."""
    kinds = {"number": "numbers, money, days, percent", "text": "texts", "any": "all metrics"}
    rows = ([f"`{c.name}`", kinds[c.kind], c.description] for c in ALL)
    yield from _table(["comparator", "for", "holds if"], rows)


def windows(_: Catalogue) -> Iterator[str]:
    """The windows as a table, with the days that count on an example day."""
    yield from _table(
        ["window", "which days count", f"on {_day(AS_OF)}"],
        ([f'`"{name}"`', meaning, _span(Window.of(name))] for name, meaning in WINDOWS.items()),
    )


def filters(catalogue: Catalogue) -> Iterator[str]:
    """The keys of `where` as a table, with the columns that they need."""
    rows = []
    for key, meaning in DESCRIPTIONS.items():
        narrowed = next(metric for metric in catalogue.metrics.values() if key in metric.filters)
        needed = Figure.of(narrowed, None, Where.of({key: "…"})).needs[-1]
        rows.append([f"`{key}`", meaning, _column(needed)])
    yield from _table(["key", "what counts", "needs"], rows)


def benefits(catalogue: Catalogue) -> Iterator[str]:
    """Every type of benefit: what it is, its arguments, an example and how that is said."""
    for n, kind in enumerate(catalogue.benefits.values()):
        yield from _section(n, kind.name, kind.title, kind.description)
        if kind.properties:
            yield from _table(["argument", "needed", "values", "what it says"], _arguments(kind))
            yield ""
        yield from ("```json", written(kind.written), "```", "", f"Said as: {_said(kind)}.")


def columns(_: Catalogue) -> Iterator[str]:
    """The files with their columns, as a table."""
    rows = (
        [
            sheet.name,
            _names(sheet.required),
            _names(name for name in sheet.known if name not in sheet.required),
        ]
        for sheet in SHEETS
    )
    yield from _table(["file", "columns that it must have", "columns that it may have"], rows)


def values(_: Catalogue) -> Iterator[str]:
    """Every column of every file: how its values are written, and what they say, in the words that cases have for it."""
    cases = cases_schema()["items"]["properties"]
    order = cases["orders"]["items"]["properties"]
    said = {
        "customers": cases["customer"]["properties"],
        "orders": order,
        "lines": order["lines"]["items"]["properties"],
        "events": cases["events"]["items"]["properties"],
    }
    rows = (
        [
            sheet.name,
            f"**`{column.name}`**" if column.required else f"`{column.name}`",
            _written(column.kind, said[sheet.name].get(column.name, {}).get("examples", ())),
            _said_of(column, said[sheet.name]),
        ]
        for sheet in SHEETS
        for column in sheet.columns
    )
    yield from _table(["file", "column", "written as", "what it says"], rows)


def settings(catalogue: Catalogue) -> Iterator[str]:
    """The keys of vip-rules.toml as a table, section by section, with those of the adapter that is built in."""
    files = catalogue.adapters["files"].settings
    for n, (section, known) in enumerate({"": TOP, "store": {**STORE, **files}, **SETTINGS}.items()):
        if n:
            yield ""
        yield from _table(
            [f"`[{section}]`" if section else "above all sections", "if left out", "what it says"],
            (
                [_keys(name, setting), _default(setting), setting.description]
                for name, setting in known.items()
            ),
        )


def logs(_: Catalogue) -> Iterator[str]:
    """Everything that the service can log, as a table, and then what its fields tell."""
    yield from _table(
        ["event", "level", "fields", "what happened"],
        ([f"`{one.name}`", one.level, _names(one.fields), one.tells] for one in log_events()),
    )
    yield ""
    yield from _table(
        ["field", "what it tells"], ([f"`{name}`", field.tells] for name, field in FIELDS.items())
    )


def api(_: Catalogue) -> Iterator[str]:
    """Everything that can be asked of the API, with what is given: parameters of the query, members of the body."""
    # It needs what the service needs, and no other block does.
    from vip_rules.server.api.api import OPERATIONS

    asked = []
    for operation in OPERATIONS:
        given = [parameter.name for parameter in operation.parameters if parameter.place == "query"]
        given += operation.body["properties"] if operation.body else []
        asked.append([f"`{operation.method} {operation.path}`", operation.tells, _names(given)])
    yield from _table(["request", "what it does", "what can be given"], asked)


def demo(_: Catalogue) -> Iterator[str]:
    """What `make demo` prints."""
    printed = StringIO()
    with redirect_stdout(printed):
        commands.main(["demo"], standalone_mode=False)
    yield from ("```console", "$ make demo", printed.getvalue().rstrip("\n"), "```")


BLOCKS: Final[Mapping[str, Callable[[Catalogue], Iterator[str]]]] = {
    "metrics": metrics,
    "comparators": comparators,
    "windows": windows,
    "filters": filters,
    "benefits": benefits,
    "columns": columns,
    "values": values,
    "settings": settings,
    "logs": logs,
    "api": api,
    "demo": demo,
}


def _section(n: int, name: str, title: str, description: str) -> Iterator[str]:
    if n:
        yield ""
    yield from (f"#### `{name}`", "", f"**{title}.** {description}", "")


def _keys(name: str, setting: Setting) -> str:
    return f"`{name}_env` or `{name}_file`" if setting.secret else f"`{name}`"


def _default(setting: Setting) -> str:
    value = setting.default
    if value is None:
        return "needed" if setting.required else ""
    # As TOML has it: numbers as they are, all else as JSON.
    return f"`{value if type(value) is int else written(value)}`"


def _column(name: str) -> str:
    file, _, column = name.partition(".")
    return f"the column `{column}` of the {file}"


def _said_of(column: Column, schemas: Mapping[str, Schema]) -> str:
    said: str = IDS.get(column.name) or schemas[column.name]["description"]
    return said.removesuffix(INSTANT) + (GUEST if column.may_be_blank else "")


def _written(kind: Kind, examples: Sequence[str]) -> str:
    match kind:
        case Identifier():
            return "a text"
        case Moment():
            return "`2026-11-20` or `2026-11-20T18:30:00-05:00`"
        case Amount():
            return "`1234.50`"
        case Choice(names):
            return _names(names)
        case CurrencyCode():
            return "`USD`"
        case Flag():
            return "`true` or `false`"
        case Quantity():
            return "`2`"
        case Tags():
            return "texts with commas between them"
        case _:
            return f"a text such as {_names(examples[:1])}" if examples else "a text"


def _bounds(metric: Metric) -> str:
    if metric.unit is not Unit.SCORE or metric.most is None:
        return ""
    return f" from {metric.least} to {metric.most}"


def _windows_of(metric: Metric) -> str:
    return {
        Windows.NONE: "none",
        Windows.ANY: "any; `lifetime` if left out",
        Windows.BOUNDED: "any but `lifetime`; one is needed",
    }[metric.windows]


def _span(window: Window) -> str:
    joined = day_number(JOINED) if window.personal else None
    bounds = window.bounds(day_number(AS_OF), joined)
    first = "the beginning" if bounds.after is None else _day(day_date(bounds.after + 1))
    who = f" (joined on {_day(JOINED)})" if window.personal else ""
    return f"{first} to {_day(day_date(bounds.until))}{who}"


def _arguments(kind: BenefitType) -> Iterator[list[str]]:
    for name, schema in kind.properties.items():
        yield [f"`{name}`", "yes" if name in kind.required else "no", _values(schema), schema["description"]]


def _values(schema: Schema) -> str:
    options = schema.get("enum") or schema.get("items", {}).get("enum")
    if options:
        listed = _names(options)
        return f"a list of {listed}" if schema["type"] == "array" else listed
    match schema.get("format"):
        case "money":
            return "money"
        case "percent":
            return "percent, up to 100"
    if schema["type"] == "integer":
        return f"a whole number from {schema['minimum']} to {schema['maximum']:,}"
    return f"a text such as {written(schema['examples'][0])}" if schema.get("examples") else "a text"


def _said(kind: BenefitType) -> str:
    """The example in words, by loading a program that has it."""
    tier = {
        "id": "vip",
        "name": "VIP",
        "qualify": {"metric": "orders", "at_least": 1},
        "benefits": [kind.written],
    }
    document = {"format": 1, "program": "example", "currency": "USD", "timezone": "UTC", "tiers": [tier]}
    program = read_program(document, "example", Catalogue(load_catalogue().metrics, {kind.name: kind}))
    return program.tiers[0].benefits[0].sentence(program.currency)


def _table(heads: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    for row in [heads, ["---"] * len(heads), *rows]:
        yield f"| {' | '.join(row)} |"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def main(files: Iterable[str]) -> None:
    """Rewrite the generated blocks of Markdown files."""
    catalogue = load_catalogue()
    for path in map(Path, files):
        text = path.read_text(encoding="utf-8")
        new = rewritten(text, catalogue)
        path.write_text(new, encoding="utf-8")
        click.echo(f"{path}: {'is current' if new == text else 'rewritten'}")


if __name__ == "__main__":
    main(sys.argv[1:])
