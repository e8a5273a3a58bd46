"""A source's packets on another leg's line: continuity, visible loss, and whatever a source may do to its numbers."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.media.quality import REORDERING_LIMIT, SEQUENCE_GAP_LIMIT
from offhook.engine.media.relaying import PAUSE_S, Relaying
from offhook.engine.media.rtp import Stream, parse_header

FRAME = 160
FRAME_S = 0.02
EVENT_TYPE = 96
KEY = b"\x05\x0a\x01\x90"

Sent = tuple[bool, int, int]
"""Marker, sequence and timestamp of a packet that left."""


@dataclass
class Desk:
    """A line that has sent one packet of its own (sequence 10, timestamp 1000), and a clock."""

    now: float = 50.0
    sequence: int = 500
    timestamp: int = 70_000
    ssrc: int = 7
    stream: Stream = field(default_factory=lambda: Stream(ssrc=1, sequence=10, timestamp=1000, payload_type=0))

    def __post_init__(self) -> None:
        self.relaying = Relaying(self.stream)
        self.stream.next_packet(bytes(FRAME))
        self.stream.sent_at = self.now
        self.pass_time(FRAME_S)

    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    def lose(self, packets: int) -> None:
        """Let the source send what never arrives."""
        self.sequence = (self.sequence + packets) & 0xFFFF
        self.timestamp = (self.timestamp + packets * FRAME) & 0xFFFFFFFF
        self.pass_time(packets * FRAME_S)

    def audio(self, *, marker: bool = False) -> Sent | None:
        """Relay the source's next packet, 20 ms later than the last."""
        sent = self.audio_at(0, 0, marker=marker)
        self.lose(1)
        return sent

    def audio_at(self, packets: int, samples: int, *, marker: bool = False) -> Sent | None:
        """Relay a packet so far from the source's next."""
        return _read(
            self.relaying.audio(
                (self.sequence + packets) & 0xFFFF,
                (self.timestamp + samples) & 0xFFFFFFFF,
                self.ssrc,
                marker,
                bytes(FRAME),
                self.now,
            ),
            0,
        )

    def key(self, *, before: int = 0, marker: bool = False) -> Sent | None:
        """Relay a packet of a press that began so many samples ago."""
        sent = self.key_at(0, -before, marker=marker)
        self.sequence = (self.sequence + 1) & 0xFFFF
        return sent

    def key_at(self, packets: int, samples: int, *, marker: bool = False) -> Sent | None:
        return _read(
            self.relaying.event(
                (self.sequence + packets) & 0xFFFF,
                (self.timestamp + samples) & 0xFFFFFFFF,
                self.ssrc,
                marker,
                KEY,
                EVENT_TYPE,
                self.now,
            ),
            EVENT_TYPE,
        )


def _read(packet: bytes | None, payload_type: int) -> Sent | None:
    if packet is None:
        return None
    header = parse_header(packet)
    assert header is not None
    assert (header[0], header[4]) == (payload_type, 1)
    return header[1:4]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def talking(desk: Desk) -> Desk:
    """Return a desk whose source is heard: its first packet had sequence 11 and timestamp 1160."""
    desk.audio()
    return desk


def test_the_line_goes_on_where_it_was_with_the_marker(desk: Desk) -> None:
    assert [desk.audio() for _ in range(3)] == [(True, 11, 1160), (False, 12, 1320), (False, 13, 1480)]


def test_the_time_that_passed_before_the_first_packet_is_in_its_timestamp(desk: Desk) -> None:
    desk.pass_time(0.5)
    assert desk.audio() == (True, 11, 1160 + 4000)


def test_a_first_packet_that_comes_early_does_not_lie_over_the_last(desk: Desk) -> None:
    desk.pass_time(-0.015)
    assert desk.audio() == (True, 11, 1160)


def test_a_line_that_never_sent_begins_where_it_stands() -> None:
    stream = Stream(ssrc=1, sequence=10, timestamp=1000, payload_type=0)
    packet = Relaying(stream).audio(1, 2, 3, False, bytes(FRAME), 99.0)
    assert _read(packet, 0) == (True, 10, 1000)


def test_a_marker_is_carried(talking: Desk) -> None:
    assert talking.audio(marker=True) == (True, 12, 1320)
    assert talking.audio() == (False, 13, 1480)


def test_loss_stays_visible(talking: Desk) -> None:
    talking.lose(3)
    assert talking.audio() == (False, 15, 1160 + 4 * FRAME)


def test_order_stays_as_it_was(talking: Desk) -> None:
    talking.lose(1)
    talking.audio()
    assert talking.audio_at(-2, -2 * FRAME) == (False, 12, 1320)
    assert talking.audio() == (False, 14, 1640)


def test_what_is_late_from_before_our_time_has_no_place(talking: Desk) -> None:
    assert talking.audio_at(-2, -2 * FRAME) is None
    assert talking.audio() == (False, 12, 1320)


@pytest.mark.parametrize("samples", [1, -0x10001])
def test_what_is_late_with_an_impossible_timestamp_has_no_place(talking: Desk, samples: int) -> None:
    talking.lose(1)
    talking.audio()
    assert talking.audio_at(-2, samples) is None


def test_a_pause_of_the_source_is_over_with_the_marker_and_the_time_that_passed(talking: Desk) -> None:
    talking.now += PAUSE_S + 1.0
    # The source's own timestamps stood still meanwhile.
    assert talking.audio() == (True, 12, 1160 + round((PAUSE_S + 1.0 + FRAME_S) * 8000))


def test_what_somebody_else_sent_in_a_pause_is_never_sent_again(talking: Desk) -> None:
    talking.lose(1)
    talking.now += PAUSE_S
    talking.stream.catch_up(talking.now)
    talking.stream.next_packet(bytes(FRAME))
    talking.stream.sent_at = talking.now
    talking.pass_time(FRAME_S)
    ours = talking.stream.sequence
    assert talking.audio_at(-1, -FRAME) == (True, ours & 0xFFFF, talking.stream.timestamp - FRAME)
    assert talking.audio_at(-2, -2 * FRAME) is None


def test_a_new_source_goes_on_with_the_marker(talking: Desk) -> None:
    talking.ssrc, talking.sequence, talking.timestamp = 8, 9, 10
    assert talking.audio() == (True, 12, 1320)
    assert talking.audio() == (False, 13, 1480)


@pytest.mark.parametrize("packets", [SEQUENCE_GAP_LIMIT, -REORDERING_LIMIT - 1, 0x7FFF, -0x8000])
def test_a_jump_of_the_sequence_is_a_new_beginning(talking: Desk, packets: int) -> None:
    talking.sequence = (talking.sequence + packets) & 0xFFFF
    assert talking.audio() == (True, 12, 1320)
    assert talking.audio() == (False, 13, 1480)


@pytest.mark.parametrize("samples", [-1, -500_000, 8161, 0x7FFFFFFF])
def test_a_jump_of_the_timestamp_is_a_new_beginning(talking: Desk, samples: int) -> None:
    talking.timestamp = (talking.timestamp + samples) & 0xFFFFFFFF
    assert talking.audio() == (True, 12, 1320)
    assert talking.audio() == (False, 13, 1480)


def test_a_timestamp_that_is_somewhat_ahead_is_the_networks_delay(talking: Desk) -> None:
    talking.timestamp += 4000
    assert talking.audio() == (False, 12, 1320 + 4000)


def test_numbers_wrap_on_both_sides() -> None:
    desk = Desk(
        sequence=65_534,
        timestamp=0xFFFFFFFF - FRAME,
        stream=Stream(ssrc=1, sequence=65_533, timestamp=0xFFFFFFFF - 2 * FRAME, payload_type=0),
    )
    sent = [desk.audio() for _ in range(4)]
    assert [one[1:] for one in sent if one] == [(65_534, 0xFFFFFFFF - FRAME), (65_535, 0xFFFFFFFF), (0, 159), (1, 319)]
    desk.sequence = (desk.sequence - 1) & 0xFFFF
    assert desk.audio_at(-1, -2 * FRAME) == (False, 0, 159)


def test_a_key_keeps_the_timestamp_of_its_beginning(talking: Desk) -> None:
    assert [talking.key(marker=number == 0) for number in range(3)] == [
        (True, 12, 1320),
        (False, 13, 1320),
        (False, 14, 1320),
    ]
    talking.timestamp += 1600
    talking.pass_time(0.2 - FRAME_S)
    assert talking.audio() == (False, 15, 1320 + 1600)


def test_a_key_beside_audio_keeps_its_distance(talking: Desk) -> None:
    assert talking.key(marker=True) == (True, 12, 1320)
    assert talking.audio() == (False, 13, 1320)
    assert talking.key(before=FRAME) == (False, 14, 1320)
    assert talking.audio() == (False, 15, 1480)


def test_lost_packets_of_a_key_stay_visible(talking: Desk) -> None:
    talking.key(marker=True)
    talking.sequence += 2
    assert talking.key() == (False, 15, 1320)
    assert talking.key_at(-2, 0) == (False, 14, 1320)


def test_a_key_after_lost_audio_stands_where_it_was_pressed(talking: Desk) -> None:
    talking.lose(2)
    assert talking.key() == (False, 14, 1640)
    assert talking.audio() == (False, 15, 1640)


def test_a_key_may_be_the_first_that_is_heard(desk: Desk) -> None:
    assert desk.key(marker=True) == (True, 11, 1160)
    assert desk.key() == (False, 12, 1160)
    assert desk.audio() == (True, 13, 1160)


@pytest.mark.parametrize("before", [0x10001, -8161])
def test_a_key_far_from_its_time_is_a_new_beginning(talking: Desk, before: int) -> None:
    talking.timestamp += FRAME if before < 0 else 0
    assert talking.key(before=before) == (False, 12, 1320)


def test_what_is_left_out_is_not_taken_for_lost(talking: Desk) -> None:
    talking.relaying.leave_out(talking.sequence, talking.ssrc, talking.now)
    talking.lose(1)
    assert talking.audio() == (False, 12, 1160 + 2 * FRAME)
    talking.lose(1)
    talking.relaying.leave_out(talking.sequence, talking.ssrc, talking.now)
    talking.lose(1)
    assert talking.audio() == (False, 14, 1160 + 5 * FRAME)


@pytest.mark.parametrize(("packets", "ssrc"), [(-1, 7), (0, 8), (SEQUENCE_GAP_LIMIT, 7)])
def test_what_is_left_out_from_elsewhere_changes_nothing(talking: Desk, packets: int, ssrc: int) -> None:
    talking.relaying.leave_out((talking.sequence + packets) & 0xFFFF, ssrc, talking.now)
    assert talking.audio() == (False, 12, 1320)


def test_what_is_late_from_before_something_left_out_takes_nobodys_place(talking: Desk) -> None:
    talking.lose(1)
    assert talking.audio() == (False, 13, 1480)
    talking.relaying.leave_out(talking.sequence, talking.ssrc, talking.now)
    talking.lose(1)
    assert talking.audio_at(-3, -3 * FRAME) is None
    assert talking.audio() == (False, 14, 1160 + 4 * FRAME)
    talking.lose(1)
    assert talking.audio() == (False, 16, 1160 + 6 * FRAME)
    assert talking.audio_at(-2, -2 * FRAME) == (False, 15, 1160 + 5 * FRAME)


STEPS = st.lists(
    st.tuples(
        st.integers(-0x8000, 0x7FFF) | st.integers(-3, 3),
        st.integers(-0x80000000, 0x7FFFFFFF) | st.integers(-3, 3).map(lambda frames: frames * FRAME),
        st.sampled_from([0.0, 0.005, FRAME_S, FRAME_S, 0.1, PAUSE_S, 3.0]),
        st.sampled_from(["audio", "audio", "key", "leave out", "other source", "silence of ours"]),
    ),
    max_size=40,
)


@given(STEPS)
def test_whatever_a_source_does_no_place_is_taken_twice_and_the_line_never_goes_back(
    steps: list[tuple[int, int, float, str]],
) -> None:
    desk = Desk()
    taken = {10}
    heard: set[tuple[int, int]] = set()
    newest, latest = 10, 1000
    for packets, samples, seconds, what in steps:
        desk.sequence = (desk.sequence + packets) & 0xFFFF
        desk.timestamp = (desk.timestamp + samples) & 0xFFFFFFFF
        desk.pass_time(seconds)
        sent = None
        if what == "silence of ours":
            # Nobody else sends before the source has been still for so long.
            desk.pass_time(PAUSE_S)
            desk.stream.catch_up(desk.now)
            sent = _read(desk.stream.next_packet(bytes(FRAME)), 0)
            desk.stream.sent_at = desk.now
        elif what == "other source":
            desk.ssrc += 1
        elif (desk.ssrc, desk.sequence) not in heard:
            # A duplicate never comes so far.
            heard.add((desk.ssrc, desk.sequence))
            if what == "audio":
                sent = desk.audio_at(0, 0)
            elif what == "key":
                sent = desk.key_at(0, 0)
            else:
                desk.relaying.leave_out(desk.sequence, desk.ssrc, desk.now)
        if sent is None:
            continue
        _, sequence, timestamp = sent
        assert sequence not in taken
        taken.add(sequence)
        if (sequence - newest) & 0xFFFF >= 0x8000:
            # What others overtook keeps the distance that its source gave it.
            continue
        newest = sequence
        if what != "key":
            assert (timestamp - latest) & 0xFFFFFFFF < 0x80000000
            latest = timestamp


def test_what_comes_after_an_interruption_begins_anew_by_the_time_that_passed() -> None:
    desk = Desk()
    desk.audio()
    desk.relaying.interrupt()
    desk.lose(1)
    # Nothing is missed: the packet between the two had no place, but its time passed.
    assert desk.audio() == (True, 12, 1000 + 3 * FRAME)


def test_numbers_of_somebody_else_begin_anew_on_the_same_line() -> None:
    desk = Desk()
    first = desk.audio()
    desk.relaying.begin_anew()
    desk.sequence = 40
    second = desk.audio()
    assert first is not None
    assert second == (True, first[1] + 1, first[2] + FRAME)
