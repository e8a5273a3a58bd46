"""Every limit of a request that leaves the house, with its default and a sentence."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How long we wait, how much we read and how many connections we keep.

    Times are seconds, sizes are bytes.
    """

    connect_s: float = 2.0
    """From wanting a connection to having it: a free place, DNS, TCP and TLS together."""

    response_s: float = 5.0
    """From the request sent until the response is whole; of a sound, until its headers are here."""

    total_s: float = 8.0
    """One question from first to last, with its redirects and its second try."""

    body_bytes: int = 8 * 1024
    """The longest answer of an action server."""

    redirects: int = 3
    """How many redirects are followed before it is called a loop."""

    sound_bytes: int = 20 * 1024 * 1024
    """The longest file that is fetched."""

    sound_idle_s: float = 5.0
    """The longest silence between two pieces of a file."""

    sound_total_s: float = 120.0
    """One file from first to last: 20 MiB at 1.4 Mbit/s."""

    connections: int = 1000
    """Connections open at once, to all hosts together."""

    connections_per_host: int = 200
    """Connections open at once to one host and port, so that a slow one cannot take them all."""

    keep_alive_s: float = 15.0
    """How long an idle connection is kept for the next question."""

    dns_cache_s: int = 10
    """How long the addresses of a name are remembered."""

    dns_cache_names: int = 1000
    """How many names are remembered."""

    dns_threads: int = 16
    """Names looked up at once; a name server that never answers holds one of these, not the loop."""

    dns_addresses: int = 8
    """Addresses of one name that are tried; a zone may list thousands, and each costs a judgement."""
