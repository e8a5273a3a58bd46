"""`docs/llms.txt`: every page of the site with its first sentence, for programs that read (llmstxt.org).

The pages and their order are those of the navigation in `mkdocs.yml`; what the site writes itself is left out.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.utils.yaml import yaml_load

FIRST = "Start here"
HEADING = re.compile(r"^# (.+)$", re.MULTILINE)
PROSE = re.compile(r"^(?!```|[#|<\-\s]).+?(?:[.!?](?=\s)|(?=:?\n\n))", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
OPENING = """# Offhook

> A self-hosted dial-in number platform: SIP trunks and telephone numbers go in, customers search, subscribe and use
> numbers by an HTTP API, and each call is decided by a few lines of text that the customer's own web server answers.
> MIT licence.

Read first: the action language (what a server answers), the HTTP API (how numbers are got), and get started (how all of
it is tried on one machine, without a telephone). Every command on these pages is run by a test.
"""


def page(root: Path) -> str:
    """Return the text."""
    nav = yaml_load("nav:\n" + (root / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2])["nav"]
    sections: dict[str, list[str]] = {FIRST: []}
    for section, name in _pages(nav, FIRST):
        file = root / "docs" / name
        if file.is_file():
            sections.setdefault(section, []).append(_line(name, file.read_text(encoding="utf-8")))
    lists = (f"## {section}\n\n{chr(10).join(lines)}\n" for section, lines in sections.items() if lines)
    return "\n".join([OPENING, *lists])


def _pages(nav: list[Any], section: str) -> Iterator[tuple[str, str]]:
    for entry in nav:
        match entry:
            case str() as name if name != "index.md":
                yield section, name.removesuffix("*")
            case dict():
                [(title, inner)] = entry.items()
                if isinstance(inner, list):
                    yield from _pages(inner, title)
                else:
                    yield section, inner.removesuffix("*")


def _line(name: str, text: str) -> str:
    title = HEADING.search(text)
    body = text[title.end() :] if title else text
    found = PROSE.search(body)
    told = LINK.sub(r"\1", " ".join(found.group().split())) if found else ""
    return f"- [{title[1] if title else name}]({name}): {told}"
