"""people: invitations, where one is signed in, one-time codes, an audit log only added to"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEXES = (
    ("ix_audit_newest", ["site_id", "at", "id"]),
    ("ix_audit_by", ["site_id", "moderator_id", "at", "id"]),
    ("ix_audit_event", ["site_id", "event", "at", "id"]),
)


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
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("moderator_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name=op.f("fk_identities_moderator_id")
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identities")),
        sa.UniqueConstraint(
            "issuer", "moderator_id", name=op.f("uq_identities_issuer_moderator_id")
        ),
    )
    op.create_index(op.f("ix_identities_moderator_id"), "identities", ["moderator_id"])
    # Columns that may be empty: neither database rewrites the table for them.
    op.add_column("sign_ins", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sign_ins", sa.Column("client", sa.String(length=40), nullable=True))
    # A short table, which is seldom written to: nobody waits long for its indexes.
    for name, columns in INDEXES:
        op.create_index(name, "audit", columns)
    _keep_the_audit_log()


def _keep_the_audit_log() -> None:
    """Refuse to change or delete a row of it, whatever asks."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_refuses_{act.lower()} BEFORE {act} ON audit"
                " BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_refuses BEFORE UPDATE OR DELETE ON audit"
        " FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to()"
    )


def _let_the_audit_log_go() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_refuses_update")
        op.execute("DROP TRIGGER audit_refuses_delete")
        return
    op.execute("DROP TRIGGER audit_refuses ON audit")
    op.execute("DROP FUNCTION audit_is_only_added_to()")


def downgrade() -> None:
    _let_the_audit_log_go()
    for name, _ in INDEXES:
        op.drop_index(name, "audit")
    op.drop_column("sign_ins", "client")
    op.drop_column("sign_ins", "last_used_at")
    op.drop_table("identities")
    op.drop_table("recovery_codes")
    op.drop_table("authenticators")
    op.drop_table("invitations")
