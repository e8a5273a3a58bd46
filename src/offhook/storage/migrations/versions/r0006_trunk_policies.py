"""What legs through a trunk say and need, who its peer is to us, how it fares, and who was not let in."""

import sqlalchemy as sa
from alembic import op

revision = "r0006"
down_revision = "r0005"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Give every trunk a policy that does what was done before, and make room for what nodes observe."""
    columns: list[sa.Column[object]] = [
        sa.Column("dtmf", sa.Text(), nullable=False, server_default="rfc4733"),
        sa.Column("forwarded_by", sa.Text(), nullable=False, server_default="diversion"),
        sa.Column("asserts_number", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("follows_redirects", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("takes_refer", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("client_name", sa.Text(), nullable=False, server_default=""),
        sa.Column("check_every_s", sa.Integer(), nullable=False, server_default="60"),
        sa.Column("peer_user", sa.Text(), nullable=False, server_default=""),
        sa.Column("peer_secrets", sa.JSON(), nullable=False, server_default="{}"),
    ]
    for column in columns:
        op.add_column("trunks", column)
    op.create_table(
        "trunk_states",
        sa.Column("node", sa.Text(), primary_key=True),
        sa.Column("trunk", sa.Text(), sa.ForeignKey("trunks.name"), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("is_up", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", TIME, nullable=False),
    )
    op.create_table(
        "strangers",
        sa.Column("node", sa.Text(), primary_key=True),
        sa.Column("address", sa.Text(), primary_key=True),
        sa.Column("first_line", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", TIME, nullable=False),
        sa.Column("last_seen_at", TIME, nullable=False),
    )
