"""The words that begin and end transactions, said past SQLAlchemy: our connections leave them to us."""

from contextlib import closing

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def say(connection: Connection, words: str) -> None:
    """Say words that have no answer. Whatever the driver raises is DBAPIError."""
    failure = connection.dialect.loaded_dbapi.Error
    try:
        # A connection that was lost has not even a cursor.
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(words)
    except failure as error:
        raise DBAPIError.instance(words, None, error, failure) from error
