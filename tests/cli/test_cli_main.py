import json
import os
import signal
import subprocess
import sys

import pytest
from typer.core import TyperCommand

import offhook
from offhook.cli.tree import COMMANDS as COMMANDS_BY_NAME
from offhook.cli.tree import imported
from terminal import Terminal, clean_environment

HEAVY = (
    "aiohttp",
    "alembic",
    "asyncio",
    "av",
    "fastapi",
    "pydantic",
    "rich.table",
    "sqlalchemy",
    "structlog",
    "uvicorn",
    "uvloop",
)
COMMANDS = (
    (),
    ("serve",),
    ("accounts",),
    ("accounts", "create"),
    ("accounts", "top-up"),
    ("accounts", "list"),
    ("accounts", "users"),
    ("accounts", "users", "add"),
    ("accounts", "users", "list"),
    ("accounts", "users", "disable"),
    ("accounts", "users", "enable"),
    ("accounts", "users", "rotate"),
    ("accounts", "users", "restrict"),
    ("accounts", "users", "rename"),
    ("numbers", "import"),
    ("trunks", "add"),
    ("trunks", "list"),
    ("calls", "list"),
    ("calls", "show"),
    ("recordings", "list"),
    ("recordings", "show"),
    ("recordings", "export"),
    ("recordings", "delete"),
    ("dial",),
    ("phone",),
    ("actions", "lint"),
    ("demo",),
    ("explain",),
)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help_and_takes_json(terminal: Terminal, words: tuple[str, ...]) -> None:
    printed = terminal.type(*words, "--help")
    assert printed.status == 0
    assert printed.out.startswith(f"Usage: {' '.join(('offhook', *words))}")
    assert "--json" in printed.out


@pytest.mark.parametrize("name", COMMANDS_BY_NAME)
def test_the_help_of_all_commands_says_of_each_what_its_own_does(name: str) -> None:
    own = imported(name).get_short_help_str(200)
    assert TyperCommand(name=name, help=COMMANDS_BY_NAME[name]).get_short_help_str(200) == own


def test_the_help_of_all_commands_imports_none_of_them() -> None:
    script = (
        "import sys; from offhook.cli import main; main(['--help'])\n"
        f"print([name for name in {list(COMMANDS_BY_NAME)!r} if 'offhook.cli.' + name in sys.modules])"
    )
    finished = subprocess.run(
        [sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True, env=clean_environment()
    )
    assert finished.stdout.splitlines()[-1] == "[]"


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from offhook.cli import main\n"
        f"for words in {COMMANDS!r}: main([*words, '--help'])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    finished = subprocess.run(
        [sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True, env=clean_environment()
    )
    assert finished.stdout.splitlines()[-1] == "[]"


def test_the_program_starts_as_a_module(terminal: Terminal) -> None:
    printed = terminal.run("--version")
    assert (printed.status, printed.out) == (0, f"offhook {offhook.__version__}\n")


@pytest.mark.parametrize("words", [(), ("accounts",)])
def test_a_group_without_a_command_shows_its_help_and_is_wrong_usage(
    terminal: Terminal, words: tuple[str, ...]
) -> None:
    printed = terminal.type(*words)
    assert printed.status == 2
    assert "Commands:" in printed.out


def test_wrong_usage_says_where_help_is(terminal: Terminal) -> None:
    printed = terminal.type("accounts", "create")
    assert printed.status == 2
    assert printed.err == "error: Missing argument 'NAME'.\n  see: offhook accounts create --help\n"


def test_wrong_usage_is_a_json_document_too(terminal: Terminal) -> None:
    printed = terminal.type("accounts", "creat", "--json")
    assert printed.status == 2
    assert printed.out == ""
    assert printed.error["code"] == "usage"


def test_an_error_of_the_house_is_told_with_its_hint_and_code(terminal: Terminal) -> None:
    printed = terminal.type("accounts", "top-up", "Nobody", "1")
    assert printed.status == 1
    assert printed.out == ""
    assert printed.err == (
        "error: there is no account 'Nobody'\n"
        "  `offhook accounts list` names them all\n"
        "  code: account-not-found (offhook explain account-not-found)\n"
    )


def test_an_error_of_the_house_is_one_json_document_on_standard_error(terminal: Terminal) -> None:
    printed = terminal.type("accounts", "top-up", "Nobody", "1", "--json")
    assert (printed.status, printed.out) == (1, "")
    assert printed.error == {
        "code": "account-not-found",
        "sentence": "there is no account 'Nobody'",
        "hint": "`offhook accounts list` names them all",
    }


@pytest.mark.parametrize(
    "words", [("--json", "accounts", "list"), ("accounts", "--json", "list"), ("accounts", "list", "--json")]
)
def test_json_may_stand_before_or_after_the_command(terminal: Terminal, words: tuple[str, ...]) -> None:
    assert terminal.type(*words).document == []


def test_a_setting_that_is_wrong_is_an_error_and_no_traceback(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFHOOK_DATABASE", "mysql://")
    printed = terminal.type("accounts", "list", "--json")
    assert (printed.status, printed.error["code"]) == (1, "setup")


def test_the_database_of_the_settings_is_used(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFHOOK_DATABASE", f"sqlite:///{terminal.folder / 'other.db'}")
    assert terminal.type("accounts", "create", "Other").status == 0
    assert (terminal.folder / "other.db").exists()
    monkeypatch.delenv("OFFHOOK_DATABASE")
    assert terminal.type("accounts", "list", "--json").document == []


def test_ctrl_c_ends_with_130_and_no_traceback(terminal: Terminal) -> None:
    with terminal.start("actions", "lint", "-") as process:
        assert process.stdin is not None
        # It reads us when it has taken more than a pipe holds.
        process.stdin.write("#" * 200_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err


def test_a_reader_that_has_enough_is_no_error(terminal: Terminal) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with terminal.start("accounts", "list", stdout=writing) as process:
        os.close(writing)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (1, "")


def test_an_error_in_json_is_ascii_or_not_but_always_json(terminal: Terminal) -> None:
    printed = terminal.type("accounts", "top-up", "株式会社\x1b[31m", "1", "--json")
    assert json.loads(printed.err)["error"]["code"] == "account-not-found"
