"""Messages between processes: any list survives, however its bytes are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.net.frames import FRAME_LIMIT, Frames, encode
from offhook.errors import ProtocolError

VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text())
LISTS = st.lists(VALUES, max_size=6)


def _frame(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


@given(st.lists(LISTS, max_size=5), st.data())
def test_frames_come_out_as_they_went_in_however_they_are_cut(
    messages: list[list[object]], data: st.DataObject
) -> None:
    wire = b"".join(encode(message) for message in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=8)))
    frames = Frames()
    found = []
    for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        found += frames.feed(wire[start:end])
    assert found == messages


def test_half_a_frame_waits_for_the_rest() -> None:
    frames = Frames()
    wire = encode(["Start", "leg"])
    assert frames.feed(wire[:3]) == []
    assert frames.feed(wire[3:-1]) == []
    assert frames.feed(wire[-1:]) == [["Start", "leg"]]


def test_the_largest_frame_is_read_and_a_larger_one_refused() -> None:
    largest = encode(["x" * (FRAME_LIMIT - 4)])
    assert Frames().feed(largest) == [["x" * (FRAME_LIMIT - 4)]]
    with pytest.raises(ProtocolError, match=f"{FRAME_LIMIT + 1} bytes"):
        Frames().feed((FRAME_LIMIT + 1).to_bytes(4, "big"))


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xff", b"{}", b"7", b'"text"', b"null"])
def test_what_is_no_list_in_json_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        Frames().feed(_frame(body))
