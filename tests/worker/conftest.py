import pytest

from tests.apply.conftest import _quick, atelier, opened, running
from tests.worker.day import Straight, straight_of
from vip_rules.testing.databases import Databases

__all__ = ["_quick", "atelier", "opened", "running"]


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Straight:
    """A day on which nobody dies."""
    return straight_of(tmp_path_factory.mktemp("straight"), databases)
