"""Notices on their way: to a real mail server and a real web server, and what becomes of those that do not arrive."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from house import NOW, House, empty_file
from mail_sink import MailSink
from offhook.actionserver.guard import Guard
from offhook.actionserver.limits import Limits
from offhook.actionserver.sessions import open_session
from offhook.actionserver.webhooks import Webhooks
from offhook.domain.notices import LEASE, Notice, NoticeKind
from offhook.mail.server import MailServer, Security
from offhook.serve.notices import Notices, Post
from offhook.service import notices
from rawserver import RawServer, Reply, Request, raw_server


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(empty_file(tmp_path / "offhook.db"))
    yield opened
    opened.close()


@pytest.fixture
async def hook() -> AsyncIterator[RawServer]:
    async def answer(request: Request, reply: Reply) -> None:
        reply.respond(b"thank you", status=int(request.target.partition("?")[2] or 200))

    async with raw_server(answer) as server:
        yield server


def tell(house: House, *, email: str | None = None, webhook_url: str | None = None) -> None:
    house.write(lambda work: notices.set_contact(work, name="Shop", email=email, webhook_url=webhook_url))
    house.write(
        lambda work: notices.tell(
            work,
            account_id=house.shop.id,
            kind=NoticeKind.LOW_CREDIT,
            fact="fact",
            subject="Low credit",
            text="5 credits are left.",
            data={"available": 5.0},
            now=NOW,
        )
    )


def kept(house: House) -> Notice:
    (notice,) = house.read(lambda work: notices.list_notices(work, house.shop.id, 10))
    return notice


async def work_off(
    house: House, *, mail_port: int | None = None, allow: str = "127.0.0.0/8", at: datetime = NOW
) -> int:
    async with open_post(mail_port, allow) as post:
        return await Notices(house.database, post.deliver, now=lambda: at).work_off()


@asynccontextmanager
async def open_post(mail_port: int | None, allow: str = "127.0.0.0/8") -> AsyncIterator[Post]:
    server = None if mail_port is None else MailServer("127.0.0.1", mail_port, Security.NONE)
    guard = Guard((ip_network(allow),), ())
    async with open_session(guard, Limits()) as session:
        yield Post(Webhooks(session, Limits()), server, "offhook@example.org")


async def test_a_mail_arrives_and_is_not_sent_again(house: House) -> None:
    tell(house, email="shop@example.com")
    with MailSink() as sink:
        assert await work_off(house, mail_port=sink.port) == 1
        assert await work_off(house, mail_port=sink.port, at=NOW + timedelta(hours=1)) == 0
    (mail,) = sink.mails
    assert (mail["To"], mail["Subject"]) == ("shop@example.com", "Shop: Low credit")
    assert mail.get_content().startswith("5 credits are left.")
    assert kept(house).sent_at == NOW


async def test_a_mail_that_may_have_arrived_carries_the_same_id_the_second_time(house: House) -> None:
    """A node that dies between the mail and the note of it: another one sends it again when the lease has ended."""
    tell(house, email="shop@example.com")
    with MailSink() as sink:
        (claimed,) = house.write(lambda work: notices.claim(work, now=NOW, limit=1))
        async with open_post(sink.port) as post:
            await post.deliver(claimed)
        assert await work_off(house, mail_port=sink.port, at=NOW + LEASE) == 1
    first, second = sink.mails
    assert first["Message-ID"] == second["Message-ID"]


async def test_without_a_mail_server_the_notice_waits_and_says_why(house: House) -> None:
    tell(house, email="shop@example.com")
    await work_off(house)
    assert (kept(house).error, kept(house).sent_at) == ("no mail server is set", None)
    assert kept(house).next_at == NOW + timedelta(minutes=1)


async def test_a_webhook_is_posted_as_json(house: House, hook: RawServer) -> None:
    tell(house, webhook_url=hook.url("/notices"))
    await work_off(house)
    (request,) = hook.requests
    assert (request.method, request.target, request.headers["content-type"]) == ("POST", "/notices", "application/json")
    assert json.loads(request.body) == {
        "id": kept(house).id,
        "kind": "low-credit",
        "at": "2026-11-23T06:00:00Z",
        "account": "Shop",
        "subject": "Low credit",
        "text": "5 credits are left.",
        "data": {"available": 5.0},
    }
    assert kept(house).sent_at == NOW


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_a_webhook_that_does_not_take_it_is_tried_again(house: House, hook: RawServer, status: int) -> None:
    tell(house, webhook_url=hook.url(f"/?{status}"))
    await work_off(house)
    assert f"answered with status {status}" in (kept(house).error or "")
    assert await work_off(house, at=NOW + timedelta(minutes=1)) == 1
    assert len(hook.requests) == 2


async def test_a_webhook_inside_the_house_is_out_of_reach(house: House, hook: RawServer) -> None:
    tell(house, webhook_url=hook.url())
    await work_off(house, allow="192.0.2.0/24")
    assert hook.requests == []
    assert "127.0.0.1" in (kept(house).error or "")
