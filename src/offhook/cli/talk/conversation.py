"""A call on a sound device: the microphone is said, what is heard sounds, and keys of the keyboard are pressed."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from offhook.cli.talk.devices import AudioDevice
from offhook.cli.talk.jitter import FRAME_BYTES, JitterBuffer
from offhook.cli.talk.keyboard import typing
from offhook.domain.sounds import BYTES_A_SECOND, Codec
from offhook.engine.media.g711 import SILENCE, from_linear16
from offhook.engine.media.tones import PAUSE_MS, key_tones
from offhook.engine.net.phone_media import PhoneMedia

MOST_FRAMES = 10
"""So many frames of the microphone wait for their packet: some devices give several at once. The oldest are dropped."""
MOST_KEYS = 32
TONE_MS = 120
RATE = 8_000


class Conversation:
    """Joins one call and one device for as long as `run` runs."""

    def __init__(self, media: PhoneMedia, device: AudioDevice) -> None:
        self._media = media
        self._device = device
        self._heard = JitterBuffer()
        self._said: deque[bytes] = deque(maxlen=MOST_FRAMES)
        self._keys: deque[str] = deque(maxlen=MOST_KEYS)
        media.overhear(self._heard.put)
        media.say_from(self._next_frame)

    def press(self, key: str) -> None:
        """Press a key once those before it are done."""
        self._keys.append(key)

    async def run(self) -> None:
        """Talk until somebody cancels it. Raises SoundDeviceMissing when the device is gone."""
        while True:
            # The device keeps the time of both directions, so neither runs ahead of the other.
            frame = await self._device.read()
            if self._media.has_started:
                self._said.append(frame)
                self._press_next()
            self._device.write(self._heard.take())

    def _next_frame(self) -> bytes:
        return from_linear16(self._said.popleft()[:FRAME_BYTES], Codec.PCMU) if self._said else b""

    def _press_next(self) -> None:
        media = self._media
        if not self._keys or media.is_pressing or media.is_speaking:
            return
        if media.takes_events:
            media.press(self._keys.popleft())
        else:
            media.speak(in_tones(self._keys.popleft()))


def in_tones(keys: str) -> bytes:
    """Return keys as their tones, in PCMU, 8 kHz, mono, each with a pause behind it."""
    pause = SILENCE[Codec.PCMU] * (PAUSE_MS * BYTES_A_SECOND // 1000)
    return b"".join(from_linear16(key_tones(key, TONE_MS, RATE), Codec.PCMU) + pause for key in keys)


@asynccontextmanager
async def talking(media: PhoneMedia, device: AudioDevice, hang_up: Callable[[], None]) -> AsyncIterator[None]:
    """Hold a conversation for as long as the context lasts; should the device be gone, hang up.

    Keys are pressed as they are typed, and q hangs up. Raises SoundDeviceMissing at the end if the device was gone.
    """
    conversation = Conversation(media, device)
    task = asyncio.create_task(conversation.run())
    # By itself it only ever ends with an error.
    task.add_done_callback(lambda _task: hang_up())
    try:
        with typing(conversation.press, hang_up):
            yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        device.close()
    if not task.cancelled() and (error := task.exception()) is not None:
        raise error
