from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from tests.apply.atelier import Atelier, customer, order
from vip_rules.testing.databases import Databases
from vip_rules.testing.dying import careless

Opened = Callable[..., Atelier]


@pytest.fixture(autouse=True, scope="module")
def _quick() -> Iterator[None]:
    """Databases that don't wait for the disk."""
    event.listen(Pool, "checkout", careless)
    yield
    event.remove(Pool, "checkout", careless)


@pytest.fixture
def opened(databases: Databases, tmp_path: Path) -> Iterator[Opened]:
    """Opens shops of the test's own."""
    with ExitStack() as stack:
        numbers = count()

        def another(**more: Any) -> Atelier:
            folder = tmp_path / str(next(numbers))
            folder.mkdir()
            url = stack.enter_context(databases.lent(folder))
            return stack.enter_context(closing(Atelier(folder, url=url, **more)))

        yield another


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
