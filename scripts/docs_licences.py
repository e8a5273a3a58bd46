"""The page of what Offhook installs and under which licences, from the locks and the installed packages.

It refuses to be written when a package has a licence that nobody has read yet (`READ`), or when the default
installation would get one that `DEFAULT` does not list.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

DEFAULT = frozenset({"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "PSF-2.0"})
"""What the default installation may contain: permissive licences (SPDX names)."""
READ = DEFAULT | {"0BSD", "CC0-1.0", "LGPL-3.0-only", "Zlib"}
"""What an extra, chosen by the operator, may bring besides."""

SPELLINGS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "ISC License": "ISC",
    "MIT License": "MIT",
}
"""Licences as older packages write them."""

READ_BY_US = {("py-nanotts", "0.1.1"): "Apache-2.0"}
"""Packages that name no licence in their metadata: what the licence file inside says, for the version looked at."""

AV = "18.1.0"
"""The release of `av` whose bundled libraries the page describes."""

EXTRAS = ("en", "ja", "postgres", "talk")

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)

TEMPLATE = Path(__file__).with_name("docs_licences.template")


@dataclass(frozen=True, slots=True)
class Package:
    """A package of a lock and its licence as an SPDX expression."""

    name: str
    version: str
    licence: str


class NotRead(Exception):
    """A licence that somebody has to read before it is shipped."""


def page(root: Path) -> str:
    """Return the page as Markdown. Raises NotRead."""
    runtime, everything = (pinned((root / name).read_text()) for name in ("requirements.lock", "requirements-dev.lock"))
    if runtime["av"] != AV:
        raise NotRead(f"av {runtime['av']}: look again at what its wheel bundles, then change {TEMPLATE.name} and AV")
    packages = [described(name, version, DEFAULT) for name, version in runtime.items()]
    wishes = tomllib.loads((root / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    extras = {
        extra: _table(
            [described(name, everything[name], READ) for name in sorted(reach(wishes[extra]) - runtime.keys())]
        )
        for extra in EXTRAS
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    return text.format(count=len(packages), default=_table(packages), av=AV, **extras)


def pinned(lock: str) -> dict[str, str]:
    """Return the version of each package of a lock."""
    return {canonicalize_name(name): version for name, version in PINNED.findall(lock)}


def described(name: str, version: str, allowed: frozenset[str]) -> Package:
    """Return what is installed under a name, if it is what the lock says. Raises NotRead."""
    found = distribution(name)
    if found.version != version:
        raise NotRead(f"{name} {found.version} is installed, the lock says {version}: run scripts/check again")
    licence = READ_BY_US.get((name, version)) or licence_of(found.metadata)
    for part in re.split(r" AND | OR |[()]", licence):
        if part.strip() and part.strip() not in allowed:
            raise NotRead(f"{name} {version} is under {licence!r}, which is not among {', '.join(sorted(allowed))}")
    return Package(name, version, licence)


def licence_of(metadata: PackageMetadata) -> str:
    """Return what a package says of its licence: the expression, else the short text, else the classifier."""
    kinds = metadata.get_all("Classifier") or []
    said = str((metadata.get_all("License-Expression") or metadata.get_all("License") or [""])[0])
    if not said or "\n" in said:
        said = " OR ".join(kind.rpartition(" :: ")[2] for kind in kinds if kind.startswith("License ::"))
    return SPELLINGS.get(said, said) or "unknown"


def reach(wishes: Iterable[str]) -> set[str]:
    """Return the names of all packages that these requirements bring, as they are installed here."""
    found: set[str] = set()
    waiting = [Requirement(wish) for wish in wishes]
    while waiting:
        wish = waiting.pop()
        name = canonicalize_name(wish.name)
        if name not in found or wish.extras:
            found.add(name)
            waiting += _needs(name, wish.extras)
    return found


def _needs(name: str, extras: Iterable[str]) -> Iterator[Requirement]:
    for written in distribution(name).requires or []:
        need = Requirement(written)
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield need


def _table(packages: list[Package]) -> str:
    rows = [f"| {one.name} | {one.version} | {one.licence} |" for one in packages]
    return "\n".join(["| package | version | licence |", "|---|---|---|", *rows])
