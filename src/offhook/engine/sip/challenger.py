"""The other half of digest authentication: challenging a peer and judging its proof (RFC 3261 section 22).

    judge(request, now)     Accepted | Challenged (answer with `status` and `fields`) | Malformed (answer with `status`)

Never for ACK or CANCEL, which cannot be sent again with a proof (section 22.1). Codes and sentences are for our
timeline: to the peer a user who does not exist, and a password that is wrong, look the same and take the same work.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hmac import compare_digest
from urllib.parse import unquote

from offhook.engine.sip.auth_parameters import named
from offhook.engine.sip.challenges import Algorithm, Challenge, Proof, Qop, Side, read_proofs, write_challenge
from offhook.engine.sip.digest import Hashed, Password, Secret, ha1, response_of
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.message import Request
from offhook.engine.sip.nonces import LIFE_S, Nonces, Use
from offhook.engine.sip.uri import Uri, parse_uri
from offhook.errors import Codes

# What RFC 3261 section 19.1.4 compares even if only one of two URIs has it.
_DECISIVE = ("user", "ttl", "method", "maddr", "transport")


class Code(Codes):
    """What became of a request's proof."""

    ACCEPTED = "accepted"
    NO_PROOF = "no-proof"
    UNKNOWN_USER = "unknown-user"
    NO_SECRET = "no-secret-for-algorithm"  # noqa: S105 - a code, not a secret
    WRONG_PASSWORD = "wrong-password"  # noqa: S105
    NONCE_FOREIGN = "nonce-foreign"
    NONCE_EXPIRED = "nonce-expired"
    NONCE_REPLAYED = "nonce-replayed"
    NONCE_LEAPT = "nonce-count-leapt"
    MALFORMED = "malformed-proof"
    NOT_OFFERED = "not-offered"
    OTHER_URI = "other-uri"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The request is the user's."""

    user: str
    algorithm: Algorithm
    code: Code
    sentence: str


@dataclass(frozen=True, slots=True)
class Challenged:
    """The request is to be answered with `status` and `fields`. `is_stale`: the peer knows the password."""

    status: int
    fields: tuple[tuple[str, str], ...]
    is_stale: bool
    code: Code
    sentence: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """The proof is none; a new challenge would not help."""

    status: int
    code: Code
    sentence: str


Verdict = Accepted | Challenged | Malformed

_STALE = {
    Use.FOREIGN: (Code.NONCE_FOREIGN, "has a nonce that was not made here since the last start"),
    Use.EXPIRED: (Code.NONCE_EXPIRED, f"has a nonce that is older than {LIFE_S:.0f} s, or forgotten for newer ones"),
    Use.REPLAYED: (Code.NONCE_REPLAYED, "has a nonce count that was used before: a repeated or overtaken request"),
    Use.LEAPT: (Code.NONCE_LEAPT, "has a nonce count too far ahead of the last one"),
}


class Challenger:
    """One realm, and whoever may prove to be a user of it.

    `secret_of` tells a user's secret, None for a stranger; it is asked only for readable names. `key` and `token`
    are those of `Nonces`. A user whose secret is hashed can prove itself only by the hashes that are there, so
    that `algorithms` has to be no more than what all users have.
    """

    def __init__(
        self,
        *,
        realm: str,
        key: bytes,
        token: Callable[[], str],
        secret_of: Callable[[str], Secret | None],
        side: Side = Side.SERVER,
        algorithms: Sequence[Algorithm] = (Algorithm.SHA_256, Algorithm.MD5),
        qops: tuple[Qop, ...] = (Qop.AUTH,),
    ) -> None:
        self._nonces = Nonces(key, realm, token)
        self._secret_of = secret_of
        self._side = side
        # The topmost is the one that a peer prefers (RFC 8760 section 2.3).
        self._algorithms = [algorithm for algorithm in Algorithm if algorithm in algorithms]
        self._challenge = Challenge(realm, "", qops=qops)
        # A realm that no header can carry is found here, not at the first call.
        write_challenge(self._challenge)

    def judge(self, request: Request, now: float) -> Verdict:
        """Judge who sent a request: by its proof for our realm, or by the lack of one."""
        realm = self._challenge.realm
        try:
            proofs = read_proofs(request.headers.get(self._side.proof_field, ()), realm)
        except MalformedMessage as error:
            return Malformed(error.status, Code.MALFORMED, error.sentence)
        if not proofs:
            return self._challenged(
                Code.NO_PROOF, f"the {request.method} has no proof for the realm {named(realm)}", now
            )
        if len(proofs) > 1:
            return Malformed(400, Code.MALFORMED, f"the {request.method} has {len(proofs)} proofs for one realm")
        return self._misfit(proofs[0], request) or self._weigh(proofs[0], request, now)

    def _misfit(self, proof: Proof, request: Request) -> Malformed | None:
        """Refuse a proof that does not belong to what we offered, or to this request."""
        if proof.algorithm not in self._algorithms:
            return Malformed(400, Code.NOT_OFFERED, f"the proof is by {proof.algorithm.value}, which was not offered")
        if proof.qop not in self._challenge.qops:
            said = f"has qop {proof.qop}" if proof.qop else "has no qop"
            return Malformed(
                400, Code.NOT_OFFERED, f"the proof {said}; {' or '.join(self._challenge.qops)} was offered"
            )
        if not _is_same_uri(proof.uri, request.uri):
            # Else a proof that somebody saw would be good for another call (RFC 7616 section 3.4.6).
            said = f"the proof is for {named(proof.uri)}, the {request.method} for {named(request.uri)}"
            return Malformed(400, Code.OTHER_URI, said)
        return None

    def _weigh(self, proof: Proof, request: Request, now: float) -> Verdict:
        function, user = proof.algorithm.hash, proof.user
        # No name of ours has anything else in it, and not every directory can be asked for it.
        secret = self._secret_of(user) if user.isprintable() else None
        # The same work whoever it is: one hash of a password and one comparison, needed or not.
        password = secret.text if isinstance(secret, Password) else ""
        computed = ha1(function, user, proof.realm, password)
        known = secret.by(function) if isinstance(secret, Hashed) else computed
        expected = response_of(proof, known or computed, request.method, request.body)
        is_right = compare_digest(expected, proof.response)
        method, who = request.method, f"the user {named(user)}"
        if secret is None:
            return self._challenged(Code.UNKNOWN_USER, f"{who} is not known", now)
        if known is None:
            return self._challenged(Code.NO_SECRET, f"{who} has no secret for {proof.algorithm.value}", now)
        if not is_right:
            return self._challenged(Code.WRONG_PASSWORD, f"the password of {who} is wrong", now)
        use = self._nonces.use(proof.nonce, proof.nc, now)
        if use is not Use.FRESH:
            code, sentence = _STALE[use]
            return self._challenged(code, f"the {method} of {who} {sentence}", now, is_stale=True)
        sentence = f"{who} proved the {method} by {proof.algorithm.value}"
        return Accepted(user, proof.algorithm, Code.ACCEPTED, sentence)

    def _challenged(self, code: Code, sentence: str, now: float, *, is_stale: bool = False) -> Challenged:
        nonce = self._nonces.issue(now)
        challenges = [
            replace(self._challenge, nonce=nonce, algorithm=algorithm, is_stale=is_stale)
            for algorithm in self._algorithms
        ]
        fields = tuple((self._side.challenge_field, write_challenge(challenge)) for challenge in challenges)
        return Challenged(self._side.status, fields, is_stale, code, sentence)


def _is_same_uri(said: str, uri: str) -> bool:
    """Tell whether a proof's URI is the Request-URI, be it in another spelling (RFC 3261 section 19.1.4)."""
    if said == uri:
        return True
    try:
        return _compared(parse_uri(said)) == _compared(parse_uri(uri))
    except MalformedMessage:
        return False


def _compared(uri: Uri) -> tuple[object, ...]:
    # Other parameters count only where both have them; a proxy on the way may add or take some.
    decisive = tuple((uri.parameter(name) or "").lower() for name in _DECISIVE)
    return (uri.scheme, unquote(uri.user), uri.host.lower(), uri.port, decisive)
