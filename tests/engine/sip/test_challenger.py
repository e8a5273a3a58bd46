import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.authenticator import Authenticator, Credentials, Unanswered, Why
from offhook.engine.sip.challenger import Accepted, Challenged, Challenger, Code, Malformed, Verdict
from offhook.engine.sip.challenges import Algorithm, Proof, Qop, Side, read_challenge, read_proof, write_proof
from offhook.engine.sip.digest import Hashed, Password, Secret, ha1, response_of
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.message import Request, Response
from offhook.engine.sip.nonces import COUNT_WINDOW, LIFE_S

KEY = b"0123456789abcdef"
REALM = "biloxi.com"
URI = "sip:+81312345678@biloxi.com"

USERS: dict[str, Secret] = {
    "bob": Password("zanzibar"),
    "carol": Hashed(md5=ha1(Algorithm.MD5.hash, "carol", REALM, "chess")),
    "dave": Hashed(
        md5=ha1(Algorithm.MD5.hash, "dave", REALM, "drums"),
        sha_256=ha1(Algorithm.SHA_256.hash, "dave", REALM, "drums"),
    ),
    "eve": Password(""),
}


class House:
    """A challenger, and a caller who knows how to answer it in any way, right or wrong."""

    def __init__(
        self,
        *,
        side: Side = Side.SERVER,
        algorithms: Sequence[Algorithm] = (Algorithm.MD5, Algorithm.SHA_256),
        qops: tuple[Qop, ...] = (Qop.AUTH,),
        key: bytes = KEY,
    ) -> None:
        numbers = count(1)
        self.asked: list[str] = []
        self.side = side
        self.challenger = Challenger(
            realm=REALM,
            key=key,
            token=lambda: f"t{next(numbers)}",
            secret_of=self._secret_of,
            side=side,
            algorithms=algorithms,
            qops=qops,
        )

    def _secret_of(self, user: str) -> Secret | None:
        self.asked.append(user)
        return USERS.get(user)

    def judge(
        self, *proofs: str, now: float = 0.0, method: str = "INVITE", uri: str = URI, body: bytes = b""
    ) -> Verdict:
        headers = {self.side.proof_field: list(proofs)} if proofs else {}
        return self.challenger.judge(Request(method, uri, headers, body, 1), now)

    def challenged(self, now: float = 0.0) -> Challenged:
        verdict = self.judge(now=now)
        assert isinstance(verdict, Challenged)
        return verdict

    def nonce(self, now: float = 0.0) -> str:
        return read_challenge(self.challenged(now).fields[0][1]).nonce


def prove(
    nonce: str,
    *,
    user: str = "bob",
    password: str = "zanzibar",
    realm: str = REALM,
    uri: str = URI,
    algorithm: Algorithm = Algorithm.SHA_256,
    qop: Qop | None = Qop.AUTH,
    nc: int = 1,
    method: str = "INVITE",
    body: bytes = b"",
) -> str:
    proof = Proof(user, realm, nonce, uri, "", algorithm)
    if qop:
        proof = replace(proof, qop=qop, cnonce="c", nc=nc)
    response = response_of(proof, ha1(algorithm.hash, user, realm, password), method, body)
    return write_proof(replace(proof, response=response))


def is_stale(verdict: Verdict, code: Code) -> bool:
    """Tell whether a verdict is a new challenge, and whether it says stale; its code has to be the one given."""
    assert isinstance(verdict, Challenged)
    assert verdict.code is code
    assert {read_challenge(value).is_stale for _, value in verdict.fields} == {verdict.is_stale}
    return verdict.is_stale


def test_a_request_without_a_proof_is_challenged_by_each_algorithm_the_strongest_first() -> None:
    verdict = House().judge()
    assert isinstance(verdict, Challenged)
    assert (verdict.status, verdict.is_stale, verdict.code) == (401, False, Code.NO_PROOF)
    assert verdict.sentence == "the INVITE has no proof for the realm 'biloxi.com'"
    assert [name for name, _ in verdict.fields] == ["WWW-Authenticate"] * 2
    challenges = [read_challenge(value) for _, value in verdict.fields]
    assert [challenge.algorithm for challenge in challenges] == [Algorithm.SHA_256, Algorithm.MD5]
    assert [(each.realm, each.qops, each.is_stale) for each in challenges] == [(REALM, (Qop.AUTH,), False)] * 2


def test_a_proxy_challenges_with_407_in_its_own_header() -> None:
    house = House(side=Side.PROXY)
    verdict = house.challenged()
    assert verdict.status == 407
    assert verdict.fields[0][0] == "Proxy-Authenticate"
    assert isinstance(house.judge(prove(house.nonce())), Accepted)


@pytest.mark.parametrize("algorithm", [Algorithm.SHA_256, Algorithm.MD5])
@pytest.mark.parametrize(("user", "password"), [("bob", "zanzibar"), ("dave", "drums"), ("eve", "")])
def test_a_right_proof_is_accepted(algorithm: Algorithm, user: str, password: str) -> None:
    house = House()
    proof = prove(house.nonce(), user=user, password=password, algorithm=algorithm)
    sentence = f"the user '{user}' proved the INVITE by {algorithm.value}"
    assert house.judge(proof) == Accepted(user, algorithm, Code.ACCEPTED, sentence)


def test_the_proof_of_another_method_or_password_is_wrong() -> None:
    house = House()
    assert not is_stale(house.judge(prove(house.nonce(), method="BYE")), Code.WRONG_PASSWORD)
    assert not is_stale(house.judge(prove(house.nonce(), password="Zanzibar")), Code.WRONG_PASSWORD)


def test_a_user_known_by_one_hash_proves_itself_by_that_hash() -> None:
    house = House()
    md5 = prove(house.nonce(), user="carol", password="chess", algorithm=Algorithm.MD5)
    assert isinstance(house.judge(md5), Accepted)
    sha_256 = prove(house.nonce(), user="carol", password="chess")
    assert not is_stale(house.judge(sha_256), Code.NO_SECRET)
    # Nothing stands for the hash that is missing.
    empty = prove(house.nonce(), user="carol", password="")
    assert not is_stale(house.judge(empty), Code.NO_SECRET)


def test_a_stranger_is_not_let_in_by_any_password() -> None:
    house = House()
    for password in ("zanzibar", ""):
        assert not is_stale(house.judge(prove(house.nonce(), user="mallory", password=password)), Code.UNKNOWN_USER)


def wire(verdict: Verdict) -> tuple[int, list[str]]:
    """Return what a peer sees of a challenge, but for the nonce, which is always another."""
    assert isinstance(verdict, Challenged)
    return verdict.status, [value.replace(read_challenge(value).nonce, "") for _, value in verdict.fields]


COSTLY = ("md5", "sha256", "digest", "hmac", "encode", "join")


def work(house: House, proof: str) -> Counter[str]:
    """Count the hashes, comparisons and what prepares them while a proof is judged."""
    done: Counter[str] = Counter()

    def note(_: FrameType, event: str, argument: object) -> None:
        name = getattr(argument, "__qualname__", "")
        # Collections of garbage and whoever listens to them are not counted.
        if event == "c_call" and any(part in name for part in COSTLY):
            done[name] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        house.judge(proof)
    finally:
        sys.setprofile(before)
    return done


@pytest.mark.parametrize("algorithm", [Algorithm.SHA_256, Algorithm.MD5])
def test_a_wrong_user_and_a_wrong_password_look_alike_and_take_the_same_work(algorithm: Algorithm) -> None:
    house = House()
    seen, done = [], []
    for user in ("bob", "carol", "dave", "eve", "mallory"):
        proof = prove(house.nonce(), user=user, password="wrong", algorithm=algorithm)
        seen.append(wire(house.judge(proof)))
        done.append(work(house, proof))
    assert seen == [seen[0]] * 5
    assert done == [done[0]] * 5
    assert sum(times for name, times in done[0].items() if algorithm.hash.name.replace("_", "").lower() in name) >= 3
    assert done[0]["compare_digest"] == 1


def test_a_name_that_is_not_readable_is_nobodys_and_no_directory_is_asked_for_it() -> None:
    house = House()
    for user in ("bob\udcff", "bob\u0085", "b\tob"):
        assert not is_stale(house.judge(prove(house.nonce(), user=user)), Code.UNKNOWN_USER)
    assert house.asked == []


def test_a_proof_that_comes_twice_is_stale_and_one_with_the_next_count_is_not() -> None:
    house = House()
    nonce = house.nonce()
    assert isinstance(house.judge(prove(nonce, nc=1)), Accepted)
    assert is_stale(house.judge(prove(nonce, nc=1)), Code.NONCE_REPLAYED)
    assert isinstance(house.judge(prove(nonce, nc=2, method="BYE"), method="BYE"), Accepted)
    # Another algorithm has no counts of its own.
    assert is_stale(house.judge(prove(nonce, nc=2, algorithm=Algorithm.MD5)), Code.NONCE_REPLAYED)
    assert is_stale(house.judge(prove(nonce, nc=0)), Code.NONCE_REPLAYED)


def test_a_count_that_leaps_is_stale() -> None:
    house = House()
    nonce = house.nonce()
    assert isinstance(house.judge(prove(nonce, nc=COUNT_WINDOW)), Accepted)
    assert is_stale(house.judge(prove(nonce, nc=0xFFFFFFFF)), Code.NONCE_LEAPT)
    assert isinstance(house.judge(prove(nonce, nc=COUNT_WINDOW + 1)), Accepted)


def test_a_count_is_not_moved_by_who_does_not_know_the_password() -> None:
    house = House()
    nonce = house.nonce()
    assert not is_stale(house.judge(prove(nonce, nc=200, password="no")), Code.WRONG_PASSWORD)
    assert isinstance(house.judge(prove(nonce, nc=1)), Accepted)


def test_a_right_proof_of_an_old_nonce_is_stale_and_a_wrong_one_is_not() -> None:
    house = House()
    nonce = house.nonce(now=10.0)
    assert is_stale(house.judge(prove(nonce), now=10.0 + LIFE_S), Code.NONCE_EXPIRED)
    assert not is_stale(house.judge(prove(nonce, password="no"), now=10.0 + LIFE_S), Code.WRONG_PASSWORD)
    assert not is_stale(house.judge(prove(nonce, user="mallory"), now=10.0 + LIFE_S), Code.UNKNOWN_USER)


def test_a_tampered_nonce_and_one_from_before_a_restart_are_stale() -> None:
    house = House()
    nonce = house.nonce()
    changed = nonce[:-1] + ("0" if nonce[-1] != "0" else "1")
    for other in (changed, House(key=b"fedcba9876543210").nonce(), "", "dcd98b7102dd2f0e8b11d0f600bfb0c093"):
        assert is_stale(house.judge(prove(other)), Code.NONCE_FOREIGN)


def test_a_proof_for_another_realm_is_none_for_ours() -> None:
    house = House()
    nonce = house.nonce()
    verdict = house.judge(prove(nonce, realm="atlanta.com"))
    assert not is_stale(verdict, Code.NO_PROOF)
    assert isinstance(house.judge(prove(nonce, realm="atlanta.com"), prove(nonce)), Accepted)


def test_two_proofs_for_our_realm_are_malformed() -> None:
    house = House()
    verdict = house.judge(prove(house.nonce()), prove(house.nonce()))
    assert verdict == Malformed(400, Code.MALFORMED, "the INVITE has 2 proofs for one realm")


@pytest.mark.parametrize(
    ("said", "uri"),
    [
        (URI, URI),
        ("sip:bob@BILOXI.com", "sip:bob@biloxi.com"),
        ("SIP:bob@biloxi.com", "sip:bob@biloxi.com"),
        ("sip:%62ob@biloxi.com", "sip:bob@biloxi.com"),
        ("sip:bob@biloxi.com;x=1", "sip:bob@biloxi.com;lr"),
        ("sip:bob@biloxi.com;transport=UDP", "sip:bob@biloxi.com;transport=udp"),
        ("tel:+81312345678", "tel:+81312345678;ext=1"),
        ("odd", "odd"),
    ],
)
def test_a_proof_fits_the_request_uri_in_any_spelling(said: str, uri: str) -> None:
    house = House()
    assert isinstance(house.judge(prove(house.nonce(), uri=said), uri=uri), Accepted)


@pytest.mark.parametrize(
    ("said", "uri"),
    [
        ("sip:alice@biloxi.com", "sip:bob@biloxi.com"),
        ("sip:Bob@biloxi.com", "sip:bob@biloxi.com"),
        ("sip:bob@biloxi.com", "sips:bob@biloxi.com"),
        ("sip:bob@biloxi.com:5060", "sip:bob@biloxi.com"),
        ("sip:bob@biloxi.com;transport=tcp", "sip:bob@biloxi.com"),
        ("sip:bob@biloxi.com;user=phone", "sip:bob@biloxi.com"),
        ("sip:bob@atlanta.com", "sip:bob@biloxi.com"),
        ("tel:+81312345678", "tel:+81312345679"),
        ("", "sip:bob@biloxi.com"),
        ("mailto:bob@biloxi.com", "sip:bob@biloxi.com"),
        ("*", "sip:bob@biloxi.com"),
    ],
)
def test_a_proof_for_another_uri_is_refused_for_good(said: str, uri: str) -> None:
    house = House()
    verdict = house.judge(prove(house.nonce(), uri=said), uri=uri)
    assert verdict == Malformed(400, Code.OTHER_URI, f"the proof is for '{said}', the INVITE for '{uri}'")
    assert house.asked == []


@pytest.mark.parametrize(
    ("house", "algorithm", "qop", "sentence"),
    [
        (House(), Algorithm.MD5_SESS, Qop.AUTH, "the proof is by MD5-sess, which was not offered"),
        (
            House(algorithms=[Algorithm.SHA_256]),
            Algorithm.MD5,
            Qop.AUTH,
            "the proof is by MD5, which was not offered",
        ),
        (House(), Algorithm.MD5, Qop.AUTH_INT, "the proof has qop auth-int; auth was offered"),
        (House(), Algorithm.MD5, None, "the proof has no qop; auth was offered"),
        (
            House(qops=(Qop.AUTH, Qop.AUTH_INT)),
            Algorithm.MD5,
            None,
            "the proof has no qop; auth or auth-int was offered",
        ),
    ],
)
def test_a_proof_by_what_was_not_offered_is_refused(
    house: House, algorithm: Algorithm, qop: Qop | None, sentence: str
) -> None:
    verdict = house.judge(prove(house.nonce(), algorithm=algorithm, qop=qop))
    assert verdict == Malformed(400, Code.NOT_OFFERED, sentence)


def test_a_proof_may_cover_the_body_where_that_was_offered() -> None:
    house = House(qops=(Qop.AUTH, Qop.AUTH_INT))
    proof = prove(house.nonce(), qop=Qop.AUTH_INT, body=b"v=0\r\n")
    assert not is_stale(house.judge(proof, body=b"v=1\r\n"), Code.WRONG_PASSWORD)
    assert isinstance(house.judge(proof, body=b"v=0\r\n"), Accepted)


@pytest.mark.parametrize(
    ("proof", "sentence"),
    [
        ("Digest", "the proof has no parameter at character 7"),
        ('Digest username="bob', "the proof has a quoted value that does not end for 'username'"),
        ('Digest username="bob"', "the proof has no realm"),
        ('Digest realm="biloxi.com"', "the proof has no username"),
        ("Digest \x00", "the proof contains a control character"),
        ("Digest " + "a" * 65_000, "the proof has 65,007 characters; 8,192 are the limit"),
    ],
)
def test_a_malformed_proof_says_what_is_wrong(proof: str, sentence: str) -> None:
    assert House().judge(proof) == Malformed(400, Code.MALFORMED, sentence)


def test_another_scheme_is_no_proof() -> None:
    assert not is_stale(House().judge("Basic Ym9iOnphbnppYmFy"), Code.NO_PROOF)


def test_hostile_proofs_are_judged_fast() -> None:
    house = House()
    proof = prove(house.nonce())
    hostile = [
        proof.replace("bob", "b" * 60_000),
        proof.replace('uri="', 'uri="' + "sip:" * 500),
        proof.replace('"c"', '"' + "\\" * 60_000),
        *[proof] * 16,
    ]
    began = time.process_time()
    for value in hostile * 10:
        house.judge(value)
        house.judge(*hostile[:16])
    assert time.process_time() - began < 2.0


def test_a_realm_that_no_header_can_carry_is_found_at_once() -> None:
    with pytest.raises(MalformedMessage, match="control character"):
        Challenger(realm="a\r\nb", key=KEY, token=str, secret_of=USERS.get)


class Trunk:
    """Our two halves against each other, over header values only."""

    def __init__(self, house: House, authenticator: Authenticator) -> None:
        self.house = house
        self.authenticator = authenticator
        self.cnonces = count(1)

    def call(self, method: str = "INVITE", now: float = 0.0, body: bytes = b"") -> tuple[Accepted | Unanswered, int]:
        """Send a request until it is accepted or given up; return what came of it and how often it was sent."""
        attempt = self.authenticator.begin(method, URI, body)
        for times in count(1):
            headers: dict[str, list[str]] = {}
            for name, value in attempt.fields:
                headers.setdefault(name, []).append(value)
            verdict = self.house.challenger.judge(Request(method, URI, headers, body, times), now)
            if isinstance(verdict, Accepted):
                return verdict, times
            assert isinstance(verdict, Challenged)
            challenges = {self.house.side.challenge_field: [value for _, value in verdict.fields]}
            response = Response(verdict.status, "", challenges, b"", times, method)
            result = self.authenticator.answer(attempt, response, cnonce=f"c{next(self.cnonces)}", now=now)
            if isinstance(result, Unanswered):
                return result, times
            attempt = result
        raise AssertionError("count never ends")


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("qop", Qop)
def test_our_two_halves_understand_each_other(side: Side, algorithm: Algorithm, qop: Qop) -> None:
    trunk = Trunk(
        House(side=side, algorithms=[algorithm], qops=(qop,)), Authenticator([Credentials("bob", Password("zanzibar"))])
    )
    for method, times in (("INVITE", 2), ("BYE", 1), ("REGISTER", 1)):
        verdict, sent = trunk.call(method, body=method.encode())
        assert isinstance(verdict, Accepted)
        assert (verdict.user, verdict.algorithm, sent) == ("bob", algorithm, times)


def test_an_old_nonce_costs_one_more_round_and_no_more() -> None:
    trunk = Trunk(House(), Authenticator([Credentials("bob", Password("zanzibar"))]))
    assert trunk.call(now=0.0)[1] == 2
    verdict, times = trunk.call(now=LIFE_S)
    assert isinstance(verdict, Accepted)
    assert times == 2
    # After a restart of the challenger too.
    trunk.house = House(key=b"fedcba9876543210")
    assert isinstance(trunk.call(now=LIFE_S)[0], Accepted)


def test_a_wrong_password_is_sent_once() -> None:
    trunk = Trunk(House(), Authenticator([Credentials("bob", Password("wrong"))]))
    first, times = trunk.call(now=0.0)
    assert isinstance(first, Unanswered)
    assert (first.code, times) == (Why.REJECTED, 2)
    again, times = trunk.call(now=1.0)
    assert isinstance(again, Unanswered)
    assert (again.code, times) == (Why.REJECTED, 1)


@given(st.lists(st.tuples(st.floats(0, 400), st.sampled_from(["INVITE", "BYE"])), max_size=30))
def test_who_knows_the_password_always_comes_in_within_two_rounds(story: list[tuple[float, str]]) -> None:
    trunk = Trunk(House(), Authenticator([Credentials("bob", Password("zanzibar"))]))
    now = 0.0
    for seconds, method in story:
        now += seconds
        verdict, times = trunk.call(method, now)
        assert isinstance(verdict, Accepted)
        assert times <= 2


@given(st.integers(0, 400), st.text('",=\\ ax\x00', min_size=1, max_size=3))
def test_a_proof_that_was_changed_anywhere_is_never_accepted_as_another(at: int, inserted: str) -> None:
    house = House()
    proof = prove(house.nonce())
    at %= len(proof)
    changed = proof[:at] + inserted + proof[at:]
    if isinstance(house.judge(changed), Accepted):
        # Blanks between parameters, or a parameter that nobody knows: it says the same.
        assert read_proof(changed) == read_proof(proof)
