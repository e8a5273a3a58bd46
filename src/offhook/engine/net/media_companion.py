"""A process of a media worker's own: what takes longer than a packet may wait is done there.

It is started when it is first needed, again when it has died, and ends with the worker (`lifeline`). What is sent to it
while it does not keep up is dropped and never waited for. Messages are whole datagrams of a socketpair.
"""

import contextlib
import socket
import subprocess
from collections.abc import Callable, Iterator

from offhook import lifeline

BUFFER_BYTES = 1 << 20
"""So much may wait for it: seconds of the sound of a hundred legs."""

MESSAGE_LIMIT = 4096
RESTART_AFTER_S = 0.5

Watch = Callable[[int, Callable[[float], None] | None], None]
"""Has a descriptor read from when there is something to read, or not any more."""


def _unmourned() -> None:
    """Nobody minds."""


class Companion:
    """One process of `module`; `hear` takes each of its messages and when it came, `died` is told of its end."""

    def __init__(
        self, module: str, watch: Watch, hear: Callable[[bytes, float], None], died: Callable[[], None] = _unmourned
    ) -> None:
        self._module = module
        self._watch = watch
        self._hear = hear
        self._died = died
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._not_before = 0.0
        self.dropped = 0

    @property
    def process_id(self) -> int | None:
        """The process that lives, if one does."""
        return None if self._process is None else self._process.pid

    def start(self, now: float) -> None:
        """Have it run; not at once if it has just died."""
        if self._socket is not None or now < self._not_before:
            return
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with theirs:
            for one in (ours, theirs):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
            try:
                self._process = subprocess.Popen(  # noqa: S603 - a module of ours
                    lifeline.command(self._module, str(theirs.fileno())),
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                )
            except OSError:
                # No process to be had just now: what is to be done there is left out until there is.
                ours.close()
                self._not_before = now + RESTART_AFTER_S
                return
        self._socket = ours
        self._watch(ours.fileno(), self._receive)

    def send(self, message: bytes, now: float) -> bool:
        """Give it a message; False if it was dropped."""
        self.start(now)
        if self._socket is not None:
            try:
                self._socket.send(message)
            except BlockingIOError:
                pass
            except OSError:
                self._bury(now)
            else:
                return True
        self.dropped += 1
        return False

    def finish(self, patience_s: float) -> None:
        """Let it do what it has to do yet, for so long: it ends with its socket, or with us."""
        if self._socket is not None and self._process is not None:
            self._socket.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(patience_s)

    def _receive(self, now: float) -> None:
        for message in self._messages(now):
            self._hear(message, now)

    def _messages(self, now: float) -> Iterator[bytes]:
        while self._socket is not None:
            try:
                message = self._socket.recv(MESSAGE_LIMIT)
            except BlockingIOError:
                return
            except OSError:
                message = b""
            if not message:
                self._bury(now)
                return
            yield message

    def _bury(self, now: float) -> None:
        """It is gone: the next message starts another, a little later."""
        self._not_before = now + RESTART_AFTER_S
        if self._socket is not None:
            self._watch(self._socket.fileno(), None)
            self._socket.close()
            self._socket = None
        if self._process is not None:
            # It has closed its end, or cannot be spoken to: no use in waiting for its own end.
            self._process.kill()
            self._process.wait()
            self._process = None
        self._died()
