"""Keys of SRTP in session descriptions: `a=crypto` (RFC 4568, RFC 7714 for AES-GCM).

A line is taken whole or not at all: one with a key identifier (MKI), a key lifetime that has run out before it
began, or a session parameter that changes how packets look is passed over.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

LINES_LIMIT = 16
"""More offers of one stream are not read."""


class Suite(StrEnum):
    """A crypto suite, in the word of RFC 4568 section 6.2 or RFC 7714 section 14.2, the best first."""

    AEAD_AES_128_GCM = "AEAD_AES_128_GCM"
    AES_CM_128_HMAC_SHA1_80 = "AES_CM_128_HMAC_SHA1_80"
    AES_CM_128_HMAC_SHA1_32 = "AES_CM_128_HMAC_SHA1_32"

    @property
    def key_size(self) -> int:
        """Bytes of a master key with its salt."""
        return 28 if self is Suite.AEAD_AES_128_GCM else 30


@dataclass(frozen=True, slots=True)
class Crypto:
    """One line: `key` is the master key and salt with which whoever says it sends."""

    tag: int
    suite: Suite
    key: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"{self.tag} {self.suite} inline:{b64encode(self.key).decode()}"


_LINE = re.compile(r"([0-9]{1,9}) +([A-Za-z0-9_]+) +inline:([A-Za-z0-9+/]+={0,2})((?:\|[!-~]*)*)((?: +[!-~]+)*)")
_LIFETIME = re.compile(r"\|(?:2\^([0-9]{1,2})|([0-9]{1,15}))")
_SUITES = {str(suite): suite for suite in Suite}


def parse(value: str) -> Crypto | None:
    """Read one value of `a=crypto`; None for what is malformed, or not ours to speak."""
    match = _LINE.fullmatch(value)
    if match is None:
        return None
    tag, suite, key, behind, parameters = match.groups()
    known = _SUITES.get(suite)
    if known is None or not _is_plain(behind) or not all(word.startswith("WSH=") for word in parameters.split()):
        return None
    digits = key.rstrip("=")
    try:
        # Some leave the padding out.
        decoded = b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except Error:
        return None
    return Crypto(int(tag), known, decoded) if len(decoded) == known.key_size else None


def parse_all(values: Iterable[str]) -> tuple[Crypto, ...]:
    """Read the lines of a stream that can be spoken, in their order."""
    taken = [value for value, _ in zip(values, range(LINES_LIMIT), strict=False)]
    return tuple(crypto for value in taken if (crypto := parse(value)) is not None)


def ours(keying: bytes) -> tuple[Crypto, ...]:
    """Offer every suite with one key each, cut from random bytes (`KEYING_BYTES` of them)."""
    offered = []
    for tag, suite in enumerate(Suite, 1):
        key, keying = keying[: suite.key_size], keying[suite.key_size :]
        offered.append(Crypto(tag, suite, key))
    return tuple(offered)


KEYING_BYTES = sum(suite.key_size for suite in Suite)


def _is_plain(behind: str) -> bool:
    """Tell whether behind a key stands nothing, or a lifetime that lasts for a call: 2^20 packets are six hours."""
    if not behind:
        return True
    match = _LIFETIME.fullmatch(behind)
    return match is not None and (int(match[1]) >= 20 if match[1] else int(match[2]) >= 1 << 20)
