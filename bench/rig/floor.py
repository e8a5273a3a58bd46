"""The floors: the least that Python can do to send or to relay calls' packets, to measure a media worker against.

Connected sockets and the wake-ups of a media worker; no call, no codec, no header of our own, no orders.
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
Receive = Callable[[int], bytes]
Send = Callable[[bytes], int]

LOOK_EVERY = 200
"""Wake-ups between two looks at the pipe."""


def send_bare(pipe: Connection, peers: list[tuple[str, int]], seconds: float) -> None:
    """Send ready-made packets to `peers` until the pipe says stop."""
    prefer()
    sockets = [_connected(peer) for peer in peers]
    shares = [[one.send for one in sockets[slot::SLOTS]] for slot in range(SLOTS)]
    packets = ready_made(seconds)
    _spare_collections()
    for count, slot in enumerate(slots()):
        packet = packets[count // SLOTS % len(packets)]
        for send in shares[slot]:
            send(packet)
        if count % LOOK_EVERY == 0 and pipe.poll():
            return


def relay_bare(pipe: Connection, peers: list[tuple[str, int]]) -> None:
    """Relay between each two neighbours of `peers`; tell by the pipe where each of them is heard."""
    prefer()
    sockets = [_connected(peer) for peer in peers]
    pipe.send([one.getsockname() for one in sockets])
    pairs: dict[int, tuple[Receive, Send]] = {}
    poller = select.epoll()
    for place, one in enumerate(sockets):
        pairs[one.fileno()] = one.recv, sockets[place ^ 1].send
        poller.register(one.fileno(), select.EPOLLIN)
    _spare_collections()
    for _ in slots():
        for descriptor, _ in poller.poll(0, len(pairs)):
            receive, send = pairs[descriptor]
            send(receive(PACKET_LIMIT))


def _spare_collections() -> None:
    gc.collect()
    gc.freeze()
    gc.disable()


def _connected(peer: tuple[str, int]) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    made.bind((peer[0], 0))
    made.connect(peer)
    return made
