"""A terminal in an empty folder, whose database is there but empty."""

import os
from pathlib import Path

import pytest

from house import empty_database
from terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("OFFHOOK_"):
            monkeypatch.delenv(name)
    (tmp_path / "offhook-data").mkdir()
    (tmp_path / "offhook-data" / "offhook.db").write_bytes(empty_database())
    return Terminal(tmp_path, capsys, monkeypatch)
