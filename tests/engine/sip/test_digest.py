"""Digests that others have computed: RFC 2069 (as corrected), RFC 2617, RFC 7616 and the SIP examples of Smith."""

import pytest

from offhook.engine.sip.challenges import Algorithm, Hash, Proof, Qop
from offhook.engine.sip.digest import Hashed, Password, ha1, ha1_of, response_of
from offhook.errors import SetupError

SDP = (
    b"v=0\r\no=bob 2890844526 2890844526 IN IP4 media.biloxi.com\r\ns=-\r\nc=IN IP4 media.biloxi.com\r\nt=0 0\r\n"
    b"m=audio 49170 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\nm=video 51372 RTP/AVP 31\r\na=rtpmap:31 H261/90000\r\n"
    b"m=video 53000 RTP/AVP 32\r\na=rtpmap:32 MPV/90000\r\n"
)
SMITH = "dcd98b7102dd2f0e8b11d0f600bfb0c093"


def computed(proof: Proof, password: str, method: str, body: bytes = b"") -> str:
    function = proof.algorithm.hash
    return response_of(proof, ha1(function, proof.user, proof.realm, password), method, body)


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        (Algorithm.MD5, "8ca523f5e9506fed4657c9700eebdbec"),
        (Algorithm.SHA_256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616(algorithm: Algorithm, response: str) -> None:
    # Section 3.9.1.
    proof = Proof(
        user="Mufasa",
        realm="http-auth@example.org",
        nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        uri="/dir/index.html",
        response="",
        algorithm=algorithm,
        qop=Qop.AUTH,
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        nc=1,
    )
    assert computed(proof, "Circle of Life", "GET") == response


def test_the_example_of_rfc_2617() -> None:
    # Section 3.5.
    proof = Proof(
        "Mufasa", "testrealm@host.com", SMITH, "/dir/index.html", "", Algorithm.MD5, Qop.AUTH, "0a4f113b", 1, "opaque"
    )
    assert computed(proof, "Circle Of Life", "GET") == "6629fae49393a05397450978507c4ef1"


def test_the_example_of_rfc_2069_as_its_erratum_corrects_it() -> None:
    proof = Proof("Mufasa", "testrealm@host.com", SMITH, "/dir/index.html", "")
    assert computed(proof, "CircleOfLife", "GET") == "1949323746fe6a43ef61f9606e7febea"


@pytest.mark.parametrize(
    ("algorithm", "qop", "response"),
    [
        (Algorithm.MD5, None, "bf57e4e0d0bffc0fbaedce64d59add5e"),
        (Algorithm.MD5, Qop.AUTH, "89eb0059246c02b2f6ee02c7961d5ea3"),
        (Algorithm.MD5_SESS, Qop.AUTH, "e4e4ea61d186d07a92c9e1f6919902e9"),
        (Algorithm.MD5, Qop.AUTH_INT, "bdbeebb2da6adb6bca02599c2239e192"),
        (Algorithm.MD5_SESS, Qop.AUTH_INT, "91984da2d8663716e91554859c22ca70"),
    ],
)
def test_the_sip_examples_of_smith(algorithm: Algorithm, qop: Qop | None, response: str) -> None:
    # draft-smith-sipping-auth-examples-01, sections 3.1 to 3.6.
    proof = Proof("bob", "biloxi.com", SMITH, "sip:bob@biloxi.com", "", algorithm)
    if qop:
        proof = Proof("bob", "biloxi.com", SMITH, "sip:bob@biloxi.com", "", algorithm, qop, "0a4f113b", 1)
    assert computed(proof, "zanzibar", "INVITE", SDP) == response


def test_a_session_of_sha_256_is_as_rfc_7616_defines_it() -> None:
    # Nobody publishes this one; it was computed by OpenSSL's command line from section 3.4.2.
    proof = Proof("bob", "biloxi.com", SMITH, "sip:bob@biloxi.com", "", Algorithm.SHA_256_SESS, Qop.AUTH, "0a4f113b", 1)
    assert computed(proof, "zanzibar", "INVITE") == "5da59c9ca40954be9d5063a15a174066c8251be2c10cf47c144c366dc7daf792"


def test_a_password_is_good_for_any_realm_and_a_hash_for_the_functions_it_has() -> None:
    password = Password("zanzibar")
    assert ha1_of(password, Hash.MD5, "bob", "biloxi.com") == "12af60467a33e8518da5c68bbff12b11"
    assert ha1_of(password, Hash.SHA_256, "bob", "biloxi.com") == ha1(Hash.SHA_256, "bob", "biloxi.com", "zanzibar")
    hashed = Hashed(md5="12af60467a33e8518da5c68bbff12b11")
    assert ha1_of(hashed, Hash.MD5, "bob", "biloxi.com") == "12af60467a33e8518da5c68bbff12b11"
    assert ha1_of(hashed, Hash.SHA_256, "bob", "biloxi.com") is None
    stronger = Hashed(sha_256="ab" * 32)
    assert ha1_of(stronger, Hash.SHA_256, "bob", "biloxi.com") == "ab" * 32
    assert ha1_of(stronger, Hash.MD5, "bob", "biloxi.com") is None


def test_text_is_hashed_as_utf_8_and_bytes_that_are_not_as_they_came() -> None:
    assert ha1(Hash.MD5, "müller", "大阪", "\udcff") == "95ae57d37c6cca56568bc2a2f32e9fe0"


def test_a_secret_is_not_shown() -> None:
    assert "zanzibar" not in repr(Password("zanzibar"))
    assert "12af" not in repr(Hashed(md5="12af" * 8, sha_256="12af" * 16))


@pytest.mark.parametrize("wrong", [{"md5": "zanzibar"}, {"md5": "ab" * 32}, {"md5": "AB" * 16}, {"sha_256": "ab" * 16}])
def test_what_is_no_hash_is_a_mistake_of_the_setup_and_not_shown(wrong: dict[str, str]) -> None:
    with pytest.raises(SetupError, match="hexadecimal digits in lower case") as caught:
        Hashed(**wrong)
    assert "zanzibar" not in caught.value.sentence + caught.value.hint
