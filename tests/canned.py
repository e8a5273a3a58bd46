"""A client whose server says what a test tells it to, one answer after the other; the last one is said for ever."""

from dataclasses import dataclass, field

import httpx2

from offhook_client import AsyncClient, Client, Retries, documents

URL, SID, TOKEN = "https://offhook.example/base", "shop-sid", "shop-token"

# It has all keys that any of the API's documents has, so that whatever was asked for finds what it needs.
WHOLE: dict[str, object] = dict.fromkeys(
    key for kind in vars(documents).values() for key in getattr(kind, "__required_keys__", ())
)

Told = httpx2.Response | httpx2.TransportError


@dataclass(slots=True)
class Canned:
    """What will be said, what was asked, and how long the client waited in between; nothing really waits."""

    answers: list[Told]
    requests: list[httpx2.Request] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def client(self, retries: Retries | None = None) -> Client:
        return Client(
            URL, SID, TOKEN, retries=retries, transport=httpx2.MockTransport(self._say), sleep=self.slept.append
        )

    def async_client(self, retries: Retries | None = None) -> AsyncClient:
        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        return AsyncClient(URL, SID, TOKEN, retries=retries, transport=httpx2.MockTransport(self._say), sleep=sleep)

    def _say(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(told, httpx2.TransportError):
            raise told
        # Each client reads the answer as its own kind of stream; only one that has no end is passed on as it is.
        return httpx2.Response(told.status_code, headers=told.headers, content=told.content) if told.is_closed else told


def says(*answers: Told) -> Canned:
    """Tell what the server will say."""
    return Canned(list(answers))


def problem(status: int, code: str, **headers: str) -> httpx2.Response:
    """Say what went wrong as the API does."""
    said = {"detail": "It did not work.", "code": code, "help": f"https://offhook.example/docs/errors/{code}"}
    return httpx2.Response(
        status, json=said, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def page(status: int = 200, title: str = "Welcome") -> httpx2.Response:
    """Answer with a web page, as a wrong host does."""
    return httpx2.Response(status, html=f"<!doctype html><title>{title}</title><p>Hello.")
