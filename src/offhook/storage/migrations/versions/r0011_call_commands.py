"""What API users want of calls that run, for the nodes of those calls to do."""

import sqlalchemy as sa
from alembic import op

revision = "r0011"
down_revision = "r0010"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make room for commands; those that wait are found by their calls."""
    op.create_table(
        "call_commands",
        sa.Column("seq", KEY, primary_key=True),
        sa.Column("command_id", sa.Text(), nullable=False, unique=True),
        sa.Column("call_id", sa.Text(), sa.ForeignKey("calls.call_id"), nullable=False),
        sa.Column("action", sa.Text()),
        sa.Column("api_user", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("done_at", TIME),
        sa.Column("code", sa.Text()),
    )
    waiting = sa.text("done_at IS NULL")
    op.create_index(
        "ix_call_commands_waiting", "call_commands", ["call_id"], sqlite_where=waiting, postgresql_where=waiting
    )
