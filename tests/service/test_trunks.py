from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from house import DIN, NOW, House
from offhook.domain.errors import PeerUserTaken, SourceTaken, TrunkNameTaken, TrunkNotFound
from offhook.domain.peers import Peer, check_peer
from offhook.domain.rules import PLAIN, NumberFrom, RuleChanges, TrunkRules
from offhook.domain.trunks import Trunk
from offhook.errors import InputError
from offhook.service import trunks


def add(house: House, name: str, *sources: str, send: str | None = None) -> Trunk:
    return house.write(lambda work: trunks.add_trunk(work, name=name, sources=sources, send=send, now=NOW))


def test_a_trunk_is_kept_and_running_nodes_learn_of_it(house: House) -> None:
    before = house.read(trunks.version)
    added = add(house, "tokyo", "192.0.2.0/24", "2001:db8::1", send="sip:192.0.2.1:5060")
    assert house.read(trunks.list_trunks) == [added]
    assert added.sources == ("192.0.2.0/24", "2001:db8::1/128")
    assert house.read(trunks.version) == before + 1


def test_a_trunk_shows_callers_only_when_it_is_told_so(house: House) -> None:
    assert not add(house, "osaka", "192.0.2.1").pass_caller
    assert house.add_trunk("tokyo", pass_caller=True).pass_caller
    assert [trunk.pass_caller for trunk in house.read(trunks.list_trunks)] == [False, True]


def test_a_refused_trunk_is_no_news(house: House) -> None:
    add(house, "tokyo", "192.0.2.0/24")
    before = house.read(trunks.version)
    with pytest.raises(TrunkNameTaken):
        add(house, "tokyo", "198.51.100.0/24")
    with pytest.raises(SourceTaken, match="tokyo"):
        add(house, "osaka", "198.51.100.0/24", "192.0.2.0/24")
    with pytest.raises(InputError):
        add(house, "osaka", "here")
    assert house.read(trunks.version) == before
    assert len(house.read(trunks.list_trunks)) == 1


def test_a_trunk_may_live_inside_anothers_network(house: House) -> None:
    add(house, "tokyo", "192.0.2.0/24")
    add(house, "desk", "192.0.2.7")
    assert [trunk.name for trunk in house.read(trunks.list_trunks)] == ["desk", "tokyo"]


ALL = TrunkRules(NumberFrom.P_CALLED_PARTY_ID, "81", ("0", ""), ("00", "010"), 3, "+81", is_trusted=True)


def change(house: House, name: str, changes: RuleChanges) -> Trunk:
    return house.write(lambda work: trunks.change_rules(work, name=name, changes=changes))


def test_a_trunk_that_is_told_no_rules_has_plain_ones(house: House) -> None:
    assert add(house, "tokyo", "192.0.2.1").rules == PLAIN
    assert house.read(lambda work: trunks.find_trunk(work, "tokyo")).rules == PLAIN


def test_every_rule_is_kept_and_running_nodes_learn_of_it(house: House) -> None:
    add(house, "osaka", "192.0.2.2")
    added = add(house, "tokyo", "192.0.2.1")
    before = house.read(trunks.version)
    changes = RuleChanges(*(getattr(ALL, name) for name in ALL.__dataclass_fields__))
    assert change(house, "tokyo", changes) == replace(added, rules=ALL)
    assert house.read(trunks.version) == before + 1
    assert [trunk.rules for trunk in house.read(trunks.list_trunks)] == [PLAIN, ALL]
    # What is not named stays.
    assert change(house, "tokyo", RuleChanges(strip=0)).rules == replace(ALL, strip=0)
    assert house.read(lambda work: trunks.find_trunk(work, "tokyo")).rules == replace(ALL, strip=0)


def test_a_trunk_may_have_rules_from_the_beginning(house: House) -> None:
    added = house.write(
        lambda work: trunks.add_trunk(
            work, name="tokyo", sources=("192.0.2.1",), send=None, now=NOW, rules=RuleChanges(country_code="81")
        )
    )
    assert added.rules == TrunkRules(country_code="81")
    assert house.read(trunks.list_trunks) == [added]


def test_rules_that_cannot_be_kept_are_no_news(house: House) -> None:
    add(house, "tokyo", "192.0.2.1")
    before = house.read(trunks.version)
    with pytest.raises(InputError):
        change(house, "tokyo", RuleChanges(country_code="0"))
    with pytest.raises(TrunkNotFound):
        change(house, "osaka", RuleChanges(country_code="81"))
    with pytest.raises(TrunkNotFound):
        house.read(lambda work: trunks.find_trunk(work, "osaka"))
    assert house.read(trunks.version) == before


def test_two_operators_changes_both_count(house: House) -> None:
    add(house, "tokyo", "192.0.2.1")
    changes = [RuleChanges(country_code="81"), RuleChanges(strip=2), RuleChanges(is_trusted=True)]
    with ThreadPoolExecutor(len(changes)) as operators:
        list(operators.map(lambda one: change(house, "tokyo", one), changes))
    rules = house.read(lambda work: trunks.find_trunk(work, "tokyo")).rules
    assert rules == TrunkRules(country_code="81", strip=2, is_trusted=True)


def test_a_number_is_tried_without_a_call(house: House) -> None:
    add(house, "tokyo", "192.0.2.1")
    change(house, "tokyo", RuleChanges(country_code="81"))
    house.subscribed()
    trial = house.read(lambda work: trunks.try_number(work, name="tokyo", dialled=f"0{DIN[2:]}"))
    assert trial.reading.forms == (DIN,)
    assert trial.found is not None
    assert (trial.found.number.din, trial.found.subscription is not None) == (DIN, True)
    nothing = house.read(lambda work: trunks.try_number(work, name="tokyo", dialled="alice"))
    assert (nothing.reading.forms, nothing.reading.problem, nothing.found) == ((), "'alice' is no number", None)
    with pytest.raises(TrunkNotFound):
        house.read(lambda work: trunks.try_number(work, name="osaka", dialled=DIN))


PASSWORD = "correct horse battery"


def add_peer(house: House, name: str, user: str) -> Trunk:
    peer = check_peer(user, PASSWORD)
    return house.write(lambda work: trunks.add_trunk(work, name=name, sources=(), send=None, now=NOW, peer=peer))


def ask_proof(house: House, name: str, peer: Peer | None) -> Trunk:
    return house.write(lambda work: trunks.ask_proof(work, name=name, peer=peer))


def test_a_peer_that_proves_itself_needs_no_source(house: House) -> None:
    added = add_peer(house, "desk", "anna")
    assert (added.peer, added.sources) == (check_peer("anna", PASSWORD), ())
    assert house.read(trunks.list_trunks) == [added]


def test_a_peers_user_is_one_trunks(house: House) -> None:
    add_peer(house, "desk", "anna")
    add(house, "tokyo", "192.0.2.1")
    before = house.read(trunks.version)
    with pytest.raises(PeerUserTaken, match="desk"):
        add_peer(house, "lab", "anna")
    with pytest.raises(PeerUserTaken, match="desk"):
        ask_proof(house, "tokyo", check_peer("anna", PASSWORD))
    assert house.read(trunks.version) == before
    # Its own trunk may give it another password.
    again = check_peer("anna", "another horse battery")
    assert ask_proof(house, "desk", again).peer == again
    assert house.read(lambda work: trunks.find_trunk(work, "desk")).peer == again


def test_a_proof_may_be_asked_of_a_source_and_given_up_again(house: House) -> None:
    added = add(house, "tokyo", "192.0.2.1")
    before = house.read(trunks.version)
    assert ask_proof(house, "tokyo", check_peer("anna", PASSWORD)).sources == added.sources
    assert ask_proof(house, "tokyo", None) == added
    assert house.read(trunks.version) == before + 2


def test_a_trunk_that_nobody_could_come_in_by_is_refused(house: House) -> None:
    added = add_peer(house, "desk", "anna")
    with pytest.raises(InputError):
        ask_proof(house, "desk", None)
    with pytest.raises(TrunkNotFound):
        ask_proof(house, "lab", None)
    assert house.read(trunks.list_trunks) == [added]
