"""Events of calls in the outbox, found by their target, and a secret for every account that has a webhook."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "r0009"
down_revision = "r0008"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
WAITING = sa.text("next_at IS NOT NULL")


def upgrade() -> None:
    """Let notices tell of calls, and sign what is told."""
    op.add_column("accounts", sa.Column("webhook_secrets", sa.JSON()))
    op.add_column("notices", sa.Column("call_id", sa.Text()))
    op.add_column("notices", sa.Column("expires_at", TIME))
    op.drop_index("ix_notices_next_at", "notices")
    for name, columns in (
        ("ix_notices_waiting", ["way", "target", "next_at"]),
        ("ix_notices_waiting_call", ["call_id", "id"]),
    ):
        op.create_index(name, "notices", columns, sqlite_where=WAITING, postgresql_where=WAITING)
    _make_secrets()


def _make_secrets() -> None:
    connection = op.get_bind()
    accounts = sa.table("accounts", sa.column("id"), sa.column("webhook_url"), sa.column("webhook_secrets", sa.JSON()))
    for account in connection.execute(sa.select(accounts.c.id).where(accounts.c.webhook_url.is_not(None))).all():
        made = [f"whsec_{secrets.token_hex(24)}"]
        connection.execute(sa.update(accounts).where(accounts.c.id == account.id).values(webhook_secrets=made))
