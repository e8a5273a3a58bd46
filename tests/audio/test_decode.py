"""Files are decoded by what they hold and not by what they claim."""

import os
from collections.abc import Iterator

import numpy as np
import pytest

from ear import has_tone
from offhook.audio.decode import decode
from offhook.audio.encoder import RATE
from offhook.audio.errors import SoundNotAudio, SoundTooLong
from soundfiles import contained, mp3, sine, wav

LONGEST_S = 600.0


def decoded(body: bytes, longest_s: float = LONGEST_S) -> bytes:
    return b"".join(decode(body, longest_s))


def seconds(pcm: bytes) -> float:
    return len(pcm) / 2 / RATE


@pytest.mark.parametrize(
    "body",
    [
        mp3(sine(440, 2.0)),
        mp3(sine(440, 2.0, 16_000), 16_000, 24),
        wav(sine(440, 2.0).tobytes(), 44_100),
        wav(np.repeat(sine(440, 2.0, 8_000), 2).tobytes(), 8_000, channels=2),
        wav(sine(440, 2.0, 4_000).tobytes(), 4_000),
        wav(sine(440, 2.0, 192_000).tobytes(), 192_000),
        contained("flac", "flac", sine(440, 2.0, 48_000)),
        contained("ogg", "libopus", sine(440, 2.0, 48_000)),
        contained("ogg", "flac", sine(440, 2.0, 48_000)),
        contained("wav", "pcm_mulaw", sine(440, 2.0, 8_000), 8_000),
    ],
    ids=["mp3", "mp3-16k", "wav", "wav-stereo", "wav-4k", "wav-192k", "flac", "opus", "ogg-flac", "wav-mulaw"],
)
def test_a_tone_is_still_that_tone_at_16_khz(body: bytes) -> None:
    pcm = decoded(body)
    assert seconds(pcm) == pytest.approx(2.0, abs=0.1)
    assert has_tone(pcm, 440, RATE)
    assert not has_tone(pcm, 880, RATE)


def test_the_sound_comes_in_pieces_of_about_two_seconds() -> None:
    pieces = [seconds(piece) for piece in decode(mp3(sine(440, 9.0)), LONGEST_S)]
    assert len(pieces) == 5
    assert max(pieces) < 2.2


def test_files_of_several_rates_joined_into_one_are_played_through() -> None:
    pcm = decoded(mp3(sine(440, 2.0)) + mp3(sine(880, 2.0, 22_050), 22_050) + mp3(sine(440, 2.0)))
    assert seconds(pcm) == pytest.approx(6.0, abs=0.3)
    assert has_tone(pcm[:60_000], 440, RATE)
    assert has_tone(pcm[72_000:120_000], 880, RATE)


def test_a_truncated_mp3_plays_as_far_as_it_goes() -> None:
    body = mp3(sine(440, 4.0))
    assert seconds(decoded(body[: len(body) // 2 + 7])) == pytest.approx(2.0, abs=0.2)


def test_bad_packets_are_skipped() -> None:
    body = bytearray(mp3(sine(440, 4.0)))
    body[5_000:5_400] = os.urandom(400)
    pcm = decoded(bytes(body))
    assert seconds(pcm) == pytest.approx(4.0, abs=0.4)
    assert has_tone(pcm, 440, RATE)


@pytest.mark.parametrize("claimed", [0, 80_000_000, 0xFFFF_FF00])
def test_a_wav_header_that_lies_about_its_length_is_not_believed(claimed: int) -> None:
    pcm = decoded(wav(sine(440, 0.6, 8_000).tobytes(), claimed_bytes=claimed))
    assert seconds(pcm) == pytest.approx(0.6, abs=0.02)


def id3(size: int) -> bytes:
    """Return a tag of about so many bytes (ID3v2.4 section 3.1: seven bits of the length in each byte)."""
    return b"ID3\x04\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + bytes(size)


@pytest.mark.parametrize("size", [100, 70_000, 2_000_000, 15_000_000])
def test_a_tag_of_any_size_before_an_mp3_is_passed_over(size: int) -> None:
    pcm = decoded(id3(size) + mp3(sine(440, 1.0)))
    assert seconds(pcm) == pytest.approx(1.0, abs=0.1)
    assert has_tone(pcm, 440, RATE)


def test_an_mp3_that_claims_a_million_frames_plays_those_that_it_has() -> None:
    body = mp3(sine(440, 2.0))
    # A Xing header stands in a frame of its own before the first, 21 bytes behind the frame's header (mono).
    frame = body[: body.index(body[:2], 4)]
    xing = (frame[:4] + bytes(17) + b"Xing\0\0\0\3" + b"\0\x0f\xff\xff" + b"\x7f\xff\xff\xff").ljust(len(frame), b"\0")
    assert seconds(decoded(xing + body)) == pytest.approx(2.0, abs=0.15)


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfb\x00\xc4" * 20_000,
        b"\xff\xfb\xf0\xc4" * 20_000,
        b"\xff\xfb\x50\xc4" * 20_000,
        b"\xff\xfb\x5c\xc4" + bytes(200_000),
        id3(0) * 5_000,
        id3(0x0FFF_FFFF // 64)[:500],
    ],
    ids=["free-format", "no-bit-rate", "headers-alone", "no-sample-rate", "tags-alone", "tag-cut-off"],
)
def test_frames_with_nothing_in_them_are_no_long_sound(body: bytes) -> None:
    try:
        pcm = decoded(body, 600.0)
    except SoundNotAudio:
        return
    # The smallest frame (32 kbit/s) is 104 bytes long and 26 ms of 44.1 kHz.
    assert seconds(pcm) <= len(body) / 104 * 0.0262


def test_an_mp3_whose_headers_lie_about_its_rate_plays_at_the_rate_that_they_say() -> None:
    body = bytearray(mp3(sine(440, 2.0)))
    first = bytes(body[:2])
    at, frames = 0, 0
    while (at := body.find(first, at)) >= 0:
        # From 44.1 to 48 kHz: other frame lengths follow, so most frames are found where none is.
        body[at + 2] = body[at + 2] & ~0x0C | 0x04
        at, frames = at + 4, frames + 1
    assert frames > 50
    try:
        assert seconds(decoded(bytes(body))) < 3.0
    except SoundNotAudio:
        return


@pytest.mark.parametrize("rate", [1, 2, 3_999, 192_001, 2_000_000_000])
def test_an_impossible_sample_rate_is_refused(rate: int) -> None:
    # Two samples a second make 5,000 s of 10 KB.
    with pytest.raises(SoundNotAudio, match=f"a sample rate of {rate} Hz"):
        decoded(wav(bytes(10_000), rate, width=1))


def test_too_many_channels_are_refused() -> None:
    with pytest.raises(SoundNotAudio, match="9 channels"):
        decoded(wav(bytes(9 * 2 * 8_000), channels=9))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "the file is empty"),
        (b" \n<!DOCTYPE html><html>" + b"hello " * 1000, "it looks like a web page"),
        (b"\0", "no sound that is played"),
        (bytes(100_000), "no sound that is played"),
        (wav(b""), "holds none that can be played"),
        (wav(bytes(100))[:30], "holds none that can be played"),
        (b"#EXTM3U\nfile:///etc/hostname\n", "it is a playlist"),
        (b"ffconcat version 1.0\nfile '/etc/hostname'\n", "it is text"),
        (contained("adts", "aac", sine(440, 1.0, 48_000)), "the file is AAC, which is not played"),
        (contained("matroska", "flac", sine(440, 1.0, 48_000)), "the file is WebM or Matroska, which is not played"),
        (contained("ipod", "aac", sine(440, 1.0, 48_000)), "the file is MP4"),
        (b"OggS" + bytes(500), "holds none that can be played"),
    ],
)
def test_what_is_no_sound_says_so(body: bytes, sentence: str) -> None:
    with pytest.raises(SoundNotAudio, match=sentence):
        decoded(body)


def test_noise_bytes_never_break_the_decoder() -> None:
    random = np.random.default_rng(3)
    good = mp3(sine(440, 1.0))
    for _ in range(30):
        junk = random.bytes(3_000)
        for body in (junk, b"ID3" + junk, b"RIFF" + junk, b"fLaC" + junk, b"OggS" + junk, good[:2_000] + junk + good):
            try:
                decoded(body)
            except SoundNotAudio:
                continue


def test_a_sound_that_is_too_long_ends_at_the_limit() -> None:
    pieces: Iterator[bytes] = decode(mp3(sine(440, 10.0)), 5.0)
    assert seconds(next(pieces)) < 2.2
    with pytest.raises(SoundTooLong, match="longer than 5 s"):
        list(pieces)


def test_a_body_of_the_greatest_size_with_junk_in_it_gives_the_turn_to_others() -> None:
    pieces = list(decode(mp3(sine(440, 1.0)) + np.random.default_rng(1).bytes(8_000_000), LONGEST_S))
    assert seconds(b"".join(pieces)) < 60
