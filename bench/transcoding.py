"""Transcoding: for how many transferred calls one process turns G.722 into G.711 and back.

Each call is two lanes of 50 packets a second. The real transcoder is fed and emptied by this process as a media
worker does it; its CPU is measured, and that of this side, which is a media worker's share besides relaying.
"""

import argparse
import select
import socket
import subprocess
from time import process_time, sleep

from bench.rig.packets import FRAME_BYTES, FRAME_S
from bench.rig.processes import cpu_s, machine
from bench.rig.tables import show

from offhook import lifeline
from offhook.domain.sounds import Codec
from offhook.engine.net.media_transcoding import CODECS, MESSAGE

WARM_UP_S = 1.0
LANES = ((Codec.PCMU, Codec.G722), (Codec.G722, Codec.PCMU))
PACKETS_A_SECOND = 1 / FRAME_S
SOUND = bytes(range(FRAME_BYTES))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, default=50, help="whose packets are turned, in turns")
    parser.add_argument("--packets", type=int, default=200, help="of each lane")
    options = parser.parse_args()
    print(machine())
    theirs_us, ours_us = _measure(options.calls, options.packets)
    call_us = 2 * PACKETS_A_SECOND * theirs_us
    show(
        f"{options.calls} transcoded calls",
        ("", "CPU us/packet", "CPU us/call-s", "calls a core"),
        [
            ("transcoder", f"{theirs_us:.1f}", f"{call_us:.0f}", f"{1e6 / call_us:.0f}"),
            ("media worker's hand to it", f"{ours_us:.1f}", f"{2 * PACKETS_A_SECOND * ours_us:.0f}", ""),
        ],
    )


def _measure(calls: int, packets: int) -> tuple[float, float]:
    """Return the CPU microseconds a packet of the process and of this side."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        with theirs:
            command = lifeline.command("offhook.engine.net.transcoder", str(theirs.fileno()))
            process = subprocess.Popen(command, pass_fds=[theirs.fileno()])
        try:
            _turn(ours, calls, 0)
            sleep(WARM_UP_S)
            began, began_here = cpu_s(process.pid), process_time()
            for place in range(1, packets + 1):
                _turn(ours, calls, place)
            count = calls * len(LANES) * packets
            return (cpu_s(process.pid) - began) / count * 1e6, (process_time() - began_here) / count * 1e6
        finally:
            ours.close()
            process.wait()


def _turn(peer: socket.socket, calls: int, place: int) -> None:
    """Have one packet of every lane turned."""
    for call in range(calls):
        for number, (source, target) in enumerate(LANES):
            lane, at = 2 * call + number, place * FRAME_BYTES
            packed = MESSAGE.pack(
                lane, CODECS.index(source), CODECS.index(target), place & 0xFFFF, at & 0xFFFFFFFF, 7, False
            )
            peer.send(packed + SOUND)
        for _ in LANES:
            assert select.select([peer], [], [], 10)[0], "the transcoder answers"
            assert len(peer.recv(4096)) == MESSAGE.size + FRAME_BYTES, "a packet stays as long as it was"


if __name__ == "__main__":
    main()
