"""Rules for each trunk: where its calls name the number, how digits are read, and whether it is believed."""

import sqlalchemy as sa
from alembic import op

revision = "r0005"
down_revision = "r0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give every trunk rules; those that were there before are read as they always were."""
    columns: list[sa.Column[object]] = [
        sa.Column("number_from", sa.Text(), nullable=False, server_default="request-uri"),
        sa.Column("country_code", sa.Text(), nullable=False, server_default=""),
        sa.Column("national_prefixes", sa.JSON(), nullable=False, server_default='["0"]'),
        sa.Column("international_prefixes", sa.JSON(), nullable=False, server_default='["00"]'),
        sa.Column("strip", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("prepend", sa.Text(), nullable=False, server_default=""),
        sa.Column("is_trusted", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("needs_srtp", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("login_user", sa.Text(), nullable=False, server_default=""),
        sa.Column("login_password", sa.Text(), nullable=False, server_default=""),
        sa.Column("registers", sa.Boolean(), nullable=False, server_default=sa.false()),
    ]
    for column in columns:
        op.add_column("trunks", column)
