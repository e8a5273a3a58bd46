"""What callers said, where it is kept and until when, and what links to it are signed with."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "r0008"
down_revision = "r0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
KEPT = sa.text("status = 'stored' AND deleted_at IS NULL")


def upgrade() -> None:
    """Make both tables, and the secret of the links."""
    op.create_table(
        "recordings",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("uid", sa.Text(), nullable=False, unique=True),
        sa.Column("call_id", sa.Text(), sa.ForeignKey("calls.call_id"), nullable=False),
        sa.Column("account_id", KEY, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("din", sa.Text(), nullable=False),
        sa.Column("din_uid", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code", sa.Text()),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("heard_at", TIME),
        sa.Column("deleted_at", TIME),
        sa.Column("kept_until", TIME),
        sa.Column("charged_until", TIME),
        sa.Column("periods", sa.Integer(), nullable=False, server_default="0"),
    )
    op.create_index("ix_recordings_call_id", "recordings", ["call_id"])
    op.create_index("ix_recordings_account_id_started_at", "recordings", ["account_id", "started_at", "id"])
    unfinished = sa.text("status = 'recording'")
    op.create_index(
        "ix_recordings_unfinished", "recordings", ["id"], sqlite_where=unfinished, postgresql_where=unfinished
    )
    for column in ("charged_until", "kept_until"):
        name = f"ix_recordings_{column}"
        op.create_index(name, "recordings", [column, "id"], sqlite_where=KEPT, postgresql_where=KEPT)
    made = op.create_table(
        "server_secrets",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    op.bulk_insert(made, [{"name": "recording-links", "value": secrets.token_hex(32)}])
