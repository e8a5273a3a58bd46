"""A reader of a page: a fresh checkout in an empty folder, one shell for all blocks, and a network of their own.

The blocks run as they stand, on the ports that they name, because nobody else is in that network. What a reader
would leave running in a terminal of its own is left running.
"""

import json
import os
import re
import select
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import doc_network
import doc_world
from certificates import AUTHORITY
from doc_blocks import ROOT

BLOCK_S = 120
"""Longer than any block takes."""
LASTING = {
    "serve": re.compile(r"(?:offhook|scripts/)\s?serve\b"),
    "site": re.compile(r"scripts/docs serve\b"),
    "phone": re.compile(r"offhook phone\b"),
    "web": re.compile(
        r"python3? (?:-m http\.server|\S*server\S*\.py|manage\.py runserver)\b"
        r"|php -S|ruby \S*server\S*\.rb\b|uvicorn |flask "
    ),
}
"""Programs that a reader leaves running, by the terminal that they take: the next one of a kind takes its place."""
LINKED = (
    *("src", "scripts", "docs", "tests", "bench"),
    *("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "LICENSE"),
    *("mkdocs.yml", "pyproject.toml", "requirements.lock", "requirements-dev.lock"),
)
COPIED = ("examples", "clients")
"""Where blocks build or write."""


MIGRATING = threading.Lock()
"""Alembic's context belongs to the process, and several readers may begin at once."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a block printed, how its requests were answered, and what failed."""

    out: str
    err: str
    statuses: Sequence[int]
    failures: Sequence[str]

    @property
    def documents(self) -> list[Any]:
        """Every JSON document in what was printed, in its order."""
        return list(_documents(self.out))


def is_possible() -> bool:
    """Tell whether a network can be made here."""
    return os.geteuid() == 0 and shutil.which("unshare") is not None


class Session:
    """A reader's shell in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "offhook"
        self._notes = folder / "notes"
        self._count = 0
        self._environment = _surroundings(folder, self.checkout, self._notes)

    def __enter__(self) -> Self:
        _furnish(self.checkout)
        self._notes.mkdir()
        certificate, hosts = self._notes / "web.pem", self._notes / "hosts"
        AUTHORITY.cert_pem.write_to_path(self._notes / "authority.pem")
        AUTHORITY.issue_cert(*doc_network.NAMES).private_key_and_cert_chain_pem.write_to_path(certificate)
        hosts.write_text(doc_network.hosts_file())
        reading, writing = os.pipe()
        self._done = os.fdopen(reading, "rb", buffering=0)
        log = (self._notes / "shell.log").open("wb")
        self._shell = subprocess.Popen(
            ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "--norc"],
            cwd=self.checkout,
            env=self._environment | {"DONE": str(writing)},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
            text=True,
            pass_fds=(writing,),
        )
        os.close(writing)
        log.close()
        self._say(f"source {ROOT / 'tests' / 'doc_session.sh'}")
        network = f"{sys.executable} {ROOT / 'tests' / 'doc_network.py'} {certificate} {hosts}"
        self._say(f"{network} >{self._notes}/network.log 2>&1 &")
        self._say(
            f"python3 {ROOT / 'tests' / 'doc_offhook.py'} serve {self._notes}/offhook >{self._notes}/offhook.log 2>&1 &"
        )
        self._say(f"until grep -q ready {self._notes}/network.log; do sleep 0.02; done")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._shell.kill()
        self._shell.communicate()
        self._done.close()

    def furnish(self) -> None:
        """Bring what a page in the middle of things takes for granted."""
        folder = self.checkout / "offhook-data"
        folder.mkdir()
        url = f"sqlite:///{folder / 'offhook.db'}"
        with MIGRATING:
            doc_world.furnish(url, folder)

    def serve(self) -> None:
        """Start the platform that such a page is about, and its action server."""
        started = self.run(
            "OFFHOOK_MEDIA_WORKERS=1 offhook serve --allow-addresses 127.0.0.0/8\n"
            "python3 examples/action_server_tiny.py --sounds src/offhook/cli/demo\n"
        )
        assert not started.failures, started

    def run(self, code: str) -> Ran:
        """Run a block in the shell."""
        self._count += 1
        block = self._notes / f"block-{self._count}.sh"
        # What a block's last command says of itself is noted; the block as a whole says nothing.
        block.write_text(f"{lasting(code.replace(*doc_world.LATEST_CALL))}\n:\n")
        for name in ("failures", "curl"):
            (self._notes / name).write_text("")
        out, err = block.with_suffix(".out"), block.with_suffix(".err")
        self._say(f"source {block} >{out} 2>{err} </dev/null; all_run")
        told = (self._notes / "curl").read_text()
        return Ran(
            out.read_text(errors="replace"),
            err.read_text(errors="replace") + re.sub(r"^@answered 2\d\d\n", "", told, flags=re.MULTILINE),
            [int(status) for status in re.findall(r"^@answered (\d+)", told, re.MULTILINE)],
            (self._notes / "failures").read_text().splitlines(),
        )

    def run_program(self, language: str, text: str) -> Ran:
        """Run a block that is a whole program of another language."""
        self._count += 1
        ending, command, before = PROGRAMS[language]
        file = self._notes / f"program-{self._count}.{ending}"
        file.write_text(text if text.startswith(before) else before + text, encoding="utf-8")
        return self.run(f"{command} {file}\n")

    def keep(self, name: str, text: str) -> None:
        """Write a block that is a file."""
        (self.checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (self.checkout / name).write_text(text, encoding="utf-8")

    def _say(self, line: str) -> None:
        """Have the shell do something, and wait for it."""
        assert self._shell.stdin is not None
        self._shell.stdin.write(f"{line}\necho >&$DONE\n")
        self._shell.stdin.flush()
        ready, _, _ = select.select([self._done], [], [], BLOCK_S)
        if not ready or not self._done.read(1):
            logs = [f"{log.name}: {log.read_text(errors='replace')[-2000:]}" for log in self._notes.glob("*.log")]
            raise AssertionError("\n".join([f"the shell hangs or has ended at: {line}", *logs]))


OFFHOOK = """#!/bin/sh
case "$1" in
    serve | dial | phone | demo) exec "{python}" -P -m offhook "$@" ;;
    *) exec {real} -S -I "{server}" run "$NOTES/offhook" "$@" ;;
esac
"""
"""What lasts, or keeps time, is a process as always."""

PROGRAMS = {
    "python": ("py", "python3", ""),
    "ruby": ("rb", "ruby -I clients/ruby/lib", ""),
    "php": ("php", "php -d auto_prepend_file=$PWD/clients/php/autoload.php", "<?php\n"),
}
"""By language: how its files end, what runs them, and what a block leaves out."""


def lasting(code: str) -> str:
    """Send the programs that a reader leaves running to terminals of their own."""
    whole = re.sub(r"\\\n[ \t]*", "", code)
    lines = []
    is_changed = False
    for line in whole.splitlines():
        words = re.sub(r"^(?:\w+=\S* )+", "", line)
        kind = next((_terminal(kind, found) for kind, shape in LASTING.items() if (found := shape.match(words))), "")
        is_changed = is_changed or bool(kind)
        lines.append(f"lasting {kind} {_quoted('env ' * (words != line) + line.partition('  #')[0])}" if kind else line)
    # A continued line inside a quoted text is part of that text: nothing is touched without need.
    return "\n".join([*lines, ""]) if is_changed else code


def _terminal(kind: str, found: re.Match[str]) -> str:
    """Name the terminal of a program: customers' servers have one each, which the next start of the same one takes."""
    return kind if kind != "web" else re.sub(r"\W+", "-", found.group())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _documents(text: str) -> Iterator[Any]:
    decoder, place = json.JSONDecoder(), 0
    while (found := re.compile(r"[\[{]").search(text, place)) is not None:
        try:
            document, place = decoder.raw_decode(text, found.start())
            yield document
        except json.JSONDecodeError:
            place = found.start() + 1


def _surroundings(folder: Path, checkout: Path, notes: Path) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("HOME", "LANG", "USER") if name in os.environ}
    system = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    return inherited | {
        "PATH": f"{checkout}/.venv/bin:{system}",
        "NOTES": str(notes),
        "TMPDIR": str(folder),
        "SSL_CERT_FILE": str(notes / "authority.pem"),
        "CURL_CA_BUNDLE": str(notes / "authority.pem"),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
    }


def _furnish(checkout: Path) -> None:
    """Make what a fresh clone is, with its packages installed: `scripts/` then find nothing to do."""
    checkout.mkdir(parents=True)
    for name in LINKED:
        (checkout / name).symlink_to(ROOT / name)
    for name in COPIED:
        shutil.copytree(ROOT / name, checkout / name)
    programs = checkout / ".venv" / "bin"
    programs.mkdir(parents=True)
    paths = os.pathsep.join(str(ROOT / place) for place in ("src", "clients/python/src"))
    python = f'#!/bin/sh\nexport PYTHONPATH="{paths}"\nexec "{sys.executable}" "$@"\n'
    for name in ("python", "python3"):
        _program(programs / name, python)
    _program(
        programs / "offhook",
        OFFHOOK.format(real=sys.executable, python=programs / "python", server=ROOT / "tests" / "doc_offhook.py"),
    )
    for name, content in doc_world.FILES.items():
        (checkout / name).write_bytes(content)
    for kind, lock in (("runtime", "requirements.lock"), ("dev", "requirements-dev.lock")):
        with (ROOT / lock).open("rb") as file:
            stamp = subprocess.run(["sha256sum"], stdin=file, capture_output=True, check=True).stdout
        (checkout / ".venv" / f".offhook-{kind}").write_bytes(stamp)


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
