"""Evidence: what a decision about a customer rests on: figures, conditions with their targets, and the orders behind them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

import narwhals.stable.v2 as nw
import polars as pl

from vip_rules.canonical import canonical
from vip_rules.evaluation.counted import counted_orders
from vip_rules.history import History
from vip_rules.localdays import day_date
from vip_rules.qualification import Qualifications
from vip_rules.records import records_of

MOST_ORDERS: Final = 500
"""The most orders of a customer that are listed, the latest ones; `orders_counted` says how many there are."""


def evidence_of(
    qualifications: Qualifications, history: History, customers: Collection[str]
) -> dict[str, str]:
    """The evidence of some customers as canonical JSON: figures, conditions, orders (id, day, value), orders_counted."""
    if not customers:
        return {}
    wanted = pl.DataFrame({"customer_id": list(customers)}, schema={"customer_id": pl.String})
    frame = qualifications.frame.join(wanted, on="customer_id", how="semi")
    records = records_of(replace(qualifications, frame=frame), progress=False).columns()
    orders = orders_behind(qualifications, history, wanted)
    return {
        customer: canonical(
            {
                "figures": json.loads(figures),
                "conditions": json.loads(conditions),
                "orders": orders[customer][:MOST_ORDERS],
                "orders_counted": len(orders[customer]),
            }
        )
        for customer, figures, conditions in records.select("customer_id", "metrics", "reasons")
        .collect()
        .iter_rows()
    }


def orders_behind(
    qualifications: Qualifications, history: History, wanted: pl.DataFrame
) -> defaultdict[str, list[list[Any]]]:
    """The counted orders of some customers up to the day, the latest first: id, day, and value as a decimal text."""
    program = qualifications.program
    of_them = history.orders.lazy().join(wanted.lazy(), on="customer_id", how="semi")
    gift_cards = history.lines.lazy() if history.may_have_gift_cards else None
    counted = counted_orders(
        nw.from_native(of_them), None if gift_cards is None else nw.from_native(gift_cards), program.spend
    ).to_native()
    rows = (
        counted.filter(pl.col("real") & (pl.col("day") <= qualifications.as_of))
        .sort("customer_id", "day", "order_id", descending=[False, True, True])
        .select("customer_id", "order_id", "day", "value")
        .collect()
    )
    found: defaultdict[str, list[list[Any]]] = defaultdict(list)
    for customer, order, day, value in rows.iter_rows():
        found[customer].append([order, str(day_date(day)), program.currency.major(value)])
    return found
