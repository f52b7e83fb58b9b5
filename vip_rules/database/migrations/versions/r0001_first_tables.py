"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Sorted by bytes, as in SQLite.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

LARGE = ("customers", "orders", "lines", "events", "standings", "effects", "outbox", "ledger")

# The index of a table, its rows, and how many of them one customer, order or state has.
INDEXES = (
    ("customers", "ix_customers_merged", 100, 1),
    ("customers", "ix_customers_redacted", 100, 100),
    ("orders", "ix_orders_shop_customer_id", 1000000, 10),
    ("lines", "ix_lines_gift_card", 1000, 1),
    ("events", "ix_events_shop_customer_id", 1000000, 10),
    ("effects", "ix_effects_shop_customer_id", 1000000, 5),
    ("outbox", "ix_outbox_shop_customer_id", 1000000, 5),
    ("outbox", "ix_outbox_shop_state", 1000000, 10000),
    ("ledger", "ix_ledger_shop_customer_id", 1000000, 10),
)


def upgrade() -> None:
    """Make them all."""
    op.create_table(
        "shops",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("adapter", TEXT, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("timezone", TEXT, nullable=False),
        sa.Column("trusted_from", sa.Integer()),
        sa.Column("enrolled_on", sa.Integer()),
        sa.Column("last_applied", sa.Integer()),
        sa.Column("program", TEXT),
        sa.Column("program_version", TEXT),
        sa.Column("program_text", TEXT),
        sa.Column("program_since", sa.Integer()),
        sa.Column("on_change", TEXT),
        sa.Column("paused_at", sa.BigInteger()),
        sa.Column("paused_by", TEXT),
        sa.Column("paused_reason", TEXT),
        sa.Column("full_customers", sa.BigInteger()),
        sa.Column("full_orders", sa.BigInteger()),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.Column("redaction_key", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shops"),
        sa.UniqueConstraint("name", name="uq_shops_name"),
    )
    op.create_table(
        "cursors",
        sa.Column("shop", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", TEXT),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name="fk_cursors_shop"),
        sa.PrimaryKeyConstraint("shop", "name", name="pk_cursors"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "customers",
        sa.Column("shop", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger()),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.BigInteger()),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.Column("tags", TEXT),
        sa.Column("birthday", TEXT),
        sa.Column("email", TEXT),
        sa.Column("language", TEXT),
        sa.Column("updated_at", sa.BigInteger()),
        sa.Column("digest", sa.BigInteger(), nullable=False),
        sa.Column("merged_into", TEXT),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("redacted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name="fk_customers_shop"),
        sa.PrimaryKeyConstraint("shop", "id", name="pk_customers"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_customers_merged",
        "customers",
        ["shop", "merged_into"],
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index(
        "ix_customers_redacted",
        "customers",
        ["shop"],
        sqlite_where=sa.text("redacted"),
        postgresql_where=sa.text("redacted"),
    )
    op.create_table(
        "cut_points",
        sa.Column("shop", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cuts", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name="fk_cut_points_shop"),
        sa.PrimaryKeyConstraint("shop", "day", name="pk_cut_points"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dirty",
        sa.Column("shop", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name="fk_dirty_shop"),
        sa.PrimaryKeyConstraint("shop", "customer_id", name="pk_dirty"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "effects",
        sa.Column("shop", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("customer_id", TEXT),
        sa.Column("payload", TEXT, nullable=False),
        sa.Column("reference", TEXT),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name="fk_effects_shop"),
        sa.PrimaryKeyConstraint("shop", "key", name="pk_effects"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_effects_shop_customer_id", "effects", ["shop", "customer_id"])
    op.create_table(
        "events",
        sa.Column("shop", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("happened_at", sa.BigInteger()),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name="fk_events_shop"),
        sa.PrimaryKeyConstraint("shop", "id", name="pk_events"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_events_shop_customer_id", "events", ["shop", "customer_id"])
    op.create_table(
        "ledger",
        sa.Column("shop", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("customer_id", TEXT),
        sa.Column("key", TEXT),
        sa.Column("payload", TEXT),
        sa.Column("salt", TEXT),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("previous", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name="fk_ledger_shop"),
        sa.PrimaryKeyConstraint("shop", "seq", name="pk_ledger"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ledger_shop_customer_id", "ledger", ["shop", "customer_id"])
    op.create_table(
        "lines",
        sa.Column("shop", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("order_id", TEXT, nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sku", TEXT),
        sa.Column("product", TEXT),
        sa.Column("category", TEXT),
        sa.Column("brand", TEXT),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("gift_card", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name="fk_lines_shop"),
        sa.PrimaryKeyConstraint("shop", "order_id", "line", name="pk_lines"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_lines_gift_card",
        "lines",
        ["shop", "order_id"],
        sqlite_where=sa.text("gift_card"),
        postgresql_where=sa.text("gift_card"),
    )
    op.create_table(
        "orders",
        sa.Column("shop", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT),
        sa.Column("placed_at", sa.BigInteger()),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("shipping", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger()),
        sa.Column("discount", sa.BigInteger()),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("channel", TEXT),
        sa.Column("set_aside", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.BigInteger()),
        sa.Column("digest", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name="fk_orders_shop"),
        sa.PrimaryKeyConstraint("shop", "id", name="pk_orders"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_orders_shop_customer_id", "orders", ["shop", "customer_id"])
    op.create_table(
        "outbox",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shop", sa.Integer(), nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("customer_id", TEXT),
        sa.Column("payload", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", TEXT),
        sa.Column("reference", TEXT),
        sa.Column("due", sa.Integer()),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.BigInteger()),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name="fk_outbox_shop"),
        sa.PrimaryKeyConstraint("number", name="pk_outbox"),
        sa.UniqueConstraint("shop", "key", name="uq_outbox_shop_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_shop_customer_id", "outbox", ["shop", "customer_id"])
    op.create_index("ix_outbox_shop_state", "outbox", ["shop", "state"])
    op.create_table(
        "recalculations",
        sa.Column("shop", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("program_version", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name="fk_recalculations_shop"),
        sa.PrimaryKeyConstraint("shop", "day", name="pk_recalculations"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "standings",
        sa.Column("shop", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("tier", TEXT),
        sa.Column("since", sa.Integer()),
        sa.Column("secured_until", sa.Integer()),
        sa.Column("grace_until", sa.Integer()),
        sa.Column("landing_until", sa.Integer()),
        sa.Column("landing_from", TEXT),
        sa.Column("highest_tier", TEXT),
        sa.Column("pin_tier", TEXT),
        sa.Column("pin_until", sa.Integer()),
        sa.Column("pin_reason", TEXT),
        sa.Column("pin_by", TEXT),
        sa.Column("pin_floor", sa.Boolean(), nullable=False),
        sa.Column("grandfathered", sa.Boolean(), nullable=False),
        sa.Column("promotions", TEXT, nullable=False),
        sa.Column("notices", TEXT, nullable=False),
        sa.Column("opening", TEXT),
        sa.Column("opening_day", sa.Integer()),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name="fk_standings_shop"),
        sa.PrimaryKeyConstraint("shop", "customer_id", name="pk_standings"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "told",
        sa.Column("shop", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name="fk_told_shop"),
        sa.PrimaryKeyConstraint("shop", "kind", "id", name="pk_told"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        _estimate()


def _estimate() -> None:
    # SQLite chooses indexes by numbers of rows. Of new tables it knows none, and then reads a whole shop to find one customer.
    op.execute("ANALYZE")
    op.execute("DELETE FROM sqlite_stat1")
    estimates = [(table, None if table == "outbox" else table, "1000000 1000000 1") for table in LARGE]
    estimates += [(table, index, f"{rows} {rows} {alike}") for table, index, rows, alike in INDEXES]
    row = "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:tbl, :idx, :stat)"
    for table, index, estimate in estimates:
        op.execute(sa.text(row).bindparams(tbl=table, idx=index, stat=estimate))
    op.execute("ANALYZE sqlite_schema")
