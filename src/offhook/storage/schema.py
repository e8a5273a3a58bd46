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
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
    text,
    true,
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
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


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
BEFORE_DIGITS, AFTER_DIGITS = "/", ":"
"""The characters beside `0` and `9`: what begins with P stands from P to `P:`, what comes after N from `N/` on."""


def _partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index that holds only the rows of which the condition is true."""
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


_KEPT = "status = 'stored' AND deleted_at IS NULL"

accounts = Table(
    "accounts",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("language", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("trunk", ForeignKey("trunks.name")),
    # Where the account is at home, and the countries that its transfers may reach instead of that one alone.
    Column("country", Text),
    Column("destinations", JSON),
    Column("is_verified", Boolean, nullable=False, server_default=false()),
    Column("email", Text),
    Column("webhook_url", Text),
    Column("low_credit_told_at", UtcTime),
    # What its action requests and events are signed with: HMAC needs the secrets themselves.
    Column("signing_secret", Text),
    Column("previous_signing_secret", Text),
    Column("previous_signing_until", UtcTime),
    Column("signed_origins", JSON),
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
    # Networks in CIDR notation that this user may come from; null for any.
    Column("networks", JSON),
    # The token before the last rotation, and until when it is still good.
    Column("previous_token_hash", Text),
    Column("previous_until", UtcTime),
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
    # What a call cost, told with its timeline.
    Index(
        "ix_postings_call_id",
        "call_id",
        sqlite_where=text("call_id IS NOT NULL"),
        postgresql_where=text("call_id IS NOT NULL"),
    ),
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
    # How its calls are read. Prefixes are lists of digits, in which an empty text means that none is needed.
    Column("number_from", Text, nullable=False, server_default="request-uri"),
    Column("country_code", Text, nullable=False, server_default=""),
    Column("national_prefixes", JSON, nullable=False, server_default='["0"]'),
    Column("international_prefixes", JSON, nullable=False, server_default='["00"]'),
    Column("strip", Integer, nullable=False, server_default="0"),
    Column("prepend", Text, nullable=False, server_default=""),
    Column("is_trusted", Boolean, nullable=False, server_default=false()),
    Column("needs_srtp", Boolean, nullable=False, server_default=false()),
    # Who we are to its carrier. A digest needs the password itself: the database is as secret as what it holds.
    Column("login_user", Text, nullable=False, server_default=""),
    Column("login_password", Text, nullable=False, server_default=""),
    Column("registers", Boolean, nullable=False, server_default=false()),
    # What legs through it say, need and may ask for.
    Column("dtmf", Text, nullable=False, server_default="rfc4733"),
    Column("forwarded_by", Text, nullable=False, server_default="diversion"),
    Column("asserts_number", Boolean, nullable=False, server_default=false()),
    Column("follows_redirects", Boolean, nullable=False, server_default=false()),
    Column("takes_refer", Boolean, nullable=False, server_default=false()),
    Column("client_name", Text, nullable=False, server_default=""),
    Column("check_every_s", Integer, nullable=False, server_default="60"),
    # Who its peer is to us, if it proves itself: a user, and by algorithm the digest of user, realm and password.
    Column("peer_user", Text, nullable=False, server_default=""),
    Column("peer_secrets", JSON, nullable=False, server_default="{}"),
)

# What each node knows of its trunks: whether a registration or a gateway is up, and since when.
trunk_states = Table(
    "trunk_states",
    metadata,
    Column("node", Text, primary_key=True),
    Column("trunk", ForeignKey("trunks.name"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("is_up", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("since", UtcTime, nullable=False),
)

# Action servers that a node leaves alone for a while.
breakers = Table(
    "breakers",
    metadata,
    Column("node", Text, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), primary_key=True, index=True),
    Column("origin", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("retry_at", UtcTime, nullable=False),
    Column("code", Text, nullable=False),
    Column("text", Text, nullable=False),
)

# Unlisted sources whose messages were dropped, for the operator to see.
strangers = Table(
    "strangers",
    metadata,
    Column("node", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("first_line", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("first_seen_at", UtcTime, nullable=False),
    Column("last_seen_at", UtcTime, nullable=False),
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
    Column("day_cost", BigInteger, nullable=False, server_default="0"),
    Column("allow_transfer", Boolean, nullable=False, server_default=true()),
    Column("requires_verification", Boolean, nullable=False, server_default=false()),
    # Who has it reserved until `free_from`, or had it last; null while it rests or is subscribed.
    Column("reserved_by", ForeignKey("accounts.id")),
    # Searches read free numbers only: taken ones must not be passed over one by one.
    _partial_index("ix_numbers_free_din", "din", where="free_from IS NOT NULL"),
    _partial_index("ix_numbers_free_region_din", "region", "din", where="free_from IS NOT NULL"),
    _partial_index(
        "ix_numbers_free_offer_din",
        *("region", "monthly_cost", "minute_cost", "allow_transfer", "requires_verification", "din"),
        where="free_from IS NOT NULL",
    ),
    # Reservations that have ended stay here: they must not be passed over one by one either.
    _partial_index("ix_numbers_reserved_by_free_from", "reserved_by", "free_from", where="reserved_by IS NOT NULL"),
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
    # How many periods were charged: the next one's posting is named by the next number.
    Column("periods", Integer, nullable=False, server_default="1"),
    # How many days before the renewal was last told that credit is short; null if it was not.
    Column("told_days", Integer),
    Column("grace_until", UtcTime),
    Column("api_user_id", ForeignKey("api_users.id")),
    _partial_index("uq_subscriptions_living", "number_id", where="ended_at IS NULL", unique=True),
    _partial_index("ix_subscriptions_renews_at", "renews_at", "id", where="ended_at IS NULL"),
)

# What a subscription says of its calls by itself: the document of its rules, and the token of the URL that serves them.
# The URL is looked for by the token's hash alone, so that how long it takes tells nothing about tokens.
hosted_rules = Table(
    "hosted_rules",
    metadata,
    Column("subscription_id", ForeignKey("subscriptions.id"), primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
)

# What a minute to a destination costs: the longest prefix counts.
rates = Table(
    "rates",
    metadata,
    Column("prefix", Digits, primary_key=True),
    Column("minute_cost", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    CheckConstraint("minute_cost >= 0", name="minute_cost_is_never_negative"),
)

# A row exists only where an operator set a limit: `account:<id>` or `number:<id>`. What was counted
# stands beside what is allowed, for the minute and the day of the last call alone.
limits = Table(
    "limits",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("calls_at_once", BigInteger),
    Column("calls_per_minute", BigInteger),
    Column("spend_per_day", BigInteger),
    Column("minute", BigInteger, nullable=False, server_default="0"),
    Column("calls", BigInteger, nullable=False, server_default="0"),
    Column("day", BigInteger, nullable=False, server_default="0"),
    Column("spent", BigInteger, nullable=False, server_default="0"),
)

# What customers are to be told, one row a way; `fact` names what happened, so that it is told once.
notices = Table(
    "notices",
    metadata,
    Column("id", Key, primary_key=True),
    Column("fact", Text, nullable=False, unique=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    # When it is tried next; null when it was sent or given up.
    Column("next_at", UtcTime),
    Column("sent_at", UtcTime),
    Column("error", Text),
    # The call whose events are told in their order; no key, as it is checked with each call.
    Column("call_id", Text),
    # When a webhook's event is given up.
    Column("expires_at", UtcTime),
    # What waits is found by its target: a slow one does not stand before the others.
    _partial_index("ix_notices_waiting", "way", "target", "next_at", where="next_at IS NOT NULL"),
    _partial_index("ix_notices_waiting_call", "call_id", "id", where="next_at IS NOT NULL"),
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
    # From when on the caller's minutes count; null if from the answer.
    Column("charged_from", UtcTime),
    _partial_index("ix_calls_running", "account_id", "number_id", where="ended_at IS NULL"),
    _partial_index("ix_calls_running_node", "node", where="ended_at IS NULL"),
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
    # The SIP messages of the call, compressed (`storage.messages`); only the closing part has any.
    Column("messages", LargeBinary),
)

# What callers said. The files are in the data folders of nodes; a row is there before its file, and stays after it.
recordings = Table(
    "recordings",
    metadata,
    Column("id", Key, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("call_id", ForeignKey("calls.call_id"), nullable=False, index=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("din", Text, nullable=False),
    Column("din_uid", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("status", Text, nullable=False),
    # Why it is lost, or what ended it before the call did.
    Column("code", Text),
    Column("rate", Integer, nullable=False),
    Column("channels", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("heard_at", UtcTime),
    Column("deleted_at", UtcTime),
    Column("kept_until", UtcTime),
    # Up to when its storage is charged. How many periods were: the next one's posting is named by the next number.
    Column("charged_until", UtcTime),
    Column("periods", Integer, nullable=False, server_default="0"),
    Index("ix_recordings_account_id_started_at", "account_id", "started_at", "id"),
    _partial_index("ix_recordings_unfinished", "id", where="status = 'recording'"),
    _partial_index("ix_recordings_charged_until", "charged_until", "id", where=_KEPT),
    _partial_index("ix_recordings_kept_until", "kept_until", "id", where=_KEPT),
)

# What this platform signs with, by purpose; made with the table.
server_secrets = Table(
    "server_secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# What API users want of calls: another script, or the end where `action` is null. Their nodes do it in order.
call_commands = Table(
    "call_commands",
    metadata,
    Column("seq", Key, primary_key=True),
    Column("command_id", Text, nullable=False, unique=True),
    Column("call_id", ForeignKey("calls.call_id"), nullable=False),
    Column("action", Text),
    Column("api_user", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    # Why it was not done.
    Column("code", Text),
    _partial_index("ix_call_commands_waiting", "call_id", where="done_at IS NULL"),
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
