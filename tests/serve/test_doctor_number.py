"""A number looked at by the doctor: real servers, files and workers, well and broken."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_network
from pathlib import Path

import pytest

from certificates import AUTHORITY, web_server
from house import DIN, NOW, House, empty_file
from offhook.actionserver.guard import Guard
from offhook.actionserver.limits import Limits
from offhook.actionserver.resolver import AddressInfo, Lookup
from offhook.actionserver.signature import verify
from offhook.api.errors import Throttled
from offhook.domain.diagnosis.checks import Check
from offhook.domain.diagnosis.findings import Finding, Verdict
from offhook.language import Playback
from offhook.serve.diagnosis.customers import CustomersDoctor
from offhook.serve.diagnosis.instruments import FETCHES, Instruments
from offhook.serve.diagnosis.number import MOST_HOPS, Doctor
from offhook.service import hosted_rules, signing, subscriptions
from rawserver import RawServer, Reply, Request, raw_server
from soundfiles import mp3, sine

MUSIC = mp3(sine(440, 0.5))
QUICK = Limits(connect_s=1.0, response_s=0.3, total_s=1.0)
HOST = "calls.example"
SECRET = "a-secret-of-forty-characters-for-a-test!"
Say = Callable[[RawServer], str]


def look_up(host: str, port: int) -> Sequence[AddressInfo]:
    if not host.endswith(".example"):
        raise OSError(socket.EAI_NONAME, "Name or service not known")
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(empty_file(tmp_path / "offhook.db"))
    yield opened
    opened.close()


@asynccontextmanager
async def instruments(
    guard: Guard | None = None, sound_s: float = 10.0, lookup: Lookup = look_up
) -> AsyncIterator[Instruments]:
    tls = ssl.create_default_context()
    AUTHORITY.configure_trust(tls)
    made = Instruments(
        guard or Guard([ip_network("127.0.0.0/8")]), requests=QUICK, tls=tls, lookup=lookup, sound_s=sound_s
    )
    try:
        yield made
    finally:
        await made.stop()


@asynccontextmanager
async def answering(says: Say, *, status: int = 200, date: datetime | None = None) -> AsyncIterator[RawServer]:
    async def behave(request: Request, reply: Reply) -> None:
        if request.target == "/music.mp3":
            reply.respond(MUSIC)
        elif request.target == "/page.mp3":
            reply.respond(b"<html>there is no sound here</html>")
        elif request.target == "/endless.mp3":
            reply.send(b"HTTP/1.1 200 OK\r\n\r\n" + MUSIC)
            await reply.hang()
        elif request.target.startswith("/?"):
            moment = date or datetime.now(UTC)
            reply.respond(says(server).encode(), status=status, Date=f"{moment:%a, %d %b %Y %H:%M:%S} GMT")
        else:
            reply.respond(status=404)

    async with raw_server(behave, web_server(HOST)) as server:
        yield server


def point(house: House, url: str | None, default_action: str | None = None) -> None:
    din_uid = house.subscribed()
    house.write(
        partial(
            subscriptions.set_urls,
            account_id=house.shop.id,
            din_uid=din_uid,
            action_url=url,
            default_action=default_action,
        )
    )


async def look(house: House, tools: Instruments, *, account_id: int | None = None) -> list[Finding]:
    is_operator = account_id is None
    doctor = Doctor(house.database, tools, 0, ("carrier",), is_for_operator=is_operator, all_s=20.0)
    return list((await doctor.look_at(DIN, NOW, account_id)).findings)


def of(findings: Sequence[Finding], check: Check) -> Finding:
    [found] = [one for one in findings if one.code is check]
    return found


def crosses(findings: Sequence[Finding]) -> set[str]:
    return {one.code.value for one in findings if one.verdict is Verdict.BAD}


async def test_all_is_well_over_tls_and_the_request_is_signed_and_marked(house: House) -> None:
    house.add_trunk("carrier")
    house.write(partial(signing.rotate_secret, account_id=house.shop.id, secret=SECRET, now=NOW))
    async with answering(lambda server: f"playback {server.url('/music.mp3', HOST)}\ntransfer 81312345678") as server:
        point(house, server.url(host=HOST))
        async with instruments() as tools:
            found = await look(house, tools)
    assert crosses(found) == set()
    assert of(found, Check.REACHABLE).data["tls_ms"] is not None
    assert of(found, Check.ANSWERS).data["first_byte_ms"] is not None
    sound = of(found, Check.SOUND)
    assert sound.data["length_ms"] == pytest.approx(500, abs=100)
    assert f"{len(MUSIC):,} bytes fetched in" in sound.sentence
    assert of(found, Check.TRANSFER).data["trunks"] == ["carrier"]
    # In the order in which a call meets them.
    order = list(Check)
    assert [order.index(one.code) for one in found] == sorted(order.index(one.code) for one in found)
    [asked] = [request for request in server.requests if request.target.startswith("/?")]
    assert asked.parameters["call_id"].startswith("doctor-")
    verify(asked.headers["offhook-signature"], list(asked.parameters.items()), [SECRET], time.time())


@pytest.mark.parametrize(
    ("says", "check", "reason"),
    [
        (lambda server: "playbak x", Check.TEXT, "unknown-verb"),
        (lambda server: f"playback {server.url('/none.mp3', HOST)}", Check.SOUND, "sound-not-found"),
        (lambda server: f"playback {server.url('/page.mp3', HOST)}", Check.SOUND, "sound-not-audio"),
        (lambda server: f"gather playback {server.url('/endless.mp3', HOST)}", Check.SOUND, "sound-timeout"),
        (lambda server: 'voicemail say zh "x"', Check.LANGUAGE, "language-not-installed"),
        (lambda server: "transfer 442071234567", Check.TRANSFER, "destination-refused"),
        (lambda server: "transfer 81312345678", Check.TRANSFER, "no-route"),
    ],
)
async def test_what_an_answer_names_is_looked_at(house: House, says: Say, check: Check, reason: str) -> None:
    async with answering(says) as server:
        point(house, server.url(host=HOST))
        async with instruments(sound_s=1.0) as tools:
            found = await look(house, tools)
    assert of(found, check).data["reason"] == reason
    # Without a trunk there is one more cross, which is the number's own.
    assert crosses(found) == {check.value, Check.FORMS.value}


@pytest.mark.parametrize(
    ("url", "check", "reason"),
    [
        ("https://nowhere.invalid/", Check.RESOLVES, "dns-failed"),
        ("https://calls.example:1/", Check.REACHABLE, "connect-failed"),
    ],
)
async def test_a_server_that_cannot_be_reached_says_at_which_stage(
    house: House, url: str, check: Check, reason: str
) -> None:
    point(house, url)
    async with instruments() as tools:
        found = await look(house, tools)
    assert of(found, check).data["reason"] == reason
    assert of(found, Check.ANSWERS).data["reason"] == reason
    assert of(found, Check.TEXT).verdict is Verdict.UNKNOWN


async def test_the_guard_of_calls_is_the_doctors(house: House) -> None:
    async with answering(lambda server: "hangup") as server:
        point(house, server.url(host=HOST))
        async with instruments(Guard()) as tools:
            found = await look(house, tools)
        assert server.connections == 0
    assert of(found, Check.ALLOWED).data["reason"] == "address-refused"


async def test_a_status_that_is_not_200_is_a_cross(house: House) -> None:
    async with answering(lambda server: "hangup", status=500) as server:
        point(house, server.url(host=HOST))
        async with instruments() as tools:
            found = await look(house, tools)
    assert (of(found, Check.ANSWERS).data["reason"], of(found, Check.ANSWERS).data["status"]) == ("http-status", 500)
    assert of(found, Check.ANSWERS).data["first_byte_ms"] is not None
    assert "What came begins: hangup" in of(found, Check.ANSWERS).sentence
    assert of(found, Check.REACHABLE).verdict is Verdict.GOOD


async def test_a_server_that_keeps_us_waiting_is_a_cross(house: House) -> None:
    async def hang(request: Request, reply: Reply) -> None:
        await reply.hang()

    async with raw_server(hang) as server:
        point(house, server.url(host=HOST))
        async with instruments() as tools:
            found = await look(house, tools)
    assert of(found, Check.ANSWERS).data["reason"] == "timeout"


async def test_a_server_that_never_ends_its_answer_is_told_from_one_that_begins_none(house: House) -> None:
    async def begin(request: Request, reply: Reply) -> None:
        reply.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        await reply.hang()

    async with raw_server(begin) as server:
        point(house, server.url(host=HOST))
        async with instruments() as tools:
            found = of(await look(house, tools), Check.ANSWERS)
    assert (found.data["reason"], found.data["status"]) == ("timeout", 200)
    assert "Its headers came" in found.sentence


async def test_an_address_of_ipv6_alone_is_asked(house: House) -> None:
    async def hang_up(request: Request, reply: Reply) -> None:
        reply.respond(b"hangup")

    def look_up_v6(host: str, port: int) -> Sequence[AddressInfo]:
        return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0))]

    async with raw_server(hang_up, host="::1") as server:
        point(house, f"http://{HOST}:{server.port}/")
        async with instruments(Guard([ip_network("::1/128")]), lookup=look_up_v6) as tools:
            found = await look(house, tools)
            assert len(server.requests) == 1
    assert of(found, Check.RESOLVES).data["addresses"] == ["::1"]
    assert of(found, Check.REACHABLE).verdict is Verdict.GOOD
    assert of(found, Check.ANSWERS).verdict is Verdict.GOOD


async def test_sounds_are_fetched_a_few_at_a_time(house: House) -> None:
    fetched: list[int] = []
    now = 0

    async def behave(request: Request, reply: Reply) -> None:
        nonlocal now
        if request.target.startswith("/?"):
            reply.respond("\n".join(f"playback {server.url(f'/{name}.mp3', HOST)}" for name in range(5)).encode())
            return
        now += 1
        fetched.append(now)
        # Whoever else comes at once has the time to come.
        await asyncio.sleep(0.05)
        now -= 1
        reply.respond(MUSIC)

    async with raw_server(behave) as server:
        point(house, server.url(host=HOST))
        async with instruments() as tools:
            found = await look(house, tools)
    assert [one.verdict for one in found if one.code is Check.SOUND] == [Verdict.GOOD] * 5
    assert max(fetched) == FETCHES


async def test_a_redirect_line_is_followed(house: House) -> None:
    house.add_trunk("carrier")
    async with (
        answering(lambda server: "playbak x") as second,
        answering(lambda server: f"redirect {second.url(host=HOST)}") as first,
    ):
        point(house, first.url(host=HOST))
        async with instruments() as tools:
            found = await look(house, tools)
    assert [one.verdict for one in found if one.code is Check.TEXT] == [Verdict.GOOD, Verdict.BAD]
    assert len(second.requests) == 1
    # It is one call, as far as the servers can see.
    assert first.requests[0].parameters["call_id"] == second.requests[0].parameters["call_id"]


async def test_lines_that_lead_in_a_circle_are_told_and_not_asked_again(house: House) -> None:
    house.add_trunk("carrier")
    async with answering(lambda server: f"redirect {server.url(host=HOST)}") as server:
        point(house, server.url(host=HOST))
        async with instruments() as tools:
            found = await look(house, tools)
    assert [one.verdict for one in found if one.code is Check.ANSWERS] == [Verdict.GOOD, Verdict.UNKNOWN]
    assert "leads back to" in [one for one in found if one.code is Check.ANSWERS][1].sentence
    assert len(server.requests) == 1


async def test_lines_that_lead_on_and_on_are_followed_a_few_times_and_that_is_told(house: House) -> None:
    house.add_trunk("carrier")

    def onward(server: RawServer) -> str:
        return f"redirect {server.url(f'/?step={len(server.requests)}', HOST)}"

    async with answering(onward) as server:
        point(house, server.url(host=HOST))
        async with instruments() as tools:
            found = await look(house, tools)
    assert len(server.requests) == 1 + MOST_HOPS
    last = [one for one in found if one.code is Check.ANSWERS][-1]
    assert last.verdict is Verdict.UNKNOWN
    assert f"more than {MOST_HOPS} redirect lines" in last.sentence


async def test_hosted_rules_are_looked_at_in_all_their_scripts(house: House) -> None:
    din_uid = house.subscribed()
    document = {"time_zone": "Asia/Tokyo", "open": 'say en "Hello"', "closed": "transfer 442071234567"}
    house.write(
        partial(
            hosted_rules.set_rules, account_id=house.shop.id, din_uid=din_uid, document=document, fresh=lambda: "t" * 43
        )
    )
    house.add_trunk("carrier")
    async with instruments() as tools:
        found = await look(house, tools)
    assert crosses(found) == {Check.TRANSFER.value}
    assert of(found, Check.LANGUAGE).verdict is Verdict.GOOD


@pytest.mark.parametrize("kept", ['{"time_zone": "Mars/Olympus", "open": "hangup"}', "no JSON"])
async def test_hosted_rules_that_this_machine_cannot_read_are_a_cross(house: House, kept: str) -> None:
    din_uid = house.subscribed()
    house.add_trunk("carrier")
    document = {"open": "hangup"}
    put = partial(hosted_rules.set_rules, account_id=house.shop.id, din_uid=din_uid, document=document, fresh=str)
    house.write(put)
    subscription = house.read(partial(subscriptions.find_subscription, account_id=house.shop.id, din_uid=din_uid))
    house.write(lambda work: work.hosted_rules.change(subscription.id, kept))
    async with instruments() as tools:
        found = await look(house, tools)
    assert crosses(found) == {Check.TEXT.value}
    assert of(found, Check.TEXT).data["reason"] == "rules-unreadable"


async def test_without_a_url_the_default_action_is_looked_at(house: House) -> None:
    house.add_trunk("carrier")
    point(house, None, default_action='say zh "x"')
    async with instruments() as tools:
        found = await look(house, tools)
    assert of(found, Check.ACTION_URL).verdict is Verdict.WARNING
    assert crosses(found) == {Check.LANGUAGE.value}


async def test_without_anything_to_do_only_the_number_is_looked_at(house: House) -> None:
    point(house, None)
    async with instruments() as tools:
        found = await look(house, tools)
    assert of(found, Check.ACTION_URL).verdict is Verdict.BAD
    assert of(found, Check.CREDIT).verdict is Verdict.GOOD


async def test_a_clock_that_differs_is_told(house: House) -> None:
    async with answering(lambda server: "hangup", date=datetime.now(UTC) + timedelta(hours=1)) as server:
        point(house, server.url(host=HOST))
        async with instruments() as tools:
            found = await Doctor(house.database, tools, 0).look_at(DIN, NOW)
    assert found.servers_clock == pytest.approx(3600, abs=30)


async def test_customers_read_nothing_of_trunks_and_addresses(house: House) -> None:
    house.add_trunk("carrier")
    async with answering(lambda server: "transfer 81312345678,442071234567") as server:
        point(house, server.url(host=HOST))
        house.give_up(house.ring())
        async with instruments() as tools:
            found = await look(house, tools, account_id=house.shop.id)
    words = " ".join(f"{one.sentence} {one.cure} {dict(one.data)}" for one in found)
    for word in ("carrier", "127.0.0.1", "192.0.2.1", "offhook trunks", "tariffs", "Shop"):
        assert word not in words
    assert {one.code for one in found}.isdisjoint({Check.FORMS, Check.STRANGERS, Check.TRUNK})
    assert [one.verdict for one in found if one.code is Check.TRANSFER] == [Verdict.GOOD, Verdict.BAD]


async def test_customers_are_told_no_option_of_the_operator_for_a_private_address(house: House) -> None:
    async with answering(lambda server: "playback http://10.0.0.1/hello.mp3") as server:
        point(house, server.url(host=HOST))
        async with instruments() as tools:
            sound = of(await look(house, tools, account_id=house.shop.id), Check.SOUND)
    assert (sound.verdict, sound.data["reason"]) == (Verdict.BAD, "address-refused")
    assert sound.cure == "Use a public address for the server."


async def test_a_diagnosis_that_takes_too_long_says_what_is_missing(house: House) -> None:
    def says(server: RawServer) -> str:
        return f"playback {server.url('/endless.mp3', HOST)}\nplayback {server.url('/music.mp3', HOST)}"

    async with answering(says) as server:
        point(house, server.url(host=HOST))
        async with instruments() as tools:
            # The decoder is there before the time begins.
            async with tools.visit() as visit:
                await visit.hear(Playback(server.url("/music.mp3", HOST)))
            found = (await Doctor(house.database, tools, 0, all_s=1.5).look_at(DIN, NOW)).findings
    # The sound that came in time is told.
    assert [one.verdict for one in found if one.code is Check.SOUND] == [Verdict.GOOD]
    assert any("not everything was looked at within 1.5 s" in one.sentence for one in found)
    assert of(found, Check.CREDIT).verdict is Verdict.GOOD


async def test_a_node_looks_at_only_a_few_numbers_at_once(house: House) -> None:
    point(house, None)
    async with instruments() as tools:
        doctor = Doctor(house.database, tools, 0, is_for_operator=False)
        with pytest.raises(Throttled):
            await CustomersDoctor(doctor, now=lambda: NOW, at_once=0).of(DIN, house.shop.id)
        one = CustomersDoctor(doctor, now=lambda: NOW, at_once=1)
        for _ in range(2):
            assert of(await one.of(DIN, house.shop.id), Check.SUBSCRIBED).verdict is Verdict.GOOD


async def test_an_account_whose_server_is_slow_keeps_no_other_from_a_diagnosis(house: House) -> None:
    async with answering(lambda server: f"playback {server.url('/endless.mp3', HOST)}") as server:
        point(house, server.url(host=HOST))
        async with instruments() as tools:
            doctor = Doctor(house.database, tools, 0, is_for_operator=False, all_s=0.8)
            customers = CustomersDoctor(doctor, now=lambda: NOW)
            slow = asyncio.create_task(customers.of(DIN, house.shop.id))
            await asyncio.sleep(0)
            with pytest.raises(Throttled):
                await customers.of(DIN, house.shop.id)
            assert not slow.done()
            assert of(await customers.of(DIN, house.shop.id + 1), Check.SUBSCRIBED).verdict is Verdict.BAD
            await slow
            assert of(await customers.of(DIN, house.shop.id), Check.SUBSCRIBED).verdict is Verdict.GOOD
