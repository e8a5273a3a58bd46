"""Documents that are made from the code: a stale one is named, and a usage that is not known is refused."""

from pathlib import Path

import pytest

import write_docs


def test_a_page_that_says_the_same_is_fresh(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("the truth\n")
    assert write_docs.stale_among({"page.md": "the truth\n"}, tmp_path) == []


def test_a_page_that_says_something_else_is_stale(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("what was true\n")
    assert write_docs.stale_among({"page.md": "the truth\n"}, tmp_path) == ["page.md"]


def test_a_page_that_was_never_written_is_stale(tmp_path: Path) -> None:
    assert write_docs.stale_among({"docs/new.md": "news\n"}, tmp_path) == ["docs/new.md"]


def test_what_is_stale_is_named_by_the_check_and_written_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(write_docs, "ROOT", tmp_path)
    monkeypatch.setattr(write_docs, "PAGES", {"docs/page.md": lambda: "the truth\n"})
    assert write_docs.main(["--check"]) == 1
    assert "docs/page.md is stale" in capsys.readouterr().out
    assert write_docs.main([]) == 0
    assert (tmp_path / "docs" / "page.md").read_text() == "the truth\n"
    assert write_docs.main(["--check"]) == 0


def test_what_a_code_left_behind_is_named_by_the_check_and_deleted_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(write_docs, "ROOT", tmp_path)
    monkeypatch.setattr(write_docs, "PAGES", {"docs/errors/no-credit.md": lambda: "the truth\n"})
    old = tmp_path / "docs" / "errors" / "no-money.md"
    old.parent.mkdir(parents=True)
    old.write_text("# no-money\n")
    assert write_docs.main(["--check"]) == 1
    assert "docs/errors/no-money.md is stale" in capsys.readouterr().out
    assert write_docs.main([]) == 0
    assert [path.name for path in old.parent.iterdir()] == ["no-credit.md"]


def test_a_typing_error_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert write_docs.main(["--chek"]) == 2
    assert "--check" in capsys.readouterr().err
