from pathlib import Path

import pytest

from offhook.config import Settings
from offhook.errors import SetupError
from offhook.serve.office import open_office
from offhook.service import accounts


def test_a_new_database_is_created_in_the_data_folder(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    with open_office(Settings.load(data_folder=folder)) as database:
        assert database.read_now(accounts.list_accounts) == []
    assert (folder / "offhook.db").exists()


def test_a_folder_that_cannot_be_made_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError) as raised, open_office(Settings.load(data_folder=tmp_path / "file" / "data")):
        pass
    assert raised.value.hint == "choose another with OFFHOOK_DATA_FOLDER"
