from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from vip_rules.errors import InvalidInput
from vip_rules.files import Reading, read_history
from vip_rules.history import History
from vip_rules.localdays import zone
from vip_rules.model import Currency

CUSTOMERS = "customer_id,created_at\nC1,2020-01-01\nC2,2021-06-30T23:30:00-04:00\n"
ORDERS = "order_id,customer_id,placed_at,total\nO1,C1,2025-11-21T03:00:00Z,100.00\nO2,C2,2025-11-21,20\n"


class Store:
    """A folder with a store's files; customers C1 and C2 and their orders O1 and O2 unless a test writes others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths: dict[str, Path] = {}
        self.write("customers.csv", CUSTOMERS)
        self.write("orders.csv", ORDERS)

    def write(self, name: str, content: str | bytes | pl.DataFrame) -> Path:
        path = self.folder / name
        if isinstance(content, pl.DataFrame):
            content.write_parquet(path)
        else:
            data = content if isinstance(content, bytes) else content.encode("utf-8")
            path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        self.paths[name.partition(".")[0]] = path
        return path

    def read(
        self, currency: str = "USD", timezone: str = "America/New_York", **options: Any
    ) -> tuple[History, Reading]:
        return read_history(
            customers=self.paths["customers"],
            orders=self.paths["orders"],
            lines=self.paths.get("lines"),
            events=self.paths.get("events"),
            currency=Currency.of(currency),
            zone=zone(timezone),
            **options,
        )

    def refused(self, **options: Any) -> InvalidInput:
        with pytest.raises(InvalidInput) as refused:
            self.read(**options)
        return refused.value

    def reasons(self, **options: Any) -> list[tuple[str, int, str]]:
        """File, line and reason of each rejected row, with the history that skipping them leaves as checked."""
        rejections = self.refused(**options).rejections
        _, reading = self.read(on_bad_rows="skip", **options)
        assert reading.rejections == rejections
        assert reading.rejected == len(rejections) > 0
        return [(Path(rejection.file).name, rejection.line, rejection.reason) for rejection in rejections]
