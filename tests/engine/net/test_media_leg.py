"""What a leg sends: one line of packets, silence or a sound, from the answer to the end."""

from pathlib import Path

import pytest

from leg_peers import Bench, Peer, header
from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import ULAW_TO_ALAW
from offhook.engine.net.orders import Finished, FirstOut, Play
from offhook.engine.net.sound_files import FRAME_BYTES

SILENCE = b"\xff" * FRAME_BYTES
ONE, TWO, THREE = (bytes([value]) * FRAME_BYTES for value in (1, 2, 3))


@pytest.fixture
def peer(hall: Bench) -> Peer:
    peer = hall.peer()
    hall.start(peer)
    return peer


def _play(path: Path, key: str = "1:0", loop: int = 1, *, growing: Path | None = None) -> Play:
    return Play("leg", key, str(path), None if growing is None else str(growing), Codec.PCMU.value, loop)


def _sound(folder: Path, samples: bytes, name: str = "sound.ulaw") -> Path:
    path = folder / name
    path.write_bytes(samples)
    return path


def test_a_leg_that_plays_nothing_sends_silence_on_one_line(hall: Bench, peer: Peer) -> None:
    hall.send(3)
    packets = peer.hears()
    assert [packet[12:] for packet in packets] == [SILENCE] * 3
    assert [header(packet) for packet in packets] == [
        (0, True, 10, 20, 9),
        (0, False, 11, 180, 9),
        (0, False, 12, 340, 9),
    ]


def test_the_first_packet_is_told_once(hall: Bench, peer: Peer) -> None:
    hall.send(3)
    first = peer.hears()[0]
    assert hall.all(FirstOut) == [FirstOut("leg", 1000.0, first[:12].hex())]


def test_silence_is_that_of_the_codec(hall: Bench) -> None:
    peer = hall.peer()
    hall.connect(hall.order(peer, codec="PCMA"))
    hall.send()
    [packet] = peer.hears()
    assert (header(packet)[0], packet[12:]) == (8, b"\xd5" * FRAME_BYTES)


def test_a_sound_is_sliced_and_its_end_told_with_its_last_packet(hall: Bench, peer: Peer, tmp_path: Path) -> None:
    hall.play(_play(_sound(tmp_path, ONE + TWO + THREE)))
    hall.send(2)
    assert not hall.all(Finished)
    hall.send()
    assert hall.all(Finished) == [Finished("leg", "1:0", 0)]
    hall.send()
    assert peer.payloads() == ONE + TWO + THREE + SILENCE
    assert len(hall.all(Finished)) == 1


def test_the_line_of_packets_does_not_begin_anew_with_a_sound(hall: Bench, peer: Peer, tmp_path: Path) -> None:
    hall.send()
    hall.play(_play(_sound(tmp_path, ONE)))
    hall.send(2)
    assert [header(packet)[1:4] for packet in peer.hears()] == [(True, 10, 20), (False, 11, 180), (False, 12, 340)]


def test_the_last_piece_of_a_sound_is_filled_with_silence(hall: Bench, peer: Peer, tmp_path: Path) -> None:
    hall.play(_play(_sound(tmp_path, ONE + b"\x02\x02")))
    hall.send(2)
    assert peer.payloads() == ONE + b"\x02\x02" + SILENCE[2:]
    assert len(hall.all(Finished)) == 1


@pytest.mark.parametrize("tail", [b"", b"\x07"])
def test_a_loop_plays_the_whole_sound_again_without_a_gap(hall: Bench, peer: Peer, tmp_path: Path, tail: bytes) -> None:
    once = ONE + TWO + (tail + SILENCE[len(tail) :] if tail else b"")
    hall.play(_play(_sound(tmp_path, ONE + TWO + tail), loop=3))
    packets = 3 * len(once) // FRAME_BYTES
    hall.send(packets - 1)
    assert not hall.all(Finished)
    hall.send()
    assert peer.payloads() == 3 * once
    assert len(hall.all(Finished)) == 1


def test_an_empty_sound_is_over_at_once(hall: Bench, peer: Peer, tmp_path: Path) -> None:
    hall.play(_play(_sound(tmp_path, b"")))
    hall.send()
    assert peer.payloads() == SILENCE
    assert hall.all(Finished) == [Finished("leg", "1:0", 0)]


def test_a_new_sound_takes_the_place_of_the_old_one_whose_end_is_never_told(
    hall: Bench, peer: Peer, tmp_path: Path
) -> None:
    hall.play(_play(_sound(tmp_path, ONE + ONE, "one"), "1:0"))
    hall.send()
    hall.play(_play(_sound(tmp_path, TWO, "two"), "2:0"))
    hall.send(2)
    assert peer.payloads() == ONE + TWO + SILENCE
    assert [finished.key for finished in hall.all(Finished)] == ["2:0"]


def test_a_sound_that_is_gone_is_an_error_and_what_plays_goes_on(hall: Bench, peer: Peer, tmp_path: Path) -> None:
    hall.play(_play(_sound(tmp_path, ONE + TWO), "1:0"))
    hall.send()
    with pytest.raises(FileNotFoundError):
        hall.play(_play(tmp_path / "gone", "2:0"))
    hall.send()
    assert peer.payloads() == ONE + TWO
    assert [finished.key for finished in hall.all(Finished)] == ["1:0"]


def test_a_growing_sound_is_played_as_it_grows(hall: Bench, peer: Peer, tmp_path: Path) -> None:
    growing = _sound(tmp_path, ONE, "sound.growing")
    whole = tmp_path / "sound.ulaw"
    hall.play(_play(whole, growing=growing))
    hall.send()
    growing.write_bytes(ONE + TWO)
    hall.send()
    growing.write_bytes(ONE + TWO + THREE)
    growing.rename(whole)
    hall.send()
    assert peer.payloads() == ONE + TWO + THREE
    assert hall.all(Finished) == [Finished("leg", "1:0", 0)]


def test_silence_stands_in_for_samples_that_are_late_and_none_is_lost(hall: Bench, peer: Peer, tmp_path: Path) -> None:
    growing = _sound(tmp_path, ONE + TWO[:100], "sound.growing")
    whole = tmp_path / "sound.ulaw"
    hall.play(_play(whole, growing=growing))
    hall.send(3)
    assert peer.payloads() == ONE + SILENCE + SILENCE
    growing.write_bytes(ONE + TWO + THREE)
    hall.send()
    growing.rename(whole)
    hall.send()
    assert peer.payloads() == TWO + THREE
    assert hall.all(Finished) == [Finished("leg", "1:0", 2)]
    assert hall.leg.close(hall.now).late == 2


def test_a_sound_that_its_maker_gave_up_ends_where_it_stopped(hall: Bench, peer: Peer, tmp_path: Path) -> None:
    growing = _sound(tmp_path, ONE + TWO[:100], "sound.growing")
    hall.play(_play(tmp_path / "sound.ulaw", growing=growing))
    hall.send()
    growing.unlink()
    hall.send(2)
    assert peer.payloads() == ONE + TWO[:100] + SILENCE[100:] + SILENCE
    assert hall.all(Finished) == [Finished("leg", "1:0", 0)]


def test_a_codec_that_changes_goes_on_with_the_sound_where_it_was(hall: Bench, peer: Peer, tmp_path: Path) -> None:
    hall.play(_play(_sound(tmp_path, ONE + TWO)))
    hall.send()
    hall.connect(hall.order(peer, codec="PCMA"))
    hall.send(2)
    first, second, third = peer.hears()
    assert (header(first)[0], first[12:]) == (0, ONE)
    assert (header(second)[:3], second[12:]) == ((8, False, 11), TWO.translate(ULAW_TO_ALAW))
    assert third[12:] == b"\xd5" * FRAME_BYTES
    assert len(hall.all(Finished)) == 1


def test_a_codec_that_changes_after_the_sound_was_evicted_ends_it(hall: Bench, peer: Peer, tmp_path: Path) -> None:
    sound = _sound(tmp_path, ONE + TWO)
    hall.play(_play(sound))
    hall.send()
    sound.unlink()
    hall.connect(hall.order(peer, codec="PCMA"))
    assert hall.all(Finished) == [Finished("leg", "1:0", 0)]
    hall.send()
    assert peer.hears()[-1][12:] == b"\xd5" * FRAME_BYTES


def test_a_sound_may_be_ordered_before_it_is_known_who_the_peer_is(hall: Bench, tmp_path: Path) -> None:
    hall.play(_play(_sound(tmp_path, ONE)))
    peer = hall.peer()
    hall.connect(hall.order(peer, codec="PCMA"))
    hall.send()
    assert peer.payloads() == ONE.translate(ULAW_TO_ALAW)


def test_the_end_tells_what_was_sent(hall: Bench, peer: Peer) -> None:
    hall.send(5)
    closed = hall.leg.close(hall.now)
    assert (closed.leg, closed.sent, closed.received, closed.lost, closed.late) == ("leg", 5, 0, 0, 0)
    assert (closed.peer_lost, closed.peer_jitter_ms, closed.round_trip_ms) == (None, None, None)
