"""What holds for the examples without a call: they need no platform, and the README lists them all."""

import ast
import re
import sys
from collections.abc import Callable
from datetime import datetime
from importlib import util
from pathlib import Path
from types import ModuleType

import pytest

from example_servers import DJANGO, ROOT, listed, manage
from offhook.language.parser import parse

EXAMPLES = ROOT / "examples"
FILES = sorted(path for path in EXAMPLES.rglob("*.py") if "__pycache__" not in path.parts)
ALLOWED = {"offhook_client", "flask", "fastapi", "django", "reception"} | sys.stdlib_module_names
BEFORE, OPENS, CLOSES = "2026-11-26T08:59:59", "2026-11-26T09:00:00", "2026-11-26T18:00:00"


def load(name: str) -> ModuleType:
    spec = util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(EXAMPLES)) for path in FILES])
def test_no_example_needs_the_platform(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    whole = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    named = {node.module or "." for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in whole | named} <= ALLOWED


def test_the_readme_lists_every_example() -> None:
    there = {path.name for path in EXAMPLES.iterdir() if path.name != "README.md" and not path.name.startswith("__")}
    assert set(listed()) == there | {"action_server.ru", "action_server.php"}


@pytest.mark.parametrize("name", [path.stem for path in FILES if path.parent == EXAMPLES])
def test_the_first_lines_of_an_example_say_the_command_of_the_readme(name: str) -> None:
    command, _ = listed()[f"{name}.py"]
    there = command.replace("--app-dir examples ", "").replace("examples/", "").replace("python3", "python")
    documented = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8").split('"""')[1].replace("examples/", "")
    assert re.search(rf"^    {re.escape(there)}", documented, re.MULTILINE)


@pytest.fixture(scope="module")
def hours() -> Callable[[str], str]:
    """Return what is answered at a time of Tokyo, which is right in the action language."""
    module = load("opening_hours")

    def answered(local: str) -> str:
        text: str = module.answer(datetime.fromisoformat(local).replace(tzinfo=module.TIME_ZONE)).text
        assert parse(text).problems == ()
        return text

    return answered


@pytest.mark.parametrize(
    ("local", "begins"),
    [
        (BEFORE, 'say en "Our office is closed. We are here again on Thursday at 9:00."'),
        (OPENS, "transfer +81-3-5550-0123 ring=20"),
        ("2026-11-26T17:59:59", "transfer +81-3-5550-0123 ring=20"),
        (CLOSES, 'say en "Our office is closed. We are here again on Friday at 9:00."'),
        ("2026-11-27T16:30:00", 'say en "Our office is closed. We are here again on Monday at 9:00."'),
        ("2026-12-31T12:00:00", 'say en "Our office is closed. We are here again on Monday at 9:00."'),
    ],
    ids=["just before", "opens", "about to close", "closes", "a short Friday", "a holiday before a weekend"],
)
def test_callers_are_told_when_the_office_opens(hours: Callable[[str], str], local: str, begins: str) -> None:
    first, second = hours(local).splitlines()
    assert first == begins
    assert second.startswith("voicemail say en ")


def test_an_office_that_never_opens_says_no_day() -> None:
    module = load("opening_hours")
    module.HOURS.clear()
    script = module.answer(datetime(2026, 11, 26, 12, tzinfo=module.TIME_ZONE))
    assert script.text.startswith('say en "Our office is closed."\n')


def test_every_menu_leads_to_one_that_is_there_and_says_what_the_language_knows() -> None:
    module = load("ivr")
    assert "main" in module.MENUS
    for menu in module.MENUS.values():
        for leads_to in menu.keys.values():
            if isinstance(leads_to, str):
                assert leads_to in module.MENUS
            else:
                assert parse(leads_to.text).problems == ()


def test_the_django_example_passes_its_own_tests() -> None:
    told = manage(ROOT / DJANGO, "test", OFFHOOK_SECRET="whsec_of_nobody")
    assert re.search(r"^Ran 1[6-9] tests", told, re.MULTILINE), told
    assert told.rstrip().endswith("OK") or "\nOK\n" in told


def test_the_django_example_has_no_change_without_a_migration() -> None:
    assert "No changes detected" in manage(ROOT / DJANGO, "makemigrations", "--check", "--dry-run")
