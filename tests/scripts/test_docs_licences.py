"""Licences are read from the packages, and one that nobody has read keeps the page from being written."""

import importlib.metadata
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

import docs_licences
from docs_licences import DEFAULT, READ, NotRead, Package

ROOT = Path(__file__).parents[2]


def metadata(folder: Path, *fields: str) -> importlib.metadata.PackageMetadata:
    info = folder / "thing-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.4", "Name: thing", "Version: 1.0", *fields, ""]))
    return PathDistribution(info).metadata


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        (("License-Expression: Apache-2.0 AND MIT", "License: ignored"), "Apache-2.0 AND MIT"),
        (("License: Apache 2.0",), "Apache-2.0"),
        (("Classifier: License :: OSI Approved :: MIT License", "Classifier: Topic :: Software"), "MIT"),
        (
            ("License: A long text\n        of several lines", "Classifier: License :: OSI Approved :: ISC License"),
            "ISC",
        ),
        ((), "unknown"),
    ],
)
def test_a_licence_is_what_the_package_says_first(tmp_path: Path, fields: tuple[str, ...], licence: str) -> None:
    assert docs_licences.licence_of(metadata(tmp_path, *fields)) == licence


def test_a_licence_that_was_not_read_is_refused() -> None:
    with pytest.raises(NotRead, match="LGPL"):
        docs_licences.described("psycopg", importlib.metadata.version("psycopg"), DEFAULT)


def test_an_extra_may_bring_what_the_default_installation_may_not() -> None:
    installed = importlib.metadata.version("psycopg")
    assert docs_licences.described("psycopg", installed, READ) == Package("psycopg", installed, "LGPL-3.0-only")


def test_a_package_of_another_version_than_the_lock_says_is_refused() -> None:
    with pytest.raises(NotRead, match="the lock says"):
        docs_licences.described("psycopg", "0.0.1", READ)


def test_a_lock_is_read_with_its_hashes_and_comments_left_out() -> None:
    lock = (
        "# by a tool\nPy_Thing==1.2 \\\n    --hash=sha256:00 \\\n    # via other==3\nmore==2.0 ; python_version > '3'\n"
    )
    assert docs_licences.pinned(lock) == {"py-thing": "1.2", "more": "2.0"}


def test_an_extra_reaches_what_its_packages_need() -> None:
    assert docs_licences.reach(["psycopg[binary]"]) >= {"psycopg", "psycopg-binary"}


def test_the_page_lists_every_package_of_the_lock() -> None:
    page = docs_licences.page(ROOT)
    for name, pinned in docs_licences.pinned((ROOT / "requirements.lock").read_text()).items():
        assert f"| {name} | {pinned} |" in page
