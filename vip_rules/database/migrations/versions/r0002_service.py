"""What the service needs: the inbox, plans that wait for a person, and jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# Sorted by bytes, as in SQLite.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

# As in the first tables: what SQLite takes for the numbers of rows.
ESTIMATES = (
    ("inbox", None, "1000000"),
    ("inbox", "ix_inbox_shop_state_due_at", "1000000 1000000 1000 1"),
    ("inbox", "sqlite_autoindex_inbox_1", "1000000 1000000 10000 1 1"),
)


def upgrade() -> None:
    """Make the tables."""
    op.add_column("shops", sa.Column("evaluated_change", sa.BigInteger()))
    op.add_column("dirty", sa.Column("plan", TEXT))
    op.create_table(
        "inbox",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shop", sa.Integer(), nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("delivery", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger()),
        sa.Column("reason", TEXT),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name="fk_inbox_shop"),
        sa.PrimaryKeyConstraint("number", name="pk_inbox"),
        sa.UniqueConstraint(
            "shop", "topic", "delivery", "digest", name="uq_inbox_shop_topic_delivery_digest"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_shop_state_due_at", "inbox", ["shop", "state", "due_at"])
    op.create_table(
        "plans",
        sa.Column("shop", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("as_of", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("text", TEXT),
        sa.Column("limits", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("decided_by", TEXT),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("reason", TEXT),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name="fk_plans_shop"),
        sa.PrimaryKeyConstraint("shop", "hash", name="pk_plans"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "jobs",
        sa.Column("shop", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("ran_for", sa.BigInteger()),
        sa.Column("began_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("outcome", TEXT),
        sa.Column("says", TEXT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name="fk_jobs_shop"),
        sa.PrimaryKeyConstraint("shop", "name", name="pk_jobs"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        row = "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:tbl, :idx, :stat)"
        for table, index, estimate in ESTIMATES:
            op.execute(sa.text(row).bindparams(tbl=table, idx=index, stat=estimate))
        op.execute("ANALYZE sqlite_schema")
