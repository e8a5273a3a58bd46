import os
import pty
import sqlite3

from offhook.storage.upgrade import HEAD
from terminal import Terminal


def test_a_database_that_is_up_to_date_says_so(terminal: Terminal) -> None:
    printed = terminal.type("database", "check")
    assert (printed.status, printed.out) == (
        0,
        f"the sqlite database has the schema {HEAD}, which is that of this program\n",
    )


def test_an_older_database_is_told_and_brought_up_to_date(terminal: Terminal) -> None:
    path = terminal.folder / "offhook-data" / "offhook.db"
    path.unlink()
    sqlite3.connect(path).close()
    printed = terminal.type("database", "check")
    assert printed.status == 1
    assert "no tables of Offhook" in printed.out
    assert "`offhook database upgrade`" in printed.out
    document = terminal.type("database", "upgrade", "--json").document
    assert document == {"database": "sqlite", "schema": HEAD, "needed": HEAD, "current": True}
    assert terminal.type("database", "check").status == 0


def test_a_database_of_a_later_program_is_refused(terminal: Terminal) -> None:
    with sqlite3.connect(terminal.folder / "offhook-data" / "offhook.db") as other:
        other.execute("UPDATE alembic_version SET version_num = 'r9999'")
    other.close()
    for words in (("database", "check"), ("database", "upgrade")):
        printed = terminal.type(*words, "--json")
        assert (printed.status, printed.error["code"]) == (1, "schema-too-new")


def test_a_file_that_is_not_there_is_not_made_by_looking(terminal: Terminal) -> None:
    path = terminal.folder / "offhook-data" / "offhook.db"
    path.unlink()
    printed = terminal.type("database", "check")
    assert printed.status == 1
    assert "there is no file" in printed.err
    assert not path.exists()


def test_a_copy_can_be_put_in_place_of_the_database(terminal: Terminal) -> None:
    printed = terminal.type("database", "backup", "copy.db", "--json")
    copy = terminal.folder / "copy.db"
    assert printed.document == {"file": "copy.db", "bytes": copy.stat().st_size}
    copy.replace(terminal.folder / "offhook-data" / "offhook.db")
    assert terminal.type("database", "check").status == 0


def test_whoever_types_in_another_folder_is_told_that_the_database_is_new(terminal: Terminal) -> None:
    def typed() -> str:
        ours, theirs = pty.openpty()
        with terminal.start("accounts", "list", stderr=theirs) as process:
            process.wait()
        # On Linux the end of a terminal that nobody holds is an error to whoever reads: so it is held until then.
        os.write(theirs, b"end")
        seen = os.read(ours, 1000).decode()
        os.close(theirs)
        os.close(ours)
        return seen.removesuffix("end")

    path = terminal.folder / "offhook-data" / "offhook.db"
    path.unlink()
    assert typed() == f"note: {path} was not there and is made; a platform in another folder has its own\r\n"
    assert typed() == ""
