import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.database.opened import opened
from vip_rules.database.connection import Database


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that is up to date, to be copied: migrations take their time."""
    folder = tmp_path_factory.mktemp("template")
    opened(folder).close()
    return folder / "vip.db"


@pytest.fixture
def database(tmp_path: Path, template: Path) -> Iterator[Database]:
    shutil.copy(template, tmp_path)
    found = opened(tmp_path)
    yield found
    found.close()
