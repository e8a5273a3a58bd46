"""How threads share the interpreter of a process that has a busy loop and a database."""

import sys

SWITCH_INTERVAL_S = 0.0005


def share_interpreter() -> None:
    """Let database threads wait less for the interpreter while the loop is busy: they may have a file locked."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
