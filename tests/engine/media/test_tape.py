"""Sound put together as it was in time."""

from struct import unpack

from offhook.engine.media.tape import HOLD_S, Tape, Track

BEGAN = 100.0


def samples(value: int, count: int = 160) -> bytes:
    return value.to_bytes(2, "little") * count


def heard(data: bytes) -> list[int]:
    return list(unpack(f"<{len(data) // 2}H", data))


def test_packets_stand_where_their_timestamps_say() -> None:
    tape = Tape(BEGAN, 8000, 1)
    for number, late in ((0, 0.0), (2, 0.03), (1, 0.05)):
        tape.add(0, 7, 1000 + 160 * number, samples(number + 1), BEGAN + 0.02 * (number + 1) + late)
    assert heard(tape.take(BEGAN + 0.06)) == [1] * 160 + [2] * 160 + [3] * 160
    assert tape.length == 480


def test_what_is_lost_is_silence_and_so_is_the_time_before_and_after() -> None:
    tape = Tape(BEGAN, 8000, 1)
    tape.add(0, 7, 5000, samples(1), BEGAN + 0.04)
    tape.add(0, 7, 5320, samples(2), BEGAN + 0.08)
    assert heard(tape.take(BEGAN + 0.1)) == [0] * 160 + [1] * 160 + [0] * 160 + [2] * 160 + [0] * 160


def test_what_is_taken_in_pieces_is_the_whole() -> None:
    tape = Tape(BEGAN, 8000, 1)
    tape.add(0, 7, 0, samples(1), BEGAN + 0.02)
    first = tape.take(BEGAN + 0.0125)
    assert heard(first) == [1] * 100
    assert heard(tape.take(BEGAN + 0.025)) == [1] * 60 + [0] * 40
    assert tape.take(BEGAN) == b""


def test_what_comes_behind_its_time_is_left_out() -> None:
    tape = Tape(BEGAN, 8000, 1)
    tape.add(0, 7, 0, samples(1), BEGAN + 0.02)
    tape.add(0, 7, 160, samples(2), BEGAN + 0.04)
    tape.take(BEGAN + HOLD_S)
    tape.add(0, 7, 320, samples(3), BEGAN + 0.06)
    tape.add(0, 7, 480, b"", BEGAN + 2)
    assert set(heard(tape.take(BEGAN + 2 * HOLD_S))) == {0}


def test_two_sides_are_interleaved_the_first_one_left() -> None:
    tape = Tape(BEGAN, 8000, 2)
    tape.add(0, 7, 0, samples(1, 2), BEGAN + 0.00025)
    tape.add(1, 8, 99, samples(2, 2), BEGAN + 0.0005)
    assert heard(tape.take(BEGAN + 0.0005)) == [1, 0, 1, 0, 0, 2, 0, 2]


def test_sixteen_thousand_samples_a_second_are_two_a_tick() -> None:
    tape = Tape(BEGAN, 16000, 1)
    tape.add(0, 7, 0, samples(1, 320), BEGAN + 0.02)
    tape.add(0, 7, 160, samples(2, 320), BEGAN + 0.04)
    assert heard(tape.take(BEGAN + 0.04)) == [1] * 320 + [2] * 320


def test_a_timestamp_that_wraps_goes_on_and_one_that_jumps_is_not_believed() -> None:
    track = Track(BEGAN)
    assert track.place(7, 0xFFFFFFB0, 160, BEGAN + 0.02) == 0
    assert track.place(7, 80, 160, BEGAN + 0.04) == 160
    assert track.place(7, 900_000, 160, BEGAN + 0.06) == 320
    assert track.place(9, 5, 160, BEGAN + 0.08) == 480
    # Late by less than the tolerance, it still has the place of its timestamp.
    assert track.place(9, 165, 160, BEGAN + 0.4) == 640


def test_nothing_stands_before_the_beginning() -> None:
    assert Track(BEGAN).place(7, 0, 160, BEGAN + 0.001) == 0
