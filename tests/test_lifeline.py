"""A worker goes with whoever started it, also one that computes and looks at no socket."""

import os
import subprocess
import sys
from pathlib import Path

from offhook import lifeline
from processes import gone_within

HANGS_IN_C = "import re, sys\nprint(sys.argv[1], flush=True)\nre.match('(a+)+$', 'a' * 64 + 'b')\n"
PARENT = """
import subprocess, sys
from offhook import lifeline
worker = subprocess.Popen(lifeline.command("hanging", "busy"), stdout=subprocess.PIPE, text=True)
print(worker.stdout.readline().strip(), worker.pid, flush=True)
sys.stdin.read()
"""


def test_a_busy_worker_is_gone_with_its_parent(tmp_path: Path) -> None:
    (tmp_path / "hanging.py").write_text(HANGS_IN_C)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        word, pid = parent.stdout.readline().split()
        parent.kill()
    assert word == "busy"
    assert gone_within(int(pid), 1.0)


def test_a_worker_whose_parent_is_gone_already_never_begins() -> None:
    orphan = [word if word != str(os.getpid()) else "0" for word in lifeline.command("this")]
    finished = subprocess.run(orphan, capture_output=True, text=True, timeout=30, check=False)
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")
