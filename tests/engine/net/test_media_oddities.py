"""What comes for a leg and is not its peer's sound is counted, and told when the leg is closed."""

import pytest

from leg_peers import Bench, Peer
from offhook.engine.media.learning import RELATED_RUN, WINDOW_S
from offhook.engine.net.media_oddities import MOST_TYPES, Oddities


@pytest.fixture
def peer(hall: Bench) -> Peer:
    return hall.peer()


def odd(hall: Bench) -> dict[str, object]:
    return hall.leg.close(hall.now).odd


def test_a_peer_that_speaks_as_agreed_is_not_odd(hall: Bench, peer: Peer) -> None:
    hall.meet(peer)
    peer.speak(hall.address, 3)
    hall.receive(3)
    assert odd(hall) == {}


def test_sound_from_an_address_that_nobody_named_is_told_with_it(hall: Bench, peer: Peer) -> None:
    stranger, other = hall.peer("127.0.0.2"), hall.peer("127.0.0.3")
    hall.start(peer)
    for one in (stranger, other):
        one.speak(hall.address)
        hall.receive()
    hall.pass_time(WINDOW_S)
    assert odd(hall) == {"elsewhere": f"127.0.0.2:{stranger.address[1]}"}


def test_who_turns_out_to_be_the_peer_came_from_nowhere_else(hall: Bench, peer: Peer) -> None:
    named = hall.peer()
    hall.connect(hall.order(peer, address=named.address))
    hall.leg.start(hall.now)
    peer.speak(hall.address, RELATED_RUN)
    hall.receive(RELATED_RUN)
    assert odd(hall) == {}


def test_types_that_were_not_agreed_on_are_counted_each(hall: Bench, peer: Peer) -> None:
    hall.meet(peer)
    for payload_type in (18, 97, 97, 13, 101):
        peer.stream.switch(payload_type)
        peer.speak(hall.address)
        hall.receive()
    # Comfort noise may come unasked, and the keys were agreed on.
    assert odd(hall) == {"unknown_types": {"18": 1, "97": 2}}


def test_what_is_no_rtp_is_counted_before_and_after_the_peer_is_known(hall: Bench, peer: Peer) -> None:
    hall.start(peer)
    peer.rtp.sendto(b"hello", hall.address)
    hall.receive()
    peer.speak(hall.address)
    hall.receive()
    peer.rtp.sendto(b"hello", hall.address)
    hall.receive()
    assert odd(hall) == {"unreadable": 2}


def test_a_hostile_peer_has_not_every_type_counted() -> None:
    oddities = Oddities()
    for payload_type in [*range(30, 60), 30]:
        oddities.is_unknown(payload_type)
    assert oddities.told()["unknown_types"] == {"30": 2, **{str(number): 1 for number in range(31, 30 + MOST_TYPES)}}
