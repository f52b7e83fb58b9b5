from collections.abc import Iterator

import pytest

from tests.apply.conftest import atelier, opened, running
from vip_rules.testing.databases import Databases, Files

__all__ = ["atelier", "opened", "running"]


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """What should be in the store doesn't depend on where the shop's data are kept."""
    files = Files()
    yield files
    files.close()
