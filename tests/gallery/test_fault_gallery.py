"""Thirty faults, each met by a real call to a running platform: the timeline's first sentence names the cause."""

import asyncio
import json
import re
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import fault_gallery
from callee import callee, pcmu
from certificates import AUTHORITY, web_server
from free_ports import udp_port
from gallery.exhibits import FAULTS, GOOD_CALLS, LOOKALIKES, TWO_AT_ONCE, VARIATIONS, Exhibit
from gallery.hall import Furniture, Hall
from gallery.servers import Roles, Servers, says
from gallery.visits import Visit
from offhook.engine.net.manners import BUSY, Manners
from rawserver import raw_server
from running_platform import RunningPlatform
from tones import tone

pytestmark = pytest.mark.peers

AT_ONCE = 10
"""So many visitors at the same time, and those who stay long besides."""
STAY_LONG = ("credit-ends", "no-rtp")
RTP_PORTS = 224
THIRTY = 30
ENDED = datetime(2024, 2, 29, 12, 0, tzinfo=UTC)
"""When a certificate was good for the last time."""
MASKS = (
    (r"127\.0\.0\.1:\d+", "HOST"),
    (r"127\.0\.0\.55:\d+", "ELSEWHERE"),
    (r"8150100000\d\d", "815012345678"),
    (r"050100000\d\d", "05012345678"),
    (r"\d+ packets", "N packets"),
    (r"(ended after|it lasted) \d+ s", r"\1 N s"),
    (r"clock is \d+ min( \d+ s)?", "clock is N min"),
    # Which voices there are depends on the machine, and so does what a resolver says that reaches nobody.
    (r"Installed are [^;]+", "Installed are LANGUAGES"),
    (r"Temporary failure in name resolution", "Name or service not known"),
    (r"No name server could say: .*", "Check the spelling of the host and its DNS records."),
)
EXHIBITS = (*FAULTS, *GOOD_CALLS, *TWO_AT_ONCE, *LOOKALIKES, *VARIATIONS)
Shown = Mapping[str, dict[str, Any]]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """Return the call of each exhibit, with its timeline and its cause."""
    return asyncio.run(_open(tmp_path_factory.mktemp("gallery")))


async def _open(folder: Path) -> Shown:
    """Furnish the gallery, let everybody call, and look at what the platform says of the calls."""
    AUTHORITY.cert_pem.write_to_path(folder / "authorities.pem")
    roles = Roles()
    async with AsyncExitStack() as stack:
        main = await stack.enter_async_context(raw_server(roles))
        expired = await stack.enter_async_context(raw_server(roles, web_server("127.0.0.1", expired_at=ENDED)))
        busy = await stack.enter_async_context(callee(Manners(refusal=BUSY)))
        ringing = await stack.enter_async_context(callee(Manners(answers_after_s=None)))
        friend = await stack.enter_async_context(callee(Manners(answers_after_s=0.2, speech=pcmu(tone(900, 3)))))
        strict = await stack.enter_async_context(callee(Manners(refusal=401)))
        away = await stack.enter_async_context(callee(Manners(refusal=480)))
        phones = {
            "strict": strict.sip,
            "away": away.sip,
            "busy": busy.sip,
            "ringing": ringing.sip,
            "friend": friend.sip,
            "dead": ("127.0.0.1", udp_port()),
        }
        # A resolver that reaches nobody says so soon.
        settings = {"SSL_CERT_FILE": str(folder / "authorities.pem"), "RES_OPTIONS": "timeout:1 attempts:1"}
        running = RunningPlatform(folder, main.url("/good-sound"), settings, rtp_ports=RTP_PORTS)
        platform = await asyncio.to_thread(running.__enter__)
        stack.callback(running.__exit__, None, None, None)
        hall = Hall(platform)
        roles.secret = await asyncio.to_thread(hall.open)
        servers = Servers(main, expired)
        for exhibit in EXHIBITS:
            if exhibit.says or exhibit.serves:
                roles.roles[exhibit.name] = exhibit.serves or says(exhibit.says.format(origin=main.url("")))
        await asyncio.to_thread(hall.furnish, [_furniture(exhibit, servers, phones) for exhibit in EXHIBITS])
        doors = asyncio.Semaphore(AT_ONCE)
        # The longest visit leaves time for the operator to look at a call meanwhile.
        visits = asyncio.gather(*(_visit(hall, exhibit, doors) for exhibit in EXHIBITS))
        troubles, operator = await asyncio.gather(visits, _see(hall, "unknown-did-form"))
        calls = await asyncio.to_thread(hall.explained, [exhibit.name for exhibit in EXHIBITS])
        shown = {one.name: {**calls[one.name], "trouble": told} for one, told in zip(EXHIBITS, troubles, strict=True)}
        return {**shown, "operator": operator}


async def _see(hall: Hall, name: str) -> dict[str, Any]:
    """Return what an operator sees of a call; nobody else sees one to no number."""
    calls = await asyncio.to_thread(hall.explained, [name])
    words = ("calls", "show", calls[name]["call_id"])
    written = json.loads(await asyncio.to_thread(hall.platform.cli, *words, "--json"))
    printed = " ".join((await asyncio.to_thread(hall.platform.cli, *words)).split())
    return {"written": written, "printed": printed}


def _furniture(exhibit: Exhibit, servers: Servers, phones: Mapping[str, tuple[str, int]]) -> Furniture:
    return Furniture(
        exhibit.name,
        url=exhibit.url(servers) if exhibit.url else servers.main.url(f"/{exhibit.name}"),
        account=exhibit.account,
        send=phones[exhibit.leads_to] if exhibit.leads_to else None,
        fallback_url=servers.main.url(f"/{exhibit.fallback}") if exhibit.fallback else "",
        default_action=exhibit.default_action,
    )


async def _visit(hall: Hall, exhibit: Exhibit, doors: asyncio.Semaphore) -> str:
    """Let an exhibit be seen; return what its visitor did not see or hear as expected."""
    visit = Visit(hall.platform, hall.places[exhibit.name])
    try:
        if exhibit.name in STAY_LONG:
            await exhibit.visit(visit)
        else:
            async with doors:
                await exhibit.visit(visit)
    except (AssertionError, TimeoutError) as error:
        return repr(error)
    return ""


def test_there_are_thirty_faults_and_all_of_them_are_exhibited() -> None:
    names = [fault.name for fault in fault_gallery.FAULTS]
    assert len(names) == len(set(names)) == THIRTY
    assert sorted(names) == sorted(exhibit.name for exhibit in FAULTS)


@pytest.mark.parametrize("fault", fault_gallery.FAULTS, ids=lambda fault: fault.name)
def test_the_first_sentence_names_the_fault(shown: Shown, fault: fault_gallery.Fault) -> None:
    one = shown[fault.name]
    assert one["trouble"] == ""
    cause = one["cause"]
    assert (cause["code"], _masked(cause["sentence"]), _masked(cause["cure"])) == (
        fault.code,
        fault.sentence,
        fault.cure,
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("good-sound", "The call went as wished: it lasted N s, and its script came to its end."),
        ("good-rejection", "The call went as wished: the script says reject busy, and it cost nothing."),
        (
            "good-transfer",
            "The call went as wished: it lasted N s, the caller talked to +81312345678, and the caller hung up.",
        ),
    ],
)
def test_a_good_call_is_blamed_for_nothing(shown: Shown, name: str, sentence: str) -> None:
    one = shown[name]
    assert one["trouble"] == ""
    assert one["cause"] == {"code": None, "sentence": one["cause"]["sentence"], "cure": ""}
    assert _masked(one["cause"]["sentence"]) == sentence


@pytest.mark.parametrize(
    ("name", "code", "behind"),
    [
        (
            "host-and-fallback",
            "dns-failed",
            "; the fallback URL http://HOST/status-500 failed too: HOST answered with status 500, so the caller heard",
        ),
        ("silence-and-sound", "sound-not-found", "Line 2 could not be heard"),
        ("status-and-busy", "http-status", ", so the default action took its place."),
    ],
)
def test_of_two_faults_the_root_is_named(shown: Shown, name: str, code: str, behind: str) -> None:
    one = shown[name]
    assert one["trouble"] == ""
    assert one["cause"]["code"] == code
    assert behind in _masked(one["cause"]["sentence"])
    # The other one is told in the timeline below.
    assert len([event for event in one["timeline"] if event["code"] and event["kind"] not in ("ended", "hung-up")]) > 1


@pytest.mark.parametrize(
    ("name", "code", "sentence", "cure"),
    [
        (
            "number-in-to",
            "unknown-number",
            (
                "No number of the pool is account42 as trunk peers sends it in its Request-URI, but its To names"
                " +815012345678, which is in the pool."
            ),
            "`offhook trunks set peers --number-from to`",
        ),
        (
            "fax-only",
            "no-common-codec",
            "The call was refused (488): trunk peers offers a fax (T.38), and no sound.",
            "Have the carrier offer audio",
        ),
        (
            "fax-later",
            "no-common-codec",
            (
                "The caller hung up when an offer within the call was declined (488): its side offers a fax (T.38), and"
                " no sound."
            ),
            "faxes (T.38) and video alone are not taken",
        ),
        (
            "from-elsewhere",
            "no-audio-yet",
            (
                "The sound went one way only: sound for the caller came from ELSEWHERE, which its SDP does not name"
                " (HOST)."
            ),
            "from the address that its SDP names",
        ),
        (
            "unknown-type",
            "payload-unknown",
            (
                "Nothing that the caller said could be understood: N packets of payload type 18 (G729) came, and PCMU"
                " was agreed on."
            ),
            "in the answer's SDP",
        ),
        (
            "keys-by-info",
            "keys-by-info",
            (
                "Keys were waited for and came by INFO, which is not listened to: with trunk peers telephone-events in"
                " RTP were agreed on."
            ),
            "`offhook trunks set peers --dtmf info`",
        ),
        (
            "login-wanted",
            "callee-failed",
            (
                "+81312345678 was not reached through trunk to-login-wanted: its gateway wants to know who we are (401"
                " Unauthorized)."
            ),
            "`offhook trunks set to-login-wanted --user NAME --password-file FILE`",
        ),
        (
            "away",
            "callee-no-answer",
            (
                "+81312345678 was not reached through trunk to-away: it cannot be reached at the moment (480"
                " Temporarily Unavailable)."
            ),
            "may be off or out of reach",
        ),
    ],
)
def test_a_fault_that_looks_like_another_is_told_apart(
    shown: Shown, name: str, code: str, sentence: str, cure: str
) -> None:
    one = shown[name]
    assert one["trouble"] == ""
    assert (one["cause"]["code"], _masked(one["cause"]["sentence"])) == (code, sentence)
    assert cure in one["cause"]["cure"]


@pytest.mark.parametrize(
    ("name", "code", "sentence", "cure"),
    [
        (
            "redirect-private",
            "address-refused",
            "http://HOST/redirect-private redirects to http://10.20.30.40/x, which was not asked: ",
            "--allow-addresses 10.20.30.40/32",
        ),
        ("plain-on-https", "connect-failed", "gave no answer that can be used: HOST closed the connection", "https://"),
        (
            "https-on-plain",
            "timeout",
            "was not reached: HOST took the connection, and TLS was not agreed on",
            "http://",
        ),
        ("status-405", "http-status", "HOST answered with status 405", "Let the path take GET"),
        ("utf-16", "not-utf8", "the answer is not UTF-8", "It looks like UTF-16; encode the answer as UTF-8"),
        (
            "two-in-a-line",
            "too-many-arguments",
            '"pause" takes no "hangup" here',
            "Each action stands on a line of its",
        ),
        ("mp3-403", "sound-not-found", "the file host answered 403 for http://HOST/private.mp3", "Let everybody read"),
        ("mp3-unknown-host", "dns-failed", "Line 1 (playback http://shop-exmaple.invalid/a.mp3) could not", "spelling"),
        ("mp3-is-json", "sound-not-audio", "the file is no sound: it looks like JSON", "Open the URL yourself"),
        ("m4a", "sound-not-audio", "the file is MP4 (M4A or video), which is not played", "ffmpeg"),
        ("password", "bad-url", "a URL here cannot hold a user name or password", "Leave out what stands before the @"),
    ],
)
def test_a_variation_is_told_as_what_it_is(shown: Shown, name: str, code: str, sentence: str, cure: str) -> None:
    one = shown[name]
    assert one["trouble"] == ""
    assert one["cause"]["code"] == code
    assert sentence in _masked(one["cause"]["sentence"])
    assert cure in _masked(one["cause"]["cure"])


def test_no_record_of_a_call_holds_the_password_of_a_url(shown: Shown) -> None:
    assert "hunter2" not in json.dumps(shown["password"])


def test_an_operator_reads_the_sentence_before_the_timeline(shown: Shown) -> None:
    cause = shown["unknown-did-form"]["cause"]
    assert shown["operator"]["written"]["cause"] == cause
    printed = shown["operator"]["printed"]
    assert printed.index(cause["sentence"]) < printed.index(cause["cure"]) < printed.index("arrived")


def _masked(text: str) -> str:
    """Return a text with what is another one in each run written as in the list."""
    for what, mask in MASKS:
        text = re.sub(what, mask, text)
    return text
