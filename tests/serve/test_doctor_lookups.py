"""Lookups of the doctor: they tell what others do, and give up on a name server that is deaf."""

import socket
from collections.abc import Sequence
from threading import Event

import pytest

from guarded import found
from offhook.actionserver.resolver import AddressInfo
from offhook.serve.diagnosis.lookups import impatient


def test_what_is_found_in_time_is_returned() -> None:
    assert impatient(lambda host, port: found("192.0.2.1"), 5.0)("a.example", 80) == found("192.0.2.1")


@pytest.mark.parametrize("error", [OSError(socket.EAI_NONAME, "Name or service not known"), UnicodeError("too long")])
def test_what_is_no_name_is_told_as_ever(error: Exception) -> None:
    def look(host: str, port: int) -> Sequence[AddressInfo]:
        raise error

    with pytest.raises(type(error), match=str(error.args[-1])):
        impatient(look, 5.0)("a.example", 80)


def test_a_deaf_name_server_is_left_behind() -> None:
    over, has_ended = Event(), Event()

    def look(host: str, port: int) -> Sequence[AddressInfo]:
        over.wait(30)
        has_ended.set()
        return found("192.0.2.1")

    with pytest.raises(OSError, match="no name server answered"):
        impatient(look, 0.05)("a.example", 80)
    assert not has_ended.is_set()
    over.set()
    assert has_ended.wait(30)
