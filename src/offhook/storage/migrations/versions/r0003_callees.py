"""Callees: what their legs hold before they answer, and the trunks that they are called through."""

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Let a leg be on record before its answer, and give trunks and accounts what routes are made of."""
    # SQLite cannot take NOT NULL off a column: there the table is made anew and its rows are copied.
    with op.batch_alter_table("legs") as legs:
        legs.alter_column("dialog", existing_type=sa.Text(), nullable=True)
        legs.alter_column("answered_at", existing_type=TIME, nullable=True)
        legs.add_column(sa.Column("callee", sa.Text()))
        legs.add_column(sa.Column("held_minutes", sa.BigInteger(), nullable=False, server_default="0"))
        legs.add_column(sa.Column("minute_cost", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("trunks", sa.Column("pass_caller", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Alembic would add the foreign key by a second statement, which SQLite has not; this one both have.
    op.execute("ALTER TABLE accounts ADD COLUMN trunk TEXT CONSTRAINT fk_accounts_trunk REFERENCES trunks (name)")
