"""Several hosts on one machine: network namespaces, joined by cables (veth), and a router that hides one of them.

Within `own_network` this thread, and every thread and process that it starts, is alone in a new network: nothing of
the machine's own is seen or changed. It wants root, `ip` (iproute2) and `nft` (nftables).
"""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

NEW_NETWORK = 0x40000000
"""CLONE_NEWNET of unshare(2) and setns(2)."""

_serials = count(1)


@dataclass(frozen=True, slots=True)
class Host:
    """Another host: a namespace with one address, and the address at which it sees us."""

    namespace: str
    address: str
    gateway: str

    def command(self, *words: str) -> list[str]:
        """Return the words that run a program there."""
        return ["ip", "netns", "exec", self.namespace, *words]


def is_possible() -> bool:
    """Tell whether networks can be made here."""
    return os.geteuid() == 0


class Network:
    """The network of this thread; other hosts are plugged into it, each by a cable of its own."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def plug(self, address: str, gateway: str, *, bits: int = 24) -> Host:
        """Bring a host with this address, which reaches us at the `gateway` and nobody else."""
        name = self._namespace()
        self._cable("", gateway, name, address, bits)
        return Host(name, address, gateway)

    def plug_behind_router(self, address: str, public: str, *, private: tuple[str, str], bits: int = 24) -> Host:
        """Bring a host outside of a router that translates addresses: it reaches us, and sees us, at `public` alone.

        `private` are our own address and the router's, between which it translates.
        """
        router, name = self._namespace(), self._namespace()
        ours, routers = private
        self._cable("", ours, router, routers, bits)
        self._cable(router, public, name, address, bits)
        _run("ip", "route", "add", f"{address}/32", "via", routers)
        _run("ip", "netns", "exec", router, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        rules = (
            "table ip nat {\n"
            f"chain in {{ type nat hook prerouting priority -100; ip daddr {public} dnat to {ours}; }}\n"
            f"chain out {{ type nat hook postrouting priority 100; ip saddr {ours} snat to {public}; }}\n"
            "}\n"
        )
        _run("ip", "netns", "exec", router, "nft", "-f", "-", text=rules)
        return Host(name, address, public)

    def _namespace(self) -> str:
        name = f"offhook-{os.getpid()}-{next(_serials)}"
        _run("ip", "netns", "add", name)
        self._stack.callback(_run, "ip", "netns", "delete", name)
        _run("ip", "-n", name, "link", "set", "lo", "up")
        return name

    def _cable(self, near: str, near_address: str, far: str, far_address: str, bits: int) -> None:
        """Join two namespaces; the empty name is that of this thread."""
        serial = next(_serials)
        there, here = f"far{serial}", f"near{serial}"
        at_near = ("-n", near) if near else ()
        _run("ip", *at_near, "link", "add", here, "type", "veth", "peer", "name", there, "netns", far)
        for at, link, address in ((at_near, here, near_address), (("-n", far), there, far_address)):
            # Nobody else can have an address of IPv6 here, so nobody waits to find out (RFC 4862 section 5.4).
            nodad = ("nodad",) if ":" in address else ()
            _run("ip", *at, "address", "add", f"{address}/{bits}", "dev", link, *nodad)
            _run("ip", *at, "link", "set", link, "up")


@contextmanager
def own_network() -> Iterator[Network]:
    """Put this thread into a new network for as long as the block lasts."""
    with Path("/proc/thread-self/ns/net").open() as before:
        _call("unshare", NEW_NETWORK)
        try:
            with ExitStack() as stack:
                _run("ip", "link", "set", "lo", "up")
                yield Network(stack)
        finally:
            _call("setns", before.fileno(), NEW_NETWORK)


def _call(name: str, *arguments: int) -> None:
    # Python has these from 3.12 on.
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def _run(*words: str, text: str | None = None) -> None:
    finished = subprocess.run(words, input=text, capture_output=True, text=True, timeout=10, check=False)
    assert finished.returncode == 0, f"{' '.join(words)} ended with {finished.returncode}: {finished.stderr}"
