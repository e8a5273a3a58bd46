"""A socket whose descriptor was closed behind its back leaves alone whoever has the number now."""

import os
import socket

import pytest

from offhook.actionserver.wires import Wire


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def test_a_wire_closes_its_own_descriptor_when_nobody_has_it_any_more() -> None:
    wire = Wire(socket.AF_INET, socket.SOCK_STREAM)
    descriptor = wire.fileno()
    assert is_open(descriptor)
    with pytest.warns(ResourceWarning, match="unclosed"):
        del wire
    assert not is_open(descriptor)


def test_a_wire_never_closes_what_has_its_number_now() -> None:
    wire = Wire(socket.AF_INET, socket.SOCK_STREAM)
    descriptor = wire.fileno()
    with socket.socket() as other:
        # It closes what was there first, as a loop does.
        os.dup2(other.fileno(), descriptor)
    del wire
    assert is_open(descriptor)
    os.close(descriptor)


def test_a_wire_whose_descriptor_is_gone_raises_nothing() -> None:
    wire = Wire(socket.AF_INET, socket.SOCK_STREAM)
    os.close(wire.fileno())
    del wire


def test_a_wire_that_was_closed_is_done() -> None:
    with Wire(socket.AF_INET, socket.SOCK_STREAM) as wire:
        descriptor = wire.fileno()
    del wire
    assert not is_open(descriptor)
