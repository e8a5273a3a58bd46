from collections.abc import Iterator, Sequence
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.authenticator import (
    COUNT_LIMIT,
    REALMS_LIMIT,
    REST_S,
    ROUNDS_LIMIT,
    Attempt,
    Authenticator,
    Credentials,
    Unanswered,
    Why,
)
from offhook.engine.sip.challenges import (
    Algorithm,
    Challenge,
    Proof,
    Qop,
    Side,
    read_proof,
    write_challenge,
    write_proof,
)
from offhook.engine.sip.digest import Hashed, Password, ha1_of, response_of
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.message import Response
from offhook.errors import SetupError

URI = "sip:+81312345678@biloxi.com"
BOB = Credentials("bob", Password("zanzibar"))
AUTH = (Qop.AUTH,)


def challenge(
    nonce: str = "n1",
    realm: str = "biloxi.com",
    algorithm: Algorithm = Algorithm.MD5,
    qops: tuple[Qop, ...] = AUTH,
    is_stale: bool = False,
    opaque: str | None = None,
) -> str:
    return write_challenge(Challenge(realm, nonce, algorithm, qops, is_stale, opaque))


def refused(*challenges: str, proxy: Sequence[str] = (), status: int = 401) -> Response:
    """Return a response with challenges of a server and of proxies."""
    headers = {"WWW-Authenticate": list(challenges), "Proxy-Authenticate": list(proxy)}
    return Response(status, "Unauthorized", {name: said for name, said in headers.items() if said}, b"", 1, "INVITE")


class Caller:
    """One request of an authenticator's, with its verbs."""

    def __init__(self, authenticator: Authenticator, method: str = "INVITE", body: bytes = b"") -> None:
        self.authenticator = authenticator
        self.attempt = authenticator.begin(method, URI, body)
        self.cnonces: Iterator[str] = (f"c{number}" for number in count(1))

    def told(self, *challenges: str, proxy: Sequence[str] = (), status: int = 401, now: float = 0.0) -> Why | None:
        """Hear challenges; return why they are the end, None when there is a next try."""
        return self.heard(refused(*challenges, proxy=proxy, status=status), now).code

    def heard(self, response: Response, now: float = 0.0) -> "Unanswered | _GoesOn":
        result = self.authenticator.answer(self.attempt, response, cnonce=next(self.cnonces), now=now)
        if isinstance(result, Attempt):
            self.attempt = result
            return _GoesOn()
        return result

    @property
    def proofs(self) -> list[Proof]:
        return [read_proof(value) for _, value in self.attempt.fields]

    @property
    def proof(self) -> Proof:
        [proof] = self.proofs
        return proof


class _GoesOn:
    code = None


def is_right(proof: Proof, credentials: Credentials = BOB, method: str = "INVITE", body: bytes = b"") -> bool:
    known = ha1_of(credentials.secret, proof.algorithm.hash, credentials.user, proof.realm)
    return known is not None and proof.response == response_of(proof, known, method, body)


def test_a_first_request_carries_nothing() -> None:
    assert Caller(Authenticator([BOB])).attempt == Attempt("INVITE", URI, b"")
    assert Caller(Authenticator([BOB])).attempt.fields == ()


def test_a_challenge_is_answered_with_a_proof() -> None:
    caller = Caller(Authenticator([BOB]))
    assert caller.told(challenge(opaque="o")) is None
    [(name, value)] = caller.attempt.fields
    assert name == "Authorization"
    proof = read_proof(value)
    assert proof == Proof(
        "bob", "biloxi.com", "n1", URI, proof.response, Algorithm.MD5, Qop.AUTH, "c1", nc=1, opaque="o"
    )
    assert is_right(proof)


def test_a_proxy_is_answered_in_its_own_header() -> None:
    caller = Caller(Authenticator([BOB]))
    assert caller.told(proxy=[challenge()], status=407) is None
    assert [name for name, _ in caller.attempt.fields] == ["Proxy-Authorization"]
    assert is_right(caller.proof)


def test_the_example_of_smith_is_answered_as_it_says() -> None:
    # draft-smith-sipping-auth-examples-01, section 3.3.
    authenticator = Authenticator([BOB])
    attempt = authenticator.begin("INVITE", "sip:bob@biloxi.com")
    said = 'Digest realm="biloxi.com", qop="auth,auth-int", algorithm=MD5, nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    result = authenticator.answer(attempt, refused(said), cnonce="0a4f113b", now=0.0)
    assert isinstance(result, Attempt)
    assert 'response="89eb0059246c02b2f6ee02c7961d5ea3"' in result.fields[0][1]


@pytest.mark.parametrize(
    ("offers", "chosen"),
    [
        ([("MD5", AUTH), ("SHA-256", AUTH)], ("SHA-256", Qop.AUTH)),
        ([("MD5", AUTH), ("SHA-256", ())], ("SHA-256", None)),
        ([("MD5", ()), ("MD5", AUTH)], ("MD5", Qop.AUTH)),
        ([("MD5-sess", AUTH), ("SHA-256-sess", AUTH)], ("SHA-256-sess", Qop.AUTH)),
        ([("SHA-256-sess", AUTH), ("SHA-256", AUTH)], ("SHA-256", Qop.AUTH)),
        ([("SHA-256-sess", AUTH), ("MD5", AUTH)], ("SHA-256-sess", Qop.AUTH)),
        ([("MD5", (Qop.AUTH_INT, Qop.AUTH))], ("MD5", Qop.AUTH)),
        ([("MD5", (Qop.AUTH_INT,))], ("MD5", Qop.AUTH_INT)),
        ([("MD5", ())], ("MD5", None)),
    ],
)
def test_the_strongest_challenge_is_answered(
    offers: list[tuple[str, tuple[Qop, ...]]], chosen: tuple[str, Qop | None]
) -> None:
    caller = Caller(Authenticator([BOB]), body=b"v=0\r\n")
    assert caller.told(*[challenge(algorithm=Algorithm(name), qops=qops) for name, qops in offers]) is None
    assert (caller.proof.algorithm.value, caller.proof.qop) == chosen
    assert is_right(caller.proof, body=b"v=0\r\n")


def test_between_equals_the_peers_order_decides() -> None:
    caller = Caller(Authenticator([BOB]))
    assert caller.told(challenge("first"), challenge("second")) is None
    assert caller.proof.nonce == "first"


def test_an_unknown_algorithm_is_skipped() -> None:
    caller = Caller(Authenticator([BOB]))
    assert caller.told('Digest realm="biloxi.com", nonce="x", algorithm=SHA-512-256', challenge()) is None
    assert caller.proof.nonce == "n1"


def test_a_peer_as_old_as_rfc_2069_gets_neither_cnonce_nor_count() -> None:
    caller = Caller(Authenticator([BOB]))
    assert caller.told('Digest realm="biloxi.com", nonce="n"') is None
    assert (caller.proof.qop, caller.proof.cnonce, caller.proof.nc) == (None, "", 0)
    assert is_right(caller.proof)


def test_a_nonce_serves_later_requests_with_the_next_count() -> None:
    authenticator = Authenticator([BOB])
    first = Caller(authenticator)
    assert first.told(challenge(algorithm=Algorithm.SHA_256_SESS)) is None
    bye = Caller(authenticator, "BYE")
    register = Caller(authenticator, "REGISTER", b"x")
    assert [each.proof.nc for each in (first, bye, register)] == [1, 2, 3]
    assert {each.proof.nonce for each in (first, bye, register)} == {"n1"}
    # One session has one cnonce.
    assert {each.proof.cnonce for each in (first, bye, register)} == {"c1"}
    assert is_right(bye.proof, method="BYE")
    assert is_right(register.proof, method="REGISTER", body=b"x")


def test_two_requests_challenged_with_one_nonce_never_have_the_same_count() -> None:
    authenticator = Authenticator([BOB])
    one, other = Caller(authenticator), Caller(authenticator)
    assert one.told(challenge()) is None
    assert other.told(challenge()) is None
    assert [one.proof.nc, other.proof.nc] == [1, 2]


def test_a_new_nonce_begins_to_count_anew_with_a_new_cnonce() -> None:
    authenticator = Authenticator([BOB])
    one, other = Caller(authenticator), Caller(authenticator)
    assert one.told(challenge("n1")) is None
    next(other.cnonces)
    assert other.told(challenge("n2")) is None
    assert (other.proof.nonce, other.proof.nc, other.proof.cnonce) == ("n2", 1, "c2")


def test_a_count_never_has_nine_digits() -> None:
    authenticator = Authenticator([BOB])
    assert Caller(authenticator).told(challenge()) is None
    authenticator._nonces[Side.SERVER, "biloxi.com"].count = COUNT_LIMIT - 1
    last = Caller(authenticator)
    assert last.proof.nc == 0xFFFFFFFF
    assert Caller(authenticator).proofs == []


def test_a_stale_nonce_is_followed_once() -> None:
    caller = Caller(Authenticator([BOB]))
    assert caller.told(challenge("n1")) is None
    assert caller.told(challenge("n2", is_stale=True)) is None
    assert (caller.proof.nonce, caller.proof.nc) == ("n2", 1)
    assert is_right(caller.proof)
    end = caller.heard(refused(challenge("n3", is_stale=True)))
    assert end == Unanswered(
        Why.STALE_AGAIN, "the peer calls each new nonce stale for the user 'bob' in the realm 'biloxi.com'"
    )


def test_a_kept_nonce_that_went_stale_is_followed_once_too() -> None:
    authenticator = Authenticator([BOB])
    assert Caller(authenticator).told(challenge("n1")) is None
    caller = Caller(authenticator)
    assert caller.proof.nonce == "n1"
    assert caller.told(challenge("n2", is_stale=True)) is None
    assert caller.told(challenge("n3", is_stale=True)) is Why.STALE_AGAIN


def test_a_wrong_password_is_told_and_not_repeated() -> None:
    caller = Caller(Authenticator([BOB]))
    assert caller.told(challenge("n1")) is None
    assert caller.heard(refused(challenge("n2"))) == Unanswered(
        Why.REJECTED,
        "the peer refused the user 'bob' in the realm 'biloxi.com' (MD5): check user name and password",
    )


def test_a_wrong_password_is_told_after_a_stale_nonce_too() -> None:
    caller = Caller(Authenticator([BOB]))
    assert caller.told(challenge("n1")) is None
    assert caller.told(challenge("n2", is_stale=True)) is None
    assert caller.told(challenge("n3")) is Why.REJECTED


def test_after_a_refusal_the_credentials_rest_for_all_requests() -> None:
    authenticator = Authenticator([BOB])
    caller = Caller(authenticator)
    assert caller.told(challenge("n1"), now=10.0) is None
    assert caller.told(challenge("n2"), now=11.0) is Why.REJECTED
    later = Caller(authenticator)
    assert later.proofs == []
    end = later.heard(refused(challenge("n3")), now=10.9 + REST_S)
    assert isinstance(end, Unanswered)
    assert end.code is Why.REJECTED
    assert end.sentence == (
        "the peer refused the user 'bob' in the realm 'biloxi.com' a short while ago; it is not asked again yet"
    )
    assert Caller(authenticator).told(challenge("n4"), now=11.0 + REST_S) is None


def test_a_refusal_in_one_realm_is_none_in_another() -> None:
    authenticator = Authenticator([BOB])
    caller = Caller(authenticator)
    assert caller.told(challenge("n1")) is None
    assert caller.told(challenge("n2")) is Why.REJECTED
    assert Caller(authenticator).told(challenge(realm="atlanta.com")) is None
    assert Caller(authenticator).told(proxy=[challenge()], status=407) is None


def test_a_peer_that_wants_a_new_nonce_for_each_request_gets_one() -> None:
    authenticator = Authenticator([BOB])
    assert Caller(authenticator).told(challenge("n1")) is None
    caller = Caller(authenticator)
    assert caller.proof.nonce == "n1"
    # Not called stale, but with another nonce than the one that we kept: nothing was judged yet.
    assert caller.told(challenge("n2")) is None
    assert (caller.proof.nonce, caller.proof.nc) == ("n2", 1)
    assert caller.told(challenge("n3")) is Why.REJECTED


def test_a_kept_nonce_that_is_told_again_means_a_wrong_password() -> None:
    authenticator = Authenticator([BOB])
    assert Caller(authenticator).told(challenge("n1")) is None
    assert Caller(authenticator).told(challenge("n1")) is Why.REJECTED
    assert Caller(authenticator).proofs == []


def test_every_realm_on_the_way_is_answered_and_stays_answered() -> None:
    alice = Credentials("alice", Password("wonderland"), "atlanta.com")
    caller = Caller(Authenticator([BOB, alice]))
    assert caller.told(proxy=[challenge("p1", realm="atlanta.com")], status=407) is None
    assert caller.told(challenge("s1"), challenge("s2", realm="other.com")) is None
    assert [(name, proof.realm) for (name, _), proof in zip(caller.attempt.fields, caller.proofs, strict=True)] == [
        ("Proxy-Authorization", "atlanta.com"),
        ("Authorization", "biloxi.com"),
        ("Authorization", "other.com"),
    ]
    # The proxy has seen its first count, and would take the same again for a replay.
    assert [(proof.user, proof.nonce, proof.nc) for proof in caller.proofs] == [
        ("alice", "p1", 2),
        ("bob", "s1", 1),
        ("bob", "s2", 1),
    ]
    assert is_right(caller.proofs[0], alice)
    assert caller.told(proxy=[challenge("p2", realm="atlanta.com")], status=407) is Why.REJECTED


def test_a_fork_that_carries_both_kinds_of_challenges_is_answered_in_both() -> None:
    caller = Caller(Authenticator([BOB]))
    assert caller.told(challenge("s"), proxy=[challenge("p")], status=407) is None
    assert [(name, proof.nonce) for (name, _), proof in zip(caller.attempt.fields, caller.proofs, strict=True)] == [
        ("Authorization", "s"),
        ("Proxy-Authorization", "p"),
    ]


def test_a_realm_without_credentials_does_not_keep_the_others_from_being_answered() -> None:
    alice = Credentials("alice", Password("wonderland"), "atlanta.com")
    caller = Caller(Authenticator([alice]))
    assert caller.told(challenge(realm="biloxi.com"), challenge(realm="atlanta.com")) is None
    assert caller.proof.realm == "atlanta.com"


def test_credentials_that_name_the_realm_come_before_those_that_do_not() -> None:
    alice = Credentials("alice", Password("wonderland"), "atlanta.com")
    authenticator = Authenticator([BOB, alice, Credentials("carol", Password("x"), "atlanta.com")])
    caller = Caller(authenticator)
    assert caller.told(challenge(realm="atlanta.com")) is None
    assert is_right(caller.proof, alice)
    other = Caller(Authenticator([BOB, alice]))
    assert other.told(challenge()) is None
    assert is_right(other.proof, BOB)


def test_a_hash_is_as_good_as_its_password_for_the_algorithms_it_is_for() -> None:
    hashed = Credentials("bob", Hashed(md5="12af60467a33e8518da5c68bbff12b11"), "biloxi.com")
    caller = Caller(Authenticator([hashed]))
    assert caller.told(challenge(algorithm=Algorithm.SHA_256), challenge(algorithm=Algorithm.MD5_SESS)) is None
    assert caller.proof.algorithm is Algorithm.MD5_SESS
    assert is_right(caller.proof, BOB)


@pytest.mark.parametrize("status", [200, 403, 486])
def test_another_response_is_no_challenge_whatever_it_carries(status: int) -> None:
    end = Caller(Authenticator([BOB])).heard(refused(challenge(), status=status))
    assert end == Unanswered(Why.NOT_CHALLENGED, f"the peer's {status} has no challenge")


def test_a_401_without_a_challenge_is_the_end() -> None:
    assert Caller(Authenticator([BOB])).heard(refused()) == Unanswered(
        Why.NOT_CHALLENGED, "the peer's 401 has no challenge"
    )


def test_challenges_that_nobody_could_meet_are_told() -> None:
    end = Caller(Authenticator([BOB])).heard(refused('Basic realm="a"', proxy=['Digest realm="a']))
    assert end == Unanswered(
        Why.NOT_UNDERSTOOD,
        "no challenge of the peer's can be met: the challenge is of the scheme 'Basic'; only Digest is known here; "
        "the challenge has a quoted value that does not end for 'realm'",
    )


def test_realms_that_no_credentials_fit_are_told() -> None:
    hashed = Credentials("bob", Hashed(md5="12af60467a33e8518da5c68bbff12b11"), "biloxi.com")
    end = Caller(Authenticator([hashed])).heard(
        refused(challenge(algorithm=Algorithm.SHA_256), challenge(realm="b\udcff"), proxy=[challenge(realm="b\udcff")])
    )
    assert end == Unanswered(
        Why.NO_CREDENTIALS, "the peer challenges for 'biloxi.com', 'b\ufffd', where no credentials of ours fit"
    )


def test_a_peer_that_thinks_of_a_new_realm_each_time_is_left() -> None:
    caller = Caller(Authenticator([BOB]))
    for number in range(ROUNDS_LIMIT):
        assert caller.told(challenge(realm=f"r{number}")) is None
    assert caller.heard(refused(challenge(realm="last"))) == Unanswered(
        Why.TOO_OFTEN, "the peer challenged the INVITE more than 6 times"
    )


def test_only_so_many_realms_are_remembered_and_the_oldest_is_forgotten() -> None:
    authenticator = Authenticator([BOB])
    for number in range(REALMS_LIMIT):
        assert Caller(authenticator).told(challenge(realm=f"r{number}")) is None
    # Told anew, the oldest is the youngest.
    assert Caller(authenticator).told(challenge("n2", realm="r0")) is None
    assert Caller(authenticator).told(challenge(realm="new")) is None
    realms = [proof.realm for proof in Caller(authenticator).proofs]
    assert realms == ["r2", "r3", "r4", "r5", "r6", "r7", "r0", "new"]


@pytest.mark.parametrize("user", ["", "b\nob", "b\x00", "b" * 2_049])
def test_a_user_that_no_header_can_carry_is_a_mistake_of_the_setup(user: str) -> None:
    with pytest.raises(SetupError, match="SIP user"):
        Credentials(user, Password("x"))


def test_a_hash_without_its_realm_is_a_mistake_of_the_setup() -> None:
    with pytest.raises(SetupError, match="'bob' are hashed but have no realm"):
        Credentials("bob", Hashed(md5="12af60467a33e8518da5c68bbff12b11"))


def test_a_uri_that_no_header_can_carry_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(MalformedMessage):
        Authenticator([BOB]).begin("INVITE", "sip:a\r\nVia: b")


def test_secrets_are_not_shown() -> None:
    assert "zanzibar" not in repr(BOB)
    caller = Caller(Authenticator([BOB]))
    assert caller.told(challenge()) is None
    assert "12af60467a33e8518da5c68bbff12b11" not in repr(caller.attempt)


_CHALLENGES = st.builds(
    challenge,
    nonce=st.sampled_from(["n1", "n2", "n3"]),
    realm=st.sampled_from(["biloxi.com", "atlanta.com"]),
    algorithm=st.sampled_from(Algorithm),
    is_stale=st.booleans(),
)


@given(st.lists(st.tuples(st.integers(0, 2), st.lists(_CHALLENGES, max_size=3), st.booleans()), max_size=30))
def test_whatever_a_peer_says_every_proof_is_right_and_no_count_is_used_twice(
    story: list[tuple[int, list[str], bool]],
) -> None:
    authenticator = Authenticator([BOB])
    callers = [Caller(authenticator) for _ in range(3)]
    cnonces = (f"u{number}" for number in count())
    used: set[tuple[Side, str, str, str, int]] = set()
    for index, challenges, is_proxy in story:
        caller = callers[index]
        caller.cnonces = cnonces
        why = caller.told(*([] if is_proxy else challenges), proxy=challenges if is_proxy else [], now=0.0)
        if why is not None:
            callers[index] = caller = Caller(authenticator)
        for sent in caller.attempt.sent:
            proof = read_proof(write_proof(sent.proof))
            assert is_right(proof)
            key = (sent.side, proof.realm, proof.nonce, proof.cnonce, proof.nc)
            assert key not in used
            used.add(key)
        assert caller.attempt.rounds <= ROUNDS_LIMIT
