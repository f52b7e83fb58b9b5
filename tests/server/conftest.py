import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.asking import Asking, asking, made
from tests.server.memory import install


@pytest.fixture(scope="session")
def made_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project that was synced and applied."""
    folder = tmp_path_factory.mktemp("made")
    made(folder)
    return folder


@pytest.fixture
def shop(made_shop: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(made_shop, tmp_path / "shop")


@pytest.fixture
def api(shop: Path) -> Iterator[Asking]:
    """Its API."""
    with asking(shop) as found:
        yield found


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that installs the store in memory, for this process, and for those that have it on their path."""
    folder = tmp_path_factory.mktemp("plugins")
    install(folder)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.syspath_prepend(folder)
        yield folder
