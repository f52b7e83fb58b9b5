"""The contract of going on after crashes, as tests: a plugin runs them against its own store over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from vip_rules.testing.databases import Databases, Files
from vip_rules.testing.days import NAMES
from vip_rules.testing.dying import careless
from vip_rules.testing.rehearsal import Accident, Rehearsal
from vip_rules.testing.workbench import Workbench

CHUNKS: Final = 4
"""Into so many tests the moments of a day are dealt out, for several processes to share them."""


def crash_contract(make_workbench: Callable[[Path], Workbench]) -> type[CrashContract]:
    """The suite for an adapter: name it Test…, mark it as slow, and pytest runs it, with one workbench for all its tests.

    TestCrashes = pytest.mark.slow(crash_contract(MyWorkbench))
    """

    class Contract(CrashContract):
        @pytest.fixture(scope="class")
        @classmethod
        def workbench(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
            workbench = make_workbench(tmp_path_factory.mktemp("workbench"))
            yield workbench
            workbench.close()

    return Contract


@pytest.mark.parametrize("day", NAMES)
class CrashContract:
    """Whatever happens while a shop is synced, planned and applied: going on ends as if nothing had happened.

    Nothing is doubled and nothing is lost. A credit that was under way may be left to a person, there once or not at all.
    Subclass it where the workbench needs other fixtures than a folder.
    """

    @pytest.fixture(scope="class")
    @classmethod
    def workbench(cls) -> Workbench | Iterator[Workbench]:
        """The workbench of all tests; it needs `opener`, `snapshot` and `restore`."""
        raise NotImplementedError("give the suite its workbench: override this fixture")

    @pytest.fixture(scope="class")
    @classmethod
    def databases(cls) -> Iterator[Databases]:
        """Where the shop keeps what it knows: in files."""
        files = Files()
        yield files
        files.close()

    @pytest.fixture(scope="class")
    @classmethod
    def rehearsal(
        cls, workbench: Workbench, databases: Databases, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[Rehearsal]:
        """The shop's days, and how they end without an accident."""
        event.listen(Pool, "checkout", careless)
        yield Rehearsal(workbench, databases, tmp_path_factory.mktemp("rehearsal"))
        event.remove(Pool, "checkout", careless)

    def test_a_day_without_an_accident_goes_well(self, rehearsal: Rehearsal, day: str) -> None:
        """All is done, and it is in the store, once."""
        rehearsal.straight(day)

    @pytest.mark.parametrize("chunk", range(CHUNKS))
    @pytest.mark.parametrize("accident", ["killed", "cut off"])
    def test_an_accident_at_any_moment_doubles_and_loses_nothing(
        self, rehearsal: Rehearsal, day: str, accident: Accident, chunk: int
    ) -> None:
        """Killed after each COMMIT and each request; cut off before each request, and before its answer."""
        if not rehearsal.straight(day).points[accident]:
            pytest.skip("the adapter sends no request by urllib3, as requests does")
        rehearsal.check(day, accident, chunk, CHUNKS)
