"""What an account's requests and events are signed with and where to, and which action servers nodes leave alone."""

import sqlalchemy as sa
from alembic import op

revision = "r0010"
down_revision = "r0009"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Leave every account without a secret, as it was before: all goes unsigned until it has one."""
    columns: list[sa.Column[object]] = [
        sa.Column("signing_secret", sa.Text()),
        sa.Column("previous_signing_secret", sa.Text()),
        sa.Column("previous_signing_until", TIME),
        sa.Column("signed_origins", sa.JSON()),
    ]
    for column in columns:
        op.add_column("accounts", column)
    op.create_table(
        "breakers",
        sa.Column("node", sa.Text(), primary_key=True),
        sa.Column(
            "account_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("accounts.id"),
            primary_key=True,
        ),
        sa.Column("origin", sa.Text(), primary_key=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("retry_at", TIME, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
    )
    op.create_index("ix_breakers_account_id", "breakers", ["account_id"])
