"""What a leg plays, frame by frame; its way to the peer is told in test_media_leg."""

from pathlib import Path

import pytest

from ear import RATE, decode_g711, has_tone
from offhook.domain.sounds import Codec
from offhook.engine.media.codecs import SILENCE
from offhook.engine.media.tones import RINGING_HZ
from offhook.engine.net.media_playback import Playback
from offhook.engine.net.orders import Finished, Play
from offhook.engine.net.sound_files import FRAME_BYTES, SoundLibrary

QUIET = SILENCE[Codec.PCMU] * FRAME_BYTES
TURN_FRAMES = 5 * RATE // FRAME_BYTES


class Hall:
    """A playback, what it told, and the library that it reads from."""

    def __init__(self) -> None:
        self.told: list[Finished] = []
        self.library = SoundLibrary()
        self.playback = self.another()

    def another(self) -> Playback:
        return Playback("leg", self.told.append)

    def frames(self, count: int) -> bytes:
        return b"".join(self.playback.next_frame() for _ in range(count))


@pytest.fixture
def hall() -> Hall:
    return Hall()


def _play(path: Path, growing: Path | None = None, loop: int = 1) -> Play:
    return Play("leg", "1:0", str(path), None if growing is None else str(growing), "PCMU", loop)


def test_it_rings_for_ever(hall: Hall) -> None:
    hall.playback.ring()
    turns = [hall.frames(TURN_FRAMES) for _ in range(3)]
    assert turns[0] == turns[1] == turns[2]
    assert has_tone(decode_g711(turns[0][:RATE], Codec.PCMU), RINGING_HZ)
    assert turns[0][RATE:] == QUIET * 200
    assert hall.told == []


def test_a_sound_goes_on_in_g722_from_the_file_beside_its_own(hall: Hall, tmp_path: Path) -> None:
    for suffix, byte in ((".pcmu", b"\x01"), (".g722", b"\x09")):
        (tmp_path / f"sound{suffix}").write_bytes(byte * FRAME_BYTES * 3)
    hall.playback.play(_play(tmp_path / "sound.pcmu"), hall.library)
    assert hall.frames(1) == b"\x01" * FRAME_BYTES
    hall.playback.use(Codec.G722, hall.library)
    assert hall.frames(3) == b"\x09" * 2 * FRAME_BYTES + SILENCE[Codec.G722] * FRAME_BYTES
    assert [finished.underruns for finished in hall.told] == [0]


def test_a_growing_sound_goes_on_in_g722_too(hall: Hall, tmp_path: Path) -> None:
    growing = {suffix: tmp_path / f"sound{suffix}.77.part" for suffix in (".pcma", ".g722")}
    for number, path in enumerate(growing.values()):
        path.write_bytes(bytes([number]) * FRAME_BYTES)
    hall.playback.use(Codec.G722, hall.library)
    order = Play("leg", "1:0", str(tmp_path / "sound.pcma"), str(growing[".pcma"]), "PCMA", 1)
    hall.playback.play(order, hall.library)
    assert hall.frames(1) == b"\x01" * FRAME_BYTES
    growing[".g722"].rename(tmp_path / "sound.g722")
    hall.frames(1)
    assert len(hall.told) == 1


def test_it_goes_on_ringing_in_another_law(hall: Hall) -> None:
    hall.playback.ring()
    hall.frames(25)
    hall.playback.use(Codec.PCMA, hall.library)
    rest = decode_g711(hall.frames(26), Codec.PCMA)
    assert has_tone(rest[: 25 * FRAME_BYTES], RINGING_HZ)
    assert not has_tone(rest[25 * FRAME_BYTES :], RINGING_HZ)


def test_the_same_law_again_changes_nothing(hall: Hall, tmp_path: Path) -> None:
    sound = tmp_path / "sound"
    sound.write_bytes(b"\x01" * 2 * FRAME_BYTES)
    hall.playback.play(_play(sound), hall.library)
    sound.unlink()
    hall.playback.use(Codec.PCMU, hall.library)
    assert hall.frames(2) == b"\x01" * 2 * FRAME_BYTES


@pytest.mark.parametrize("rings", [True, False])
def test_what_is_stopped_is_silence_and_not_told(hall: Hall, tmp_path: Path, rings: bool) -> None:
    if rings:
        hall.playback.ring()
    else:
        sound = tmp_path / "sound"
        sound.write_bytes(b"\x01" * 5 * FRAME_BYTES)
        hall.playback.play(_play(sound), hall.library)
    hall.frames(2)
    hall.playback.stop()
    assert hall.frames(300) == QUIET * 300
    assert hall.told == []


def test_ringing_takes_the_place_of_a_sound_and_a_sound_of_ringing(hall: Hall, tmp_path: Path) -> None:
    sound = tmp_path / "sound"
    sound.write_bytes(b"\x01" * FRAME_BYTES)
    hall.playback.play(_play(sound), hall.library)
    hall.playback.ring()
    hall.frames(TURN_FRAMES)
    assert hall.told == []
    hall.playback.play(_play(sound), hall.library)
    assert hall.frames(2) == b"\x01" * FRAME_BYTES + QUIET
    assert [finished.key for finished in hall.told] == ["1:0"]


def test_a_sound_that_grows_for_several_is_played_to_its_end_by_each(hall: Hall, tmp_path: Path) -> None:
    growing, whole = tmp_path / "growing", tmp_path / "whole"
    growing.write_bytes(b"\x01" * FRAME_BYTES)
    other = hall.another()
    for playback in (hall.playback, other):
        playback.play(_play(whole, growing), hall.library)
    with growing.open("ab") as file:
        file.write(b"\x02" * 2 * FRAME_BYTES)
    growing.rename(whole)
    assert b"".join(other.next_frame() for _ in range(3))[-1:] == b"\x02"
    assert hall.frames(3) == b"\x01" * FRAME_BYTES + b"\x02" * 2 * FRAME_BYTES
    assert len(hall.told) == 2
