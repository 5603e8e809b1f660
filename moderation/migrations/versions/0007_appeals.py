"""appeals of blocks"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WAITS = sa.text("outcome IS NULL")


def upgrade() -> None:
    op.create_table(
        "appeals",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("commenter_id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("block_id", sa.Uuid(), nullable=True),
        sa.Column("against", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("key_hash", sa.String(length=64), nullable=True),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("moderator_id", sa.Uuid(), nullable=True),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(decision_id IS NULL) <> (block_id IS NULL)", name=op.f("ck_appeals_one_block")
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "commenter_id"],
            ["commenters.site_id", "commenters.id"],
            name=op.f("fk_appeals_site_id_commenter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "comment_id"],
            ["comments.site_id", "comments.id"],
            name=op.f("fk_appeals_site_id_comment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "decision_id"],
            ["decisions.site_id", "decisions.id"],
            name=op.f("fk_appeals_site_id_decision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "block_id"],
            ["commenter_blocks.site_id", "commenter_blocks.id"],
            name=op.f("fk_appeals_site_id_block_id"),
        ),
        sa.ForeignKeyConstraint(["against"], ["moderators.id"], name=op.f("fk_appeals_against")),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name=op.f("fk_appeals_moderator_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("site_id", "decision_id", name=op.f("uq_appeals_site_id_decision_id")),
        sa.UniqueConstraint("site_id", "block_id", name=op.f("uq_appeals_site_id_block_id")),
        sa.UniqueConstraint("site_id", "key_hash", name=op.f("uq_appeals_site_id_key_hash")),
        sa.UniqueConstraint("site_id", "seq", name=op.f("uq_appeals_site_id_seq")),
    )
    op.create_index("ix_appeals_comment", "appeals", ["site_id", "comment_id"])
    op.create_index("ix_appeals_commenter", "appeals", ["site_id", "commenter_id", "received_at"])
    op.create_index(
        "ix_appeals_waiting",
        "appeals",
        ["site_id", "received_at", "id"],
        postgresql_where=WAITS,
        sqlite_where=WAITS,
    )
    # May be empty: neither database rewrites the table for it.
    op.add_column("decisions", sa.Column("appeal_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("decisions", "appeal_id")
    op.drop_table("appeals")
