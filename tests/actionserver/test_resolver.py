"""Names are resolved off the loop, within limits, and every failure is an OSError."""

import socket
import threading

import pytest

from guarded import found
from offhook.actionserver.limits import Limits
from offhook.actionserver.resolver import AddressInfo, Resolver, system_lookup


async def addresses(lookup_result: list[AddressInfo], limits: Limits, family: int = socket.AF_UNSPEC) -> list[str]:
    resolver = Resolver(limits, lambda host, port: lookup_result)
    try:
        return [found["host"] for found in await resolver.resolve("example.com", 80, socket.AddressFamily(family))]
    finally:
        await resolver.close()


async def test_a_name_becomes_its_addresses_in_the_order_of_the_system() -> None:
    assert await addresses(found("2400::1", "8.8.8.8"), Limits()) == ["2400::1", "8.8.8.8"]


async def test_one_family_can_be_asked_for() -> None:
    assert await addresses(found("2400::1", "8.8.8.8"), Limits(), socket.AF_INET) == ["8.8.8.8"]


async def test_a_zone_with_thousands_of_addresses_is_cut() -> None:
    many = found(*(f"8.8.{high}.{low}" for high in range(16) for low in range(256)))
    assert len(await addresses(many, Limits(dns_addresses=8))) == 8


async def test_a_name_without_addresses_is_an_oserror() -> None:
    with pytest.raises(OSError, match="has no address"):
        await addresses([], Limits())


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example"])
async def test_what_cannot_be_a_host_name_is_an_oserror(host: str) -> None:
    resolver = Resolver(Limits())
    with pytest.raises(OSError, match="a part of the name is empty or longer than 63 letters"):
        await resolver.resolve(host)
    await resolver.close()


async def test_lookups_run_in_threads_of_their_own() -> None:
    names: list[str] = []

    def lookup(host: str, port: int) -> list[AddressInfo]:
        names.append(threading.current_thread().name)
        return found("8.8.8.8")

    resolver = Resolver(Limits(), lookup)
    await resolver.resolve("example.com")
    await resolver.close()
    assert names[0].startswith("dns")


def test_the_system_reads_the_old_numeric_forms() -> None:
    assert [info[4][0] for info in system_lookup("0x7f.1", 80)] == ["127.0.0.1"]
