"""One run: python -m benchmarks.mirror parse FILE... | read URL TOKEN | mirror URL TOKEN DATABASE

`parse` decodes every row of the files and does nothing else: less can't be done. `read` reads the shop to its end; `mirror`
lets the core keep it.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson
from vip_rules.adapter import Adapter, Intent, Outcome, Sight
from vip_rules.database.connection import Database
from vip_rules.program.load import read_program
from vip_rules.rates import Rates
from vip_rules.store import Page, Shop
from vip_rules.sync import sync

from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.admin.tokens import StaticToken
from vip_rules_shopify.reading.reader import Reader

PROGRAM = {
    "format": 1,
    "program": "benchmark",
    "currency": "USD",
    "timezone": "America/New_York",
    "tiers": [
        {"id": "gold", "name": "Gold", "qualify": {"metric": "spend", "window": "12 months", "at_least": 500}}
    ],
}


class OnlyReading(Adapter):
    capabilities = {}  # noqa: RUF012 - it does nothing

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def shop(self) -> Shop:
        return self._reader.shop()

    def pages(self, cursor: str | None, *, full: bool, wanted: frozenset[str]) -> Iterator[Page]:
        return self._reader.pages(cursor, full=full, wanted=wanted)

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        raise NotImplementedError

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        raise NotImplementedError


def opened(url: str, token: str) -> OnlyReading:
    admin = Admin(url, tokens=StaticToken(token), clock=now, sleep=time.sleep, entropy=os.urandom)
    return OnlyReading(Reader(admin, {}, now, time.sleep))


def now() -> datetime:
    return datetime.now(UTC)


def parse(files: Sequence[str]) -> int:
    rows = 0
    for file in files:
        with Path(file).open("rb") as lines:
            for line in lines:
                orjson.loads(line)
                rows += 1
    return rows


def read(adapter: Adapter) -> int:
    pages = adapter.pages(None, full=True, wanted=frozenset())
    return sum(len(page.customers) + len(page.orders) for page in pages)


def mirror(adapter: Adapter, file: str) -> int:
    database = Database.open(f"sqlite:///{file}", clock=now)
    program = read_program(PROGRAM)
    shop = database.shop(
        "benchmark",
        adapter="shopify",
        currency=program.currency.code,
        timezone=program.timezone.key,
    )
    written = sync(database, shop, adapter, program, clock=now, rates=Rates()).written
    database.close()
    return written.customers.new + written.orders.new


def main() -> None:
    match sys.argv[1:]:
        case ["parse", *files]:
            print(parse(files))
        case ["read", url, token]:
            print(read(opened(url, token)))
        case ["mirror", url, token, file]:
            print(mirror(opened(url, token), file))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
