"""Audio in packets of another length: nothing is lost, nothing is moved in time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.media.recutting import Piece, Recutting

SSRC = 7


def sound(length: int, first: int = 0) -> bytes:
    return bytes((first + place) & 0xFF for place in range(length))


def cut(cutting: Recutting, sequence: int, timestamp: int, payload: bytes, *, marker: bool = False) -> list[Piece]:
    return cutting.cut(sequence, timestamp, SSRC, marker, payload)


@pytest.mark.parametrize("theirs", [80, 160, 240, 320, 400, 480])
@pytest.mark.parametrize("ours", [80, 160, 240, 320, 400, 480])
def test_every_length_becomes_every_other(theirs: int, ours: int) -> None:
    cutting, whole = Recutting(ours), sound(4800)
    pieces = [
        piece
        for number, at in enumerate(range(0, 4800, theirs))
        for piece in cut(cutting, 0xFFFE + number & 0xFFFF, at, whole[at : at + theirs], marker=at == 0)
    ]
    assert b"".join(piece.payload for piece in pieces) == whole
    assert {len(piece.payload) for piece in pieces} == {ours}
    assert [piece.timestamp for piece in pieces] == list(range(0, 4800, ours))
    assert [piece.sequence for piece in pieces] == [0xFFFE + n & 0xFFFF for n in range(len(pieces))]
    assert [piece.marker for piece in pieces] == [True] + [False] * (len(pieces) - 1)


def test_what_was_lost_is_a_gap_of_its_length_and_the_rest_before_it_leaves_as_it_is() -> None:
    cutting = Recutting(160)
    assert len(cut(cutting, 1, 0, sound(240))) == 1
    # Two packets of 30 ms are lost: three of 20 ms.
    short, *pieces = cut(cutting, 4, 720, sound(240))
    assert (short.sequence, short.timestamp, len(short.payload)) == (2, 160, 80)
    assert [(piece.sequence, piece.timestamp) for piece in pieces] == [(6, 720)]


def test_a_loss_whose_time_makes_no_sense_is_a_gap_all_the_same() -> None:
    cutting = Recutting(160)
    cut(cutting, 1, 8000, sound(160))
    [piece] = cut(cutting, 4, 0, sound(160))
    assert (piece.sequence, piece.timestamp) == (4, 0)


@pytest.mark.parametrize("marker", [False, True])
def test_a_pause_ends_a_packet(marker: bool) -> None:
    cutting = Recutting(160)
    assert cut(cutting, 1, 0, sound(80)) == []
    [short, whole] = cut(cutting, 2, 8000, sound(160, 9), marker=marker)
    assert short == Piece(1, 0, False, sound(80))
    assert whole == Piece(2, 8000, marker, sound(160, 9))


def test_what_comes_too_late_has_no_place() -> None:
    cutting = Recutting(80)
    cut(cutting, 1, 0, sound(160))
    cut(cutting, 3, 320, sound(160))
    assert cut(cutting, 2, 160, sound(160)) == []
    assert cutting.number(2, SSRC) is None


def test_a_new_source_and_a_jump_go_on_with_our_numbers() -> None:
    cutting = Recutting(160)
    [first] = cut(cutting, 100, 0, sound(160))
    [second] = cutting.cut(5000, 77, SSRC + 1, False, sound(160))
    [third] = cutting.cut(40_000, 99, SSRC + 1, False, sound(160))
    assert [piece.sequence for piece in (first, second, third)] == [100, 101, 102]
    assert (second.timestamp, third.timestamp) == (77, 99)


def test_what_is_no_audio_has_a_number_and_what_is_left_out_none() -> None:
    cutting = Recutting(80)
    cut(cutting, 1, 0, sound(160))
    assert cutting.number(2, SSRC) == 3
    # One was lost before this one.
    assert cutting.number(4, SSRC) == 5
    cutting.leave_out(5, SSRC)
    [piece, _] = cut(cutting, 6, 160, sound(160))
    assert piece.sequence == 6
    cutting.leave_out(3, SSRC)
    assert Recutting(80).number(9, SSRC) == 9


@given(st.lists(st.integers(0, 500), max_size=30), st.sampled_from([80, 160, 240, 480]))
def test_no_byte_is_lost_whatever_the_lengths_are(lengths: list[int], size: int) -> None:
    cutting, timestamp, whole, heard = Recutting(size), 0, b"", b""
    for number, length in enumerate(lengths):
        payload = sound(length, timestamp)
        heard += b"".join(piece.payload for piece in cut(cutting, number, timestamp, payload))
        whole += payload
        timestamp += length
    assert whole.startswith(heard)
    assert len(whole) - len(heard) < size
