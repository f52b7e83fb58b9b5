"""The README is true: what can be generated is current, its configurations and programs work, its commands and links exist.

`python -m tests.test_readme`, in the plugin's folder, writes the generated blocks.
"""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from vip_rules.adapter import Setting
from vip_rules.cli.main import COMMANDS, commands
from vip_rules.config import read_config
from vip_rules.plugins import load_catalogue
from vip_rules.program.load import load_program
from vip_rules.reference import BLOCK

from vip_rules_shopify.admin.client import VERSION
from vip_rules_shopify.capabilities import capabilities
from vip_rules_shopify.definitions import FIELDS
from vip_rules_shopify.plugin import SETTINGS, vip_rules_adapters
from vip_rules_shopify.scopes import ALL_ORDERS, SCOPES
from vip_rules_shopify.settings import SERVICES, Wishes
from vip_rules_shopify.shops import covered
from vip_rules_shopify.webhooks.topics import COMPLIANCE, TOPICS

README: Final = Path(__file__).parents[1] / "README.md"
FENCED: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
COMMAND: Final = re.compile(r"(?:`|^\$ )(vip-rules [^`\n]*)", re.MULTILINE)

ADDRESS: Final = "https://vip.example.org/webhooks/atelier.myshopify.com"


def settings() -> Iterator[str]:
    """Every setting."""
    yield from table(
        ["setting", "usual value", "what it says"],
        (
            [names(name, setting), usual(name, setting), setting.description]
            for name, setting in SETTINGS.items()
        ),
    )


def names(name: str, setting: Setting) -> str:
    return f"`{name}_env` or `{name}_file`" if setting.secret else f"`{name}`"


def usual(name: str, setting: Setting) -> str:
    if setting.required:
        return "has to be there"
    return "" if setting.default is None else f"`{json.dumps(setting.default)}`"


def scopes() -> Iterator[str]:
    """Every scope, and what doesn't work without it."""
    without = {scope.name: scope.without for scope in SCOPES} | WITHOUT
    rows = [
        [f"**`{ALL_ORDERS}`**", "everything", "orders that are older than 60 days are hidden, in silence"]
    ]
    rows += [
        [f"`{scope.name}`", listed(scope.kinds) if scope.kinds else "everything", scope.without]
        for scope in SCOPES
        if scope.name not in OPTIONAL
    ]
    rows += [[f"`{name}`", "if you like", without[name]] for name in OPTIONAL]
    yield from table(["scope", "needed for", "without it"], rows)


WITHOUT: Final = {
    "read_fulfillments": "webhooks don't tell that an order was packed, sent or delivered",
    "read_inventory": "webhooks don't tell that stock has changed",
}
OPTIONAL: Final = ("read_customer_merge", *WITHOUT)
"""Scopes that only some topics of webhooks need."""


def app() -> Iterator[str]:
    """The parts of an app's own configuration that have to do with vip-rules."""
    wanted = [ALL_ORDERS, *(scope.name for scope in SCOPES), "read_fulfillments"]
    least = [name for name in wanted if not covered([each for each in wanted if each != name], name)]
    topics = ", ".join(f'"{topic}"' for topic in COMPLIANCE)
    yield from (
        "```toml",
        "[access_scopes]",
        f'scopes = "{",".join(least)}"',
        "",
        "[webhooks]",
        f'api_version = "{VERSION}"',
        "",
        "[[webhooks.subscriptions]]",
        f"compliance_topics = [{topics}]",
        f'uri = "{ADDRESS}"',
        "```",
    )


def fields() -> Iterator[str]:
    """The fields that customers get."""
    rows = ([f"`{each.key}`", each.name, f"`{each.type}`", each.description] for each in FIELDS)
    yield from table(["key", "in the admin", "type", "what it holds"], rows)


def kinds() -> Iterator[str]:
    """What is done of each kind, and what Shopify refuses; what codes change is told after that."""
    automatic, code = capabilities(Wishes()), capabilities(Wishes(method="Code"))
    rows = [[f"`{kind}`", can.does, can.lacks] for kind, can in automatic.items()]
    rows += [
        [f'`{kind}`, with `discounts = "code"`', can.does, can.lacks]
        for kind, can in code.items()
        if can != automatic[kind]
    ]
    yield from table(["kind", "what vip-rules does", "what Shopify refuses, and what that means"], rows)


def topics() -> Iterator[str]:
    """The topics of webhooks by the scopes that they need."""
    by_scope: dict[str, list[str]] = {}
    for topic in TOPICS:
        by_scope.setdefault(topic.needs or "", []).append(topic.name)
    rows = ([f"`{scope}`" if scope else "none", listed(told)] for scope, told in by_scope.items())
    yield from table(["scope", "topics"], rows)


GENERATED: Final[Mapping[str, Callable[[], Iterator[str]]]] = {
    "settings": settings,
    "scopes": scopes,
    "app": app,
    "fields": fields,
    "capabilities": kinds,
    "topics": topics,
}


def table(heads: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    for row in [heads, ["---"] * len(heads), *rows]:
        yield f"| {' | '.join(row)} |"


def listed(things: Iterable[str]) -> str:
    return ", ".join(f"`{each}`" for each in sorted(things))


def rewritten(text: str) -> str:
    """The README with its generated blocks as they should be."""

    def block(found: re.Match[str]) -> str:
        content = "\n".join(GENERATED[found["name"]]())
        return f"<!-- generated: {found['name']} -->\n{content}\n<!-- end -->"

    return BLOCK.sub(block, text)


def text() -> str:
    return README.read_text("utf-8")


def blocks(language: str) -> list[str]:
    return [content for name, content in FENCED.findall(text()) if name == language]


def test_generated_blocks_are_current() -> None:
    assert rewritten(text()) == text(), "run python -m tests.test_readme"
    assert set(GENERATED) == {found["name"] for found in BLOCK.finditer(text())}


STORES: Final = [block for block in blocks("toml") if "[store]" in block]


@pytest.mark.parametrize("block", STORES)
def test_stores_are_accepted(block: str, tmp_path: Path) -> None:
    document: dict[str, Any] = tomllib.loads(block)
    told = document["store"]
    environment = {value: "secret" for key, value in told.items() if key.endswith("_env")}
    for file in [value for key, value in told.items() if key.endswith("_file")]:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("secret", "utf-8")
    (adapter,) = vip_rules_adapters()
    config = read_config(tmp_path / "vip-rules.toml", document, {adapter.name: adapter}, environment)
    assert config.shop == "atelier.myshopify.com"


def test_there_are_stores_with_each_way_in() -> None:
    ways = {key for block in STORES for key in tomllib.loads(block)["store"]}
    assert {"client_id", "token_file", "webhook_url"} <= ways


def test_other_configurations_are_toml() -> None:
    assert all(tomllib.loads(block) for block in blocks("toml"))


@pytest.mark.parametrize("block", blocks("json"))
def test_programs_are_valid(block: str, tmp_path: Path) -> None:
    file = tmp_path / "program.json"
    file.write_text(block, "utf-8")
    program = load_program(file, load_catalogue())
    assert len(program.tiers) == len(SERVICES)


@pytest.mark.parametrize("command", sorted(set(COMMAND.findall(text()))))
def test_commands_exist(command: str) -> None:
    _, name, *rest = shlex.split(command)
    assert name in COMMANDS
    found: Any = commands.get_command(commands.make_context("vip-rules", [], resilient_parsing=True), name)
    if rest and rest[0] in getattr(found, "commands", {}):
        found = found.commands[rest[0]]
    options = {option for each in found.params for option in each.opts}
    assert {word for word in rest if word.startswith("--")} <= options


def test_links_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", text(), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for link in LINK.findall(FENCED.sub("", text())):
        if link.startswith("#"):
            assert link[1:] in anchors, link
        else:
            assert (README.parent / link.partition("#")[0]).exists(), link


def test_the_version_is_the_one_that_is_asked_for() -> None:
    assert set(re.findall(r"\b20\d\d-(?:01|04|07|10)\b", text())) == {VERSION}


def test_only_settings_that_there_are_are_named() -> None:
    named = {name for block in blocks("toml") for name in re.findall(r"^(\w+) =", block, re.MULTILINE)}
    known = {"adapter", "scopes", "api_version", "compliance_topics", "uri", *SETTINGS}
    assert {re.sub(r"_(env|file)$", "", name) for name in named} <= known


if __name__ == "__main__":
    README.write_text(rewritten(text()), "utf-8")
