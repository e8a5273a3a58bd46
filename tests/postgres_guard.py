"""Runs a program of PostgreSQL, the server above all, while the tests hold the other end of its standard input.

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
    # A shell's background job ignores these, and then one that comes before the server listens to it would be lost.
    for said in SIGNALS.values():
        signal.signal(said, signal.SIG_DFL)
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    ended = os.pidfd_open(program.pid)
    readable, _, _ = select.select([STDIN, ended], [], [])
    if ended in readable:
        return program.wait()
    mode = os.read(STDIN, 32)
    program.send_signal(SIGNALS[mode or b"immediate"])
    try:
        program.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        program.kill()
    if not mode:
        # The tests are gone, and would have cleared this away.
        shutil.rmtree(folder, ignore_errors=True)
    return program.wait()


if __name__ == "__main__":
    sys.exit(main())
