import pytest

from house import NOW, House
from offhook.domain.errors import SourceTaken, TrunkNameTaken
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
