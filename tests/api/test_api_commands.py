"""`POST /voice/calls/<call_id>/`: another script or the end, once, for the call's own account."""

from functools import partial

import pytest

from api_house import BEGIN, OTHER_SID, OTHER_TOKEN, House
from offhook.domain.calls import Arrival, Caller
from offhook.service import commands, desk

CALL = "running"
PATH = f"/voice/calls/{CALL}/"
HELLO = 'say en "Hello"'


@pytest.fixture
def running(house: House) -> House:
    house.subscribe()
    arrival = Arrival(CALL, BEGIN, "carrier", "192.0.2.1", ("+815012345678",), Caller("819012345678", "819012345678"))
    house.database.write_now(partial(desk.admit, arrival=arrival, now=BEGIN, node="node-1"))
    return house


def waiting(house: House) -> list[tuple[str | None, str]]:
    found = house.database.read_now(partial(commands.waiting, node="node-1"))
    return [(command.action, command.by) for command in found]


def note_done(house: House, command_id: str, code: str | None = None) -> None:
    done = frozenset({(command_id, code)})
    house.database.write_now(partial(commands.note_done, done=done, now=BEGIN))


@pytest.mark.parametrize("how", ["form", "json"])
def test_another_script_is_accepted_for_the_calls_own_node(running: House, how: str) -> None:
    answer = running.post(PATH, **{how: {"action": HELLO}})
    said = answer.json()
    assert answer.status_code == 202
    assert said == {
        "command_id": said["command_id"],
        "call_id": CALL,
        "action": HELLO,
        "status": "accepted",
        "code": None,
        "created_at": "2026-11-23T06:00:00Z",
        "done_at": None,
    }
    assert waiting(running) == [(HELLO, "shop-sid")]
    assert running.get(f"{PATH}commands/{said['command_id']}/").json() == said


def test_the_end_is_accepted_too_and_when_it_is_done_it_says_so(running: House) -> None:
    command_id = running.post(PATH, form={"status": "completed"}).json()["command_id"]
    assert waiting(running) == [(None, "shop-sid")]
    note_done(running, command_id)
    said = running.get(f"{PATH}commands/{command_id}/").json()
    assert (said["status"], said["done_at"]) == ("done", "2026-11-23T06:00:00Z")


def test_the_same_key_wants_it_once_and_learns_how_far_it_came(running: House) -> None:
    def ask() -> tuple[int, str]:
        answer = running.post(PATH, form={"action": HELLO}, headers={"Idempotency-Key": "k"})
        return answer.status_code, answer.json()["command_id"]

    status, command_id = ask()
    assert (status, ask()) == (202, (202, command_id))
    assert waiting(running) == [(HELLO, "shop-sid")]
    note_done(running, command_id)
    assert ask() == (200, command_id)
    reused = running.post(PATH, form={"status": "completed"}, headers={"Idempotency-Key": "k"})
    assert reused.status_code == 422


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"action": 'say en "One"\n playbak'}, "action", "nknown-verb, line 2, column 2: "),
        ({"action": ""}, "action", "line 1, column 1: "),
        ({}, "action", "Name either an action or the status completed."),
        ({"action": HELLO, "status": "completed"}, "action", "Name either"),
        ({"status": "paused"}, "status", "completed"),
        ({"actions": HELLO}, "actions", "There is no such field."),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_place(
    running: House, fields: dict[str, str], field: str, sentence: str
) -> None:
    for how in ("form", "json"):
        answer = running.post(PATH, **{how: fields})
        assert answer.status_code == 400
        assert sentence in answer.json()[field][0]
    assert waiting(running) == []


def test_only_the_calls_own_account_may(running: House) -> None:
    answer = running.post(PATH, form={"action": HELLO}, who=(OTHER_SID, OTHER_TOKEN))
    assert (answer.status_code, answer.json()["code"]) == (404, "call-not-found")
    assert running.post(PATH, form={"action": HELLO}, who=None).status_code == 401
    command_id = running.post(PATH, form={"action": HELLO}).json()["command_id"]
    read = running.get(f"{PATH}commands/{command_id}/", who=(OTHER_SID, OTHER_TOKEN))
    assert read.status_code == 404


def test_a_call_that_nobody_knows_and_one_that_is_over_are_told_apart(running: House) -> None:
    running.receive_call("over", 1)
    unknown = running.post("/voice/calls/none/", form={"action": HELLO})
    over = running.post("/voice/calls/over/", form={"action": HELLO})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "call-not-found")
    assert (over.status_code, over.json()["code"]) == (409, "call-is-over")


@pytest.mark.parametrize(("code", "status"), [("call-is-over", 409), ("credit-ended", 409), ("not-available-yet", 400)])
def test_what_the_calls_node_refuses_is_told_to_who_asks_again(running: House, code: str, status: int) -> None:
    def ask() -> int:
        answer = running.post(PATH, form={"action": HELLO}, headers={"Idempotency-Key": "k"})
        if answer.status_code == 202:
            note_done(running, answer.json()["command_id"], code)
        return answer.status_code

    assert (ask(), ask()) == (202, status)
