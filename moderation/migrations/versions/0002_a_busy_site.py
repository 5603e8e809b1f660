"""a busy site: fair claims, retention, request ids, keys and passwords that change"""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WAITING = sa.text("judged_at IS NULL AND erased_at IS NULL")
BLOCKED = sa.text("status = 'blocked' AND erased_at IS NULL")
INDEXES = (
    ("ix_comments_waiting_of_site", ["site_id", "received_at", "id"], WAITING),
    ("ix_comments_blocked", ["judged_at"], BLOCKED),
)


def upgrade() -> None:
    # The indexes first: Postgres makes them in no transaction, and what is interrupted behind them
    # is undone as a whole and done again.
    if op.get_bind().dialect.name == "sqlite":
        _indexes(made=frozenset())
    else:
        with op.get_context().autocommit_block():
            _indexes_beside_a_running_release()
    op.create_table(
        "schema_floor",
        sa.Column("oldest_code", sa.String(length=32), nullable=False),
        sa.Column("release", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("oldest_code", name=op.f("pk_schema_floor")),
    )
    op.execute("INSERT INTO schema_floor (oldest_code, release) VALUES ('0001', '0.1.0')")
    op.create_table(
        "password_resets",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("moderator_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name=op.f("fk_password_resets_moderator_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_password_resets")),
    )
    op.create_index(op.f("ix_password_resets_moderator_id"), "password_resets", ["moderator_id"])
    # Columns that may be empty: neither database rewrites the table for them.
    op.add_column("revisions", sa.Column("request_id", sa.String(length=64), nullable=True))
    op.add_column("api_keys", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))


def _indexes_beside_a_running_release() -> None:
    """CONCURRENTLY: comments are taken in meanwhile. An index that is interrupted stays behind
    unfinished, written to but never read: it is made again."""
    connection = op.get_bind()
    # It waits for the end of every transaction that was there before it, a long backup's too.
    # Nobody waits behind it, so that it may take its time.
    patience = connection.scalar(sa.text("SHOW lock_timeout"))
    connection.execute(sa.text("SET lock_timeout = 0"))
    whole = connection.scalars(
        sa.text(
            "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
            " WHERE indrelid = 'comments'::regclass AND indisvalid"
        )
    )
    _indexes(made=frozenset(whole))
    connection.execute(sa.text("SELECT set_config('lock_timeout', :it, false)"), {"it": patience})


def _indexes(made: Collection[str]) -> None:
    for name, columns, where in INDEXES:
        if name in made:
            continue
        op.drop_index(name, "comments", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            name,
            "comments",
            columns,
            postgresql_where=where,
            sqlite_where=where,
            postgresql_concurrently=True,
        )
    # The release before this one claims by it. Without it, its claims sort what waits.
    op.drop_index("ix_comments_waiting", "comments", if_exists=True, postgresql_concurrently=True)


def downgrade() -> None:
    op.create_index(
        "ix_comments_waiting",
        "comments",
        ["received_at", "id"],
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )
    op.drop_index("ix_comments_blocked", "comments")
    op.drop_index("ix_comments_waiting_of_site", "comments")
    op.drop_column("api_keys", "expires_at")
    op.drop_column("revisions", "request_id")
    op.drop_table("password_resets")
    op.drop_table("schema_floor")
