"""Who proves itself comes in, whoever only asks is asked back once it names a user, and all others get nothing."""

from dataclasses import replace
from itertools import count

import pytest

from offhook.domain.peers import REALM, check_peer
from offhook.engine.sip import doorkeeper
from offhook.engine.sip.authenticator import Attempt, Authenticator, Credentials
from offhook.engine.sip.challenges import Algorithm, read_challenges
from offhook.engine.sip.digest import Hashed, Password
from offhook.engine.sip.doorkeeper import (
    LINGER_S,
    MOST_WRONG,
    PER_SECOND,
    PER_SOURCE,
    REPEATS_S,
    SILENCE_S,
    Doorkeeper,
    LetIn,
    Peer,
    Reception,
    Turned,
)
from offhook.engine.sip.message import Response
from offhook.engine.sip.nonces import LIFE_S
from offhook.engine.sip.outputs import Destination, Transport
from offhook.engine.sip.parser import parse
from sip_peer import THEM, Fields
from sip_peer import Peer as Caller

PASSWORD = "correct horse battery"
OTHER = Destination("10.0.0.2", 5060)
URI = "sip:+81312345678@10.0.0.9"


def peer(user: str, trunk: str, *, has_sources: bool = False, only_md5: bool = False) -> Peer:
    made = check_peer(user, PASSWORD, only_md5=only_md5)
    return Peer(trunk, user, Hashed(made.sha_256, made.md5), has_sources)


class House:
    """A door with two peers, and somebody who knocks."""

    def __init__(self, *peers: Peer) -> None:
        numbers = count(1)
        self.keeper = Doorkeeper(
            realm=REALM, key=b"0123456789abcdef", token=lambda: f"t{next(numbers)}", name="Offhook/test"
        )
        self.keeper.use(peers or (peer("anna", "desk"), peer("berta", "lab")))
        self.now = 1.0

    def knock(
        self,
        data: bytes,
        source: Destination = THEM,
        trunk: str | None = None,
    ) -> Reception:
        return self.keeper.receive(data, source, trunk, self.now)


class Phone:
    """A phone of one user, which proves what it is asked to."""

    def __init__(self, house: House, user: str = "anna", password: str = PASSWORD, *, call_id: str = "call-1") -> None:
        self.house = house
        self.user = user
        self.caller = Caller(call_id=call_id)
        self.password = password
        self.uri = URI

    def fields(self, method: str, fields: Fields) -> Fields:
        own: Fields = {"From": f"<sip:{self.user}@10.0.0.9>;tag=them"}
        if method == "REGISTER":
            own |= {"To": f"<sip:{self.user}@10.0.0.9>", "Contact": f"<sip:{self.user}@10.0.0.1:5062>"}
        return own | fields

    def send(
        self, method: str, source: Destination = THEM, trunk: str | None = None, fields: Fields | None = None
    ) -> Reception:
        """Send one request without a proof."""
        data = self.caller.request(method, uri=self.uri, fields=self.fields(method, fields or {}))
        return self.house.knock(data, source, trunk)

    def proven(self, method: str, challenge: Reception, fields: Fields | None = None) -> bytes:
        """Write the request again, with the proof that its challenge asked for."""
        answer = answer_of(challenge)
        authenticator = Authenticator([Credentials(self.user, Password(self.password))])
        attempt = authenticator.answer(Attempt(method, self.uri, b""), answer, cnonce="c", now=1.0)
        assert isinstance(attempt, Attempt)
        proofs: Fields = dict(attempt.fields)
        return self.caller.request(method, uri=self.uri, fields=self.fields(method, fields or {}) | proofs)

    def prove(
        self, method: str, source: Destination = THEM, trunk: str | None = None, fields: Fields | None = None
    ) -> Reception:
        """Send a request, be challenged, and prove it."""
        challenge = self.send(method, source, trunk, fields)
        assert answer_of(challenge).status == 401
        return self.house.knock(self.proven(method, challenge, fields), source, trunk)


def answer_of(reception: Reception) -> Response:
    assert isinstance(reception, Turned)
    message = parse(reception.answer)
    assert isinstance(message, Response)
    return message


def is_silent(reception: Reception) -> bool:
    return isinstance(reception, Turned) and not reception.answer and not reception.user


def test_a_stranger_who_names_a_user_is_challenged_by_both_algorithms_the_stronger_first() -> None:
    challenge = Phone(House()).send("INVITE")
    assert isinstance(challenge, Turned)
    assert challenge.to == THEM
    challenges, passed_over = read_challenges(answer_of(challenge).headers["WWW-Authenticate"])
    assert [each.algorithm for each in challenges] == [Algorithm.SHA_256, Algorithm.MD5]
    assert {each.realm for each in challenges} == {REALM}
    assert passed_over == []


def test_an_old_phone_is_challenged_by_md5_alone_and_comes_in() -> None:
    phone = Phone(House(peer("anna", "desk", only_md5=True)))
    challenges, _ = read_challenges(answer_of(phone.send("INVITE")).headers["WWW-Authenticate"])
    assert [each.algorithm for each in challenges] == [Algorithm.MD5]
    assert phone.prove("INVITE") == LetIn("anna")


@pytest.mark.parametrize("method", ["OPTIONS", "BYE", "ACK", "CANCEL", "SUBSCRIBE", "MESSAGE", "INFO", "UPDATE"])
def test_nothing_else_of_a_stranger_is_read_whoever_it_names(method: str) -> None:
    assert Phone(House()).send(method) == Turned()


@pytest.mark.parametrize("method", ["INVITE", "REGISTER"])
def test_a_stranger_who_names_nobody_gets_nothing_with_or_without_a_proof(method: str) -> None:
    house = House()
    phone, stranger = Phone(house), Phone(house, "nobody")
    assert is_silent(stranger.send(method))
    # Somebody else's challenge does not help.
    assert is_silent(house.knock(stranger.proven(method, phone.send(method))))


@pytest.mark.parametrize(
    "data",
    [
        b"INVITE ",
        b"INVITE sip:1@x SIP/2.0\r\nVia: \r\n\r\n",
        b"REGISTER sip:x SIP/7.0\r\n\r\n",
        Caller().request("INVITE", fields={"To": "<"}),
        Caller().request("INVITE", fields={"From": "<"}),
        Caller().request("INVITE", fields={"Via": ","}),
        Caller(us="ours").request("INVITE", fields={"From": "<sip:anna@x>;tag=1"}),
        Caller().request("INVITE", fields={"From": "<sip:anna@x>;tag=1", "Authorization": 'Digest realm="offhook"'}),
    ],
)
def test_what_is_broken_or_of_no_call_gets_nothing(data: bytes) -> None:
    assert is_silent(House().knock(data))


def test_a_proof_that_does_not_fit_the_request_is_refused_without_a_challenge() -> None:
    house = House()
    phone = Phone(house)
    challenge = phone.send("INVITE")
    data = phone.proven("INVITE", challenge)
    phone.uri = "sip:+81399999999@10.0.0.9"
    assert answer_of(house.knock(data.replace(URI.encode(), phone.uri.encode(), 1))).status == 400


def test_a_proven_call_is_its_trunks_and_what_belongs_to_it_comes_in_while_it_lives() -> None:
    house = House()
    phone = Phone(house)
    assert phone.prove("INVITE") == LetIn("anna")
    assert house.keeper.trunk_of(THEM.host, "call-1") == "desk"
    assert house.keeper.trunk_of(OTHER.host, "call-1") is None
    house.keeper.begun(THEM.host, "call-1", "leg", house.now)
    phone.caller.us = "ours"
    for method in ("ACK", "BYE", "CANCEL", "INVITE", "UPDATE"):
        assert phone.send(method) == LetIn()
        assert phone.send(method, replace(THEM, port=9)) == LetIn(), "its port may be another one"
        assert is_silent(phone.send(method, OTHER))
    assert house.knock(b"SIP/2.0 200 OK\r\ni : call-1 \r\n\r\n") == LetIn()
    assert house.knock(b"\r\n\r\nSIP/2.0 200 OK\r\nCall-ID: call-1\r\n\r\n") == LetIn(), "the parser reads it too"
    assert is_silent(house.knock(b"SIP/2.0 200 OK\r\nCall-ID: call-2\r\n\r\n"))
    house.now += 10_000
    house.keeper.tick(house.now, lambda leg: leg == "leg")
    assert phone.send("BYE") == LetIn()
    house.keeper.tick(house.now + LINGER_S - 1, lambda _leg: False)
    assert phone.send("BYE") == LetIn(), "what comes again is still answered"
    house.keeper.tick(house.now + LINGER_S, lambda _leg: False)
    assert house.keeper.calls == 0
    assert is_silent(phone.send("BYE"))


def test_an_invite_that_comes_again_needs_no_second_proof_but_another_one_does() -> None:
    house = House()
    phone = Phone(house)
    challenge = phone.send("INVITE")
    data = phone.proven("INVITE", challenge)
    assert house.knock(data) == LetIn("anna")
    house.keeper.begun(THEM.host, "call-1", "leg", house.now)
    assert house.knock(data) == LetIn()
    assert answer_of(house.knock(data, OTHER)).status == 401, "a proof is good once"
    assert answer_of(phone.send("INVITE")).status == 401
    house.now += REPEATS_S
    assert answer_of(house.knock(data)).status == 401, "the agent would take it for a new call"
    # Under the same Call-ID both calls live on.
    assert phone.prove("INVITE") == LetIn("anna")
    house.keeper.tick(house.now + LINGER_S, lambda leg: leg == "leg")
    assert house.keeper.calls == 1


def test_a_call_to_a_peer_lets_its_answers_in() -> None:
    house = House()
    response = b"SIP/2.0 180 Ringing\r\nCall-ID: out\r\n\r\n"
    assert is_silent(house.knock(response))
    house.keeper.begun(THEM.host, "out", "leg", house.now)
    assert house.knock(response) == LetIn()
    # It proves nothing: a call under the same Call-ID is as strange as any, even one without a branch.
    for via in (None, "SIP/2.0/UDP 10.0.0.1:5060"):
        fields: Fields = {"Via": via} if via else {}
        assert answer_of(Phone(house, call_id="out").send("INVITE", fields=fields)).status == 401
    assert house.keeper.trunk_of(THEM.host, "out") is None


def test_a_stale_nonce_is_told_to_whoever_knows_the_password() -> None:
    house = House()
    phone = Phone(house)
    challenge = phone.send("INVITE")
    house.now += LIFE_S
    told = answer_of(house.knock(phone.proven("INVITE", challenge)))
    assert told.status == 401
    assert "stale=true" in told.first("WWW-Authenticate")


def test_wrong_proofs_lead_to_silence_for_that_source_alone_and_for_a_while() -> None:
    house = House()
    liar = Phone(house, password="wrong horse battery")
    for _ in range(MOST_WRONG):
        house.now += 1
        assert answer_of(liar.prove("INVITE")).status == 401
    house.now += 1
    assert is_silent(liar.send("INVITE"))
    assert is_silent(Phone(house).send("INVITE"))
    assert answer_of(Phone(house).send("INVITE", OTHER)).status == 401
    house.now += SILENCE_S
    assert Phone(house).prove("INVITE") == LetIn("anna")
    # Who was right lately is not silenced by who lies in its name.
    liar = Phone(house, password="wrong horse battery", call_id="call-2")
    for _ in range(MOST_WRONG + 1):
        house.now += 1
        assert answer_of(liar.prove("INVITE")).status == 401


def test_a_stranger_is_read_at_a_rate_and_all_of_them_together_too() -> None:
    house = House()
    answered = [not is_silent(Phone(house).send("INVITE")) for _ in range(PER_SOURCE * 3)]
    assert answered == [True] * PER_SOURCE * 2 + [False] * PER_SOURCE
    house.now += 1
    # Addresses of one /64 are one source.
    sixes = [Destination(f"2001:db8::{number:x}", 5060) for number in range(1, PER_SOURCE * 3)]
    assert sum(not is_silent(Phone(house).send("INVITE", source)) for source in sixes) == PER_SOURCE * 2
    house.now += 1
    crowd = [Destination(f"10.1.{number // 250}.{number % 250}", 5060) for number in range(PER_SECOND * 3)]
    assert sum(not is_silent(Phone(house).send("INVITE", source)) for source in crowd) == PER_SECOND * 2


def test_a_peer_registers_is_found_and_leaves() -> None:
    house = House()
    phone = Phone(house)
    registered = phone.prove("REGISTER")
    assert isinstance(registered, Turned)
    assert registered.user == "anna"
    told = answer_of(registered)
    assert (told.status, told.first("Contact")) == (200, "<sip:anna@10.0.0.1:5062>;expires=3600")
    [contact] = house.keeper.contacts("desk", house.now)
    assert (contact.uri, contact.source) == ("sip:anna@10.0.0.1:5062", THEM)
    assert house.keeper.contacts("lab", house.now) == house.keeper.contacts("nobody", house.now) == ()
    assert house.keeper.registrations(house.now) == 1
    assert house.keeper.knows(THEM, house.now)
    # What it asks besides comes in, its calls are proven one by one, whatever number they come from.
    assert phone.send("OPTIONS") == LetIn()
    assert is_silent(phone.send("OPTIONS", replace(THEM, port=9)))
    number: Fields = {"From": "<sip:+81355555555@10.0.0.1>;tag=them"}
    assert phone.prove("INVITE", fields=number) == LetIn("anna")
    assert answer_of(phone.prove("REGISTER", fields={"Contact": "*", "Expires": "0"})).status == 200
    assert house.keeper.contacts("desk", house.now) == ()
    assert is_silent(phone.send("MESSAGE", fields={"Call-ID": "other"}))


def test_a_registration_that_comes_again_is_answered_again() -> None:
    house = House()
    phone = Phone(house)
    data = phone.proven("REGISTER", phone.send("REGISTER"))
    first, again = house.knock(data), house.knock(data)
    assert isinstance(first, Turned)
    assert isinstance(again, Turned)
    assert first.answer == again.answer
    house.now += LINGER_S
    assert answer_of(house.knock(data)).status == 401


def test_a_registration_ends_with_its_time_its_user_or_its_password() -> None:
    house = House()
    Phone(house).prove("REGISTER", fields={"Expires": "60"})
    assert house.keeper.contacts("desk", house.now + 59)
    assert house.keeper.contacts("desk", house.now + 60) == ()
    house.keeper.use([peer("anna", "desk")])
    assert house.keeper.contacts("desk", house.now)
    house.keeper.use([replace(peer("anna", "desk"), secret=Hashed(md5="0" * 32))])
    assert house.keeper.contacts("desk", house.now) == ()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"Expires": "59"}, 423),
        ({"Contact": "*"}, 400),
        ({"Contact": "<"}, 400),
        ({"Require": "outbound"}, 420),
        ({"Require": ", ".join(["x"] * 70)}, 400),
        ({"To": "<sip:berta@10.0.0.9>"}, 403),
    ],
)
def test_a_registration_that_asks_for_what_it_may_not_is_refused(fields: Fields, status: int) -> None:
    house = House()
    assert answer_of(Phone(house).prove("REGISTER", fields=fields)).status == status
    assert house.keeper.registrations(house.now) == 0


def test_a_trunk_with_sources_takes_proofs_from_there_alone_whoever_is_named() -> None:
    house = House(peer("anna", "desk", has_sources=True), peer("berta", "lab", has_sources=True))
    assert not house.keeper.welcomes_strangers
    assert house.keeper.asks("desk")
    assert not house.keeper.asks("carrier")
    assert not house.keeper.asks(None)
    assert Phone(house).send("INVITE") == Turned()
    number: Fields = {"From": "<sip:+81355555555@10.0.0.1>;tag=them"}
    assert Phone(house).prove("INVITE", THEM, "desk", number) == LetIn("anna")
    assert is_silent(Phone(house, "berta").prove("INVITE", OTHER, "desk"))
    # A line break before a message is no way past the door.
    data = Caller(call_id="call-3").request("INVITE")
    assert answer_of(house.knock(b"\r\n" + data, THEM, "desk")).status == 401
    # All else of a known source goes to the agent.
    assert Phone(house, call_id="call-4").send("OPTIONS", OTHER, "desk") == LetIn()
    within = Caller(call_id="call-5", us="ours").request("INVITE")
    assert house.knock(within, OTHER, "desk") == LetIn()


def test_a_trunk_with_sources_beside_one_without_is_named_by_strangers_in_vain() -> None:
    house = House(peer("anna", "desk"), peer("berta", "lab", has_sources=True))
    assert is_silent(Phone(house, "berta").send("INVITE"))
    assert answer_of(Phone(house).send("INVITE")).status == 401


def test_calls_answers_and_sources_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOST_CALLS", "MOST_ANSWERS", "SOURCES_REMEMBERED"):
        monkeypatch.setattr(doorkeeper, name, 1)
    house = House()
    assert Phone(house, call_id="a").prove("INVITE") == LetIn("anna")
    assert is_silent(Phone(house, call_id="b").prove("INVITE"))
    phone = Phone(house, call_id="c")
    data = phone.proven("REGISTER", phone.send("REGISTER", OTHER))
    assert answer_of(house.knock(data, OTHER)).status == 200
    assert answer_of(Phone(house, call_id="d").prove("REGISTER", OTHER)).status == 200
    assert answer_of(house.knock(data, OTHER)).status == 401


def test_a_connection_is_a_source_of_its_own() -> None:
    house = House()
    by_tcp = Destination("10.0.0.1", 5060, Transport.TCP, 7)
    assert answer_of(Phone(house).prove("REGISTER", by_tcp)).status == 200
    assert house.keeper.knows(by_tcp, house.now)
    assert not house.keeper.knows(replace(by_tcp, connection=8), house.now)
    assert house.keeper.contacts("desk", house.now)[0].source == by_tcp


def test_a_user_is_of_one_trunk() -> None:
    assert House().keeper.trunk_of_user("berta") == "lab"
