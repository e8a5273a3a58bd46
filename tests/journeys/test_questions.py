"""What an action server is asked about a call: every parameter, header and signature, from a running platform."""

import re
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from time import time

import pytest

import office
from action_server import ActionServer
from callee import callee
from foreign_caller import foreign_caller
from offhook import __version__
from offhook.actionserver.errors import SignatureRefused
from offhook.actionserver.signature import verify
from offhook.engine.net.manners import Manners
from offhook.service import signing
from offhook.storage import Work
from phone import phone
from rawserver import Behaviour, RawServer, Reply, Request, raw_server
from running_platform import NUMBER, RunningPlatform
from stages import FRIEND, call_of, lead_to, until
from subscription import Subscription

pytestmark = pytest.mark.peers

DECLINED = 603
OLD_SECRET, NEW_SECRET = "the-secret-before-the-last", "the-secret-that-signs-now"
NAME = "Büro ~ 東京 *1"
ALWAYS_ASKED = {"caller", "recipient", "call_id", "event", "trunk"}


def behind(words: bytes, **headers: str) -> Behaviour:
    """Answer every question with these words, or with where else to ask."""

    async def answer(_request: Request, reply: Reply) -> None:
        reply.respond(words, status=302 if "Location" in headers else 200, **headers)

    return answer


@contextmanager
def signed(platform: RunningPlatform, origin: str) -> Iterator[None]:
    """Let the account's requests be signed with two secrets, also where its own URLs do not live."""

    def begin(work: Work) -> None:
        account = signing.account_id_of(work, office.ACCOUNT)
        for secret in (OLD_SECRET, NEW_SECRET):
            signing.rotate_secret(work, account, secret=secret, now=datetime.now(UTC))
        signing.set_origins(work, account, origins=(origin,))

    def end(work: Work) -> None:
        account = signing.account_id_of(work, office.ACCOUNT)
        signing.set_origins(work, account, origins=())
        signing.stop(work, account)

    office.write(platform.database_url, begin)
    try:
        yield
    finally:
        office.write(platform.database_url, end)


async def test_a_caller_is_told_in_digits_and_one_who_has_none_as_received(
    platform: RunningPlatform, actions: ActionServer
) -> None:
    actions.says("reject declined")
    for received in ("+819012345678", "117", "reception", "1234567890123456"):
        async with phone() as customer:
            assert await customer.call(NUMBER, platform.sip, caller=received) == DECLINED
    asked = [question.parameters for question in actions.questions]
    assert [(one["caller"], one.get("caller_raw")) for one in asked] == [
        ("819012345678", None),
        ("117", None),
        ("", "reception"),
        ("", "1234567890123456"),
    ]
    assert [(one["recipient"], one["event"], one["trunk"]) for one in asked] == [(NUMBER, "incoming", "peers")] * 4
    # Nothing is said of what is not known.
    assert [set(one) - ALWAYS_ASKED for one in asked] == [set(), set(), {"caller_raw"}, {"caller_raw"}]


async def test_a_call_has_one_id_for_its_server_the_api_and_the_timeline(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says("gather digits=1")
    actions.says_after("gather", "hangup")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        customer.press("5")
        await customer.hear_the_end()
    call = await call_of(platform, caller)
    asked = [question.parameters for question in actions.questions]
    assert [(one["event"], one["call_id"]) for one in asked] == [
        ("incoming", call["call_id"]),
        ("gather", call["call_id"]),
    ]
    assert "gathered" in {event["kind"] for event in platform.timeline(call["call_id"])}


async def test_a_url_keeps_its_own_query_and_is_asked_again_and_elsewhere_with_what_it_lacks(
    platform: RunningPlatform, subscription: Subscription, caller: str
) -> None:
    async def moved(request: Request, reply: Reply) -> None:
        if request.target.startswith("/moved"):
            reply.respond(b"reject declined")
        elif "attempt" in request.parameters:
            reply.respond(status=303, Location="/moved?event=own&b=%20")
        else:
            reply.respond(status=500)

    async with raw_server(moved) as server:
        subscription.set(action_url=server.url("/ask?b=2&a=%2a&b=3#rc=1"))
        async with phone() as customer:
            assert await customer.call(NUMBER, platform.sip, caller=caller) == DECLINED
    first, second, third = server.requests
    assert [request.method for request in server.requests] == ["GET"] * 3
    assert first.target.startswith(f"/ask?b=2&a=%2a&b=3&caller={caller}&")
    assert second.target == f"{first.target}&attempt=2"
    # What Location says stands, and is not said twice.
    ours = second.target.removeprefix("/ask?b=2&a=%2a&b=3").replace("&event=incoming", "")
    assert third.target == f"/moved?event=own&b=%20{ours}"


async def test_requests_are_signed_with_both_secrets_wherever_the_account_says(
    platform: RunningPlatform, subscription: Subscription, caller: str
) -> None:
    async with AsyncExitStack() as stack:

        async def serve(words: str, **headers: str) -> RawServer:
            return await stack.enter_async_context(raw_server(behind(words.encode(), **headers)))

        # Each sends us on to the one before it, in a way of its own.
        asked_next = await serve("pause 60")
        listed = await serve(f"gather timeout=1 next={asked_next.url()}")
        redirected = await serve(f"redirect {listed.url('/?page=1')}")
        home = await serve("", Location=redirected.url())
        stack.enter_context(signed(platform, listed.url("")))
        subscription.set(action_url=home.url("/?own=1"))
        async with foreign_caller() as customer:
            offer = customer.describe(f"m=audio {customer.rtp_port} RTP/AVP 0")
            from_ = {"From": f'"{NAME}" <sip:+{caller}@carrier.example>;tag=them'}
            response = await customer.call(platform.sip, offer, uri=f"sip:+{NUMBER}@127.0.0.1", fields={**from_})
            assert response.status == 200
            customer.acknowledge()
            await until(platform, lambda: asked_next.requests, "the last question")
            customer.hang_up()
            await customer.hears(200)

    for server in (home, listed):
        [request] = server.requests
        assert request.parameters["caller_name"] == NAME
        header = request.headers["offhook-signature"]
        assert re.fullmatch(
            r"t=\d+,n=call_id caller caller_name event recipient trunk(,v1=[0-9a-f]{64}){2}",
            header,
        )
        for secret in (OLD_SECRET, NEW_SECRET):
            verify(header, request.parameters.items(), [secret], time())
        with pytest.raises(SignatureRefused):
            verify(header, (request.parameters | {"caller": "1"}).items(), [NEW_SECRET], time())
    for server in (redirected, asked_next):
        [request] = server.requests
        assert "offhook-signature" not in request.headers
    for server in (home, redirected, listed, asked_next):
        [request] = server.requests
        assert (request.headers["user-agent"], request.headers["accept"]) == (f"Offhook/{__version__}", "text/plain")
        # W3C Trace Context, section 3.2.
        assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", request.headers["traceparent"])


@pytest.mark.parametrize(
    ("status", "word"), [(486, "busy"), (480, "no-answer"), (500, "failed"), (DECLINED, "refused")]
)
async def test_a_transfer_that_came_to_nothing_is_asked_about_where_it_says(
    platform: RunningPlatform, actions: ActionServer, caller: str, status: int, word: str
) -> None:
    actions.says(f"transfer {FRIEND} next={actions.url}?step=2")
    actions.says_after("transfer", "reject declined")
    async with callee(Manners(refusal=status)) as friend, phone() as customer:
        lead_to(platform, friend.sip)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == DECLINED
    told = actions.questions[-1].parameters
    assert (told["event"], told["transfer_status"], told["sip_code"]) == ("transfer", word, str(status))
    assert (told["step"], "duration" in told) == ("2", False)
    call = await call_of(platform, caller)
    assert (call["status"], call["cost"]) == ("rejected", 0)
