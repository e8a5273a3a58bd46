"""Thirty faults and what is seen of each: the list that the page of troubleshooting is made from.

`tests/gallery` meets every one of them with a real call, and holds sentence and cure against what the platform says
then. Where a word is another one each time, HOST and N stand for it.
"""

from dataclasses import dataclass
from enum import StrEnum


class Room(StrEnum):
    """Where a fault lies."""

    SERVER = "Your action server"
    TEXT = "Its answer"
    SOUND = "Sounds and voices"
    ACCOUNT = "The account and its numbers"
    TRANSFER = "Transfers"
    MEDIA = "Sound and keys on the line"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what the caller hears of it, and the first sentence, code and cure of the timeline."""

    name: str
    room: Room
    title: str
    heard: str
    code: str
    sentence: str
    cure: str


ANNOUNCEMENT = "Our announcement that nobody can take the call, and the end."
SO = "so the caller heard that nobody can take the call."
OPEN_PORTS = (
    "Let UDP in to the ports of the setting `rtp_ports`, and behind a NAT set `public_address`; a phone behind a NAT of"
    " its own needs RTP to the address that its SDP names."
)

FAULTS = (
    Fault(
        "no-url",
        Room.SERVER,
        "No action URL",
        ANNOUNCEMENT,
        "action-url-not-set",
        f"No action URL is set for +815012345678, {SO}",
        "Set one: POST /voice/dins/subscriptions/<din_uid>/ with action_url.",
    ),
    Fault(
        "wrong-host",
        Room.SERVER,
        "A host that does not exist",
        ANNOUNCEMENT,
        "dns-failed",
        "The action URL http://shop-exmaple.invalid/calls was not reached: shop-exmaple.invalid could not be resolved:"
        f" Name or service not known, {SO}",
        "Check the spelling of the host and its DNS records.",
    ),
    Fault(
        "refused-port",
        Room.SERVER,
        "A port at which nobody listens",
        ANNOUNCEMENT,
        "connect-failed",
        f"The action URL http://HOST/ was not reached: HOST took no connection: Connection refused, {SO}",
        "Check that the server runs and that its port is open to this machine.",
    ),
    Fault(
        "expired-certificate",
        Room.SERVER,
        "A certificate that has expired",
        ANNOUNCEMENT,
        "tls-failed",
        "The action URL https://HOST/calls was not reached: TLS with HOST failed: certificate has expired on 2024-02-29"
        f" at 12:00 UTC, {SO}",
        "Renew the certificate, and have it renewed by itself from now on.",
    ),
    Fault(
        "status-404",
        Room.SERVER,
        "A page that is not there",
        ANNOUNCEMENT,
        "http-status",
        f"The action URL http://HOST/status-404 gave no answer that can be used: HOST answered with status 404, {SO}",
        "Check the path of the URL: the server has nothing there.",
    ),
    Fault(
        "status-500",
        Room.SERVER,
        "An error in your program",
        ANNOUNCEMENT,
        "http-status",
        f"The action URL http://HOST/status-500 gave no answer that can be used: HOST answered with status 500, {SO}",
        "Look into the server's log: its program failed at this request.",
    ),
    Fault(
        "slow-server",
        Room.SERVER,
        "A server that is slow",
        f"Ringing, for five seconds longer. {ANNOUNCEMENT}",
        "timeout",
        f"The action URL http://HOST/slow-server gave no answer in time: HOST kept us waiting for more than 5 s, {SO}",
        "Answer first and work later; the caller hears nothing meanwhile.",
    ),
    Fault(
        "redirect-loop",
        Room.SERVER,
        "Redirects in a circle",
        ANNOUNCEMENT,
        "too-many-redirects",
        "The action URL http://HOST/redirect-loop gave no answer that can be used: HOST is where redirect number 4"
        f" leads; that is one too many, {SO}",
        "Set the action URL to where the redirects end, or check that they do not go in a circle.",
    ),
    Fault(
        "private-address",
        Room.SERVER,
        "A private address",
        ANNOUNCEMENT,
        "address-refused",
        "The action URL http://10.20.30.40/calls was not asked: 10.20.30.40 was not connected to: 10.20.30.40 lies in"
        f" 10.0.0.0/8 (Private-Use, RFC 1918), {SO}",
        "If that server is yours, start Offhook with --allow-addresses 10.20.30.40/32.",
    ),
    Fault(
        "clock-skew",
        Room.SERVER,
        "A clock that is wrong",
        ANNOUNCEMENT,
        "clock-skew",
        "The action URL http://HOST/clock-skew refused our signed request (status 401), and its clock is N min behind"
        f" ours: a signature is good for 5 min, {SO}",
        "Set both clocks by NTP; `timedatectl` shows whether one is wrong.",
    ),
    Fault(
        "html-page",
        Room.TEXT,
        "A web page",
        ANNOUNCEMENT,
        "looks-like-html",
        "What the action URL http://HOST/html-page answered cannot be done: the answer is a web page (HTML), not lines"
        f" of actions, {SO}",
        "Is it an error or login page? open the action URL yourself and look.",
    ),
    Fault(
        "empty-answer",
        Room.TEXT,
        "Nothing at all",
        ANNOUNCEMENT,
        "empty-answer",
        f"What the action URL http://HOST/empty-answer answered cannot be done: the answer has no action, {SO}",
        'Answer with a line such as: say en "Hello".',
    ),
    Fault(
        "typo",
        Room.TEXT,
        "A word that is no action",
        ANNOUNCEMENT,
        "unknown-verb",
        "Line 1 of what the action URL http://HOST/typo answered, `playbak http://HOST/tone.mp3`, cannot be done:"
        f' there is no action "playbak", {SO}',
        'Did you mean "playback"?',
    ),
    Fault(
        "wrong-quotes",
        Room.TEXT,
        "Quotes of a word processor",
        ANNOUNCEMENT,
        "unquoted-text",
        "Line 1 of what the action URL http://HOST/wrong-quotes answered, `say en “Hello there”`, cannot be done: “ is"
        f" not a quote here, {SO}",
        'Use plain double quotes: "Hello there".',
    ),
    Fault(
        "missing-argument",
        Room.TEXT,
        "A word too few",
        ANNOUNCEMENT,
        "missing-argument",
        'Line 1 of what the action URL http://HOST/missing-argument answered, `playback`, cannot be done: "playback"'
        f" needs a URL, {SO}",
        "Write it like: playback https://example.com/hello.mp3.",
    ),
    Fault(
        "bad-number",
        Room.TEXT,
        "A number without its country code",
        ANNOUNCEMENT,
        "bad-number",
        "Line 1 of what the action URL http://HOST/bad-number answered, `transfer 03-1234-5678`, cannot be done:"
        f' "03-1234-5678" starts with 0 and not with a country code, {SO}',
        "Write the country code and the number, as in +81-3-5550-0123.",
    ),
    Fault(
        "mp3-404",
        Room.SOUND,
        "A file that is not there",
        ANNOUNCEMENT,
        "sound-not-found",
        f"Line 1 could not be heard: the file host answered 404 for http://HOST/missing.mp3, {SO}",
        "Put the file where the line says, or correct the URL; it must answer 200 to everybody.",
    ),
    Fault(
        "mp3-html",
        Room.SOUND,
        "A web page in place of a file",
        ANNOUNCEMENT,
        "sound-not-audio",
        "Line 1 (playback http://HOST/page.mp3) could not be heard: the file is no sound: it looks like a web page,"
        f" {SO}",
        "Open the URL yourself: it must give the MP3, WAV, OGG or FLAC file, and no page around it.",
    ),
    Fault(
        "mp3-endless",
        Room.SOUND,
        "A file without an end",
        ANNOUNCEMENT,
        "sound-too-long",
        f"Line 1 (playback http://HOST/endless.mp3) could not be heard: the file is longer than 20 MiB, {SO}",
        "Give a file with an end: at most 20 MiB and 10 minutes. A radio station never ends.",
    ),
    Fault(
        "language-missing",
        Room.SOUND,
        "A language that is not installed",
        ANNOUNCEMENT,
        "language-not-installed",
        f"Line 1 (say ko: 여보세요) could not be heard: the language 'ko' is not installed, {SO}",
        "Installed are LANGUAGES; no package of Offhook adds it.",
    ),
    Fault(
        "no-credit",
        Room.ACCOUNT,
        "No credit",
        "The carrier's words for 480, mostly that the number cannot be reached.",
        "no-credit",
        "The call was refused: the account has 1 credit, and takes calls from 50 credits on.",
        "Top the account up: `offhook accounts top-up`.",
    ),
    Fault(
        "credit-ends",
        Room.ACCOUNT,
        "Credit that ends during the call",
        "Our words that the call ends now, within the last five seconds of the minute that is paid for.",
        "credit-ended",
        "The account's credit ended during the call: minute 2 could not be paid, so the call ended after N s.",
        "Top the account up: `offhook accounts top-up`.",
    ),
    Fault(
        "unknown-did-form",
        Room.ACCOUNT,
        "A number in another form than ours",
        "The carrier's words for 404, mostly that the number does not exist.",
        "unknown-number",
        "No number of the pool is 05012345678 as trunk peers sends it, but +815012345678 is in the pool.",
        "Say how the trunk writes numbers: `offhook trunks set peers --country-code 81`.",
    ),
    Fault(
        "trunk-down",
        Room.TRANSFER,
        "A trunk that is down",
        "Ringing, then the carrier's words for 480.",
        "callee-failed",
        "Trunk to-trunk-down is down, so +81312345678 was not reached: its gateway said nothing within 5 s.",
        "See `offhook trunks show to-trunk-down`, and whether its gateway runs and answers us.",
    ),
    Fault(
        "callee-busy",
        Room.TRANSFER,
        "A callee who is busy",
        "The busy tone.",
        "callee-busy",
        "+81312345678 was not reached through trunk to-callee-busy: it is busy (486 Busy Here).",
        "Name a second number, or a line behind the transfer: it is done when nobody takes the call.",
    ),
    Fault(
        "no-answer",
        Room.TRANSFER,
        "A callee who does not answer",
        "Ringing, then the carrier's words for 480.",
        "callee-no-answer",
        "+81312345678 was not reached through trunk to-no-answer: nobody answered within 5 s.",
        "Let it ring longer (`ring=`), or put a line behind the transfer, such as voicemail.",
    ),
    Fault(
        "one-way-audio",
        Room.MEDIA,
        "Sound in one direction only",
        "Everything; but nobody hears the caller.",
        "no-audio-yet",
        "The sound went one way only: nothing came from the caller while N packets were sent there.",
        OPEN_PORTS,
    ),
    Fault(
        "no-rtp",
        Room.MEDIA,
        "No sound in either direction",
        "Nothing, and the end after ten seconds.",
        "no-rtp",
        "No sound went either way, so the call was ended: nobody listens at HOST: Connection refused.",
        "See that the address in the caller's SDP is right and reachable: a NAT or a firewall at the carrier's side, or"
        " a phone that is gone.",
    ),
    Fault(
        "wrong-codec",
        Room.MEDIA,
        "A codec that we do not speak",
        "The carrier's words for 488, mostly a tone.",
        "no-common-codec",
        "The call was refused (488): trunk peers offers G729, and we speak PCMU, PCMA and G722.",
        "Have the carrier offer PCMA or PCMU (G.711), or G722; SRTP if the trunk demands it.",
    ),
    Fault(
        "keys-in-band",
        Room.MEDIA,
        "Keys as tones only",
        "What is said when no key was pressed, whatever is pressed.",
        "keys-in-band",
        "Keys were waited for and none came, because the caller's side offers no telephone-events: trunk peers sends"
        " keys as tones in the sound, if at all, and they are not listened for.",
        "Have the carrier send telephone-events (RFC 4733), or listen for tones: `offhook trunks set peers --dtmf"
        " inband`.",
    ),
)
