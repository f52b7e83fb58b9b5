import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from tests.apply.atelier import Atelier, customer, order
from vip_rules.database.connection import Database
from vip_rules.testing.dying import careless

Opened = Callable[..., Atelier]


@pytest.fixture(autouse=True, scope="module")
def _quick() -> Iterator[None]:
    """Databases that don't wait for the disk."""
    event.listen(Pool, "checkout", careless)
    yield
    event.remove(Pool, "checkout", careless)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database with nothing in it."""
    file = tmp_path_factory.mktemp("empty") / "vip.db"
    Database.open(f"sqlite:///{file}", clock=_never).close()
    return file


def _never() -> Any:
    raise AssertionError("nobody asks for the time here")


@pytest.fixture
def opened(tmp_path: Path, empty: Path) -> Iterator[Opened]:
    """Opens shops of the test's own."""
    found: list[Atelier] = []

    def another(**more: Any) -> Atelier:
        folder = tmp_path / str(len(found))
        folder.mkdir()
        shutil.copy(empty, folder)
        found.append(Atelier(folder, **more))
        return found[-1]

    yield another
    for each in found:
        each.close()


@pytest.fixture
def atelier(opened: Opened) -> Atelier:
    """A shop with ann (gold), bob (silver) and cat (no tier yet), synced, and nothing applied yet."""
    shop = opened()
    fill(shop)
    shop.sync()
    return shop


@pytest.fixture
def running(atelier: Atelier) -> Atelier:
    """The same a day later, its members enrolled and everything carried out."""
    atelier.apply()
    atelier.clock.advance(days=1)
    return atelier


def fill(shop: Atelier) -> None:
    shop.store.put_customer(customer("ann"), customer("bob"), customer("cat"))
    shop.store.put_order(order("ann", 600, key="a"), order("bob", 300, key="b"), order("cat", 50, key="c"))
