"""Legs whose peers press keys in their sound: every packet is listened to, alone and joined."""

from collections.abc import Iterator

import pytest

from joined_legs import Pair, Side
from leg_peers import Bench, Peer, is_readable
from offhook.domain.sounds import Codec
from offhook.engine.media.dtmf import press
from offhook.engine.media.rtp import FRAME_S
from offhook.engine.net.media_samples import SETTLED_AFTER_S
from offhook.engine.net.media_tones import key_turn
from offhook.engine.net.orders import Digit
from offhook.engine.net.packet_filter import SAMPLE_EVERY
from offhook.engine.net.sound_files import FRAME_BYTES

KEYS = "159D*0#"


@pytest.fixture
def peer(hall: Bench) -> Peer:
    peer = hall.peer()
    hall.meet(peer)
    return peer


def _frames(keys: str, codec: Codec = Codec.PCMU) -> Iterator[bytes]:
    for key in keys:
        sound = key_turn(key, 60, codec)
        yield from (sound[at : at + FRAME_BYTES] for at in range(0, len(sound), FRAME_BYTES))


def _say(hall: Bench, peer: Peer, frame: bytes) -> None:
    peer.rtp.sendto(peer.stream.next_packet(frame), hall.address)
    hall.now += FRAME_S
    while is_readable(hall.leg.rtp, 0.0):
        hall.leg.receive_rtp(hall.now)


def _digits(hall: Bench) -> str:
    return "".join(digit.digit for digit in hall.all(Digit))


@pytest.mark.parametrize("codec", [Codec.PCMU, Codec.PCMA])
def test_keys_in_the_sound_are_told_however_long_nobody_else_listens(hall: Bench, peer: Peer, codec: Codec) -> None:
    hall.connect(hall.order(peer, codec=codec.value, event_type=None, hears_tones=True))
    peer.stream.switch(8 if codec is Codec.PCMA else 0)
    for _ in range(round(SETTLED_AFTER_S / FRAME_S) + 2 * SAMPLE_EVERY):
        _say(hall, peer, bytes([0xD5 if codec is Codec.PCMA else 0xFF]) * FRAME_BYTES)
    for frame in _frames(KEYS, codec):
        _say(hall, peer, frame)
    assert _digits(hall) == KEYS


def test_without_the_rule_tones_are_sound(hall: Bench, peer: Peer) -> None:
    for frame in _frames(KEYS):
        _say(hall, peer, frame)
    assert _digits(hall) == ""


def test_events_count_nothing_where_keys_are_tones(hall: Bench, peer: Peer) -> None:
    hall.connect(hall.order(peer, event_type=None, hears_tones=True))
    for pulse in press("5", 100):
        peer.rtp.sendto(peer.stream.next_event(pulse.payload, 101, marker=pulse.marker), hall.address)
        hall.receive()
    assert _digits(hall) == ""


def test_a_new_description_in_the_midst_of_a_key_makes_it_no_other(hall: Bench, peer: Peer) -> None:
    order = hall.order(peer, event_type=None, hears_tones=True)
    hall.connect(order)
    for place, frame in enumerate(_frames("5")):
        if place == 2:
            hall.connect(order)
        _say(hall, peer, frame)
    assert _digits(hall) == "5"
    hall.connect(hall.order(peer))
    for frame in _frames("5"):
        _say(hall, peer, frame)
    assert _digits(hall) == "5"


def test_keys_of_a_joined_leg_are_told_and_its_sound_is_passed_on(pair: Pair) -> None:
    pair.left.hall.connect(pair.left.order(event_type=None, hears_tones=True))
    pair.right.hall.connect(pair.right.order(event_type=None))
    pair.join()
    frames = list(_frames(KEYS))
    for frame in frames:
        _passes(pair, pair.left, frame)
    assert _digits(pair.left.hall) == KEYS
    assert [packet[12:] for packet in pair.right.hears()] == frames
    # The other side's sound is nobody's business.
    for frame in frames:
        _passes(pair, pair.right, frame)
    assert _digits(pair.right.hall) == ""
    assert [packet[12:] for packet in pair.left.hears()] == frames


def test_a_key_is_not_heard_on_as_sound_by_who_hears_of_it_as_event(pair: Pair) -> None:
    pair.left.hall.connect(pair.left.order(event_type=None, hears_tones=True))
    pair.join()
    sound = key_turn("5", 400, Codec.PCMU)
    frames = [sound[at : at + FRAME_BYTES] for at in range(0, len(sound), FRAME_BYTES)]
    speech = [bytes([number]) * FRAME_BYTES for number in range(10)]
    for frame in [*frames, frames[-1], *speech]:
        _passes(pair, pair.left, frame)
    assert _digits(pair.left.hall) == "5"
    passed = [packet[12:] for packet in pair.right.hears()]
    # What passed before the key was known, 32 ms, cannot be taken back: the second packet tells.
    assert passed[0] == frames[0]
    assert not set(passed) & set(frames[1:20])
    assert passed[-len(speech) :] == speech


def _passes(pair: Pair, side: Side, frame: bytes) -> None:
    side.speaks(frame)
    pair.pass_time(FRAME_S)
