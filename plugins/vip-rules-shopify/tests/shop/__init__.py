"""A fake Shopify over real HTTP: the Admin GraphQL API, bulk files and tokens, over a state that tests fill and look into."""

from tests.shop.bulkfiles import BulkFiles, write_bulk
from tests.shop.faults import Call, Fault, Faults
from tests.shop.server import FakeShopify

__all__ = ["BulkFiles", "Call", "FakeShopify", "Fault", "Faults", "write_bulk"]
