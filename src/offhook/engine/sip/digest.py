"""The arithmetic of digest authentication (RFC 7616 section 3.4), and the secrets it is about.

Text is hashed as UTF-8, bytes that are not as they came. MD5 is here because half of the
world's gateways know nothing else (RFC 8760 section 1), never for anything but this.
"""

import re
from dataclasses import dataclass, field
from hashlib import md5, sha256

from offhook.engine.sip.challenges import Hash, Proof, Qop
from offhook.errors import SetupError

_HEX = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Password:
    """A secret as somebody would type it: good for any realm and any algorithm."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Hashed:
    """A secret as H(user:realm:password), in hexadecimal: good for one realm and the hashes that are given.

    It proves as much as the password does, in its realm: keep it as secret. Raises SetupError for what is no hash.
    """

    sha_256: str = field(default="", repr=False)
    md5: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for function in Hash:
            known = self.by(function)
            if known and (len(known) != function.digits or not _HEX.fullmatch(known)):
                # What it is instead may be a password: it is not shown.
                raise SetupError(
                    f"the {function.value} hash of a SIP password is not "
                    f"{function.digits} hexadecimal digits in lower case",
                    hint=f"it is {function.value} over user:realm:password",
                )

    def by(self, function: Hash) -> str | None:
        """Return the hash by one function, None when it is not given."""
        return (self.sha_256 if function is Hash.SHA_256 else self.md5) or None


Secret = Password | Hashed


def ha1_of(secret: Secret, function: Hash, user: str, realm: str) -> str | None:
    """Return a secret's hash for one realm, None when it is not known by this function."""
    if isinstance(secret, Password):
        return ha1(function, user, realm, secret.text)
    return secret.by(function)


def ha1(function: Hash, user: str, realm: str, password: str) -> str:
    """Return H(user:realm:password), what RFC 7616 section 3.4.2 calls H(A1) without a session."""
    return _joined(function, user, realm, password)


def response_of(proof: Proof, ha1: str, method: str, body: bytes) -> str:
    """Return the response that a proof has to have; what it has is not looked at (RFC 7616 section 3.4.1)."""
    function = proof.algorithm.hash
    if proof.algorithm.is_session:
        ha1 = _joined(function, ha1, proof.nonce, proof.cnonce)
    if proof.qop is Qop.AUTH_INT:
        ha2 = _joined(function, method, proof.uri, _hex(function, body))
    else:
        ha2 = _joined(function, method, proof.uri)
    if proof.qop is None:
        # As RFC 2069 had it; RFC 3261 section 22.4 still allows it.
        return _joined(function, ha1, proof.nonce, ha2)
    return _joined(function, ha1, proof.nonce, f"{proof.nc:08x}", proof.cnonce, proof.qop, ha2)


def _joined(function: Hash, *parts: str) -> str:
    return _hex(function, ":".join(parts).encode("utf-8", "surrogateescape"))


def _hex(function: Hash, data: bytes) -> str:
    if function is Hash.SHA_256:
        return sha256(data).hexdigest()
    # A system that forbids MD5 for security still lets a protocol be spoken.
    return md5(data, usedforsecurity=False).hexdigest()
