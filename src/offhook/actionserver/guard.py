"""Which addresses we connect to: pure, and asked about the very address of each connection.

Read `Guard.judge` first. An IPv6 address that carries an IPv4 address is two addresses, and
both must pass. Deliberately absent: names; whoever judges names is fooled by the next DNS answer.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from offhook.actionserver.blocks import ALWAYS_REFUSED, REFUSED, Block
from offhook.actionserver.errors import AddressRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Guard:
    """The doorkeeper of every request that leaves the house.

    `allowed` opens exactly what the operator names, except for `ALWAYS_REFUSED`; `own` are the
    platform's addresses, refused like a special block unless `allowed` names them too.
    """

    def __init__(self, allowed: Sequence[Network] = (), own: Collection[Address] = ()) -> None:
        self._allowed = tuple(allowed)
        self._own = frozenset(own)

    def judge(self, address: str) -> None:
        """Return quietly if we may connect to this literal address, with or without a scope id.

        Raises:
            AddressRefused: We may not, or it is no literal address at all.
        """
        # The scope only picks an interface; what may be reached behind it is a matter of the address.
        literal, _, _ = address.partition("%")
        try:
            outer = ip_address(literal)
        except ValueError:
            raise AddressRefused(
                f"{address!r} is not an IP address in its usual form, so it is not connected to.",
                hint="Write the address as in 192.0.2.1 or 2001:db8::1, or use a name.",
            ) from None
        # What is carried is judged first, because it is the address that answers in the end.
        for carried in embedded(outer):
            self._pass(carried, f"{literal} carries {carried}, which")
        self._pass(outer, f"{literal}")

    def _pass(self, address: Address, subject: str) -> None:
        closed = _closest(ALWAYS_REFUSED, address)
        if closed is not None:
            raise AddressRefused(
                f"{subject} lies in {_described(closed)} and is never connected to.",
                hint="Link-local and metadata addresses stay closed whatever --allow-addresses names.",
            )
        if any(address in network for network in self._allowed):
            return
        if address in self._own:
            raise AddressRefused(f"{subject} is an address of this platform itself.", hint=_opening(address))
        refused = _closest(REFUSED, address)
        if refused is not None:
            raise AddressRefused(f"{subject} lies in {_described(refused)}.", hint=_opening(address))


_WORD = 0xFFFF_FFFF
_LOW_32_BITS = tuple(
    map(
        IPv6Network,
        (
            "::ffff:0:0/96",  # mapped, RFC 4291
            "::/96",  # compatible, RFC 4291
            "::ffff:0:0:0/96",  # translated, RFC 2765
            "64:ff9b::/96",  # NAT64, RFC 6052
        ),
    )
)
_NAT64_OF_ONE_SITE = IPv6Network("64:ff9b:1::/48")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")
# RFC 4291, section 2.5.5.1: these two are themselves and carry nothing.
_PLAIN = frozenset({IPv6Address("::"), IPv6Address("::1")})


def embedded(address: Address) -> Iterator[IPv4Address]:
    """Yield each IPv4 address that this one carries to a translator or a tunnel."""
    if isinstance(address, IPv4Address) or address in _PLAIN:
        return
    bits = int(address)
    if any(address in network for network in _LOW_32_BITS):
        yield IPv4Address(bits & _WORD)
    if address in _NAT64_OF_ONE_SITE:
        yield from _translated(bits)
    elif address in _SIX_TO_FOUR:
        yield IPv4Address(bits >> 80 & _WORD)  # RFC 3056, section 2
    elif address in _TEREDO:
        yield IPv4Address(bits >> 64 & _WORD)  # the server, RFC 4380, section 4
        yield IPv4Address(~bits & _WORD)  # the client, whose bits are inverted


def _translated(bits: int) -> Iterator[IPv4Address]:
    """Unwrap every layout of RFC 6052, section 2.2 that this address can have.

    Which prefix the site has, and so which layout, is known to its translator alone.
    """
    without_octet_u = (bits >> 64) << 56 | bits & (1 << 56) - 1
    for prefix in (48, 56, 64):
        behind = 120 - prefix - 32
        # The layouts with a shorter prefix fill up with zeros.
        if not without_octet_u & (1 << behind) - 1:
            yield IPv4Address(without_octet_u >> behind & _WORD)
    if bits & _WORD:
        yield IPv4Address(bits & _WORD)


def _closest(blocks: Iterable[Block], address: Address) -> Block | None:
    """Return the smallest block around the address: it says most about why."""
    around = (block for block in blocks if address in block.network)
    return max(around, key=lambda block: block.network.prefixlen, default=None)


def _described(block: Block) -> str:
    return f"{block.network} ({block.name}, {block.source})"


def _opening(address: Address) -> str:
    return f"If that server is yours, start Offhook with --allow-addresses {address}/{address.max_prefixlen}."
