"""`offhook` without the start of Python for each command: pages run a hundred of them.

python doc_offhook.py serve SOCKET             imports the command line once, and forks for each command
python doc_offhook.py run SOCKET WORDS...      what a page's `offhook` is: hands words, folder, environment and
                                               standard streams over, and ends as the command ends
"""

import contextlib
import json
import os
import socket
import sys
import time
import traceback

ROOM = 1 << 16


def serve(place: str) -> None:
    """Fork a child for each command that comes; ends with its parent's terminal."""
    import offhook.api
    import offhook.service
    import offhook.storage  # noqa: F401 - what most commands import when they run
    from offhook.cli.tree import COMMANDS, imported

    for name in COMMANDS:
        imported(name)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
        listener.listen()
        while True:
            visitor, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                # Another child carries the command out, and this one tells how it ended.
                _attend(visitor)
            visitor.close()
            with contextlib.suppress(ChildProcessError):
                os.waitpid(-1, os.WNOHANG)


def _attend(visitor: socket.socket) -> None:
    request, streams, _, _ = socket.recv_fds(visitor, ROOM, 3)
    child = os.fork()
    if child == 0:
        visitor.close()
        _carry_out(json.loads(request), streams)
    _, status = os.waitpid(child, 0)
    visitor.sendall(bytes([os.waitstatus_to_exitcode(status) & 0xFF]))
    os._exit(0)


def _carry_out(request: dict[str, object], streams: list[int]) -> None:
    from offhook.cli import main

    words, folder, environment = request["words"], request["folder"], request["environment"]
    assert isinstance(words, list)
    assert isinstance(environment, dict)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    # Those that are there know what their descriptors were: files, perhaps, in which one can go back.
    sys.stdin, sys.stdout, sys.stderr = (open(number, mode, closefd=False) for number, mode in enumerate("rww"))  # noqa: SIM115
    os.chdir(str(folder))
    os.environ.clear()
    os.environ.update(environment)
    status = 1
    try:
        status = main(words)
    except SystemExit as ended:
        status = int(ended.code or 0)
    finally:
        if (defect := sys.exception()) is not None:
            traceback.print_exception(defect)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def run(place: str, words: list[str]) -> int:
    """Have a command carried out, and return how it ended."""
    request = {"words": words, "folder": os.getcwd(), "environment": dict(os.environ)}  # noqa: PTH109 - as the shell says
    with socket.socket(socket.AF_UNIX) as server:
        _connect(server, place)
        socket.send_fds(server, [json.dumps(request).encode()], [0, 1, 2])
        ended = server.recv(1)
    return ended[0] if ended else 1


def _connect(server: socket.socket, place: str) -> None:
    """Wait for as long as the imports take."""
    for _ in range(600):
        try:
            server.connect(place)
        except OSError:
            time.sleep(0.05)
        else:
            return
    sys.exit("nobody carries commands out")


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    sys.exit(run(sys.argv[2], sys.argv[3:]))
