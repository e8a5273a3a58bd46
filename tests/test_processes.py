"""What tests learn of processes holds also while those come and go."""

import os
import subprocess
import sys
import threading

from processes import children, is_alive

FORKS = "import os\nfor _ in range(300):\n    if not os.fork():\n        os._exit(0)\n    os.wait()\n"


def test_a_process_that_is_gone_has_no_children() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    assert not is_alive(gone.pid)
    assert children(gone.pid) == []


def test_looking_bears_threads_and_children_that_end_meanwhile() -> None:
    with subprocess.Popen([sys.executable, "-c", FORKS]) as parent:
        assert parent.pid in children(os.getpid())
        while parent.poll() is None:
            threading.Thread(target=str).start()
            for child in children(parent.pid):
                assert children(child) == []
            assert parent.pid in children(os.getpid()) or parent.poll() is not None
    assert parent.returncode == 0
