"""The first schema: accounts, ledger, numbers, subscriptions, calls, trunks, replies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
DIGITS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
LIVING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "accounts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("name", name="uq_accounts_name"),
    )
    op.create_table(
        "trunks",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("send", sa.Text()),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trunks"),
        sa.UniqueConstraint("name", name="uq_trunks_name"),
    )
    op.create_table(
        "version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_version"),
    )
    op.create_table(
        "api_users",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("nickname", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_api_users_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_users"),
        sa.UniqueConstraint("sid", name="uq_api_users_sid"),
    )
    op.create_index("ix_api_users_account_id", "api_users", ["account_id"])
    op.create_table(
        "balances",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("available >= 0", name="ck_balances_available_is_never_negative"),
        sa.CheckConstraint("held >= 0", name="ck_balances_held_is_never_negative"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_balances_account_id"),
        sa.PrimaryKeyConstraint("account_id", name="pk_balances"),
    )
    op.create_table(
        "numbers",
        sa.Column("id", KEY, nullable=False),
        sa.Column("din", DIGITS, nullable=False),
        sa.Column("din_uid", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("country_code", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("monthly_cost", sa.BigInteger(), nullable=False),
        sa.Column("minute_cost", sa.BigInteger(), nullable=False),
        sa.Column("trunk", sa.Text()),
        sa.Column("free_from", TIME),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["trunk"], ["trunks.name"], name="fk_numbers_trunk"),
        sa.PrimaryKeyConstraint("id", name="pk_numbers"),
        sa.UniqueConstraint("din", name="uq_numbers_din"),
        sa.UniqueConstraint("din_uid", name="uq_numbers_din_uid"),
    )
    op.create_index("ix_numbers_region_din", "numbers", ["region", "din"])
    op.create_table(
        "postings",
        sa.Column("seq", KEY, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("din", sa.Text()),
        sa.Column("call_id", sa.Text()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount >= 0", name="ck_postings_amount_is_never_negative"),
        sa.CheckConstraint("source <> target", name="ck_postings_source_is_not_target"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_postings_account_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_postings"),
        sa.UniqueConstraint("id", name="uq_postings_id"),
    )
    op.create_index("ix_postings_account_id_seq", "postings", ["account_id", "seq"])
    op.create_table(
        "replies",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("body", sa.Text()),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_replies_account_id"),
        sa.PrimaryKeyConstraint("account_id", "key", name="pk_replies"),
    )
    op.create_index("ix_replies_created_at", "replies", ["created_at"])
    op.create_table(
        "calls",
        sa.Column("seq", KEY, nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("account_id", KEY),
        sa.Column("number_id", KEY),
        sa.Column("api_user", sa.Text(), nullable=False),
        sa.Column("trunk", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("caller_raw", sa.Text(), nullable=False),
        sa.Column("caller_name", sa.Text(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("action_url", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("answered_at", TIME),
        sa.Column("ended_at", TIME),
        sa.Column("duration_s", sa.BigInteger(), nullable=False),
        sa.Column("minute_cost", sa.BigInteger(), nullable=False),
        sa.Column("held_minutes", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_calls_account_id"),
        sa.ForeignKeyConstraint(["number_id"], ["numbers.id"], name="fk_calls_number_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_calls"),
        sa.UniqueConstraint("call_id", name="uq_calls_call_id"),
    )
    op.create_index("ix_calls_account_id_started_at", "calls", ["account_id", "started_at", "seq"])
    op.create_index(
        "ix_calls_running", "calls", ["account_id", "number_id"], sqlite_where=LIVING, postgresql_where=LIVING
    )
    op.create_index("ix_calls_started_at", "calls", ["started_at", "seq"])
    op.create_table(
        "subscriptions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("number_id", KEY, nullable=False),
        sa.Column("action_url", sa.Text()),
        sa.Column("fallback_url", sa.Text()),
        sa.Column("default_action", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("subscribed_at", TIME, nullable=False),
        sa.Column("renews_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_subscriptions_account_id"),
        sa.ForeignKeyConstraint(["number_id"], ["numbers.id"], name="fk_subscriptions_number_id"),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
    )
    op.create_index("ix_subscriptions_account_id", "subscriptions", ["account_id"])
    op.create_index(
        "uq_subscriptions_living",
        "subscriptions",
        ["number_id"],
        unique=True,
        sqlite_where=LIVING,
        postgresql_where=LIVING,
    )
    op.create_table(
        "call_events",
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_call_events_call_id"),
        sa.PrimaryKeyConstraint("call_id", "part", name="pk_call_events"),
    )
    op.execute("INSERT INTO version (id, number) VALUES (1, 1)")
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER postings_refuse_{verb.lower()} BEFORE {verb} ON postings "
                "BEGIN SELECT RAISE(ABORT, 'postings are never changed'); END"
            )
