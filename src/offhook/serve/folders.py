"""The folder of everything that a node keeps in files."""

from pathlib import Path

from offhook.errors import SetupError


def make_data_folder(folder: Path) -> None:
    """Make the data folder if it is not there. Raises SetupError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"the folder {folder} cannot be made: {error.strerror}", hint="choose another with OFFHOOK_DATA_FOLDER"
        ) from error
