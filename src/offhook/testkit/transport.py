"""How an action server speaks HTTP: in time, several at once, over kept connections and without detours."""

from collections.abc import Sequence
from ipaddress import ip_address
from statistics import median
from urllib.parse import urlsplit

from offhook.testkit.findings import Check, Finding, failed, ok, warning
from offhook.testkit.replies import Hop, Reply, unusable

CONNECT_LIMIT_MS = 2000
ANSWER_LIMIT_MS = 5000
WHOLE_LIMIT_MS = 8000
"""When a call gives up: the connection, one response, the whole question with its redirects."""

SLOW_MS = 1000
"""From here on callers hang up, or wonder whether anything happens."""
SLOW_CONNECT_MS = 500
CHEAP_CONNECT_MS = 50
ONE_BY_ONE = 3
"""Questions asked at once may take so many times as long as one alone."""

_WORKERS = "The server seems to answer one after the other: give it more workers or threads."
_QUEUE = (
    "It was the connection that waited: let the server's listen queue (backlog) be longer, or give it more workers."
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def transport(url: str) -> Finding:
    """Judge whether strangers can read along; on one's own desk nobody does."""
    parts = urlsplit(url)
    if parts.scheme == "https" or _is_near(parts.hostname or ""):
        return ok(Check.TRANSPORT, f"requests go by {parts.scheme}")
    return warning(
        Check.TRANSPORT,
        "requests go by http: whoever stands on the way reads callers' numbers and may change answers",
        "Serve the URL by https.",
    )


def connect(first: Reply) -> Finding:
    """Judge the first connection, whose name had to be looked up."""
    hop = first.hops[0] if first.hops else Hop("")
    if hop.connect_ms is None:
        return ok(Check.CONNECT, "the connection was there already")
    dns = f"DNS {hop.dns_ms:.0f} ms, " if hop.dns_ms is not None else ""
    way = "connected, with TLS," if hop.url.startswith("https:") else "connected"
    said = f"{dns}{way} after {hop.connect_ms:.0f} ms, first byte {hop.first_byte_ms or 0:.0f} ms later"
    if hop.connect_ms >= SLOW_CONNECT_MS:
        return warning(
            Check.CONNECT,
            f"{said}; a call gives up after {CONNECT_LIMIT_MS} ms",
            "Bring DNS and server closer to the platform, and let DNS answers live longer.",
        )
    return ok(Check.CONNECT, said)


def speed(replies: Sequence[Reply]) -> Finding:
    """Judge how long one question after the other took."""
    times = [reply.elapsed_ms for reply in replies if reply.body is not None]
    lost = [reply for reply in replies if reply.body is None]
    said = _times(times)
    if lost:
        return failed(
            Check.SPEED,
            f"{len(lost)} of {len(replies)} requests got no answer{f'; the others: {said}' if times else ''}",
            "Answer first and work later: a queue or a thread does what takes long.",
            unusable(lost),
        )
    if max(times) >= SLOW_MS:
        return warning(
            Check.SPEED,
            f"{said}; a call gives up after {ANSWER_LIMIT_MS / 1000:g} s "
            f"({WHOLE_LIMIT_MS / 1000:g} s with redirects), and callers long before",
            f"Stay below {SLOW_MS / 1000:g} s: answer first and work later.",
        )
    return ok(Check.SPEED, said)


def concurrency(together: Sequence[Reply], alone: Sequence[Reply]) -> Finding:
    """Judge questions that were asked at the same time."""
    count = len(together)
    lost = unusable(together)
    if lost:
        bad = sum(not reply.is_usable for reply in together)
        return failed(
            Check.CONCURRENCY,
            f"of {count} requests at once {bad} got no usable answer",
            "Let the server take several requests at once: more workers or threads, and no lock around all of it.",
            lost,
        )
    last = max(together, key=lambda reply: reply.elapsed_ms)
    slowest = last.elapsed_ms
    usual = median(reply.elapsed_ms for reply in alone)
    if slowest >= SLOW_MS and slowest >= ONE_BY_ONE * usual:
        return warning(
            Check.CONCURRENCY,
            f"of {count} requests at once the last took {slowest:.0f} ms, {slowest / max(usual, 1):.0f} times as long "
            "as one alone",
            _QUEUE if last.hops and (last.hops[0].connect_ms or 0) >= SLOW_MS else _WORKERS,
        )
    return ok(Check.CONCURRENCY, f"{count} requests at once took at most {slowest:.0f} ms")


def steady(lost: Sequence[Reply], count: int) -> Finding:
    """Judge questions that got no answer, and got one when they were asked again."""
    if not lost:
        return ok(Check.STEADY, "no question got lost on the way")
    return failed(
        Check.STEADY,
        f"{len(lost)} of {count} requests got no whole answer, though the same question did when it was asked again",
        "Read the server's log at that time: does a worker end in the middle, or a proxy before it?",
        unusable(lost),
    )


def gone(reply: Reply, count: int) -> Finding:
    """Tell of a server that stopped answering before it was asked everything."""
    return failed(
        Check.STEADY,
        f"the server stopped answering at request {count:,}; what was to come was not asked",
        "Read the server's log at that time: did it end, or run out of workers?",
        unusable([reply]),
    )


def keep_alive(replies: Sequence[Reply]) -> Finding:
    """Judge whether connections are kept for the next question."""
    later = [reply.hops[0] for reply in replies[1:] if reply.hops]
    new = [hop.connect_ms for hop in later if hop.connect_ms is not None]
    if not later or len(new) < len(later):
        return ok(Check.KEEP_ALIVE, f"{len(later) - len(new)} of {len(later)} later requests used a kept connection")
    cost = median(new)
    if cost < CHEAP_CONNECT_MS:
        return ok(Check.KEEP_ALIVE, f"no connection is kept; a new one costs only {cost:.0f} ms")
    return warning(
        Check.KEEP_ALIVE,
        f"no connection is kept, and each new one costs {cost:.0f} ms",
        "Switch keep-alive on (HTTP/1.1, with a Content-Length), in the proxy before the server too.",
    )


def redirects(replies: Sequence[Reply], circling: Sequence[Reply] = ()) -> Finding:
    """Judge what was sent elsewhere on the way; of `circling` the script leads on from redirect to redirect."""
    if circling:
        return failed(
            Check.REDIRECTS,
            "answers lead on with redirect again and again, and the caller hears nothing",
            "End the circle: a call asks 50 times, and then ends.",
            dict.fromkeys(
                f"{reply.asked}: {(reply.body or b'').decode(errors='replace').strip()}" for reply in circling
            ),
        )
    led = [reply for reply in replies if any(hop.status in _REDIRECTS for hop in reply.hops)]
    if not led:
        return ok(Check.REDIRECTS, "no request is redirected")
    way = " -> ".join(f"{hop.status or '-'} {hop.url.partition('?')[0]}" for hop in led[0].hops)
    return warning(
        Check.REDIRECTS,
        f"{len(led)} of {len(replies)} requests were redirected",
        "Set the action URL to where the redirects end (mind the slash at the end): each one costs the caller time.",
        [way],
    )


def cookies(replies: Sequence[Reply]) -> Finding:
    """Judge servers that give cookies: none ever comes back."""
    if any("set-cookie" in hop.headers for reply in replies for hop in reply.hops):
        return warning(
            Check.COOKIES,
            "an answer sets a cookie, which Offhook never sends back",
            "Keep what belongs to a call by its call_id, or in the URL of next=; switch sessions off for this URL.",
        )
    return ok(Check.COOKIES, "no answer sets a cookie")


def _is_near(host: str) -> bool:
    try:
        return ip_address(host).is_private
    except ValueError:
        # Names that lead to no public server (RFC 6761, and RFC 6762 for local).
        return host == "localhost" or host.endswith((".localhost", ".test", ".local"))


def _times(times: Sequence[float]) -> str:
    if not times:
        return ""
    return f"half of {len(times)} answers within {median(times):.0f} ms, the slowest {max(times):.0f} ms"
