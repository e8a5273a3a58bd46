"""Who a request says that it is from: P-Asserted-Identity, Privacy, `verstat`, Identity; and numbers inside URIs.

Nothing here decides whether it is believed. Remote-Party-ID is not read: it was never more than a draft, and every
network that still writes it writes P-Asserted-Identity or From as well.
"""

from urllib.parse import unquote

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.headers import Address, parse_address
from offhook.engine.sip.message import Message, Request
from offhook.engine.sip.text import readable
from offhook.engine.sip.uri import Uri

MOST_ASSERTED = 8
"""Values of P-Asserted-Identity that are looked at; RFC 3325 section 9.1 allows two."""
MOST_SIGNATURES = 4
LONGEST_SIGNATURE = 4096
"""Characters of one Identity header; a longer one is left out whole, because half a signature proves nothing."""
LONGEST_CONTEXT = 40

ANONYMOUS = "anonymous"
ANONYMOUS_HOST = "anonymous.invalid"
_VERSTATS = {word.lower(): word for word in ("TN-Validation-Passed", "TN-Validation-Failed", "No-TN-Validation")}


def address_in(value: str) -> Address | None:
    """Return the address of a header that may be missing or broken without harm, None if it is."""
    try:
        return parse_address(value) if value else None
    except MalformedMessage:
        return None


def values_in(message: Message, name: str) -> list[str]:
    """Return the values of a header that is read for information only; one that lists too many says nothing."""
    try:
        return message.values(name)
    except MalformedMessage:
        return []


def number_in(uri: Uri) -> str:
    """Return what is dialled by a URI, and behind a local number the context that it is at home in.

    The context is that of a tel URI (RFC 3966 section 5.1.5), also as the user part of a SIP URI (RFC 3261
    section 19.1.6) and, as gateways write it, among a SIP URI's own parameters.
    """
    number = uri.dialled
    context = subscriber_parameter(uri, "phone-context")
    if not context.startswith("+") or number.startswith("+") or len(context) > LONGEST_CONTEXT:
        return number
    return f"{number};phone-context={context}"


def has_digit(number: str) -> bool:
    """Tell whether somebody could be called by it: there is a digit before the parameters."""
    return any(letter in "0123456789" for letter in number.partition(";")[0])


def subscriber_parameter(uri: Uri, name: str) -> str:
    """Return a parameter of the telephone number in a URI, empty when it has none."""
    for part in uri.user.split(";")[1:]:
        key, _, value = part.partition("=")
        if key.lower() == name:
            return readable(unquote(value, errors="replace"))
    return readable(uri.parameter(name) or "")


def asserted(request: Request) -> list[Address]:
    """Return the addresses of P-Asserted-Identity (RFC 3325 section 9.1) that can be read, in their order."""
    values = values_in(request, "P-Asserted-Identity")[:MOST_ASSERTED]
    return [address for address in map(address_in, values) if address is not None]


def privacy_of(request: Request) -> frozenset[str]:
    """Return the words of Privacy (RFC 3323 section 4.2), in lower case.

    `critical` asks for nothing of its own: it forbids to go on without what the other words ask for, and that is
    always done here.
    """
    lines = request.headers.get("Privacy", ())
    return frozenset(word.strip().lower() for line in lines for word in line.replace(",", ";").split(";"))


def is_anonymous(address: Address) -> bool:
    """Tell whether an address is one of those that stand for nobody (RFC 3323 section 4.1.1)."""
    host = address.uri.host.lower().removesuffix(".")
    return host == ANONYMOUS_HOST or address.uri.dialled.strip().lower() == ANONYMOUS


def verstat_of(address: Address) -> str:
    """Return what the network says about the number of an address (3GPP TS 24.229 section 7.2A.20), empty if nothing.

    Without angle brackets the parameters of a tel URI look like those of the header.
    """
    written = subscriber_parameter(address.uri, "verstat") or address.parameter("verstat") or ""
    return _VERSTATS.get(written.strip().lower(), "")


def signatures_of(request: Request) -> tuple[str, ...]:
    """Return the Identity headers (RFC 8224) as received, without those that are too long or no plain text."""
    lines = request.headers.get("Identity", ())[:MOST_SIGNATURES]
    return tuple(line for line in lines if line.isascii() and line.isprintable() and 0 < len(line) <= LONGEST_SIGNATURE)
