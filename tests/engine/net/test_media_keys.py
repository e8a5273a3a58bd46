"""Keys that we press: by events or by tones, in their order, and the sound goes on behind them on one line."""

import numpy as np
import pytest

from ear import RATE, decode_g711, has_tone
from joined_legs import SPEECH, Pair
from leg_peers import Bench, Peer, header
from offhook.domain.sounds import Codec
from offhook.engine.media.dtmf import Receiver
from offhook.engine.media.errors import UnknownKey
from offhook.engine.media.g711 import SILENCE
from offhook.engine.media.rtp import parse_header
from offhook.engine.net.media_keys import WAITING_LIMIT, Keypad
from offhook.engine.net.orders import Press
from offhook.engine.net.sound_files import FRAME_BYTES

QUIET = SILENCE[Codec.PCMU] * FRAME_BYTES


@pytest.fixture
def peer(hall: Bench) -> Peer:
    peer = hall.peer()
    hall.start(peer)
    return peer


def _press(hall: Bench, keys: str, duration_ms: int = 100) -> None:
    for key in keys:
        hall.leg.press(Press("leg", key, duration_ms), hall.now)


def _keys(packets: list[bytes], event_type: int = 101) -> str:
    """Return the keys that a receiver hears."""
    receiver, keys = Receiver(), ""
    for packet in packets:
        found = parse_header(packet)
        assert found is not None
        payload_type, marker, _, timestamp, _, start, end = found
        if payload_type == event_type:
            keys += receiver.receive(packet[start:end], timestamp, marker) or ""
    return keys


def test_keys_are_pressed_one_after_the_other_in_place_of_silence(hall: Bench, peer: Peer) -> None:
    hall.send(2)
    _press(hall, "1#D")
    hall.send(50)
    packets = peer.hears()
    assert _keys(packets) == "1#D"
    types = [header(packet)[0] for packet in packets]
    first, last = types.index(101), len(types) - types[::-1].index(101)
    assert set(types[first:last]) == {101}, "nothing else is sent while keys are pressed"
    assert types[:first] == [0] * 2
    assert set(types[last:]) == {0}


def test_a_press_has_one_timestamp_and_the_line_goes_on_by_the_time_that_passed(hall: Bench, peer: Peer) -> None:
    hall.send(2)
    _press(hall, "5")
    hall.send(12)
    headers = [header(packet) for packet in peer.hears()]
    events = [one for one in headers if one[0] == 101]
    assert {one[3] for one in events} == {20 + 2 * 160}
    assert [one[1] for one in events] == [True] + [False] * (len(events) - 1)
    assert [one[2] for one in headers] == list(range(10, 10 + len(headers))), "no packet is lost"
    sound = next(one for one in headers[2:] if one[0] == 0)
    assert sound[1], "a talk spurt begins"
    place = headers.index(sound)
    # The turns are 20 ms apart, whatever was sent in them.
    after = [one[3] for one in headers[place:]]
    assert after == [after[0] + 160 * number for number in range(len(after))]
    assert after[-1] == 20 + 13 * 160


@pytest.mark.parametrize("codec", [Codec.PCMU, Codec.PCMA])
def test_who_knows_no_events_hears_tones_and_silence_behind_each(hall: Bench, codec: Codec) -> None:
    peer = hall.peer()
    hall.connect(hall.order(peer, codec=codec.value, event_type=None))
    hall.leg.start(hall.now)
    _press(hall, "6#")
    hall.send(20)
    packets = peer.hears()
    assert [header(packet)[2:4] for packet in packets] == [(10 + n, 20 + 160 * n) for n in range(20)]
    sound = decode_g711(b"".join(packet[12:] for packet in packets), codec)
    step = RATE * 180 // 1000
    for place, (low, high) in enumerate(((770, 1477), (941, 1477))):
        tone = sound[place * step : place * step + RATE // 10]
        assert has_tone(tone, low)
        assert has_tone(tone, high)
        assert not np.any(np.abs(sound[place * step + RATE // 10 : (place + 1) * step]) > 8)


def test_a_sound_that_is_played_waits_and_nothing_of_it_is_left_out(hall: Bench, peer: Peer) -> None:
    hall.leg.ring(hall.now)
    hall.send(3)
    ringing = [packet[12:] for packet in peer.hears()]
    _press(hall, "1")
    hall.send(30)
    rest = [packet[12:] for packet in peer.hears() if header(packet)[0] == 0]
    assert not set(rest[:5]) & {QUIET}
    hall.leg.quiet(hall.now)
    hall.leg.ring(hall.now)
    hall.send(3 + len(rest))
    assert [packet[12:] for packet in peer.hears()] == ringing + rest


def test_what_the_partner_says_waits_for_the_key_and_goes_on_behind_it_in_time(pair: Pair) -> None:
    pair.join()
    for _ in range(5):
        pair.left.speaks()
        pair.turn()
    pair.right.leg.press(Press("leg", "9", 100), pair.now)
    for _ in range(25):
        pair.turn()
        pair.left.speaks()
    packets = pair.right.hears()
    assert _keys(packets) == "9"
    headers = [header(packet) for packet in packets]
    assert [one[2] for one in headers] == list(range(11, 11 + len(headers))), "no packet is lost"
    sounds = [(packet, one) for packet, one in zip(packets, headers, strict=True) if one[0] == 0]
    assert sounds[-1][0][12:] == SPEECH
    # 30 turns have passed since the first packet of the partner's.
    assert abs(sounds[-1][1][3] - (headers[0][3] + 30 * 160)) <= 160
    timestamps = [one[3] for _, one in sounds]
    assert timestamps == sorted(set(timestamps))


def test_a_resting_line_of_the_partners_is_awake_while_keys_are_pressed(pair: Pair) -> None:
    pair.join()
    pair.left.speaks()
    outlet = pair.right.leg.outlet
    assert outlet.rests_until() > pair.now
    pair.right.leg.press(Press("leg", "9", 100), pair.now)
    assert outlet.rests_until() < pair.now


def test_who_is_on_hold_hears_no_key_and_none_waits_for_it(hall: Bench, peer: Peer) -> None:
    hall.connect(hall.order(peer, sends=False))
    _press(hall, "1")
    hall.connect(hall.order(peer))
    hall.send(10)
    assert _keys(peer.hears()) == ""


def test_more_keys_than_may_wait_are_lost() -> None:
    keypad = Keypad()
    for _ in range(WAITING_LIMIT + 5):
        keypad.press("1", 100, 101, Codec.PCMU)
    assert len(keypad._waiting) == WAITING_LIMIT


def test_what_is_on_no_keypad_is_refused_at_once() -> None:
    with pytest.raises(UnknownKey):
        Keypad().press("x", 100, 101, Codec.PCMU)
    assert not Keypad().is_pressing


def test_small_letters_are_keys_too(hall: Bench) -> None:
    peer = hall.peer()
    hall.connect(hall.order(peer, event_type=None))
    hall.leg.start(hall.now)
    _press(hall, "a")
    hall.send(5)
    assert has_tone(decode_g711(peer.payloads(), Codec.PCMU), 1633)
