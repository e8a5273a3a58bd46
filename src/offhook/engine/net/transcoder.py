"""The transcoder: the process in which the packets of a media worker's lanes are turned (`python -m`, not imported).

One loop: read a packet, turn it, give it back. A lane begins with its first packet, so that whoever starts anew after a
death goes on with the lanes that it finds. It exits when its socket closes.
"""

import gc
import socket
import sys

from offhook.engine.net.media_companion import BUFFER_BYTES, MESSAGE_LIMIT
from offhook.engine.net.media_transcoding import CLOSE, CODECS, MESSAGE, Kind
from offhook.engine.net.transcoding import Turn, transcoder


def serve(peer: socket.socket) -> None:
    """Turn packets until the socket closes."""
    lanes: dict[int, Turn] = {}
    size = MESSAGE.size
    while message := peer.recv(MESSAGE_LIMIT):
        number, source, target, *_, flags = MESSAGE.unpack_from(message)
        if source == CLOSE:
            lanes.pop(number, None)
            continue
        if flags >> 1 != Kind.AUDIO:
            peer.send(message)
            continue
        turn = lanes.get(number)
        if turn is None:
            turn = lanes[number] = transcoder(CODECS[source], CODECS[target])
        peer.send(message[:size] + turn(message[size:]))


def main(arguments: list[str]) -> None:
    """Run with the descriptor of the socketpair."""
    with socket.socket(fileno=int(arguments[0])) as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
        # Loaded before the first packet and not with it.
        transcoder(CODECS[0], CODECS[-1])
        gc.freeze()
        try:
            serve(peer)
        except (BrokenPipeError, ConnectionResetError):
            # The media worker is gone; so are we.
            return


if __name__ == "__main__":
    main(sys.argv[1:])
