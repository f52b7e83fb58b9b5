"""The core's readable specification of counted orders, for orders as a reader tells them."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from vip_rules.model import Order, SpendBasis
from vip_rules.store import StoreOrder

SALES: Final = Path(__file__).parents[3] / "tests/specification/sales.py"

NEITHER: Final = SpendBasis()
TAX: Final = SpendBasis(includes_tax=True)
SHIPPING: Final = SpendBasis(includes_shipping=True)
BOTH: Final = SpendBasis(includes_tax=True, includes_shipping=True)
BASES: Final = (NEITHER, TAX, SHIPPING, BOTH)


@dataclass(frozen=True)
class Worth:
    """What an order counts for before refunds, what was given back of it, and whether it is an order still."""

    counted: int
    refunded: int
    is_order: bool = True


def worth(told: StoreOrder, spend: SpendBasis) -> Worth:
    """What an order counts for by the specification."""
    order = Order(
        id=told.id,
        customer_id=told.customer_id or "",
        day=0,
        total=told.total,
        tax=told.tax,
        shipping=told.shipping,
        refunded=told.refunded,
        discount=told.discount,
        status=told.status,
        test=told.test,
        lines=told.lines,
    )
    sale = _sales().sale_of(order, spend)
    return Worth(sale.value, sale.refunded, sale.is_order and _sales().is_counted(order))


@cache
def _sales() -> Any:
    spec = importlib.util.spec_from_file_location("specification_of_sales", SALES)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
