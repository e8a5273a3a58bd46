"""Where datagrams may go, and which of our addresses a peer sees."""

import pytest

from offhook.engine.net.addresses import LocalAddresses, can_be_sent_to, is_literal, plain


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "::1", "fe80::1%eth0", "::ffff:192.0.2.1"])
def test_addresses_are_literal(host: str) -> None:
    assert is_literal(host)


@pytest.mark.parametrize("host", ["", "sip.example", "192.0.2", "192.0.2.256", "[::1]", "1.2.3.4\0", "127.1", "0x7f.1"])
def test_names_are_not(host: str) -> None:
    assert not is_literal(host)


@pytest.mark.parametrize(("port", "exists"), [(-1, False), (0, False), (1, True), (65535, True), (65536, False)])
def test_a_port_must_exist(port: int, exists: bool) -> None:
    assert can_be_sent_to("192.0.2.1", port) is exists


@pytest.mark.parametrize("host", ["192.0.2.1", "127.0.0.1", "2001:db8::1", "::ffff:192.0.2.1", "fe80::1%eth0"])
def test_one_host_can_be_sent_to(host: str) -> None:
    assert can_be_sent_to(host, 5060)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "224.0.0.1", "239.1.2.3", "ff02::1", "255.255.255.255"])
@pytest.mark.parametrize("prefix", ["", "::ffff:"])
def test_many_hosts_or_none_cannot_in_any_form(host: str, prefix: str) -> None:
    if not (prefix and ":" in host):
        assert not can_be_sent_to(prefix + host, 5060)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:C000:0201", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_addresses_are_written_one_way(host: str, expected: str) -> None:
    assert plain(host) == expected


def test_bound_to_one_address_everybody_sees_that_one() -> None:
    assert LocalAddresses("192.0.2.7").toward("198.51.100.1") == "192.0.2.7"
    assert LocalAddresses("2001:db8::7").toward("2001:db8::1") == "2001:db8::7"


def test_bound_to_all_of_them_the_way_to_the_peer_decides() -> None:
    local = LocalAddresses("0.0.0.0")
    assert local.toward("127.0.0.1") == "127.0.0.1"
    assert local.toward("127.0.0.1") == "127.0.0.1"
    assert LocalAddresses("::").toward("::1") == "::1"
    assert LocalAddresses("::").toward("127.0.0.2") == "127.0.0.1"


def test_no_more_peers_are_remembered_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalAddresses, "PEERS_REMEMBERED", 2)
    local = LocalAddresses("0.0.0.0")
    for last in range(1, 6):
        assert local.toward(f"127.0.0.{last}").startswith("127.0.0.")
    assert len(local._known) <= 2


def test_a_peer_without_a_route_is_an_error() -> None:
    with pytest.raises(OSError):
        LocalAddresses("0.0.0.0").toward("255.255.255.255")
