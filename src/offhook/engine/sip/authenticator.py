"""Our half of digest authentication: meeting the challenges of one peer (RFC 3261 section 22, RFC 8760 section 2.4).

    begin(method, uri, body)            before a request is sent: what it carries of nonces that are known
    answer(attempt, response, ...)      after its 401 or 407: what the next try carries, or why there is none

One `Authenticator` a peer, for as long as its credentials; one `Attempt` a request. The next try is
a new transaction with the next CSeq. ACK copies the fields of its INVITE and CANCEL has none (section 22.1).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import NamedTuple, TypeVar

from offhook.engine.sip.auth_parameters import PARAMETER_LIMIT, named, quoted
from offhook.engine.sip.challenges import Algorithm, Challenge, Proof, Qop, Side, read_challenges, write_proof
from offhook.engine.sip.digest import Hashed, Secret, ha1_of, response_of
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.message import Response
from offhook.errors import Codes, SetupError

REST_S = 300.0
"""After a refusal nobody is asked again with the same credentials for so long: carriers lock out who guesses."""
STALE_LIMIT = 1
"""A request follows this many `stale=true` to a new nonce."""
REALMS_LIMIT = 8
"""Realms of one peer whose nonces, or refusals, are remembered; the oldest is forgotten first."""
ROUNDS_LIMIT = 6
"""Answers to the challenges of one request, for a peer that thinks of a new realm each time."""
COUNT_LIMIT = 0xFFFF_FFFF
"""`nc` has eight digits; then a new nonce is needed."""

_STRENGTH = {algorithm: rank for rank, algorithm in enumerate(Algorithm)}
_Realm = tuple[Side, str]
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are. Without `realm` they are for whoever of the peer's asks; a hashed secret needs one."""

    user: str
    secret: Secret
    realm: str = ""

    def __post_init__(self) -> None:
        try:
            quoted("user name", self.user)
        except MalformedMessage:
            raise SetupError(f"the SIP user {named(self.user)} contains a control character") from None
        if not self.user or len(self.user) > PARAMETER_LIMIT:
            raise SetupError(f"a SIP user has {len(self.user):,} characters; 1 to {PARAMETER_LIMIT:,} are possible")
        if isinstance(self.secret, Hashed) and not self.realm:
            raise SetupError(
                f"the credentials of {named(self.user)} are hashed but have no realm",
                hint="a hash is made for one realm: name it, or give the password",
            )


class Why(Codes):
    """Why there is no next try."""

    NOT_CHALLENGED = "not-challenged"
    NOT_UNDERSTOOD = "challenge-not-understood"
    NO_CREDENTIALS = "no-credentials"
    REJECTED = "credentials-rejected"
    STALE_AGAIN = "nonce-stale-again"
    TOO_OFTEN = "challenged-too-often"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A challenge that is the end of the request; the sentence is for the call's timeline."""

    code: Why
    sentence: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What one realm was told. `answers` counts its challenges to this very request: 0 for a proof unasked."""

    side: Side
    proof: Proof
    answers: int

    @property
    def realm(self) -> _Realm:
        return self.side, self.proof.realm


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request on its way through the challenges, and the header fields that it carries now."""

    method: str
    uri: str
    body: bytes
    sent: tuple[Sent, ...] = ()
    rounds: int = 0

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Header names and values."""
        return tuple((each.side.proof_field, write_proof(each.proof)) for each in self.sent)


class Authenticator:
    """Our credentials at one peer, and what it has said of them.

    Of several credentials for a realm the first counts, and one that names the realm before one that does not.
    """

    def __init__(self, credentials: Sequence[Credentials]) -> None:
        self._credentials = tuple(sorted(credentials, key=lambda each: not each.realm))
        self._nonces: dict[_Realm, _Nonce] = {}
        self._rests: dict[_Realm, float] = {}

    def begin(self, method: str, uri: str, body: bytes = b"") -> Attempt:
        """Start a request. It proves itself unasked where a nonce is known, which spares a round trip.

        `uri` is the Request-URI as it will be sent. Raises `MalformedMessage` when no header could carry it.
        """
        quoted("uri", uri)
        return self._prove(Attempt(method, uri, body), {})

    def answer(self, attempt: Attempt, response: Response, *, cnonce: str, now: float) -> Attempt | Unanswered:
        """Meet what a 401 or 407 to an attempt asks for. `cnonce` is new and unguessable (letters and digits).

        Realms without credentials do not keep the others from being answered, and what was proven
        to others before stays in the request, newly counted (section 22.3).
        """
        offers, passed_over = _offers(response)
        asked = {realm: key for realm, offer in offers.items() if (key := self._key_for(realm, offer))}
        if not asked:
            return _nothing_to_answer(response, offers, passed_over)
        if attempt.rounds >= ROUNDS_LIMIT:
            return Unanswered(Why.TOO_OFTEN, f"the peer challenged the {attempt.method} more than {ROUNDS_LIMIT} times")
        before = {sent.realm: sent for sent in attempt.sent}
        for realm, key in asked.items():
            if refusal := self._judge(realm, key, before.get(realm), now):
                return refusal
        answers = {realm: sent.answers for realm, sent in before.items()}
        for realm, key in asked.items():
            answers[realm] = _answers(before.get(realm), key.challenge)
            _remember(self._nonces, realm, _Nonce(realm[0], key, cnonce, self._nonces.get(realm)))
        return self._prove(replace(attempt, rounds=attempt.rounds + 1), answers)

    def _key_for(self, realm: _Realm, offer: Sequence[Challenge]) -> "_Key | None":
        """Choose the strongest challenge that we have a secret for; the peer's order decides between equals."""
        for challenge in sorted(offer, key=_weakness):
            for credentials in self._credentials:
                if credentials.realm in ("", realm[1]):
                    secret = ha1_of(credentials.secret, challenge.algorithm.hash, credentials.user, realm[1])
                    if secret is not None:
                        return _Key(challenge, credentials.user, secret)
        return None

    def _judge(self, realm: _Realm, key: "_Key", sent: Sent | None, now: float) -> Unanswered | None:
        """Tell why a realm is not answered (again), None if it is."""
        who = f"the user {named(key.user)} in the realm {named(realm[1])}"
        if now < self._rests.get(realm, -inf):
            return Unanswered(Why.REJECTED, f"the peer refused {who} a short while ago; it is not asked again yet")
        if sent is None:
            return None
        if key.challenge.is_stale:
            if _answers(sent, key.challenge) <= 1 + STALE_LIMIT:
                return None
            return Unanswered(Why.STALE_AGAIN, f"the peer calls each new nonce stale for {who}")
        if sent.answers == 0 and key.challenge.nonce != sent.proof.nonce:
            # Peers that want a new nonce for each request say so without stale: nothing was judged yet.
            return None
        # What was rejected is not tried again (RFC 3261 section 22.1).
        self._nonces.pop(realm, None)
        _remember(self._rests, realm, now + REST_S)
        algorithm = sent.proof.algorithm.value
        return Unanswered(Why.REJECTED, f"the peer refused {who} ({algorithm}): check user name and password")

    def _prove(self, attempt: Attempt, answers: Mapping[_Realm, int]) -> Attempt:
        """Give a request a proof for each realm whose nonce is known."""
        for realm in [realm for realm, nonce in self._nonces.items() if nonce.count >= COUNT_LIMIT]:
            del self._nonces[realm]
        sent = [nonce.prove(attempt, answers.get(realm, 0)) for realm, nonce in self._nonces.items()]
        return replace(attempt, sent=tuple(sent))


class _Key(NamedTuple):
    """A challenge, and what meets it: the user and H(user:realm:password)."""

    challenge: Challenge
    user: str
    ha1: str


class _Nonce:
    """A nonce in use, and how often it was. The same nonce told again goes on counting."""

    def __init__(self, side: Side, key: _Key, cnonce: str, before: "_Nonce | None") -> None:
        self.side = side
        self.key: _Key = key
        self.cnonce: str = cnonce
        self.count: int = 0
        if before and before.key.challenge.nonce == key.challenge.nonce:
            # A session's secret is made with its first cnonce (RFC 7616 section 3.4.2), so that one stays.
            self.cnonce = before.cnonce
            self.count = before.count

    def prove(self, attempt: Attempt, answers: int) -> Sent:
        """Prove ourselves for one request."""
        self.count += 1
        challenge, user, ha1 = self.key
        proof = Proof(
            user=user,
            realm=challenge.realm,
            nonce=challenge.nonce,
            uri=attempt.uri,
            response="",
            algorithm=challenge.algorithm,
            opaque=challenge.opaque,
        )
        if challenge.qops:
            # Gateways on the way rewrite bodies, so the body is covered only where nothing else will do.
            qop = Qop.AUTH if Qop.AUTH in challenge.qops else Qop.AUTH_INT
            proof = replace(proof, qop=qop, cnonce=self.cnonce, nc=self.count)
        return Sent(self.side, replace(proof, response=response_of(proof, ha1, attempt.method, attempt.body)), answers)


def _offers(response: Response) -> tuple[dict[_Realm, list[Challenge]], list[str]]:
    """Return each realm's challenges; after a fork a 401 and a 407 can carry both kinds (section 22.3)."""
    offers: dict[_Realm, list[Challenge]] = {}
    passed_over: list[str] = []
    if response.status in [side.status for side in Side]:
        for side in Side:
            challenges, sentences = read_challenges(response.headers.get(side.challenge_field, ()))
            passed_over += sentences
            for challenge in challenges:
                offers.setdefault((side, challenge.realm), []).append(challenge)
    return offers, passed_over


def _nothing_to_answer(response: Response, offers: Iterable[_Realm], passed_over: Sequence[str]) -> Unanswered:
    realms = ", ".join(dict.fromkeys(named(realm) for _, realm in offers))
    if realms:
        return Unanswered(Why.NO_CREDENTIALS, f"the peer challenges for {realms}, where no credentials of ours fit")
    if passed_over:
        return Unanswered(Why.NOT_UNDERSTOOD, f"no challenge of the peer's can be met: {'; '.join(passed_over)}")
    return Unanswered(Why.NOT_CHALLENGED, f"the peer's {response.status} has no challenge")


def _answers(sent: Sent | None, challenge: Challenge) -> int:
    """Count an answer to a challenge; a nonce that went stale while it was kept counts as one before it."""
    if sent is None:
        return 1
    return max(sent.answers, int(challenge.is_stale)) + 1


def _weakness(challenge: Challenge) -> tuple[int, bool, int]:
    algorithm = challenge.algorithm
    return _STRENGTH[Algorithm(algorithm.hash.value)], not challenge.qops, _STRENGTH[algorithm]


def _remember(memory: dict[_Realm, _Value], realm: _Realm, value: _Value) -> None:
    memory.pop(realm, None)
    memory[realm] = value
    if len(memory) > REALMS_LIMIT:
        del memory[next(iter(memory))]
