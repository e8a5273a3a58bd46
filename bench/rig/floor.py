"""The floor: the least that Python can do to send calls' packets, to measure a media worker against.

Ready-made packets, connected sockets, the wake-ups of a media worker; no call, no codec, no orders.
"""

import gc
import socket
from multiprocessing.connection import Connection

from bench.rig.pace import SLOTS, slots
from bench.rig.packets import ready_made
from bench.rig.processes import prefer

LOOK_EVERY = 200
"""Wake-ups between two looks at the pipe."""


def send_bare(pipe: Connection, peers: list[tuple[str, int]], seconds: float) -> None:
    """Send to `peers` until the pipe says stop."""
    prefer()
    sockets = [_connected(peer) for peer in peers]
    shares = [[one.send for one in sockets[slot::SLOTS]] for slot in range(SLOTS)]
    packets = ready_made(seconds)
    gc.collect()
    gc.freeze()
    gc.disable()
    for count, slot in enumerate(slots()):
        packet = packets[count // SLOTS % len(packets)]
        for send in shares[slot]:
            send(packet)
        if count % LOOK_EVERY == 0 and pipe.poll():
            return


def _connected(peer: tuple[str, int]) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    made.bind((peer[0], 0))
    made.connect(peer)
    return made
