"""The check of the documents finds what is not there, and leaves in peace what is."""

from pathlib import Path

import pytest

import check_docs


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "demo").touch()
    (tmp_path / "GUIDE.md").write_text("# A guide\n\n## Call `it` now!\n")
    return tmp_path


def faults_in(root: Path, text: str) -> list[str]:
    document = root / "README.md"
    document.write_text(text)
    return list(check_docs.faults(document, root))


def test_links_to_files_and_headings_that_exist_are_fine(root: Path) -> None:
    text = "# Top\n[guide](GUIDE.md), [part](GUIDE.md#call-it-now), [top](#top), [web](https://example.com/x)\n"
    assert faults_in(root, text) == []


@pytest.mark.parametrize("target", ["MISSING.md", "GUIDE.md#no-such-heading", "#nowhere"])
def test_a_dead_link_is_named(root: Path, target: str) -> None:
    assert faults_in(root, f"# Top\n[text]({target})\n") == [f"README.md: the link {target} leads nowhere"]


def test_a_link_inside_a_code_block_is_only_an_example(root: Path) -> None:
    assert faults_in(root, "```\n[text](MISSING.md)\n```\n") == []


def test_a_source_file_is_found_from_the_root_or_from_the_package(root: Path) -> None:
    (root / "src" / "offhook" / "engine").mkdir(parents=True)
    (root / "src" / "offhook" / "engine" / "parser.py").touch()
    text = "Read `engine/parser.py` and `src/offhook/engine/parser.py`, then `engine/writer.py`.\n"
    assert faults_in(root, text) == ["README.md: there is no engine/writer.py"]


def test_a_script_that_does_not_exist_is_named(root: Path) -> None:
    text = "Run `scripts/demo`, then:\n```sh\nscripts/dance --fast\n```\n"
    assert faults_in(root, text) == ["README.md: there is no scripts/dance"]


def test_commands_are_found_in_blocks_and_between_backticks() -> None:
    text = (
        "`offhook serve --http 127.0.0.1:8000`, `offhook accounts users add --from ::1`\n"
        "```sh\n$ OFFHOOK_HTTP=:80 offhook calls \\\n  list --json | less\n```\n"
    )
    assert set(check_docs.commands_of("\n".join(check_docs.code_of(text)))) == {
        check_docs.Command(("serve",), frozenset({"--http"})),
        check_docs.Command(("accounts", "users", "add"), frozenset({"--from"})),
        check_docs.Command(("calls", "list"), frozenset({"--json"})),
    }


def test_the_package_and_its_files_are_not_taken_for_commands() -> None:
    assert list(check_docs.commands_of("offhook.toml\nfrom offhook import serve\ncd offhook\noffhook/cli\n")) == []


def test_a_command_or_an_option_that_does_not_exist_is_named(root: Path) -> None:
    text = "`offhook frobnicate`, `offhook serve --faster`, `offhook serve --http :80`\n"
    assert faults_in(root, text) == [
        "README.md: there is no command `offhook frobnicate`",
        "README.md: `offhook serve` has no --faster",
    ]


def test_hidden_folders_are_not_read(root: Path) -> None:
    (root / ".venv").mkdir()
    (root / ".venv" / "README.md").touch()
    assert check_docs.documents(root) == [root / "GUIDE.md"]
