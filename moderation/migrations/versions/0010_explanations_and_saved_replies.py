"""what the commenter is told of a block, and the texts that a site keeps for that"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Tables of their own: the release before this one neither reads nor writes them.
    op.create_table(
        "explanations",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id", "decision_id"],
            ["decisions.site_id", "decisions.id"],
            name=op.f("fk_explanations_site_id_decision_id"),
        ),
        sa.PrimaryKeyConstraint("site_id", "decision_id", name=op.f("pk_explanations")),
    )
    op.create_table(
        "saved_replies",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clause", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_saved_replies_site_id")),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_saved_replies")),
    )
    op.create_index("ix_saved_replies_clause", "saved_replies", ["site_id", "clause", "title"])


def downgrade() -> None:
    op.drop_table("saved_replies")
    op.drop_table("explanations")
