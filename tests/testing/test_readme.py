"""The adapter that plugins/README.md shows is registered, and keeps the contracts by the tests that are shown with it."""

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from vip_rules.adapter import Opening
from vip_rules.model import Currency
from vip_rules.plugins import load_catalogue
from vip_rules.testing import StoppedClock
from vip_rules.testing.examples import CUSTOMERS

README = (Path(__file__).parents[2] / "plugins" / "README.md").read_text("utf-8")
ADAPTER, TESTS = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)[1:]


def shown() -> tuple[ModuleType, Any]:
    """The adapter's module, and the contract in its tests."""
    plugin, tests = ModuleType("vip_rules_folder"), ModuleType("test_folder")
    exec(ADAPTER, plugin.__dict__)
    sys.modules[plugin.__name__] = plugin
    try:
        exec(TESTS, tests.__dict__)
    finally:
        del sys.modules[plugin.__name__]
    return plugin, tests.__dict__["TestContract"]


PLUGIN, TestFolder = shown()


def test_the_adapter_of_the_readme_is_chosen_by_its_name(tmp_path: Path) -> None:
    adapters = load_catalogue([PLUGIN]).adapters
    opening = Opening(
        settings={"folder": tmp_path},
        currency=Currency.of("EUR"),
        timezone=ZoneInfo("Europe/Vienna"),
        clock=StoppedClock(CUSTOMERS[0].created_at),  # type: ignore[arg-type]
    )
    assert adapters["folder"].open(opening).shop().currency == "EUR"


@pytest.mark.slow
def test_the_adapter_of_the_readme_goes_on_after_crashes(tmp_path: Path) -> None:
    (tmp_path / "vip_rules_folder.py").write_text(ADAPTER, "utf-8")
    (tmp_path / "test_folder.py").write_text(TESTS, "utf-8")
    options = ["-q", "-rs", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), "-o", "markers=slow: it is"]
    chosen = "TestCrashes and (killed-3 or cut or without)"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-k", chosen, str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.search(r"^4 passed, 8 skipped", run.stdout, re.MULTILINE), run.stdout
    assert "the adapter sends no request" in run.stdout
