"""What is said to be wrong with a signature: of the vectors' refused ones, and of what servers do to values."""

import json
from pathlib import Path

import pytest

from offhook.actionserver.signature import sign
from offhook.actionserver.verdicts import Part, verdicts

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "signatures.json").read_text("utf-8"))
T = 1_790_000_000
SECRET = "a secret of ours"
VALUES = [("caller", "819012345678"), ("caller_name", "山田 *~+ é"), ("call_id", "c1"), ("event", "incoming")]
HEADER = sign(VALUES, [SECRET], T)

PARTS = {
    "301 seconds later": [Part.TIME],
    "301 seconds earlier": [Part.TIME],
    "another secret": [Part.SECRET],
    "no secret at all": [Part.SECRET],
    "a value that was changed": [Part.SECRET],
    "a listed parameter that is missing": [Part.NAMES],
    "a listed parameter that came twice": [Part.NAMES],
    "a listed parameter that came twice with the same value": [Part.NAMES],
    "a list of names that was shortened": [Part.SECRET],
    "a time that was changed": [Part.SECRET],
}


def parts(values: list[tuple[str, str]], secrets: tuple[str, ...] = (SECRET,), now: float = T) -> list[Part]:
    return [one.part for one in verdicts(HEADER, values, secrets, now)]


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_every_refused_vector_has_its_part(vector: dict[str, object]) -> None:
    pairs = [(name, value) for name, value in vector["parameters"]]  # type: ignore[attr-defined]
    found = verdicts(str(vector["header"]), pairs, vector["secrets"], vector["now"])  # type: ignore[arg-type]
    assert [one.part for one in found] == PARTS.get(str(vector["name"]), [Part.FORM])


@pytest.mark.parametrize("vector", VECTORS["accepted"], ids=lambda vector: vector["name"])
def test_of_every_accepted_vector_nothing_is_wrong(vector: dict[str, object]) -> None:
    pairs = [(name, value) for name, value in vector["parameters"]]  # type: ignore[attr-defined]
    assert verdicts(str(vector["header"]), pairs, vector["secrets"], vector["now"]) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("%E5%B1%B1%E7%94%B0%20%2A%7E%2B%20%C3%A9", "still percent-encoded"),
        ("山田 *~+ e\u0301", "Unicode NFC"),
        ("山田 *~+ é ", "blanks around it"),
        ("山田 *~+ é".encode().decode("latin-1"), "UTF-8 were read as Latin-1"),
    ],
)
def test_what_was_done_to_a_value_is_found_out(name: str, said: str) -> None:
    values = [(key, name if key == "caller_name" else value) for key, value in VALUES]
    found = verdicts(HEADER, values, [SECRET], T)
    assert [one.part for one in found] == [Part.VALUE]
    assert found[0].sentence.startswith("the value of caller_name differs: ")
    assert said in found[0].sentence


@pytest.mark.parametrize(("sent", "came"), [("a b", "a+b"), ("a+b", "a b")])
def test_blanks_and_pluses_that_were_swapped_are_found_out(sent: str, came: str) -> None:
    header = sign([("caller_name", sent)], [SECRET], T)
    [found] = verdicts(header, [("caller_name", came)], [SECRET], T)
    assert (found.part, "stands where" in found.sentence) == (Part.VALUE, True)


def test_several_values_that_were_left_encoded_are_found_out() -> None:
    header = sign([("a", "x y"), ("b", "é")], [SECRET], T)
    [found] = verdicts(header, [("a", "x%20y"), ("b", "%C3%A9")], [SECRET], T)
    assert found.sentence == "the value of several parameters differs: it is still percent-encoded"


@pytest.mark.parametrize("secret", [f"{SECRET}\n", f" {SECRET}", f"'{SECRET}'"])
def test_a_secret_that_was_copied_badly_is_found_out(secret: str) -> None:
    [found] = verdicts(HEADER, VALUES, [secret], T)
    assert (found.part, "the secret differs" in found.sentence) == (Part.SECRET, True)


def test_a_late_request_of_another_secret_has_two_faults() -> None:
    assert parts(VALUES, ("another",), T + 1000) == [Part.TIME, Part.SECRET]
    assert "700 s" not in verdicts(HEADER, VALUES, [SECRET], T + 1000)[0].sentence
    assert "1000 s too old" in verdicts(HEADER, VALUES, [SECRET], T + 1000)[0].sentence
    assert "1000 s too early" in verdicts(HEADER, VALUES, [SECRET], T - 1000)[0].sentence


def test_names_that_are_listed_twice_are_told() -> None:
    header = HEADER.replace("n=call_id", "n=call_id call_id")
    assert [one.part for one in verdicts(header, VALUES, [SECRET], T)] == [Part.NAMES]
