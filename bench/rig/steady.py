"""Calls that are set up one after the other, stay, and are listened to while something else happens."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from bench.rig.far_ends import FarEnds
from bench.rig.sip_texts import HOST, Caller, is_to_invite, status

FIRST_CALL = 90_000_000
"""Far above the numbers of the trunk's own calls."""

ANSWER_S = 10.0
MESSAGE_BYTES = 65_535


@contextmanager
def staying(far: FarEnds, number: str, gateway: int) -> Iterator[None]:
    """Call from each far end and stay on the line for as long as the context lasts."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sip:
        sip.settimeout(ANSWER_S)
        sip.bind((HOST, 0))
        sip.connect((HOST, gateway))
        port = sip.getsockname()[1]
        made: list[tuple[Caller, bytes]] = []
        for place, (_, rtp_port) in enumerate(peer.address for peer in far.peers):
            caller = Caller(FIRST_CALL + place, number, port, gateway)
            sip.send(caller.invite(rtp_port))
            accepted = answer(sip)
            sip.send(caller.acknowledgement(accepted, 200))
            made.append((caller, accepted))
        yield
        for caller, accepted in made:
            sip.send(caller.bye(accepted))


def answer(sip: socket.socket) -> bytes:
    """Wait for the 200 to an INVITE."""
    while True:
        message = sip.recv(MESSAGE_BYTES)
        code = status(message)
        if code is None or code < 200 or not is_to_invite(message):
            continue
        if code != 200:
            raise ConnectionRefusedError(f"the call was refused: {message.splitlines()[0].decode()}")
        return message
