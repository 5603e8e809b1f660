"""which words carry a score"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    # A table of its own, and no columns of `scores`: that one is long, and an index on it would
    # have to be made CONCURRENTLY. The release before this one neither reads nor writes it.
    op.create_table(
        "spans",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("model_version", sa.String(length=64), nullable=False),
        sa.Column("asked", JSON, nullable=False),
        sa.Column("found", JSON, nullable=True),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "comment_id", "revision", "model_version"],
            ["scores.site_id", "scores.comment_id", "scores.revision", "scores.model_version"],
            name=op.f("fk_spans_site_id_comment_id_revision_model_version"),
        ),
        sa.PrimaryKeyConstraint(
            "site_id", "comment_id", "revision", "model_version", name=op.f("pk_spans")
        ),
    )
    op.create_index(
        "ix_spans_due",
        "spans",
        ["due"],
        postgresql_where=sa.text("due IS NOT NULL"),
        sqlite_where=sa.text("due IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("spans")
