"""first schema"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:

    op.create_table(
        "moderators",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderators")),
        sa.UniqueConstraint("email", name=op.f("uq_moderators_email")),
    )
    op.create_table(
        "sites",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("hold_everything", sa.Boolean(), nullable=False),
        sa.Column(
            "languages",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("decisions_seq", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("slug", name=op.f("uq_sites_slug")),
    )
    op.create_table(
        "api_keys",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=16), nullable=False),
        sa.Column(
            "scopes",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_api_keys_site_id")),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_keys_secret_hash")),
    )
    op.create_table(
        "assignments",
        sa.Column("moderator_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator_id"],
            ["moderators.id"],
            name=op.f("fk_assignments_moderator_id"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_assignments_site_id")),
        sa.PrimaryKeyConstraint("moderator_id", "site_id", name=op.f("pk_assignments")),
    )
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignments_site_id"), ["site_id"], unique=False)

    op.create_table(
        "audit",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column(
            "subject",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("moderator_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name=op.f("fk_audit_moderator_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_audit_site_id")),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_audit")),
    )
    op.create_table(
        "commenters",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=True),
        sa.Column("approved", sa.Integer(), nullable=False),
        sa.Column("blocked", sa.Integer(), nullable=False),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("block_reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_commenters_site_id")),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_commenters")),
        sa.UniqueConstraint(
            "site_id", "external_id", name=op.f("uq_commenters_site_id_external_id")
        ),
    )
    op.create_table(
        "policies",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("model_version", sa.String(length=64), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_policies_site_id")),
        sa.PrimaryKeyConstraint("site_id", "version", name=op.f("pk_policies")),
    )
    op.create_table(
        "receipts",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_receipts_site_id")),
        sa.PrimaryKeyConstraint("site_id", "key_hash", name=op.f("pk_receipts")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("moderator_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name=op.f("fk_sign_ins_moderator_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_ins")),
    )
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sign_ins_moderator_id"), ["moderator_id"], unique=False
        )

    op.create_table(
        "stories",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("section", sa.String(length=200), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_stories_site_id")),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_stories")),
        sa.UniqueConstraint("site_id", "external_id", name=op.f("uq_stories_site_id_external_id")),
    )
    op.create_table(
        "comments",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("commenter_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_by", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('received', 'held', 'approved', 'blocked')",
            name=op.f("ck_comments_status"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "commenter_id"],
            ["commenters.site_id", "commenters.id"],
            name=op.f("fk_comments_site_id_commenter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "parent_id"],
            ["comments.site_id", "comments.id"],
            name=op.f("fk_comments_site_id_parent_id"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "story_id"],
            ["stories.site_id", "stories.id"],
            name=op.f("fk_comments_site_id_story_id"),
        ),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_comments")),
        sa.UniqueConstraint("site_id", "external_id", name=op.f("uq_comments_site_id_external_id")),
    )
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.create_index(
            "ix_comments_commenter",
            ["site_id", "commenter_id", "received_at"],
            unique=False,
        )
        batch_op.create_index(
            "ix_comments_held",
            ["site_id", "received_at", "id"],
            unique=False,
            postgresql_where=sa.text("status = 'held' AND erased_at IS NULL"),
            sqlite_where=sa.text("status = 'held' AND erased_at IS NULL"),
        )
        batch_op.create_index("ix_comments_parent", ["site_id", "parent_id"], unique=False)
        batch_op.create_index(
            "ix_comments_story",
            ["site_id", "story_id", "posted_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_comments_waiting",
            ["received_at", "id"],
            unique=False,
            postgresql_where=sa.text("judged_at IS NULL AND erased_at IS NULL"),
            sqlite_where=sa.text("judged_at IS NULL AND erased_at IS NULL"),
        )

    op.create_table(
        "refusals",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("commenter_id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "commenter_id"],
            ["commenters.site_id", "commenters.id"],
            name=op.f("fk_refusals_site_id_commenter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "story_id"],
            ["stories.site_id", "stories.id"],
            name=op.f("fk_refusals_site_id_story_id"),
        ),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_refusals")),
    )
    op.create_table(
        "flags",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("reader_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("flagged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "comment_id"],
            ["comments.site_id", "comments.id"],
            name=op.f("fk_flags_site_id_comment_id"),
        ),
        sa.PrimaryKeyConstraint("site_id", "comment_id", "reader_hash", name=op.f("pk_flags")),
    )
    op.create_table(
        "revisions",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("fingerprint", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "comment_id"],
            ["comments.site_id", "comments.id"],
            name=op.f("fk_revisions_site_id_comment_id"),
        ),
        sa.PrimaryKeyConstraint("site_id", "comment_id", "number", name=op.f("pk_revisions")),
    )
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_revisions_fingerprint",
            ["site_id", "fingerprint", "created_at"],
            unique=False,
        )

    op.create_table(
        "strikes",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("commenter_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "comment_id"],
            ["comments.site_id", "comments.id"],
            name=op.f("fk_strikes_site_id_comment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "commenter_id"],
            ["commenters.site_id", "commenters.id"],
            name=op.f("fk_strikes_site_id_commenter_id"),
        ),
        sa.PrimaryKeyConstraint("site_id", "comment_id", name=op.f("pk_strikes")),
    )
    with op.batch_alter_table("strikes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_strikes_commenter_id"), ["commenter_id"], unique=False)

    op.create_table(
        "decisions",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status_before", sa.String(length=16), nullable=False),
        sa.Column("status_after", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=16), nullable=False),
        sa.Column("moderator_id", sa.Uuid(), nullable=True),
        sa.Column("clause", sa.String(length=40), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column(
            "evidence",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("undoes", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name=op.f("fk_decisions_moderator_id")
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "comment_id", "revision"],
            ["revisions.site_id", "revisions.comment_id", "revisions.number"],
            name=op.f("fk_decisions_site_id_comment_id_revision"),
        ),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("site_id", "seq", name=op.f("uq_decisions_site_id_seq")),
    )
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_decisions_comment", ["site_id", "comment_id", "seq"], unique=False
        )
        batch_op.create_index("ix_decisions_decided_at", ["site_id", "decided_at"], unique=False)

    op.create_table(
        "scores",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("model_version", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column(
            "attributes",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "quoted",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column("worst", sa.Double(), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "comment_id", "revision"],
            ["revisions.site_id", "revisions.comment_id", "revisions.number"],
            name=op.f("fk_scores_site_id_comment_id_revision"),
        ),
        sa.PrimaryKeyConstraint(
            "site_id", "comment_id", "revision", "model_version", name=op.f("pk_scores")
        ),
    )
    with op.batch_alter_table("scores", schema=None) as batch_op:
        batch_op.create_index("ix_scores_worst", ["site_id", "worst"], unique=False)

    op.create_table(
        "decision_notes",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id", "decision_id"],
            ["decisions.site_id", "decisions.id"],
            name=op.f("fk_decision_notes_site_id_decision_id"),
        ),
        sa.PrimaryKeyConstraint("site_id", "decision_id", name=op.f("pk_decision_notes")),
    )


def downgrade() -> None:

    op.drop_table("decision_notes")
    with op.batch_alter_table("scores", schema=None) as batch_op:
        batch_op.drop_index("ix_scores_worst")

    op.drop_table("scores")
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.drop_index("ix_decisions_decided_at")
        batch_op.drop_index("ix_decisions_comment")

    op.drop_table("decisions")
    with op.batch_alter_table("strikes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_strikes_commenter_id"))

    op.drop_table("strikes")
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.drop_index("ix_revisions_fingerprint")

    op.drop_table("revisions")
    op.drop_table("flags")
    op.drop_table("refusals")
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_comments_waiting",
            postgresql_where=sa.text("judged_at IS NULL AND erased_at IS NULL"),
            sqlite_where=sa.text("judged_at IS NULL AND erased_at IS NULL"),
        )
        batch_op.drop_index("ix_comments_story")
        batch_op.drop_index("ix_comments_parent")
        batch_op.drop_index(
            "ix_comments_held",
            postgresql_where=sa.text("status = 'held' AND erased_at IS NULL"),
            sqlite_where=sa.text("status = 'held' AND erased_at IS NULL"),
        )
        batch_op.drop_index("ix_comments_commenter")

    op.drop_table("comments")
    op.drop_table("stories")
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_ins_moderator_id"))

    op.drop_table("sign_ins")
    op.drop_table("receipts")
    op.drop_table("policies")
    op.drop_table("commenters")
    op.drop_table("audit")
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignments_site_id"))

    op.drop_table("assignments")
    op.drop_table("api_keys")
    op.drop_table("sites")
    op.drop_table("moderators")
