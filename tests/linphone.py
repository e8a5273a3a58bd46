"""Linphone on another host, without a sound card: `linphonec`, driven by the lines that a person would type.

It speaks a WAV file and writes what it hears into another; all else that it keeps stays in the folder that it is given.
"""

import subprocess
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from free_ports import sip_port, udp_range
from networks import Host
from tones import RATE

SETTINGS = """\
[sip]
sip_port={sip_port}
sip_tcp_port={sip_port}
sip_tls_port=-1
use_ipv6=0
contact="{user}" <sip:{user}@{host}>
[rtp]
audio_rtp_port={rtp_port}
"""
END_S = 10


class Linphone:
    """A running Linphone; `linphone` makes one."""

    def __init__(self, process: "subprocess.Popen[bytes]", folder: Path) -> None:
        self._process = process
        self._folder = folder

    def call(self, uri: str) -> None:
        """Call somebody."""
        self._type(f"call {uri}")

    def hear_the_end(self) -> NDArray[np.int16]:
        """Wait until the other side hangs up; return what was heard (8,000 Hz, one channel)."""
        deadline = time.monotonic() + END_S
        while " ended (" not in self.written():
            assert time.monotonic() < deadline, f"Linphone's call did not end:\n{self.written()}"
            time.sleep(0.05)
        self._type("quit")
        self._process.wait(END_S)
        with wave.open(str(self._folder / "heard.wav")) as recording:
            rate, channels = recording.getframerate(), recording.getnchannels()
            samples = np.frombuffer(recording.readframes(recording.getnframes()), np.int16)
        # What it was sent has 8 kHz, so nothing lies above 4 kHz that leaving samples out would fold down.
        return samples[:: channels * rate // RATE]

    def written(self) -> str:
        """Return what it told its user, and complained about."""
        return (self._folder / "linphone.log").read_text(errors="replace")

    def _type(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()


@contextmanager
def linphone(folder: Path, speech: Path, *, user: str, at: Host) -> Iterator[Linphone]:
    """Run a Linphone that speaks this file of 8,000 Hz once a call is up."""
    for kept in (".local/share/linphone", ".config/linphone"):
        (folder / kept).mkdir(parents=True)
    settings = SETTINGS.format(sip_port=sip_port(), rtp_port=udp_range(8)[0], user=user, host=at.address)
    (folder / "settings").write_text(settings)
    words = ("env", f"HOME={folder}", "linphonec", "-c", str(folder / "settings"))
    with (folder / "linphone.log").open("wb") as log:
        process = subprocess.Popen(at.command(*words), stdin=subprocess.PIPE, stdout=log, stderr=log)
    made = Linphone(process, folder)
    try:
        for line in ("soundcard use files", f"play {speech}", f"record {folder / 'heard.wav'}"):
            made._type(line)
        yield made
    finally:
        process.kill()
        process.communicate()
