"""The README is true: what can be generated is current, its configurations and programs work, its commands and links exist.

`python -m tests.test_readme`, in the plugin's folder, writes the generated blocks.
"""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from vip_rules.adapter import Intent, Setting
from vip_rules.cli.main import COMMANDS, commands
from vip_rules.config import Config, read_config
from vip_rules.errors import UsageError
from vip_rules.plugins import load_catalogue
from vip_rules.program.load import load_program
from vip_rules.reference import BLOCK

from tests.shopping import ADA, credit, discount, removed, shipping, shopping
from tests.workbench import adapter_at, meta, opening
from vip_rules_woocommerce.adapter import WooCommerceAdapter
from vip_rules_woocommerce.capabilities import CAPABILITIES
from vip_rules_woocommerce.checkup import OLDEST, TRIED
from vip_rules_woocommerce.plugin import SETTINGS, vip_rules_adapters
from vip_rules_woocommerce.webhooks.topics import TOPICS

README: Final = Path(__file__).parents[1] / "README.md"
FENCED: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
COMMAND: Final = re.compile(r"(?:`|^\$ )(vip-rules [^`\n]*)", re.MULTILINE)


def settings() -> Iterator[str]:
    """Every setting."""
    yield from table(
        ["setting", "usual value", "what it says"],
        ([names(name, setting), usual(setting), setting.description] for name, setting in SETTINGS.items()),
    )


def names(name: str, setting: Setting) -> str:
    return f"`{name}_env` or `{name}_file`" if setting.secret else f"`{name}`"


def usual(setting: Setting) -> str:
    if setting.required:
        return "has to be there"
    return "" if setting.default is None else f"`{json.dumps(setting.default)}`"


def kinds() -> Iterator[str]:
    """What is done of each kind, and what WooCommerce refuses."""
    rows = ([f"`{kind}`", can.does, can.lacks] for kind, can in CAPABILITIES.items())
    yield from table(["kind", "what vip-rules does", "what WooCommerce can't do, and what that means"], rows)


def topics() -> Iterator[str]:
    """The topics of webhooks by what they are about."""
    by_resource: dict[str, list[str]] = {}
    for topic in TOPICS:
        by_resource.setdefault(topic.partition(".")[0], []).append(f"`{topic}`")
    rows = ([f"{resource}s", ", ".join(told)] for resource, told in by_resource.items())
    yield from table(["about", "topics"], rows)


GENERATED: Final[Mapping[str, Callable[[], Iterator[str]]]] = {
    "settings": settings,
    "capabilities": kinds,
    "topics": topics,
}


def table(heads: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    for row in [heads, ["---"] * len(heads), *rows]:
        yield f"| {' | '.join(row)} |"


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


def config_of(block: str, folder: Path) -> Config:
    """The configuration that the core reads from a block; every secret of it is there."""
    document: dict[str, Any] = tomllib.loads(block)
    told = document["store"]
    secrets = {"consumer_key": "ck_of_the_readme", "consumer_secret": "cs_of_the_readme"}
    environment = {}
    for key, value in told.items():
        secret = secrets.get(key.removesuffix("_env").removesuffix("_file"), "long0and0random")
        if key.endswith("_env"):
            environment[value] = secret
        if key.endswith("_file"):
            (folder / value).parent.mkdir(parents=True, exist_ok=True)
            (folder / value).write_text(secret, "utf-8")
    (adapter,) = vip_rules_adapters()
    return read_config(folder / "vip-rules.toml", document, {adapter.name: adapter}, environment)


def test_generated_blocks_are_current() -> None:
    assert rewritten(text()) == text(), "run python -m tests.test_readme"
    assert set(GENERATED) == {found["name"] for found in BLOCK.finditer(text())}


@pytest.mark.parametrize("block", blocks("toml"))
def test_configurations_are_accepted_by_the_core_and_by_the_adapter(block: str, tmp_path: Path) -> None:
    config = config_of(block, tmp_path)
    assert config.shop == "atelier"
    adapter = WooCommerceAdapter.open(replace(opening(""), settings=config.settings))
    assert (adapter.webhooks is not None) is ("webhook_secret_env" in block)
    adapter.close()


def test_there_are_configurations_with_each_way_to_keep_a_secret_and_with_webhooks() -> None:
    ways = {key for block in blocks("toml") for key in tomllib.loads(block)["store"]}
    assert {"consumer_key_env", "consumer_key_file", "webhook_url"} <= ways


@pytest.mark.parametrize("block", blocks("json"))
def test_programs_are_valid_and_let_a_discount_and_free_shipping_be_used_together(
    block: str, tmp_path: Path
) -> None:
    file = tmp_path / "program.json"
    file.write_text(block, "utf-8")
    program = load_program(file, load_catalogue())
    assert [tier.name for tier in program.tiers] == ["Silver VIP", "Gold VIP", "Platinum VIP"]
    given = [benefit for tier in json.loads(block)["tiers"] for benefit in tier["benefits"]]
    assert all(benefit["combines_with"] for benefit in given if benefit["type"] == "discount")


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


def test_the_versions_are_those_that_the_doctor_goes_by() -> None:
    told = re.search(r"tried with WooCommerce (\d+\.\d+).*?versions from (\d+\.\d+) on", text(), re.DOTALL)
    assert told is not None
    assert told.groups() == tuple(".".join(map(str, version)) for version in (TRIED, OLDEST))


def test_webhooks_without_a_secret_are_refused_as_the_readme_has_both() -> None:
    with pytest.raises(UsageError, match="webhook_secret_env is missing"):
        adapter_at("https://shop.example.org", webhook_secret=None)


def test_every_key_that_shops_are_told_of_is_written_and_no_other() -> None:
    told = set(re.findall(r"`(vip_rules_[a-z_]+?)(?:_TIER|_2026)?`", text())) - {"vip_rules_key"}
    names = [name.removeprefix("vip_rules_") for name in told if not name.startswith("vip_rules_coupon_")]
    fields = {name: "x" for name in names if name not in ("tags", "no_cart_reminders", "entitlements")}
    payload = {"tags": ["vip-gold", "vip-no-cart-reminders"], "fields": fields}
    listed = {"tier": "gold", "entitlements": []}
    with shopping() as work:
        for intent in (
            Intent(key="customer:1", kind="customer", payload=payload, customer_id="1"),
            Intent(key="entitlements:1", kind="entitlements", payload=listed, customer_id="1"),
            discount(),
            shipping(),
            credit(),
            Intent(key="promotion:gold:1", kind="store_credit", payload=credit().payload, customer_id="1"),
        ):
            work.done(intent)
        written = {key for key in meta(work.shop.customers[1]) if key.startswith("vip_rules_")}
    assert {re.sub(r"(_gold|_2026)$", "", key) for key in written} == told


def test_a_new_member_takes_as_many_requests_as_the_readme_says() -> None:
    told = re.search(
        r"A new member with a discount, free shipping and\s+entitlements takes (\d+) requests", text()
    )
    assert told is not None
    fields = {"tags": ["vip-gold"], "fields": {"tier": "gold"}}
    listed = {"tier": "gold", "entitlements": []}
    with shopping() as work:
        for intent in (
            Intent(key="customer:1", kind="customer", payload=fields, customer_id="1"),
            discount(),
            shipping(),
            Intent(key="entitlements:1", kind="entitlements", payload=listed, customer_id="1"),
        ):
            work.done(intent)
        assert len(work.shop.calls) == int(told[1])


def test_a_lost_coupon_looks_as_the_readme_says_and_comes_back_with_its_code() -> None:
    with shopping() as work:
        put = work.done(discount())
        code = work.coupon(put.key)["code"]
        work.done(removed(put))
        lost = work.coupon(put.key)
        (nobody,) = lost["email_restrictions"]
        assert f"`{nobody}`" in text()
        assert (lost["date_expires"], "1 January 2000" in text()) == ("2000-01-01T00:00:00", True)
        work.done(put)
        assert (work.coupon(put.key)["code"], work.coupon(put.key)["email_restrictions"]) == (code, [ADA])


if __name__ == "__main__":
    README.write_text(rewritten(text()), "utf-8")
