"""Writes the documents that are made from the code, or says which of them are stale.

    .venv/bin/python scripts/write_docs.py            write them
    .venv/bin/python scripts/write_docs.py --check    change nothing; status 1 if one is stale

One module for each kind of page: `docs_diagrams`, `docs_doctor`, `docs_errors`, `docs_licences`, `docs_llms`,
`docs_openapi`, `docs_settings`, `docs_troubleshooting`.
"""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import docs_diagrams
import docs_doctor
import docs_errors
import docs_licences
import docs_llms
import docs_openapi
import docs_settings
import docs_troubleshooting

ROOT = Path(__file__).resolve().parent.parent

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/configuration.md": docs_settings.page,
    "docs/diagrams/call.md": docs_diagrams.call_page,
    "docs/diagrams/leg.md": docs_diagrams.leg_page,
    "docs/diagrams/transactions.md": docs_diagrams.transactions_page,
    "docs/errors/index.md": docs_errors.index_page,
    **{f"docs/errors/{name}": partial(docs_errors.page, entry) for name, entry in docs_errors.named()},
    "docs/licences.md": lambda: docs_licences.page(ROOT),
    "docs/llms.txt": lambda: docs_llms.page(ROOT),
    "docs/openapi.json": docs_openapi.page,
    "docs/operators/doctor.md": docs_doctor.page,
    "docs/troubleshooting.md": docs_troubleshooting.page,
}
"""What stands in each file."""

WHOLLY_MADE = ("docs/errors",)
"""Folders in which nothing else may stand: what a code left behind is deleted with it."""


def main(arguments: list[str]) -> int:
    """Write or check every page; return how a process should end."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    made = {name: make() for name, make in PAGES.items()}
    stale = stale_among(made, ROOT)
    left = left_behind(made, ROOT)
    if arguments:
        for name in (*stale, *left):
            print(f"{name} is stale: run .venv/bin/python scripts/write_docs.py")
        return 1 if stale or left else 0
    for name in stale:
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(made[name], encoding="utf-8")
        print(f"wrote {name}")
    for name in left:
        (ROOT / name).unlink()
        print(f"deleted {name}")
    return 0


def stale_among(made: Mapping[str, str], root: Path) -> list[str]:
    """Return the names of the pages whose files say something else, or are not there."""
    return [
        name
        for name, text in made.items()
        if not (root / name).is_file() or (root / name).read_text(encoding="utf-8") != text
    ]


def left_behind(made: Mapping[str, str], root: Path) -> list[str]:
    """Return the files of folders that are wholly made which nothing makes any more."""
    found = (path.relative_to(root).as_posix() for folder in WHOLLY_MADE for path in (root / folder).glob("*"))
    return sorted(name for name in found if name not in made)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
