"""The operator's page is true: its commands, settings and figures exist, and what it says of answers holds."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from vip_rules.adapter import AdapterType, Setting
from vip_rules.cli.main import commands
from vip_rules.config import SETTINGS, STORE, TOP, InvalidConfig, read_config
from vip_rules.environment import FOR_TESTS, keys, variable
from vip_rules.server.telemetry import Telemetry

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
PAGE = (DEPLOY / "README.md").read_text("utf-8")
UNITS = sorted(DEPLOY.glob("*.service"))

FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`([^`]+)`")


def never(_: object) -> None:
    raise AssertionError("a configuration opens no adapter")


def written() -> Iterator[str]:
    """The commands of vip-rules on the page, and in the files beside it."""
    prose = FENCED.sub("", PAGE)
    for found in INLINE.findall(prose):
        yield " ".join(found.split())
    for language, block in FENCED.findall(PAGE):
        if language == "sh":
            yield from block.replace("\\\n", " ").splitlines()
    for unit in UNITS:
        yield from re.findall(r"^ExecStart=(.+)$", unit.read_text("utf-8"), re.MULTILINE)
    entry, command = re.findall(
        r"^(?:ENTRYPOINT|CMD) \[(.+)\]$", (DEPLOY / "Containerfile").read_text("utf-8"), re.MULTILINE
    )
    yield f"{entry} {command}".replace('"', "").replace(",", "")


def called(line: str) -> list[str] | None:
    """The arguments of vip-rules in a command; None for another one."""
    words = shlex.split(line)
    while words and re.match(r"[A-Z_]+=", words[0]):
        words = words[1:]
    if words[:3] == ["podman", "exec", "vip-rules"]:
        words = words[3:]
    if len(words) < 2 or words[0].rpartition("/")[2] not in ("vip-rules", "vip"):
        return None
    return words[1:]


CALLS = sorted({tuple(arguments) for line in written() if "…" not in line and (arguments := called(line))})


def test_the_page_has_commands() -> None:
    names = {arguments[0] for arguments in CALLS}
    assert {
        "serve",
        "worker",
        "doctor",
        "backup",
        "restore",
        "pause",
        "resume",
        "inbox",
        "plans",
        "outbox",
    } <= names


@pytest.mark.parametrize("arguments", CALLS, ids=" ".join)
def test_every_command_can_be_called_as_it_is_written(arguments: tuple[str, ...]) -> None:
    root = commands.make_context("vip-rules", [], resilient_parsing=True)
    command: click.Command | None = commands
    rest = list(arguments)
    while isinstance(command, click.Group) and rest:
        name, *rest = rest
        command = command.get_command(root, name)
        assert command is not None, f"there is no {name}"
    assert command is not None
    # Options are checked, also their values; arguments may be left out in prose.
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in rest if word.startswith("--")} <= options | {"--help"}
    if rest:
        command.make_context(arguments[-1], rest, root, resilient_parsing=True)


@pytest.mark.parametrize(
    "path", sorted(path for path in DEPLOY.iterdir() if path.is_file()), ids=lambda path: path.name
)
def test_every_variable_is_a_setting(path: Path) -> None:
    known = {
        variable(section, key) for section, known in {"": TOP, **SETTINGS}.items() for key in keys(known)
    }
    known |= {variable("store", key) for key in STORE} | FOR_TESTS
    # The secrets of stores are named by their plugins.
    secret = re.compile(r"VIP_RULES_STORE_[A-Z_]+_FILE")
    named = re.findall(r"\bVIP_RULES_[A-Z_]*[A-Z]\b", path.read_text("utf-8"))
    assert {name for name in named if not secret.fullmatch(name)} <= known


@pytest.mark.parametrize(
    "block",
    [block for language, block in FENCED.findall(PAGE) if language == "toml"],
    ids=lambda block: block[:20],
)
def test_every_configuration_is_valid(block: str, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/client-secret").write_text("secret", "utf-8")
    document = tomllib.loads(block)
    store = document.setdefault("store", {"adapter": "any"})
    names = [name.removesuffix("_file") for name in store if name != "adapter"]
    settings = {name: Setting(description=name, secret=f"{name}_file" in store) for name in names}
    adapter = AdapterType(name=store["adapter"], title="", open=never, settings=settings)  # type: ignore[arg-type]
    found = read_config(tmp_path / "vip-rules.toml", document, {store["adapter"]: adapter}, {})
    assert found.database == document["database"]


def test_every_figure_is_told_and_every_one_that_is_told_is_there() -> None:
    told = set(re.findall(r"^# TYPE (\w+) ", Telemetry({}).text().decode(), re.MULTILINE))
    assert set(re.findall(r"^\| `(vip_rules_\w+)`", PAGE, re.MULTILINE)) == {
        name for name in told if not name.endswith("_created")
    }


def test_a_variable_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match="VIP_RULES_SERVER_PROT is no setting"):
        read_config(tmp_path / "vip-rules.toml", {}, {}, {"VIP_RULES_SERVER_PROT": "1"})
