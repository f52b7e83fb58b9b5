"""What holds in the whole repository: which way imports go, no float is money, nothing names a machine."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
PLUGINS = sorted((ROOT / "plugins").glob("vip-rules-*"))
PACKAGES = [ROOT / "vip_rules", *(plugin / plugin.name.replace("-", "_") for plugin in PLUGINS)]

FLOATS = {"Float32", "Float64", "mean", "median", "quantile", "truediv"}
EXEMPT = "# not money"

NOT_OURS = re.compile(
    r"(?:^|/)(?:\.(?!ci|gitignore)|node_modules/|__pycache__/|build/|dist/|benchmarks/data/)"
)
MACHINE = re.compile(
    r"(?<![\w./~])/(?:home|root|tmp|work)/|pypi\.org|pythonhosted\.org|npmjs\.(?:com|org)|debian\.org"
)


@pytest.mark.parametrize("project", [ROOT, *PLUGINS], ids=lambda project: project.name)
def test_imports_go_one_way(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = lint_imports(config_filename=str(project / "pyproject.toml"), no_cache=True, no_logo=True)
    assert not broken, capsys.readouterr().out


def test_the_core_knows_no_platform() -> None:
    core, *plugins = PACKAGES
    names = re.compile("|".join(plugin.name for plugin in plugins))
    assert plugins
    assert not [path for path in core.rglob("*.py") if names.search(path.read_text("utf-8"))]


def test_money_is_never_a_float() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for package in PACKAGES
        for path in sorted(package.rglob("*.py"))
        for line, what in floats(path.read_text("utf-8"))
    ]
    assert not found, f"use integers or Decimal, or end the line with '{EXEMPT}':\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("amount = float(text)", ["float()"]),
        ("half = 0.5", ["0.5"]),
        ("share = part / whole", ["/"]),
        ("share /= whole", ["/"]),
        ("column.cast(nw.Float64)", ["Float64"]),
        ("from polars import Float32", ["Float32"]),
        ("column.mean()", ["mean"]),
        ("share = part // whole", []),
        ("path = folder / 'orders.csv'", []),
        ("path = folder / f'{name}.csv'", []),
        ("isinstance(amount, float)", []),
        ("seconds = 0.5  # not money", []),
    ],
)
def test_floats_are_found(source: str, found: list[str]) -> None:
    assert [what for _, what in floats(source)] == found


def test_nothing_names_a_machine_or_a_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted(ROOT.rglob("*"))
        if not NOT_OURS.search(path.relative_to(ROOT).as_posix()) and path.is_file()
        for number, line in enumerate(path.read_text("utf-8", errors="ignore").splitlines(), 1)
        if MACHINE.search(line)
    ]
    assert not found, "\n".join(found)


def floats(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of all that makes a float, which refusing one doesn't. A `/` beside a text is a path's."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=float() as value):
                what = str(value)
            case ast.Call(func=ast.Name(id="float")):
                what = "float()"
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name) if name in FLOATS:
                what = name
            case ast.BinOp(op=ast.Div()) if not (is_text(node.left) or is_text(node.right)):
                what = "/"
            case ast.AugAssign(op=ast.Div()):
                what = "/"
            case _:
                continue
        if not lines[node.lineno - 1].endswith(EXEMPT):
            yield node.lineno, what


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
