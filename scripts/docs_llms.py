"""`docs/llms.txt`: every page of the site with its first sentence, for programs that read (llmstxt.org).

The pages and their order are those of the navigation in `mkdocs.yml`. What the site writes itself is left out, and of
the codes there is the list. Links lead to files of the repository; on the site, to the texts beside its pages.
"""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.utils.yaml import yaml_load

HEADING = re.compile(r"^# (.+)$", re.MULTILINE)
PROSE = re.compile(r"^(?!```|[#|<\-\s]).+?(?:[.!?](?=\s)|(?=:?\n\n))", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
OPENING = """# Offhook

> A self-hosted dial-in number platform: SIP trunks and telephone numbers go in, customers search, subscribe and use
> numbers by an HTTP API, and each call is decided by a few lines of text that the customer's own web server answers.
> MIT licence.

Read first: the action language (what a server answers), the HTTP API (how numbers are got), and get started (how all of
it is tried on one machine, without a telephone). Every command on these pages is run by a test. The HTTP API for
programs is [openapi.json](openapi.json), and a running platform serves it at `/openapi.json`.
"""


def page(root: Path) -> str:
    """Return the text."""
    # The module of the site reads openings here, so that neither can wait for the other.
    import docs_site

    nav = yaml_load("nav:\n" + (root / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2])["nav"]
    outside = {inside: place for place, inside in docs_site.OUTSIDE.items()}
    docs = [path.relative_to(root / "docs").as_posix() for path in (root / "docs").rglob("*.md")]
    names = [name for name in docs if PurePosixPath(name).parent.name != "errors"] + [*outside]
    sections: dict[str, list[str]] = {}
    for section, name in _pages(docs_site.written_out(nav, names), ""):
        place = f"../{outside[name]}" if name in outside else name
        file = root / "docs" / place
        if file.is_file():
            sections.setdefault(section, []).append(_line(place, file.read_text(encoding="utf-8")))
    lists = (f"## {section}\n\n{chr(10).join(lines)}\n" for section, lines in sections.items())
    return "\n".join([OPENING, *lists])


def opening(text: str) -> str:
    """Return the first sentence of a page, without links and marks."""
    title = HEADING.search(text)
    found = PROSE.search(text[title.end() :] if title else text)
    return LINK.sub(r"\1", " ".join(found.group().split())).replace("**", "") if found else ""


def _pages(nav: list[Any], section: str) -> Iterator[tuple[str, str]]:
    for entry in nav:
        match entry:
            case str() as name:
                yield section, name
            case dict():
                [(title, inner)] = entry.items()
                if isinstance(inner, list):
                    yield from _pages(inner, title)
                elif inner != "index.md":
                    yield section, inner


def _line(place: str, text: str) -> str:
    title = HEADING.search(text)
    return f"- [{title[1] if title else place}]({place}): {opening(text)}"
