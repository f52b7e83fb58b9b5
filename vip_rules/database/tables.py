"""The tables, one set for SQLite and PostgreSQL. Every row belongs to a shop, and every query names it.

Days are local days since 1970-01-01, instants (`…_at`) are microseconds since 1970 in UTC, money is in minor units of the
program's currency. JSON is kept as text.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Sorted by bytes, as SQLite and Python do, whatever language a database of PostgreSQL sorts by.
_TEXT: Final = Text().with_variant(Text(collation="C"), "postgresql")


def _text(name: str) -> Column[str]:
    return Column(name, _TEXT, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _day(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, default=False)


def _maybe_text(name: str) -> Column[str | None]:
    return Column(name, _TEXT)


def _maybe_number(name: str) -> Column[int | None]:
    return Column(name, BigInteger)


def _maybe_day(name: str) -> Column[int | None]:
    return Column(name, Integer)


def _key(name: str) -> Column[str]:
    return Column(name, _TEXT, primary_key=True)


def _of_shop(name: str, *columns: Any) -> Table:
    """A table whose rows belong to a shop, in the order of their key: SQLite keeps no second copy of the key."""
    shop = Column("shop", Integer, ForeignKey("shops.id"), primary_key=True, autoincrement=False)
    return Table(name, metadata, shop, *columns, sqlite_with_rowid=False)


shops: Final = Table(
    "shops",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", _TEXT, nullable=False, unique=True),
    _text("adapter"),
    # As of the program with which the mirror's amounts and days were made.
    _text("currency"),
    _text("timezone"),
    _maybe_day("trusted_from"),
    # The day on which everybody was enrolled; null: no standings yet.
    _maybe_day("enrolled_on"),
    # The last local day that was applied, and the program that it was applied with: id, version, document.
    _maybe_day("last_applied"),
    _maybe_text("program"),
    _maybe_text("program_version"),
    _maybe_text("program_text"),
    # The day on which that program took over, and how: now, next-check or keep-existing; null: with the enrolment.
    _maybe_day("program_since"),
    _maybe_text("on_change"),
    _maybe_number("paused_at"),
    _maybe_text("paused_by"),
    _maybe_text("paused_reason"),
    # How many the last full fetch told of.
    _maybe_number("full_customers"),
    _maybe_number("full_orders"),
    # Raised with each batch of changes to the mirror.
    _number("changes"),
    # With it the ids of redacted customers are hashed, so that they are known again without being kept.
    _text("redaction_key"),
    # The latest of those changes whose customer was evaluated since; null: none was.
    _maybe_number("evaluated_change"),
)

customers: Final = _of_shop(
    "customers",
    # Of a redacted customer a keyed hash.
    _key("id"),
    # Null where the store told a bare date.
    _maybe_number("created_at"),
    _day("created"),
    _maybe_number("joined_at"),
    _day("joined"),
    # As history.wrap_tags gives them.
    _maybe_text("tags"),
    # "MM-DD"
    _maybe_text("birthday"),
    _maybe_text("email"),
    _maybe_text("language"),
    _maybe_number("updated_at"),
    # Of what the store told, so that the same told again is no change.
    _number("digest"),
    _maybe_text("merged_into"),
    # Deleted in the store, merged into another customer, or redacted.
    _flag("gone"),
    _flag("redacted"),
)
_MERGED, _REDACTED = customers.c.merged_into.is_not(None), customers.c.redacted
# Both are few, and looked for by every write.
Index(
    "ix_customers_merged",
    customers.c.shop,
    customers.c.merged_into,
    sqlite_where=_MERGED,
    postgresql_where=_MERGED,
)
Index("ix_customers_redacted", customers.c.shop, sqlite_where=_REDACTED, postgresql_where=_REDACTED)

orders: Final = _of_shop(
    "orders",
    _key("id"),
    # Null for a guest's.
    _maybe_text("customer_id"),
    _maybe_number("placed_at"),
    _day("day"),
    # As told; amounts are in the program's.
    _text("currency"),
    _number("total"),
    _number("tax"),
    _number("shipping"),
    _maybe_number("refunded"),
    _maybe_number("discount"),
    _text("status"),
    _flag("test"),
    _maybe_text("channel"),
    # In a currency without a rate: its amounts are in that currency, it is kept and counted, and never evaluated.
    _flag("set_aside"),
    _maybe_number("updated_at"),
    # Of what the store told, lines and all.
    _number("digest"),
)
Index(None, orders.c.shop, orders.c.customer_id)

lines: Final = _of_shop(
    "lines",
    _key("order_id"),
    # From 0, in the order in which the store tells them.
    Column("line", Integer, primary_key=True, autoincrement=False),
    _maybe_text("sku"),
    _maybe_text("product"),
    _maybe_text("category"),
    _maybe_text("brand"),
    _number("quantity"),
    _number("amount"),
    _number("refunded"),
    _flag("gift_card"),
)

# The lines that every program needs: what an order's gift cards come to isn't spent yet.
Index(
    "ix_lines_gift_card",
    lines.c.shop,
    lines.c.order_id,
    sqlite_where=lines.c.gift_card,
    postgresql_where=lines.c.gift_card,
)

events: Final = _of_shop(
    "events",
    # As told, or made of the content.
    _key("id"),
    _text("customer_id"),
    _text("type"),
    _maybe_number("happened_at"),
    _day("day"),
)
Index(None, events.c.shop, events.c.customer_id)

cursors: Final = _of_shop("cursors", _key("name"), _maybe_text("value"))

# What an unfinished full fetch has told of: customers, orders, events. Empty otherwise.
told: Final = _of_shop("told", _key("kind"), _key("id"))

# Customers whose data changed since their last evaluation; `change` is the shop's counter at the last mark, `plan` the hash of
# the waiting plan in which a person decides about them.
dirty: Final = _of_shop("dirty", _key("customer_id"), _number("change"), _maybe_text("plan"))

# One row for each local day on which everybody was evaluated.
recalculations: Final = _of_shop(
    "recalculations",
    Column("day", Integer, primary_key=True, autoincrement=False),
    _text("program_version"),
    _number("at"),
)

cut_points: Final = _of_shop(
    "cut_points",
    Column("day", Integer, primary_key=True, autoincrement=False),
    _text("cuts"),
)

# A customer without a row has no tier and never had one.
standings: Final = _of_shop(
    "standings",
    _key("customer_id"),
    # The last day on which this customer was evaluated.
    _day("day"),
    _maybe_text("tier"),
    _maybe_day("since"),
    _maybe_day("secured_until"),
    _maybe_day("grace_until"),
    _maybe_day("landing_until"),
    _maybe_text("landing_from"),
    _maybe_text("highest_tier"),
    _maybe_text("pin_tier"),
    _maybe_day("pin_until"),
    _maybe_text("pin_reason"),
    _maybe_text("pin_by"),
    _flag("pin_floor"),
    _flag("grandfathered"),
    Column("promotions", _TEXT, nullable=False, default="[]"),
    Column("notices", _TEXT, nullable=False, default="[]"),
    # The whole standing at the close of `opening_day`, as a JSON object; null: none.
    _maybe_text("opening"),
    _maybe_day("opening_day"),
)

# What the store was last known to hold of ours.
effects: Final = _of_shop(
    "effects",
    _key("key"),
    _text("kind"),
    _maybe_text("customer_id"),
    _text("payload"),
    _maybe_text("reference"),
    _number("confirmed_at"),
)
Index(None, effects.c.shop, effects.c.customer_id)

# One intent for each business key.
outbox: Final = Table(
    "outbox",
    metadata,
    # The order of planning.
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("shop", Integer, ForeignKey("shops.id"), nullable=False),
    _text("key"),
    _text("kind"),
    _text("action"),
    _maybe_text("customer_id"),
    _text("payload"),
    # planned, sent, confirmed, refused, unknown, parked, or withdrawn by a person
    _text("state"),
    Column("attempts", Integer, nullable=False, default=0),
    _maybe_text("reason"),
    _maybe_text("reference"),
    _maybe_day("due"),
    _number("planned_at"),
    _number("changed_at"),
    # The ledger's entry that decided it.
    _maybe_number("decision"),
    UniqueConstraint("shop", "key"),
    sqlite_autoincrement=True,
)
Index(None, outbox.c.shop, outbox.c.state)
Index(None, outbox.c.shop, outbox.c.customer_id)

# Webhooks as they arrived. What is the same in these four is the same delivery.
inbox: Final = Table(
    "inbox",
    metadata,
    # The order of arrival.
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("shop", Integer, ForeignKey("shops.id"), nullable=False),
    # The store's name for what happened, and for this happening; empty where it gives none.
    _text("topic"),
    _text("delivery"),
    # SHA-256 of the body.
    _text("digest"),
    # When it happened, as the store says.
    _maybe_number("sent_at"),
    _number("received_at"),
    # waiting, done, ignored, quarantined, parked, or dropped by a person
    _text("state"),
    Column("attempts", Integer, nullable=False, default=0),
    # Not before then.
    _number("due_at"),
    # Until then nobody else takes it.
    _maybe_number("leased_until"),
    _maybe_text("reason"),
    _number("changed_at"),
    # The very bytes; null once nobody needs them any more. Behind all else: who reads only that, reads past no bytes.
    Column("body", LargeBinary),
    UniqueConstraint("shop", "topic", "delivery", "digest"),
    sqlite_autoincrement=True,
)
Index(None, inbox.c.shop, inbox.c.state, inbox.c.due_at)

# Plans beyond the guardrails, made by the worker: they wait for a person.
plans: Final = _of_shop(
    "plans",
    # The whole hash.
    _key("hash"),
    _day("as_of"),
    _number("made_at"),
    # The plan as JSON; null once it was decided.
    _maybe_text("text"),
    # Which limits it goes beyond, as a JSON array of sentences.
    _text("limits"),
    # waiting, approved, refused, expired
    _text("state"),
    _maybe_text("decided_by"),
    _maybe_number("decided_at"),
    _maybe_text("reason"),
)

# What the scheduler does again and again, each with its last run.
jobs: Final = _of_shop(
    "jobs",
    _key("name"),
    # The time for which it ran last, on its schedule.
    _maybe_number("ran_for"),
    _maybe_number("began_at"),
    _maybe_number("ended_at"),
    # done, waiting (for a person), or failed
    _maybe_text("outcome"),
    # What came of it, as a JSON array of sentences.
    Column("says", _TEXT, nullable=False, default="[]"),
    # Failures since it was done last; after one it isn't tried again before `retry_at`.
    Column("failures", Integer, nullable=False, default=0),
    _maybe_number("retry_at"),
)

# Append-only; each entry's hash covers the one before. Redaction empties payload and salt, the digest stays.
ledger: Final = _of_shop(
    "ledger",
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _number("at"),
    _day("day"),
    _text("kind"),
    _maybe_text("customer_id"),
    _maybe_text("key"),
    _maybe_text("payload"),
    _maybe_text("salt"),
    _text("digest"),
    _text("previous"),
    _text("hash"),
)
Index(None, ledger.c.shop, ledger.c.customer_id)
