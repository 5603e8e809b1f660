"""dealing: the languages that a moderator reads"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    # With a constant default neither database rewrites the table.
    reads = sa.Column("reads", JSON, server_default=sa.text("'[]'"), nullable=False)
    op.add_column("moderators", reads)


def downgrade() -> None:
    op.drop_column("moderators", "reads")
