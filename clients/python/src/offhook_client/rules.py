"""Hosted rules: a number decides about its calls by itself."""

from collections.abc import Mapping
from datetime import datetime

from offhook_client.answers import reads
from offhook_client.asks import Ask, delete, get, put
from offhook_client.documents import HostedRules, Preview


def set_rules(din_uid: str, document: Mapping[str, object]) -> Ask[HostedRules]:
    """Put these rules in place of an action URL and of the rules before. Take an action URL away first."""
    return put(reads(HostedRules), document, *_rules(din_uid))


def get_rules(din_uid: str) -> Ask[HostedRules]:
    """Read the rules as they are kept."""
    return get(reads(HostedRules), *_rules(din_uid))


def preview_rules(
    din_uid: str, *, at: datetime | str | None = None, caller: str | None = None, anonymous: bool = False
) -> Ask[Preview]:
    """Say what would happen with a call: now if `at` is left out, from nobody's number if `caller` is."""
    return get(reads(Preview), *_rules(din_uid), "preview", at=at, caller=caller, anonymous=anonymous or None)


def delete_rules(din_uid: str) -> Ask[HostedRules]:
    """Take the rules away, and their URL with them."""
    return delete(reads(HostedRules), *_rules(din_uid))


def _rules(din_uid: str) -> tuple[str, ...]:
    return "voice", "dins", "subscriptions", din_uid, "rules"
