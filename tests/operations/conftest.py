from collections.abc import Iterator

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from vip_rules.testing.dying import careless


@pytest.fixture(autouse=True, scope="module")
def _quick() -> Iterator[None]:
    """Databases that don't wait for the disk."""
    event.listen(Pool, "checkout", careless)
    yield
    event.remove(Pool, "checkout", careless)
