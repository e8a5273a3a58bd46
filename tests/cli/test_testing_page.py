"""docs/testing.md names what is there, and its commands print what it shows."""

import re
import shlex
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from house import House
from offhook.domain.calls import TimelineEvent
from offhook.testkit.findings import Check
from terminal import Printed, Terminal

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")
TIMES = re.compile(r"\d+ ms")


def block(heading: str, kind: str) -> str:
    """Return the first block of this kind below a heading."""
    below = PAGE.partition(f"\n## {heading}\n")[2]
    match = re.search(rf"```{kind}\n(.*?)```", below, re.DOTALL)
    assert match is not None
    return match[1]


def typed(terminal: Terminal, heading: str, **instead: str) -> Printed:
    """Type the command below a heading, with other words in place of some of its own."""
    command = block(heading, "sh").strip()
    for written, meant in instead.items():
        command = command.replace(written, meant)
    program, *words = shlex.split(command)
    assert program == "offhook"
    return terminal.type(*words, *(() if "--allow-private" in words else ("--allow-private",)))


Answer = Callable[[str], tuple[int, str]]


@pytest.fixture
def serving() -> Iterator[Callable[[Answer], str]]:
    """Return a way to serve answers by the request's target; it gives the origin."""
    servers: list[ThreadingHTTPServer] = []

    def serve(answer: Answer) -> str:
        class Server(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 5

            def do_GET(self) -> None:
                status, text = answer(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                """Stay quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
        servers.append(server)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_every_check_has_its_row_in_the_order_of_the_report() -> None:
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|", PAGE, re.MULTILINE)
    codes = [check.value for check in Check]
    assert [row for row in rows if row in codes] == codes


def test_conformance_prints_what_the_page_shows(terminal: Terminal, serving: Callable[[Answer], str]) -> None:
    def answer(target: str) -> tuple[int, str]:
        # Who forgot that a transfer may succeed, or fail without a SIP code.
        is_forgotten = "event=transfer" in target and "sip_code" not in target
        return (500, "") if is_forgotten else (200, "transfer 81312345678 next=self")

    origin = serving(answer)
    instead = {"https://example.com": origin, "$SECRET": "s3cret"}
    printed = typed(terminal, "Conformance", **instead)
    assert printed.status == 1
    shown = printed.out.replace(origin.removeprefix("http://"), "example.com")
    lines = [TIMES.sub("N ms", line) for line in shown.splitlines()]
    for wanted in block("Conformance", "text").splitlines():
        beginning, dots, _ = TIMES.sub("N ms", wanted).partition(" ...")
        assert any(line.startswith(beginning) if dots else line == beginning for line in lines), wanted


def test_replay_prints_what_the_page_shows(terminal: Terminal, serving: Callable[[Answer], str]) -> None:
    menu = 'gather say en "Press one for the shop" digits=1'
    house = House(f"sqlite:///{terminal.folder}/offhook-data/offhook.db")
    house.subscribed()
    call_id = house.ring()
    asked = TimelineEvent(1.0, "action-requested", "asking", data={"url": "https://example.com/calls"})
    house.hang_up(
        call_id,
        3.5,
        asked,
        TimelineEvent(1.0, "script", f"{menu}\n"),
        TimelineEvent(1.0, "gather", "waiting"),
        TimelineEvent(1.0, "gathered", "the caller pressed 1", data={"digits": "1"}),
        asked,
        TimelineEvent(1.0, "script", 'say en "The shop is closed"\n'),
    )
    house.close()
    origin = serving(
        lambda target: (200, "playback https://example.com/closed.mp3" if "event=gather" in target else menu)
    )
    printed = typed(terminal, "Replay", **{"0c9f5a41": call_id, "http://localhost:8000": origin})
    assert (printed.status, printed.out) == (1, block("Replay", "text"))
