"""The OpenAPI document, as the running app would serve it at `/openapi.json`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from offhook.api import create_app
from offhook.storage import open_database


def page() -> str:
    """Return the document as JSON, indented so that a change of the API reads well in a diff."""
    with TemporaryDirectory(prefix="offhook-docs-") as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'empty.db'}")
        try:
            document = create_app(database, now=lambda: datetime.now(UTC)).openapi()
        finally:
            database.close()
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
