"""One question of SIP, to see whether somebody listens: OPTIONS, and whether anything comes back."""

import socket
import uuid


def is_answered(peer: tuple[str, int], *, within_s: float = 0.3) -> bool:
    """Send OPTIONS from 127.0.0.1 and tell whether a response came."""
    token = uuid.uuid4().hex
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        probe.settimeout(within_s)
        port = probe.getsockname()[1]
        request = (
            f"OPTIONS sip:{peer[0]}:{peer[1]} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{token}\r\n"
            f"From: <sip:probe@127.0.0.1>;tag={token}\r\n"
            f"To: <sip:{peer[0]}:{peer[1]}>\r\n"
            f"Call-ID: {token}\r\n"
            "CSeq: 1 OPTIONS\r\n"
            "Max-Forwards: 70\r\n"
            "Content-Length: 0\r\n\r\n"
        )
        try:
            probe.sendto(request.encode(), peer)
            return probe.recv(65536).startswith(b"SIP/2.0 ")
        except (TimeoutError, ConnectionRefusedError):
            return False
