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
    offhook_call(answer, "/calls").hears("Press one").presses("1")


def test_what_is_not_heard_is_told(offhook_call):
    offhook_call(answer).hears("Goodbye")


def test_what_does_not_fit_is_told(offhook_call):
    offhook_call(answer).callee("busy")


def test_what_is_no_verb_is_told_with_the_calls(offhook_call):
    assert offhook_call(answer, caller="8111").is_over
"""

README = (CLIENT / "README.md").read_text(encoding="utf-8")
SAID = README[README.index("A call from ") :].partition("```")[0]

DJANGO = """
import pytest
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

from offhook_client import Script


def answer(request):
    if request.GET["event"] == "gather":
        return HttpResponse(Script().say("en", f"You pressed {request.GET['digits']}."))
    return HttpResponse(Script().gather(next=request.build_absolute_uri("/calls")))


settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["action.example"], SECRET_KEY="-", USE_I18N=False)
urlpatterns = [path("calls", answer)]


@pytest.mark.parametrize("application", [get_wsgi_application, get_asgi_application])
def test_a_number_is_read_back(offhook_call, application):
    offhook_call(application(), "/calls").presses("42").hears("You pressed 42.")
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


@pytest.fixture(scope="module")
def said(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Run the example's tests, those of a Django project, and some that fail; return what pytest says."""
    folder = tmp_path_factory.mktemp("tests")
    shutil.copytree(CLIENT / "examples" / "ivr", folder / "ivr", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "test_wrong.py").write_text(WRONG, encoding="utf-8")
    (folder / "test_django.py").write_text(DJANGO, encoding="utf-8")
    # Without plugins that are slow or have warnings of their own.
    without = ("-p", "no:asyncio", "-p", "no:schemathesis", "-W", "error")
    ran = run(installed, folder, "-m", "pytest", "-v", *without, "--rootdir", str(folder))
    assert ran.returncode == 1, ran.stdout + ran.stderr
    return re.sub(r"^E(?: {7}|$)", "", ran.stdout, flags=re.MULTILINE)


def test_the_example_s_tests_pass(said: str) -> None:
    assert len(re.findall("^ivr/test_shop.py::.* PASSED ", said, re.MULTILINE)) == 9


def test_a_django_project_is_called_by_both_its_doors(said: str) -> None:
    assert len(re.findall("^test_django.py::.* PASSED ", said, re.MULTILINE)) == 2


def test_a_failing_test_shows_the_call_so_far_and_nothing_of_the_kit(said: str) -> None:
    assert "= 4 failed, 11 passed in " in said
    assert SAID in said, "the README shows something else"
    assert "does not hear 'Goodbye', but 'Press one'." in said
    assert "A callee cannot be 'busy': it waits for keys." in said
    assert "  now      it waits for keys" in said
    assert said.count("offhook_call -") == said.count("A call from 8111") == 1
    # What failed is shown in the test, not in what the test calls.
    assert "offhook_client/testing" not in said


def test_tests_that_call_nobody_do_not_even_import_the_client(installed: Path, tmp_path: Path) -> None:
    test = "import sys\n\ndef test_it():\n    assert 'pytest_offhook' in sys.modules and 'httpx2' not in sys.modules\n"
    (tmp_path / "test_other.py").write_text(test, encoding="utf-8")
    ran = run(
        installed, tmp_path, "-m", "pytest", "-p", "no:asyncio", "-p", "no:schemathesis", "--rootdir", str(tmp_path)
    )
    assert ran.returncode == 0, ran.stdout


def test_the_client_itself_needs_no_pytest(installed: Path, tmp_path: Path) -> None:
    lines = ["import sys", "import offhook_client.testing", "assert 'pytest' not in sys.modules"]
    alone = ["import offhook_client", "assert 'offhook_client.testing' not in sys.modules"]
    for code in ("\n".join(lines), "\n".join(["import sys", *alone])):
        ran = run(installed, tmp_path, "-c", code)
        assert ran.returncode == 0, ran.stderr
