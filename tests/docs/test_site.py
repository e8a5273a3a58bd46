"""The site can be built without a dead link, and brings everything itself."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import docs_reference
from doc_blocks import ROOT, pages
from doc_session import Session, is_possible

BUILD_S = 120
LOADED = re.compile(r'<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)="((?:https?:)?//[^"]*)"')
IN_STYLE = re.compile(r"url\([\"']?(?:https?:)?//[^)]*\)|@import")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `scripts/docs` does: a dead link or a page that nothing leads to is an error."""
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=BUILD_S,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.mark.peers
def test_the_script_builds_the_site_and_shows_it(tmp_path: Path) -> None:
    if not is_possible():
        pytest.skip("a network of its own wants root and unshare (util-linux)")
    with Session(tmp_path) as session:
        ran = session.run("scripts/docs\ntest -f site/llms.txt\nscripts/docs serve\ncurl -s http://127.0.0.1:8000/\n")
    assert not ran.failures, ran
    assert "dial-in number platform" in ran.out


def test_every_page_of_the_documents_is_on_the_site(site: Path) -> None:
    for page in pages():
        place = page.removeprefix("docs/").removesuffix(".md")
        expected = "index" if page == "README.md" else place.removesuffix("/README")
        found = [site / f"{expected}.html", site / expected / "index.html"]
        assert any(one.is_file() for one in found), page


def test_nothing_is_loaded_from_another_host(site: Path) -> None:
    html = list(site.rglob("*.html"))
    assert len(html) > 30
    for page in html:
        text = page.read_text(encoding="utf-8")
        assert LOADED.findall(text) == [], page
        # The theme would load what draws diagrams.
        assert 'class="mermaid"' not in text, page
    for style in site.rglob("*.css"):
        assert IN_STYLE.findall(style.read_text(encoding="utf-8")) == [], style


def test_the_marks_of_the_tests_are_not_shown(site: Path) -> None:
    assert "not run:" not in (site / "guides" / "nodes.html").read_text(encoding="utf-8")


def test_diagrams_are_shown_as_tables(site: Path) -> None:
    text = (site / "diagrams" / "call.html").read_text(encoding="utf-8")
    assert "<code>ASKING</code>" in text
    assert "stateDiagram" not in text


def test_links_out_of_the_documents_lead_to_pages_of_the_site(site: Path) -> None:
    assert 'href="clients/python.html"' in (site / "tutorial.html").read_text(encoding="utf-8")
    assert 'href="architecture.html"' in (site / "index.html").read_text(encoding="utf-8")


def test_the_reference_has_every_request_and_every_document() -> None:
    document = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    text = docs_reference.page(ROOT)
    for path, item in document["paths"].items():
        for method in docs_reference.METHODS:
            assert (f"### `{method.upper()} {path}`\n" in text) == (method in item), (method, path)
    for name, schema in document["components"]["schemas"].items():
        section = text.partition(f"\n### {name}\n")[2].partition("\n### ")[0]
        assert all(f"| `{field}`" in section for field in schema.get("properties", ())), name


def test_programs_that_read_find_every_page_of_the_list(site: Path) -> None:
    listed = (site / "llms.txt").read_text(encoding="utf-8")
    names = re.findall(r"^- \[[^\]]+\]\(([^)]+)\): \S", listed, re.MULTILINE)
    assert len(names) == listed.count("\n- ")
    assert {"get-started.md", "actions.md", "operators/doctor.md", "clients/python.md", "examples/index.md"} <= set(
        names
    )
    # Beside each page lies its text, and all of it is listed but the codes, the first page and what the site writes.
    written = {str(path.relative_to(site)) for path in site.rglob("*.md")}
    assert len(written) == len(list(site.rglob("*.html"))) - 1  # the page of what is not there
    codes = {name for name in written if name.startswith("errors/") and name != "errors/index.md"}
    sources = {name for name in written if re.search(r"\.(?:py|rb|ru|php)\.md$", name)}
    assert set(names) == written - codes - sources - {"index.md", "api-reference.md"}
    assert {"examples/action_server_tiny.py.md", "examples/action_server.php.md"} <= sources


def test_the_list_in_the_repository_leads_to_its_files() -> None:
    listed = (ROOT / "docs" / "llms.txt").read_text(encoding="utf-8")
    assert all((ROOT / "docs" / name).is_file() for name in re.findall(r"\]\(([^)]+)\)", listed))


def test_every_page_says_in_a_sentence_what_it_is_about(site: Path) -> None:
    told = [
        re.search(r'<meta name="description" content="([^"]+)">', one.read_text("utf-8"))
        for one in site.rglob("*.html")
    ]
    assert all(told)
    pages_of_their_own = {one[1] for one in told if one} - {"A self-hosted dial-in number platform"}
    assert len(pages_of_their_own) > 0.9 * len(told)


def test_an_example_of_one_file_is_read_on_the_site(site: Path) -> None:
    assert 'href="action_server_tiny.py.html"' in (site / "examples" / "index.html").read_text(encoding="utf-8")
    source = (ROOT / "examples" / "action_server_tiny.py").read_text(encoding="utf-8").rstrip()
    page = (site / "examples" / "action_server_tiny.py.md").read_text(encoding="utf-8")
    assert f"````python\n{source}\n````\n" in page


def test_who_went_astray_is_led_on(site: Path) -> None:
    text = (site / "404.html").read_text(encoding="utf-8")
    assert re.findall(r'<li><a href="/([^"]+)">', text) == [
        *("index.html", "get-started.html", "troubleshooting.html", "errors/index.html"),
    ]


def test_codes_are_reached_from_their_list_and_fill_no_navigation(site: Path) -> None:
    listed = (site / "errors" / "index.html").read_text(encoding="utf-8")
    assert 'href="no-credit.html"' in listed
    beside = (site / "actions.html").read_text(encoding="utf-8")
    assert "errors/index.html" in beside
    assert 'href="errors/draining.html"' not in beside
    assert 'href="index.html">All codes' in (site / "errors" / "draining.html").read_text(encoding="utf-8")
