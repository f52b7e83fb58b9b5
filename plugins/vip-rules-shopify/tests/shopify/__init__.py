"""A fake Shopify over real HTTP: the Admin GraphQL API, bulk files and tokens, over a state that tests fill and look into."""

from tests.shopify.bulkfiles import BulkFiles, write_bulk
from tests.shopify.faults import Call, Fault, Faults
from tests.shopify.server import FakeShopify

__all__ = ["BulkFiles", "Call", "FakeShopify", "Fault", "Faults", "write_bulk"]
