"""The contract of adapters, held by the one over files: the test writes the exports, and reads the files of effects."""

import errno
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.files.adapting import opened
from vip_rules.adapter import ONCE, Adapter, Intent
from vip_rules.journal import Journal
from vip_rules.model import Currency
from vip_rules.store import Moment, StoreCustomer, StoreEvent, StoreOrder
from vip_rules.testing import Fault, Workbench
from vip_rules.testing.contract.suite import AdapterContract
from vip_rules.testing.examples import CUSTOMERS, EVENTS, ORDERS

USD = Currency.of("USD")


def day(moment: Moment) -> Moment:
    """A moment as files tell it."""
    return moment.date() if isinstance(moment, datetime) else moment


class FilesWorkbench(Workbench):
    customers = tuple(replace(each, created_at=day(each.created_at)) for each in CUSTOMERS)
    orders = tuple(replace(each, placed_at=day(each.placed_at)) for each in ORDERS if each.customer_id)
    events = tuple(replace(each, at=day(each.at)) for each in EVENTS)
    faults = frozenset({Fault.LOST_ANSWER, Fault.LOST_REQUEST, Fault.UNREADABLE})

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.out = folder / "exports", folder / "out"
        self.folder.mkdir()
        self.monkeypatch = monkeypatch
        self.rows: dict[str, dict[object, dict[str, Any]]] = {}

    def adapter(self) -> Adapter:
        return opened(self.folder, timezone="UTC", out=self.out)

    def fill(
        self,
        customers: Sequence[StoreCustomer],
        orders: Sequence[StoreOrder],
        events: Sequence[StoreEvent],
    ) -> None:
        self._put("customers", {each.id: customer_row(each) for each in customers})
        self._put("orders", {each.id: order_row(each) for each in orders})
        lines = {(each.id, n): line_row(each, n) for each in orders for n in range(len(each.lines))}
        self._put("lines", lines)
        self._put("events", {each.id: event_row(each) for each in events})

    def count(self, intent: Intent) -> int:
        lines = [line for line in self._lines(intent.kind) if line["key"] == intent.key]
        if intent.kind in ONCE:
            return len(lines)
        return int(bool(lines) and lines[-1]["action"] == "put")

    def foreign(self) -> object:
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    def inject(self, fault: Fault) -> None:
        name = "find" if fault is Fault.UNREADABLE else "append"
        whole: Callable[..., Any] = getattr(Journal, name)

        def failing(journal: Journal, given: Any) -> None:
            self.monkeypatch.setattr(Journal, name, whole)
            if fault is Fault.LOST_ANSWER:
                whole(journal, given)
            raise OSError(errno.EIO, "Input/output error")

        self.monkeypatch.setattr(Journal, name, failing)

    def _put(self, name: str, rows: Mapping[Any, dict[str, Any]]) -> None:
        table = self.rows.setdefault(name, {})
        table.update(rows)
        pl.DataFrame(list(table.values())).write_csv(self.folder / f"{name}.csv")

    def _lines(self, kind: str) -> list[dict[str, Any]]:
        path = self.out / f"{kind}.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def customer_row(customer: StoreCustomer) -> dict[str, Any]:
    return {
        "customer_id": customer.id,
        "created_at": str(customer.created_at),
        "tags": ",".join(customer.tags),
        "birthday": str(customer.birthday or ""),
        "email": customer.email,
        "language": customer.language,
    }


def order_row(order: StoreOrder) -> dict[str, Any]:
    amounts = ("total", "tax", "shipping", "refunded", "discount")
    return {
        "order_id": order.id,
        "customer_id": order.customer_id,
        "placed_at": str(order.placed_at),
        **{name: USD.major(getattr(order, name)) for name in amounts},
        "status": order.status,
        "channel": order.channel,
    }


def line_row(order: StoreOrder, n: int) -> dict[str, Any]:
    line = order.lines[n]
    return {
        "order_id": order.id,
        **{name: getattr(line, name) for name in ("sku", "product", "category", "brand", "quantity")},
        "amount": USD.major(line.amount),
        "refunded": USD.major(line.refunded),
        "gift_card": line.gift_card,
    }


def event_row(event: StoreEvent) -> dict[str, Any]:
    return {"customer_id": event.customer_id, "type": event.type, "at": str(event.at)}


class TestContract(AdapterContract):
    @pytest.fixture
    def workbench(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
        return FilesWorkbench(tmp_path, monkeypatch)
