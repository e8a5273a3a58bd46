"""Where everything is kept: SQLite today, one schema and one way of working for PostgreSQL too.

`open_database` is the door. Inside: `schema` (the tables), one module per noun (its rows),
`work` (all nouns over one connection), `writer` (group commit) and `migrations`.
"""

from offhook.storage.database import Database, open_database
from offhook.storage.errors import DatabaseAway, SchemaTooNew
from offhook.storage.work import Work

__all__ = ["Database", "DatabaseAway", "SchemaTooNew", "Work", "open_database"]
