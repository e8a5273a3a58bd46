"""One question of SIP from an address of this machine: whether anything comes back, and what."""

import socket
import uuid


def is_answered(peer: tuple[str, int], *, host: str = "127.0.0.1", within_s: float = 0.3) -> bool:
    """Send OPTIONS and tell whether a response came: whether somebody listens."""
    return ask(peer, "OPTIONS", host=host, within_s=within_s) is not None


def ask(
    peer: tuple[str, int], method: str, *, user: str = "", host: str = "127.0.0.1", within_s: float = 0.3
) -> str | None:
    """Send a request about a user, or about the peer itself, and return the first response."""
    token = uuid.uuid4().hex
    uri = f"sip:{user}@{peer[0]}:{peer[1]}" if user else f"sip:{peer[0]}:{peer[1]}"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        probe.settimeout(within_s)
        port = probe.getsockname()[1]
        request = (
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{token}\r\n"
            f"From: <sip:probe@{host}>;tag={token}\r\n"
            f"To: <{uri}>\r\n"
            f"Call-ID: {token}\r\n"
            f"CSeq: 1 {method}\r\n"
            "Max-Forwards: 70\r\n"
            "Content-Length: 0\r\n\r\n"
        )
        try:
            probe.sendto(request.encode(), peer)
            response = probe.recv(65536).decode()
        except (TimeoutError, ConnectionRefusedError):
            return None
    return response if response.startswith("SIP/2.0 ") else None
