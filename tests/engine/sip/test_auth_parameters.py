import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.auth_parameters import (
    PARAMETER_LIMIT,
    PARAMETERS_LIMIT,
    VALUE_LIMIT,
    Parameters,
    named,
    quoted,
    scheme_of,
)
from offhook.engine.sip.errors import MalformedMessage


def refusal(value: str) -> str:
    with pytest.raises(MalformedMessage) as caught:
        Parameters("challenge", value)
    assert caught.value.status == 400
    return caught.value.sentence


def test_a_value_is_taken_apart_at_commas_that_are_not_quoted() -> None:
    said = Parameters("challenge", 'Digest realm="a, b=\\"c\\"" ,\tNonce = "n\\\\" ,stale=FALSE,qop="auth,auth-int"')
    assert said.find("realm") == 'a, b="c"'
    assert said.find("nonce") == "n\\"
    assert said.need("stale") == "FALSE"
    assert said.need("qop") == "auth,auth-int"
    assert said.find("opaque") is None


def test_a_parameter_that_is_needed_and_missing_is_named() -> None:
    with pytest.raises(MalformedMessage, match="the proof has no nonce"):
        Parameters("proof", 'Digest realm="a"').need("nonce")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("", "the challenge names no scheme"),
        ('"Digest" realm="a"', "the challenge names no scheme"),
        ('Basic realm="a"', "the challenge is of the scheme 'Basic'; only Digest is known here"),
        ("Digest", "the challenge has no parameter at character 7"),
        ("Digest realm", "the challenge has no parameter at character 8"),
        ('Digest ="a"', "the challenge has no parameter at character 8"),
        ('Digest realm="a",', "the challenge has no parameter at character 18"),
        ('Digest realm="a",,nonce="b"', "the challenge has no parameter at character 18"),
        ('Digest realm="a" nonce="b"', "the challenge has no comma after a parameter, at character 18"),
        ('Digest realm="a"; nonce="b"', "the challenge has no comma after a parameter, at character 17"),
        ('Digest realm="a", Digest realm="b"', "the challenge has no parameter at character 18"),
        ("Digest realm=", "the challenge has no value for 'realm'"),
        ("Digest stale=,realm=x", "the challenge has no value for 'stale'"),
        ('Digest realm="a', "the challenge has a quoted value that does not end for 'realm'"),
        ('Digest realm="a\\"', "the challenge has a quoted value that does not end for 'realm'"),
        ('Digest realm="a\\é"', "the challenge has a quoted value that does not end for 'realm'"),
        ("Digest realm=a", "the challenge has a realm without quotes"),
        ("Digest stale=true, Stale=false", "the challenge says 'stale' twice"),
        ('Digest x="1", X=2', "the challenge says 'x' twice"),
        ('Digest realm="a\x00"', "the challenge contains a control character"),
        ('Digest realm="a\\\x00"', "the challenge contains a control character"),
        ('Digest realm="a\r\nVia: b"', "the challenge contains a control character"),
        ('Digest realm="a\x7f"', "the challenge contains a control character"),
    ],
)
def test_what_the_grammar_forbids_is_refused_with_its_reason(value: str, sentence: str) -> None:
    assert refusal(value) == sentence


def test_a_value_has_a_length_limit() -> None:
    assert refusal("Digest " + "a" * 65_536) == "the challenge has 65,543 characters; 8,192 are the limit"
    assert "8,192 are the limit" not in refusal("D" * VALUE_LIMIT)


def test_a_parameter_has_a_length_limit() -> None:
    assert Parameters("proof", f'Digest realm="{"a" * PARAMETER_LIMIT}"').find("realm") == "a" * PARAMETER_LIMIT
    assert refusal(f'Digest realm="{"a" * (PARAMETER_LIMIT + 1)}"') == (
        "the challenge has a 'realm' of more than 2,048 characters"
    )


def test_the_number_of_parameters_has_a_limit() -> None:
    many = [f"p{number}=x" for number in range(PARAMETERS_LIMIT)]
    assert Parameters("proof", f"Digest {','.join(many)}").find("p31") == "x"
    assert refusal(f"Digest {','.join([*many, 'more=x'])}") == "the challenge has more than 32 parameters"


@pytest.mark.parametrize(
    ("value", "scheme"), [("Digest a=b", "digest"), ("BASIC abc", "basic"), ("", ""), (" Digest a=b", ""), ('"', "")]
)
def test_a_scheme_is_the_token_that_begins_a_value(value: str, scheme: str) -> None:
    assert scheme_of(value) == scheme


def test_quotes_and_backslashes_are_escaped_and_control_characters_refused() -> None:
    assert quoted("realm", 'a "b" \\ c') == 'realm="a \\"b\\" \\\\ c"'
    for letter in "\x00\r\n\x1b\x7f":
        with pytest.raises(MalformedMessage, match="a realm to be written contains a control character"):
            quoted("realm", f"a{letter}")


@given(st.text(st.characters(exclude_categories=["Cc"]) | st.sampled_from('\t"\\,= \udcff'), max_size=60))
def test_any_text_without_control_characters_survives_its_quotes(text: str) -> None:
    # U+0080 to U+009F are control characters too, but not ones that could end a line.
    assert Parameters("proof", f"Digest {quoted('realm', text)}, a=b").find("realm") == text


def test_a_peers_text_in_a_sentence_is_short_and_readable() -> None:
    assert named("bob") == "'bob'"
    assert named("b\nob\x00\udcff") == "'b ob\ufffd\ufffd'"
    assert named("a" * 50_000) == f"'{'a' * 40}…'"


_N = 60_000


@pytest.mark.parametrize(
    "value",
    [
        "a" * _N,
        "Digest" + " " * _N,
        "Digest " + "a" * _N,
        "Digest a" + " " * _N,
        "Digest a=" + " " * _N,
        'Digest a="' + "b" * _N,
        'Digest a="' + "\\" * _N,
        'Digest a="' + '\\"' * (_N // 2),
        'Digest a="b"' + " " * _N + "c",
        'Digest a="b",' * (_N // 13),
        "Digest " + "a=b," * (_N // 4),
        "Digest " + "," * _N,
        "Digest " + "=" * _N,
        "Digest " + '"' * _N,
        "Digest a=" + "\x00" * _N,
        "Digest a=" + "\udc00" * _N,
    ],
    ids=range(16),
)
@pytest.mark.parametrize("length", [VALUE_LIMIT, _N])
def test_a_hostile_value_is_refused_in_no_more_time_than_its_length(value: str, length: int) -> None:
    shortened = value[: length - 1] + value[-1]
    began = time.process_time()
    for _ in range(20):
        assert len(refusal(shortened)) < 120
    # A quadratic pattern takes minutes here.
    assert time.process_time() - began < 1.0
