"""A file is decoded while it comes, and sounds as if it had come at once."""

from collections.abc import Iterator

import numpy as np
import pytest

from ear import decode_g711, has_tone
from offhook.audio.decode import decode, decode_coming
from offhook.audio.encoded import NOTHING, Encoded
from offhook.audio.encoder import encoded
from offhook.audio.errors import SoundNotAudio, SoundTooLong
from offhook.audio.feeding import Feeding, Source
from offhook.domain.sounds import Codec
from soundfiles import contained, mp3, sine, wav


def feeding(longest_s: float = 600.0) -> Feeding:
    return Feeding(lambda source: encoded(decode_coming(source, longest_s)), b"")


def fed(body: bytes, piece_bytes: int, job: Feeding | None = None) -> Iterator[bytes]:
    """Feed a file piece by piece, each when it is wanted, and yield what sounds."""
    job = job or feeding()
    at = 0
    try:
        for piece in job:
            if piece is None:
                assert at < len(body) or not at
                job.feed(body[at : at + piece_bytes], is_last=at + piece_bytes >= len(body))
                at += piece_bytes
            else:
                yield piece.pcmu
    finally:
        job.close()


TONES = sine(440, 3.0, 48_000)


@pytest.mark.parametrize(
    "body",
    [
        mp3(sine(440, 3.0)),
        mp3(sine(440, 3.0, 16_000), 16_000, 24),
        wav(sine(440, 3.0).tobytes(), 44_100),
        contained("flac", "flac", TONES),
        contained("ogg", "libopus", TONES),
    ],
    ids=["mp3", "mp3-16k", "wav", "flac", "opus"],
)
@pytest.mark.parametrize("piece_bytes", [1_000, 1_000_000])
def test_a_file_that_comes_in_pieces_is_the_same_sound(body: bytes, piece_bytes: int) -> None:
    heard = b"".join(fed(body, piece_bytes))
    whole = b"".join(piece.pcmu for piece in encoded(decode(body, 600.0)))
    assert abs(len(heard) - len(whole)) < 800
    assert has_tone(decode_g711(heard, Codec.PCMU), 440)
    assert np.array_equal(np.frombuffer(heard, np.uint8)[: len(whole)], np.frombuffer(whole, np.uint8)[: len(heard)])


@pytest.mark.parametrize("size", [70_000, 3_000_000])
def test_a_tag_of_any_size_before_an_mp3_is_passed_over(size: int) -> None:
    tag = b"ID3\x04\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + bytes(size)
    heard = b"".join(fed(tag + mp3(sine(440, 1.0)), 50_000))
    assert len(heard) / 8_000 == pytest.approx(1.0, abs=0.1)
    assert has_tone(decode_g711(heard, Codec.PCMU), 440)


def test_files_of_several_rates_joined_into_one_are_played_through_while_they_come() -> None:
    heard = b"".join(fed(mp3(sine(440, 2.0)) + mp3(sine(880, 2.0, 22_050), 22_050), 5_000))
    assert len(heard) / 8_000 == pytest.approx(4.0, abs=0.2)
    assert has_tone(decode_g711(heard[:15_000], Codec.PCMU), 440)
    assert has_tone(decode_g711(heard[17_000:], Codec.PCMU), 880)


def test_what_has_come_is_given_out_before_more_is_wanted() -> None:
    body = mp3(sine(440, 60.0, 16_000), 16_000, 24)
    job = feeding()
    assert next(job) is None
    # Ten seconds.
    job.feed(body[:30_000], is_last=False)
    given = 0
    while (piece := next(job)) is not None:
        given += len(piece.pcmu)
    assert given > 9 * 8_000
    # Whoever asks without having fed it hears the same.
    assert next(job) is None
    job.close()


@pytest.mark.parametrize(
    ("body", "sentence"), [(b"<html>" + b" hello" * 20_000, "web page"), (b"", "is empty"), (bytes(99_000), "no sound")]
)
def test_what_is_no_sound_says_so(body: bytes, sentence: str) -> None:
    with pytest.raises(SoundNotAudio, match=sentence):
        list(fed(body, 7_000))


def test_a_sound_that_is_too_long_ends_at_the_limit() -> None:
    with pytest.raises(SoundTooLong, match="longer than 5 s"):
        list(fed(mp3(sine(440, 10.0)), 7_000, feeding(5.0)))


def test_a_file_that_is_dropped_while_it_comes_keeps_no_thread() -> None:
    for bytes_fed in (0, 10_000):
        job = feeding()
        next(job)
        job.feed(mp3(sine(440, 5.0))[:bytes_fed], is_last=False)
        next(job)
        job.close()
        assert not any(thread.is_alive() for thread in job._thread._threads)


def test_a_defect_of_the_decoder_is_told_to_who_steps_it() -> None:
    def broken(source: Source) -> Iterator[Encoded]:
        source.read(10)
        yield NOTHING
        raise MemoryError

    job = Feeding(broken, b"hello")
    assert next(job) == NOTHING
    with pytest.raises(MemoryError):
        next(job)
    job.close()
