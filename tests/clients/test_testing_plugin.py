"""The pytest plugin as its user has it: installed from the wheel, found by its entry point, with the worked example."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

CLIENT = Path(__file__).parents[2] / "clients" / "python"

WRONG = """
def answer(environ, start_response):
    start_response("200 OK", [])
    if "event=gather" in environ["QUERY_STRING"]:
        return [b'say en "Sales is closed"\\nplaybak https://example.com/bye.mp3']
    return [b'gather say en "Press one" digits=1']


def test_a_wrong_line_is_drawn(offhook_call):
    offhook_call(answer).hears("Press one").presses("1")


def test_what_is_not_heard_is_told(offhook_call):
    offhook_call(answer).hears("Goodbye")


def test_what_does_not_fit_is_told(offhook_call):
    offhook_call(answer).callee("busy")
"""

SAID = """
A call from 819012345678 to 815012345678:
  asks     https://action.example/ event=incoming
  line 1   gather say en "Press one" digits=1
  caller   presses 1
  asks     https://action.example/ event=gather digits=1
  failed   unknown-verb, line 2, column 1: there is no action 'playbak'; did you mean playback?
               playbak https://example.com/bye.mp3
               ^^^^^^^
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel, as an installation does."""
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=CLIENT, check=True, capture_output=True, timeout=60)
    [wheel] = folder.glob("offhook_client-*.whl")
    ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder where nothing but the client was installed."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_example_s_tests_pass(installed: Path, tmp_path: Path) -> None:
    example = tmp_path / "ivr"
    shutil.copytree(CLIENT / "examples" / "ivr", example, ignore=shutil.ignore_patterns("__pycache__"))
    ran = run(installed, example, "-m", "pytest", "-q", "-p", "no:asyncio", "--rootdir", str(example), "-W", "error")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "9 passed" in ran.stdout


def test_a_failing_test_shows_the_call_so_far_and_nothing_of_the_kit(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "test_wrong.py").write_text(WRONG, encoding="utf-8")
    ran = run(installed, tmp_path, "-m", "pytest", "-q", "-p", "no:asyncio", "--rootdir", str(tmp_path))
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "3 failed" in ran.stdout
    said = re.sub(r"^E(?: {7}|$)", "", ran.stdout, flags=re.MULTILINE)
    assert SAID in said
    assert "does not hear 'Goodbye', but 'Press one'." in said
    assert "A callee cannot be 'busy': it waits for keys." in said
    assert "  now      it waits for keys" in said
    # What failed is shown in the test, not in what the test calls.
    assert "offhook_client/testing" not in said


def test_the_client_itself_needs_no_pytest(installed: Path, tmp_path: Path) -> None:
    lines = ["import sys", "import offhook_client.testing", "assert 'pytest' not in sys.modules"]
    alone = ["import offhook_client", "assert 'offhook_client.testing' not in sys.modules"]
    for code in ("\n".join(lines), "\n".join(["import sys", *alone])):
        ran = run(installed, tmp_path, "-c", code)
        assert ran.returncode == 0, ran.stderr
