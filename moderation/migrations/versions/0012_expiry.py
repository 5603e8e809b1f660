"""what waits under a closed story may expire"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAME = "ix_decisions_expired"
COLUMNS = ["site_id", "decided_at", "id"]
EXPIRED = sa.text("reason IS NOT NULL")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _columns(beside=False)
        op.create_index(NAME, "decisions", COLUMNS, sqlite_where=EXPIRED)
    else:
        # Each statement is a transaction of its own, as in 0004: the index reads the whole log, in
        # which decisions are written meanwhile. What is interrupted is repeated from the start.
        with op.get_context().autocommit_block():
            _columns(beside=True)
            _index_beside_a_running_release()


def _columns(*, beside: bool) -> None:
    # Empty, or with a constant default: neither database rewrites a table.
    days = sa.Column("expire_days", sa.Integer(), server_default="0", nullable=False)
    op.add_column("sites", days, if_not_exists=beside or None)
    reason = sa.Column("reason", sa.String(length=32), nullable=True)
    op.add_column("decisions", reason, if_not_exists=beside or None)


def _index_beside_a_running_release() -> None:
    connection = op.get_bind()
    # It waits for the end of every transaction that was there before it, and nobody behind it.
    patience = connection.scalar(sa.text("SHOW lock_timeout"))
    connection.execute(sa.text("SET lock_timeout = 0"))
    op.drop_index(NAME, "decisions", if_exists=True, postgresql_concurrently=True)
    op.create_index(
        NAME, "decisions", COLUMNS, postgresql_where=EXPIRED, postgresql_concurrently=True
    )
    connection.execute(sa.text("SELECT set_config('lock_timeout', :it, false)"), {"it": patience})


def downgrade() -> None:
    op.drop_index(NAME, "decisions")
    op.drop_column("decisions", "reason")
    op.drop_column("sites", "expire_days")
