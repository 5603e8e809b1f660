"""comfort: a moderator's language, time zone and keys, and whether words are blurred"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = (
    ("language", "VARCHAR(8)", "language IN ('en', 'hy', 'ru')"),
    ("time_zone", "VARCHAR(64) DEFAULT 'UTC' NOT NULL", "time_zone <> ''"),
    ("keys", "VARCHAR(8) DEFAULT 'ours' NOT NULL", "keys IN ('ours', 'coral', 'off')"),
    ("blurs", "BOOLEAN DEFAULT FALSE NOT NULL", "blurs IN (FALSE, TRUE)"),
)
"""As both databases take them: for a column with a check, Alembic would copy SQLite's whole table,
to which sign-ins and decisions point."""


def upgrade() -> None:
    for name, kind, check in COLUMNS:
        checked = f"CONSTRAINT ck_moderators_{name} CHECK ({check})"
        op.execute(sa.text(f"ALTER TABLE moderators ADD COLUMN {name} {kind} {checked}"))


def downgrade() -> None:
    for name, _, _ in reversed(COLUMNS):
        op.drop_column("moderators", name)
