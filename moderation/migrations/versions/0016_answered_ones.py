"""appeals and notices that have ended, newest first"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ENDED = sa.text("ended_at IS NOT NULL")


def upgrade() -> None:
    # Few people appeal or give notice: these two tables are read in no time.
    for table in ("appeals", "notices"):
        op.create_index(
            f"ix_{table}_ended",
            table,
            ["site_id", "ended_at", "id"],
            postgresql_where=ENDED,
            sqlite_where=ENDED,
        )


def downgrade() -> None:
    for table in ("appeals", "notices"):
        op.drop_index(f"ix_{table}_ended", table)
