"""What mkdocs cannot do by itself: a hook that it loads by `mkdocs.yml`.

- Pages that lie elsewhere in the repository (`ARCHITECTURE.md`, READMEs) are pages of the site too, so are examples of
  one file, and links between pages lead where they lead in the repository.
- An entry of the navigation that ends with `*` stands for all pages that match it and are named nowhere else, or none.
- State diagrams become tables: to draw them, the theme would load a script from another host.
- The API reference is written from `docs/openapi.json`.
- Beside each page lies its text (`actions.md` beside `actions.html`), where `llms.txt` leads.
"""

import posixpath
import re
import sys
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from html import escape
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
# mkdocs loads this file by its path.
sys.path.insert(0, str(Path(__file__).parent))
import docs_llms  # noqa: E402
import docs_reference  # noqa: E402

OUTSIDE = {
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "bench/README.md": "benchmarks.md",
    **{str(one.relative_to(ROOT)): f"clients/{one.parent.name}.md" for one in ROOT.glob("clients/*/README.md")},
    **{
        str(one.relative_to(ROOT)): f"examples/{'index' if one.parent.name == 'examples' else one.parent.name}.md"
        for one in sorted(ROOT.glob("examples/**/README.md"))
    },
}
"""Pages of the repository outside of docs/, and where they are on the site."""
SOURCES = {
    str(one.relative_to(ROOT)): f"examples/{one.name}.md"
    for folder in ("examples", "clients/*/examples")
    for ending in ("py", "rb", "ru", "php")
    for one in sorted(ROOT.glob(f"{folder}/*.{ending}"))
}
"""Examples of one file, each of which is a page: who reads the site has no checkout beside it."""
HIGHLIGHTED = {"ru": "ruby", "rb": "ruby", "py": "python"}
REFERENCE = "api-reference.md"
LISTED = "llms.txt"
_texts: dict[str, str] = {}
"""The text of each page, as it is led on the site."""
START = {"README.md": "index.md"}
"""Pages of the repository that the site has in words of its own."""
CODE = re.compile(r"errors/(?!index\.md)[\w-]+\.md")
EVERY_CODE = "All codes"
HEADING = re.compile(r"^# .*$", re.MULTILINE)
LINK = re.compile(r"(?<!\\)(?P<text>\[[^\]]*\])\((?P<target>[^)\s]+)\)")
FENCED = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
DIAGRAM = re.compile(r"^```mermaid\nstateDiagram-v2\n(?P<arrows>.*?)^```$", re.MULTILINE | re.DOTALL)
ARROW = re.compile(r"^\s+(?P<source>\S+) --> (?P<target>[^:\s]+)(?:: (?P<label>.*))?$", re.MULTILINE)
MARK = re.compile(r"^<!-- (?:not run|run by|answers|fails): [^\n]* -->\n", re.MULTILINE)


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Bring the pages from outside, and write the navigation out."""
    for inside, outside in _outside().items():
        text = (ROOT / outside).read_text(encoding="utf-8")
        files.append(File.generated(config, inside, content=text))
    for source, inside in SOURCES.items():
        files.append(File.generated(config, inside, content=_listing(ROOT / source)))
    files.append(File.generated(config, REFERENCE, content=docs_reference.page(ROOT)))
    config.nav = written_out(config.nav or [], _in_nav(files, config))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Lead links where they lead in the repository, and turn diagrams into tables."""
    place = _outside().get(page.file.src_uri, f"docs/{page.file.src_uri}")
    text = DIAGRAM.sub(_table, MARK.sub("", markdown))
    parts, last = [], 0
    for fence in FENCED.finditer(text):
        parts += [_led(text[last : fence.start()], place, page.file.src_uri), fence.group()]
        last = fence.end()
    written = "".join([*parts, _led(text[last:], place, page.file.src_uri)])
    if CODE.fullmatch(page.file.src_uri):
        # Two hundred of them would hide all else in the navigation.
        written = HEADING.sub(rf"\g<0>\n[{EVERY_CODE}](index.md)\n", written, count=1)
    # The theme writes it into an attribute as it is.
    page.meta.setdefault("description", escape(docs_llms.opening(text).replace("`", "")))
    _texts[page.file.src_uri] = written
    return written


def on_post_build(*, config: MkDocsConfig) -> None:
    """Lay the text of each page beside it, and have the list for programs lead there."""
    folder = Path(config.site_dir)
    for uri, text in _texts.items():
        (folder / uri).write_text(text, encoding="utf-8")
    listed = (folder / LISTED).read_text(encoding="utf-8")
    (folder / LISTED).write_text(_led(listed, f"docs/{LISTED}", LISTED), encoding="utf-8")


def written_out(nav: list[Any], names: Collection[str]) -> list[Any]:
    """Return the navigation with the pages for which its entries with a `*` stand."""
    return list(_written_out(nav, sorted(names), set(_named(nav))))


def page_of(place: str) -> str | None:
    """Return which page of the site a file of the repository is, None if it is none."""
    inside = {**OUTSIDE, **SOURCES, **START}.get(place)
    if inside is None and place.startswith("docs/") and (ROOT / place).is_file():
        inside = place.removeprefix("docs/")
    return inside


def _in_nav(files: Files, config: MkDocsConfig) -> list[str]:
    names = [file.src_uri for file in files.documentation_pages()]
    left_out = set(config.not_in_nav.match_files(names)) if config.not_in_nav else set()
    return [name for name in names if name not in left_out]


def _outside() -> dict[str, str]:
    return {inside: outside for outside, inside in OUTSIDE.items()}


def _listing(source: Path) -> str:
    """Return the page of an example: its name, and its text with colours."""
    ending = source.suffix.removeprefix(".")
    text = source.read_text(encoding="utf-8").rstrip()
    return f"# {source.name}\n\n`{source.relative_to(ROOT)}`\n\n````{HIGHLIGHTED.get(ending, ending)}\n{text}\n````\n"


def _led(text: str, place: str, uri: str) -> str:
    def lead(found: re.Match[str]) -> str:
        path, hash_, heading = found["target"].partition("#")
        if not path or re.match(r"[a-z][a-z0-9+.-]*:", path):
            return found.group()
        meant = posixpath.normpath(posixpath.join(posixpath.dirname(place), path))
        inside = page_of(meant) or page_of(f"{meant}/README.md")
        if inside is None and meant.rstrip("/") == "docs/adr":
            inside = "adr/README.md"
        if inside is None and meant == "docs/diagrams":
            inside = "diagrams/call.md"
        if inside is None:
            # A file of the sources, which the site does not have.
            return found["text"][1:-1]
        return f"{found['text']}({posixpath.relpath(inside, posixpath.dirname(uri) or '.')}{hash_}{heading})"

    return LINK.sub(lead, text)


def _table(found: re.Match[str]) -> str:
    rows = ["| in | when | then |", "|---|---|---|"]
    for arrow in ARROW.finditer(found["arrows"]):
        source, target = (("" if name == "[*]" else f"`{name}`") for name in (arrow["source"], arrow["target"]))
        if source and target:
            rows.append(f"| {source} | {arrow['label'] or ''} | {target} |")
        elif source:
            rows.append(f"| {source} | | the end |")
    return "\n".join(rows)


def _named(nav: Any) -> Iterator[str]:
    match nav:
        case str():
            if not nav.endswith("*"):
                yield nav
        case list():
            for entry in nav:
                yield from _named(entry)
        case dict():
            for entry in nav.values():
                yield from _named(entry)


def _written_out(nav: list[Any], names: list[str], named: set[str]) -> Iterator[Any]:
    for entry in nav:
        match entry:
            case str() if entry.endswith("*"):
                yield from _matching(entry, names, named)
            case dict():
                [(title, inner)] = entry.items()
                if isinstance(inner, list):
                    if pages := list(_written_out(inner, names, named)):
                        yield {title: pages}
                elif inner.endswith("*"):
                    yield from ({title: name} for name in _matching(inner, names, named))
                else:
                    yield entry
            case _:
                yield entry


def _matching(pattern: str, names: list[str], named: set[str]) -> list[str]:
    found = [name for name in names if fnmatchcase(name, pattern) and name not in named]
    named.update(found)
    return found
