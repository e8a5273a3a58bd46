from house import NOW
from offhook.domain.networks import is_inside
from offhook.domain.strangers import Stranger, source_of


def test_a_stranger_is_let_in_by_its_address_alone() -> None:
    for address, source in (("192.0.2.7", "192.0.2.7/32"), ("2001:db8::7", "2001:db8::7/128")):
        assert Stranger(address, "", 1, NOW, NOW, ("node-1",)).source == source_of(address) == source
        assert is_inside(address, (source,))
