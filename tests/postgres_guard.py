"""Runs a PostgreSQL server for as long as the tests hold the other end of its standard input.

A program of its own, because the kernel's word alone (see `offhook.lifeline`) watches a thread: a server that is
started again from a short-lived one would end with it. The pipe watches the process, however that ends.
"""

import os
import select
import shutil
import signal
import subprocess
import sys

STDIN = 0
SIGNALS = {b"fast": signal.SIGINT, b"immediate": signal.SIGQUIT}
PATIENCE_S = 15


def main() -> int:
    """Run the command until it ends, or a mode to stop in is said, or nobody is there who could say one."""
    folder, *command = sys.argv[1:]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    ended = os.pidfd_open(server.pid)
    readable, _, _ = select.select([STDIN, ended], [], [])
    if ended in readable:
        return server.wait()
    mode = os.read(STDIN, 32)
    server.send_signal(SIGNALS[mode or b"immediate"])
    try:
        server.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        server.kill()
    if not mode:
        # The tests are gone, and would have cleared this away.
        shutil.rmtree(folder, ignore_errors=True)
    return server.wait()


if __name__ == "__main__":
    sys.exit(main())
