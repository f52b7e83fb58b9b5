"""What all tests share: how much Hypothesis tries (many examples with VIP_RULES_HYPOTHESIS=thorough), and a database."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.database.opened import opened
from vip_rules.database.connection import Database

settings.register_profile("default", max_examples=50, derandomize=True, deadline=None, database=None)
settings.register_profile("thorough", max_examples=2_000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("VIP_RULES_HYPOTHESIS", "default"))


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
