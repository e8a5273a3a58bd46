"""What happens around every request: one spelling of paths, and a measurement."""

from collections.abc import Callable
from http import HTTPMethod

from prometheus_client import CollectorRegistry, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API_PATHS = ("/voice/", "/account/", "/hosted/")


class OneSpelling:
    """Serve paths with and without their last slash alike: a redirect would lose a client's POST."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["path"] = _spell(scope["path"])
        await self._app(scope, receive, send)


class Measurement:
    """Count and time every request by method, route and status. `clock` is monotonic seconds."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry, clock: Callable[[], float]) -> None:
        self._app = app
        self._clock = clock
        self._seconds = Histogram(
            "offhook_http_request_seconds",
            "Time from a request to the end of its answer.",
            ("method", "route", "status"),
            registry=registry,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = self._clock(), 500

        async def note(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            # Labels from outside would let anybody fill our memory.
            method = scope["method"] if scope["method"] in HTTPMethod.__members__ else "other"
            route = getattr(scope.get("route"), "path", "none")
            self._seconds.labels(method, route, status).observe(self._clock() - begun)


def _spell(path: str) -> str:
    slashed = path if path.endswith("/") else path + "/"
    if slashed.startswith(API_PATHS):
        return slashed
    return slashed[:-1] or "/"
