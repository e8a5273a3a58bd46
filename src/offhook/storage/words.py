"""The words that begin and end transactions, said past SQLAlchemy: our connections leave them to us."""

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def say(connection: Connection, words: str) -> None:
    """Say words that have no answer. Whatever the driver raises is DBAPIError."""
    failure = connection.dialect.loaded_dbapi.Error
    cursor = connection.connection.cursor()
    try:
        cursor.execute(words)
    except failure as error:
        raise DBAPIError.instance(words, None, error, failure) from error
    finally:
        cursor.close()
