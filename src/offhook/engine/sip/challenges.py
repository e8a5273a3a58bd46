"""What a challenge and its proof say, as header values (RFC 7616 sections 3.3 and 3.4, RFC 3261 sections 20 and 22).

A `Challenge` is one WWW-Authenticate or Proxy-Authenticate, a `Proof` one Authorization or Proxy-Authorization.
Text is unescaped; each is one header line, never joined by commas (RFC 3261 section 7.3.1).
Deliberately absent: `domain`, `charset`, `userhash` and `username*` (SIP is UTF-8), SHA-512-256.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum

from offhook.engine.sip.auth_parameters import Parameters, named, quoted, scheme_of
from offhook.engine.sip.errors import MalformedMessage

LINES_LIMIT = 16
"""Header lines of one kind that are read: realms on the way times algorithms."""

_COUNT = re.compile(r"[0-9a-f]{8}")
_HEX = re.compile(r"[0-9a-f]+")


class Hash(Enum):
    """A hash function, by its name as an algorithm."""

    SHA_256 = "SHA-256"
    MD5 = "MD5"

    @property
    def digits(self) -> int:
        """The length of its result in hexadecimal."""
        return 64 if self is Hash.SHA_256 else 32


class Algorithm(Enum):
    """How a proof is computed, the strongest first (RFC 7616 section 3.3, RFC 8760 section 2)."""

    SHA_256 = "SHA-256"
    SHA_256_SESS = "SHA-256-sess"
    MD5 = "MD5"
    MD5_SESS = "MD5-sess"

    @property
    def hash(self) -> Hash:
        return Hash(self.value.removesuffix("-sess"))

    @property
    def is_session(self) -> bool:
        """Whether nonce and cnonce go into the secret's hash."""
        return self.value.endswith("-sess")


class Qop(StrEnum):
    """What a proof covers: the request's method and URI, or its body too."""

    AUTH = "auth"
    AUTH_INT = "auth-int"


class Side(Enum):
    """Who challenges: status, the challenge's header and the proof's (RFC 3261 sections 22.2 and 22.3)."""

    SERVER = (401, "WWW-Authenticate", "Authorization")
    PROXY = (407, "Proxy-Authenticate", "Proxy-Authorization")

    @property
    def status(self) -> int:
        return self.value[0]

    @property
    def challenge_field(self) -> str:
        return self.value[1]

    @property
    def proof_field(self) -> str:
        return self.value[2]


@dataclass(frozen=True, slots=True)
class Challenge:
    """Somebody wants to know who asks. `qops` is empty for a peer as old as RFC 2069."""

    realm: str
    nonce: str
    algorithm: Algorithm = Algorithm.MD5
    qops: tuple[Qop, ...] = ()
    is_stale: bool = False
    opaque: str | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody shows that it knows a secret. Without `qop` there is no `cnonce` and `nc` is 0."""

    user: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: Algorithm = Algorithm.MD5
    qop: Qop | None = None
    cnonce: str = ""
    nc: int = 0
    opaque: str | None = None


def read_challenges(values: Sequence[str]) -> tuple[list[Challenge], list[str]]:
    """Return the challenges of a message in their order, and a sentence for each that cannot be met.

    One that is malformed, of another scheme or of an unknown algorithm does not spoil those
    beside it (RFC 8760 section 2.4).
    """
    found, passed_over = [], []
    for value in values[:LINES_LIMIT]:
        try:
            found.append(read_challenge(value))
        except MalformedMessage as error:
            passed_over.append(error.sentence)
    if len(values) > LINES_LIMIT:
        passed_over.append(f"there are {len(values)} challenges; only the first {LINES_LIMIT} were read")
    return found, passed_over


def read_challenge(value: str) -> Challenge:
    """Read one WWW-Authenticate or Proxy-Authenticate value.

    Raises `MalformedMessage`, also for what is well formed but cannot be met.
    """
    said = Parameters("challenge", value)
    algorithm = _algorithm(said)
    qops = _qops(said)
    if algorithm.is_session and not qops:
        # Its hash needs a cnonce, and a cnonce is not said without qop (RFC 2617 section 3.2.2).
        raise MalformedMessage(
            f"the challenge wants {algorithm.value} but names no qop, without which it has no cnonce"
        )
    return Challenge(
        realm=said.need("realm"),
        nonce=said.need("nonce"),
        algorithm=algorithm,
        qops=qops,
        # Anything but "true" means that the credentials are wrong (RFC 7616 section 3.3).
        is_stale=(said.find("stale") or "").lower() == "true",
        opaque=said.find("opaque"),
    )


def write_challenge(challenge: Challenge) -> str:
    """Write a header value. Raises `MalformedMessage` for a control character, which no reader would take."""
    parts = [quoted("realm", challenge.realm), quoted("nonce", challenge.nonce)]
    if challenge.opaque is not None:
        parts.append(quoted("opaque", challenge.opaque))
    if challenge.is_stale:
        parts.append("stale=true")
    parts.append(f"algorithm={challenge.algorithm.value}")
    if challenge.qops:
        parts.append(f'qop="{",".join(challenge.qops)}"')
    return f"Digest {', '.join(parts)}"


def read_proofs(values: Sequence[str], realm: str) -> list[Proof]:
    """Return what a request proves for one realm; proofs for others and other schemes are not ours to judge.

    Raises `MalformedMessage`, for another realm's only if nobody could tell that it is another's.
    """
    if len(values) > LINES_LIMIT:
        raise MalformedMessage(f"there are {len(values)} proofs; {LINES_LIMIT} are the limit")
    said = [Parameters("proof", value) for value in values if scheme_of(value) == "digest"]
    return [_proof(each) for each in said if each.need("realm") == realm]


def read_proof(value: str) -> Proof:
    """Read one Authorization or Proxy-Authorization value. Raises `MalformedMessage`."""
    return _proof(Parameters("proof", value))


def write_proof(proof: Proof) -> str:
    """Write a header value. Raises `MalformedMessage` for a control character, which no reader would take."""
    parts = [
        quoted("username", proof.user),
        quoted("realm", proof.realm),
        quoted("nonce", proof.nonce),
        quoted("uri", proof.uri),
        quoted("response", proof.response),
        f"algorithm={proof.algorithm.value}",
    ]
    if proof.opaque is not None:
        parts.append(quoted("opaque", proof.opaque))
    if proof.qop is not None:
        # Tokens here, not quoted (RFC 3261 section 25.1).
        parts += [f"qop={proof.qop}", quoted("cnonce", proof.cnonce), f"nc={proof.nc:08x}"]
    return f"Digest {', '.join(parts)}"


def _proof(said: Parameters) -> Proof:
    algorithm = _algorithm(said)
    if (said.find("userhash") or "").lower() == "true":
        raise MalformedMessage("the proof hides its username, which was not offered")
    proof = Proof(
        user=said.need("username"),
        realm=said.need("realm"),
        nonce=said.need("nonce"),
        uri=said.need("uri"),
        response=said.need("response"),
        algorithm=algorithm,
        opaque=said.find("opaque"),
    )
    digits = algorithm.hash.digits
    if len(proof.response) != digits or not _HEX.fullmatch(proof.response):
        raise MalformedMessage(f"the proof's response is not {digits} hexadecimal digits in lower case")
    return _with_qop(proof, said)


def _with_qop(proof: Proof, said: Parameters) -> Proof:
    qop, cnonce, nc = said.find("qop"), said.find("cnonce"), said.find("nc")
    if qop is None:
        if cnonce is not None or nc is not None:
            raise MalformedMessage("the proof has a cnonce or nc but no qop")
        return proof
    # The spelling goes into the hash, so there is only one.
    if qop not in list(Qop):
        raise MalformedMessage(f"the proof has qop {named(qop)}; it is auth or auth-int")
    if cnonce is None or nc is None:
        raise MalformedMessage("the proof has a qop but no cnonce or no nc")
    if not _COUNT.fullmatch(nc):
        raise MalformedMessage("the proof's nc is not eight hexadecimal digits in lower case")
    return replace(proof, qop=Qop(qop), cnonce=cnonce, nc=int(nc, 16))


def _algorithm(said: Parameters) -> Algorithm:
    name = said.find("algorithm")
    if name is None:
        return Algorithm.MD5
    for algorithm in Algorithm:
        if algorithm.value.lower() == name.lower():
            return algorithm
    raise MalformedMessage(f"the {said.kind} is for the algorithm {named(name)}, which is not known here")


def _qops(said: Parameters) -> tuple[Qop, ...]:
    """Return the known options in their order; unknown ones are skipped (RFC 7616 section 3.3)."""
    listed = said.find("qop")
    if listed is None:
        return ()
    names = [name.strip(" \t").lower() for name in listed.split(",")]
    qops = tuple(Qop(name) for name in dict.fromkeys(names) if name in list(Qop))
    if not qops:
        raise MalformedMessage(f"the challenge wants qop {named(listed)}; auth and auth-int are known here")
    return qops
