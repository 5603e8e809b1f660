"""the queue: trays, orders, filters, leases"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
HELD = "status = 'held' AND erased_at IS NULL"
BY_PEOPLE = "moderator_id IS NOT NULL"
INDEXES: tuple[tuple[str, str, list[str], str], ...] = (
    (
        "ix_comments_tray_urgency",
        "comments",
        ["site_id", "tray", "urgency", "received_at", "id"],
        HELD,
    ),
    ("ix_comments_tray_worst", "comments", ["site_id", "tray", "worst", "received_at", "id"], HELD),
    ("ix_comments_tray_received", "comments", ["site_id", "tray", "received_at", "id"], HELD),
    ("ix_comments_held_story", "comments", ["site_id", "story_id", "received_at", "id"], HELD),
    (
        "ix_comments_moved_by",
        "comments",
        ["site_id", "moved_by", "received_at", "id"],
        f"{HELD} AND moved_by IS NOT NULL",
    ),
    ("ix_decisions_together", "decisions", ["site_id", "together"], "together IS NOT NULL"),
    ("ix_decisions_of_people", "decisions", ["site_id", "decided_at", "id"], BY_PEOPLE),
    (
        "ix_decisions_of_moderator",
        "decisions",
        ["site_id", "moderator_id", "decided_at", "id"],
        BY_PEOPLE,
    ),
)
AT_ONCE = 500
LIVE, REPORTED, THREAT = 2, 1, 0

comments = sa.table(
    "comments",
    sa.column("site_id", sa.Uuid()),
    sa.column("id", sa.Uuid()),
    sa.column("revision", sa.Integer()),
    sa.column("status", sa.String()),
    sa.column("erased_at", sa.DateTime(timezone=True)),
    sa.column("flags", sa.Integer()),
    sa.column("urgency", sa.SmallInteger()),
    sa.column("worst", sa.Double()),
    sa.column("held_for", sa.Text()),
)
revisions = sa.table(
    "revisions",
    sa.column("site_id", sa.Uuid()),
    sa.column("comment_id", sa.Uuid()),
    sa.column("number", sa.Integer()),
    sa.column("language", sa.String()),
)
decisions = sa.table(
    "decisions",
    sa.column("site_id", sa.Uuid()),
    sa.column("comment_id", sa.Uuid()),
    sa.column("seq", sa.BigInteger()),
    sa.column("actor", sa.String()),
    sa.column("evidence", JSON),
)
scores = sa.table(
    "scores",
    sa.column("site_id", sa.Uuid()),
    sa.column("comment_id", sa.Uuid()),
    sa.column("revision", sa.Integer()),
    sa.column("worst", sa.Double()),
)


def upgrade() -> None:
    # On Postgres each statement is a transaction of its own: together they would keep everybody
    # from the comments until the last index is made. What is interrupted is repeated from the
    # start, and finds what is there already.
    if op.get_bind().dialect.name == "sqlite":
        _columns(beside=False)
        _sort_what_is_held()
        _indexes(made=frozenset())
    else:
        with op.get_context().autocommit_block():
            _columns(beside=True)
            _sort_what_is_held()
            _indexes_beside_a_running_release()


def _columns(*, beside: bool) -> None:
    # With a constant default neither database rewrites the table. The release before this one
    # writes none of these: what it holds lies in the tray `waiting`, and no filter finds it.
    for column in (
        sa.Column("tray", sa.String(length=16), server_default="waiting", nullable=False),
        sa.Column("move_id", sa.Uuid(), nullable=True),
        sa.Column("moved_by", sa.Uuid(), nullable=True),
        sa.Column("urgency", sa.SmallInteger(), server_default=str(LIVE), nullable=False),
        sa.Column("worst", sa.Double(), server_default="0", nullable=False),
        sa.Column("held_for", sa.Text(), server_default="", nullable=False),
    ):
        op.add_column("comments", column, if_not_exists=beside or None)
    together = sa.Column("together", sa.Uuid(), nullable=True)
    op.add_column("decisions", together, if_not_exists=beside or None)
    op.create_table(
        "moves",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("tray_before", sa.String(length=16), nullable=False),
        sa.Column("tray_after", sa.String(length=16), nullable=False),
        sa.Column("concern", sa.String(length=16), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("moderator_id", sa.Uuid(), nullable=False),
        sa.Column("undoes", sa.Uuid(), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name=op.f("fk_moves_moderator_id")
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "comment_id"],
            ["comments.site_id", "comments.id"],
            name=op.f("fk_moves_site_id_comment_id"),
        ),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_moves")),
        if_not_exists=True,
    )
    op.create_table(
        "leases",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("moderator_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name=op.f("fk_leases_moderator_id")
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "comment_id"],
            ["comments.site_id", "comments.id"],
            name=op.f("fk_leases_site_id_comment_id"),
        ),
        sa.PrimaryKeyConstraint("site_id", "comment_id", name=op.f("pk_leases")),
        if_not_exists=True,
    )
    op.create_index(
        "ix_moves_comment", "moves", ["site_id", "comment_id", "moved_at"], if_not_exists=True
    )
    op.create_index(
        "ix_leases_moderator_id", "leases", ["moderator_id", "until"], if_not_exists=True
    )


def _sort_what_is_held() -> None:
    """Give what is held already what it is sorted and filtered by, from its newest verdict.

    Row by row, so that no lock is held for long; a comment that is decided meanwhile is left alone.
    """
    connection = op.get_bind()
    newest = (
        sa.select(decisions.c.evidence)
        .where(
            decisions.c.site_id == comments.c.site_id,
            decisions.c.comment_id == comments.c.id,
            decisions.c.actor == "policy",
        )
        .order_by(decisions.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    worst = (
        sa.select(sa.func.max(scores.c.worst))
        .where(
            scores.c.site_id == comments.c.site_id,
            scores.c.comment_id == comments.c.id,
            scores.c.revision == comments.c.revision,
        )
        .scalar_subquery()
    )
    held = (
        sa.select(
            comments.c.site_id,
            comments.c.id,
            comments.c.flags,
            revisions.c.language,
            newest.label("evidence"),
            worst.label("worst"),
        )
        .join(
            revisions,
            sa.and_(
                revisions.c.site_id == comments.c.site_id,
                revisions.c.comment_id == comments.c.id,
                revisions.c.number == comments.c.revision,
            ),
        )
        .where(comments.c.status == "held", comments.c.erased_at.is_(None))
        .order_by(comments.c.site_id, comments.c.id)
        .limit(AT_ONCE)
    )
    sort = sa.update(comments).where(
        comments.c.site_id == sa.bindparam("site"),
        comments.c.id == sa.bindparam("comment"),
        comments.c.status == "held",
    )
    rows = connection.execute(held).all()
    while rows:
        for row in rows:
            said = {"site": row.site_id, "comment": row.id}
            connection.execute(sort.values(**_sorted(row)), said)
        beyond = sa.tuple_(comments.c.site_id, comments.c.id) > (rows[-1].site_id, rows[-1].id)
        rows = connection.execute(held.where(beyond)).all()


def _sorted(row: Any) -> dict[str, Any]:
    evidence: Mapping[str, Any] = row.evidence or {}
    violations: Sequence[Mapping[str, Any]] = evidence.get("violations") or ()
    marks = dict.fromkeys(f"clause:{one['clause']}" for one in violations)
    marks |= dict.fromkeys(f"signal:{one['signal']}" for one in violations if one.get("signal"))
    marks |= dict.fromkeys(f"signal:{reason}" for reason in evidence.get("reasons") or ())
    if row.language:
        marks[f"language:{row.language}"] = None
    threat = any(one.get("attribute") == "threat" for one in violations)
    worst = row.worst if row.worst is not None and math.isfinite(row.worst) else 0.0
    return {
        "urgency": THREAT if threat else REPORTED if row.flags else LIVE,
        "worst": worst,
        "held_for": f" {' '.join(marks)} " if marks else "",
    }


def _indexes_beside_a_running_release() -> None:
    """CONCURRENTLY: comments are taken in meanwhile. An index that is interrupted stays behind
    unfinished, written to but never read: it is made again."""
    connection = op.get_bind()
    # It waits for the end of every transaction that was there before it, a long backup's too.
    # Nobody waits behind it, so that it may take its time.
    patience = connection.scalar(sa.text("SHOW lock_timeout"))
    connection.execute(sa.text("SET lock_timeout = 0"))
    whole = connection.scalars(
        sa.text(
            "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
            " WHERE indrelid IN ('comments'::regclass, 'decisions'::regclass) AND indisvalid"
        )
    )
    _indexes(made=frozenset(whole))
    connection.execute(sa.text("SELECT set_config('lock_timeout', :it, false)"), {"it": patience})


def _indexes(made: Collection[str]) -> None:
    for name, table, columns, where in INDEXES:
        if name in made:
            continue
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(
            name,
            table,
            columns,
            postgresql_where=sa.text(where),
            sqlite_where=sa.text(where),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table)
    op.drop_table("leases")
    op.drop_table("moves")
    for name in ("held_for", "worst", "urgency", "moved_by", "move_id", "tray"):
        op.drop_column("comments", name)
    op.drop_column("decisions", "together")
