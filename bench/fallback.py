"""Fallback: how much later a call is told what to do when its action server is down, with its breaker closed and open.

Milliseconds of the wall clock inside one process, beside asking the fallback alone. README.md says how to read the
figures.
"""

import argparse
import socket
from ipaddress import ip_network
from time import perf_counter

import uvloop
from bench.rig.action_server import ActionServer
from bench.rig.processes import machine
from bench.rig.tables import quantile, show

from offhook.actionserver.breaker import IN_A_ROW
from offhook.actionserver.client import ActionServers
from offhook.actionserver.guard import Guard
from offhook.actionserver.limits import Limits
from offhook.actionserver.own import own_addresses
from offhook.actionserver.sessions import open_session
from offhook.domain.questions import Answer, Failure, Question

PARAMETERS = (("caller", "819012345678"), ("recipient", "815012345678"), ("event", "incoming"))
HEADS = ("", "p50 ms", "p99 ms", "most ms")


def main() -> None:
    options = _options()
    print(machine())
    show(f"{options.questions} questions each", HEADS, uvloop.run(_measure(options.questions)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--questions", type=int, default=500, help="questions of each kind, one after the other")
    return parser.parse_args()


async def _measure(questions: int) -> list[tuple[str, ...]]:
    limits = Limits()
    # It is bound and never listens: whoever connects is refused.
    with ActionServer({"/": "reject"}) as server, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        down = Question(f"http://127.0.0.1:{closed.getsockname()[1]}/", PARAMETERS)
        fallback = Question(f"{server.origin}/", PARAMETERS)
        async with open_session(Guard((ip_network("127.0.0.0/8"),), own_addresses()), limits) as session:

            async def ask(servers: ActionServers, code: str | None) -> float:
                """Ask the server that is down, if it is to fail with a code, and the fallback; return milliseconds."""
                began = perf_counter()
                if code is not None:
                    failure = await servers.ask(down)
                    assert isinstance(failure, Failure), "nobody listens there"
                    assert failure.code == code, failure.text
                assert isinstance(await servers.ask(fallback), Answer), "the fallback answers"
                return (perf_counter() - began) * 1000

            # A breaker that has seen nothing yet for each question, and one that is open for all.
            closed_ms = [await ask(ActionServers(session, limits), "connect-failed") for _ in range(questions)]
            opened_ms, alone_ms = [], []
            for _ in range(questions):
                opened = ActionServers(session, limits)
                for _ in range(IN_A_ROW):
                    await opened.ask(down)
                opened_ms.append(await ask(opened, "breaker-open"))
                alone_ms.append(await ask(opened, None))
    return [
        _row("the fallback alone", alone_ms),
        _row("breaker closed, connections refused, then the fallback", closed_ms),
        _row("breaker open, then the fallback", opened_ms),
    ]


def _row(name: str, took_ms: list[float]) -> tuple[str, ...]:
    return name, *(f"{quantile(took_ms, part):.2f}" for part in (0.5, 0.99, 1.0))


if __name__ == "__main__":
    main()
