"""What each direction means, and when a stream can be reached."""

import pytest

from offhook.engine.media.sdp import Audio, Direction


@pytest.mark.parametrize(
    ("direction", "sends", "receives"),
    [
        (Direction.SENDRECV, True, True),
        (Direction.SENDONLY, True, False),
        (Direction.RECVONLY, False, True),
        (Direction.INACTIVE, False, False),
    ],
)
def test_a_direction_is_what_its_side_sends_and_receives(direction: Direction, sends: bool, receives: bool) -> None:
    assert (direction.sends, direction.receives) == (sends, receives)
    assert Direction.flowing(sends=sends, receives=receives) is direction


@pytest.mark.parametrize(("address", "reachable"), [("192.0.2.1", True), ("0.0.0.0", False), ("::", False)])
def test_nobody_can_be_reached_at_an_unspecified_address(address: str, reachable: bool) -> None:
    audio = Audio(address, 4000, (), Direction.SENDRECV, None, False, None, None)
    assert audio.is_reachable is reachable
