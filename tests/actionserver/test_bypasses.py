"""Every trick that leads a URL past an address guard, on every way that a URL comes in: no packet gets through.

The tests live in a network of their own in which every address there is leads to one trap, which notes at which
address it was reached. So a connection to a private address, whichever it is, is seen.
"""

import asyncio
import os
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

import pytest

import networks
from guarded import found
from networks import own_network
from offhook.actionserver.client import ActionServers
from offhook.actionserver.fetch import Fetcher
from offhook.actionserver.guard import Guard
from offhook.actionserver.limits import Limits
from offhook.actionserver.resolver import AddressInfo, Resolver, system_lookup
from offhook.actionserver.sessions import open_session
from offhook.actionserver.webhooks import Webhooks
from offhook.domain.questions import Failure, Question
from offhook.errors import ActionServerError, InputError
from offhook.language import parse
from offhook.service.urls import check_action_url

pytestmark = pytest.mark.peers

PUBLIC, OTHER_PUBLIC = "8.8.8.8", "2001:4860:4860::8888"
OWN = "9.9.9.9"
"""The platform's own address, which the internet can reach."""
API_PORT = 8080
INSIDE = Guard(own=[ip_address(OWN)])
WIDE_OPEN = Guard([ip_network("0.0.0.0/0"), ip_network("::/0")], own=[ip_address(OWN)])
LIMITS = Limits(connect_s=2.0, dns_cache_s=0)

NUMBERS = {
    "decimal": "http://2130706433/",
    "octal": "http://0177.0.0.1/",
    "octal, whole": "http://017700000001/",
    "hex": "http://0x7f.0x0.0x0.0x1/",
    "hex, whole": "http://0x7f000001/",
    "mixed": "http://0x7f.0.0.01/",
    "short": "http://127.1/",
    "short, three parts": "http://127.0.1/",
    "padded": "http://127.000.000.001/",
    "zero": "http://0/",
    "this network": "http://0.0.0.0/",
    "plain": "http://127.0.0.1/",
    "all of loopback": "http://127.255.255.254/",
    "trailing dot": "http://127.0.0.1./",
    "short with a trailing dot": "http://127.1./",
    "private, decimal": "http://167772165/",
    "private": "http://10.0.0.5/",
    "private, 172": "http://172.16.0.1/",
    "private, 192": "http://192.168.1.1/",
    "shared": "http://100.64.0.1/",
    "multicast": "http://224.0.0.1/",
    "broadcast": "http://255.255.255.255/",
    "metadata": "http://169.254.169.254/latest/meta-data/",
    "metadata, decimal": "http://2852039166/",
    "metadata of another cloud": "http://100.100.100.200/",
    "our own address": f"http://{OWN}/",
    "our own API": f"http://{OWN}:{API_PORT}/account/",
    "our own API, inside": f"http://127.0.0.1:{API_PORT}/account/",
}
SIXES = {
    "loopback": "http://[::1]/",
    "loopback, long": "http://[0:0:0:0:0:0:0:1]/",
    "unspecified": "http://[::]/",
    "mapped": "http://[::ffff:127.0.0.1]/",
    "mapped, hex": "http://[::ffff:7f00:1]/",
    "mapped metadata": "http://[::ffff:169.254.169.254]/",
    "mapped own address": f"http://[::ffff:{OWN}]/",
    "compatible": "http://[::127.0.0.1]/",
    "translated": "http://[::ffff:0:127.0.0.1]/",
    "NAT64": "http://[64:ff9b::127.0.0.1]/",
    "NAT64 of a site": "http://[64:ff9b:1:7f00:0:100::]/",
    "6to4": "http://[2002:7f00:1::1]/",
    "Teredo server": "http://[2001:0:7f00:1::]/",
    "Teredo client": "http://[2001:0:808:808:0:0:80ff:fffe]/",
    "link-local with a zone": "http://[fe80::1%25lo]/",
    "link-local with a bare zone": "http://[fe80::1%lo]/",
    "loopback with a zone": "http://[::1%25lo]/",
    "unique local": "http://[fd00::1]/",
    "site-local": "http://[fec0::1]/",
    "multicast": "http://[ff02::1]/",
    "metadata": "http://[fd00:ec2::254]/",
}
LETTERS = {
    "fullwidth digits": "http://１２７.０.０.１/",
    "circled digits": "http://①②⑦.⓪.⓪.①/",
    "ideographic full stops": "http://127。0。0。1/",
    "fullwidth name": "http://ｌｏｃａｌｈｏｓｔ/",
    "soft hyphen": "http://local\u00adhost/",
    "percent-encoded": "http://%31%32%37.0.0.1/",
    "percent-encoded name": "http://%6cocalhost/",
    "upper case": "HTTP://LOCALHOST/",
    "name": "http://localhost/",
    "name with a dot": "http://localhost./",
    "name with a domain": "http://localhost.localdomain/",
    "name below": "http://a.localhost/",
    "user": f"http://{PUBLIC}@127.0.0.1/",
    "user and password": f"http://{PUBLIC}:80@127.0.0.1/",
    "user, twice": f"http://a@{PUBLIC}@127.0.0.1/",
    "percent-encoded user": f"http://{PUBLIC}%40127.0.0.1/",
    "fragment before the user": f"http://{PUBLIC}#@127.0.0.1/",
    "question before the user": f"http://{PUBLIC}?@127.0.0.1/",
    "backslash before the user": f"http://{PUBLIC}\\@127.0.0.1/",
    "backslash after the host": f"http://127.0.0.1\\@{PUBLIC}/",
    "tab within": "http://127.0\t.0.1/",
    "line end within": "http://127.0.0.1\r\n/",
    "null within": f"http://127.0.0.1\x00.{PUBLIC}/",
    "blank": f"http://127.0.0.1 @{PUBLIC}/",
    "one slash": "http:/127.0.0.1/",
    "no slashes": "http:127.0.0.1/",
    "three slashes": "http:///127.0.0.1/",
    "no scheme": "//127.0.0.1/",
    "port 0": f"http://{PUBLIC}:0/",
    "port 65536": f"http://{PUBLIC}:65536/",
    "port 65616": "http://127.0.0.1:65616/",
    "negative port": "http://127.0.0.1:-1/",
    "file": "file:///etc/passwd",
    "file at a host": "file://127.0.0.1/etc/passwd",
    "gopher": "gopher://127.0.0.1:80/_GET%20/",
    "ftp": "ftp://127.0.0.1/",
    "dict": "dict://127.0.0.1:80/",
    "unix": "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "web socket": "ws://127.0.0.1/",
    "data": "data:text/plain,hangup",
}
NAMES: dict[str, list[str]] = {
    # A CNAME to localhost is this: the system follows it and tells the address.
    "localhost by CNAME": ["127.0.0.1", "::1"],
    "private": ["10.0.0.5"],
    "metadata": ["169.254.169.254"],
    "mapped": ["::ffff:127.0.0.1"],
    "our own": [OWN],
    "one of many": ["10.0.0.1", "192.168.0.1", "::1", "fd00::1", "fe80::1"],
    "public and private": [PUBLIC, "127.0.0.1"],
    "private and public": ["127.0.0.1", "::1", PUBLIC],
}
TRICKS = {
    **{f"IPv4, {name}": url for name, url in NUMBERS.items()},
    **{f"IPv6, {name}": url for name, url in SIXES.items()},
    **{f"text, {name}": url for name, url in LETTERS.items()},
    **{f"DNS, {name}": f"http://{number}.tricky.example/" for number, name in enumerate(NAMES)},
}
LEADS_OUTSIDE = frozenset({PUBLIC, OTHER_PUBLIC})


def lookup(host: str, port: int) -> list[AddressInfo]:
    """Ask the zone `tricky.example`, or the system."""
    number, _, zone = host.rstrip(".").partition(".")
    return found(*list(NAMES.values())[int(number)]) if zone == "tricky.example" else list(system_lookup(host, port))


@dataclass(slots=True)
class Trap:
    """Whoever connects to any address is noted here, and answered what `answer` says."""

    reached: list[str] = field(default_factory=list)
    answer: bytes = b""

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reached.append(str(writer.get_extra_info("sockname")[0]).removeprefix("::ffff:"))
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(self.answer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    def redirects_to(self, url: str) -> None:
        """Send whoever asks on to another URL."""
        where = url.encode("utf-8", "surrogateescape").replace(b"\r\n", b"")
        self.answer = (
            b"HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: " + where + b"\r\n\r\n"
        )

    def hangs_up(self) -> None:
        self.answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\n\r\nhangup"


@pytest.fixture(scope="module")
def world() -> Iterator[None]:
    """Go into a network in which all addresses of both families are our own machine's."""
    if not networks.is_possible():
        sentence = "only root may make networks: run the tests as root to have a trap at every address"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(sentence)
    with own_network():
        for family in ((), ("-6",)):
            subprocess.run(
                ["ip", *family, "route", "add", "local", "default", "dev", "lo"], check=True, capture_output=True
            )
        yield


@asynccontextmanager
async def set_trap() -> AsyncIterator[Trap]:
    """Listen at every address, at the port of the web and at that of our API."""
    trap = Trap()
    trap.hangs_up()
    listeners = [
        await asyncio.start_server(
            trap.take, sock=socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
        )
        for port in (80, API_PORT)
    ]
    try:
        yield trap
    finally:
        for listener in listeners:
            listener.close()


@dataclass(frozen=True, slots=True)
class House:
    """All that asks URLs, behind one session."""

    servers: ActionServers
    files: Fetcher
    webhooks: Webhooks

    async def ask(self, url: str, *homes: str) -> None:
        """Ask as an action URL; raises what went wrong."""
        answer = await self.servers.ask(Question(url, (("caller", "81"),), ("secret",), homes))
        if isinstance(answer, Failure):
            raise Refused(answer.code)

    async def fetch(self, url: str) -> None:
        try:
            async with self.files.fetch(url, headers={}) as download:
                assert [chunk async for chunk in download.chunks()]
        except ActionServerError as error:
            raise Refused(error.code) from error

    async def post(self, url: str) -> None:
        try:
            await self.webhooks.post(url, b"{}", {})
        except ActionServerError as error:
            raise Refused(error.code) from error


class Refused(Exception):
    """It was not asked; the code says why."""


@asynccontextmanager
async def open_house(guard: Guard = INSIDE) -> AsyncIterator[House]:
    async with open_session(guard, LIMITS, resolver=Resolver(LIMITS, lookup)) as session:
        yield House(ActionServers(session, LIMITS), Fetcher(session, LIMITS), Webhooks(session, LIMITS))


async def _asked(house: House, trap: Trap, url: str) -> None:
    await house.ask(url)


async def _asked_next(house: House, trap: Trap, url: str) -> None:
    # `next=` and `redirect` name a URL that is not the customer's home.
    await house.ask(url, f"http://{PUBLIC}/")


async def _redirected(house: House, trap: Trap, url: str) -> None:
    trap.redirects_to(url)
    await house.ask(f"http://{PUBLIC}/")


async def _fetched(house: House, trap: Trap, url: str) -> None:
    await house.fetch(url)


async def _fetched_elsewhere(house: House, trap: Trap, url: str) -> None:
    trap.redirects_to(url)
    await house.fetch(f"http://{PUBLIC}/")


async def _posted(house: House, trap: Trap, url: str) -> None:
    await house.post(url)


async def _posted_elsewhere(house: House, trap: Trap, url: str) -> None:
    trap.redirects_to(url)
    await house.post(f"http://{PUBLIC}/")


RUNS = (_asked, _asked_next, _redirected, _fetched, _fetched_elsewhere, _posted, _posted_elsewhere)


def test_there_are_many_tricks() -> None:
    assert len(set(TRICKS.values())) == len(TRICKS) >= 30


@pytest.mark.parametrize("url", TRICKS.values(), ids=list(TRICKS))
async def test_no_packet_reaches_an_inner_address_on_any_way(world: None, url: str) -> None:
    async with set_trap() as trap, open_house() as house:
        for run in RUNS:
            trap.hangs_up()
            trap.reached.clear()
            try:
                await run(house, trap, url)
            except Refused:
                pass
            else:
                assert trap.reached, "what went well was asked somewhere"
            assert set(trap.reached) <= LEADS_OUTSIDE, run.__name__


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.__name__)
async def test_the_trap_sees_whoever_comes_on_every_way(
    world: None, run: Callable[[House, Trap, str], Awaitable[None]]
) -> None:
    async with set_trap() as trap, open_house() as house:
        for url, address in ((f"http://{PUBLIC}/", PUBLIC), (f"http://[{OTHER_PUBLIC}]:{API_PORT}/", OTHER_PUBLIC)):
            try:
                await run(house, trap, url)
            except Refused:
                # Round and round, or a webhook that is sent elsewhere.
                assert run in (_redirected, _fetched_elsewhere, _posted_elsewhere)
            assert address in trap.reached or run is _posted_elsewhere
        assert PUBLIC in trap.reached


@pytest.mark.parametrize("url", ["http://0x7f.1/", "http://10.0.0.5/", "http://[64:ff9b::7f00:1]/"])
async def test_without_the_guard_the_trap_is_reached(world: None, url: str) -> None:
    async with set_trap() as trap, open_house(WIDE_OPEN) as house:
        await house.fetch(url)
    assert not set(trap.reached) & LEADS_OUTSIDE
    assert len(trap.reached) == 1


async def test_an_answer_of_dns_that_changes_between_two_looks_is_judged_where_it_is_connected(world: None) -> None:
    """Each connection has one look at the name: what was judged is what is connected to."""
    answers = iter([PUBLIC, "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.5", "127.0.0.1", OWN])

    def changing(host: str, port: int) -> list[AddressInfo]:
        return found(next(answers))

    async with (
        set_trap() as trap,
        open_session(INSIDE, LIMITS, resolver=Resolver(LIMITS, changing)) as session,
    ):
        house = House(ActionServers(session, LIMITS), Fetcher(session, LIMITS), Webhooks(session, LIMITS))
        await house.ask("http://rebinding.example/")
        for _ in range(2):
            with pytest.raises(Refused, match="address-refused"):
                await house.ask("http://rebinding.example/")
        for wish in (house.fetch, house.fetch, house.post):
            with pytest.raises(Refused, match="address-refused"):
                await wish("http://rebinding.example/")
    assert trap.reached == [PUBLIC]


@pytest.mark.parametrize("name", [name for name in TRICKS if name.startswith("text, ")])
def test_what_is_no_plain_url_is_refused_by_whoever_sets_it(name: str) -> None:
    """By the API for URLs that are kept, by the language for those of a script; the rest is judged when it is met."""
    url = TRICKS[name]
    met_later = {
        *("fullwidth digits", "circled digits", "ideographic full stops", "fullwidth name"),
        *("percent-encoded", "percent-encoded name", "upper case", "name", "name with a dot", "name with a domain"),
        *("name below", "percent-encoded user", "question before the user"),
    }
    is_refused = False
    try:
        check_action_url("action_url", url)
    except InputError:
        is_refused = True
    assert is_refused is (name.removeprefix("text, ") not in met_later)
    # A fragment sets the time of requests to action URLs; that of a file says nothing to us.
    if is_refused and "#" not in url:
        assert parse(f"playback {url}").script is None
        assert parse(f"gather next={url}").script is None
