"""A mail server that takes what it is given, or refuses what a test wants refused."""

import socketserver
import threading
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Self


@dataclass
class MailSink:
    """A server on loopback: `mails` is what came, `refuses` maps verbs (`RCPT`, `AUTH`) to answers."""

    refuses: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _conversation_of(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.port = self._server.server_address[1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _conversation_of(sink: MailSink) -> type[socketserver.StreamRequestHandler]:
    class Conversation(socketserver.StreamRequestHandler):
        timeout = 5

        def handle(self) -> None:
            self._say("220 sink")
            for line in iter(self.rfile.readline, b""):
                word = line.decode("ascii").strip()
                sink.words.append(word)
                verb = word.partition(" ")[0].upper()
                if verb in sink.refuses:
                    self._say(sink.refuses[verb])
                elif verb == "EHLO":
                    self._say("250-sink")
                    self._say("250 AUTH PLAIN")
                elif verb == "AUTH":
                    self._say("235 welcome")
                elif verb == "DATA":
                    self._say("354 go on")
                    self._take()
                elif verb == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 ok")

        def _take(self) -> None:
            lines = list(iter(self.rfile.readline, b".\r\n"))
            body = b"".join(line[1:] if line.startswith(b"..") else line for line in lines)
            sink.mails.append(message_from_bytes(body, policy=default))
            self._say("250 taken")

        def _say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    return Conversation
