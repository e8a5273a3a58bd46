"""Every spelling of a number finds it, and none finds another country's."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from offhook.domain.dialling import MOST_FORMS, forms, forms_of, problem_of, read
from offhook.domain.rules import PLAIN, TrunkRules, check_rules
from offhook.errors import InputError

JAPAN = TrunkRules(country_code="81", international_prefixes=("00", "010"))
ITALY = TrunkRules(country_code="39", national_prefixes=("",))
AMERICA = TrunkRules(country_code="1", national_prefixes=("1", ""), international_prefixes=("011",))
RUSSIA = TrunkRules(country_code="7", national_prefixes=("8",), international_prefixes=("810",))
PLANS = (JAPAN, ITALY, AMERICA, RUSSIA)

digits = st.text("0123456789", max_size=16)
prefixes = st.lists(st.text("0123456789", min_size=1, max_size=3), min_size=1, max_size=4).map(tuple)


@st.composite
def rules_of_any_kind(draw: st.DrawFn) -> TrunkRules:
    """Draw rules that a trunk may have, sensible or not."""
    rules = TrunkRules(
        country_code=draw(st.just("") | st.integers(1, 999).map(str)),
        national_prefixes=draw(prefixes | st.just(("",))),
        international_prefixes=draw(prefixes),
        strip=draw(st.integers(0, 3)),
        prepend=draw(st.sampled_from(["", "0", "9", "81", "+81"])),
    )
    try:
        return check_rules(rules)
    except InputError:
        assume(False)
        raise


@pytest.mark.parametrize("dialled", ["0312345678", "+81312345678", "81312345678", "0081312345678", "01081312345678"])
def test_the_spellings_of_one_number_find_it(dialled: str) -> None:
    assert forms(dialled, JAPAN) == ("81312345678",)


@given(
    rules=st.sampled_from(PLANS),
    national=st.from_regex(r"[2-9][0-9]{7,9}", fullmatch=True),
    spelling=st.integers(0, 5),
    ornament=st.sampled_from(["", "-", ".", " ", "(", ")"]),
    place=st.integers(0, 12),
    tail=st.sampled_from(["", ";npdi", ";phone-context=carrier.example"]),
)
def test_every_spelling_of_a_number_finds_it(
    rules: TrunkRules, national: str, spelling: int, ornament: str, place: int, tail: str
) -> None:
    number = rules.country_code + national
    written = [
        f"+{number}",
        number,
        rules.international_prefixes[0] + number,
        rules.international_prefixes[-1] + number,
        rules.national_prefixes[0] + national,
        rules.national_prefixes[-1] + national,
    ][spelling]
    dialled = written[: place + 1] + ornament + written[place + 1 :] + tail
    assert number in forms(dialled, rules)


@given(rules=rules_of_any_kind(), dialled=digits)
def test_what_one_text_may_mean_lies_in_one_country(rules: TrunkRules, dialled: str) -> None:
    found = forms(dialled, rules)
    assert len(found) <= 1 or all(form.startswith(rules.country_code) for form in found)


@given(rules=rules_of_any_kind(), data=st.data(), rest=digits)
def test_what_begins_like_a_national_number_is_never_another_countrys(
    rules: TrunkRules, data: st.DataObject, rest: str
) -> None:
    own = replace(rules, strip=0, prepend="")
    dialled = data.draw(st.sampled_from([*own.national_prefixes, own.country_code])) + rest
    assume(not dialled.startswith(own.international_prefixes))
    assert all(form.startswith(own.country_code) for form in forms(dialled, own))


@given(
    rules=rules_of_any_kind(),
    dialled=st.text() | digits,
    context=st.sampled_from(["", "+81", "+1-914", "+", "x.example"]),
)
def test_forms_are_few_and_always_digits(rules: TrunkRules, dialled: str, context: str) -> None:
    reading = read(f"{dialled};phone-context={context}", rules)
    assert len(reading.forms) <= MOST_FORMS
    assert len(set(reading.forms)) == len(reading.forms)
    assert all(form.isascii() and form.isdigit() and 7 <= len(form) <= 15 for form in reading.forms)
    assert bool(reading.forms) != bool(reading.problem)


@given(rules=rules_of_any_kind(), number=st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True))
def test_no_rule_touches_a_number_that_is_whole(rules: TrunkRules, number: str) -> None:
    assert forms(f"+{number}", rules) == (number,)


@pytest.mark.parametrize(
    "dialled",
    ["815012345678", "+815012345678", "00815012345678", "+81-50-1234-5678", "(+81) 50.1234 5678", "+815012345678;npdi"],
)
def test_without_rules_a_number_needs_its_country_code(dialled: str) -> None:
    assert forms(dialled) == ("815012345678",)


@pytest.mark.parametrize(
    ("dialled", "rules", "expected"),
    [
        # Behind a prefix there is one meaning, whatever else the digits look like.
        ("84951234567", RUSSIA, ("74951234567",)),
        ("81084951234567", RUSSIA, ("84951234567",)),
        ("0312345678", AMERICA, ("10312345678",)),
        # A country's numbers may begin with its own code; both readings are its own.
        ("3901234567", ITALY, ("3901234567", "393901234567")),
        ("13125550100", AMERICA, ("13125550100", "113125550100")),
        # Where national numbers may come bare, bare digits are national ones and no other country's.
        ("3125550100", AMERICA, ("13125550100",)),
        # Where they come with a prefix, bare digits are what they say.
        ("442071234567", JAPAN, ("442071234567",)),
        # Where a number is at home may stand behind it.
        ("0312345678;phone-context=+81", PLAIN, ("81312345678", "810312345678")),
        ("312345678;ext=1;phone-context=+81", PLAIN, ("81312345678",)),
        ("7847042;phone-context=+1-914", PLAIN, ("19147847042",)),
        ("0612345678;phone-context=+39", JAPAN, ("39612345678", "390612345678")),
        ("+81312345678;phone-context=+1", PLAIN, ("81312345678",)),
        ("0081312345678;phone-context=+1", PLAIN, ("81312345678",)),
        ("0312345678;phone-context=81", PLAIN, ()),
        ("0312345678;phone-context=gw.example", JAPAN, ("81312345678",)),
    ],
)
def test_the_order_goes_from_one_meaning_to_several(dialled: str, rules: TrunkRules, expected: tuple[str, ...]) -> None:
    assert forms(dialled, rules) == expected


@pytest.mark.parametrize(
    ("dialled", "strip", "prepend", "expected"),
    [
        ("9990312345678", 3, "", ("81312345678",)),
        ("312345678", 0, "0", ("81312345678",)),
        ("312345678", 0, "+81", ("81312345678",)),
        ("*312345678", 1, "", ()),
        ("0312345678", 1, "81", ("81312345678",)),
        ("+44201234567", 3, "81", ("44201234567",)),
        ("99-9 03-1234-5678", 3, "", ("81312345678",)),
        ("999", 3, "81312345678", ()),
    ],
)
def test_digits_are_taken_off_and_put_before(dialled: str, strip: int, prepend: str, expected: tuple[str, ...]) -> None:
    assert forms(dialled, TrunkRules(country_code="81", strip=strip, prepend=prepend)) == expected


@pytest.mark.parametrize(
    ("dialled", "strip", "why"),
    [
        ("alice", 0, "'alice' is no number"),
        ("８１５０１２３４５６７８", 0, "is no number"),
        ("81501234567²", 0, "is no number"),
        ("++81312345678", 0, "is no number"),
        ("+", 0, "'+' is no number"),
        ("", 0, "'' is no number"),
        ("\x1b[2J", 0, r"'\x1b[2J' is no number"),
        ("x" * 500, 0, "x' is no number"),
        ("110", 3, "no digits left once 3 are taken off"),
        ("0312345678", 0, "has no country code, and the rules of the trunk name none"),
        ("+0312345678", 0, "no number of 7 to 15 digits with a country code"),
        ("000312345678", 0, "has no country code"),
        ("123456", 0, "no number of 7 to 15 digits"),
        ("1234567890123456", 0, "no number of 7 to 15 digits"),
    ],
)
def test_what_is_no_number_has_no_form_and_a_reason(dialled: str, strip: int, why: str) -> None:
    reading = read(dialled, TrunkRules(strip=strip))
    assert reading.forms == ()
    assert why in reading.problem
    assert reading.problem.isprintable()
    assert len(reading.problem) < 160


def test_the_forms_of_several_places_are_few_and_each_is_there_once() -> None:
    places = ("alice", "+81312345678", "0312345678", *(f"8131234567{digit}" for digit in range(10)))
    found = forms_of(places, JAPAN)
    assert found[:2] == ("81312345678", "81312345670")
    assert len(found) == MOST_FORMS


def test_only_a_call_that_names_no_number_at_all_has_a_problem() -> None:
    assert problem_of(("alice", "110"), PLAIN) == "'alice' is no number"
    assert problem_of(("alice", "81312345678"), PLAIN) == ""
    assert problem_of((), PLAIN) == ""
