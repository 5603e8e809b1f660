"""deliveries in the order in which they are sent"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WAITS = sa.text("outcome IS NULL")
DUE = ["site_id", "webhook_id", "next_try"]


def upgrade() -> None:
    _index([*DUE, "seq", "event"])


def downgrade() -> None:
    _index(DUE)


def _index(columns: list[str]) -> None:
    op.drop_index("ix_deliveries_due", "deliveries")
    op.create_index(
        "ix_deliveries_due", "deliveries", columns, postgresql_where=WAITS, sqlite_where=WAITS
    )
