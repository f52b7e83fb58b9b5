"""What all tests share: how much Hypothesis tries (many examples with VIP_RULES_HYPOTHESIS=thorough), and databases.

Tests of databases run on SQLite, and on the PostgreSQL server of VIP_RULES_TEST_POSTGRES.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.database.opened import lending, need_server, opened
from vip_rules.database.connection import Database
from vip_rules.testing.databases import Databases

settings.register_profile("default", max_examples=50, derandomize=True, deadline=None, database=None)
settings.register_profile("thorough", max_examples=2_000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("VIP_RULES_HYPOTHESIS", "default"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Here, and not in the fixture, so that all who are skipped are told in one line."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    if parameters.get("databases") == "postgresql":
        need_server()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """The databases of a kind."""
    found = lending(request.param)
    yield found
    found.close()


@pytest.fixture
def url(databases: Databases, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of the test's own."""
    with databases.lent(tmp_path) as url:
        yield url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """The same, open."""
    found = opened(url)
    yield found
    found.close()
