from offhook.domain.questions import Event
from offhook.language import Script, parse
from offhook.testkit.differences import RULES, Mark, Part, Row, compare
from offhook.testkit.following import Ask, Over, Passage
from offhook.testkit.rewriting import Rewriting

REWRITING = Rewriting("https://shop.example/calls", "http://localhost:8000/")
END = Over("the script is over")
UNKNOWN = Over("the old call has no keys for this", is_known=False)
KEYS = Ask(None, Event.GATHER, (("digits", "1"),))


def script(*lines: str) -> Script:
    found = parse("\n".join(lines)).script
    assert found is not None
    return found


def passage(*lines: str, about: Ask | None = Ask(None), over: Over | None = END) -> Passage:  # noqa: B008 - a value
    return Passage(about, list(script(*lines).actions), None, over)


def failed(code: str, *lines: str) -> Passage:
    found = passage(*lines) if lines else Passage(Ask(None), [], over=UNKNOWN)
    found.failure = (code, "no")
    return found


def compared(was: Passage, now: Passage) -> list[tuple[Mark, str]]:
    (part,) = compare([was], [now], REWRITING)
    return [(row.mark, row.text) for row in part.rows]


def test_the_same_lines_are_the_same() -> None:
    (part,) = compare([passage('say en "Hi"')], [passage('say en "Hi"')], REWRITING)
    assert part == Part("event=incoming", (Row(Mark.SAME, 'say en "Hi"'), Row(Mark.SAME, "(the script is over)")))
    assert part.is_same


def test_lines_that_changed_are_told_one_by_one() -> None:
    assert compared(
        passage('say en "Hi"', "pause 1", 'say en "Bye"'), passage("playback https://a.example/hi.mp3", "pause 1")
    ) == [
        (Mark.WAS, 'say en "Hi"'),
        (Mark.NOW, "playback https://a.example/hi.mp3"),
        (Mark.SAME, "pause 1"),
        (Mark.WAS, 'say en "Bye"'),
        (Mark.SAME, "(the script is over)"),
    ]


def test_where_things_lie_and_lead_is_not_heard() -> None:
    was = passage(
        "playback https://shop.example/a.mp3",
        "voicemail playback https://shop.example/a.mp3 next=https://shop.example/left",
        "transfer 81312345678 next=self",
        "voicemail",
        'gather say en "Hi"',
    )
    now = passage(
        "playback http://localhost:8000/a.mp3",
        "voicemail playback http://localhost:8000/a.mp3 next=http://localhost:8000/left",
        "transfer 81312345678 next=http://localhost:8000/after",
        "voicemail",
        'gather say en "Hi" next=self',
    )
    assert {mark for mark, _ in compared(was, now)} == {Mark.SAME}
    assert compared(was, now)[0] == (Mark.SAME, "playback http://localhost:8000/a.mp3")


def test_another_prompt_is_heard() -> None:
    assert compared(passage("gather"), passage('gather say en "Hi"'))[0] == (Mark.WAS, "gather")


def test_the_same_failure_is_no_difference_whatever_rescued_the_old_call() -> None:
    assert compared(failed("timeout", "hangup"), failed("timeout")) == [(Mark.SAME, "(no usable answer: timeout: no)")]


def test_two_calls_that_were_rescued_are_compared_by_what_they_went_on_with() -> None:
    assert compared(failed("timeout", "hangup"), failed("timeout", "reject")) == [
        (Mark.SAME, "(no usable answer: timeout: no)"),
        (Mark.WAS, "hangup"),
        (Mark.NOW, "reject busy"),
        (Mark.SAME, "(the script is over)"),
    ]


def test_new_code_that_fails_and_new_code_that_does_not_are_told() -> None:
    assert compared(passage("hangup"), failed("http-status"))[:2] == [
        (Mark.WAS, "hangup"),
        (Mark.WAS, "(the script is over)"),
    ]
    assert compared(failed("timeout", "hangup"), passage("hangup")) == [
        (Mark.WAS, "(no usable answer: timeout: no)"),
        (Mark.SAME, "hangup"),
        (Mark.SAME, "(the script is over)"),
    ]


def test_an_answer_that_nobody_heard_is_not_compared() -> None:
    silent = Passage(Ask(None), [], over=Over("the call ended before the answer came", is_known=False))
    assert compared(silent, passage("hangup")) == [(Mark.SAME, "(the call ended before the answer came)")]


def test_what_comes_after_the_caller_has_left_is_not_compared() -> None:
    left = Over("the caller hung up", is_cut=True)
    was = passage('say en "Hi"', "pause 1", over=left)
    assert compared(was, passage('say en "Hi"', "pause 1", "hangup")) == [
        (Mark.SAME, 'say en "Hi"'),
        (Mark.SAME, "pause 1"),
        (Mark.SAME, "(the caller hung up)"),
    ]
    assert compared(was, passage('say en "Hi"')) == [
        (Mark.SAME, 'say en "Hi"'),
        (Mark.WAS, "pause 1"),
        (Mark.WAS, "(the caller hung up)"),
        (Mark.NOW, "(the script is over)"),
    ]


def test_where_the_flows_part_each_goes_on_alone() -> None:
    old = [passage("gather", over=None), passage("hangup", about=KEYS), passage("reject", about=KEYS)]
    other = Ask(None, Event.GATHER, (("digits", "12"),))
    new = [passage("gather digits=2", over=None), passage('say en "Hi"', about=other, over=UNKNOWN)]
    parts = compare(old, new, REWRITING)
    assert [(part.question, part.is_shared, part.is_same) for part in parts] == [
        ("event=incoming", True, False),
        ("event=gather, digits=1", False, False),
        ("event=gather, digits=1", False, False),
        ("event=gather, digits=12", False, False),
    ]
    assert parts[3].rows == (Row(Mark.NOW, 'say en "Hi"'), Row(Mark.NOW, "(the old call has no keys for this)"))


def test_what_rules_decided_is_a_part_without_a_question() -> None:
    (part,) = compare([passage("gather", about=None)], [passage("gather", about=None)], REWRITING)
    assert (part.question, part.is_same) == (RULES, True)
