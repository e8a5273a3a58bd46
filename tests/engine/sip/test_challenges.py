import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.challenges import (
    LINES_LIMIT,
    Algorithm,
    Challenge,
    Hash,
    Proof,
    Qop,
    Side,
    read_challenge,
    read_challenges,
    read_proof,
    read_proofs,
    write_challenge,
    write_proof,
)
from offhook.engine.sip.errors import MalformedMessage

DIGITS = "0123456789abcdef" * 2

# All that can stand in a header: a control character is the only thing that cannot.
TEXT = st.text(st.characters(exclude_characters=[chr(code) for code in (*range(9), *range(10, 32), 127)]), max_size=40)
CHALLENGES = st.builds(
    Challenge,
    realm=TEXT,
    nonce=TEXT,
    algorithm=st.sampled_from(Algorithm),
    qops=st.lists(st.sampled_from(Qop), unique=True, min_size=1).map(tuple),
    is_stale=st.booleans(),
    opaque=st.none() | TEXT,
) | st.builds(Challenge, realm=TEXT, nonce=TEXT, algorithm=st.sampled_from([Algorithm.SHA_256, Algorithm.MD5]))
PROOFS = st.sampled_from(Algorithm).flatmap(
    lambda algorithm: st.builds(
        Proof,
        user=TEXT,
        realm=TEXT,
        nonce=TEXT,
        uri=TEXT,
        response=st.text("0123456789abcdef", min_size=algorithm.hash.digits, max_size=algorithm.hash.digits),
        algorithm=st.just(algorithm),
        qop=st.sampled_from(Qop),
        cnonce=TEXT,
        nc=st.integers(0, 0xFFFFFFFF),
        opaque=st.none() | TEXT,
    )
) | st.builds(Proof, TEXT, TEXT, TEXT, TEXT, st.just(DIGITS), opaque=st.none() | TEXT)


def proof(**changed: str | None) -> str:
    """Write a good proof with some of its parameters changed, left out (None) or added."""
    said: dict[str, str | None] = {
        "username": '"bob"',
        "realm": '"biloxi.com"',
        "nonce": '"n"',
        "uri": '"sip:biloxi.com"',
        "response": f'"{DIGITS}"',
        "qop": "auth",
        "cnonce": '"c"',
        "nc": "0000000a",
    }
    return "Digest " + ", ".join(f"{name}={value}" for name, value in (said | changed).items() if value is not None)


def test_the_challenge_of_rfc_3261_is_read() -> None:
    # Section 20.44.
    assert read_challenge(
        'Digest realm="atlanta.com", domain="sip:boxesbybob.com", qop="auth", '
        'nonce="f84f1cec41e6cbe5aea9c8e88d359", opaque="", stale=FALSE, algorithm=MD5'
    ) == Challenge("atlanta.com", "f84f1cec41e6cbe5aea9c8e88d359", Algorithm.MD5, (Qop.AUTH,), False, "")


def test_the_proof_of_rfc_3261_is_read() -> None:
    # Section 20.7, and 22.4 for the rest of it.
    assert read_proof(
        'Digest username="Alice", realm="atlanta.com", nonce="84a4cc6f3082121f32b42a2187831a9e", '
        'uri="sip:bob@biloxi.com", response="7587245234b3434cc3412213e5f113a5"'
    ) == Proof(
        "Alice",
        "atlanta.com",
        "84a4cc6f3082121f32b42a2187831a9e",
        "sip:bob@biloxi.com",
        "7587245234b3434cc3412213e5f113a5",
    )


def test_a_challenge_as_old_as_rfc_2069_has_no_qop_and_md5() -> None:
    assert read_challenge('Digest realm="a", nonce="b"') == Challenge("a", "b", Algorithm.MD5, (), False, None)


@pytest.mark.parametrize(
    ("spelling", "algorithm"),
    [
        ("MD5", Algorithm.MD5),
        ("md5", Algorithm.MD5),
        ('"MD5"', Algorithm.MD5),
        ("MD5-SESS", Algorithm.MD5_SESS),
        ("sha-256", Algorithm.SHA_256),
        ("SHA-256-sess", Algorithm.SHA_256_SESS),
    ],
)
def test_an_algorithm_is_known_in_any_spelling(spelling: str, algorithm: Algorithm) -> None:
    assert read_challenge(f'Digest realm="a", nonce="b", qop="auth", algorithm={spelling}').algorithm is algorithm


def test_an_algorithm_has_its_hash_and_its_session() -> None:
    assert [(each.hash, each.is_session) for each in Algorithm] == [
        (Hash.SHA_256, False),
        (Hash.SHA_256, True),
        (Hash.MD5, False),
        (Hash.MD5, True),
    ]
    assert [each.digits for each in Hash] == [64, 32]


def test_a_side_has_its_status_and_its_headers() -> None:
    assert [(side.status, side.challenge_field, side.proof_field) for side in Side] == [
        (401, "WWW-Authenticate", "Authorization"),
        (407, "Proxy-Authenticate", "Proxy-Authorization"),
    ]


@pytest.mark.parametrize(
    ("qop", "qops"),
    [
        ('"auth"', (Qop.AUTH,)),
        ("auth", (Qop.AUTH,)),
        ('"auth-int , AUTH"', (Qop.AUTH_INT, Qop.AUTH)),
        ('"auth,auth,auth-conf"', (Qop.AUTH,)),
    ],
)
def test_known_qops_are_kept_in_their_order_and_others_skipped(qop: str, qops: tuple[Qop, ...]) -> None:
    assert read_challenge(f'Digest realm="a", nonce="b", qop={qop}').qops == qops


@pytest.mark.parametrize(
    ("stale", "is_stale"), [("true", True), ("TRUE", True), ('"true"', True), ("false", False), ("yes", False)]
)
def test_only_true_is_stale(stale: str, is_stale: bool) -> None:
    assert read_challenge(f'Digest realm="a", nonce="b", stale={stale}').is_stale is is_stale


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ('Digest nonce="b"', "the challenge has no realm"),
        ('Digest realm="a"', "the challenge has no nonce"),
        (
            'Digest realm="a", nonce="b", algorithm=SHA-512-256',
            "the challenge is for the algorithm 'SHA-512-256', which is not known here",
        ),
        (
            'Digest realm="a", nonce="b", qop="auth-conf"',
            "the challenge wants qop 'auth-conf'; auth and auth-int are known here",
        ),
        ('Digest realm="a", nonce="b", qop=""', "the challenge wants qop ''; auth and auth-int are known here"),
        (
            'Digest realm="a", nonce="b", algorithm=MD5-sess',
            "the challenge wants MD5-sess but names no qop, without which it has no cnonce",
        ),
        ('Digest realm="a', "the challenge has a quoted value that does not end for 'realm'"),
    ],
)
def test_a_challenge_that_cannot_be_met_says_why(value: str, sentence: str) -> None:
    with pytest.raises(MalformedMessage) as caught:
        read_challenge(value)
    assert caught.value.sentence == sentence


def test_a_challenge_that_cannot_be_met_does_not_spoil_the_others() -> None:
    challenges, passed_over = read_challenges(
        [
            'Digest realm="a", nonce="1", algorithm=SHA-512-256',
            'Digest realm="a", nonce="2", algorithm=SHA-256',
            'Basic realm="a"',
            "Digest \x00",
            'Digest realm="b", nonce="3"',
        ]
    )
    assert [challenge.nonce for challenge in challenges] == ["2", "3"]
    assert passed_over == [
        "the challenge is for the algorithm 'SHA-512-256', which is not known here",
        "the challenge is of the scheme 'Basic'; only Digest is known here",
        "the challenge contains a control character",
    ]


def test_of_too_many_challenges_only_the_first_are_read() -> None:
    challenges, passed_over = read_challenges([f'Digest realm="{n}", nonce="b"' for n in range(LINES_LIMIT + 1)])
    assert [challenge.realm for challenge in challenges] == [str(n) for n in range(LINES_LIMIT)]
    assert passed_over == ["there are 17 challenges; only the first 16 were read"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"username": None}, "the proof has no username"),
        ({"username": None, "username*": "UTF-8''bob"}, "the proof has no username"),
        ({"realm": None}, "the proof has no realm"),
        ({"nonce": None}, "the proof has no nonce"),
        ({"uri": None}, "the proof has no uri"),
        ({"response": None}, "the proof has no response"),
        ({"algorithm": "SHA-1"}, "the proof is for the algorithm 'SHA-1', which is not known here"),
        ({"userhash": "true"}, "the proof hides its username, which was not offered"),
        ({"response": '""'}, "the proof's response is not 32 hexadecimal digits in lower case"),
        ({"response": f'"{DIGITS.upper()}"'}, "the proof's response is not 32 hexadecimal digits in lower case"),
        ({"algorithm": "SHA-256"}, "the proof's response is not 64 hexadecimal digits in lower case"),
        ({"qop": None}, "the proof has a cnonce or nc but no qop"),
        ({"qop": None, "nc": None}, "the proof has a cnonce or nc but no qop"),
        ({"qop": None, "cnonce": None}, "the proof has a cnonce or nc but no qop"),
        ({"qop": "AUTH"}, "the proof has qop 'AUTH'; it is auth or auth-int"),
        ({"qop": '"auth,auth-int"'}, "the proof has qop 'auth,auth-int'; it is auth or auth-int"),
        ({"cnonce": None}, "the proof has a qop but no cnonce or no nc"),
        ({"nc": None}, "the proof has a qop but no cnonce or no nc"),
        ({"nc": "1"}, "the proof's nc is not eight hexadecimal digits in lower case"),
        ({"nc": "0000000A"}, "the proof's nc is not eight hexadecimal digits in lower case"),
        ({"nc": "000000001"}, "the proof's nc is not eight hexadecimal digits in lower case"),
        ({"nc": '"\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0661"'}, "the proof's nc is not eight hexadecimal "),
    ],
)
def test_a_proof_that_is_none_says_why(changed: dict[str, str | None], sentence: str) -> None:
    with pytest.raises(MalformedMessage) as caught:
        read_proof(proof(**changed))
    assert caught.value.sentence.startswith(sentence)


def test_a_proof_has_the_count_of_its_nonce_whether_or_not_it_is_quoted() -> None:
    assert read_proof(proof()).nc == 10
    assert read_proof(proof(nc='"ffffffff"', qop='"auth-int"', userhash="false")).nc == 0xFFFFFFFF


def test_proofs_of_other_realms_and_schemes_are_not_ours_to_judge() -> None:
    values = [
        "Basic Ym9iOnphbnppYmFy",
        "Digest",
        proof(realm='"atlanta.com"', algorithm="SHA-512-256", response='"00"'),
        proof(),
        proof(realm='"BILOXI.com"'),
    ]
    with pytest.raises(MalformedMessage, match="the proof has no parameter"):
        read_proofs(values, "biloxi.com")
    del values[1]
    assert read_proofs(values, "biloxi.com") == [read_proof(proof())]
    assert read_proofs([], "biloxi.com") == []
    assert read_proofs([proof()] * 2, "biloxi.com") == [read_proof(proof())] * 2


def test_a_proof_that_could_be_anybodys_is_malformed() -> None:
    with pytest.raises(MalformedMessage, match="the proof has no realm"):
        read_proofs([proof(realm=None)], "biloxi.com")


def test_too_many_proofs_are_malformed() -> None:
    with pytest.raises(MalformedMessage, match="there are 17 proofs; 16 are the limit"):
        read_proofs([proof()] * (LINES_LIMIT + 1), "biloxi.com")


def test_a_challenge_is_written_as_the_grammar_has_it() -> None:
    challenge = Challenge('a "b"', "n", Algorithm.SHA_256, (Qop.AUTH, Qop.AUTH_INT), True, "o")
    assert write_challenge(challenge) == (
        'Digest realm="a \\"b\\"", nonce="n", opaque="o", stale=true, algorithm=SHA-256, qop="auth,auth-int"'
    )
    assert write_challenge(Challenge("a", "n")) == 'Digest realm="a", nonce="n", algorithm=MD5'


def test_a_proof_is_written_as_the_grammar_has_it() -> None:
    said = Proof("bob", "a", "n", "sip:a", "00", Algorithm.SHA_256, Qop.AUTH, "c", 27, "o")
    assert write_proof(said) == (
        'Digest username="bob", realm="a", nonce="n", uri="sip:a", response="00", algorithm=SHA-256, '
        'opaque="o", qop=auth, cnonce="c", nc=0000001b'
    )
    assert write_proof(Proof("bob", "a", "n", "sip:a", "00")) == (
        'Digest username="bob", realm="a", nonce="n", uri="sip:a", response="00", algorithm=MD5'
    )


def test_what_could_smuggle_a_header_is_not_written() -> None:
    with pytest.raises(MalformedMessage, match="control character"):
        write_challenge(Challenge("a\r\nVia: b", "n"))
    with pytest.raises(MalformedMessage, match="control character"):
        write_proof(Proof("bob\r\nVia: b", "a", "n", "sip:a", DIGITS))


@given(CHALLENGES)
def test_a_challenge_is_read_as_it_was_written(challenge: Challenge) -> None:
    assert read_challenge(write_challenge(challenge)) == challenge


@given(PROOFS)
def test_a_proof_is_read_as_it_was_written(said: Proof) -> None:
    assert read_proof(write_proof(said)) == said
    assert read_proofs([write_proof(said)], said.realm) == [said]


@given(
    st.text(max_size=100)
    | st.text(' \t"\\,=adghimnoqprstu', max_size=100).map("Digest ".__add__)
    | st.tuples(PROOFS.map(write_proof), st.integers(0, 200), st.text('",=\\ \x00', max_size=3)).map(
        lambda cut: cut[0][: cut[1]] + cut[2] + cut[0][cut[1] :]
    )
)
def test_any_value_is_read_or_malformed_and_survives_being_written(value: str) -> None:
    try:
        challenge = read_challenge(value)
    except MalformedMessage:
        pass
    else:
        assert read_challenge(write_challenge(challenge)) == challenge
    try:
        said = read_proof(value)
    except MalformedMessage:
        return
    assert read_proof(write_proof(said)) == said
