from offhook.testkit.replies import Hop, Reply, unusable

GOOD = Reply("a", (), 1.0, (Hop("http://a/", 200),), b'Say en "Hi"')
WRONG = Reply("b", (), 1.0, (Hop("http://a/", 200),), b'Say en "Hi"\nplaybak x')
NONE = Reply("c", (), 1.0, (Hop("http://a/", 302), Hop("http://b/", 500)), None, "http-status", "b answered with 500.")
LOST = Reply("d", (), 1.0, (), None, "timeout", "too late")


def test_an_answer_that_a_call_can_use_has_a_script() -> None:
    assert GOOD.is_usable
    assert (GOOD.trouble, GOOD.drawn) == ("", "")


def test_a_wrong_text_tells_its_first_error_and_not_what_is_only_odd() -> None:
    assert not WRONG.is_usable
    assert WRONG.trouble == 'unknown-verb, line 2: there is no action "playbak"'
    assert WRONG.drawn.splitlines()[1:] == ["    playbak x", '    ^^^^^^^ did you mean "playback"?']


def test_no_answer_at_all_tells_its_code() -> None:
    assert NONE.script is None
    assert NONE.trouble == NONE.drawn == "http-status: b answered with 500."
    assert (NONE.status, LOST.status) == (500, None)


def test_the_same_fault_is_told_once() -> None:
    assert unusable([GOOD, WRONG, NONE, WRONG, LOST]) == [
        f"b: {WRONG.drawn}",
        "c: http-status: b answered with 500.",
        "d: timeout: too late",
    ]
