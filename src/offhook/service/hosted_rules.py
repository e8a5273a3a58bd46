"""Hosted rules: set them, try them, and what they say of a call."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from offhook.domain.errors import RulesNotFound, RulesUrlNotFound, SubscriptionNotFound
from offhook.domain.hosted_rules.deciding import decide
from offhook.domain.hosted_rules.decision import Decision
from offhook.domain.hosted_rules.document import Json, read_rules, write_rules
from offhook.domain.hosted_rules.kept import KeptRules
from offhook.domain.hosted_rules.rules import HostedRules, scripts_of
from offhook.errors import InputError
from offhook.service.ports import Work
from offhook.service.scripts import check_script

UNDERSTOOD = 128
"""Documents that are remembered as rules, so that a busy number's are not read anew for every call."""


@dataclass(frozen=True, slots=True)
class Hosted:
    """A subscription's rules as its owner sees them: the document, and the secret in their URL."""

    document: Json
    token: str = field(repr=False)


def set_rules(work: Work, *, account_id: int, din_uid: str, document: object, fresh: Callable[[], str]) -> Hosted:
    """Let rules decide about the number's calls from the next one on, in place of those it had.

    `fresh` makes the secret of their URL, which stays the same until the rules are taken away. Raises
    SubscriptionNotFound, InputError naming the field, also for `action_url` while one is set.
    """
    rules = read_rules(document)
    for name, script in scripts_of(rules):
        check_script(name, script)
    subscription = work.subscriptions.lock(account_id, din_uid)
    if subscription is None:
        raise SubscriptionNotFound(din_uid)
    if subscription.action_url is not None:
        sentence = "the number asks an action URL, and rules stand in place of one"
        raise InputError("action_url", sentence, hint="take the action URL away first; `redirect` in a script asks it")
    written = write_rules(rules)
    kept = work.hosted_rules.of(subscription.id)
    text = json.dumps(written)
    if kept is None:
        kept = KeptRules(subscription.id, text, fresh())
        work.hosted_rules.add(kept)
    else:
        work.hosted_rules.change(subscription.id, text)
    return Hosted(written, kept.token)


def find_rules(work: Work, *, account_id: int, din_uid: str) -> Hosted:
    """Return a subscription's rules; raises SubscriptionNotFound, RulesNotFound."""
    return _shown(_kept(work, account_id, din_uid))


def take_away_rules(work: Work, *, account_id: int, din_uid: str) -> Hosted:
    """Return the rules that decide no more, and whose URL is gone; raises SubscriptionNotFound, RulesNotFound."""
    kept = _kept(work, account_id, din_uid, locked=True)
    work.hosted_rules.drop(kept.subscription_id)
    return _shown(kept)


def preview(work: Work, *, account_id: int, din_uid: str, at: datetime, caller: str, anonymous: bool) -> Decision:
    """Say what would happen with a call; raises SubscriptionNotFound, RulesNotFound."""
    return decision_of(_kept(work, account_id, din_uid).document, at, caller, anonymous=anonymous)


def by_token(work: Work, *, token: str) -> KeptRules:
    """Return the rules that a URL serves; raises RulesUrlNotFound."""
    kept = work.hosted_rules.by_token(token)
    if kept is None:
        raise RulesUrlNotFound
    return kept


def decision_of(document: str, at: datetime, caller: str, *, anonymous: bool) -> Decision:
    """Return what kept rules say of a call.

    Raises InputError if they cannot be read, as where another machine with fewer time zones kept them.
    """
    return decide(_understood(document), at, caller, anonymous)


@lru_cache(UNDERSTOOD)
def _understood(document: str) -> HostedRules:
    try:
        return read_rules(json.loads(document))
    except ValueError as error:
        raise InputError("rules", f"what is kept is no JSON: {error}") from None


def _kept(work: Work, account_id: int, din_uid: str, *, locked: bool = False) -> KeptRules:
    find = work.subscriptions.lock if locked else work.subscriptions.living
    subscription = find(account_id, din_uid)
    if subscription is None:
        raise SubscriptionNotFound(din_uid)
    kept = work.hosted_rules.of(subscription.id)
    if kept is None:
        raise RulesNotFound(din_uid)
    return kept


def _shown(kept: KeptRules) -> Hosted:
    document: Json = json.loads(kept.document)
    return Hosted(document, kept.token)
