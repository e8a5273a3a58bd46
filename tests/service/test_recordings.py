"""The life of a recording by its row: begun, stored or lost, recovered, charged, told, deleted."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count

import pytest

from house import DIN, NOW, House
from offhook.domain.calls import Status
from offhook.domain.credits import CREDIT, PostingKind
from offhook.domain.errors import CallNotFound, RecordingGone, RecordingNotFound, RecordingNotStored
from offhook.domain.notices import NoticeKind
from offhook.domain.recordings import PERIOD, Recording, RecordingFilters, RecordingStatus, path_of
from offhook.domain.terms import Terms
from offhook.service import nodes, notices, recordings, recovery
from offhook.service.ports import Work

ALL = RecordingFilters()
A, B = "node-1", "node-2"
COSTLY = Terms(recording_cost=2 * CREDIT, recordings_kept=timedelta(days=70))


@pytest.fixture
def uids() -> Callable[[], str]:
    serial = count(1)
    return lambda: f"{next(serial):032x}"


@pytest.fixture
def begin(house: House, uids: Callable[[], str]) -> Callable[..., Recording]:
    house.subscribed()

    def begin(at: datetime = NOW, node: str = A) -> Recording:
        call_id = house.ring(node=node)
        house.answer(call_id)
        uid = uids()
        return house.write(
            lambda work: recordings.begin(
                work, uid=uid, call_id=call_id, path=path_of(uid, at), now=at, node=node, rate=16_000
            )
        )

    return begin


@pytest.fixture
def store(house: House, begin: Callable[..., Recording]) -> Callable[..., Recording]:
    def store(at: datetime = NOW, terms: Terms = COSTLY) -> Recording:
        uid = begin(at).uid
        return house.write(lambda work: recordings.store(work, uid=uid, seconds=4.2, size=999, now=at, terms=terms))

    return store


def find(house: House, uid: str) -> Recording:
    return house.read(lambda work: recordings.find_recording(work, None, uid))


def charge(house: House, at: datetime, terms: Terms = COSTLY) -> int:
    return house.write(lambda work: recordings.charge_due(work, now=at, terms=terms)).periods


def charges(house: House) -> list[tuple[str, int]]:
    return [
        (line.posting.id, line.posting.amount)
        for line in reversed(house.ledger())
        if line.posting.kind is PostingKind.RECORDING_STORAGE
    ]


def test_a_recording_knows_its_call_and_becomes_whole(house: House, begin: Callable[..., Recording]) -> None:
    begun = begin()
    assert (begun.status, begun.din, begun.caller, begun.rate) == (
        RecordingStatus.RECORDING,
        DIN,
        "819012345678",
        16_000,
    )
    assert begun.din_uid.startswith("JP")
    assert find(house, begun.uid) == begun
    later = NOW + timedelta(seconds=10)
    house.write(lambda work: recordings.store(work, uid=begun.uid, seconds=4.25, size=136_044, now=later))
    whole = find(house, begun.uid)
    assert (whole.status, whole.duration_ms, whole.seconds, whole.size) == (RecordingStatus.STORED, 4250, 5, 136_044)
    assert (whole.ended_at, whole.kept_until) == (later, later + timedelta(days=30))


def test_a_call_that_nobody_knows_is_not_recorded(house: House) -> None:
    with pytest.raises(CallNotFound):
        house.write(lambda work: recordings.begin(work, uid="0" * 32, call_id="x", path="p", now=NOW, node=A))


def test_what_is_stored_or_lost_stays_so(house: House, begin: Callable[..., Recording]) -> None:
    kept, gone = begin().uid, begin().uid
    house.write(lambda work: recordings.store(work, uid=kept, seconds=4, size=9, now=NOW))
    house.write(lambda work: recordings.lost(work, uid=gone, code="disk-full", now=NOW))
    later = NOW + timedelta(hours=1)
    house.write(lambda work: recordings.lost(work, uid=kept, code="disk-full", now=later))
    house.write(lambda work: recordings.store(work, uid=gone, seconds=4, size=9, now=later))
    assert (find(house, kept).status, find(house, gone).status) == (RecordingStatus.STORED, RecordingStatus.LOST)
    assert (find(house, gone).code, find(house, gone).ended_at) == ("disk-full", NOW)


def test_a_recording_without_a_sound_is_lost_and_nobody_is_told(house: House, begin: Callable[..., Recording]) -> None:
    house.write(lambda work: notices.set_contact(work, name="Shop", email="shop@example.com", webhook_url=None))
    uid = begin().uid
    house.write(lambda work: recordings.store(work, uid=uid, seconds=0.0, size=44, now=NOW))
    assert (find(house, uid).status, find(house, uid).code) == (RecordingStatus.LOST, "recording-empty")
    assert house.read(lambda work: notices.list_notices(work, house.shop.id, 10)) == []


def test_the_customer_is_told_once_by_every_way(house: House, begin: Callable[..., Recording]) -> None:
    house.write(
        lambda work: notices.set_contact(
            work, name="Shop", email="shop@example.com", webhook_url="https://shop.example/"
        )
    )
    uid = begin().uid
    for _ in range(2):
        house.write(lambda work: recordings.store(work, uid=uid, seconds=4.2, size=9, now=NOW))
    everything = house.read(lambda work: notices.list_notices(work, house.shop.id, 10))
    told = [notice for notice in everything if notice.kind is NoticeKind.RECORDED]
    assert sorted(notice.way.value for notice in told) == ["email", "webhook"]
    assert told[0].data["recording_uid"] == uid
    assert (told[0].data["duration"], told[0].data["caller"]) == (5, "819012345678")


def test_only_the_calls_account_finds_a_recording(house: House, store: Callable[..., Recording]) -> None:
    uid = store().uid
    other = house.open_account("Other").id

    def refused(unit: Callable[[Work], object]) -> bool:
        with pytest.raises(RecordingNotFound):
            house.write(unit)
        return True

    assert refused(lambda work: recordings.find_recording(work, other, uid))
    assert refused(lambda work: recordings.find_audio(work, other, uid))
    assert refused(lambda work: recordings.mark(work, account_id=other, uid=uid, is_heard=True, now=NOW))
    assert refused(lambda work: recordings.delete(work, account_id=other, uid=uid, now=NOW))
    assert find(house, uid).is_there
    assert house.read(lambda work: recordings.list_recordings(work, other, ALL)) == []


def test_pages_are_newest_first_and_leave_deleted_ones_out(house: House, store: Callable[..., Recording]) -> None:
    made = [store(NOW + timedelta(minutes=minute)).uid for minute in (0, 1, 1, 2)]

    def listed(filters: RecordingFilters = ALL, limit: int = 10, before: str | None = None) -> list[str]:
        return [
            one.uid
            for one in house.read(
                lambda work: recordings.list_recordings(work, house.shop.id, filters, limit=limit, before=before)
            )
        ]

    assert listed() == made[::-1]
    assert listed(limit=2) == [made[3], made[2]]
    assert listed(before=made[2]) == [made[1], made[0]]
    assert listed(before="nobody") == []
    house.write(lambda work: recordings.mark(work, account_id=house.shop.id, uid=made[0], is_heard=True, now=NOW))
    house.write(lambda work: recordings.delete(work, account_id=house.shop.id, uid=made[1], now=NOW))
    assert listed(RecordingFilters(is_heard=True)) == [made[0]]
    assert listed(RecordingFilters(is_heard=False)) == [made[3], made[2]]
    assert listed(RecordingFilters(with_deleted=True)) == made[::-1]
    window = RecordingFilters(since=NOW + timedelta(minutes=1), until=NOW + timedelta(minutes=2), din=DIN)
    assert listed(window) == [made[2]]
    assert listed(RecordingFilters(din="81")) == []


def test_a_mark_keeps_its_first_moment_and_can_be_taken_back(house: House, store: Callable[..., Recording]) -> None:
    uid = store().uid

    def mark(is_heard: bool, minute: int) -> datetime | None:
        at = NOW + timedelta(minutes=minute)
        marked = house.write(
            lambda work: recordings.mark(work, account_id=house.shop.id, uid=uid, is_heard=is_heard, now=at)
        )
        assert find(house, uid) == marked
        return marked.heard_at

    assert mark(True, 1) == mark(True, 2) == NOW + timedelta(minutes=1)
    assert mark(False, 3) is None


def test_deleted_once_is_deleted_and_cannot_be_heard(house: House, store: Callable[..., Recording]) -> None:
    uid = store().uid
    for minute in (1, 2):
        at = NOW + timedelta(minutes=minute)
        deleted = house.write(lambda work, at=at: recordings.delete(work, account_id=None, uid=uid, now=at))  # type: ignore[misc]
        assert deleted.deleted_at == NOW + timedelta(minutes=1)
    with pytest.raises(RecordingGone, match="deleted"):
        house.read(lambda work: recordings.find_audio(work, None, uid))


def test_what_is_not_whole_or_is_lost_cannot_be_heard(house: House, begin: Callable[..., Recording]) -> None:
    uid = begin().uid
    for unit in (
        lambda work: recordings.find_audio(work, None, uid),
        lambda work: recordings.delete(work, account_id=None, uid=uid, now=NOW),
    ):
        with pytest.raises(RecordingNotStored):
            house.write(unit)
    house.write(lambda work: recordings.lost(work, uid=uid, code="disk-full", now=NOW))
    with pytest.raises(RecordingGone, match="disk-full"):
        house.read(lambda work: recordings.find_audio(work, None, uid))


def test_every_period_is_charged_once_however_often_the_job_runs(house: House, store: Callable[..., Recording]) -> None:
    uid = store().uid
    assert [charge(house, NOW + timedelta(seconds=second)) for second in (0, 1)] == [1, 0]
    assert charge(house, NOW + PERIOD) == 1
    # The job did not run for a long time: the third period is charged, a fourth is none.
    assert [charge(house, NOW + 9 * PERIOD) for _ in range(2)] == [1, 0]
    assert charges(house) == [(f"recording:{uid}:{period}", 2 * CREDIT) for period in (1, 2, 3)]


def test_a_free_period_leaves_no_posting_and_is_not_charged_later(
    house: House, store: Callable[..., Recording]
) -> None:
    store()
    assert charge(house, NOW, Terms()) == 1
    assert charge(house, NOW + timedelta(days=1)) == 0
    assert charges(house) == []


def test_a_period_that_cannot_be_paid_waits_for_credit(house: House, store: Callable[..., Recording]) -> None:
    store()
    dear = Terms(recording_cost=10_000 * CREDIT)
    charged = house.write(lambda work: recordings.charge_due(work, now=NOW, terms=dear))
    assert (charged.periods, charged.unpaid) == (0, 1)
    assert charge(house, NOW + timedelta(days=1)) == 1


def test_batches_lead_through_all_that_is_due(house: House, store: Callable[..., Recording]) -> None:
    for _ in range(5):
        store()
    mark: recordings.Mark | None = recordings.FIRST
    periods = []
    while mark is not None:
        at: recordings.Mark = mark
        batch = house.write(
            lambda work, at=at: recordings.charge_due(work, now=NOW, terms=COSTLY, after=at, limit=2)  # type: ignore[misc]
        )
        periods.append(batch.periods)
        mark = batch.mark
    assert periods == [2, 2, 1]
    assert len(charges(house)) == 5


def test_deleted_and_lost_recordings_are_not_charged(house: House, store: Callable[..., Recording]) -> None:
    deleted, missing = store().uid, store().uid
    house.write(lambda work: recordings.delete(work, account_id=None, uid=deleted, now=NOW))
    assert house.write(lambda work: recordings.missing(work, uid=missing))
    assert not house.write(lambda work: recordings.missing(work, uid=missing))
    assert (find(house, missing).status, find(house, missing).code) == (RecordingStatus.LOST, "file-missing")
    assert charge(house, NOW) == 0


def test_a_recording_expires_when_it_was_kept_long_enough(house: House, store: Callable[..., Recording]) -> None:
    uid = store(terms=Terms(recordings_kept=timedelta(days=3))).uid

    def expire(at: datetime) -> list[str]:
        return [one.uid for one in house.write(lambda work: recordings.expire(work, now=at))]

    until = NOW + timedelta(days=3)
    assert [expire(until - timedelta(seconds=1)), expire(until), expire(until)] == [[], [uid], []]
    assert find(house, uid).deleted_at == until


def test_what_a_dead_node_left_is_found_when_its_call_is_settled(house: House, begin: Callable[..., Recording]) -> None:
    house.write(lambda work: nodes.begin(work, node=A, now=NOW))
    living, left = begin(node=B), begin(node=A)
    house.write(lambda work: nodes.begin(work, node=B, now=NOW))
    late = NOW + timedelta(minutes=5)

    def unfinished(at: datetime) -> list[str]:
        return [one.uid for one in house.read(lambda work: recordings.unfinished(work, now=at))]

    assert unfinished(late) == []
    house.write(lambda work: nodes.begin(work, node=A, now=NOW + timedelta(seconds=60)))
    assert house.write(lambda work: recovery.settle_lost(work, call_id=left.call_id, now=late, node=B))
    assert unfinished(NOW) == []
    assert unfinished(late) == [left.uid]
    assert find(house, living.uid).status is RecordingStatus.RECORDING

    def recover(seconds: float) -> bool:
        return house.write(
            lambda work: recordings.recover(
                work, uid=left.uid, seconds=seconds, size=99, rate=8000, channels=1, now=late, node=B
            )
        )

    assert [recover(3.5), recover(0.0)] == [True, False]
    whole = find(house, left.uid)
    assert (whole.status, whole.duration_ms, whole.rate, whole.code) == (
        RecordingStatus.STORED,
        3500,
        8000,
        "node-lost",
    )
    assert whole.ended_at == house.call(left.call_id).ended_at
    assert house.call(left.call_id).status is Status.FAILED
    assert "3.5 s of the recording were found" in house.timeline(left.call_id)[-1].text
    assert unfinished(late) == []


def test_a_dead_nodes_recording_without_a_sound_is_lost(house: House, begin: Callable[..., Recording]) -> None:
    begun = begin()
    house.hang_up(begun.call_id, 5)
    assert house.write(
        lambda work: recordings.recover(work, uid=begun.uid, seconds=0.0, size=0, rate=0, channels=0, now=NOW, node=B)
    )
    assert (find(house, begun.uid).status, find(house, begun.uid).code) == (RecordingStatus.LOST, "node-lost")
    assert house.timeline(begun.call_id)[-1].kind == "recording-recovered"


def test_rows_are_found_by_uid_and_by_node(house: House, store: Callable[..., Recording]) -> None:
    one, two = store(), store()
    found = house.read(lambda work: recordings.of_uids(work, uids=[one.uid, two.uid, "f" * 32]))
    assert found == {one.uid: find(house, one.uid), two.uid: find(house, two.uid)}
    assert house.read(lambda work: recordings.stored_at(work, node=A, after=one.id)) == [find(house, two.uid)]
    assert house.read(lambda work: recordings.stored_at(work, node=B, after=0)) == []


def test_every_platform_has_a_secret_of_its_own(house: House) -> None:
    assert len(bytes.fromhex(house.read(recordings.link_secret))) == 32


def test_nodes_that_charge_at_once_charge_every_period_once(house: House, store: Callable[..., Recording]) -> None:
    made = {store().uid for _ in range(6)}

    def charge_all(_: int) -> int:
        return sum(charge(house, NOW + PERIOD) for _ in range(3))

    with ThreadPoolExecutor(4) as nodes_:
        periods = sum(nodes_.map(charge_all, range(4)))
    assert periods == 12
    assert sorted(charges(house)) == sorted(
        (f"recording:{uid}:{period}", 2 * CREDIT) for uid in made for period in (1, 2)
    )


def test_nodes_that_recover_at_once_tell_once(house: House, begin: Callable[..., Recording]) -> None:
    house.write(lambda work: notices.set_contact(work, name="Shop", email="shop@example.com", webhook_url=None))
    begun = begin()
    house.hang_up(begun.call_id, 5)

    def recover(_: int) -> bool:
        return house.write(
            lambda work: recordings.recover(
                work, uid=begun.uid, seconds=1.0, size=16_044, rate=8000, channels=1, now=NOW, node=B
            )
        )

    with ThreadPoolExecutor(4) as nodes_:
        assert sorted(nodes_.map(recover, range(4))) == [False, False, False, True]
    assert len(house.read(lambda work: notices.list_notices(work, house.shop.id, 10))) == 1
    assert [event.kind for event in house.timeline(begun.call_id)] == ["recording-recovered"]
