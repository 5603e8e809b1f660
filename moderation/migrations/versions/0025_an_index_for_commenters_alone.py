"""the index of a commenter's held comments, for questions about a commenter alone"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAME = "ix_comments_held_commenter"
HELD = "status = 'held' AND erased_at IS NULL"


def upgrade() -> None:
    # As 0024.
    if op.get_bind().dialect.name == "sqlite":
        _index(f"{HELD} AND commenter_id IS NOT NULL")
        return
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        patience = connection.scalar(sa.text("SHOW lock_timeout"))
        connection.execute(sa.text("SET lock_timeout = 0"))
        _index(f"{HELD} AND commenter_id IS NOT NULL", beside=True)
        connection.execute(
            sa.text("SELECT set_config('lock_timeout', :it, false)"), {"it": patience}
        )


def downgrade() -> None:
    _index(HELD)


def _index(where: str, *, beside: bool = False) -> None:
    op.drop_index(NAME, "comments", if_exists=True, postgresql_concurrently=beside)
    op.create_index(
        NAME,
        "comments",
        ["site_id", "commenter_id", "received_at", "id"],
        postgresql_where=sa.text(where),
        sqlite_where=sa.text(where),
        postgresql_concurrently=beside,
    )
