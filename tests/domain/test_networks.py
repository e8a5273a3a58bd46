import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.domain.networks import MOST_NETWORKS, check_networks, is_inside, those_inside
from offhook.errors import InputError


def test_networks_take_their_normal_form_and_stand_once() -> None:
    written = ("192.0.2.7", "192.0.2.7/32", "2001:DB8::/32 ", "10.0.0.0/255.0.0.0")
    assert check_networks("networks", written) == ("192.0.2.7/32", "2001:db8::/32", "10.0.0.0/8")


def test_no_networks_are_none() -> None:
    assert check_networks("networks", ()) == ()


@pytest.mark.parametrize(
    "networks",
    [
        ("192.0.2.7/24",),
        ("office.example",),
        ("192.0.2.0/33",),
        ("192.0.2.0/24", ""),
        tuple(f"10.0.0.{n}" for n in range(MOST_NETWORKS + 1)),
    ],
)
def test_what_is_no_list_of_networks_is_refused_by_the_name_of_its_field(networks: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as refused:
        check_networks("networks", networks)
    assert refused.value.field == "networks"


def test_an_address_of_a_network_is_told_which_network_it_is_of() -> None:
    with pytest.raises(InputError, match=r"has host bits set; did you mean 192\.0\.2\.0/24\?"):
        check_networks("networks", ("192.0.2.7/24",))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("192.0.2.7", "0.0.0.0/0"),
        ("2001:db8::7", "2001:db8::/32"),
        ("fe80::1%eth0", "fe80::/10"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("192.0.2.7", "::ffff:192.0.2.0/120"),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.0/120"),
    ],
)
def test_an_address_is_inside_however_its_socket_shows_it(address: str, network: str) -> None:
    assert is_inside(address, ("198.51.100.1/32", *check_networks("networks", (network,))))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.3.7", "192.0.2.0/24"),
        ("2001:db9::7", "2001:db8::/32"),
        ("::ffff:192.0.3.7", "192.0.2.0/24"),
        ("192.0.3.7", "::ffff:192.0.2.0/120"),
        ("192.0.2.7", "::/0"),
        ("::ffff:192.0.2.7", "::/0"),
        ("2001:db8::7", "0.0.0.0/0"),
        ("", "0.0.0.0/0"),
        ("192.0.2.7, 192.0.2.8", "0.0.0.0/0"),
    ],
)
def test_an_address_of_elsewhere_or_of_another_family_is_outside(address: str, network: str) -> None:
    assert not is_inside(address, (network,))


def test_nothing_is_inside_no_networks() -> None:
    assert not is_inside("192.0.2.7", ())


ADDRESSES = ["192.0.2.7", "192.0.2.130", "10.0.0.1", "2001:db8::7", "::ffff:192.0.2.7", "fe80::1%eth0", "::1"]
NETWORKS = ["192.0.2.0/24", "192.0.2.128/25", "0.0.0.0/0", "::/0", "2001:db8::/32", "::ffff:192.0.2.0/120", "::1/128"]


@given(st.lists(st.sampled_from(NETWORKS), unique=True))
def test_many_addresses_are_inside_as_each_of_them_is(networks: list[str]) -> None:
    assert those_inside(ADDRESSES, networks) == {one for one in ADDRESSES if is_inside(one, tuple(networks))}
