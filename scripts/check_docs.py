"""Refuse documents that name what is not there: links, headings, scripts, source files, commands and their options.

Every Markdown file of the checkout is read. A command counts as named where it stands in a code block or
between backticks. Pages on other hosts are not fetched: the check must work without a network.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
FENCED = re.compile(r"^(`{3,}|~{3,})[^\n]*\n(.*?)^\1", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
SCRIPT = re.compile(r"(?<![\w./-])(scripts/[\w./-]*[\w-])")
SOURCE = re.compile(r"(?<![\w./-])((?:[a-z_]+/)+[a-z0-9_]+\.py)\b")
COMMAND = re.compile(
    r"(?:^|[|;&$])[ \t]*(?:\w+=\S*[ \t]+)*(?:\.venv/bin/)?offhook((?: [a-z][a-z-]*){0,3})(?![\w.:/\[-])([^\n|;&#]*)",
    re.MULTILINE,
)
OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]+)")


@dataclass(frozen=True, slots=True)
class Command:
    """`offhook` with the words that choose a command, and the options that a document gives it."""

    words: tuple[str, ...]
    options: frozenset[str]


def main(root: Path) -> int:
    """Print what is wrong in the documents under `root`; return how a process should end."""
    wrong = [sentence for document in documents(root) for sentence in faults(document, root)]
    for sentence in wrong:
        print(sentence)
    return 1 if wrong else 0


def documents(root: Path) -> list[Path]:
    """List the Markdown files of the checkout, without hidden folders such as `.venv`."""
    return sorted(
        path for path in root.rglob("*.md") if not any(part.startswith(".") for part in path.relative_to(root).parts)
    )


def faults(document: Path, root: Path) -> Iterator[str]:
    """Say each thing that `document` names and that is not there."""
    text = document.read_text(encoding="utf-8")
    name = document.relative_to(root)
    for target in dead_links(document, text):
        yield f"{name}: the link {target} leads nowhere"
    code = "\n".join(code_of(text))
    for script in sorted(set(SCRIPT.findall(code))):
        if not (root / script).exists():
            yield f"{name}: there is no {script}"
    for source in sorted(set(SOURCE.findall(code))):
        # Documents name the files of a room as `engine/sip/parser.py`.
        if not any((root / above / source).exists() for above in ("", "src/offhook")):
            yield f"{name}: there is no {source}"
    commands = list(commands_of(code))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for sentence in pool.map(fault_of_command, commands):
            if sentence:
                yield f"{name}: {sentence}"


def dead_links(document: Path, text: str) -> Iterator[str]:
    """Find links to files or headings that do not exist."""
    for target in LINK.findall(FENCED.sub("", text)):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        path, _, heading = target.partition("#")
        file = document.parent / path if path else document
        if not file.exists() or (heading and heading not in headings(file)):
            yield target


def headings(document: Path) -> set[str]:
    """Return the anchors that GitHub gives to a document's headings."""
    text = FENCED.sub("", document.read_text(encoding="utf-8"))
    titles = (re.sub(r"[^\w\- ]", "", title.lower()) for title in HEADING.findall(text))
    return {title.strip().replace(" ", "-") for title in titles}


def code_of(text: str) -> Iterator[str]:
    """Return what a document shows as code."""
    for _, block in FENCED.findall(text):
        # A long command is shown on several lines.
        yield re.sub(r"\\\n[ \t]*", "", block)
    yield from INLINE.findall(FENCED.sub("", text))


def commands_of(code: str) -> Iterator[Command]:
    """Find the uses of our own command, each kind once."""
    seen = set()
    for words, rest in COMMAND.findall(code):
        command = Command(tuple(words.split()), frozenset(OPTION.findall(rest)))
        if command not in seen:
            seen.add(command)
            yield command


def fault_of_command(command: Command) -> str | None:
    """Ask the command itself for its help, and say what it does not know."""
    help_text = help_of(command.words)
    if help_text is None:
        return f"there is no command `offhook {' '.join(command.words)}`"
    unknown = sorted(option for option in command.options if option not in help_text)
    return f"`offhook {' '.join(command.words)}` has no {', '.join(unknown)}" if unknown else None


@cache
def help_of(words: tuple[str, ...]) -> str | None:
    """Return the command's help, or nothing if there is no such command."""
    # The help is drawn as a table: a narrow one would cut long options.
    surroundings = os.environ | {"COLUMNS": "240", "NO_COLOR": "1", "TERM": "dumb"}
    asked = subprocess.run(  # noqa: S603 - our own command, words from our own documents
        [sys.executable, "-P", "-m", "offhook", *words, "--help"],
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout if asked.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent))
