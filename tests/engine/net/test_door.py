"""The door on real sockets: what a password and a certificate let in, and what the operator reads of the others."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from certificates import tls_files
from offhook.domain.peers import REALM, check_peer
from offhook.domain.rules import TrunkRules
from offhook.engine.net import streams
from offhook.engine.net.door import Door
from offhook.engine.net.endpoint import Endpoint, Wires
from offhook.engine.net.gate import Gate, GateLimits
from offhook.engine.net.tls import TlsFiles, names_in
from offhook.engine.net.trunks import Trunks
from offhook.engine.sip.authenticator import Authenticator, Credentials
from offhook.engine.sip.digest import Hashed, Password
from offhook.engine.sip.doorkeeper import Doorkeeper, Peer
from offhook.engine.sip.invitation import Invitation
from offhook.engine.sip.outputs import Answered, Confirmed, Declined, Destination, HungUp, Invited, Output, Transport
from sip_end import HOST, WAIT_S, End
from sip_peer import SDP

PASSWORD = "correct horse battery"
GATEWAY = "gw.example"
CARRIER = ("carrier", [f"{HOST}/32"])
NAMED: Mapping[str, TrunkRules] = {"carrier": TrunkRules(client_name=GATEWAY), "desk": TrunkRules(client_name=GATEWAY)}
PLENTY = GateLimits()
OVER = (Transport.UDP, Transport.TCP)


def token() -> str:
    return secrets.token_hex(8)


class House:
    """An endpoint behind a door."""

    def __init__(self, wires: Wires, limits: GateLimits) -> None:
        self.news: list[Output] = []
        self.endpoint = Endpoint(
            host=HOST, port=0, name="test", token=token, wires=wires, news=self._hear,
            permits=self._permits, welcomes=self._welcomes,
        )  # fmt: skip
        self.trunks = Trunks(self.endpoint.logger, self.endpoint.now)
        keeper = Doorkeeper(realm=REALM, key=secrets.token_bytes(16), token=token, name="test")
        self.gate = Gate(limits)
        self.door = Door(self.endpoint, self.trunks, keeper, self.gate)

    def let_in(self, *peers: Peer, sources: bool = False, rules: Mapping[str, TrunkRules] | None = None) -> None:
        self.trunks.replace([CARRIER] if sources else [])
        self.door.use(peers, rules or {})

    def at(self, transport: Transport) -> Destination:
        port = self.endpoint.tls_port if transport is Transport.TLS else self.endpoint.port
        return Destination(HOST, port, transport)

    def _permits(self, data: bytes, source: Destination) -> bool:
        return self.door.permits(data, source)

    def _welcomes(self, source: Destination) -> bool:
        return self.door.welcomes(source)

    def _hear(self, output: Output) -> None:
        self.news.append(output)

    async def until(self, look: Callable[[], object]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not look():  # noqa: ASYNC110 - nobody tells when
                await asyncio.sleep(0.01)

    async def hears(self, kind: type[Output]) -> None:
        await self.until(lambda: any(isinstance(output, kind) for output in self.news))

    def outcome(self) -> str:
        """Return what the operator reads of the last source that was not let in."""
        return next((stranger.first_line for stranger in reversed(self.trunks.strangers())), "")


@asynccontextmanager
async def house_and_caller(ours: Wires, theirs: Wires, limits: GateLimits = PLENTY) -> AsyncIterator[tuple[House, End]]:
    house, caller = House(theirs, limits), End(ours)
    try:
        yield house, caller
    finally:
        caller.endpoint.close()
        house.door.stop()
        house.endpoint.close()
        await asyncio.sleep(0.01)


def anna(*, has_sources: bool = False) -> Peer:
    made = check_peer("anna", PASSWORD)
    return Peer("desk", "anna", Hashed(made.sha_256, made.md5), has_sources)


def call(caller: End, to: Destination, password: str = PASSWORD, user: str = "anna") -> str:
    """Send an INVITE that proves itself once it is asked."""
    wish = Invitation(
        uri=f"sip:1@{to.host}:{to.port}", from_=f"<sip:{user}@x.example>", to="<sip:1@x.example>", sdp=SDP,
        destination=to, local=HOST, authenticator=Authenticator([Credentials(user, Password(password))]),
    )  # fmt: skip
    leg, outputs = caller.endpoint.agent.invite(wish, caller.endpoint.now())
    caller.endpoint.do(outputs)
    return leg


def invited(house: House) -> Invited:
    [found] = [output for output in house.news if isinstance(output, Invited)]
    return found


@pytest.mark.parametrize("transport", OVER)
async def test_a_stranger_that_proves_itself_talks_and_hangs_up(transport: Transport) -> None:
    async with house_and_caller(Wires(), Wires()) as (house, caller):
        house.let_in(anna())
        leg = call(caller, house.at(transport))
        await house.hears(Invited)
        came = invited(house)
        assert house.door.trunk_of(came) == "desk"
        house.endpoint.do(house.endpoint.agent.answer(came.leg, SDP, house.endpoint.now()))
        await caller.hears(Answered)
        await house.hears(Confirmed)
        caller.endpoint.do(caller.endpoint.agent.hang_up(leg, caller.endpoint.now()))
        await house.hears(HungUp)
        # It is no stranger, though it was challenged.
        assert house.outcome() == ""


@pytest.mark.parametrize("transport", OVER)
async def test_a_wrong_password_is_no_call_and_the_operator_reads_of_it(transport: Transport) -> None:
    async with house_and_caller(Wires(), Wires()) as (house, caller):
        house.let_in(anna())
        call(caller, house.at(transport), "wrong horse battery")
        await caller.hears(Declined)
        assert house.news == []
        assert house.outcome().endswith("(the password of the user 'anna' is wrong)")
        assert house.trunks.dropped == 0, "it was read"


async def test_a_source_that_has_to_prove_itself_is_challenged_whoever_it_names() -> None:
    async with house_and_caller(Wires(), Wires()) as (house, caller):
        house.trunks.replace([("desk", [f"{HOST}/32"])])
        house.door.use([anna(has_sources=True)], {})
        assert house.door.asks("desk")
        call(caller, house.at(Transport.UDP), user="nobody")
        await caller.hears(Declined)
        assert house.news == []
        call(caller, house.at(Transport.UDP))
        await house.hears(Invited)


async def test_a_stranger_may_connect_only_to_prove_itself_and_not_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PROVEN_WITHIN_S", 0.1)
    async with house_and_caller(Wires(), Wires()) as (house, _):
        for peers, is_welcome in (((), False), ((anna(),), True)):
            house.let_in(*peers)
            reader, writer = await asyncio.open_connection(HOST, house.endpoint.port)
            if is_welcome:
                await house.until(lambda: len(house.endpoint.streams) == 1)
            assert await asyncio.wait_for(reader.read(), WAIT_S) == b""
            writer.close()
            await house.until(lambda: len(house.endpoint.streams) == 0)


async def test_strangers_connections_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST_STRANGERS", 1)
    async with house_and_caller(Wires(), Wires()) as (house, _):
        house.let_in(anna())
        _, first = await asyncio.open_connection(HOST, house.endpoint.port)
        await house.until(lambda: len(house.endpoint.streams) == 1)
        reader, second = await asyncio.open_connection(HOST, house.endpoint.port)
        assert await asyncio.wait_for(reader.read(), WAIT_S) == b""
        first.close()
        second.close()


def wires(folder: Path, *names: str) -> Wires:
    return Wires(tls=tls_files(folder, *names), tls_port=0)


@pytest.mark.parametrize("proves", [False, True])
async def test_a_trunk_that_needs_a_certificate_comes_in_with_it(tmp_path: Path, proves: bool) -> None:
    async with house_and_caller(wires(tmp_path / "gw", GATEWAY), wires(tmp_path / "us", HOST)) as (house, caller):
        house.let_in(*([anna()] if proves else []), sources=not proves, rules=NAMED)
        call(caller, house.at(Transport.TLS))
        await house.hears(Invited)
        assert house.door.missing_name("carrier", invited(house).source) == ""
        assert house.door.missing_name("other", invited(house).source) == ""


@pytest.mark.parametrize(
    ("name", "transport", "why"),
    [
        ("other.example", Transport.TLS, f"its certificate names other.example, and not {GATEWAY}"),
        ("", Transport.TLS, f"its certificate names nobody, or it showed none, and not {GATEWAY}"),
        (GATEWAY, Transport.UDP, f"it came by UDP, and carrier needs TLS with a certificate that names {GATEWAY}"),
    ],
)
async def test_without_it_nothing_is_answered_and_the_operator_reads_why(
    tmp_path: Path, name: str, transport: Transport, why: str
) -> None:
    theirs = wires(tmp_path / "gw", name) if name else wires(tmp_path / "gw", "x")
    if not name:
        authorities = theirs.tls.authorities
        theirs = Wires(tls=TlsFiles(authorities=authorities))
    async with house_and_caller(theirs, wires(tmp_path / "us", HOST)) as (house, caller):
        house.let_in(sources=True, rules=NAMED)
        call(caller, house.at(transport))
        await house.until(house.outcome)
        assert house.outcome().endswith(f"(unanswered: {why})")
        assert house.news == []
        assert not any(isinstance(output, Declined) for output in caller.news)


async def test_answers_to_what_we_sent_need_no_certificate(tmp_path: Path) -> None:
    async with house_and_caller(Wires(), wires(tmp_path, HOST)) as (house, caller):
        house.let_in(sources=True, rules=NAMED)
        to = caller.at(Transport.UDP)
        wish = Invitation("sip:1@x", "<sip:2@x.example>", "<sip:1@x.example>", SDP, to, HOST)
        _, outputs = house.endpoint.agent.invite(wish, house.endpoint.now())
        house.endpoint.do(outputs)
        await caller.hears(Invited)
        [came] = [output for output in caller.news if isinstance(output, Invited)]
        caller.endpoint.do(caller.endpoint.agent.refuse(came.leg, 486, caller.endpoint.now()))
        await house.hears(Declined)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        (None, set()),
        ({"subject": ((("commonName", "gw.example"),),)}, set()),
        ({"subjectAltName": (("DNS", "GW.example"), ("IP Address", "192.0.2.1"))}, {"gw.example", "192.0.2.1"}),
        ({"subjectAltName": (("URI", "sip:gw.example"), ("URI", "https://x"), ("URI", "sip:a@b"))}, {"gw.example"}),
        ({"subjectAltName": (("email", "a@b"),)}, set()),
    ],
)
def test_a_certificate_names_hosts_in_its_subject_alt_name_alone(
    said: Mapping[str, object] | None, names: set[str]
) -> None:
    assert names_in(said) == names


@pytest.mark.parametrize("transport", OVER)
async def test_a_known_source_is_read_at_a_rate_and_the_rest_is_counted(transport: Transport) -> None:
    async with house_and_caller(Wires(), Wires(), GateLimits(messages_per_second=1)) as (house, caller):
        house.let_in(sources=True)
        for _ in range(5):
            caller.call(house.at(transport))
        await house.until(lambda: house.gate.unread >= 3)
        assert sum(isinstance(output, Invited) for output in house.news) <= 2
