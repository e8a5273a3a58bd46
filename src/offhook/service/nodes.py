"""Nodes: the running servers, each known by its heartbeat and fenced by its epoch.

Whoever begins under a name, or declares it dead (`recovery`), takes its epoch. A server that finds
its epoch taken is no longer the node that it believes to be, and must end its calls. The clocks
of all nodes are expected to agree within a few seconds.
"""

from datetime import datetime

from offhook.service.ports import Work

HEARTBEAT_S = 5.0
"""How often a node says that it lives; so exact is the end of a lost call."""

DEAD_AFTER_S = 15.0
"""A node that was not heard for so long is dead, whatever it believes itself."""


def begin(work: Work, *, node: str, now: datetime) -> int:
    """Take the next epoch of a node's name and return it.

    Calls that still run under that name are a dead predecessor's: from now on they are lost, as of
    the last moment at which it was heard. Call it before any call is taken, and only by a server
    that holds the node's SIP port: that is what proves the predecessor's death.
    """
    work.calls.lose(node, work.nodes.seen_at(node))
    return work.nodes.take(node, now)


def renew(work: Work, *, node: str, epoch: int, now: datetime) -> bool:
    """Say that a node lives; False if its epoch was taken by another."""
    return work.nodes.renew(node, epoch, now)
