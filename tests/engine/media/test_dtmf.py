"""Keys pressed through a network that loses, doubles and turns round packets."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.media.dtmf import KEYS, LONGEST_PRESS_MS, Pulse, Receiver, press
from offhook.engine.media.errors import UnknownKey

Packet = tuple[bytes, int, bool]


def packets(key: str, timestamp: int, duration_ms: int = 100) -> list[Packet]:
    return [(pulse.payload, timestamp, pulse.marker) for pulse in press(key, duration_ms)]


def heard(sent: list[Packet], receiver: Receiver | None = None) -> str:
    receiver = receiver or Receiver()
    return "".join(key for packet in sent if (key := receiver.receive(*packet)) is not None)


def event(number: int, duration: int, *, ends: bool = False) -> bytes:
    return pack("!BBH", number, 0x8A if ends else 0x0A, duration)


def test_each_key_is_heard_once() -> None:
    sent = [packet for place, key in enumerate(KEYS) for packet in packets(key, place * 1600)]
    assert heard(sent) == KEYS


def test_the_same_key_twice_is_two_presses() -> None:
    assert heard(packets("5", 1000) + packets("5", 3000)) == "55"


@given(
    keys=st.text(KEYS, min_size=1, max_size=8),
    data=st.data(),
)
def test_one_packet_of_each_press_is_enough(keys: str, data: st.DataObject) -> None:
    sent = []
    for place, key in enumerate(keys):
        whole = packets(key, place * 2400, data.draw(st.integers(50, 250)))
        sent += data.draw(st.lists(st.sampled_from(whole), min_size=1, max_size=8))
    assert heard(sent) == keys


def test_copies_that_arrive_after_the_next_key_are_old_news() -> None:
    first, second = packets("1", 1000), packets("2", 2400)
    assert heard([*first[:-1], second[0], first[-1], *second[1:], first[0]]) == "12"


def test_flash_and_other_signals_are_no_keys() -> None:
    receiver = Receiver()
    assert [receiver.receive(event(number, 160), 1000, True) for number in (16, 36, 255)] == [None] * 3


@pytest.mark.parametrize("flags", [0x00, 0x3F, 0x40, 0x7F])
def test_neither_volume_nor_the_reserved_bit_says_whether_a_key_was_pressed(flags: int) -> None:
    receiver = Receiver()
    assert receiver.receive(pack("!BBH", 5, flags, 400), 1000, True) == "5"
    # Whatever the end says of them, it is the end of the same press.
    assert receiver.receive(pack("!BBH", 5, 0x80 | (flags ^ 0x7F), 800), 1000, False) is None


def test_a_press_without_its_start_is_heard_by_its_end_and_without_its_end_is_over_with_the_next() -> None:
    whole = packets("7", 1000)
    assert heard(whole[-1:]) == "7"
    assert heard([*whole[:1], *packets("7", 4000)[:1]]) == "77"


def test_ends_that_are_repeated_without_end_are_one_press_even_where_each_bears_the_marker() -> None:
    assert heard([(event(3, 800, ends=True), 1000, True)] * 40) == "3"


def test_a_first_packet_of_no_duration_is_the_press() -> None:
    assert (
        heard([(event(4, 0), 1000, True), (event(4, 0), 1000, False), (event(4, 400, ends=True), 1000, False)]) == "4"
    )


def test_a_long_press_that_stays_with_its_first_timestamp_is_one_press() -> None:
    """Some phones make no segments: the duration stays at its greatest."""
    sent = [(event(9, min(duration, 0xFFFF)), 0, duration == 400) for duration in range(400, 0x30000, 400)]
    assert heard([*sent, (event(9, 0xFFFF, ends=True), 0, False)]) == "9"


def test_what_follows_the_event_in_its_packet_is_not_read() -> None:
    receiver = Receiver()
    assert receiver.receive(event(1, 400) + event(2, 400), 1000, True) == "1"
    assert receiver.receive(event(2, 800), 1400, True) == "2"


@pytest.mark.parametrize("payload", [b"", b"\x05", b"\x05\x0a\x00"])
def test_a_payload_that_is_too_short_is_no_event(payload: bytes) -> None:
    assert Receiver().receive(payload, 1000, True) is None


def test_a_long_press_in_several_segments_is_one_press() -> None:
    sent: list[Packet] = []
    for segment in range(3):
        start = (0xFFFFFF00 + segment * 0xFFFF) & 0xFFFFFFFF
        sent += [(event(9, duration), start, segment == 0 and duration == 400) for duration in range(400, 0xFFFF, 400)]
        sent.append((event(9, 0xFFFF, ends=segment == 2), start, False))
    assert heard(sent) == "9"


def test_a_segment_may_lose_its_last_updates() -> None:
    assert heard([(event(9, 400), 0, True), (event(9, 63000), 0, False), (event(9, 400), 0xFFFF, False)]) == "9"


@pytest.mark.parametrize(
    ("last", "following"),
    [
        # It had ended.
        ((event(9, 0xFFFF, ends=True), 0, False), (event(9, 400), 0xFFFF, False)),
        # A marker begins a new event.
        ((event(9, 0xFFFF), 0, False), (event(9, 400), 0xFFFF, True)),
        # The first one was not near the end of its segment.
        ((event(9, 8000), 0, False), (event(9, 400), 0xFFFF, False)),
        # The second one is not its successor in time.
        ((event(9, 0xFFFF), 0, False), (event(9, 400), 0x20000, False)),
        ((event(9, 0xFFFF), 0, False), (event(9, 400), 0x4000, False)),
    ],
)
def test_what_is_no_next_segment_is_a_new_press(last: Packet, following: Packet) -> None:
    assert heard([(event(9, 400), 0, True), last, following]) == "99"


def test_another_key_is_no_next_segment() -> None:
    assert heard([(event(9, 0xFFFF), 0, True), (event(8, 400), 0xFFFF, False)]) == "98"


def test_a_late_update_of_an_old_key_does_not_touch_the_present_one() -> None:
    receiver = Receiver()
    assert heard([(event(1, 400), 0, True), (event(2, 400), 2000, True)], receiver) == "12"
    assert receiver.receive(event(1, 800, ends=True), 0, False) is None
    assert receiver.receive(event(2, 0xFFFF), 2000, False) is None
    assert receiver.receive(event(2, 400), 2000 + 0xFFFF, False) is None


def test_a_press_is_told_every_50_ms_and_its_end_three_times() -> None:
    assert list(press("#", 120)) == [
        Pulse(50, True, event(11, 400)),
        Pulse(100, False, event(11, 800)),
        Pulse(120, False, event(11, 960, ends=True)),
        Pulse(140, False, event(11, 960, ends=True)),
        Pulse(160, False, event(11, 960, ends=True)),
    ]


def test_the_shortest_press_has_its_marker_on_the_first_end() -> None:
    assert [pulse.marker for pulse in press("a", 0)] == [True, False, False]


def test_the_longest_press_fits_into_one_segment() -> None:
    *_, last = press("1", 1_000_000)
    assert last.payload == event(1, LONGEST_PRESS_MS * 8, ends=True)


@pytest.mark.parametrize("key", ["", "x", "12", "\u0661"])
def test_what_is_on_no_keypad_is_refused_at_once(key: str) -> None:
    with pytest.raises(UnknownKey) as caught:
        press(key, 100)
    assert (caught.value.code, caught.value.field) == ("bad-digit", "digits")
