"""Plugins: the built-ins come through the hooks, a third party's metric works like them, and mistakes fail loudly."""

import re
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from vip_rules.errors import PluginError
from vip_rules.evaluate import evaluate
from vip_rules.history import History
from vip_rules.hookspecs import hookimpl
from vip_rules.metrics.definition import Metric, Windows
from vip_rules.metrics.figure import Figure
from vip_rules.metrics.spend import SPEND
from vip_rules.model import Customer, Order
from vip_rules.plugins import Catalogue, load_catalogue
from vip_rules.program.load import read_program
from vip_rules.windows import Window

README = (Path(__file__).parents[1] / "plugins" / "README.md").read_text("utf-8")


def readme_plugin() -> ModuleType:
    """The plugin that plugins/README.md shows, as a module."""
    plugin = ModuleType("vip_rules_splurge")
    code, *_ = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    exec(code, plugin.__dict__)
    return plugin


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_the_plugin_of_the_readme_is_used_like_the_built_in_ones(engine: str) -> None:
    with_plugin = load_catalogue([readme_plugin()])
    document = {
        "format": 1,
        "program": "splurge",
        "currency": "USD",
        "timezone": "UTC",
        "tiers": [
            {
                "id": "vip",
                "name": "VIP",
                "qualify": {"metric": "biggest_order", "window": "30 days", "at_least": 90},
                "benefits": [{"type": "garden_visit", "guests": 2}],
            }
        ],
    }
    program = read_program(document, "splurge.json", with_plugin)
    orders = [Order("1", "a", 100, 9_500), Order("2", "a", 90, 2_000), Order("3", "b", 20, 99_900)]
    qualifications = evaluate(
        program, History.of([Customer("a", 0), Customer("b", 0)], orders), 100, engine=engine
    )
    assert qualifications.frame["tier"].to_list() == ["vip", None]
    assert qualifications.frame["biggest_order[30 days]"].to_list() == [9_500, None]
    assert program.tiers[0].benefits[0].sentence(program.currency) == "a garden visit with 2 guests"


def test_a_misspelt_hook_fails_loudly() -> None:
    class Misspelt:
        @hookimpl
        def vip_rules_metric(self) -> Iterable[Metric]:
            return []

    with pytest.raises(PluginError, match="vip_rules_metric"):
        load_catalogue([Misspelt()])


def test_a_name_can_be_taken_once() -> None:
    class Again:
        @hookimpl
        def vip_rules_metrics(self) -> Iterable[Metric]:
            return [SPEND]

    with pytest.raises(PluginError, match="'spend'"):
        load_catalogue([Again()])


def test_every_metric_is_described_and_says_itself(catalogue: Catalogue) -> None:
    assert len(catalogue.metrics) == 24
    for metric in catalogue.metrics.values():
        assert metric.title
        assert metric.description.endswith(".")
        assert ("{window}" in metric.sentence) == (metric.windows is not Windows.NONE)
        phrase = Figure.of(metric, Window.of("12 months")).phrase
        assert phrase == phrase.strip()
        assert "{" not in phrase


def test_the_catalogue_is_loaded_anew_each_time() -> None:
    assert "biggest_order" in load_catalogue([readme_plugin()]).metrics
    assert "biggest_order" not in load_catalogue().metrics


def test_an_object_without_hooks_adds_nothing(catalogue: Catalogue) -> None:
    assert load_catalogue([SimpleNamespace()]).metrics.keys() == catalogue.metrics.keys()


def test_an_installed_plugin_is_found_and_can_be_switched_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, *_ = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    (tmp_path / "vip_rules_splurge.py").write_text(code)
    info = tmp_path / "vip_rules_splurge-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: vip-rules-splurge\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[vip_rules]\nsplurge = vip_rules_splurge\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "biggest_order" in load_catalogue().metrics
    assert "biggest_order" not in load_catalogue(switched_off=["splurge"]).metrics
