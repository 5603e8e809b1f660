"""a budget of held comments, colleagues' figures, and what the policy held by day"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HOLDS = "status_after = 'held' AND status_before <> 'held' AND moderator_id IS NULL"


def upgrade() -> None:
    # As 0004: on Postgres an index of a large table is made beside the running release, outside of
    # any transaction, and what is interrupted is repeated from the start.
    if op.get_bind().dialect.name == "sqlite":
        _columns(beside=False)
        _index()
        return
    with op.get_context().autocommit_block():
        _columns(beside=True)
        connection = op.get_bind()
        patience = connection.scalar(sa.text("SHOW lock_timeout"))
        connection.execute(sa.text("SET lock_timeout = 0"))
        op.drop_index(
            "ix_decisions_holds", "decisions", if_exists=True, postgresql_concurrently=True
        )
        _index()
        connection.execute(
            sa.text("SELECT set_config('lock_timeout', :it, false)"), {"it": patience}
        )


def _columns(*, beside: bool) -> None:
    # With a constant default neither database rewrites the table.
    for column in (
        sa.Column("hold_budget", sa.Integer(), server_default="0", nullable=False),
        sa.Column("figures_of_others", sa.Boolean(), server_default=sa.false(), nullable=False),
    ):
        op.add_column("sites", column, if_not_exists=beside or None)


def _index() -> None:
    op.create_index(
        "ix_decisions_holds",
        "decisions",
        ["site_id", "decided_at"],
        postgresql_where=sa.text(HOLDS),
        sqlite_where=sa.text(HOLDS),
        postgresql_concurrently=True,
    )


def downgrade() -> None:
    op.drop_index("ix_decisions_holds", "decisions")
    op.drop_column("sites", "figures_of_others")
    op.drop_column("sites", "hold_budget")
