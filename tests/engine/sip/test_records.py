"""A leg on paper: another agent can end what its owner no longer can."""

import json

import pytest

from offhook.engine.sip.records import CSEQ_LEAP
from offhook.errors import ProtocolError
from sip_call import Call
from sip_peer import THEM, Fields, new_agent, requests_in

ROUTES: Fields = {"Record-Route": "<sip:10.0.0.7;lr>, <sip:10.0.0.8;lr>"}


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
