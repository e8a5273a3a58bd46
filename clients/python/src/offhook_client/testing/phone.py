"""Places calls to action servers, and lets go of the servers at the end."""

import secrets
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

from offhook_client.errors import BadValue
from offhook_client.testing.asking import Asking
from offhook_client.testing.call import Call
from offhook_client.testing.flow import Flow
from offhook_client.testing.requests import origin
from offhook_client.testing.servers import App, Server, application, open_server
from offhook_client.testing.settings import Setting, digits_of, own_url, readable_default
from offhook_client.testing.transcript import Transcript

__tracebackhide__ = True

APP_URL = "https://action.example/"
"""Where an application is said to be, of which nothing is looked up."""


class Phone:
    """Calls a number whose action server is `server`: a WSGI or ASGI application, or the URL of one that runs.

        with Phone() as phone:
            phone(app, "/calls", caller="819012345678").hears("Welcome")

    The fixture `offhook_call` is one. `calls` are all that were made.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        # By identity: an application need be neither hashable nor equal to nothing else.
        self._servers: dict[int, tuple[App | None, Server]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the lifespan of the applications that were called, and close connections."""
        with ExitStack() as closing:
            while self._servers:
                closing.callback(self._servers.popitem()[1][1].close)

    def __call__(
        self,
        server: App | str,
        url: str | None = None,
        *,
        caller: str | None = "819012345678",
        recipient: str = "815012345678",
        caller_name: str = "",
        forwarded_from: str = "",
        verstat: str = "",
        trunk: str = "test",
        call_id: str | None = None,
        secret: str | Iterable[str] = (),
        signed_origins: Iterable[str] = (),
        fallback_url: str | None = None,
        default_action: str | None = None,
        others: Mapping[str, App | None] | None = None,
        raise_app_exceptions: bool = True,
    ) -> Call:
        """Call, and return the call where it first waits for somebody, or over.

        `url` is the application's action URL, or its path. A `caller` of None withholds its number; one that is no
        number comes as `caller_raw`. `secret` signs requests; several are several signatures. `others` says who
        answers at other origins than those of `url` and `fallback_url`: None is the network. Without
        `raise_app_exceptions` an exception of an application is what it is on the platform, an answer with status 500.
        """
        app = None if isinstance(server, str) else application(server)
        action_url = _action_url(server, url)
        fallback_url = None if fallback_url is None else own_url(urljoin(action_url, fallback_url))
        number = digits_of(caller or "")
        setting = Setting(
            url=action_url,
            recipient=_digits(recipient),
            call_id=call_id or f"test-{secrets.token_hex(8)}",
            caller=number,
            caller_raw="" if number else caller or "",
            is_anonymous=caller is None,
            caller_name=caller_name,
            forwarded_from=forwarded_from,
            verstat=verstat,
            trunk=trunk,
            fallback_url=fallback_url,
            default_action=readable_default(default_action),
            secrets=(secret,) if isinstance(secret, str) else tuple(secret),
            signed_origins=tuple(signed_origins),
            raises=raise_app_exceptions,
        )
        apps = {origin(home): app for home in (action_url, fallback_url) if home is not None}
        for other, answers in (others or {}).items():
            apps[origin(other)] = None if answers is None else application(answers)
        servers = {where: self._opened(answers) for where, answers in apps.items()}
        shown = f"{caller_name} {caller or 'a withheld number'}".strip()
        transcript = Transcript(f"A call from {shown} to {recipient}:")
        flow = Flow(setting, Asking(setting, servers), transcript)
        flow.follow(None, "incoming")
        self.calls.append(Call(flow))
        return self.calls[-1]

    def _opened(self, app: App | None) -> Server:
        if id(app) not in self._servers:
            self._servers[id(app)] = app, open_server(app)
        return self._servers[id(app)][1]


def _action_url(server: App | str, url: str | None) -> str:
    if not isinstance(server, str):
        return own_url(urljoin(APP_URL, url or "/"))
    if url is not None:
        raise BadValue(f"{server!r} is the action URL already. Leave {url!r} out.")
    return own_url(server)


def _digits(number: str) -> str:
    digits = digits_of(number)
    if not digits:
        raise BadValue(f"{number!r} is no telephone number with its country code, such as 815012345678.")
    return digits
