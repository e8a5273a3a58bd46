"""What a call needs of a computer's sound: a microphone and a loudspeaker that keep one time."""

from typing import Protocol


class AudioDevice(Protocol):
    """20 ms in for 20 ms out: signed 16 bits, little endian, 8 kHz, mono, 320 bytes a frame."""

    async def read(self) -> bytes:
        """Wait for the next frame of the microphone; raises SoundDeviceMissing when the device is gone."""
        ...

    def write(self, frame: bytes) -> None:
        """Let a frame sound as soon as what was written before has sounded; never waits."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...
