"""What a phone heard, put together by timestamps."""

import numpy as np

from offhook.engine.net.recording import LIMIT_S, RATE, Recording

FIRST = (1).to_bytes(2, "little") * 160
SECOND = (2).to_bytes(2, "little") * 160
THIRD = (3).to_bytes(2, "little") * 160


def test_nothing_was_heard_yet() -> None:
    assert (Recording().samples(), Recording().length) == (b"", 0)


def test_packets_in_disorder_are_put_in_order() -> None:
    recording = Recording()
    for timestamp, samples in ((1000, FIRST), (1320, THIRD), (1160, SECOND)):
        recording.add(7, timestamp, samples)
    assert recording.samples() == FIRST + SECOND + THIRD
    assert recording.length == 480


def test_what_was_lost_is_silence() -> None:
    recording = Recording()
    recording.add(7, 1000, FIRST)
    recording.add(7, 1320, THIRD)
    assert recording.samples() == FIRST + bytes(320) + THIRD


def test_timestamps_may_wrap() -> None:
    recording = Recording()
    recording.add(7, 2**32 - 80, FIRST)
    recording.add(7, 80, SECOND)
    assert recording.samples() == FIRST + SECOND


def test_a_new_stream_goes_on_where_the_last_one_ended() -> None:
    recording = Recording()
    recording.add(7, 4_000_000, FIRST)
    recording.add(8, 12, SECOND)
    recording.add(8, 172, THIRD)
    assert recording.samples() == FIRST + SECOND + THIRD


def test_what_is_older_than_the_first_packet_or_beyond_the_limit_is_not_kept() -> None:
    recording = Recording()
    recording.add(7, 1000, FIRST)
    recording.add(7, 840, SECOND)
    recording.add(7, 1000 + LIMIT_S * RATE, THIRD)
    assert np.array_equal(np.frombuffer(recording.samples(), np.int16), np.full(160, 1))
