"""What `--json` prints: the shapes of the HTTP API, without what the API needs to make them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from offhook.domain.accounts import AccountSummary, ApiUser, both_good_until
from offhook.domain.breakers import BreakerState
from offhook.domain.calls import Call, TimelineEvent
from offhook.domain.causes import Cause
from offhook.domain.credits import to_credits
from offhook.domain.notices import Notice
from offhook.domain.numbers import PoolNumber
from offhook.domain.recordings import Recording
from offhook.domain.signing import Signing
from offhook.domain.sip_messages import SipMessage
from offhook.domain.strangers import Stranger
from offhook.domain.trunk_states import TrunkState
from offhook.domain.trunks import Trunk

Document = dict[str, object]


def of_pool_number(one: PoolNumber) -> Document:
    """Return a number of the pool; the API shows customers the free ones and their own."""
    number = one.number
    return {
        "din": number.din,
        "din_uid": number.din_uid,
        "state": one.state.value,
        "account": one.account or None,
        "until": _time(one.until),
        "monthly_cost": to_credits(number.monthly_cost),
        "minute_cost": to_credits(number.minute_cost),
        "trunk": number.trunk or None,
    }


def of_account(account: AccountSummary) -> Document:
    """Return an account as the API shows it."""
    return {
        "name": account.name,
        "balance": to_credits(account.balance),
        "held": to_credits(account.held),
        "available": to_credits(account.available),
        "minimum_credit": to_credits(account.minimum_credit),
    }


def of_operators_account(account: AccountSummary) -> Document:
    """Return an account with what only its operator sees of it."""
    return {
        **of_account(account),
        "trunk": account.trunk or None,
        "country": account.country or None,
        "destinations": list(account.destinations),
        "verified": account.is_verified,
    }


def of_api_user(user: ApiUser, now: datetime) -> Document:
    """Return an API user, without what its tokens are known by."""
    return {
        "sid": user.sid,
        "nickname": user.nickname,
        "enabled": user.enabled,
        "networks": list(user.networks) or None,
        "previous_token_until": _time(both_good_until(user, now)),
    }


def of_signing(signing: Signing, now: datetime) -> Document:
    """Return how an account signs, without its secrets."""
    return {
        "signed": bool(signing.secret),
        "previous_secret_until": _time(signing.both_until(now)),
        "sign_origins": list(signing.origins),
    }


def of_breaker(state: BreakerState) -> Document:
    """Return an action server that is left alone."""
    return {
        "origin": state.origin,
        "state": state.state.value,
        "retry_at": _time(state.retry_at),
        "code": state.code,
        "text": state.text,
        "node": state.node,
    }


def of_notice(notice: Notice) -> Document:
    """Return a notice."""
    return {
        "id": notice.id,
        "at": _time(notice.created_at),
        "kind": notice.kind.value,
        "way": notice.way.value,
        "target": notice.target,
        "subject": notice.subject,
        "text": notice.text,
        "attempts": notice.attempts,
        "sent_at": _time(notice.sent_at),
        "error": notice.error,
    }


def of_stranger(stranger: Stranger) -> Document:
    """Return a source that no trunk names."""
    return {
        "address": stranger.address,
        "first_at": _time(stranger.first_at),
        "last_at": _time(stranger.last_at),
        "count": stranger.count,
        "first_line": stranger.first_line,
        "nodes": list(stranger.nodes),
    }


def of_trunk(trunk: Trunk) -> Document:
    """Return a trunk."""
    return {
        "name": trunk.name,
        "sources": list(trunk.sources),
        "send": trunk.send,
        "pass_caller": trunk.pass_caller,
        "number_from": trunk.rules.number_from.value,
        "country_code": trunk.rules.country_code,
        "national_prefixes": list(trunk.rules.national_prefixes),
        "international_prefixes": list(trunk.rules.international_prefixes),
        "strip": trunk.rules.strip,
        "prepend": trunk.rules.prepend,
        "trusted": trunk.rules.is_trusted,
        "srtp": trunk.rules.needs_srtp,
        "dtmf": trunk.rules.dtmf.value,
        "forwarded_by": trunk.rules.forwarded_by.value,
        "asserts_number": trunk.rules.asserts_number,
        "follows_redirects": trunk.rules.follows_redirects,
        "takes_refer": trunk.rules.takes_refer,
        "client_certificate": trunk.rules.client_name or None,
        "check_every": trunk.rules.check_every_s,
        "user": trunk.login.user if trunk.login else None,
        "registers": trunk.registers,
        "auth": _auth(trunk),
        "peer_user": trunk.peer.user if trunk.peer else None,
    }


def of_trunk_and_states(trunk: Trunk, states: Iterable[TrunkState]) -> Document:
    """Return a trunk with what the living nodes know of it."""
    known = [
        {
            "kind": state.kind.value,
            "up": state.is_up,
            "since": _time(state.since),
            "text": state.text,
            "node": state.node,
        }
        for state in states
    ]
    return {**of_trunk(trunk), "states": known}


def _auth(trunk: Trunk) -> str:
    if trunk.peer is None:
        return "source"
    return "digest" if trunk.peer.sha_256 else "digest-md5"


def of_call(call: Call) -> Document:
    """Return a call as the API shows it."""
    return {
        "call_id": call.call_id,
        "callid": call.call_id,
        "uuid": call.call_id,
        "direction": call.direction,
        "caller": call.caller.number,
        "recipient": call.recipient,
        "status": call.status.value,
        "reason": call.reason,
        "start_time": _time(call.started_at),
        "answer_time": _time(call.answered_at),
        "end_time": _time(call.ended_at),
        "duration": call.duration_s,
        "cost": to_credits(call.cost),
        "actionurl": call.action_url,
        "apiuser": call.api_user,
    }


def of_recording(recording: Recording) -> Document:
    """Return a recording as the API shows it, with where its file is in place of URLs."""
    return {
        "recording_uid": recording.uid,
        "call_id": recording.call_id,
        "din": recording.din,
        "din_uid": recording.din_uid,
        "caller": recording.caller,
        "status": recording.status.value,
        "reason": recording.code,
        "start_time": _time(recording.started_at),
        "end_time": _time(recording.ended_at),
        "duration": recording.seconds,
        "size": recording.size,
        "heard": recording.heard_at is not None,
        "heard_at": _time(recording.heard_at),
        "kept_until": _time(recording.kept_until),
        "deleted_at": _time(recording.deleted_at),
        "node": recording.node,
        "path": recording.path,
    }


def of_event(event: TimelineEvent) -> Document:
    """Return a line of a timeline as the API shows it."""
    return {
        "at_ms": event.at_ms,
        "kind": event.kind,
        "code": event.code,
        "text": event.text,
        "data": dict(event.data),
    }


def of_message(message: SipMessage) -> Document:
    """Return a SIP message; what is no text in it is written as escapes."""
    return {
        "at_ms": message.at_ms,
        "leg": message.leg,
        "direction": "out" if message.is_ours else "in",
        "transport": message.transport,
        "local": f"{message.local[0]}:{message.local[1]}",
        "peer": f"{message.peer[0]}:{message.peer[1]}",
        "text": message.text,
    }


def of_cause(why: Cause) -> Document:
    """Return why a call did not go as wished, as the API shows it."""
    return {"code": why.code, "sentence": why.sentence, "cure": why.cure}


def read_event(document: Mapping[str, object]) -> TimelineEvent:
    """Read a line of a timeline as the API shows it."""
    code, data = document["code"], document["data"]
    return TimelineEvent(
        at_ms=float(str(document["at_ms"])),
        kind=str(document["kind"]),
        text=str(document["text"]),
        code=None if code is None else str(code),
        data=data if isinstance(data, Mapping) else {},
    )


def _time(at: datetime | None) -> str | None:
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
