"""what moderators elsewhere say that comments should have scored"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.create_table(
        "suggestions",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("scores", JSON, nullable=False),
        sa.Column("token", sa.String(length=200), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_suggestions_site_id")),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_suggestions")),
    )
    op.create_index("ix_suggestions_token", "suggestions", ["site_id", "token"])
    op.create_index("ix_suggestions_age", "suggestions", ["received_at"])
    op.add_column(
        "sites",
        sa.Column("keep_suggestions", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("sites", "keep_suggestions")
    op.drop_table("suggestions")
