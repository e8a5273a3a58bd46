"""Every way in which a request can fail, as it is told; real servers that fail so are in `test_client`."""

import errno
import socket

import pytest
from aiohttp import ClientConnectorDNSError, ClientConnectorError, ClientError, ClientPayloadError
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.http_exceptions import HttpProcessingError

from offhook.actionserver.failures import DisconnectedError, failure
from offhook.errors import ActionServerError

KEY = ConnectionKey("x.example", 80, False, True, None, None, None)


def told(
    error: ClientError | HttpProcessingError,
    *,
    is_https: bool = False,
    in_handshake: bool = False,
    is_reading: bool = False,
) -> ActionServerError:
    return failure(error, "x.example", is_https=is_https, in_handshake=in_handshake, is_reading=is_reading)


@pytest.mark.parametrize(
    ("number", "said", "cure"),
    [
        (socket.EAI_NONAME, "Name or service not known", "spelling"),
        (socket.EAI_NODATA, "No address associated with hostname", "A or AAAA record"),
        (socket.EAI_AGAIN, "Temporary failure in name resolution", "name server"),
    ],
)
def test_a_name_that_is_not_found_has_the_cure_of_its_kind(number: int, said: str, cure: str) -> None:
    found = told(ClientConnectorDNSError(KEY, socket.gaierror(number, said)))
    assert found.code == "dns-failed"
    assert found.sentence == f"x.example could not be resolved: {said}."
    assert cure in found.hint


@pytest.mark.parametrize(
    ("number", "cure"),
    [
        (errno.ECONNREFUSED, "server runs"),
        (errno.ENETUNREACH, "needs IPv6"),
        (errno.EHOSTUNREACH, "no machine"),
        (errno.EACCES, "firewall of this machine"),
    ],
)
def test_a_connection_that_is_refused_has_the_cure_of_its_kind(number: int, cure: str) -> None:
    found = told(ClientConnectorError(KEY, OSError(number, "some words")))
    assert found.code == "connect-failed"
    assert cure in found.hint


def test_a_connection_that_ends_at_once_is_not_told_with_an_empty_reason() -> None:
    found = told(ClientConnectorError(KEY, ConnectionAbortedError()))
    assert found.sentence == "x.example took no connection: it was broken off at once."


def test_a_connection_that_ends_in_the_handshake_is_a_matter_of_tls() -> None:
    found = told(ClientConnectorError(KEY, ConnectionResetError(errno.ECONNRESET, "reset")), in_handshake=True)
    assert (found.code, found.sentence) == (
        "tls-failed",
        "TLS with x.example failed: it broke off the handshake.",
    )


@pytest.mark.parametrize(("is_https", "cure"), [(False, "write https://"), (True, "client certificate")])
def test_who_closes_without_a_response_may_have_wanted_something_else(is_https: bool, cure: str) -> None:
    assert cure in told(DisconnectedError(), is_https=is_https).hint


def test_a_response_that_breaks_off_may_claim_to_be_longer_than_it_is() -> None:
    assert "Content-Length" in told(ClientPayloadError("x"), is_reading=True).hint


@pytest.mark.parametrize(
    ("message", "sentence", "cure"),
    [
        (
            "Bad status line:\n  Expected HTTP/, RTSP/ or ICE/:\n\n  b'SSH-2.0-OpenSSH_9.2'\n    ^",
            "x.example answered something that is not HTTP: 'SSH-2.0-OpenSSH_9.2'.",
            "port belongs",
        ),
        (
            "Bad status line:\n  Expected HTTP/, RTSP/ or ICE/:\n\n  b'\\x15\\x03\\x03\\x00'\n    ^",
            "x.example answered in TLS and not in HTTP: its port speaks https.",
            "https://",
        ),
        (
            "Invalid character in chunk size:\n\n  b'zz'\n    ^",
            "x.example answered in HTTP that cannot be read: invalid character in chunk size.",
            "curl",
        ),
        (
            "Got more than 8190 bytes when reading: b'aaaa'",
            "x.example answered in HTTP that cannot be read: got more than 8190 bytes when reading.",
            "curl",
        ),
        ("", "x.example answered something that is not HTTP.", "port belongs"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_beginning(message: str, sentence: str, cure: str) -> None:
    found = told(HttpProcessingError(code=400, message=message))
    assert (found.code, found.sentence) == ("http-status", sentence)
    assert cure in found.hint
