"""A store for the benchmark of the service: it answers at once, holds whatever it was told, and notes when.

Everything in it follows from ids: customer C12 has the orders O12-0 to O12-4, and N12-1 is an order of today, which lifts
them by a tier. So every process knows the same store, and none has to ask another.
"""

import hashlib
import hmac
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from vip_rules.adapter import (
    KINDS,
    Adapter,
    AdapterType,
    Capability,
    Confirmed,
    Found,
    Intent,
    Missing,
    Opening,
    Outcome,
    Setting,
    Sight,
)
from vip_rules.hookspecs import hookimpl
from vip_rules.store import Page, Shop, StoreCustomer, StoreOrder
from vip_rules.webhooks import Delivery, Forged, Genuine, News, Verdict, Webhooks

CUSTOMERS: Final = int(os.environ.get("BENCHMARK_CUSTOMERS", "20000"))
ORDERS_EACH: Final = 5
BATCH: Final = 20
SECRET: Final = b"a secret of this benchmark"
HELD: Final[dict[str, Any]] = {}
"""What it holds under each key: of all adapters of a process."""

TODAY: Final = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def signature(body: bytes) -> bytes:
    """The signature that the store puts into the header `x-signature`."""
    return hmac.new(SECRET, body, hashlib.sha256).hexdigest().encode()


class Signed(Webhooks):
    """Webhooks with an HMAC over their bytes; the JSON within names an order, and an id."""

    def verify(self, delivery: Delivery) -> Verdict:
        given = delivery.header("x-signature") or ""
        if not hmac.compare_digest(given.encode(), signature(delivery.body)):
            return Forged("the signature is another")
        return Genuine(topic=delivery.header("x-topic") or "", id=delivery.header("x-id"))

    def read(self, topic: str, body: bytes) -> News:
        told = json.loads(body)
        return News(
            customers=(told["customer"],) if topic == "customer" else (), orders=tuple(told["orders"])
        )


class Store(Adapter):
    """The store as the service sees it. What it holds is remembered for this process."""

    capabilities: Mapping[str, Capability] = {kind: Capability("done") for kind in KINDS}
    batch = BATCH
    webhooks = Signed()

    def __init__(self, notes: Path) -> None:
        self._notes = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def shop(self) -> Shop:
        return Shop(currency="USD")

    def pages(self, cursor: str | None, *, full: bool, wanted: frozenset[str]) -> Iterator[Page]:
        size = 1_000
        for begin in range(0, CUSTOMERS, size) if full else ():
            numbers = range(begin, begin + size)
            yield Page(
                customers=tuple(customer(number) for number in numbers),
                orders=tuple(old_order(number, n) for number in numbers for n in range(ORDERS_EACH)),
                cursor=str(begin),
            )
        yield Page(cursor="everything")

    def fetch(self, customers: Sequence[str], orders: Sequence[str], *, wanted: frozenset[str]) -> Page:
        return Page(
            customers=tuple(self._customer(key) for key in customers),
            orders=tuple(_new_order(key) for key in orders),
        )

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        now = time.monotonic_ns()
        HELD.update((intent.key, intent.payload) for intent in intents)
        lines = (f"{now} {intent.kind} {intent.customer_id}\n" for intent in intents)
        os.write(self._notes, "".join(lines).encode())
        return [Confirmed(intent.key) for intent in intents]

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        found = [HELD.get(intent.key, intent.known) for intent in intents]
        return [Missing() if payload is None else Found(payload) for payload in found]

    def close(self) -> None:
        os.close(self._notes)

    def _customer(self, key: str) -> StoreCustomer:
        payload = HELD.get(f"customer:{key}", {})
        return customer(int(key[1:]), tuple(payload.get("tags", ())))


def customer(number: int, tags: tuple[str, ...] = ()) -> StoreCustomer:
    """A customer since two years ago."""
    return StoreCustomer(id=f"C{number}", created_at=TODAY - timedelta(days=730 + number % 300), tags=tags)


def old_order(number: int, n: int) -> StoreOrder:
    """One of a customer's orders before the benchmark. One customer in ten has a tier already."""
    mixed = (number * 7919 + n * 104_729) % 1_000_003
    total = (2_000 + mixed % 28_000) * (6 if number % 10 == 0 else 1)
    placed = TODAY - timedelta(days=1 + mixed % 600)
    return StoreOrder(
        id=f"O{number}-{n}", customer_id=f"C{number}", placed_at=placed, currency="USD", total=total
    )


def _new_order(key: str) -> StoreOrder:
    number, _, _ = key[1:].partition("-")
    return StoreOrder(id=key, customer_id=f"C{number}", placed_at=TODAY, currency="USD", total=280_000)


def _open(opening: Opening) -> Store:
    return Store(opening.settings["notes"])


@hookimpl
def vip_rules_adapters() -> list[AdapterType]:
    """The store of the benchmark."""
    notes = Setting(description="Where it writes when it carried out what.", required=True, path=True)
    return [AdapterType(name="benchmark", title="Benchmark", open=_open, settings={"notes": notes})]
