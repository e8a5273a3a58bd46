from collections.abc import Iterator

import pytest

from action_server import ActionServer
from house import House
from offhook.domain.calls import TimelineEvent
from offhook.service.subscriptions import set_urls
from terminal import Terminal

EVENTS = (
    TimelineEvent(0.0, "arrived", "a call"),
    TimelineEvent(1.0, "action-requested", "asking", data={"url": "https://shop.example/"}),
    TimelineEvent(2.0, "action-answered", "the action server answered"),
    TimelineEvent(3.0, "script", 'gather say en "Hello"\n'),
    TimelineEvent(4.0, "gather", "waiting"),
    TimelineEvent(5.0, "gathered", "the caller pressed 1", data={"digits": "1"}),
    TimelineEvent(6.0, "action-requested", "asking", data={"url": "https://shop.example/"}),
    TimelineEvent(7.0, "action-answered", "the action server answered"),
    TimelineEvent(8.0, "script", "hangup\n"),
)


@pytest.fixture
def server(action_server: ActionServer) -> Iterator[ActionServer]:
    action_server.forget()
    action_server.says('gather say en "Hello"')
    action_server.says_after("gather", "hangup")
    yield action_server
    action_server.forget()


@pytest.fixture
def log(terminal: Terminal) -> Iterator[Terminal]:
    """`call-0` asked an action server twice, `call-1` nobody."""
    house = House(f"sqlite:///{terminal.folder}/offhook-data/offhook.db")
    account_id, din_uid = house.shop.id, house.subscribed()
    house.write(lambda work: set_urls(work, account_id=account_id, din_uid=din_uid, default_action='say en "Later"'))
    house.hang_up(house.ring(), 3.5, *EVENTS)
    house.admit(house.arrival("4930123456789"))
    yield terminal
    house.close()


def test_the_same_words_are_status_0(log: Terminal, server: ActionServer) -> None:
    printed = log.type("replay", "call-0", "--against", server.url, "--allow-private")
    assert (printed.status, printed.err) == (0, "")
    assert printed.out.splitlines() == [
        "event=incoming",
        '  same: gather say en "Hello"',
        "event=gather, digits=1",
        "  same: hangup",
        "  same: (the call ends)",
        "the caller hears the same; 2 requests to the new code",
    ]
    assert [question.parameters["call_id"] for question in server.questions] == ["call-0", "call-0"]


def test_other_words_are_status_1(log: Terminal, server: ActionServer) -> None:
    server.says("playback https://a.example/hello.mp3")
    printed = log.type("replay", "call-0", "--against", server.url, "--allow-private")
    assert printed.status == 1
    assert printed.out.splitlines() == [
        "event=incoming",
        '  was:  gather say en "Hello"',
        "  now:  playback https://a.example/hello.mp3",
        "  now:  (the script is over)",
        "from here on the call goes another way",
        "event=gather, digits=1",
        "  was:  hangup",
        "  was:  (the call ends)",
        "the caller hears something else; 1 request to the new code",
    ]


def test_a_wrong_text_is_drawn_with_its_caret(log: Terminal, server: ActionServer) -> None:
    server.says_after("gather", "hangap")
    printed = log.type("replay", "call-0", "--against", server.url, "--allow-private")
    assert '  now:  (no usable answer: unknown-verb: there is no action "hangap"\n' in printed.out
    assert '            ^^^^^^ did you mean "hangup"?' in printed.out


def test_new_code_that_fails_is_followed_by_the_fallback_and_what_the_number_is_set_to(
    log: Terminal, server: ActionServer
) -> None:
    server.says_after("gather", "hangap")
    server.says_after("fallback", "hangup")
    words = ("replay", "call-0", "--against", server.url, "--allow-private")
    printed = log.type(*words, "--fallback", server.url)
    assert (printed.status, printed.out.splitlines()[-4:]) == (
        1,
        [
            "        the fallback URL answers instead)",
            "  same: hangup",
            "  same: (the call ends)",
            "the caller hears something else; 3 requests to the new code",
        ],
    )
    server.says_after("fallback", "what?")
    printed = log.type(*words, "--fallback", server.url, "--json")
    now = [row["text"] for row in printed.document["parts"][1]["rows"] if row["mark"] == "now"]
    assert "the fallback URL has no usable answer either: unknown-verb" in now[0]
    assert now[0].endswith("the default action is done instead)")
    assert now[1] == 'say en "Later"'


def test_a_replay_is_one_json_document(log: Terminal, server: ActionServer) -> None:
    server.says_after("gather", "transfer 81312345678")
    printed = log.type("replay", "call-0", "--against", server.url, "--allow-private", "--json")
    document = printed.document
    assert (printed.status, document["call_id"], document["same"]) == (1, "call-0", False)
    assert document["unknown"] == "the old call does not say how a transfer to +81312345678 fares"
    assert [(part["question"], part["shared"], part["same"]) for part in document["parts"]] == [
        ("event=incoming", True, True),
        ("event=gather, digits=1", True, False),
    ]
    assert document["parts"][1]["rows"][0] == {"mark": "was", "text": "hangup"}
    assert [request["status"] for request in document["requests"]] == [200, 200]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("call-9", "--against", "http://127.0.0.1:9/"), "call-not-found"),
        (("call-1", "--against", "http://127.0.0.1:9/"), "nothing-to-replay"),
        (("call-0", "--against", "http://127.0.0.1:9/"), "new-code-unreachable"),
        (("call-0", "--against", "ftp://127.0.0.1/"), "bad-field"),
        (("call-0", "--against", "http://a.example/", "--fallback", "b.example"), "bad-field"),
        (("call-0", "--against", "http://a.example/", "--sign-origin", "x"), "bad-field"),
    ],
)
def test_trouble_is_status_2(log: Terminal, words: tuple[str, ...], code: str) -> None:
    printed = log.type("replay", *words, "--json")
    assert (printed.status, printed.error["code"]) == (2, code)


def test_without_new_code_there_is_nothing_to_ask(terminal: Terminal) -> None:
    assert terminal.type("replay", "call-0").status == 2
