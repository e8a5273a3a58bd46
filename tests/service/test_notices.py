"""Notices are written once for each fact and way, claimed for a while, and tried again for a day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest

from house import NOW, House
from offhook.domain.errors import AccountNotFound
from offhook.domain.notices import LEASE, Contact, Notice, NoticeKind
from offhook.errors import InputError
from offhook.service import notices, webhooks

MAIL, HOOK = "shop@example.com", "https://shop.example/notices"


def tell(house: House, fact: str = "fact-1") -> None:
    house.write(
        lambda work: notices.tell(
            work,
            account_id=house.shop.id,
            kind=NoticeKind.RENEWAL_FAILED,
            fact=fact,
            subject="A number",
            text="It could not be renewed.",
            data={"din": "815012345678"},
            now=NOW,
        )
    )


def contact(house: House, email: str | None = MAIL, webhook_url: str | None = HOOK) -> Contact:
    return house.write(lambda work: notices.set_contact(work, name="Shop", email=email, webhook_url=webhook_url))


def claim(house: House, seconds: float = 0, limit: int = 10) -> list[Notice]:
    return house.write(lambda work: notices.claim(work, now=NOW + timedelta(seconds=seconds), limit=limit))


def test_an_account_is_told_by_every_way_it_has(house: House) -> None:
    contact(house)
    tell(house)
    (mail,) = claim(house)
    (hook,) = house.read(lambda work: webhooks.list_events(work, name="Shop", limit=10, undelivered=True))
    assert (mail.way, mail.target, hook.way, hook.target) == ("email", MAIL, "webhook", HOOK)
    assert (mail.account, mail.kind, mail.subject, mail.text) == (
        "Shop",
        "renewal-failed",
        "A number",
        "It could not be renewed.",
    )
    assert (mail.data, mail.created_at, mail.attempts) == ({"din": "815012345678"}, NOW, 1)


def test_an_account_without_a_way_is_told_nothing(house: House) -> None:
    tell(house)
    assert claim(house) == []


def test_the_same_fact_is_told_once(house: House) -> None:
    contact(house, webhook_url=None)
    tell(house)
    tell(house)
    tell(house, "fact-2")
    assert len(claim(house)) == 2


def test_a_claimed_notice_is_nobody_elses_until_its_lease_ends(house: House) -> None:
    contact(house, webhook_url=None)
    tell(house)
    (first,) = claim(house)
    assert claim(house, 60) == []
    (again,) = claim(house, LEASE.total_seconds())
    assert (again.id, again.attempts) == (first.id, 2)


def test_nodes_that_claim_at_once_share_the_notices(house: House) -> None:
    contact(house)
    for number in range(10):
        tell(house, f"fact-{number}")
    with ThreadPoolExecutor(4) as nodes:
        claimed = [notice.id for found in nodes.map(lambda _node: claim(house, limit=5), range(4)) for notice in found]
    assert len(claimed) == len(set(claimed)) > 0


def test_what_was_sent_is_not_sent_again(house: House) -> None:
    contact(house, webhook_url=None)
    tell(house)
    (notice,) = claim(house)
    house.write(lambda work: notices.sent(work, notice_id=notice.id, now=NOW))
    assert claim(house, 10**6) == []
    # Whoever was slower and failed changes nothing.
    house.write(lambda work: notices.failed(work, notice_id=notice.id, error="late", now=NOW))
    (kept,) = house.read(lambda work: notices.notices_of(work, name="Shop", limit=10))
    assert (kept.sent_at, kept.error, kept.next_at) == (NOW, None, None)


def test_what_was_sent_stays_so_though_a_slower_node_failed_with_it(house: House) -> None:
    contact(house, webhook_url=None)
    tell(house)
    (notice,) = claim(house)
    house.write(lambda work: notices.sent(work, notice_id=notice.id, now=NOW))
    # What the slower node writes after it has read the notice as not sent.
    house.write(lambda work: work.notices.finish(notice.id, next_at=NOW, sent_at=None, error="too late"))
    kept = house.read(lambda work: work.notices.get(notice.id))
    assert kept is not None
    assert (kept.sent_at, kept.next_at, kept.error) == (NOW, None, None)


def test_what_fails_is_tried_again_more_and_more_rarely_for_a_day(house: House) -> None:
    contact(house, webhook_url=None)
    tell(house)
    waited, pauses = 0.0, list[float]()
    while found := claim(house, waited):
        at = NOW + timedelta(seconds=waited)
        house.write(partial(notices.failed, notice_id=found[0].id, error="x" * 500, now=at))
        (kept,) = house.read(lambda work: notices.list_notices(work, house.shop.id, 1))
        assert len(kept.error or "") == 200
        if kept.next_at is not None:
            pauses.append((kept.next_at - at).total_seconds() / 60)
            waited = (kept.next_at - NOW).total_seconds()
    assert pauses[:5] == [1, 5, 30, 120, 120]
    assert 22 * 3600 < waited < 24 * 3600


@pytest.mark.parametrize(
    "email",
    [
        "nobody",
        "a b@example.com",
        "a@b\nBcc: c@example.com",
        "a@example.com, b@example.com",
        "a@-",
        "=?utf-8?q?a?=@b",
        "x@" + "y" * 300,
    ],
)
def test_an_address_is_one_plain_address(house: House, email: str) -> None:
    with pytest.raises(InputError) as refused:
        contact(house, email=email)
    assert refused.value.field == "email"


def test_a_webhook_is_a_url(house: House) -> None:
    with pytest.raises(InputError) as refused:
        contact(house, webhook_url="ftp://shop.example/")
    assert refused.value.field == "webhook_url"


def test_a_contact_can_be_taken_back(house: House) -> None:
    assert contact(house) == Contact(MAIL, HOOK)
    assert contact(house, email=None, webhook_url=None) == Contact()
    tell(house)
    assert claim(house) == []


def test_only_an_account_has_notices(house: House) -> None:
    with pytest.raises(AccountNotFound):
        house.read(lambda work: notices.notices_of(work, name="Nobody", limit=1))
    with pytest.raises(AccountNotFound):
        house.write(lambda work: notices.set_contact(work, name="Nobody", email=None, webhook_url=None))
