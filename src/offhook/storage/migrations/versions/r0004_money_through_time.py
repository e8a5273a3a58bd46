"""Money through time: renewals, reservations, tariffs, limits, notices, several API users."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
DIGITS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Add columns and tables, and let searches read free numbers only."""
    _widen_accounts()
    _widen_numbers()
    _widen_subscriptions()
    op.add_column("calls", sa.Column("charged_from", TIME))
    _add_tables()
    if op.get_bind().dialect.name == "postgresql":
        _guard_postings()


def _refer(table: str, column: str, kind: str, constraint: str, target: str) -> None:
    # Alembic would add the foreign key by a second statement, which SQLite has not; this one both have.
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} CONSTRAINT {constraint} REFERENCES {target} (id)")


def _key() -> str:
    return "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"


def _index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _widen_accounts() -> None:
    op.add_column("accounts", sa.Column("country", sa.Text()))
    op.add_column("accounts", sa.Column("destinations", sa.JSON()))
    op.add_column("accounts", sa.Column("is_verified", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("accounts", sa.Column("email", sa.Text()))
    op.add_column("accounts", sa.Column("webhook_url", sa.Text()))
    op.add_column("accounts", sa.Column("low_credit_told_at", TIME))
    op.add_column("api_users", sa.Column("networks", sa.JSON()))
    op.add_column("api_users", sa.Column("previous_token_hash", sa.Text()))
    op.add_column("api_users", sa.Column("previous_until", TIME))


def _widen_numbers() -> None:
    op.add_column("numbers", sa.Column("day_cost", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("numbers", sa.Column("allow_transfer", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column(
        "numbers", sa.Column("requires_verification", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _refer("numbers", "reserved_by", _key(), "fk_numbers_reserved_by", "accounts")
    op.drop_index("ix_numbers_region_din", "numbers")
    _index("ix_numbers_free_din", "numbers", ["din"], "free_from IS NOT NULL")
    _index("ix_numbers_free_region_din", "numbers", ["region", "din"], "free_from IS NOT NULL")
    offer = ["region", "monthly_cost", "minute_cost", "allow_transfer", "requires_verification", "din"]
    _index("ix_numbers_free_offer_din", "numbers", offer, "free_from IS NOT NULL")
    _index("ix_numbers_reserved_by_free_from", "numbers", ["reserved_by", "free_from"], "reserved_by IS NOT NULL")


def _widen_subscriptions() -> None:
    op.add_column("subscriptions", sa.Column("periods", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("subscriptions", sa.Column("told_days", sa.Integer()))
    op.add_column("subscriptions", sa.Column("grace_until", TIME))
    _refer("subscriptions", "api_user_id", _key(), "fk_subscriptions_api_user_id", "api_users")
    _index("ix_subscriptions_renews_at", "subscriptions", ["renews_at", "id"], "ended_at IS NULL")


def _add_tables() -> None:
    op.create_table(
        "rates",
        sa.Column("prefix", DIGITS, nullable=False),
        sa.Column("minute_cost", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("minute_cost >= 0", name="ck_rates_minute_cost_is_never_negative"),
        sa.PrimaryKeyConstraint("prefix", name="pk_rates"),
    )
    op.create_table(
        "limits",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("calls_at_once", sa.BigInteger()),
        sa.Column("calls_per_minute", sa.BigInteger()),
        sa.Column("spend_per_day", sa.BigInteger()),
        sa.Column("minute", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("calls", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("day", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("spent", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("owner", name="pk_limits"),
    )
    op.create_table(
        "notices",
        sa.Column("id", KEY, nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_at", TIME),
        sa.Column("sent_at", TIME),
        sa.Column("error", sa.Text()),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_notices_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("fact", name="uq_notices_fact"),
    )
    op.create_index("ix_notices_account_id", "notices", ["account_id"])
    _index("ix_notices_next_at", "notices", ["next_at"], "next_at IS NOT NULL")


def _guard_postings() -> None:
    op.execute(
        "CREATE FUNCTION postings_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'postings are never changed' USING ERRCODE = 'restrict_violation'; END $$"
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER postings_refuse_{verb.lower()} BEFORE {verb} ON postings "
            "FOR EACH ROW EXECUTE FUNCTION postings_refuse()"
        )
