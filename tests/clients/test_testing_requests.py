"""What the test kit sends is what the platform sends: the same bytes in the request line, the same headers."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guarded import guarded
from offhook.actionserver import signature
from offhook.actionserver.client import USER_AGENT, ActionServers
from offhook.actionserver.limits import Limits
from offhook.domain.calls import Admission, Arrival, Caller
from offhook.domain.questions import Event
from offhook.engine.call.chain import AskUrl, Chain
from offhook.service.urls import OUR_PARAMETERS
from offhook_client import verify_request
from offhook_client.testing import Phone, requests, sign
from offhook_client.testing.fragments import Patience, patience_of
from offhook_client.testing.settings import OURS, Setting
from rawserver import Reply, Request, raw_server

ARRIVAL = Arrival(
    "c-1", datetime(2026, 11, 27, tzinfo=UTC), "carrier", "", ("815012345678",), Caller("819012345678", "")
)
SECRETS = ("whsec_new", "whsec_old")


def as_the_platform(arrival: Arrival, url: str, fallback_url: str | None) -> Chain:
    """Return the chain of a call, which makes the platform's questions."""
    admission = Admission(
        call_id=arrival.call_id,
        account_id=1,
        recipient="815012345678",
        action_url=url,
        fallback_url=fallback_url,
        default_action=None,
        minute_cost=0,
        held_minutes=1,
        secrets=SECRETS,
    )
    return Chain(arrival, admission, 1.0, 50)


@pytest.mark.parametrize(
    ("caller", "arrival"),
    [
        ("+81 90 1234-5678", ARRIVAL),
        ("alice", replace(ARRIVAL, caller=Caller("", "alice"))),
        (None, replace(ARRIVAL, caller=Caller("", "", anonymous=True))),
        (
            "819012345678",
            replace(
                ARRIVAL,
                caller=Caller("819012345678", "", name="山田 *~ & co"),
                forwarded_from="81312345678",
                verstat="TN-Validation-Passed",
            ),
        ),
    ],
)
async def test_one_server_cannot_tell_the_two_apart(caller: str | None, arrival: Arrival) -> None:
    async def behave(request: Request, reply: Reply) -> None:
        answers = {"incoming": b"gather next=self", "gather": b"nonsense", "fallback": b"hangup"}
        reply.respond(answers[request.parameters["event"]])

    async with raw_server(behave) as server:
        url, fallback_url = server.url("/a%7e`{;v=1?x=%7e&y=a+b&z='\""), server.url("/fallback?")
        chain = as_the_platform(arrival, url, fallback_url)
        links = [chain.next("", 0.0)]
        chain.follow("self", Event.GATHER, [("digits", "42")], 1.0)
        links += [chain.next("", 0.0), chain.next("unknown-verb", 0.0)]
        async with guarded(Limits()) as session:
            for link in links:
                assert isinstance(link, AskUrl)
                await ActionServers(session, Limits()).ask(link.question)
        theirs = server.requests.copy()
        server.requests.clear()

        def call() -> None:
            with Phone() as phone:
                phone(
                    f"{url}#ct=500&rt=8000",
                    caller=caller,
                    caller_name=arrival.caller.name,
                    forwarded_from=arrival.forwarded_from,
                    verstat=arrival.verstat,
                    trunk="carrier",
                    call_id="c-1",
                    secret=SECRETS,
                    fallback_url=fallback_url,
                ).presses("42")

        await asyncio.to_thread(call)
        ours = server.requests
    assert [one.target for one in ours] == [one.target for one in theirs]
    for our, their in zip(ours, theirs, strict=True):
        assert masked(our.headers) == masked(their.headers)
        assert verify_request(our.headers["offhook-signature"], our.target.partition("?")[2], SECRETS[1])["call_id"]


def masked(headers: dict[str, str]) -> dict[str, str]:
    """Leave out what is another one each time."""
    shapes = {name: re.sub("[0-9a-f]{16,}", "*", value) for name, value in headers.items()}
    return shapes | {"offhook-signature": re.sub("t=[0-9]+", "t=*", shapes["offhook-signature"])}


def test_it_says_that_it_is_the_platform() -> None:
    assert requests.USER_AGENT == USER_AGENT


def test_the_names_of_what_is_added_are_known() -> None:
    assert OURS == OUR_PARAMETERS


PAIRS = st.dictionaries(st.sampled_from(sorted(OURS)), st.text(), min_size=1).map(lambda found: list(found.items()))


@given(PAIRS, st.lists(st.text(min_size=1).filter(lambda text: text.isprintable()), min_size=1, max_size=2))
def test_it_signs_as_the_platform_does(pairs: list[tuple[str, str]], secrets: list[str]) -> None:
    assert sign(pairs, secrets, 1_790_000_000) == signature.sign(pairs, secrets, 1_790_000_000)


@pytest.mark.parametrize(
    ("signed_origins", "is_signed"),
    [((), False), (("https://other.example",), True), (("http://other.example",), False)],
)
def test_another_origin_gets_no_signature_unless_it_is_listed(signed_origins: tuple[str, ...], is_signed: bool) -> None:
    with Phone() as phone:
        call = phone(
            answering("redirect https://other.example:443/b"),
            secret="whsec",
            signed_origins=signed_origins,
            others={"https://other.example": answering("hangup")},
        )
    assert ["offhook-signature" in one.headers for one in call.requests] == [True, is_signed]
    assert [one.headers["host"] for one in call.requests] == ["action.example", "other.example"]


def answering(text: str) -> Callable[..., list[bytes]]:
    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [text.encode()]

    return app


def test_a_fragment_says_how_long_is_waited_and_how_often_it_is_tried() -> None:
    assert patience_of("https://e.com/#ct=500&rt=2000&rc=1") == Patience(0.5, 2.0, 1)
    assert patience_of("https://e.com/") == patience_of("https://e.com/#") == Patience(2.0, 5.0, 0)


def test_a_home_is_every_url_of_the_customer_s() -> None:
    setting = Setting("https://a.example/", "81", "c", fallback_url="https://b.example/", signed_origins=("https://c",))
    assert setting.homes == ("https://a.example/", "https://b.example/", "https://c")
