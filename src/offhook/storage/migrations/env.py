"""Alembic's way in: it works on the connection, and inside the transaction, that it is given."""

from alembic import context

from offhook.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
