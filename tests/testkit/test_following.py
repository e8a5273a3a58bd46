from dataclasses import replace

import pytest

from offhook.domain.questions import Event
from offhook.language import Gather, Script, parse
from offhook.testkit.following import Ask, Flow, Over, Passage, collected, old_flow
from offhook.testkit.history import Asked, Fact, History, MessageLeft, Pressed, Transferred

FRIEND, OTHER = "81312345678", "81312345679"
NEXT = "https://shop.example/next"
BUSY = Transferred((FRIEND,), "busy", 486)


def script(*lines: str) -> Script:
    found = parse("\n".join(lines)).script
    assert found is not None
    return found


def told(lines: list[str], *facts: Fact) -> tuple[Ask | None, Passage]:
    """Return what the first answer leads to, and its passage."""
    flow = Flow(facts, "the caller hung up")
    flow.begin()
    ask = flow.told(script(*lines))
    return ask, flow.passages[0]


def over(lines: list[str], *facts: Fact) -> Over:
    ask, passage = told(lines, *facts)
    assert ask is None
    assert passage.over is not None
    return passage.over


def test_a_script_without_questions_runs_to_its_end() -> None:
    assert over(['say en "Hi"', "playback https://a.example/a.mp3", "pause 1"]) == Over("the script is over")
    assert over(["reject"]) == Over("the call is refused")
    assert over(['say en "Hi"', "hangup"]) == Over("the call ends")


def test_keys_lead_on() -> None:
    assert told(["gather digits=2"], Pressed("123"))[0] == Ask(None, Event.GATHER, (("digits", "12"),))
    assert told([f"gather next={NEXT}"], Pressed("1#"))[0] == Ask(NEXT, Event.GATHER, (("digits", "1"),))
    missing = over(["gather"])
    assert (missing.words, missing.is_known) == ("the old call has no keys for this (the caller hung up)", False)


@pytest.mark.parametrize(
    ("keys", "wish", "digits"),
    [
        ("12#", Gather(), "12"),
        ("12#", Gather(finish="*"), "12#"),
        ("123", Gather(digits=1), "1"),
        ("", Gather(digits=1), ""),
    ],
)
def test_keys_are_collected_as_the_new_gather_wants(keys: str, wish: Gather, digits: str) -> None:
    assert collected(keys, wish) == digits


def test_a_callee_that_was_not_reached_leads_on_or_to_the_next_line() -> None:
    ask, _ = told([f"transfer {FRIEND} next=self"], BUSY)
    assert ask is not None
    assert ask.words == "event=transfer, transfer_status=busy, sip_code=486"
    silent, _ = told([f"transfer {FRIEND} next=self"], Transferred((FRIEND,), "no-answer"))
    assert silent is not None
    assert silent.result == (("transfer_status", "no-answer"),)
    _, passage = told([f"transfer {FRIEND}", 'say en "Sorry"'], BUSY)
    assert (len(passage.lines), passage.over) == (2, Over("the script is over"))


def test_a_callee_that_answered_leads_on_if_the_caller_stayed() -> None:
    talked = Transferred((FRIEND,), "answered", duration_s=7)
    ask, _ = told([f"transfer {FRIEND} next=self"], talked)
    assert ask is not None
    assert ask.result == (("transfer_status", "answered"), ("duration", "7"))
    assert "until the callee" in over([f"transfer {FRIEND}"], talked).words
    gone = Transferred((FRIEND,), "answered", duration_s=7, caller_stayed=False)
    assert "until the caller" in over([f"transfer {FRIEND} next=self"], gone).words


def test_nobody_knows_how_somebody_else_would_have_fared() -> None:
    missing = over([f"transfer {FRIEND},{OTHER}"], BUSY)
    assert missing.words == (
        f"the old call does not say how a transfer to +{FRIEND}, +{OTHER} fares (the caller hung up)"
    )
    assert not missing.is_known


def test_a_message_leads_on_if_the_caller_stayed() -> None:
    left = MessageLeft(recording_url="https://a.example/1.wav")
    ask, _ = told([f"voicemail next={NEXT}"], left)
    assert ask == Ask(NEXT, Event.VOICEMAIL, (("recording_url", "https://a.example/1.wav"),))
    assert told([f"voicemail next={NEXT}"], MessageLeft())[0] == Ask(NEXT, Event.VOICEMAIL)
    assert over(["voicemail"], MessageLeft()) == Over("the script is over")
    assert over(["voicemail next=self"], MessageLeft(caller_stayed=False)) == Over(
        "the caller hung up after the message"
    )
    assert not over(["voicemail"]).is_known


def test_facts_that_were_passed_over_are_in_the_past() -> None:
    flow = Flow((Pressed("1"), BUSY, Pressed("2")), "")
    flow.begin()
    assert flow.told(script(f"transfer {FRIEND}", "gather")) == Ask(None, Event.GATHER, (("digits", "2"),))
    assert flow.told(script("gather")) is None
    assert flow.passages[1].over == Over("the old call has no keys for this", is_known=False)


def test_a_redirect_goes_on_with_the_same_question() -> None:
    flow = Flow((Pressed("1"),), "")
    flow.begin()
    flow.told(script("gather"))
    assert flow.told(script('say en "Wait"', f"redirect {NEXT}")) == Ask(NEXT, Event.GATHER, (("digits", "1"),))
    flow.told(script("hangup"))
    assert len(flow.passages) == 2
    assert len(flow.passages[1].lines) == 2


def test_rules_may_lead_to_the_first_question() -> None:
    flow = Flow((), "")
    assert flow.begin_with(script(f"redirect {NEXT}")) == Ask(NEXT)
    assert [passage.key for passage in flow.passages] == [None, (Event.INCOMING, ())]


def history(*asked: Asked, facts: tuple[Fact, ...] = (), opening: Script | None = None, ending: str = "") -> History:
    return History((), (), NEXT, opening, asked, facts, ending)


def test_the_old_call_is_followed_by_its_own_answers() -> None:
    menu, bye = script("gather"), script("hangup")
    found = old_flow(history(Asked(NEXT, None, menu), Asked(NEXT, None, bye), facts=(Pressed("1"),)))
    assert [passage.lines for passage in found] == [[*menu.actions], [*bye.actions]]
    opened = old_flow(history(Asked(NEXT, None, bye), opening=menu, facts=(Pressed("1"),)))
    assert [passage.key for passage in opened] == [None, (Event.GATHER, (("digits", "1"),))]


def test_a_failure_of_the_old_call_is_kept_with_what_came_instead() -> None:
    failure = ("timeout", "too late")
    (rescued,) = old_flow(history(Asked(NEXT, failure, script("hangup"))))
    assert (rescued.failure, rescued.over) == (failure, Over("the call ends"))
    (lost,) = old_flow(history(Asked(NEXT, failure)))
    assert lost.failure == failure
    assert lost.over is not None
    assert not lost.over.is_known


def test_an_old_call_that_ended_meanwhile_has_no_answer() -> None:
    (waiting,) = old_flow(history(Asked(NEXT)))
    assert waiting.over == Over("the call ended before the answer came", is_known=False)
    *_, unasked = old_flow(history(Asked(NEXT, None, script("gather")), facts=(Pressed("1"),), ending="gone"))
    assert unasked.over == Over("the old call ended before this was asked (gone)", is_known=False)


def test_questions_that_the_facts_do_not_lead_to_are_left_out() -> None:
    assert len(old_flow(history(Asked(NEXT, None, script("hangup")), Asked(NEXT, None, script("hangup"))))) == 1


@pytest.mark.parametrize(
    ("lines", "begun", "reached"),
    [
        (("pause 1", "pause 2", "pause 3"), 1, 1),
        (("pause 1", "pause 2"), 2, 2),
        (("pause 1", "gather"), 1, 1),
        (("pause 1", f"redirect {NEXT}"), 1, 1),
        (("pause 1",), 0, 0),
    ],
)
def test_lines_that_had_not_begun_when_the_caller_left_are_left_out(
    lines: tuple[str, ...], begun: int, reached: int
) -> None:
    left = replace(history(Asked(NEXT, None, script(*lines)), ending="the caller hung up"), begun=begun)
    (passage,) = old_flow(left)
    assert passage.lines == list(script(*lines).actions)[:reached]
    assert passage.over == Over("the caller hung up", is_cut=True)


def test_a_gather_that_had_begun_says_itself_that_no_keys_came() -> None:
    left = replace(history(Asked(NEXT, None, script("pause 1", "gather")), ending="gone"), begun=2)
    (passage,) = old_flow(left)
    assert passage.over == Over("the old call has no keys for this (gone)", is_known=False)


def test_what_was_asked_and_not_answered_any_more_is_not_cut() -> None:
    left = history(Asked(NEXT, None, script("gather")), Asked(NEXT), facts=(Pressed("1"),), ending="gone")
    *_, unanswered = old_flow(replace(left, begun=1))
    assert unanswered.over == Over("the call ended before the answer came", is_known=False)
