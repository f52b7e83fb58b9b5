from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.asking import Asking, asking, copied, made
from tests.server.memory import install
from vip_rules.testing.databases import Databases


@pytest.fixture(scope="session")
def made_shop(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project that was synced and applied."""
    folder = tmp_path_factory.mktemp("made")
    with databases.of(folder) as url:
        made(folder, url)
    return folder


@pytest.fixture
def shop(databases: Databases, made_shop: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it, with its database."""
    with copied(databases, made_shop, tmp_path / "shop") as folder:
        yield folder


@pytest.fixture
def api(shop: Path) -> Iterator[Asking]:
    """Its API."""
    with asking(shop) as found:
        yield found


@pytest.fixture(scope="module")
def unchanged(
    databases: Databases, made_shop: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Asking]:
    """The API of another copy, for tests that change nothing."""
    with (
        copied(databases, made_shop, tmp_path_factory.mktemp("unchanged") / "shop") as folder,
        asking(folder) as found,
    ):
        yield found


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that installs the store in memory, for this process, and for those that have it on their path."""
    folder = tmp_path_factory.mktemp("plugins")
    install(folder)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.syspath_prepend(folder)
        yield folder
