"""How the values of settings are written: each reader raises ValueError with a sentence that says it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import PlainValidator

from offhook.domain.credits import from_credits
from offhook.domain.networks import read_network
from offhook.domain.notices import check_email
from offhook.domain.trunks import check_name
from offhook.errors import InputError
from offhook.mail.server import MailServer
from offhook.mail.server import read_url as read_mail_url

LAST_PORT = 65535
MOST_WORKERS = 256
LONGEST_DRAIN_S = 24 * 3600
SQLITE = "sqlite:///"
POSTGRESQL = ("postgresql://", "postgresql+psycopg://")


@dataclass(frozen=True, slots=True)
class HostPort:
    """Where to listen: an address or a name, and a port (0 lets the system choose)."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class PortRange:
    """UDP ports from `first` to `last`, both included; RTP takes the even ones (RFC 3550 section 11)."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


Network = IPv4Network | IPv6Network


def read_host_port(value: object) -> HostPort:
    """Read `HOST:PORT`, an IPv6 address in brackets; raises ValueError with a sentence."""
    if isinstance(value, HostPort):
        return value
    match = re.fullmatch(r"(?:\[(?P<v6>[0-9A-Fa-f:.%]+)\]|(?P<name>[A-Za-z0-9._-]+)):(?P<port>[0-9]{1,5})", str(value))
    if match is None or int(match["port"]) > LAST_PORT:
        raise ValueError("it is written HOST:PORT, like 127.0.0.1:8080 or [::1]:8080")
    return HostPort(match["v6"] or match["name"], int(match["port"]))


def read_port_range(value: object) -> PortRange:
    """Read `A-B` with an even A and at least one pair of ports; raises ValueError with a sentence."""
    if isinstance(value, PortRange):
        return value
    match = re.fullmatch(r"([0-9]{1,5})-([0-9]{1,5})", str(value))
    if match is None:
        raise ValueError("it is written A-B, like 10000-19999")
    first, last = int(match[1]), int(match[2])
    if first % 2 or not 1024 <= first < last <= LAST_PORT:
        raise ValueError(f"it begins with an even port from 1024 on and ends after it, at most with {LAST_PORT}")
    return PortRange(first, last)


def read_networks(value: object) -> tuple[Network, ...]:
    """Read networks in CIDR notation, in a list or separated by commas or blanks; raises ValueError."""
    words = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(words, list | tuple):
        raise ValueError("it is a list of networks, like 10.0.0.0/8, 127.0.0.0/8")
    return tuple(_network(word) for word in words)


def _read_routes(value: object) -> tuple[str, ...]:
    words = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
        raise ValueError("it is a list of trunks' names, like carrier-1, carrier-2")
    try:
        return tuple(dict.fromkeys(check_name(word) for word in words))
    except InputError as error:
        raise ValueError(error.sentence) from None


def _network(word: object) -> Network:
    if isinstance(word, IPv4Network | IPv6Network):
        return word
    try:
        return read_network(str(word))
    except ValueError as error:
        raise ValueError(f"{error}; a network is written like 10.0.0.0/8") from None


def _whole(first: int, last: int) -> PlainValidator:
    def read(value: object) -> int:
        is_number = (
            isinstance(value, int | str) and not isinstance(value, bool) and re.fullmatch("[0-9]{1,9}", str(value))
        )
        if not is_number or not first <= int(str(value)) <= last:
            raise ValueError(f"it is a whole number from {first} to {last}")
        return int(str(value))

    return PlainValidator(read)


def _read_public_url(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]_-]+(/[!-~]*)?", value):
        raise ValueError("it is a URL, like https://voice.example.com")
    return value.rstrip("/")


def _read_credits(value: object) -> Decimal:
    try:
        from_credits(str(value))
    except InputError as error:
        raise ValueError(error.sentence) from None
    return Decimal(str(value))


def _read_mail_server(value: object) -> MailServer | None:
    if value is None or isinstance(value, MailServer):
        return value
    return read_mail_url(str(value))


def _read_mail_address(value: object) -> str:
    try:
        address = check_email(str(value))
    except InputError as error:
        raise ValueError(error.sentence) from None
    if not address:
        raise ValueError("an e-mail address is written like name@example.com")
    return address


def _read_database(value: object) -> str:
    url = value if isinstance(value, str) else ""
    if url.startswith(POSTGRESQL) or url.removeprefix(SQLITE) not in (url, "", ":memory:"):
        return url
    raise ValueError(
        "it is the URL of a SQLite file, like sqlite:///offhook-data/offhook.db, or of a PostgreSQL database,"
        " like postgresql://user:password@host/offhook"
    )


def _read_folder(value: object) -> Path:
    if not isinstance(value, str | Path) or not str(value).strip() or "\0" in str(value):
        raise ValueError("it is the path of a folder")
    return Path(value)


def _read_file(value: object) -> Path | None:
    if value is None:
        return None
    path = _read_folder(value)
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    return path


def _read_address(value: object) -> str | None:
    if value is None:
        return None
    try:
        address = ip_address(str(value))
    except ValueError:
        raise ValueError("it is an IP address, like 203.0.113.7") from None
    if address.is_unspecified or address.is_multicast:
        raise ValueError("it is the address of one machine, like 203.0.113.7")
    return str(address)


def _read_name_server(value: object) -> HostPort | None:
    return None if value is None else read_host_port(value)


def _read_announcements(value: object) -> Mapping[str, str]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, Mapping) or not all(
        isinstance(text, str) and text.strip() and re.fullmatch("[a-z]{2}(-[a-z]{2})?", str(language))
        for language, text in value.items()
    ):
        raise ValueError('it is a table of sentences by language, like {"en": "Please call again later."}')
    return MappingProxyType(dict(value))


# What a setting can be, with its reader.

Place = Annotated[HostPort, PlainValidator(read_host_port)]
Ports = Annotated[PortRange, PlainValidator(read_port_range)]
Networks = Annotated[tuple[Network, ...], PlainValidator(read_networks)]
TrunkNames = Annotated[tuple[str, ...], PlainValidator(_read_routes)]
Workers = Annotated[int, _whole(1, MOST_WORKERS)]
Count = Annotated[int, _whole(1, 100_000)]
LagMs = Annotated[int, _whole(10, 10_000)]
Percent = Annotated[int, _whole(10, 100)]
DrainS = Annotated[int, _whole(0, LONGEST_DRAIN_S)]
Days = Annotated[int, _whole(0, 3650)]
KeptDays = Annotated[int, _whole(1, 3650)]
FewMinutes = Annotated[int, _whole(0, 60)]
Credits = Annotated[Decimal, PlainValidator(_read_credits)]
PublicUrl = Annotated[str | None, PlainValidator(_read_public_url)]
Smtp = Annotated[MailServer | None, PlainValidator(_read_mail_server)]
MailAddress = Annotated[str, PlainValidator(_read_mail_address)]
DatabaseUrl = Annotated[str, PlainValidator(_read_database)]
Folder = Annotated[Path, PlainValidator(_read_folder)]
File = Annotated[Path | None, PlainValidator(_read_file)]
Port = Annotated[int, _whole(0, LAST_PORT)]
Address = Annotated[str | None, PlainValidator(_read_address)]
NameServer = Annotated[HostPort | None, PlainValidator(_read_name_server)]
Announcements = Annotated[Mapping[str, str], PlainValidator(_read_announcements)]
