"""What a page that begins in the middle takes for granted: the platform of the README, with a call and a message in it.

The ids are those that the pages show.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from offhook.domain.calls import Admission, Arrival, Caller, Ending, Status, TimelineEvent
from offhook.domain.credits import CREDIT
from offhook.domain.numbers import make_uid
from offhook.domain.recordings import path_of
from offhook.service import accounts, desk, numbers, recordings, subscriptions, tariffs, trunks
from offhook.storage import Work, open_database
from soundfiles import sine, wav

SID, TOKEN = "shop", "secret"
DIN, FREE_DIN = "815012345678", "815012345679"
TAKEN_TOKEN, FREE_TOKEN = "afr34rafic76tf", "0786503354f860"
RATE_HZ = 8_000
LATEST_CALL = (
    "44f82b6f",
    """$(offhook calls list --json | python3 -c '
import json, sys
print(next(call["call_id"] for call in json.load(sys.stdin) if not call["caller"].startswith("81501234567")))')""",
)
"""What pages show where their reader takes the id of the call that was just made, and what finds it."""
SOUND = wav(sine(440, 2.0, RATE_HZ).tobytes())
FILES = {"hello.wav": SOUND, "carrier.password": b"a-password\n", "anna.password": b"another-password\n"}
"""What a reader has of their own."""
ACTION_URL = "http://127.0.0.1:9000/"
CALL_ID = "6007f6e5-c880-4690-bdc3-50cdbf3a95a2"
RECORDING = "7d0c2f5e8a9b4c61a3e5f7092b4d6e81"


def furnish(url: str, folder: Path) -> None:
    """Bring trunk, numbers, account, subscription and tariff, a call of a minute ago and its message."""
    database = open_database(url)
    try:
        database.write_now(partial(_office, now=datetime.now(UTC)))
        database.write_now(partial(_call, folder=folder, at=datetime.now(UTC) - timedelta(minutes=1)))
    finally:
        database.close()


def _office(work: Work, *, now: datetime) -> None:
    trunks.add_trunk(work, name="here", sources=("127.0.0.0/8", "192.0.2.0/24"), send=None, now=now)
    common = {"country_code": "81", "prefix": "50", "monthly_cost": "650", "minute_cost": "1", "trunk": "here"}
    report = numbers.import_numbers(
        work,
        [common | {"din": din, "day_cost": "20"} for din in (DIN, FREE_DIN)],
        now=now,
        fresh=partial(next, iter((TAKEN_TOKEN, FREE_TOKEN))),
    )
    assert report.added == 2, report
    assert tariffs.import_rates(work, [{"prefix": "81", "minute_cost": "1"}]).added == 1
    shop = accounts.create_account(work, name="Shop", credit=5000 * CREDIT, sid=SID, token=TOKEN, now=now)
    uid = make_uid("JP", TAKEN_TOKEN)
    subscriptions.subscribe(work, account_id=shop.id, din_uid=uid, action_url=ACTION_URL, now=now)


def _call(work: Work, *, folder: Path, at: datetime) -> None:
    arrival = Arrival(CALL_ID, at, "here", "127.0.0.1", (f"+{DIN}",), Caller("819012345678", "819012345678"))
    assert isinstance(desk.admit(work, arrival, now=at), Admission)
    desk.answered(work, CALL_ID, at + timedelta(seconds=1))
    path = path_of(RECORDING, at)
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(SOUND)
    recordings.begin(work, uid=RECORDING, call_id=CALL_ID, path=path, now=at, node="")
    recordings.store(work, uid=RECORDING, seconds=2.0, size=len(SOUND), now=at)
    events = [TimelineEvent(0.0, "arrived", "a call from the trunk here")]
    ended = at + timedelta(seconds=4)
    desk.close(work, Ending(CALL_ID, Status.COMPLETED, None, ended, at, 3.0), events, node="")
