import json
import signal
import socket
from urllib.request import urlopen

import pytest

from offhook.serve import last_start
from terminal import Terminal


def test_a_port_that_is_taken_is_told_with_a_hint(terminal: Terminal) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        printed = terminal.run("serve", "--http", "127.0.0.1:0", "--sip", f"127.0.0.1:{port}", "--json")
    assert (printed.status, printed.out) == (1, "")
    error = json.loads(printed.err.splitlines()[-1])["error"]
    assert error["code"] == "setup"
    assert "--sip" in error["hint"]


@pytest.mark.parametrize(
    "words",
    [("--http", "nowhere"), ("--rtp-ports", "1-2"), ("--database", "x"), ("--allow-addresses", "10.0.0.0/8,x")],
)
def test_a_setting_that_is_wrong_names_its_option(terminal: Terminal, words: tuple[str, str]) -> None:
    printed = terminal.type("serve", *words, "--json")
    assert (printed.status, printed.error["code"]) == (1, "setup")
    assert printed.error["sentence"].startswith(words[0])


@pytest.mark.peers
def test_a_node_says_where_it_is_and_ends_on_ctrl_c(terminal: Terminal) -> None:
    words = ("--http", "127.0.0.1:0", "--sip", "127.0.0.1:0", "--rtp-ports", "20000-20099")
    networks = ("--allow-addresses", "127.0.0.0/8", "--allow-addresses", "10.0.0.0/8,192.0.2.0/24")
    with terminal.start("serve", *words, *networks, "--json") as process:
        assert process.stdout is not None
        try:
            place = json.loads(process.stdout.readline())
            with urlopen(f"{place['http']}/healthz") as answer:
                assert answer.status == 200
            # What the doctor reads while the node runs.
            noted = terminal.folder / "offhook-data" / last_start.FILE
            assert json.loads(noted.read_text())["allow_addresses"] == "127.0.0.0/8,10.0.0.0/8,192.0.2.0/24"
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, out) == (0, "")
    assert not noted.exists()
    assert json.loads(err.splitlines()[0]) == {"event": "stopping", "calls": 0, "drain_s": 60}
    assert all(json.loads(line) for line in err.splitlines())
