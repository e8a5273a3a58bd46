"""Every example is called for real: by a phone, over SIP and RTP, through one platform that signs what it asks."""

import asyncio
import io
import json
import re
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import partial
from hashlib import sha256
from pathlib import Path

import av
import httpx2
import numpy as np
import pytest
from numpy.typing import NDArray

import ear
import office
from callee import callee, pcmu
from example_servers import ExampleServer, example_servers, listed, manage
from mail_sink import MailSink
from offhook.actionserver.signature import sign
from offhook.audio.beep import HZ as BEEP_HZ
from offhook.engine.net.manners import Manners
from offhook.serve.conformance import Subject, examine
from offhook.service import notices, signing
from offhook.storage import Work
from offhook.testkit.findings import Check, Verdict
from phone import Caller, phone
from running_platform import NUMBER, SID, TOKEN, RunningPlatform
from subscription import Subscription
from tones import RATE, tone

pytestmark = pytest.mark.peers

FRIEND = "819012345678"
UNSIGNED = {"static", "action_server_tiny.py"}
KEEPER = ("keeper", "correct horse battery")
CALLER_HZ, DESK_HZ = 1300, 700
FOLLOWS_WITHIN_S = 20


@dataclass(frozen=True, slots=True)
class Stage:
    """The platform with its one number, and all examples."""

    platform: RunningPlatform
    servers: dict[str, ExampleServer]
    subscription: Subscription
    sink: MailSink
    secret: str

    @asynccontextmanager
    async def call(self, name: str, caller: str) -> AsyncIterator[Caller]:
        """Let the number ask this example, and call it."""
        await asyncio.to_thread(self.subscription.set, action_url=self.servers[name].url)
        async with phone() as customer:
            assert await customer.call(NUMBER, self.platform.sip, caller=caller) == 200
            yield customer

    async def scripts(self, caller: str) -> list[str]:
        """Return what a caller's call was told to do, answer by answer, once it has ended well."""
        (call,) = await asyncio.to_thread(self.platform.ended_calls, caller)
        assert (call["status"], call["reason"]) == ("completed", None)
        return [event["text"].strip() for event in self.platform.timeline(call["call_id"]) if event["kind"] == "script"]

    async def press(self, customer: Caller, keys: str, name: str) -> None:
        """Press keys, and wait until the example was asked about them and its answer is heard."""
        asked = self.servers[name].asked("event=gather")
        customer.press(keys)
        await self.until(lambda: self.servers[name].asked("event=gather") > asked, "the keys to arrive")
        await customer.hear_something()

    async def until(self, look: Callable[[], object], what: str) -> None:
        await asyncio.to_thread(self.platform.wait_until, look, within_s=FOLLOWS_WITHIN_S, what=what)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("examples")
    (folder / "platform").mkdir()
    platform = RunningPlatform(folder / "platform", "http://127.0.0.1:1/")
    secret = secrets.token_urlsafe(32)
    with MailSink() as sink:
        surroundings = {
            "OFFHOOK_SECRET": secret,
            "OFFHOOK_URL": platform.url,
            "OFFHOOK_SID": SID,
            "OFFHOOK_TOKEN": TOKEN,
            "OFFICE_TIME_ZONE": where_it_is_night(),
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(sink.port),
            "MAIL_TO": "me@shop.example",
        }
        with example_servers(folder, surroundings) as servers, ThreadPoolExecutor() as hands:
            # What takes seconds is done while the platform starts: the recogniser is loaded, too.
            moved_in = hands.submit(move_in, folder / "reception")
            loaded = hands.submit(ear.recognise, tone(440, 1))
            with platform:
                office.write(platform.database_url, partial(introduce, secret=secret, servers=servers))
                for server in servers.values():
                    server.wait()
                moved_in.result()
                loaded.result()
                yield Stage(platform, servers, Subscription(platform), sink, secret)


def introduce(work: Work, *, secret: str, servers: dict[str, ExampleServer]) -> None:
    """Let the account sign with this secret, and send its events to who mails messages."""
    account_id = signing.account_id_of(work, office.ACCOUNT)
    signing.rotate_secret(work, account_id, secret=secret, now=datetime.now(UTC))
    webhook = f"{servers['voicemail_to_email.py'].origin}/events"
    notices.set_contact(work, name=office.ACCOUNT, email=None, webhook_url=webhook)


def where_it_is_night() -> str:
    """Return a time zone in which it is between two and three in the morning: every office is closed."""
    ahead = (2 - time.gmtime().tm_hour) % 24
    # These names count hours behind Greenwich, and there are none that are more than 14 ahead.
    return f"Etc/GMT{-ahead if ahead <= 14 else 24 - ahead:+d}"


def move_in(reception: Path) -> None:
    """Do what the README of the Django example says to do once."""
    manage(reception, "migrate")
    name, password = KEEPER
    words = ("createsuperuser", "--noinput", "--username", name, "--email", "keeper@shop.example")
    manage(reception, *words, DJANGO_SUPERUSER_PASSWORD=password)


async def hear_tone(customer: Caller, hz: float) -> None:
    async with asyncio.timeout(FOLLOWS_WITHIN_S):
        while not ear.has_tone(await customer.hear(0.1), hz):
            pass


def understood(heard: NDArray[np.int16], sentence: str) -> bool:
    """Whether the recogniser gets most words of a sentence; more may be heard after it."""
    expected = set(sentence.lower().split())
    missed = expected - set(re.findall(r"\w+", ear.recognise(heard).lower()))
    return len(missed) <= len(expected) // 3


async def test_static(stage: Stage, caller: str) -> None:
    async with stage.call("static", caller) as customer:
        await customer.hear_something()
    (script,) = await stage.scripts(caller)
    assert script.startswith('say en "Hello! Nobody wrote a program')
    assert script.splitlines()[1:] == ["pause 1", 'say en "Goodbye."']


async def test_tiny(stage: Stage, caller: str) -> None:
    async with stage.call("action_server_tiny.py", caller) as customer:
        await customer.hear_something()
    assert await stage.scripts(caller) == ['say en "Hello! You have called 8 1 5 0 1 2 3 4 5 6 7 8. Goodbye."']


async def test_flask_puts_a_friend_through(stage: Stage) -> None:
    async with callee(Manners(answers_after_s=0.1, speech=pcmu(tone(DESK_HZ, 5)))) as desk:
        office.lead_out(stage.platform.database_url, desk.sip)
        async with stage.call("action_server_flask.py", FRIEND) as customer:
            await desk.hear_it_ring()
            await hear_tone(customer, DESK_HZ)
            assert desk.call.number == "+81355500123"
    office.lead_nowhere(stage.platform.database_url)
    (script,) = await stage.scripts(FRIEND)
    assert script.startswith(
        'say en "Good day, Ms. Sato. One moment, please."\ntransfer 81355500123 ring=20\nvoicemail '
    )


async def test_fastapi_reads_out_the_state_of_the_order_that_was_keyed_in(stage: Stage, caller: str) -> None:
    async with stage.call("action_server_fastapi.py", caller) as customer:
        await customer.hear_something()
        begun = len(customer.heard())
        await stage.press(customer, "1042", "action_server_fastapi.py")
        await customer.hear(3)
        heard = customer.heard()[begun:]
    assert understood(heard, "Your order was sent today")
    first, last = await stage.scripts(caller)
    assert "Please enter" in first
    assert last == 'say en "Your order 1 0 4 2 was sent today, and arrives tomorrow. Goodbye."'


async def test_django_does_what_was_chosen_on_its_page_and_shows_the_call(stage: Stage, caller: str) -> None:
    origin = stage.servers["action_server_django"].origin
    async with httpx2.AsyncClient(base_url=origin, follow_redirects=True) as browser:
        await log_in(browser)
        chosen = {"action": "say", "language": "en", "text": 'The word of the day is "telephone".'}
        await fill_in(browser, "/", chosen)
        async with stage.call("action_server_django", caller) as customer:
            heard = await customer.hear_the_end()
        assert understood(heard, "the word of the day is telephone")
        assert await stage.scripts(caller) == [r'say en "The word of the day is \"telephone\"."']
        await fill_in(browser, "/", {"action": "reject", "language": "en"})
        async with phone() as customer:
            assert await customer.call(NUMBER, stage.platform.sip, caller=caller) == 486
        shown = (await browser.get("/questions")).text
    assert shown.count(f"+{caller}") == 2
    assert "reject busy" in shown


async def log_in(browser: httpx2.AsyncClient) -> None:
    name, password = KEEPER
    page = await fill_in(browser, "/login?next=/", {"username": name, "password": password})
    assert "In use now" in page


async def fill_in(browser: httpx2.AsyncClient, path: str, fields: dict[str, str]) -> str:
    """Send a page's form as a browser does, and return the page that comes then."""
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', (await browser.get(path)).text)
    assert found
    origin = str(browser.base_url).rstrip("/")
    page = await browser.post(path, data={**fields, "csrfmiddlewaretoken": found[1]}, headers={"Origin": origin})
    assert page.status_code == 200, page.text
    return page.text


@pytest.mark.parametrize("name", ["action_server.ru", "action_server.php"])
async def test_ruby_and_php_take_a_message_when_two_is_pressed(stage: Stage, caller: str, name: str) -> None:
    async with stage.call(name, caller) as customer:
        await customer.hear_something()
        customer.press("2")
        await hear_tone(customer, BEEP_HZ)
    first, second = await stage.scripts(caller)
    assert first.startswith('gather say en "For the office press one, to leave a message press two." digits=1')
    assert second.startswith("voicemail say en ")


async def test_opening_hours_take_a_message_at_night(stage: Stage, caller: str) -> None:
    async with stage.call("opening_hours.py", caller) as customer:
        await customer.hear_something()
    (script,) = await stage.scripts(caller)
    assert re.match(r'say en "Our office is closed. We are here again on \w+day at 9:00."\nvoicemail ', script)


async def test_ivr_leads_from_menu_to_menu(stage: Stage, caller: str) -> None:
    async with stage.call("ivr.py", caller) as customer:
        await customer.hear_something()
        for key in "19*":
            await stage.press(customer, key, "ivr.py")
        begun = len(customer.heard())
        await stage.press(customer, "2", "ivr.py")
        await customer.hear(2)
        heard = customer.heard()[begun:]
    assert understood(heard, "You find us at example street")
    main, orders, again, back, last = await stage.scripts(caller)
    assert "For your order press one." in main
    assert main == back
    assert "To change your order press one." in orders
    assert again.startswith('gather say en "Sorry, I did not get that. To change your order')
    assert last == 'say en "You find us at 1 Example Street, Tokyo. Goodbye."'


async def test_a_message_comes_by_mail_once(stage: Stage, caller: str) -> None:
    async with stage.call("voicemail_to_email.py", caller) as customer:
        await hear_tone(customer, BEEP_HZ)
        customer.say(tone(CALLER_HZ, 3))
        await customer.hear(2)
        customer.press("#")
        await customer.hear_something()
    await stage.until(lambda: stage.sink.mails, "the mail")
    await stage.until(lambda: recordings(stage, caller, heard=True), "the mark")
    (mail,) = stage.sink.mails
    assert mail["To"] == "me@shop.example"
    assert re.fullmatch(rf"Message of [2-4] s from \+{caller}", mail["Subject"])
    (attached,) = mail.iter_attachments()
    assert isinstance(attached, EmailMessage)
    assert ear.has_tone(samples_of(attached.get_content())[RATE // 2 : 2 * RATE], CALLER_HZ)
    (recording,) = recordings(stage, caller, heard=True)
    # The same event once more, and once more when the mail server is out of order.
    assert tell(stage, recording) == 204
    assert stage.sink.mails == [mail]
    stage.platform.api("POST", f"/voice/recordings/{recording}/", {"heard": "false"})
    stage.sink.refuses["RCPT"] = "450 come back later"
    assert tell(stage, recording) == 500
    assert recordings(stage, caller, heard=False) == [recording]
    assert stage.sink.mails == [mail]


def recordings(stage: Stage, caller: str, *, heard: bool) -> list[str]:
    """Return the ids of what a caller said, if it is marked so."""
    found = stage.platform.api("GET", f"/voice/recordings/?heard={str(heard).lower()}")
    return [recording["recording_uid"] for recording in found if recording["caller"] == caller]


def tell(stage: Stage, recording: str) -> int:
    """Post a signed event to who mails messages, and return the status."""
    body = json.dumps({"event": "voicemail.recorded", "data": {"recording_uid": recording}}).encode()
    header = sign([("body_sha256", sha256(body).hexdigest())], [stage.secret], int(time.time()))
    return post_event(stage, body, header)


def post_event(stage: Stage, body: bytes, signature: str) -> int:
    url = f"{stage.servers['voicemail_to_email.py'].origin}/events"
    headers = {"Content-Type": "application/json", "Offhook-Signature": signature}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as response:
            return int(response.status)
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code


def samples_of(sound: bytes) -> NDArray[np.int16]:
    """Decode an MP3 of one channel and 8 kHz."""
    with av.open(io.BytesIO(sound), "r") as file:
        resampler = av.AudioResampler("s16", "mono", RATE)
        frames = [one for frame in file.decode(audio=0) for one in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


@pytest.mark.parametrize("name", sorted(listed().keys() - UNSIGNED))
def test_who_does_not_sign_is_refused(stage: Stage, name: str) -> None:
    question = f"{stage.servers[name].url}?call_id=c1&caller=819012345678&event=incoming&recipient={NUMBER}"
    forged = {"Offhook-Signature": f"t={int(time.time())},n=call_id caller event recipient,v1={'0' * 64}"}
    for headers in ({}, forged):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(question, headers=headers), timeout=10)
        with refused.value as response:
            assert response.status == 403
            assert b"say" not in response.read()


@pytest.mark.parametrize("name", listed())
async def test_an_example_does_all_that_the_action_language_wants_of_a_server(stage: Stage, name: str) -> None:
    secret = None if name in UNSIGNED else stage.secret
    subject = Subject(stage.servers[name].url, FRIEND, NUMBER, requests=2, together=2, secret=secret)
    report = await examine(subject, is_private_allowed=True)
    assert [one for one in report.findings if one.verdict is Verdict.FAILED] == []
    # Whether this machine was busy is no matter of the example's.
    timed = {Check.CONNECT, Check.SPEED, Check.CONCURRENCY}
    assert {one.code for one in report.findings if one.verdict is Verdict.WARNING} <= timed


def test_an_event_that_is_not_signed_is_refused(stage: Stage) -> None:
    event = b'{"event": "voicemail.recorded", "data": {"recording_uid": "any"}}'
    assert post_event(stage, event, "") == 403
    assert post_event(stage, event, f"t={int(time.time())},n=body_sha256,v1={'0' * 64}") == 403
