"""No code without a page, no page without a code, and what a page says of statuses is what the code does."""

import ast

import pytest

import codes
from offhook.api.errors import STATUSES, as_sentence, status_of
from offhook.audio.errors import SoundNotFound
from offhook.catalogue import Entry, entries, find
from offhook.cli.failures import FAILED
from offhook.domain.calls import Reason
from offhook.engine.call.refusals import REFUSED_AS
from offhook.engine.net.answers import STATUS
from offhook.errors import OffhookError
from offhook.language.problems import Code


def test_every_code_has_a_page() -> None:
    lacking = [
        f"the code {code} ({place}) has no page: write src/offhook/catalogue/pages/ROOM/{code}.md as its neighbours"
        " are written (the rooms stand in offhook.catalogue.shelf), then run scripts/write_docs.py"
        for code, place in codes.all_codes().items()
        if find(code) is None
    ]
    assert not lacking, "\n".join(lacking)


def test_every_page_has_a_code() -> None:
    left = [
        f"no code of the house is {entry.code}: delete src/offhook/catalogue/pages/{entry.room}/{entry.code}.md,"
        " then run scripts/write_docs.py"
        for entry in entries()
        if entry.code not in codes.all_codes()
    ]
    assert not left, "\n".join(left)


def test_whatever_is_an_enumeration_of_codes_is_a_family() -> None:
    for name, place in codes.loose_enumerations().items():
        pytest.fail(f"{name} says what a `code` may be ({place}): let it derive from offhook.errors.Codes")


def test_codes_are_found_where_the_house_says_them() -> None:
    found = codes.all_codes()
    assert len(found) > 160
    assert found["sound-not-found"] == codes.Place("audio/errors.py", SoundNotFound.__name__)
    assert {code.value for code in (*Reason, *Code)} <= found.keys()


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ('note(now, "kind", "text of it", "a-code")', ["a-code"]),
        ('note(now, "kind", "text of it", code="a-code")', ["a-code"]),
        ('note(now, "kind", "text of it", "a-code" if late else "b-code")', ["a-code", "b-code"]),
        ('A_CODE = "a-code"\nnote(now, "kind", "text of it", A_CODE)', ["a-code"]),
        ('A_CODE = "a-code"\nnote(now, "kind", "text of it", elsewhere.A_CODE)', ["a-code"]),
        ('note(now, "kind", "text of it", f"a-{code}")', []),
        ('note(now, "a-kind")', []),
        ('code = CODES.get(status, "a-code")', ["a-code"]),
        ('class Kept(OffhookError):\n    code = "a-code"', ["a-code"]),
        ('is_late = error.code in ("a-code", "b-code")', ["a-code", "b-code"]),
        ('finding = {"code": "a-code", "text": "other-word"}', ["a-code"]),
        ('log.warning("an event", code="a-code")', ["a-code"]),
    ],
)
def test_a_code_that_is_only_written_somewhere_is_found_as_well(written: str, found: list[str]) -> None:
    tree = ast.parse(f"def note(now, kind, text, code=None): ...\n{written}")
    told = codes.words_of_codes(tree, codes.callables([tree]), codes.constants([tree]))
    assert [word for word, _ in told] == found


def test_a_refused_call_is_told_as_its_page_says() -> None:
    for reason, told in REFUSED_AS.items():
        entry = _of(reason.value)
        # What cannot be taken has its answer already, whatever the call machine says later.
        if reason is not Reason.REQUEST_NOT_TAKEN:
            assert str(STATUS[told]) in (entry.detail("sip") or ""), entry.code
    with_status = {entry.code for entry in entries() if entry.detail("sip") is not None}
    assert with_status == {reason.value for reason in REFUSED_AS}


def test_a_reason_is_seen_where_calls_are() -> None:
    for reason in REFUSED_AS:
        # An exhausted chain is recorded with what failed last.
        place = "timeline" if reason is Reason.CHAIN_EXHAUSTED else "call"
        assert _of(reason.value).detail(place) is not None, reason


def test_what_is_wrong_with_a_text_is_seen_by_the_linter() -> None:
    assert [code for code in Code if _of(code.value).detail("lint") is None] == []


def test_the_api_answers_as_the_pages_say() -> None:
    statuses = {kind.code: status_of(kind.__new__(kind)) for kind in STATUSES} | {
        kind.code: status_of(kind.__new__(kind)) for kind in codes.errors()
    }
    for entry in entries():
        told = entry.detail("api")
        if told is not None and entry.code in statuses:
            assert int(told) == statuses[entry.code], entry.code
        if told is not None:
            assert as_sentence(entry.happened) == entry.happened


def test_what_only_the_command_line_can_raise_is_seen_there() -> None:
    mine = [kind for kind in codes.errors() if kind.__module__ == "offhook.cli.errors"]
    assert len(mine) >= 5
    assert [kind.code for kind in mine if _of(kind.code).detail("cli") != str(FAILED)] == []


def test_the_root_of_all_errors_has_a_page() -> None:
    assert _of(OffhookError.code).room == "api"


def _of(code: str) -> Entry:
    entry = find(code)
    assert entry is not None, code
    return entry
