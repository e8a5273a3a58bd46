"""What a page shows is done as it stands, block by block, by a reader with a fresh checkout and an empty database.

A page that starts no platform of its own is about the one of `doc_world`. JSON that is shown has the shape of what was
answered above it, and text the lines of what was printed.
"""

import json
import os
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from doc_blocks import RUN, RUN_BY, Block, blocks, pages
from doc_session import Ran, Session, is_possible
from doc_shapes import document_fault, text_fault

pytestmark = pytest.mark.peers
READERS = 2
SERVES = re.compile(r"^(?:scripts/serve|offhook serve)\b", re.MULTILINE)
BEGINS = re.compile(r"^offhook accounts create Shop\b", re.MULTILINE)
NEEDS_ONE = re.compile(r"127\.0\.0\.1:8080|\$api/|offhook dial |\$OFFHOOK_URL|OFFHOOK_URL")


def of(page: str) -> list[Block]:
    return [one for one in blocks(page) if one.is_run and (one.title or (page, one.language) not in RUN_BY)]


PAGES = [page for page in pages() if any(block.language in RUN for block in of(page))]
Book = tuple[str, ...]
ALIKE = re.compile(r"docs/(?:guides|errors)/|docs/troubleshooting\.md")
"""Pages of which there are many, none with a platform of its own, but for the one about TLS."""
TOGETHER: tuple[Book, ...] = (
    (
        "docs/tutorial.md",
        "docs/api.md",
        "docs/hosted-rules.md",
        "docs/migration.md",
        "docs/operators/metrics.md",
        "docs/operators/first-trunk.md",
        "clients/php/README.md",
    ),
    tuple(page for page in PAGES if ALIKE.match(page) and page != "docs/guides/tls.md"),
)
"""Pages that one reader reads one after the other, since each start of a platform takes seconds."""
BOOKS: list[Book] = [*TOGETHER, *((page,) for page in PAGES if not any(page in book for book in TOGETHER))]


@pytest.fixture(scope="module")
def readers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[Book, Future[list[str]]]]:
    """Read all books that are wanted, some at a time: a reader mostly waits for a call to end."""
    if not is_possible():
        sentence = "a network of its own wants root and unshare (util-linux)"
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    wanted = {item.name for item in request.session.items}
    books = [book for book in BOOKS if f"{test_what_a_page_shows_happens.__name__}[{book[0]}]" in wanted]
    with ThreadPoolExecutor(READERS) as pool:
        yield {book: pool.submit(read, book, tmp_path_factory.mktemp("reader")) for book in books}
        # Whoever waits no longer wants no more books begun.
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book[0])
def test_what_a_page_shows_happens(book: Book, readers: dict[Book, Future[list[str]]]) -> None:
    faults = readers[book].result()
    assert not faults, "\n".join(faults)


def read(book: Book, folder: Path) -> list[str]:
    """Read pages as one reader does, and say what is not as they show it."""
    with Session(folder) as session:
        prepare(session, book)
        return [fault for page in book for fault in Reading(session, page).faults()]


def prepare(session: Session, book: Book) -> None:
    """Bring what pages take for granted, and go to where their reader is."""
    code = "\n".join(block.text for page in book for block in of(page) if block.language in RUN)
    if not BEGINS.search(code):
        session.furnish()
        if NEEDS_ONE.search(code) and not SERVES.search(code):
            session.serve()


class Reading:
    """A page as far as it is read."""

    def __init__(self, session: Session, page: str) -> None:
        self._session = session
        self._page = page
        self._printed = ""
        self._documents: list[Any] = []

    def faults(self) -> Iterator[str]:
        """Go to where the page's reader is, read it, and say where it is wrong."""
        folder = Path(self._page).parent if self._page.startswith("clients/") else ""
        self._session.run(f"cd {self._session.checkout / folder}")
        for block in of(self._page):
            if fault := self.fault(block):
                yield f"{block.place}: {fault}"

    def fault(self, block: Block) -> str:
        """Do what a block shows, and say what is not as the page says."""
        if block.title:
            self._session.keep(block.title, block.text)
            return ""
        match block.language:
            case "sh":
                return self._judged(block, self._session.run(block.text))
            case "python" | "ruby" | "php":
                return self._judged(block, self._session.run_program(block.language, block.text))
            case "json":
                return document_fault(json.loads(block.text), self._documents)
            case "text":
                line = text_fault(block.text, self._printed)
                return f"was not printed: {line}\nbut:\n{self._printed}" if line else ""
        return ""

    def _judged(self, block: Block, ran: Ran) -> str:
        self._printed = ran.out + ran.err
        self._documents += ran.documents
        wanted_status, wanted_end = block.told("answers"), block.told("fails")
        statuses = list(ran.statuses)
        faults = []
        if wanted_status:
            last = statuses.pop() if statuses else 0
            if last != int(wanted_status):
                faults.append(f"was answered {last}, not {wanted_status}")
        faults += [f"was answered {status}" for status in statuses if not 200 <= status < 300]
        failures = list(ran.failures)
        if wanted_end:
            last_failure = failures.pop() if failures else "nothing failed"
            if not last_failure.endswith(f" {wanted_end}"):
                faults.append(f"not {wanted_end}: {last_failure}")
        faults += failures
        return "\n".join([*faults, self._printed]) if faults else ""
