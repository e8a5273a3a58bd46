"""An action server that says what a test tells it to, remembers what it was asked, and serves sounds."""

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Question:
    """One action request."""

    parameters: dict[str, str]
    headers: dict[str, str]


class ActionServer:
    """A web server in a thread: `url` is the action URL, other paths are sounds."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.origin}/"
        self.forget()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take no question any more: whoever asks is refused the connection."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def forget(self) -> None:
        """Begin anew: nothing was asked, and every call is hung up."""
        self.questions: list[Question] = []
        self.sounds: dict[str, bytes] = {}
        self._answers: dict[str, tuple[str, float]] = {}
        self._followed: dict[str, tuple[str, float]] = {}
        self.says("hangup")

    def says(self, *lines: str, after_s: float = 0.0) -> None:
        """Answer every question from now on with these action lines, `after_s` late: so long it rings."""
        self._answer = "\n".join(lines), after_s

    def says_after(self, event: str, *lines: str, after_s: float = 0.0) -> None:
        """Answer every question about this event so, whatever else is said."""
        self._followed[event] = "\n".join(lines), after_s

    def says_to(self, caller: str, *lines: str, after_s: float = 0.0) -> None:
        """Answer every question about this caller so, whatever else is said."""
        self._answers[caller] = "\n".join(lines), after_s

    def answer_about(self, caller: str, event: str) -> tuple[str, float]:
        """Return what a question about this caller and event is answered, and how late."""
        return self._followed.get(event) or self._answers.get(caller, self._answer)

    def was_asked_by(self, caller: str) -> bool:
        """Tell whether a question about this caller has come; its answer is settled then."""
        return any(question.parameters["caller"] == caller for question in self.questions)

    def serves(self, name: str, sound: bytes) -> str:
        """Serve a sound and return its URL."""
        self.sounds[f"/{name}"] = sound
        return f"{self.origin}/{name}"


class _Server(ThreadingHTTPServer):
    # So many calls may come at once; who finds no place in the queue knocks again a second later.
    request_queue_size = 128


def _handler_of(owner: ActionServer) -> type[BaseHTTPRequestHandler]:
    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # An idle connection must not keep its thread, and with it the end of the tests, waiting.
        timeout = 5

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path == "/":
                parameters = dict(parse_qsl(url.query, keep_blank_values=True))
                answer, delay_s = owner.answer_about(parameters.get("caller", ""), parameters.get("event", ""))
                owner.questions.append(Question(parameters, dict(self.headers.items())))
                time.sleep(delay_s)
                self._send(200, "text/plain; charset=utf-8", answer.encode())
            elif url.path in owner.sounds:
                self._send(200, "audio/mpeg", owner.sounds[url.path])
            else:
                self._send(404, "text/plain", b"there is no such sound\n")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Stay quiet: a test asks `questions`."""

        def _send(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            # When a caller gives up while it rings, nobody waits for the answer any more.
            with suppress(ConnectionError):
                self.end_headers()
                self.wfile.write(body)

    return Answer
