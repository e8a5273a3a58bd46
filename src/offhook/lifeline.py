"""How workers are started: the kernel ends each of them with the process that started it.

A worker exits when its socket closes; but one that is being imported, or that computes in C code, does not
look at its socket for seconds. The kernel's word (prctl(2), PR_SET_PDEATHSIG) reaches it all the same.
It watches the thread that starts the worker, which is to be the main one.
"""

import ctypes
import os
import runpy
import signal
import sys

PR_SET_PDEATHSIG = 1


def command(module: str, *arguments: str) -> list[str]:
    """Return the command line that runs a module as a worker of this process."""
    # -P: nothing is imported from the directory that we happen to stand in.
    return [sys.executable, "-P", "-m", "offhook.lifeline", str(os.getpid()), module, *arguments]


def main() -> None:
    """Tie this process to its parent and become the worker."""
    parent, module, *arguments = sys.argv[1:]
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # It may have died before the kernel was told, and then nobody would ever end us.
    if os.getppid() == int(parent):
        sys.argv = [module, *arguments]
        runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
