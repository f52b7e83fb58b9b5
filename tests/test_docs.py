"""The documents are true: generated blocks are current, every JSON block is valid, every command prints what is shown."""

import io
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from vip_rules import reference
from vip_rules.cases.reading import read_cases
from vip_rules.cli.main import main
from vip_rules.plugins import load_catalogue
from vip_rules.program.load import load_program

ROOT = Path(__file__).parents[1]
RULES = ROOT / "rules"
DOCUMENTS = ("README.md", "rules/README.md", "deploy/README.md")

FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")

COMPARISON = '{"metric": "spend", "window": "12 months", "at_least": 2000}'
"""The condition of the first program, in whose place mistakes are put."""

AROUND = {
    "condition": '"qualify": %s',
    "benefit": '"qualify": {"metric": "orders", "at_least": 1}, "benefits": [%s]',
}
PROGRAM = """{
  "format": 1, "program": "around", "currency": "USD", "timezone": "UTC",
  "conditions": {"loyal regular": {"metric": "orders", "window": "12 months", "at_least": 12}},
  "tiers": [
    {"id": "vip", "name": "VIP", %s},
    {"id": "gold", "name": "Gold", "qualify": {"metric": "units", "window": "77 days", "at_least": 9000}}]
}"""


@dataclass(frozen=True)
class Block:
    """A fenced block of a document; `program` and `cases` are the latest ones before it, `said` the text right after it.

    `files` are the CSV files before it, each with the name that the line above it ends with.
    """

    document: str
    line: int
    language: str
    text: str
    program: str = ""
    cases: str = ""
    first: str = ""
    files: tuple[tuple[str, str], ...] = ()
    said: str = ""
    config: str = ""

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


def blocks(document: str) -> list[Block]:
    path = ROOT / document
    text = path.read_text("utf-8") if path.exists() else ""
    found: list[Block] = []
    program = cases = first = config = ""
    files: tuple[tuple[str, str], ...] = ()
    for match in FENCED.finditer(text):
        said = FENCED.match(text, match.end() + 1)
        found.append(
            Block(
                document,
                text.count("\n", 0, match.start()) + 1,
                match[1],
                match[2],
                program,
                cases,
                first,
                files,
                said[2] if said and said[1] == "text" else "",
                config,
            )
        )
        if match[1] == "toml" and "[store]" in match[2]:
            config = match[2]
        if match[1] == "json" and match[2].startswith("{\n") and '"format"' in match[2]:
            program, first = match[2], first or match[2]
        if match[1] == "csv":
            (name,) = re.findall(r"`([^`]+)`:\n\n$", text[: match.start()])
            files = (*files, (name, match[2]))
        if match[1] == "json" and match[2].startswith("[\n"):
            cases = match[2]
    return found


ALL = [block for document in DOCUMENTS for block in blocks(document)]
JSON = [block for block in ALL if block.language == "json"]
MISTAKES = [block for block in JSON if block.said]
EXAMPLES = [block for block in JSON if not block.said]
CONSOLES = [block for block in ALL if block.language == "console"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_generated_blocks_are_current(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    assert reference.rewritten(text, load_catalogue()) == text, (
        f"run python -m vip_rules.reference {document}"
    )


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for link in LINK.findall(FENCED.sub("", text)):
        if link.startswith("#"):
            assert link[1:] in anchors, link
        elif "://" not in link:
            assert (ROOT / document).parent.joinpath(link.partition("#")[0]).exists(), link


def test_the_tutorial_has_examples_of_every_kind() -> None:
    assert len(EXAMPLES) > 40
    assert len(MISTAKES) > 10
    assert len(CONSOLES) > 5


@pytest.mark.parametrize("block", EXAMPLES, ids=str)
def test_json_blocks_are_valid(block: Block, tmp_path: Path) -> None:
    value = json.loads(block.text)
    catalogue = load_catalogue()
    file = tmp_path / "example.json"
    if isinstance(value, list):
        file.write_text(block.program, "utf-8")
        cases = tmp_path / "example.cases.json"
        cases.write_text(block.text, "utf-8")
        assert read_cases(cases, load_program(file, catalogue), catalogue)
    elif "json.schemas" in value:
        (schema,) = value["json.schemas"]
        assert (RULES / schema["url"]).exists()
    elif "times" in value:
        case = {"description": "…", "as_of": "2026-11-20", "expect": {"tier": None}, "others": [value]}
        cases = tmp_path / "example.cases.json"
        cases.write_text(json.dumps([case]), "utf-8")
        assert read_cases(cases, load_program(RULES / "rfm.json", catalogue), catalogue)
    else:
        kind = "benefit" if "type" in value else "condition"
        file.write_text(block.text if "format" in value else PROGRAM % AROUND[kind] % block.text, "utf-8")
        load_program(file, catalogue)


@pytest.mark.parametrize("block", MISTAKES, ids=str)
def test_mistakes_have_the_messages_that_are_shown(block: Block, tmp_path: Path) -> None:
    (tmp_path / "my-vip.json").write_text(mistaken(block), "utf-8")
    printed = [line.strip() for line in run("vip-rules validate my-vip.json", tmp_path).splitlines()]
    errors = [line for line in printed if line.startswith("error: ")]
    shown = block.said.splitlines()
    assert shown == errors if errors else set(shown) <= set(printed)


def mistaken(block: Block) -> str:
    """The first program of the tutorial with a mistake put into its place."""
    snippet = block.text.strip()
    program = json.loads(block.first)
    if snippet.startswith('{"tiers"'):
        return json.dumps(program | json.loads(snippet))
    if snippet.startswith('{"type"'):
        program["tiers"][0]["benefits"] = [json.loads(snippet)]
        return json.dumps(program)
    assert COMPARISON in block.first
    return block.first.replace(COMPARISON, snippet)


@pytest.mark.parametrize("block", CONSOLES, ids=str)
def test_commands_print_what_is_shown(block: Block, tmp_path: Path) -> None:
    for command, shown in commands(block):
        printed = run(command, folder(block, tmp_path))
        # Where nothing is shown the command has to run; an … in a line stands for anything.
        assert not shown or re.fullmatch(re.escape(shown).replace("…", "[^\n]*"), printed), printed


def folder(block: Block, tmp_path: Path) -> Path:
    """Where the reader of a document is, with what they have saved so far."""
    rules = tmp_path / "rules"
    if not rules.exists():
        shutil.copytree(RULES, rules)
    here = (tmp_path / block.document).parent
    name = "my-vip" if here == rules else "program"
    for file, text in (
        (f"{name}.json", block.program),
        (f"{name}.cases.json", block.cases),
        ("vip-rules.toml", block.config),
        *block.files,
    ):
        if text:
            (here / file).write_text(text, "utf-8")
    return here


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """The commands of vip-rules in a console, each with what it prints."""
    for step in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, shown = step.replace("\\\n", "").partition("\n")
        if re.match(r"(\S*/)?vip-rules ", command):
            yield command, shown


def run(command: str, here: Path) -> str:
    """What a command prints in a folder: what it says about its work, then its result."""
    _, *arguments = shlex.split(command)
    out, err = io.StringIO(), io.StringIO()
    into = None
    if ">" in arguments:
        arguments, into = arguments[: arguments.index(">")], arguments[-1]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(here)
        try:
            main(arguments)
        except SystemExit as done:
            assert done.code in (None, 0, 1), err.getvalue()  # noqa: PT017 - a command's exit is its answer
    if into:
        (here / into).write_text(out.getvalue(), "utf-8")
        return err.getvalue()
    return err.getvalue() + out.getvalue()


def test_an_unknown_block_is_named() -> None:
    with pytest.raises(
        reference.UnknownBlock, match=r"there is no block 'metrix' to generate; expected one of metrics, "
    ):
        reference.rewritten("<!-- generated: metrix -->\n<!-- end -->\n", load_catalogue())


@pytest.mark.parametrize("rest", ["text\n", "text\n<!-- generated: filters -->\n<!-- end -->\n"])
def test_a_block_without_an_end_is_named(rest: str) -> None:
    with pytest.raises(reference.UnknownBlock, match="the block 'metrics' doesn't end"):
        reference.rewritten("<!-- generated: metrics -->\n" + rest, load_catalogue())


def test_only_generated_blocks_are_rewritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "page.md"
    file.write_text("before\n<!-- generated: filters -->\nold\n<!-- end -->\nafter\n", "utf-8")
    reference.main([str(file)])
    text = file.read_text("utf-8")
    assert text.startswith("before\n<!-- generated: filters -->\n| key |")
    assert text.endswith("|\n<!-- end -->\nafter\n")
    reference.main([str(file)])
    assert capsys.readouterr().out == f"{file}: rewritten\n{file}: is current\n"


@pytest.mark.parametrize("name", load_catalogue().metrics)
def test_the_reference_has_every_metric(name: str) -> None:
    assert f"\n#### `{name}`\n" in "\n" + reference.content("metrics", load_catalogue())


@pytest.mark.parametrize("name", load_catalogue().benefits)
def test_the_reference_has_every_benefit(name: str) -> None:
    assert f"\n#### `{name}`\n" in "\n" + reference.content("benefits", load_catalogue())
