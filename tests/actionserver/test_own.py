"""This host's own addresses are read from the kernel's tables."""

from ipaddress import ip_address
from pathlib import Path

from offhook.actionserver.own import own_addresses

FIB_TRIE = """Local:
  +-- 0.0.0.0/0 3 0 5
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.1
           /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
     |-- 192.0.2.7
        /32 host LOCAL
"""
IF_INET6 = """00000000000000000000000000000001 01 80 10 80       lo
20010db8000000000000000000000007 02 40 00 80     eth0
"""


def test_every_address_of_an_interface_is_ours_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "fib_trie").write_text(FIB_TRIE)
    (tmp_path / "if_inet6").write_text(IF_INET6)
    found = own_addresses(tmp_path / "fib_trie", tmp_path / "if_inet6")
    assert found == {ip_address(text) for text in ("127.0.0.1", "192.0.2.7", "::1", "2001:db8::7")}


def test_a_kernel_without_the_tables_has_no_addresses_to_tell(tmp_path: Path) -> None:
    assert own_addresses(tmp_path / "none", tmp_path / "none") == frozenset()


def test_this_machine_has_its_loopback_address() -> None:
    assert ip_address("127.0.0.1") in own_addresses()
