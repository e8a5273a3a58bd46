"""What an action server or a file host can do to us, one leaf for each code of ACTIONS' requests."""

from offhook.errors import ActionServerError, ProtocolError


class BadUrl(ActionServerError):
    """The URL cannot be asked: no http or https, no host, or an impossible port."""

    code = "bad-url"


class NameNotFound(ActionServerError):
    """The host's name could not be resolved."""

    code = "dns-failed"


class AddressRefused(ActionServerError):
    """The guard does not let us connect to that address."""

    code = "address-refused"


class ConnectFailed(ActionServerError):
    """No connection, or one that was lost before the first byte of a response."""

    code = "connect-failed"


class ConnectionLost(ActionServerError):
    """The connection was lost in the middle of a response."""

    code = "connect-failed"


class TlsFailed(ActionServerError):
    """TLS could not be agreed on, or the certificate is not to be trusted."""

    code = "tls-failed"


class HandshakeLost(ConnectFailed):
    """The connection was lost while TLS was being agreed on: nobody has seen the request."""

    code = "tls-failed"


class TimedOut(ActionServerError):
    """A named time-out passed."""

    code = "timeout"


class ConnectTimedOut(TimedOut):
    """The time-out that passed was the one for the connection: nobody has seen the request."""


class BadStatus(ActionServerError):
    """There is a response, but not one that can be used."""

    code = "http-status"


class Gone(BadStatus):
    """A webhook's server says that nothing more is wanted there."""


class TooManyRedirects(ActionServerError):
    """The redirects did not end within the limit."""

    code = "too-many-redirects"


class TooLong(ActionServerError):
    """The body is longer than its limit."""

    code = "too-long"


class BreakerOpen(ActionServerError):
    """The origin has failed again and again, and is left alone for a while."""

    code = "breaker-open"


class SignatureRefused(ProtocolError):
    """A signature is missing a part, is too old, or was made with another secret."""

    code = "signature-refused"


class SocketRefused(OSError):
    """The guard's refusal in the only form that a connector takes as "try the next address"."""

    def __init__(self, refusal: AddressRefused) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal
