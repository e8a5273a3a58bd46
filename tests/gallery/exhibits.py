"""The exhibits: what is wrong with a server, a file, a phone, a trunk or an account, and how a call meets it.

Each has a number of its own, whose action URL is the exhibit's name at one server; so all of them can be seen at once.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from free_ports import tcp_port
from gallery import servers, visits
from gallery.hall import BRIEF, POOR
from office import ACCOUNT
from rawserver import Behaviour

FRIEND = "81312345678"
NO_SUCH_HOST = "shop-exmaple.invalid"
"""Nobody can own it (RFC 6761 section 6.4)."""
TO_FRIEND = f"transfer {FRIEND}"


@dataclass(frozen=True, slots=True)
class Exhibit:
    """`says` is what its action server answers, `serves` how it misbehaves, `url` where it is if it is none of ours.

    Its transfers go to one of the phones of `Phones` by name. `account` is whose number it is.
    """

    name: str
    visit: Callable[[visits.Visit], Awaitable[None]]
    says: str = ""
    serves: Behaviour | None = None
    url: Callable[[servers.Servers], str] | None = None
    leads_to: str = ""
    account: str = ACCOUNT
    fallback: str = ""
    default_action: str = ""


def _nowhere(_servers: servers.Servers) -> str:
    return f"http://127.0.0.1:{tcp_port()}/"


FAULTS = (
    # The two that take longest come first.
    Exhibit("credit-ends", visits.hears_the_end, says="playback {origin}/tone.mp3 loop=100", account=BRIEF),
    Exhibit("no-rtp", visits.has_no_sound_at_all, says="pause 60"),
    Exhibit("no-url", visits.hears_the_announcement, url=lambda _: ""),
    Exhibit("wrong-host", visits.hears_the_announcement, url=lambda _: f"http://{NO_SUCH_HOST}/calls"),
    Exhibit("refused-port", visits.hears_the_announcement, url=_nowhere),
    Exhibit("expired-certificate", visits.hears_the_announcement, url=lambda those: those.expired.url("/calls")),
    Exhibit("status-404", visits.hears_the_announcement, serves=servers.status(404)),
    Exhibit("status-500", visits.hears_the_announcement, serves=servers.status(500)),
    Exhibit("html-page", visits.hears_the_announcement, serves=servers.page),
    Exhibit("empty-answer", visits.hears_the_announcement, serves=servers.nothing),
    Exhibit("typo", visits.hears_the_announcement, says="playbak {origin}/tone.mp3"),
    Exhibit("wrong-quotes", visits.hears_the_announcement, says="say en “Hello there”"),
    Exhibit("missing-argument", visits.hears_the_announcement, says="playback"),
    Exhibit("bad-number", visits.hears_the_announcement, says="transfer 03-1234-5678"),
    Exhibit("mp3-404", visits.hears_the_announcement, says="playback {origin}/missing.mp3"),
    Exhibit("mp3-html", visits.hears_the_announcement, says="playback {origin}/page.mp3"),
    Exhibit("mp3-endless", visits.hears_the_announcement, says="playback {origin}/endless.mp3"),
    Exhibit("language-missing", visits.hears_the_announcement, says='say ko "여보세요"'),
    Exhibit("no-credit", visits.is_refused(480), says="hangup", account=POOR),
    Exhibit("unknown-did-form", visits.dials_nationally, says="hangup"),
    Exhibit("trunk-down", visits.is_refused(480), says=TO_FRIEND, leads_to="dead"),
    Exhibit("callee-busy", visits.is_refused(486), says=TO_FRIEND, leads_to="busy"),
    Exhibit("no-answer", visits.is_refused(480), says=f"{TO_FRIEND} ring=5", leads_to="ringing"),
    Exhibit("one-way-audio", visits.sends_no_sound, says="pause 4"),
    Exhibit("wrong-codec", visits.speaks_g729, says="hangup"),
    Exhibit("keys-in-band", visits.presses_tones, serves=servers.gathers),
    Exhibit("slow-server", visits.hears_the_announcement, serves=servers.slow),
    Exhibit("redirect-loop", visits.hears_the_announcement, serves=servers.redirects),
    Exhibit("private-address", visits.hears_the_announcement, url=lambda _: "http://10.20.30.40/calls"),
    Exhibit("clock-skew", visits.hears_the_announcement),
)
"""The thirty of the troubleshooting page."""

GOOD_CALLS = (
    Exhibit("good-sound", visits.hears_the_end, says="playback {origin}/tone.mp3"),
    Exhibit("good-rejection", visits.is_refused(486), says="reject busy"),
    Exhibit("good-transfer", visits.talks, says=TO_FRIEND, leads_to="friend"),
)

LOOKALIKES = (
    Exhibit("number-in-to", visits.names_it_in_to, says="hangup"),
    Exhibit("fax-only", visits.offers_a_fax, says="hangup"),
    Exhibit("fax-later", visits.wants_a_fax_later, says="pause 20"),
    Exhibit("from-elsewhere", visits.speaks(0, host=visits.ELSEWHERE), says="pause 4"),
    Exhibit("unknown-type", visits.speaks(18), says="pause 4"),
    Exhibit("keys-by-info", visits.informs, serves=servers.gathers),
    Exhibit("login-wanted", visits.is_refused(480), says=TO_FRIEND, leads_to="strict"),
    Exhibit("away", visits.is_refused(480), says=TO_FRIEND, leads_to="away"),
)
"""Faults that look like one of the thirty and are another."""

TWO_AT_ONCE = (
    Exhibit(
        "host-and-fallback",
        visits.hears_the_announcement,
        url=lambda _: f"http://{NO_SUCH_HOST}/",
        fallback="status-500",
    ),
    Exhibit("silence-and-sound", visits.sends_no_sound, says="pause 4\nplayback {origin}/missing.mp3"),
    Exhibit(
        "status-and-busy", visits.is_refused(486), serves=servers.status(404), default_action=TO_FRIEND, leads_to="busy"
    ),
)

VARIATIONS = (
    Exhibit("redirect-private", visits.hears_the_announcement, serves=servers.redirects_to("http://10.20.30.40/x")),
    Exhibit(
        "plain-on-https",
        visits.hears_the_announcement,
        url=lambda those: f"http://127.0.0.1:{those.expired.port}/",
    ),
    Exhibit("https-on-plain", visits.hears_the_announcement, url=lambda those: f"https://127.0.0.1:{those.main.port}/"),
    Exhibit("status-405", visits.hears_the_announcement, serves=servers.status(405)),
    Exhibit("utf-16", visits.hears_the_announcement, serves=servers.sends('say en "Hello"'.encode("utf-16"))),
    Exhibit("two-in-a-line", visits.hears_the_announcement, says="pause 1 hangup"),
    Exhibit("mp3-403", visits.hears_the_announcement, says="playback {origin}/private.mp3"),
    Exhibit("mp3-unknown-host", visits.hears_the_announcement, says=f"playback http://{NO_SUCH_HOST}/a.mp3"),
    Exhibit("mp3-is-json", visits.hears_the_announcement, says="playback {origin}/json.mp3"),
    Exhibit("m4a", visits.hears_the_announcement, says="playback {origin}/sound.m4a"),
    Exhibit("password", visits.hears_the_announcement, says="playback http://user:hunter2@shop.example/a.mp3"),
)
"""Faults of the same kinds as the thirty, which are told apart from them."""
