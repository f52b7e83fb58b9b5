"""The contract of adapters as one suite: a plugin's tests run it with one line, against a workbench of its own.

What an adapter doesn't declare is skipped, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vip_rules.testing.contract.answers import AnswersContract
from vip_rules.testing.contract.effects import EffectsContract
from vip_rules.testing.contract.news import NewsContract
from vip_rules.testing.contract.reading import ReadingContract
from vip_rules.testing.workbench import Workbench


def adapter_contract(make_workbench: Callable[[Path], Workbench]) -> type[AdapterContract]:
    """The suite for an adapter: name it Test…, and pytest runs it. Each test has a workbench and a folder of its own.

    TestContract = adapter_contract(MyWorkbench)
    """

    class Contract(AdapterContract):
        @pytest.fixture
        def workbench(self, tmp_path: Path) -> Iterator[Workbench]:
            workbench = make_workbench(tmp_path)
            yield workbench
            workbench.close()

    return Contract


class AdapterContract(ReadingContract, NewsContract, EffectsContract, AnswersContract):
    """What every adapter keeps to. Subclass it where the workbench needs other fixtures than a folder."""
