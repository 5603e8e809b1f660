"""people: who is invited to a site, where they are signed in, one-time codes"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "invitations",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_invitations_site_id")),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["moderators.id"], name=op.f("fk_invitations_invited_by")
        ),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
        sa.UniqueConstraint("site_id", "email", name=op.f("uq_invitations_site_id_email")),
    )
    op.create_table(
        "authenticators",
        sa.Column("moderator_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name=op.f("fk_authenticators_moderator_id")
        ),
        sa.PrimaryKeyConstraint("moderator_id", name=op.f("pk_authenticators")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("moderator_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name=op.f("fk_recovery_codes_moderator_id")
        ),
        sa.PrimaryKeyConstraint("moderator_id", "code_hash", name=op.f("pk_recovery_codes")),
    )
    # Columns that may be empty: neither database rewrites the table for them.
    op.add_column("sign_ins", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sign_ins", sa.Column("client", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("sign_ins", "client")
    op.drop_column("sign_ins", "last_used_at")
    op.drop_table("recovery_codes")
    op.drop_table("authenticators")
    op.drop_table("invitations")
