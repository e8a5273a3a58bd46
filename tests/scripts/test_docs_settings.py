"""The page of settings lists all of them, and its example is one that the platform takes."""

import re
from pathlib import Path

import pytest

import docs_settings
from offhook.config import Settings


def test_every_setting_has_its_row_with_default_and_variable() -> None:
    page = docs_settings.page()
    for name in Settings.model_fields:
        assert re.search(rf"^\| `{name}` \| [A-Z].+\. \| .+ \| `OFFHOOK_{name.upper()}` \|", page, re.MULTILINE), name


def test_a_setting_that_has_an_option_names_it() -> None:
    assert re.search(r"`OFFHOOK_RTP_PORTS` \| `--rtp-ports` \|$", docs_settings.page(), re.MULTILINE)
    assert re.search(r"`OFFHOOK_LOG_LEVEL` \|  \|$", docs_settings.page(), re.MULTILINE)


def test_the_example_file_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = re.search(r"```toml\n(.*?)```", docs_settings.page(), re.DOTALL)
    assert found is not None
    (tmp_path / "example.toml").write_text(found[1])
    monkeypatch.setenv("OFFHOOK_CONFIG", str(tmp_path / "example.toml"))
    settings = Settings.load()
    assert str(settings.http) == "0.0.0.0:8080"
    assert "Example Limited" in settings.announcements["en"]
