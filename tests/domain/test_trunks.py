import pytest

from offhook.domain.peers import check_peer
from offhook.domain.trunks import check_name, check_peer_of, check_send, check_sources
from offhook.errors import InputError


def test_sources_take_their_normal_form_and_stand_once() -> None:
    assert check_sources(("192.0.2.7", "192.0.2.7/32", "2001:DB8::/32 ")) == ("192.0.2.7/32", "2001:db8::/32")


@pytest.mark.parametrize(
    "sources", [(), ("192.0.2.7/24",), ("carrier.example",), tuple(f"10.0.0.{n}" for n in range(65))]
)
def test_sources_that_are_no_networks_are_refused(sources: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as refused:
        check_sources(sources)
    assert refused.value.field == "sources"


@pytest.mark.parametrize("send", [None, "sip:carrier.example", "sip:192.0.2.1:5060", "sip:[2001:db8::1]:5070"])
def test_a_gateway_is_a_sip_uri(send: str | None) -> None:
    assert check_send(send) == send


@pytest.mark.parametrize(
    "send",
    ["", "carrier", "sip:", "sip:host:0", "sip:host:99999", "sip:user@host", "sip:host;transport=ws", "sip:host;lr"],
)
def test_a_gateway_that_cannot_be_sent_to_is_refused(send: str) -> None:
    with pytest.raises(InputError) as refused:
        check_send(send)
    assert refused.value.field == "send"


def test_a_trunks_name_is_one_plain_word() -> None:
    assert check_name("carrier-1.tokyo") == "carrier-1.tokyo"


@pytest.mark.parametrize("name", ["", "-x", "two words", "a" * 65, "é", "inside"])
def test_a_trunks_name_that_is_no_plain_word_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        check_name(name)


def test_a_provider_that_we_register_at_proves_nothing() -> None:
    peer = check_peer("anna", "correct horse battery")
    check_peer_of(registers=False, peer=peer)
    check_peer_of(registers=True, peer=None)
    with pytest.raises(InputError, match="register at"):
        check_peer_of(registers=True, peer=peer)
