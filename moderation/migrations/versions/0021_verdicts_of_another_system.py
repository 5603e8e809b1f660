"""what another system made of the comments, told by a site that tries this one beside it"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "outside_verdicts",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('approved', 'held', 'blocked')",
            name=op.f("ck_outside_verdicts_status"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "comment_id", "revision"],
            ["revisions.site_id", "revisions.comment_id", "revisions.number"],
            name=op.f("fk_outside_verdicts_site_id_comment_id_revision"),
        ),
        sa.PrimaryKeyConstraint("site_id", "comment_id", name=op.f("pk_outside_verdicts")),
    )
    op.create_index(
        "ix_outside_verdicts_newest", "outside_verdicts", ["site_id", "told_at", "comment_id"]
    )


def downgrade() -> None:
    op.drop_table("outside_verdicts")
