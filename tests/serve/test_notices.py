"""Mails on their way to a real mail server, and what becomes of those that do not arrive."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from house import NOW, House, empty_file
from mail_sink import MailSink
from offhook.domain.notices import LEASE, Notice, NoticeKind
from offhook.mail.server import MailServer, Security
from offhook.serve.notices import Notices, Post
from offhook.service import notices


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(empty_file(tmp_path / "offhook.db"))
    yield opened
    opened.close()


def tell(house: House, *, email: str) -> None:
    house.write(lambda work: notices.set_contact(work, name="Shop", email=email, webhook_url=None))
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


async def work_off(house: House, *, mail_port: int | None = None, at: datetime = NOW) -> int:
    return await Notices(house.database, post(mail_port).deliver, now=lambda: at).work_off()


def post(mail_port: int | None) -> Post:
    server = None if mail_port is None else MailServer("127.0.0.1", mail_port, Security.NONE)
    return Post(server, "offhook@example.org")


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
        await post(sink.port).deliver(claimed)
        assert await work_off(house, mail_port=sink.port, at=NOW + LEASE) == 1
    first, second = sink.mails
    assert first["Message-ID"] == second["Message-ID"]


async def test_without_a_mail_server_the_notice_waits_and_says_why(house: House) -> None:
    tell(house, email="shop@example.com")
    await work_off(house)
    assert (kept(house).error, kept(house).sent_at) == ("no mail server is set", None)
    assert kept(house).next_at == NOW + timedelta(minutes=1)
