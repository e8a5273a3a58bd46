"""Nodes with their heartbeats, and what is kept of a call in case its node dies."""

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
RUNNING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Add the tables of nodes and legs, and to calls what is known of a lost one."""
    op.create_table(
        "nodes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_nodes"),
    )
    op.create_table(
        "legs",
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("leg", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dialog", sa.Text(), nullable=False),
        sa.Column("answered_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_legs_call_id"),
        sa.PrimaryKeyConstraint("call_id", "leg", name="pk_legs"),
    )
    op.add_column("calls", sa.Column("lost_at", TIME))
    op.create_index("ix_calls_running_node", "calls", ["node"], sqlite_where=RUNNING, postgresql_where=RUNNING)
