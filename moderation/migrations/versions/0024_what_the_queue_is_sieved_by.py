"""what the queue is sieved by lies beside the keys of its indexes"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HELD = sa.text("status = 'held' AND erased_at IS NULL")
HELD_FOR_MAX = 2500
ORDERS = ("urgency", "worst", "received")
BESIDE = ["commenter_id", "revision", "flags", "worst", "held_for"]

comments = sa.table(
    "comments",
    sa.column("site_id", sa.Uuid()),
    sa.column("id", sa.Uuid()),
    sa.column("held_for", sa.Text()),
)


def upgrade() -> None:
    # As 0004: on Postgres an index of a large table is made beside the running release, outside of
    # any transaction, and what is interrupted is repeated from the start. The new ones have names
    # of their own, so that the queue is never without.
    if op.get_bind().dialect.name == "sqlite":
        _indexes()
        return
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        patience = connection.scalar(sa.text("SHOW lock_timeout"))
        connection.execute(sa.text("SET lock_timeout = 0"))
        _shorten(connection)
        _indexes()
        connection.execute(
            sa.text("SELECT set_config('lock_timeout', :it, false)"), {"it": patience}
        )


def _shorten(connection: sa.Connection) -> None:
    """To what an entry of an index may have. A policy of fifty clauses could have had more."""
    too_long = connection.execute(
        sa.select(comments).where(sa.func.length(comments.c.held_for) > HELD_FOR_MAX)
    ).all()
    for site_id, row_id, held_for in too_long:
        whole_marks = held_for[: held_for.rindex(" ", 0, HELD_FOR_MAX) + 1]
        connection.execute(
            sa.update(comments)
            .where(comments.c.site_id == site_id, comments.c.id == row_id)
            .values(held_for=whole_marks)
        )


def _indexes() -> None:
    for order in ORDERS:
        _index(f"queue_{order}", ["tray", *_key(order)], beside=BESIDE)
    _index("held_commenter", ["commenter_id", "received_at", "id"])
    for order in ORDERS:
        op.drop_index(
            f"ix_comments_tray_{order}", "comments", if_exists=True, postgresql_concurrently=True
        )


def _key(order: str) -> list[str]:
    return ["received_at", "id"] if order == "received" else [order, "received_at", "id"]


def _index(name: str, columns: list[str], *, beside: Sequence[str] = ()) -> None:
    name = f"ix_comments_{name}"
    op.drop_index(name, "comments", if_exists=True, postgresql_concurrently=True)
    op.create_index(
        name,
        "comments",
        ["site_id", *columns],
        postgresql_where=HELD,
        sqlite_where=HELD,
        postgresql_include=[column for column in beside if column not in columns],
        postgresql_concurrently=True,
    )


def downgrade() -> None:
    for order in ORDERS:
        op.create_index(
            f"ix_comments_tray_{order}",
            "comments",
            ["site_id", "tray", *_key(order)],
            postgresql_where=HELD,
            sqlite_where=HELD,
        )
        op.drop_index(f"ix_comments_queue_{order}", "comments")
    op.drop_index("ix_comments_held_commenter", "comments")
