"""What a call wants, in order, and how its seconds become dates."""

from dataclasses import replace
from datetime import timedelta

import pytest

from call_machine import ARRIVAL
from offhook.domain.calls import Ending, Status, TimelineEvent
from offhook.domain.rules import NumberFrom, TrunkRules
from offhook.engine.call.effects import Admit, AnswerCall, Note, NoteAnswer, Record, Ring
from offhook.engine.call.journal import Journal


def _begun(now: float = 1000.0) -> Journal:
    journal = Journal()
    journal.begin(ARRIVAL, now)
    journal.take()
    return journal


def _closed(journal: Journal, now: float) -> Ending:
    journal.close(Status.COMPLETED, None, now)
    [record] = journal.take()
    assert isinstance(record, Record)
    return record.ending


def test_effects_come_out_once_and_in_order() -> None:
    journal = _begun()
    journal.do(Ring())
    journal.note(1000.25, "digit", "the caller pressed 5", "a-code", {"digit": "5"})
    noted = Note(TimelineEvent(250.0, "digit", "the caller pressed 5", "a-code", {"digit": "5"}))
    assert journal.take() == [Ring(), noted]
    assert journal.take() == []


def test_a_call_begins_with_its_arrival() -> None:
    journal = Journal()
    before = journal.is_begun
    with pytest.raises(AssertionError):
        _ = journal.arrival
    journal.begin(ARRIVAL, 3.0)
    assert (before, journal.is_begun) == (False, True)
    assert journal.arrival is ARRIVAL
    note, admit = journal.take()
    assert isinstance(note, Note)
    assert (note.event.at_ms, note.event.kind, note.event.data["source"]) == (0.0, "arrived", "192.0.2.1:5060")
    assert admit == Admit(ARRIVAL)


def test_the_arrival_says_where_its_numbers_were_found_and_which_forms_are_tried() -> None:
    arrival = replace(
        ARRIVAL,
        dialled=("0312345678",),
        rules=TrunkRules(NumberFrom.DIVERSION, country_code="81"),
        passed_over="Diversion",
        caller_in="P-Asserted-Identity",
        forwarded_from="81399999999",
        verstat="No-TN-Validation",
        signatures=("a.b.c",),
    )
    journal = Journal()
    journal.begin(arrival, 0.0)
    note, _ = journal.take()
    assert isinstance(note, Note)
    assert note.event.text.endswith("; its Diversion names no number, so Request-URI was read")
    assert note.event.data == {
        "source": "192.0.2.1:5060",
        "dialled": ["0312345678"],
        "dialled_in": "Request-URI",
        "forms": ["81312345678"],
        "caller_in": "P-Asserted-Identity",
        "passed_over": "Diversion",
        "forwarded_from": "81399999999",
        "verstat": "No-TN-Validation",
        "identity": ["a.b.c"],
    }


def test_an_unanswered_call_has_no_seconds() -> None:
    assert _closed(_begun(), 1002.5) == Ending(
        "c-1", Status.COMPLETED, None, ARRIVAL.at + timedelta(seconds=2.5), None, 0.0
    )


def test_the_seconds_of_a_call_are_counted_from_its_answer() -> None:
    journal = _begun()
    journal.answer(1010.0)
    assert [type(effect) for effect in journal.take()] == [AnswerCall, NoteAnswer, Note]
    ending = _closed(journal, 1071.5)
    assert ending.seconds == 61.5
    assert ending.answered_at == ARRIVAL.at + timedelta(seconds=10)
    assert ending.ended_at == ARRIVAL.at + timedelta(seconds=71.5)


def test_a_rounding_error_of_the_clock_begins_no_minute() -> None:
    journal = _begun(0.0)
    journal.answer(0.1)
    journal.take()
    assert _closed(journal, 60.1 + 1e-9).seconds == 60.0
