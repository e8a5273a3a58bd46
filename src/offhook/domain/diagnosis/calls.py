"""What the calls of the past tell: whether they come, in which forms, and whether they had audio."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from offhook.domain.calls import Call, Reason, Status
from offhook.domain.diagnosis.checks import Check
from offhook.domain.diagnosis.findings import Finding, bad, good, unknown, warning
from offhook.domain.dialling import forms
from offhook.domain.numbers import is_digits
from offhook.domain.rules import TrunkRules
from offhook.domain.strangers import Stranger
from offhook.domain.trunk_states import TrunkState
from offhook.domain.trunks import Trunk

TELLING_DIGITS = 7
"""So many last digits in common make a dialled number a likely form of another one."""
FRESH = timedelta(days=1)
MOST_NAMED = 3
MOST_HEARD = 10
"""Answered calls of which it is looked up whether audio came."""
HEARD_AFTER_S = 3
"""A call that was shorter tells nothing: who was answered may not have spoken yet."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A trunk that brings calls, and how it reads them."""

    trunk: str
    rules: TrunkRules


def judge_calls(last: Call | None, *, names_trunk: bool = True) -> Finding:
    """Say when the last call of a number came, and what became of it."""
    if last is None:
        return unknown(
            Check.CALLS, "no call for this number has come yet", "Call it from a telephone, then look again."
        )
    through = f" through {last.trunk} from {last.source}" if names_trunk else ""
    came = f"the last call came {_at(last.started_at)}{through}"
    data = {"call_id": last.call_id, "status": last.status.value, "call_reason": last.reason}
    if last.status in (Status.REFUSED, Status.FAILED):
        return warning(
            Check.CALLS,
            f"{came}, and was {last.status}: {last.reason}",
            f"See why: offhook calls show {last.call_id}" if names_trunk else "Read its timeline with the API.",
            **data,
        )
    return good(Check.CALLS, f"{came}: {last.status}{f' ({last.reason})' if last.reason else ''}", **data)


def is_likely_form(dialled: str, din: str) -> bool:
    """Tell whether somebody who dialled these digits probably meant this number."""
    digits = dialled.removeprefix("+")
    return is_digits(digits) and len(digits) >= TELLING_DIGITS and digits[-TELLING_DIGITS:] == din[-TELLING_DIGITS:]


def usual_forms(din: str, country_code: str, rules: TrunkRules) -> tuple[str, ...]:
    """Return the forms in which carriers write a number, each once: whole, from abroad, national."""
    national = din.removeprefix(country_code)
    return tuple(
        dict.fromkeys(
            (
                f"+{din}",
                din,
                *(f"{prefix}{din}" for prefix in rules.international_prefixes),
                *(f"{prefix}{national}" for prefix in rules.national_prefixes),
            )
        )
    )


def judge_forms(din: str, country_code: str, readers: Sequence[Reader], unknown_calls: Sequence[Call]) -> Finding:
    """Say in which forms trunks may write a number, and whether one came in a form that nobody reads."""
    if not readers:
        return bad(
            Check.FORMS,
            "there is no trunk, so no call can come",
            "Add the carrier with `offhook trunks add NAME --source ADDRESS`.",
        )
    read = {
        one.trunk: [form for form in usual_forms(din, country_code, one.rules) if din in forms(form, one.rules)]
        for one in readers
    }
    rules = {one.trunk: one.rules for one in readers}
    # Rules may have been changed since: what they read by now is not lost any more.
    lost = [
        call
        for call in unknown_calls
        if call.trunk in rules
        and is_likely_form(call.recipient, din)
        and din not in forms(call.recipient, rules[call.trunk])
    ]
    if lost:
        latest = max(lost, key=lambda call: call.started_at)
        return bad(
            Check.FORMS,
            f"{latest.trunk} dialled {latest.recipient} {_at(latest.started_at)}, which is not read as +{din}",
            f"offhook trunks set {latest.trunk} --country-code {country_code}, then"
            f" offhook trunks try {latest.trunk} {latest.recipient}",
            reason="unknown-number",
            call_id=latest.call_id,
            forms=read,
        )
    told = "; ".join(f"{trunk} may write {', '.join(known)}" for trunk, known in list(read.items())[:MOST_NAMED])
    return good(Check.FORMS, told, forms=read)


def answered_of(recent: Sequence[Call]) -> list[Call]:
    """Return the last calls that were answered and are over, and were long enough to hear somebody."""
    ended = [call for call in recent if call.answered_at is not None and call.ended_at is not None]
    return [call for call in ended if call.duration_s >= HEARD_AFTER_S][:MOST_HEARD]


def judge_audio(recent: Sequence[Call], packets: Mapping[str, int]) -> Finding:
    """Say whether the audio of answered calls arrived; `recent` are the last calls, the latest first.

    `packets` are those that came from each caller, as far as they were counted.
    """
    answered = answered_of(recent)
    if not answered:
        return unknown(Check.RTP, "no call was answered within a day, so nothing is known of its audio")
    silent = [one for one in answered if one.reason == Reason.NO_RTP.value or packets.get(one.call_id) == 0]
    if not silent:
        return good(Check.RTP, f"audio came from the callers of the last {len(answered)} answered calls")
    said = f"no audio came from the callers of {len(silent)} of the last {len(answered)} answered calls"
    found = bad if len(silent) * 2 > len(answered) or answered[0] in silent else warning
    return found(Check.RTP, said, reason=Reason.NO_RTP.value, call_id=silent[0].call_id)


def judge_trunk(trunk: Trunk, states: Sequence[TrunkState], recent: Sequence[Call]) -> Finding:
    """Say how one trunk fares, as the living nodes know, and when it last brought a call, of the last ones."""
    name = trunk.name
    last = max((call.started_at for call in recent if call.trunk == name), default=None)
    brought = f"it last brought a call {_at(last)}" if last else "it brought none of the last calls"
    data = {"trunk": name, "last_call_at": last and last.isoformat()}
    down = [state for state in states if not state.is_up]
    if down:
        first = min(down, key=lambda state: state.since)
        said = f"the {first.kind} of {name} is down since {_at(first.since)}: {first.text}; {brought}"
        return bad(Check.TRUNK, said, node=first.node, **data)
    if states:
        up = ", ".join(sorted({state.kind.value for state in states}))
        return good(Check.TRUNK, f"{name} is up ({up}); {brought}", **data)
    if trunk.send is None and not trunk.registers:
        return good(Check.TRUNK, f"{name} is not sent to, so nothing of it can be down; {brought}", **data)
    if trunk.rules.check_every_s == 0 and not trunk.registers:
        said = f"the gateway of {name} is not checked, as its rules say; {brought}"
        return unknown(Check.TRUNK, said, f"offhook trunks set {name} --check-every 60", **data)
    return unknown(Check.TRUNK, f"no running node has checked the gateway of {name} yet; {brought}", **data)


def judge_strangers(strangers: Sequence[Stranger], now: datetime) -> Finding:
    """Say whether somebody calls whom no trunk names."""
    calling = [one for one in strangers if now - one.last_at <= FRESH and one.first_line.startswith("INVITE")]
    if not calling:
        return good(Check.STRANGERS, "no stranger has sent a call within a day")
    shown = ", ".join(f"{one.address} ({one.count} times, {_at(one.last_at)})" for one in calling[:MOST_NAMED])
    more = f" and {len(calling) - MOST_NAMED} more" if len(calling) > MOST_NAMED else ""
    return warning(
        Check.STRANGERS,
        f"calls of strangers were dropped: {shown}{more}",
        f"If one is your carrier: offhook trunks add NAME --source {calling[0].source}",
        sources=[one.source for one in calling],
    )


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
