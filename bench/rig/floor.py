"""The floor: the least that Python can do to send calls' packets, to measure a media worker against.

Ready-made packets, connected sockets, the wake-ups of a media worker; no call, no codec, no orders. With
`reads` it also takes what arrives off its sockets and throws it away.
"""

import gc
import select
import socket
from collections.abc import Callable
from multiprocessing.connection import Connection

from bench.rig.pace import SLOTS, slots
from bench.rig.packets import ready_made
from bench.rig.processes import prefer

PACKET_LIMIT = 2048
LOOK_EVERY = 200
"""Wake-ups between two looks at the pipe."""


def send_bare(pipe: Connection, peers: list[tuple[str, int]], seconds: float, *, reads: bool) -> None:
    """Tell the own addresses, then send to `peers` until the pipe says stop."""
    prefer()
    sockets = [_connected(peer) for peer in peers]
    pipe.send([one.getsockname() for one in sockets])
    poller = select.epoll()
    receivers: dict[int, Callable[[int], bytes]] = {}
    for one in sockets if reads else ():
        receivers[one.fileno()] = one.recv
        poller.register(one.fileno(), select.EPOLLIN)
    shares = [[one.send for one in sockets[slot::SLOTS]] for slot in range(SLOTS)]
    packets = ready_made(seconds)
    gc.collect()
    gc.freeze()
    gc.disable()
    for count, slot in enumerate(slots()):
        packet = packets[count // SLOTS % len(packets)]
        for send in shares[slot]:
            send(packet)
        if reads:
            for descriptor, _ in poller.poll(0, len(sockets)):
                receivers[descriptor](PACKET_LIMIT)
        if count % LOOK_EVERY == 0 and pipe.poll():
            return


def _connected(peer: tuple[str, int]) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    made.bind((peer[0], 0))
    made.connect(peer)
    return made
