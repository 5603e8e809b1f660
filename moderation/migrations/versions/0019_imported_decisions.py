"""how a comment stood where it was imported from"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Empty: neither database rewrites the log.
    op.add_column("decisions", sa.Column("imported_as", sa.String(length=16), nullable=True))


def downgrade() -> None:
    op.drop_column("decisions", "imported_as")
