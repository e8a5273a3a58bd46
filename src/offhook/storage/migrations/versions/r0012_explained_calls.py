"""What explains a call besides its timeline: its SIP messages, and its postings found by the call."""

import sqlalchemy as sa
from alembic import op

revision = "r0012"
down_revision = "r0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for messages beside the events; calls that ended before have none."""
    op.add_column("call_events", sa.Column("messages", sa.LargeBinary()))
    of_calls = sa.text("call_id IS NOT NULL")
    op.create_index("ix_postings_call_id", "postings", ["call_id"], sqlite_where=of_calls, postgresql_where=of_calls)
