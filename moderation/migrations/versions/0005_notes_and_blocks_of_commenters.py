"""what moderators note about a commenter, and every block with its reason and end"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Tables of their own: the release before this one neither reads nor writes them. Blocks that
    # were there before lie on their commenters' rows alone.
    op.create_table(
        "commenter_notes",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("commenter_id", sa.Uuid(), nullable=False),
        sa.Column("moderator_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "commenter_id"],
            ["commenters.site_id", "commenters.id"],
            name=op.f("fk_commenter_notes_site_id_commenter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name=op.f("fk_commenter_notes_moderator_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_commenter_notes")),
    )
    op.create_index(
        "ix_commenter_notes_commenter", "commenter_notes", ["site_id", "commenter_id", "written_at"]
    )
    op.create_table(
        "commenter_blocks",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("commenter_id", sa.Uuid(), nullable=False),
        sa.Column("moderator_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id", "commenter_id"],
            ["commenters.site_id", "commenters.id"],
            name=op.f("fk_commenter_blocks_site_id_commenter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name=op.f("fk_commenter_blocks_moderator_id")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["moderators.id"], name=op.f("fk_commenter_blocks_ended_by")
        ),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_commenter_blocks")),
    )
    op.create_index(
        "ix_commenter_blocks_commenter",
        "commenter_blocks",
        ["site_id", "commenter_id", "blocked_at"],
    )


def downgrade() -> None:
    op.drop_table("commenter_blocks")
    op.drop_table("commenter_notes")
