"""What an action server may be asked, as ACTIONS lists it: events with their results, and callers of every kind."""

from collections.abc import Sequence
from dataclasses import dataclass

from offhook.domain.questions import Event
from offhook.language import SELF, Code, Gather, Redirect, Script, Transfer, Voicemail
from offhook.testkit.findings import Check

Parameters = tuple[tuple[str, str], ...]

ODD_NAME = 'Ann "Bo" O\'Neil \\ 山田 & 100% + a=b *~ <i>#?'
"""A display name with what is quoted in actions, encoded in URLs and signed, or means something in HTML."""
ODD_ADDRESS = 'sip:søren+"o\'neil"%22@voip.example.com;user=phone'
SHORT_NUMBER = "110"
UNKNOWN_PARAMETER = ("offhook_conformance", "1")
RECORDING_URL = "https://recordings.invalid/message.wav"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One question: for which check, about which event, and what differs from a plain call."""

    check: Check
    event: Event = Event.INCOMING
    result: Parameters = ()
    caller: str | None = None
    """Another caller than usual; empty for none that has a number."""
    about_caller: Parameters = ()

    @property
    def words(self) -> str:
        """The question as a report names it."""
        shown = [("event", self.event.value), *self.about_caller, *self.result]
        if self.caller is not None:
            shown.insert(1, ("caller", self.caller))
        return ", ".join(f"{name}={value}" for name, value in shown)

    def parameters(self, caller: str, recipient: str, call_id: str) -> Parameters:
        """Return all parameters in the order in which Offhook sends them."""
        return (
            ("caller", caller if self.caller is None else self.caller),
            ("recipient", recipient),
            ("call_id", call_id),
            ("event", self.event.value),
            *self.about_caller,
            ("trunk", "conformance"),
            *self.result,
        )


PLAIN = Scenario(Check.ANSWER)

CALLERS: tuple[Scenario, ...] = (
    Scenario(Check.ANONYMOUS, caller="", about_caller=(("anonymous", "1"),)),
    Scenario(Check.SHORT_NUMBER, caller=SHORT_NUMBER),
    Scenario(Check.SIP_NAME, caller="", about_caller=(("caller_raw", ODD_ADDRESS),)),
    Scenario(Check.NAME, about_caller=(("caller_name", ODD_NAME),)),
    Scenario(
        Check.DETAILS,
        about_caller=(("caller_name", "Ann"), ("forwarded_from", "81312345678"), ("verstat", "TN-Validation-Passed")),
    ),
)


def _gathered(digits: str) -> Scenario:
    return Scenario(Check.GATHER, Event.GATHER, (("digits", digits),))


def _transferred(status: str, *more: tuple[str, str]) -> Scenario:
    return Scenario(Check.TRANSFER, Event.TRANSFER, (("transfer_status", status), *more))


def _failed_first(reason: str) -> Scenario:
    return Scenario(Check.FALLBACK, Event.FALLBACK, (("reason", reason),))


REASONS = (
    *("action-url-not-set", "dns-failed", "address-refused", "connect-failed", "tls-failed", "timeout", "http-status"),
    *("too-many-redirects", "breaker-open"),
    *(code.value for code in Code if code is not Code.UNREACHABLE_LINE),
    *("sound-not-found", "sound-not-audio", "sound-too-long", "sound-timeout", "language-not-installed"),
    *("worker-died", "sound-not-kept"),
)
"""Why a fallback URL is asked: the codes of a request, of a text and of a sound."""

EVENTS: tuple[Scenario, ...] = (
    _gathered("1"),
    _gathered("0*"),
    _gathered("12345678901234567890"),
    # Nothing was pressed in time.
    _gathered(""),
    _transferred("answered", ("duration", "12")),
    _transferred("busy", ("sip_code", "486")),
    _transferred("no-answer", ("sip_code", "480")),
    _transferred("no-answer"),
    _transferred("refused", ("sip_code", "603")),
    _transferred("failed", ("sip_code", "503")),
    Scenario(Check.VOICEMAIL, Event.VOICEMAIL, (("recording_url", RECORDING_URL),)),
    # Nothing was said.
    Scenario(Check.VOICEMAIL, Event.VOICEMAIL),
    *(_failed_first(reason) for reason in REASONS),
)
"""In an order in which what one answer leads to is asked after it."""


def leads(scripts: Sequence[Script]) -> dict[Event, str | None]:
    """Return which events these scripts lead to, and the URL that is asked then; None is the action URL."""
    found: dict[Event, str | None] = {}
    for script in scripts:
        for action in script.actions:
            match action:
                case Gather(next=url):
                    found.setdefault(Event.GATHER, _elsewhere(url))
                case Transfer(next=str() as url):
                    found.setdefault(Event.TRANSFER, _elsewhere(url))
                case Voicemail(next=str() as url):
                    found.setdefault(Event.VOICEMAIL, _elsewhere(url))
                case _:
                    pass
    return found


def redirection(script: Script | None) -> str | None:
    """Return the URL that a script says to ask instead, None if it does not."""
    actions = script.actions if script else ()
    return next((action.url for action in actions if isinstance(action, Redirect)), None)


def _elsewhere(url: str | None) -> str | None:
    return None if url == SELF else url
