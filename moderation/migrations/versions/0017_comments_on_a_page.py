"""who may show a site's comments on a page, and under which names"""

import hashlib
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql, sqlite

from moderation.folding import fold

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
AT_ONCE = 500
ALIKE = str.maketrans("01i|", "olll")
commenters = sa.table(
    "commenters",
    sa.column("site_id", sa.Uuid()),
    sa.column("id", sa.Uuid()),
    sa.column("name", sa.Text()),
)

names = sa.table(
    "commenter_names",
    sa.column("site_id", sa.Uuid()),
    sa.column("commenter_id", sa.Uuid()),
    sa.column("name_key", sa.String()),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _tables(beside=False)
        _note_names()
        _columns(beside=False)
    else:
        # As 0004: each statement a transaction of its own, so that no lock is held while all names
        # are read; what is interrupted is repeated from the start.
        with op.get_context().autocommit_block():
            _tables(beside=True)
            _note_names()
            _columns(beside=True)


def _tables(*, beside: bool) -> None:
    op.create_table(
        "embed_secrets",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_embed_secrets_site_id")),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_embed_secrets")),
        if_not_exists=beside,
    )
    op.create_table(
        "commenter_names",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("commenter_id", sa.Uuid(), nullable=False),
        sa.Column("name_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "commenter_id"],
            ["commenters.site_id", "commenters.id"],
            name=op.f("fk_commenter_names_site_id_commenter_id"),
        ),
        sa.PrimaryKeyConstraint("site_id", "commenter_id", name=op.f("pk_commenter_names")),
        if_not_exists=beside,
    )
    op.create_index(
        "ix_commenter_names_key", "commenter_names", ["site_id", "name_key"], if_not_exists=beside
    )


def _columns(*, beside: bool) -> None:
    # With a constant default neither database rewrites the table.
    for column in (
        sa.Column("embed_origins", JSON, server_default="[]", nullable=False),
        sa.Column("embed_guests", sa.Boolean(), server_default=sa.false(), nullable=False),
    ):
        op.add_column("sites", column, if_not_exists=beside or None)


def _note_names() -> None:
    """From the names that there are. A reader whom the release before this one makes known while
    it is still running has no row until they are renamed."""
    connection = op.get_bind()
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    note = dialect.insert(names).on_conflict_do_nothing()
    named = (
        sa.select(commenters.c.site_id, commenters.c.id, commenters.c.name)
        .where(commenters.c.name != "")
        .order_by(commenters.c.site_id, commenters.c.id)
        .limit(AT_ONCE)
    )
    rows = connection.execute(named).all()
    while rows:
        known = [
            {"site_id": row.site_id, "commenter_id": row.id, "name_key": key}
            for row in rows
            if (key := _key(row.name)) is not None
        ]
        if known:
            connection.execute(note, known)
        beyond = sa.tuple_(commenters.c.site_id, commenters.c.id) > (rows[-1].site_id, rows[-1].id)
        rows = connection.execute(named.where(beyond)).all()
    # The release before this one knows nothing of this table when it forgets somebody meanwhile.
    forgotten = sa.select(commenters.c.id).where(
        commenters.c.site_id == names.c.site_id,
        commenters.c.id == names.c.commenter_id,
        commenters.c.name == "",
    )
    connection.execute(sa.delete(names).where(forgotten.exists()))


def _key(name: str) -> str | None:
    letters = "".join(filter(str.isalnum, fold(name, None).translate(ALIKE)))
    return hashlib.sha256(letters.encode()).hexdigest() if letters else None


def downgrade() -> None:
    op.drop_table("commenter_names")
    op.drop_table("embed_secrets")
    op.drop_column("sites", "embed_guests")
    op.drop_column("sites", "embed_origins")
