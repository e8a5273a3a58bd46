"""The guard against every row of its registries, their edges, and the forms that carry other addresses."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.actionserver.blocks import ALWAYS_REFUSED, IPV4, IPV6, OTHERS, REFUSED, Block
from offhook.actionserver.errors import AddressRefused
from offhook.actionserver.guard import Guard, embedded

CLOSED = Guard()
EVERYTHING = Guard([ip_network("0.0.0.0/0"), ip_network("::/0")])
PUBLIC = [
    "8.8.8.8",
    "1.0.0.1",
    "100.128.0.0",
    "172.32.0.1",
    "192.0.1.0",
    "223.255.255.255",
    "2001:4860:4860::8888",
    "2001:200::",
    "2003::1",
    "2400:cb00::1",
    "2620:4f:8001::",
    "3ffe:ffff::",
    "3fff:1000::",
]


def refused(address: str, guard: Guard = CLOSED) -> str:
    with pytest.raises(AddressRefused) as error:
        guard.judge(address)
    return error.value.sentence


def name(block: Block) -> str:
    return str(block.network)


@pytest.mark.parametrize("block", REFUSED + ALWAYS_REFUSED, ids=name)
def test_the_first_and_the_last_address_of_every_block_are_refused(block: Block) -> None:
    refused(str(block.network[0]))
    refused(str(block.network[-1]))


@pytest.mark.parametrize("block", REFUSED + ALWAYS_REFUSED, ids=name)
def test_the_neighbours_of_a_block_are_refused_only_if_another_block_holds_them(block: Block) -> None:
    family = IPv4Address if isinstance(block.network, IPv4Network) else IPv6Address
    for number in (int(block.network[0]) - 1, int(block.network[-1]) + 1):
        if not 0 <= number < 1 << block.network.max_prefixlen:
            continue
        neighbour = family(number)
        if any(neighbour in other.network for other in REFUSED + ALWAYS_REFUSED):
            refused(str(neighbour))
        else:
            CLOSED.judge(str(neighbour))


@pytest.mark.parametrize(
    "neighbour",
    # Written out by hand, so that a wrong table cannot approve of itself.
    [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "191.255.255.255",
        "192.0.1.255",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "203.0.114.0",
        "2000::",
        "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db9::",
        "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ],
)
def test_an_address_just_outside_of_the_registries_is_let_through(neighbour: str) -> None:
    CLOSED.judge(neighbour)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_let_through(address: str) -> None:
    CLOSED.judge(address)


def test_the_registries_are_whole() -> None:
    assert (len(IPV4), len(IPV6), len(OTHERS)) == (26, 25, 8)
    assert len({block.network for block in REFUSED}) == len(REFUSED)


@given(st.integers(0, 2**32 - 1).map(IPv4Address) | st.integers(0, 2**128 - 1).map(IPv6Address))
def test_what_python_calls_private_is_refused_too(address: IPv4Address | IPv6Address) -> None:
    if not address.is_global or address.is_multicast:
        refused(str(address))


def test_a_refusal_names_the_address_the_smallest_block_and_the_way_to_open_it() -> None:
    with pytest.raises(AddressRefused) as error:
        CLOSED.judge("192.0.0.9")
    assert error.value.code == "address-refused"
    assert error.value.sentence == "192.0.0.9 lies in 192.0.0.9/32 (Port Control Protocol Anycast, RFC 7723)."
    assert "--allow-addresses 192.0.0.9/32" in error.value.hint


@pytest.mark.parametrize(
    "form",
    # The last three are RFC 6052, section 2.2: prefixes of 48, 56 and 64 bits, the octet in the middle left out.
    [
        "::ffff:10.0.0.5",
        "::10.0.0.5",
        "::ffff:0:10.0.0.5",
        "64:ff9b::10.0.0.5",
        "2002:a00:5::1",
        "64:ff9b:1::10.0.0.5",
        "2001:0:a00:5::",
        "2001:0:808:808:0:0:f5ff:fffa",
        "64:ff9b:1:a00:0:500::",
        "64:ff9b:1:220a:0:5::",
        "64:ff9b:1:2200:a:0:500::",
    ],
)
def test_a_carried_private_address_is_found_in_every_form(form: str) -> None:
    assert "carries 10.0.0.5, which lies in 10.0.0.0/8 (Private-Use, RFC 1918)" in refused(form)


@pytest.mark.parametrize("form", ["::ffff:8.8.8.8", "::8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"])
def test_a_form_that_carries_a_public_address_is_refused_for_its_own_sake(form: str) -> None:
    assert refused(form).startswith(form)


def test_an_opened_translation_prefix_still_leads_to_public_addresses_alone() -> None:
    guard = Guard([ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48")])
    guard.judge("64:ff9b::8.8.8.8")
    guard.judge("64:ff9b:1::8.8.8.8")
    refused("64:ff9b::127.0.0.1", guard)
    refused("64:ff9b:1:7f00:0:100::", guard)
    refused("64:ff9b:1:a9fe:a9:fe00::", guard)


def test_the_operator_opens_exactly_what_was_named() -> None:
    guard = Guard([ip_network("127.0.0.0/8"), ip_network("::1/128")])
    guard.judge("127.0.0.1")
    guard.judge("127.255.255.255")
    guard.judge("::1")
    for address in ("0.0.0.0", "10.0.0.1", "::", "::2", "::ffff:127.0.0.1", "::127.0.0.1"):
        refused(address, guard)


def test_a_mapped_address_opens_when_both_of_its_addresses_are_named() -> None:
    Guard([ip_network("127.0.0.0/8"), ip_network("::ffff:127.0.0.0/104")]).judge("::ffff:127.0.0.1")


@pytest.mark.parametrize(
    "address",
    [
        "169.254.0.0",
        "169.254.169.254",
        "169.254.170.2",
        "169.254.255.255",
        "fe80::",
        "febf::1",
        "fe80::a9fe:a9fe",
        "fd00:ec2::254",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "fd20:ce::254",
        "::ffff:169.254.169.254",
        "64:ff9b::169.254.169.254",
        "2002:a9fe:a9fe::",
        "::169.254.169.254",
    ],
)
def test_link_local_and_metadata_stay_closed_whatever_is_allowed(address: str) -> None:
    assert "is never connected to" in refused(address, EVERYTHING)
    assert "is never connected to" in refused(address)


@pytest.mark.parametrize("address", ["fe80::1%eth0", "fe80::1%25eth0", "fc00::1%2"])
def test_a_scope_id_changes_nothing(address: str) -> None:
    refused(address)
    CLOSED.judge("2001:4860:4860::8888%eth0")


@pytest.mark.parametrize(
    "address", ["", "localhost", "2130706433", "0x7f.1", "127.1", "010.0.0.1", "1.2.3.4:80", "[::1]"]
)
def test_what_is_no_literal_address_is_refused(address: str) -> None:
    assert "not an IP address" in refused(address, EVERYTHING)


def test_the_platforms_own_addresses_are_refused_until_they_are_named() -> None:
    own = [ip_address("8.8.4.4"), ip_address("2001:4860:4860::8844")]
    assert "this platform itself" in refused("8.8.4.4", Guard(own=own))
    assert "this platform itself" in refused("2001:4860:4860::8844", Guard(own=own))
    Guard([ip_network("8.8.4.4/32")], own).judge("8.8.4.4")


def test_plain_addresses_carry_nothing() -> None:
    assert list(embedded(ip_address("8.8.8.8"))) == []
    assert list(embedded(ip_address("::1"))) == []
    assert list(embedded(ip_address("2400::1"))) == []


def test_every_layout_that_an_address_can_have_is_unwrapped() -> None:
    assert list(map(str, embedded(ip_address("64:ff9b:1:808:8::")))) == ["8.8.8.0", "8.8.0.0", "8.0.0.0"]
    assert list(map(str, embedded(ip_address("64:ff9b:1::8.8.4.4")))) == ["8.8.4.4"]


def test_teredo_carries_its_server_and_its_client() -> None:
    # The example of RFC 4380, section 5: server 65.54.227.120, client 192.0.2.45 behind a NAT.
    assert list(map(str, embedded(ip_address("2001:0:4136:e378:8000:63bf:3fff:fdd2")))) == [
        "65.54.227.120",
        "192.0.2.45",
    ]


def test_blocks_are_networks_of_both_families() -> None:
    assert all(isinstance(block.network, IPv4Network) for block in IPV4)
    assert all(isinstance(block.network, IPv6Network) for block in IPV6)
