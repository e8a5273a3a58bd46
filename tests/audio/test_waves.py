import pytest

from offhook.audio.waves import Header, read_header, write_header
from offhook.engine.media import wav
from soundfiles import wav as foreign


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (16_000, 2)])
def test_a_header_is_what_the_recorder_writes_and_what_the_standard_library_reads(rate: int, channels: int) -> None:
    header = Header(rate, channels, 1600)
    assert write_header(header) == wav.header(rate, channels, 1600)
    assert read_header(write_header(header)) == header
    assert read_header(foreign(bytes(1600), rate, channels)) == header


@pytest.mark.parametrize(
    "head",
    [
        b"",
        write_header(Header(8_000, 1, 0))[:43],
        b"RIFX" + write_header(Header(8_000, 1, 0))[4:],
        foreign(bytes(8), width=1),
        write_header(Header(0, 1, 0)),
        write_header(Header(8_000, 0, 0)),
    ],
)
def test_anything_else_is_no_header(head: bytes) -> None:
    assert read_header(head) is None
