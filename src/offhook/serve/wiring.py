"""What an operator's settings mean to the engine and the desk: their wires and their limits."""

from offhook.config import Settings
from offhook.engine.net.endpoint import Wires
from offhook.engine.net.gate import GateLimits
from offhook.engine.net.tls import TlsFiles
from offhook.service import desk


def wires(settings: Settings) -> Wires:
    """Return by what transports, names and addresses SIP reaches us."""
    files = TlsFiles(settings.tls_certificate, settings.tls_key, settings.tls_authorities)
    asked = settings.name_server
    return Wires(
        tls=files,
        tls_port=settings.tls_port,
        public_address=settings.public_address,
        name_server=(asked.host, asked.port) if asked else None,
    )


def gate_limits(settings: Settings) -> GateLimits:
    """Return how much may come in before anybody is asked."""
    return GateLimits(
        settings.calls_per_node, settings.calls_per_trunk, settings.calls_per_source, settings.messages_per_source
    )


def desk_limits(settings: Settings) -> desk.Limits:
    """Return how many calls a number and an account may have at once."""
    return desk.Limits(calls_per_number=settings.calls_per_number, calls_per_account=settings.calls_per_account)
