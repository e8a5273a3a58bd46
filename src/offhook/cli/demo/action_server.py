"""The action server of the demo: a customer's web server, in the standard library.

It is asked what to do with each call and answers by the number that was called and by what happened; under
`/melody.mp3` it has the sound that it tells the platform to play.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from offhook.cli.demo.melody import MELODY_FILE

MELODY_PATH = "/melody.mp3"


class ActionServer(ThreadingHTTPServer):
    """Answers with the text that stands in `answers` under the number called and the event."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Questions)
        self.answers: Mapping[str, Mapping[str, str]] = {}

    @property
    def url(self) -> str:
        """Where it is: `http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def open_action_server() -> Iterator[ActionServer]:
    """Serve on a free port of loopback for as long as the context lasts."""
    with ActionServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="action-server", daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Questions(BaseHTTPRequestHandler):
    server: ActionServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == MELODY_PATH:
            self._send(200, "audio/mpeg", MELODY_FILE.read_bytes())
            return
        asked = dict(parse_qsl(url.query))
        answer = self.server.answers.get(asked.get("recipient", ""), {}).get(asked.get("event", "incoming"))
        if answer is None:
            self._send(404, "text/plain", b"nobody told me about this number")
        else:
            self._send(200, "text/plain; charset=utf-8", answer.encode())

    def log_message(self, *_: object) -> None:
        """Keep quiet: the timelines tell what was asked."""

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
