"""What is wrong with an action server and with what it answers: judged from what was measured at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from offhook.domain.diagnosis.checks import Check
from offhook.domain.diagnosis.findings import Finding, bad, good, unknown, warning
from offhook.domain.questions import Answer, Failure, Try
from offhook.domain.routes import Unroutable
from offhook.domain.sounds import Making

SLOW_MS = 2000.0
"""An answer that takes longer is heard: the caller waits in silence or hears ringing."""
CERTIFICATE_SOON = timedelta(days=14)
LONGEST_SHOWN = 120
"""So many letters of an answer that is none are shown."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure with its stable code, what happened, and what to do."""

    code: str
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Knock:
    """What came of one address: how long TCP and TLS took (None: not reached), or what failed."""

    address: str
    connect_ms: float | None = None
    tls_ms: float | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """The way to a server: its name, the guard, the connections. `dns_ms` is None where there was no name to ask.

    `refused` are addresses that the guard does not let us connect to, `certificate_until` ends the one it showed.
    """

    host: str
    dns_ms: float | None = None
    addresses: tuple[str, ...] = ()
    refused: tuple[Trouble, ...] = ()
    knocks: tuple[Knock, ...] = ()
    certificate_until: datetime | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Flaw:
    """A mistake in an action text, drawn with its caret."""

    code: str
    drawn: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """A sound: what it is in the script, how long it lasts and how it was made ready to the end, or what failed."""

    named: str
    length_ms: int | None = None
    making: Making | None = None
    trouble: Trouble | None = None


def judge_reach(reach: Reach, now: datetime, *, names_addresses: bool = True) -> list[Finding]:
    """Say whether a host resolves, may be connected to, and takes connections: always three findings."""
    if reach.trouble is not None:
        trouble = reach.trouble
        return [
            bad(Check.RESOLVES, trouble.text, trouble.hint, reason=trouble.code, dns_ms=reach.dns_ms),
            unknown(Check.ALLOWED, "without an address there is nothing to judge"),
            unknown(Check.REACHABLE, "without an address there is nothing to connect to"),
        ]
    listed = list(reach.addresses) if names_addresses else len(reach.addresses)
    shown = f" to {', '.join(reach.addresses)}" if names_addresses else ""
    took = "needs no DNS" if reach.dns_ms is None else f"resolves{shown} in {reach.dns_ms:.0f} ms"
    resolves = good(Check.RESOLVES, f"{reach.host} {took}", dns_ms=reach.dns_ms, addresses=listed)
    return [resolves, _judge_allowed(reach), _judge_knocks(reach, now)]


def _judge_allowed(reach: Reach) -> Finding:
    if not reach.refused:
        return good(Check.ALLOWED, f"{reach.host} may be connected to")
    first = reach.refused[0]
    if reach.knocks:
        return warning(Check.ALLOWED, f"one address of {reach.host} is passed over: {first.text}", first.hint)
    return bad(Check.ALLOWED, first.text, first.hint, reason=first.code)


def _judge_knocks(reach: Reach, now: datetime) -> Finding:
    if not reach.knocks:
        return unknown(Check.REACHABLE, f"{reach.host} is not connected to, because it is not allowed")
    open_ones = [knock for knock in reach.knocks if knock.trouble is None]
    failed = [knock for knock in reach.knocks if knock.trouble is not None]
    if not open_ones:
        trouble = failed[0].trouble
        assert trouble is not None, "what failed has its trouble"
        return bad(Check.REACHABLE, trouble.text, trouble.hint, reason=trouble.code, connect_ms=failed[0].connect_ms)
    best = open_ones[0]
    tls = "" if best.tls_ms is None else f", TLS {best.tls_ms:.0f} ms"
    took = f"{reach.host} takes connections: connect {best.connect_ms or 0:.0f} ms{tls}"
    data = {
        "connect_ms": best.connect_ms,
        "tls_ms": best.tls_ms,
        "certificate_until": reach.certificate_until and reach.certificate_until.isoformat(),
    }
    if failed and failed[0].trouble is not None:
        return warning(
            Check.REACHABLE,
            f"{took}; but not at each of its addresses: {failed[0].trouble.text}",
            "Repair the address, or take it out of the DNS: who is given it first waits.",
            **data,
        )
    until = reach.certificate_until
    if until is not None and until - now < CERTIFICATE_SOON:
        return warning(
            Check.REACHABLE,
            f"{took}; its certificate ends {until:%Y-%m-%d %H:%M} UTC",
            "Renew the certificate: once it has ended no call is answered.",
            **data,
        )
    return good(Check.REACHABLE, took, **data)


def judge_outcome(outcome: Answer | Failure, *, is_reached: bool = True) -> Finding:
    """Say whether a server answers 200 in time, as the tries of the question tell; the last one is what came of it.

    Of a server that is not reached another finding tells.
    """
    tries = outcome.tries
    last = tries[-1] if tries else None
    elapsed_ms = round(sum(one.elapsed_ms for one in tries), 1)
    first_byte_ms = last.times.first_byte_ms if last else None
    data: dict[str, object] = {
        "elapsed_ms": elapsed_ms,
        "first_byte_ms": first_byte_ms,
        "status": last.status if last else None,
        "attempts": len(tries),
    }
    if isinstance(outcome, Failure):
        if not is_reached:
            said = "it could not be asked: the cross above says why"
            return unknown(Check.ANSWERS, said, reason=outcome.code, **data)
        data |= {"headers": dict(last.headers), "body": last.body} if last else {}
        return bad(Check.ANSWERS, f"{outcome.text}{_came(last)}", reason=outcome.code, **data)
    first = "" if first_byte_ms is None else f", first byte {first_byte_ms:.0f} ms after the request"
    said = f"it answers 200 in {elapsed_ms:.0f} ms{first}"
    if any(one.attempt > 1 for one in tries):
        return warning(
            Check.ANSWERS, f"{said}, but only when asked again", "Look why the first request failed.", **data
        )
    warned = next((one.warning for one in tries if one.warning), "")
    if warned:
        return warning(Check.ANSWERS, f"{said}; {warned}", "Correct what stands behind the # of the URL.", **data)
    if elapsed_ms > SLOW_MS:
        return warning(Check.ANSWERS, f"{said}: callers hear it", "Answer first and work later.", **data)
    return good(Check.ANSWERS, said, **data)


def servers_clock(outcome: Answer | Failure) -> int | None:
    """Return by how many seconds the clock of the server that spoke last is ahead of ours; None if none told it."""
    return next((one.skew_s for one in reversed(outcome.tries) if one.skew_s is not None), None)


def judge_text(flaws: Sequence[Flaw], canonical: str | None) -> Finding:
    """Say whether an action text is right; the first mistake is shown with its caret."""
    if not flaws:
        lines = (canonical or "").rstrip("\n").splitlines()
        return good(Check.TEXT, f"the text is right: {'; '.join(lines)}", script=canonical)
    first = next((flaw for flaw in flaws if flaw.is_error), flaws[0])
    found = bad if first.is_error else warning
    more = f"\n({len(flaws)} mistakes in all)" if len(flaws) > 1 else ""
    return found(Check.TEXT, f"{first.drawn}{more}", reason=first.code, reasons=[flaw.code for flaw in flaws])


def judge_sound(heard: Heard) -> Finding:
    """Say whether a sound can be fetched and decoded."""
    if heard.trouble is not None:
        return bad(Check.SOUND, f"{heard.named}: {heard.trouble.text}", heard.trouble.hint, reason=heard.trouble.code)
    assert heard.length_ms is not None, "what has no trouble has a length"
    assert heard.making is not None, "and was made"
    making = heard.making
    ready_ms = round((making.fetch_ms or 0) + (making.make_ms or 0), 1)
    data = {
        "length_ms": heard.length_ms,
        "ready_ms": ready_ms,
        "fetch_ms": making.fetch_ms,
        "make_ms": making.make_ms,
        "bytes": making.bytes,
    }
    said = f"{heard.named} lasts {heard.length_ms / 1000:.1f} s: {making}"
    if heard.length_ms == 0:
        return bad(Check.SOUND, f"{heard.named} has no sound in it", reason="sound-not-audio", **data)
    return good(Check.SOUND, said, **data)


def judge_language(named: str, voice: str | Trouble) -> Finding:
    """Say whether a text can be spoken, by the voice of this name."""
    if isinstance(voice, Trouble):
        return bad(Check.LANGUAGE, f"{named}: {voice.text}", voice.hint, reason=voice.code)
    return good(Check.LANGUAGE, f"{named} is spoken by {voice}", voice=voice)


def judge_transfer(
    number: str, found: Unroutable | Sequence[str], down: Sequence[str], *, names_trunks: bool = True
) -> Finding:
    """Say whether a callee may be called: `found` are the trunks that lead there, `down` those of them that are."""
    if isinstance(found, Unroutable):
        text = found.text if names_trunks else f"+{number} cannot be called from here: {found.reason}"
        cure = "" if names_trunks else "Ask whoever runs this platform to permit the destination."
        return bad(Check.TRANSFER, text, cure, reason=found.reason.value, number=number)
    ways = {"trunks": list(found)} if names_trunks else {}
    by = f" through {', '.join(found)}" if names_trunks else ""
    if found and set(found) <= set(down):
        gone = f"{', '.join(found)} is down" if names_trunks else "every way there is down"
        return bad(
            Check.TRANSFER,
            f"+{number} may be called, but {gone}",
            "Bring the trunk up, or name another one in the setting `routes`." if names_trunks else "Try again later.",
            reason="no-route",
            number=number,
            **ways,
        )
    if set(found) & set(down):
        said = f"+{number} may be called{by}, but not every way is up"
        return warning(Check.TRANSFER, said, "Bring the trunk up." if names_trunks else "", number=number, **ways)
    return good(Check.TRANSFER, f"+{number} may be called{by}", number=number, **ways)


def _came(last: Try | None) -> str:
    """Say in a line of its own what came of an answer that is none, if anything did."""
    if last is None or last.status is None:
        return ""
    line = " ".join(last.body.split())
    if line:
        return f"\nWhat came begins: {line[:LONGEST_SHOWN]}{'...' if len(line) > LONGEST_SHOWN else ''}"
    if last.code == "timeout":
        after_ms = last.times.first_byte_ms or 0
        return f"\nIts headers came {after_ms:.0f} ms after the request, with status {last.status}."
    return ""
