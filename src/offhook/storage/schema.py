"""The tables. Money is BIGINT micro-credits, times are UTC; the same tables serve SQLite and PostgreSQL.

`migrations` builds them step by step; a test holds both descriptions together.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    false,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite keeps none of the zone, so it is put back on."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone is never stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")
# Ranges of digits (`prefix=`) use the index only where texts are compared byte by byte.
Digits = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

accounts = Table(
    "accounts",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("language", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("trunk", ForeignKey("trunks.name")),
)

api_users = Table(
    "api_users",
    metadata,
    Column("id", Key, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("sid", Text, nullable=False, unique=True),
    Column("nickname", Text, nullable=False),
    Column("token_hash", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

balances = Table(
    "balances",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("available", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    CheckConstraint("available >= 0", name="available_is_never_negative"),
    CheckConstraint("held >= 0", name="held_is_never_negative"),
)

postings = Table(
    "postings",
    metadata,
    Column("seq", Key, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("at", UtcTime, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("din", Text),
    Column("call_id", Text),
    Column("text", Text, nullable=False),
    # The account's own credit, available and held together, after this posting.
    Column("balance", BigInteger, nullable=False),
    CheckConstraint("amount >= 0", name="amount_is_never_negative"),
    CheckConstraint("source <> target", name="source_is_not_target"),
    Index("ix_postings_account_id_seq", "account_id", "seq"),
)

trunks = Table(
    "trunks",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("sources", JSON, nullable=False),
    Column("send", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("pass_caller", Boolean, nullable=False, server_default=false()),
)

numbers = Table(
    "numbers",
    metadata,
    Column("id", Key, primary_key=True),
    Column("din", Digits, nullable=False, unique=True),
    Column("din_uid", Text, nullable=False, unique=True),
    Column("region", Text, nullable=False),
    Column("country_code", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("monthly_cost", BigInteger, nullable=False),
    Column("minute_cost", BigInteger, nullable=False),
    Column("trunk", ForeignKey("trunks.name")),
    # Null while somebody subscribes the number; in the future while it rests.
    Column("free_from", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_numbers_region_din", "region", "din"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Key, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("number_id", ForeignKey("numbers.id"), nullable=False),
    Column("action_url", Text),
    Column("fallback_url", Text),
    Column("default_action", Text),
    Column("status", Text, nullable=False),
    Column("paid", BigInteger, nullable=False),
    Column("subscribed_at", UtcTime, nullable=False),
    Column("renews_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Index(
        "uq_subscriptions_living",
        "number_id",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

calls = Table(
    "calls",
    metadata,
    Column("seq", Key, primary_key=True),
    Column("call_id", Text, nullable=False, unique=True),
    Column("account_id", ForeignKey("accounts.id")),
    Column("number_id", ForeignKey("numbers.id")),
    Column("api_user", Text, nullable=False),
    Column("trunk", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("caller_raw", Text, nullable=False),
    Column("caller_name", Text, nullable=False),
    Column("anonymous", Boolean, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("action_url", Text),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("started_at", UtcTime, nullable=False),
    Column("answered_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("duration_s", BigInteger, nullable=False),
    Column("minute_cost", BigInteger, nullable=False),
    Column("held_minutes", BigInteger, nullable=False),
    Column("cost", BigInteger, nullable=False),
    Column("node", Text, nullable=False),
    # The last sign of its node, once that is declared dead: written once, and null for all others.
    Column("lost_at", UtcTime),
    Index("ix_calls_started_at", "started_at", "seq"),
    Index("ix_calls_account_id_started_at", "account_id", "started_at", "seq"),
    Index(
        "ix_calls_running",
        "account_id",
        "number_id",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index(
        "ix_calls_running_node",
        "node",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

# The legs of running calls: what callees' legs hold, and what another process needs to hang up those
# that were answered. The caller's leg holds nothing here: its minutes stand in its call's row.
legs = Table(
    "legs",
    metadata,
    Column("call_id", ForeignKey("calls.call_id"), primary_key=True),
    Column("leg", Integer, primary_key=True, autoincrement=False),
    Column("dialog", Text),
    Column("answered_at", UtcTime),
    Column("callee", Text),
    Column("held_minutes", BigInteger, nullable=False, server_default="0"),
    Column("minute_cost", BigInteger, nullable=False, server_default="0"),
)

# One row a node's name. The epoch says which process the name belongs to.
nodes = Table(
    "nodes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
)

# A timeline is kept in the parts in which it was told, each one text of JSON: one row a call
# costs a tenth of one row an event. Part 0 is what the end of the call told.
call_events = Table(
    "call_events",
    metadata,
    Column("call_id", ForeignKey("calls.call_id"), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("events", Text, nullable=False),
)

replies = Table(
    "replies",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_hash", Text, nullable=False),
    Column("status", Integer),
    Column("body", Text),
    Column("created_at", UtcTime, nullable=False, index=True),
)

# One row, one number: what running nodes keep in memory is as old as the number they saw.
version = Table(
    "version",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
)
