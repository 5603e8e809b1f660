"""the spot check: which share a site wants, what was drawn, what was answered"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # With a constant default neither database rewrites the table; the release before this one
    # writes neither, and draws nothing.
    op.add_column("sites", sa.Column("spot_share", sa.Double(), server_default="0", nullable=False))
    op.add_column(
        "sites", sa.Column("spot_daily", sa.Integer(), server_default="20", nullable=False)
    )
    op.create_table(
        "spot_checks",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("stood_as", sa.String(length=16), nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=True),
        sa.Column("clause", sa.String(length=40), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("moderator_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id", "comment_id", "revision"],
            ["revisions.site_id", "revisions.comment_id", "revisions.number"],
            name=op.f("fk_spot_checks_site_id_comment_id_revision"),
        ),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name=op.f("fk_spot_checks_moderator_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "comment_id", "revision", name=op.f("pk_spot_checks")),
    )
    for name, column, where in (
        ("ix_spot_checks_open", "drawn_at", "answered_at IS NULL"),
        ("ix_spot_checks_answered", "answered_at", "answered_at IS NOT NULL"),
    ):
        op.create_index(
            name,
            "spot_checks",
            ["site_id", column],
            postgresql_where=sa.text(where),
            sqlite_where=sa.text(where),
        )


def downgrade() -> None:
    op.drop_table("spot_checks")
    op.drop_column("sites", "spot_daily")
    op.drop_column("sites", "spot_share")
