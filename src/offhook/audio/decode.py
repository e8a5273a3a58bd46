"""A file's bytes to PCM, trusting nothing that its headers say. Runs in the audio worker.

The library sees a file-like object and never a name or URL, may use four demuxers and the codecs that
belong in them, and is asked packet by packet, so that a bad one is skipped. Length is what was
decoded: a header may claim anything.
"""

import io
from collections.abc import Callable, Iterator
from typing import Protocol

import av
from av.audio.stream import AudioStream

from offhook.audio.encoder import RATE
from offhook.audio.errors import SoundNotAudio, SoundTooLong
from offhook.audio.looks import complaint
from offhook.audio.resample import Resampler

FORMATS = "mp3,wav,ogg,flac"
COMPRESSED = ("mp3", "mp3float", "mp2", "mp2float", "vorbis", "libvorbis", "opus", "libopus", "flac")
PLAIN = ("pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_mulaw", "pcm_alaw")
OLD = ("adpcm_ms", "adpcm_ima_wav", "gsm_ms")
CODECS = frozenset((*COMPRESSED, *PLAIN, *OLD))
LOWEST_RATE, HIGHEST_RATE = 4_000, 192_000
MOST_CHANNELS = 8

# A step ends with this many bytes of PCM (two seconds), or after this many packets that gave nothing.
PIECE_BYTES = 2 * RATE * 2
PIECE_PACKETS = 500
# Of a file that comes slowly nothing is held back: a piece ends where the bytes do, after 100 ms at least.
SMALLEST_PIECE_BYTES = RATE * 2 // 10
# So much (bytes, microseconds) the library may look at before it begins.
HASTE = {"probesize": "32768", "analyzeduration": "500000"}


class Coming(Protocol):
    """A file that is still on its way: it can only be read on."""

    beginning: bytes

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, waiting for the first; none at the end."""
        ...

    def is_dry(self) -> bool:
        """Whether the next `read` would wait."""
        ...


def decode(body: bytes, longest_s: float) -> Iterator[bytes]:
    """Yield the sound as PCM (16 kHz, mono, signed 16 bit, native order), about two seconds at a time.

    A piece may be empty: it only gives the turn to others. Raises SoundNotAudio, SoundTooLong.
    """
    return _limited(_pieces(_frames(io.BytesIO(body), {}), lambda: False), longest_s, lambda: body)


def decode_coming(file: Coming, longest_s: float) -> Iterator[bytes]:
    """Yield the sound of a file that still comes as `decode` does, in smaller pieces where it comes slowly."""
    return _limited(_pieces(_frames(file, HASTE), file.is_dry), longest_s, lambda: file.beginning)


def _limited(pieces: Iterator[bytes], longest_s: float, beginning: Callable[[], bytes]) -> Iterator[bytes]:
    given = 0
    for piece in pieces:
        given += len(piece) // 2
        if given > longest_s * RATE:
            raise SoundTooLong(f"the sound is longer than {longest_s:g} s")
        yield piece
    if not given:
        raise SoundNotAudio(complaint(beginning()))


def _pieces(frames: Iterator[av.AudioFrame | None], is_dry: Callable[[], bool]) -> Iterator[bytes]:
    resampler = Resampler()
    piece, idle = bytearray(), 0
    for frame in frames:
        idle += 1
        if frame is not None:
            try:
                piece += resampler.feed(frame)
            except (av.FFmpegError, ValueError):
                continue
        if len(piece) >= PIECE_BYTES or idle >= PIECE_PACKETS or (len(piece) >= SMALLEST_PIECE_BYTES and is_dry()):
            yield bytes(piece)
            piece, idle = bytearray(), 0
    yield bytes(piece) + resampler.flush()


def _frames(file: io.BytesIO | Coming, options: dict[str, str]) -> Iterator[av.AudioFrame | None]:
    """Yield frames of sound, and None for each packet that held none."""
    try:
        with av.open(
            file, "r", options={"format_whitelist": FORMATS, **options}, metadata_errors="ignore"
        ) as container:
            if not container.streams.audio:
                raise SoundNotAudio("the file holds no sound")
            stream = container.streams.audio[0]
            if stream.codec_context.name not in CODECS:
                raise SoundNotAudio(f"sound in the format {stream.codec_context.name} is not played")
            stream.codec_context.thread_count = 1
            for packet in container.demux(stream):
                yield from _decoded(packet)
    except (av.FFmpegError, ValueError):
        # What came before the damage is played; a file that is damaged from its first byte gave nothing.
        return


def _decoded(packet: "av.Packet[AudioStream]") -> Iterator[av.AudioFrame | None]:
    try:
        frames = packet.decode()
    except (av.FFmpegError, ValueError):
        frames = []
    for frame in frames:
        if not LOWEST_RATE <= frame.sample_rate <= HIGHEST_RATE:
            raise SoundNotAudio(f"a sample rate of {frame.sample_rate} Hz is not played, only 4 to 192 kHz")
        if frame.layout.nb_channels > MOST_CHANNELS:
            raise SoundNotAudio(f"{frame.layout.nb_channels} channels are not played, only 1 to {MOST_CHANNELS}")
        yield frame
    if not frames:
        yield None
