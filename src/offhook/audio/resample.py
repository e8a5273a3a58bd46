"""Any audio to PCM of 16 kHz, mono, signed 16 bit, native order. Runs in the audio worker."""

import av

from offhook.audio.encoder import RATE, pcm_frame


class Resampler:
    """Resamples a stream of frames. Rate and layout may change on the way: joined MP3 files do that."""

    def __init__(self) -> None:
        self._resampler: av.AudioResampler | None = None
        self._shape: tuple[int, str, str] | None = None

    def feed(self, frame: av.AudioFrame) -> bytes:
        """Return what became playable; raises FFmpegError or ValueError when the frame's shape is impossible."""
        shape = (frame.sample_rate, frame.layout.name, frame.format.name)
        ended = b""
        if shape != self._shape:
            ended = self.flush()
            self._resampler, self._shape = av.AudioResampler("s16", "mono", RATE), shape
        assert self._resampler is not None
        # Only a continuous line of samples is wanted: time stamps of broken files would open gaps.
        frame.pts = None
        return ended + _joined(self._resampler.resample(frame))

    def flush(self) -> bytes:
        """Return the last samples that the filter still held."""
        if self._resampler is None:
            return b""
        resampler, self._resampler, self._shape = self._resampler, None, None
        return _joined(resampler.resample(None))


def resampled(pcm: bytes, rate: int) -> bytes:
    """Resample one piece of PCM (mono, signed 16 bit, native order) from `rate` to 16 kHz."""
    if not pcm:
        return b""
    resampler = Resampler()
    return resampler.feed(pcm_frame(pcm, rate)) + resampler.flush()


def _joined(frames: list[av.AudioFrame]) -> bytes:
    return b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in frames)
