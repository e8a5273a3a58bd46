"""A leg on paper: another agent can end what its owner no longer can."""

import json

import pytest

from offhook.engine.sip.agent import Agent
from offhook.engine.sip.invitation import Invitation
from offhook.engine.sip.message import Request
from offhook.engine.sip.records import CSEQ_LEAP
from offhook.errors import ProtocolError
from sip_call import Call, is_empty, run
from sip_peer import SDP, THEM, US, Fields, new_agent, requests_in, response

ROUTES: Fields = {"Record-Route": "<sip:10.0.0.7;lr>, <sip:10.0.0.8;lr>"}
WISH = Invitation(
    "sip:+81399998888@10.0.0.1", "<sip:+81312345678@10.0.0.9>", "<sip:+81399998888@10.0.0.1>", SDP, THEM, US
)


def _recorded() -> tuple[Call, str]:
    call = Call()
    call.confirm(fields=ROUTES)
    record = call.agent.record(call.leg)
    assert record is not None
    return call, record


def test_another_agent_says_bye_as_the_first_one_would_have() -> None:
    call, record = _recorded()
    [own] = requests_in(call.agent.hang_up(call.leg, 1.0))
    [bye] = requests_in(new_agent().hang_up_recorded(record, 1.0))
    assert (bye.method, bye.uri) == ("BYE", own.uri)
    assert all(bye.headers[name] == own.headers[name] for name in ("From", "To", "Call-ID", "Route"))


def test_the_new_owner_uses_no_number_twice() -> None:
    call, record = _recorded()
    [own] = requests_in(call.agent.hang_up(call.leg, 1.0))
    [bye] = requests_in(new_agent().hang_up_recorded(record, 1.0))
    assert bye.cseq == own.cseq + CSEQ_LEAP


def test_a_leg_that_still_talks_here_is_left_alone() -> None:
    call, record = _recorded()
    assert call.agent.hang_up_recorded(record, 1.0) == []
    assert call.agent.has(call.leg)


def test_a_leg_that_is_over_is_not_written_down() -> None:
    assert new_agent().record("nobody") is None


def test_the_bye_is_forgotten_when_nobody_answers_it() -> None:
    _, record = _recorded()
    agent = new_agent()
    agent.hang_up_recorded(record, 0.0)
    while (due := agent.deadline()) is not None:
        agent.tick(due)
    assert not agent.has(json.loads(record)["tag"])


@pytest.mark.parametrize("damage", [{"remote_target": "sip:h:99999"}, {"route_set": 7}, {"local_cseq": "x"}])
def test_a_damaged_record_is_refused(damage: dict[str, object]) -> None:
    _, record = _recorded()
    with pytest.raises(ProtocolError, match="not the record"):
        new_agent().hang_up_recorded(json.dumps(json.loads(record) | damage), 0.0)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null"])
def test_what_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        new_agent().hang_up_recorded(text, 0.0)


def test_the_peer_is_reached_by_the_way_of_its_routes() -> None:
    _, record = _recorded()
    assert THEM.host not in json.loads(record)["route_set"][0]


def _ringing(status: int = 180) -> tuple[Request, str]:
    """Return the INVITE of an agent that died while it rang, and what it left behind."""
    dead = new_agent()
    leg, outputs = dead.invite(WISH, 0.0)
    [invite] = requests_in(outputs)
    dead.receive(response(invite, status), THEM, US, 0.1)
    record = dead.record(leg)
    assert record is not None
    return invite, record


def _heir(record: str) -> tuple[Agent, Request]:
    heir = new_agent()
    [cancel] = requests_in(heir.hang_up_recorded(record, 1.0))
    return heir, cancel


@pytest.mark.parametrize("status", [100, 180])
def test_another_agent_cancels_a_leg_that_rings_as_the_first_one_would_have(status: int) -> None:
    invite, record = _ringing(status)
    heir, cancel = _heir(record)
    assert (cancel.method, cancel.uri, cancel.cseq) == ("CANCEL", invite.uri, invite.cseq)
    assert all(cancel.headers[name] == invite.headers[name] for name in ("Via", "From", "To", "Call-ID"))
    heir.receive(response(cancel, 200), THEM, US, 1.1)
    [ack] = requests_in(heir.receive(response(invite, 487), THEM, US, 1.2))
    assert (ack.method, ack.headers["Via"]) == ("ACK", invite.headers["Via"])
    run(heir)
    assert is_empty(heir)


def test_an_answer_that_crosses_the_heirs_cancel_is_acknowledged_and_hung_up() -> None:
    invite, record = _ringing()
    heir, _ = _heir(record)
    ack, bye = requests_in(heir.receive(response(invite, 200, body=SDP), THEM, US, 1.1))
    assert (ack.method, ack.cseq, bye.method) == ("ACK", invite.cseq, "BYE")
    assert bye.cseq > invite.cseq
    heir.receive(response(bye, 200), THEM, US, 1.2)
    run(heir)
    assert is_empty(heir)


def test_a_leg_that_rang_and_was_answered_is_hung_up_and_not_canceled() -> None:
    talking = new_agent()
    leg, outputs = talking.invite(WISH, 0.0)
    [invite] = requests_in(outputs)
    for status in (180, 200):
        talking.receive(response(invite, status), THEM, US, 0.1)
    record = talking.record(leg)
    assert record is not None
    [bye] = requests_in(new_agent().hang_up_recorded(record, 1.0))
    assert bye.method == "BYE"


@pytest.mark.parametrize("damage", [None, {}, {"via": "nonsense", "host": "h", "port": 1}, {"via": 1, "host": 2}])
def test_a_damaged_record_of_a_ringing_leg_is_refused(damage: object) -> None:
    _, record = _ringing()
    with pytest.raises(ProtocolError, match="not the record"):
        new_agent().hang_up_recorded(json.dumps(json.loads(record) | {"invite": damage}), 0.0)
