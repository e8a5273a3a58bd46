"""Events of calls in the outbox, found by their target."""

import sqlalchemy as sa
from alembic import op

revision = "r0009"
down_revision = "r0008"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
WAITING = sa.text("next_at IS NOT NULL")


def upgrade() -> None:
    """Let notices tell of calls."""
    op.add_column("notices", sa.Column("call_id", sa.Text()))
    op.add_column("notices", sa.Column("expires_at", TIME))
    op.drop_index("ix_notices_next_at", "notices")
    for name, columns in (
        ("ix_notices_waiting", ["way", "target", "next_at"]),
        ("ix_notices_waiting_call", ["call_id", "id"]),
    ):
        op.create_index(name, "notices", columns, sqlite_where=WAITING, postgresql_where=WAITING)
