"""What DNS says of a gateway: which targets, in which order (RFC 3263)."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from free_ports import udp_port
from nameserver import name_server
from offhook.engine.net.resolution import Resolution, Srv, by_weight
from offhook.engine.sip.outputs import Destination, Transport
from offhook.engine.sip.uri import parse_uri
from offhook.errors import SetupError

HOST = "127.0.0.1"
GATEWAY = "gateway.example"
SRV = {
    (f"_sip._udp.{GATEWAY}", "SRV"): ["10 0 5080 localhost.", "5 0 5070 localhost."],
    (f"_sip._tcp.{GATEWAY}", "SRV"): ["0 0 5090 localhost."],
    (f"_sips._tcp.{GATEWAY}", "SRV"): ["0 0 5091 localhost."],
}
NAPTR = {
    (GATEWAY, "NAPTR"): [
        f'50 50 "s" "SIPS+D2T" "" _sips._tcp.{GATEWAY}.',
        f'90 50 "s" "SIP+D2T" "" _sip._tcp.{GATEWAY}.',
        f'100 50 "s" "SIP+D2U" "" _sip._udp.{GATEWAY}.',
        '10 10 "u" "E2U+sip" "!^.*$!sip:x@y!" .',
        f'20 10 "s" "SIP+D2W" "" _sip._ws.{GATEWAY}.',
    ]
}


def at(port: int, transport: Transport = Transport.UDP) -> Destination:
    return Destination(HOST, port, transport)


@pytest.mark.parametrize(
    ("uri", "records", "targets"),
    [
        (f"sip:{GATEWAY}", SRV, [at(5070), at(5080), at(5090, Transport.TCP)]),
        (f"sip:{GATEWAY};transport=tcp", SRV, [at(5090, Transport.TCP)]),
        (f"sip:{GATEWAY};transport=tls", SRV, [at(5091, Transport.TLS)]),
        (f"sips:{GATEWAY}", SRV, [at(5091, Transport.TLS)]),
        (
            f"sip:{GATEWAY}",
            {**SRV, **NAPTR},
            [at(5091, Transport.TLS), at(5090, Transport.TCP), at(5070), at(5080)],
        ),
        # DNS says nothing, or that there is no such service: the host itself, at the usual port.
        ("sip:localhost", {}, [at(5060)]),
        ("sips:localhost", {("_sips._tcp.localhost", "SRV"): ["0 0 0 ."]}, [at(5061, Transport.TLS)]),
        # A port, or an address, leaves nothing to ask.
        ("sip:localhost:5062;transport=tcp", {}, [at(5062, Transport.TCP)]),
        ("sip:127.0.0.1;transport=tls", {}, [at(5061, Transport.TLS)]),
        ("sip:[::1]:5070", {}, [Destination("::1", 5070)]),
    ],
)
async def test_a_uri_leads_to_targets_in_their_order(
    uri: str, records: dict[tuple[str, str], list[str]], targets: list[Destination]
) -> None:
    async with name_server(records) as server:
        assert await Resolution(HOST, server.address).targets(parse_uri(uri)) == targets


async def test_what_leads_nowhere_is_told() -> None:
    async with name_server({}) as server:
        with pytest.raises(SetupError, match="cannot be resolved"):
            await Resolution(HOST, server.address).targets(parse_uri("sip:no-such-host.invalid"))


async def test_a_name_server_that_is_away_leaves_the_host_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offhook.engine.net.resolution.DNS_TIMEOUT_S", 0.1)
    targets = await Resolution(HOST, (HOST, udp_port())).targets(parse_uri("sip:localhost"))
    assert targets == [at(5060)]


async def test_what_is_known_is_not_asked_again() -> None:
    async with name_server(SRV) as server:
        resolution = Resolution(HOST, server.address)
        for _ in range(2):
            await resolution.targets(parse_uri(f"sip:{GATEWAY};transport=tcp"))
    assert server.asked == [(f"_sip._tcp.{GATEWAY}", "SRV")]


RECORDS = st.lists(st.builds(Srv, st.integers(0, 3), st.integers(0, 100), st.just("h"), st.integers(1, 65535)))


@given(RECORDS, st.integers())
def test_every_record_is_tried_once_and_a_lower_priority_first(records: list[Srv], seed: int) -> None:
    ordered = list(by_weight(records, Random(seed).randrange))
    assert Counter(ordered) == Counter(records)
    assert [record.priority for record in ordered] == sorted(record.priority for record in records)


def test_weights_are_shares() -> None:
    chance = Random(1)
    records = [Srv(0, 10, "a", 1), Srv(0, 30, "b", 1), Srv(0, 60, "c", 1)]
    first = Counter(next(by_weight(records, chance.randrange)).host for _ in range(10_000))
    assert [round(first[host] / 10_000, 1) for host in "abc"] == [0.1, 0.3, 0.6]
