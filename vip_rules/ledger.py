"""The ledger: every decision and effect with its reason, append-only, each entry chained to the one before by its hash.

The chain hashes a salted digest of what an entry says. Redaction deletes what it says with the salt; the digest stays, so that
the chain still verifies and nothing can be guessed from it.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from vip_rules.canonical import canonical, digest
from vip_rules.database.tables import ledger, shops
from vip_rules.mentions import Mentions

Kind = Literal[
    "standing",
    "notice",
    "confirmed",
    "refused",
    "unknown",
    "parked",
    "withdrawn",
    "drift",
    "stale",
    "pin",
    "unpin",
    "pause",
    "resume",
    "applied",
    "confirmation",
    "approval",
    "refusal",
    "redaction",
    "retry",
    "restored",
]

BEGINNING: Final = "0" * 64
"""What the first entry of a shop has for the hash of the one before."""

SALT_BYTES: Final = 16

SAID: Final[tuple[Kind, ...]] = ("pause", "resume", "refusal", "withdrawn", "restored")
"""The kinds of entries in which a person gives a reason for what concerns no customer, or many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something to remember: plain JSON data, the local day that it is about, and an effect's business key if there is one."""

    kind: Kind
    day: int
    customer_id: str | None = None
    key: str | None = None
    says: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An entry as the ledger holds it. `says` is None once it was redacted; `at` is in microseconds since 1970."""

    seq: int
    at: int
    day: int
    kind: Kind
    customer_id: str | None
    key: str | None
    says: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain doesn't verify: somebody changed what was written."""

    seq: int
    what: str


class Ledger:
    """One shop's ledger within a transaction. `entropy` gives so many random bytes, `at` is now in microseconds since 1970."""

    def __init__(self, connection: Connection, shop: int, at: int, entropy: Callable[[int], bytes]) -> None:
        self._connection, self._shop, self._at, self._entropy = connection, shop, at, entropy

    def append(self, entries: Iterable[Entry]) -> int:
        """Append entries in their order; gives the number of the last one (0: there is none)."""
        seq, previous = self._last()
        rows = []
        for entry in entries:
            seq += 1
            salt = self._entropy(SALT_BYTES).hex()
            payload = canonical({"customer_id": entry.customer_id, "key": entry.key, "says": entry.says})
            sealed = digest(salt, payload)
            chained = chain_hash(previous, seq, self._at, entry.day, entry.kind, sealed)
            rows.append(
                {
                    "shop": self._shop,
                    "seq": seq,
                    "at": self._at,
                    "day": entry.day,
                    "kind": entry.kind,
                    "customer_id": entry.customer_id,
                    "key": entry.key,
                    "payload": payload,
                    "salt": salt,
                    "digest": sealed,
                    "previous": previous,
                    "hash": chained,
                }
            )
            previous = chained
        if rows:
            self._connection.execute(insert(ledger), rows)
        return seq

    def _last(self) -> tuple[int, str]:
        latest = select(func.max(ledger.c.seq)).where(ledger.c.shop == self._shop).scalar_subquery()
        row = self._connection.execute(
            select(ledger.c.seq, ledger.c.hash).where(ledger.c.shop == self._shop, ledger.c.seq == latest)
        ).first()
        return (row.seq, row.hash) if row else (0, BEGINNING)


def entries_of(connection: Connection, shop: int, customer_id: str) -> Iterator[Recorded]:
    """What the ledger says of a customer, in the order in which it happened."""
    rows = connection.execute(
        select(ledger)
        .where(ledger.c.shop == shop, ledger.c.customer_id == customer_id)
        .order_by(ledger.c.seq)
    )
    return map(_recorded, rows.mappings())


def latest_entries(connection: Connection, shop: int, kind: Kind, most: int) -> list[Recorded]:
    """The latest entries of a kind, the latest first."""
    rows = connection.execute(
        select(ledger)
        .where(ledger.c.shop == shop, ledger.c.kind == kind)
        .order_by(ledger.c.seq.desc())
        .limit(most)
    )
    return list(map(_recorded, rows.mappings()))


def last_entry(connection: Connection, shop: int) -> int:
    """The number of a shop's latest entry; 0: there is none."""
    latest: int | None = connection.scalar(select(func.max(ledger.c.seq)).where(ledger.c.shop == shop))
    return latest or 0


def redact(connection: Connection, shop: int, customer_id: str) -> None:
    """Delete all that the ledger says of a customer; a keyed hash of their id stays where the id was."""
    key = connection.execute(select(shops.c.redaction_key).where(shops.c.id == shop)).scalar_one()
    tombstone = hmac.digest(bytes.fromhex(key), customer_id.encode(), "sha256").hex()
    connection.execute(
        update(ledger)
        .where(ledger.c.shop == shop, ledger.c.customer_id == customer_id)
        .values(customer_id=tombstone, key=None, payload=None, salt=None)
    )


def redact_said(connection: Connection, shop: int, who: Mentions) -> None:
    """Delete what people said of somebody where it stands under nobody's id: why they paused, refused or withdrew something."""
    by_hand = (ledger.c.shop == shop) & ledger.c.kind.in_(SAID) & ledger.c.customer_id.is_(None)
    rows = connection.execute(
        select(ledger.c.seq, ledger.c.payload).where(by_hand, ledger.c.payload.is_not(None))
    )
    found = [row.seq for row in rows if who.said(row.payload)]
    named = (ledger.c.shop == shop) & ledger.c.seq.in_(found)
    connection.execute(update(ledger).where(named).values(key=None, payload=None, salt=None))


def breaks(connection: Connection, shop: int) -> Iterator[Break]:
    """Every place where a shop's chain doesn't verify; none if nobody touched it."""
    previous, expected = BEGINNING, 1
    for row in connection.execute(
        select(ledger).where(ledger.c.shop == shop).order_by(ledger.c.seq)
    ).mappings():
        if row["seq"] != expected:
            yield Break(expected, "is missing")
        if row["payload"] is not None and digest(row["salt"] or "", row["payload"]) != row["digest"]:
            yield Break(row["seq"], "says something else than it did")
        elif row["payload"] is not None and _named(row) != (row["customer_id"], row["key"]):
            yield Break(row["seq"], "was given to another customer")
        sealed = chain_hash(row["previous"], row["seq"], row["at"], row["day"], row["kind"], row["digest"])
        if row["previous"] != previous or sealed != row["hash"]:
            yield Break(row["seq"], "doesn't follow from the entry before")
        previous, expected = row["hash"], row["seq"] + 1


def chain_hash(previous: str, seq: int, at: int, day: int, kind: str, sealed: str) -> str:
    """The hash of an entry: of the one before, and of all that redaction leaves."""
    return digest(previous, str(seq), str(at), str(day), kind, sealed)


def _named(row: RowMapping) -> tuple[str | None, str | None]:
    said = json.loads(row["payload"])
    return said["customer_id"], said["key"]


def _recorded(row: RowMapping) -> Recorded:
    return Recorded(
        seq=row["seq"],
        at=row["at"],
        day=row["day"],
        kind=row["kind"],
        customer_id=row["customer_id"],
        key=row["key"],
        says=None if row["payload"] is None else json.loads(row["payload"])["says"],
    )
