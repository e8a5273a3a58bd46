"""Every setting of a running Offhook: frozen, and read here alone.

The command line wins over the environment (`OFFHOOK_HTTP`, ...), that over `offhook.toml` (in the
current folder, or where `OFFHOOK_CONFIG` says), that over the default. A bad value is a SetupError
that says where it was written.
"""

import difflib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PlainValidator, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from offhook.domain.credits import CREDIT, from_credits
from offhook.domain.notices import check_email
from offhook.domain.terms import TERMS, ChargedFrom, Terms
from offhook.domain.trunks import check_name
from offhook.errors import InputError, SetupError
from offhook.mail.server import MailServer
from offhook.mail.server import read_url as read_mail_url

PREFIX = "OFFHOOK_"
CONFIG_VARIABLE = "OFFHOOK_CONFIG"
CONFIG_FILE = "offhook.toml"
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
        return ip_network(str(word))
    except ValueError as error:
        raise ValueError(f"{error}; a network is written like 10.0.0.0/8") from None


def _read_number(value: object, first: int, last: int) -> int:
    is_number = isinstance(value, int | str) and not isinstance(value, bool) and re.fullmatch("[0-9]{1,9}", str(value))
    if not is_number or not first <= int(str(value)) <= last:
        raise ValueError(f"it is a whole number from {first} to {last}")
    return int(str(value))


def _read_workers(value: object) -> int:
    return _read_number(value, 1, MOST_WORKERS)


def _read_rate(value: object) -> int:
    return _read_number(value, 1, 100_000)


def _read_lag(value: object) -> int:
    return _read_number(value, 10, 10_000)


def _read_percent(value: object) -> int:
    return _read_number(value, 10, 100)


def _read_drain(value: object) -> int:
    return _read_number(value, 0, LONGEST_DRAIN_S)


def _read_days(value: object) -> int:
    return _read_number(value, 0, 3650)


def _read_kept_days(value: object) -> int:
    return _read_number(value, 1, 3650)


def _read_public_url(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]_-]+(/[!-~]*)?", value):
        raise ValueError("it is a URL, like https://voice.example.com")
    return value.rstrip("/")


def _read_few_minutes(value: object) -> int:
    return _read_number(value, 0, 60)


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


def _read_port(value: object) -> int:
    return _read_number(value, 0, LAST_PORT)


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


def _default_database(given: dict[str, Any]) -> str:
    return f"{SQLITE}{given['data_folder'] / 'offhook.db'}"


class Settings(BaseSettings):
    """All settings; each has a default and says in one sentence what it is."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=PREFIX,
        env_ignore_empty=True,
        enable_decoding=False,
    )

    http: Annotated[HostPort, PlainValidator(read_host_port)] = Field(
        HostPort("127.0.0.1", 8080), description="Where the HTTP API listens."
    )
    sip: Annotated[HostPort, PlainValidator(read_host_port)] = Field(
        # Trunks are outside; what is not a known trunk is dropped before it is parsed.
        HostPort("0.0.0.0", 5060),  # noqa: S104
        description="Where SIP is received, UDP and TCP.",
    )
    tls_certificate: Annotated[Path | None, PlainValidator(_read_file)] = Field(
        None, description="Our certificate with its chain (PEM); with it SIP is received over TLS too."
    )
    tls_key: Annotated[Path | None, PlainValidator(_read_file)] = Field(
        None, description="The key of `tls_certificate` (PEM), unless it stands in the same file."
    )
    tls_authorities: Annotated[Path | None, PlainValidator(_read_file)] = Field(
        None, description="Whose certificates of others are good (PEM); the system's authorities if not set."
    )
    tls_port: Annotated[int, PlainValidator(_read_port)] = Field(5061, description="The TCP port of SIP over TLS.")
    name_server: Annotated[HostPort | None, PlainValidator(_read_name_server)] = Field(
        None, description="Who is asked by DNS for the gateways of trunks; the machine's own name servers if not set."
    )
    public_address: Annotated[str | None, PlainValidator(_read_address)] = Field(
        None, description="Behind a NAT: the IP address at which the internet reaches this machine, for SIP and audio."
    )
    rtp_ports: Annotated[PortRange, PlainValidator(read_port_range)] = Field(
        PortRange(10000, 19999),
        description="The UDP ports for audio: an even one for RTP, the next for RTCP, each call.",
    )
    data_folder: Annotated[Path, PlainValidator(_read_folder)] = Field(
        Path("offhook-data"), description="The folder of everything that Offhook keeps in files."
    )
    database: Annotated[str, PlainValidator(_read_database)] = Field(
        default_factory=_default_database,
        repr=False,
        description="The database's URL; a SQLite file in the data folder unless said otherwise.",
    )
    allow_addresses: Annotated[tuple[Network, ...], PlainValidator(read_networks)] = Field(
        (), description="Networks, normally refused, in which action servers and sounds may live all the same."
    )
    routes: Annotated[tuple[str, ...], PlainValidator(_read_routes)] = Field(
        (),
        description="The trunks that transfers go out through when neither the number's nor the account's trunk can"
        " send; tried in this order.",
    )
    media_workers: Annotated[int, PlainValidator(_read_workers)] = Field(
        default_factory=lambda: os.cpu_count() or 1,
        description="How many processes send and receive audio; one for each core unless said otherwise.",
    )
    transcoded_calls: Annotated[int, PlainValidator(_read_rate)] = Field(
        40,
        description="For how many transferred calls a media worker turns G.722 into G.711 and back; beyond it a callee"
        " is offered only what needs no turning.",
    )
    api_rate: Annotated[int, PlainValidator(_read_rate)] = Field(
        50, description="How many API requests a second one API user may make; twice as many in a burst."
    )
    calls_per_node: Annotated[int, PlainValidator(_read_rate)] = Field(
        2_000, description="How many calls this node carries at once; beyond it a call is refused with 503."
    )
    calls_per_trunk: Annotated[int, PlainValidator(_read_rate)] = Field(
        1_000, description="How many calls one trunk brings at once; beyond it a call is refused with 503."
    )
    calls_per_source: Annotated[int, PlainValidator(_read_rate)] = Field(
        100, description="How many new calls a second one source address may bring; twice as many in a burst."
    )
    messages_per_source: Annotated[int, PlainValidator(_read_rate)] = Field(
        2_000,
        description="How many SIP messages a second of one source address are read; twice as many in a burst, and the"
        " rest is dropped.",
    )
    overload_lag_ms: Annotated[int, PlainValidator(_read_lag)] = Field(
        300,
        description="How many milliseconds late this node may be on average before new calls are refused with 503.",
    )
    overload_busy_percent: Annotated[int, PlainValidator(_read_percent)] = Field(
        90,
        description="How busy the least busy media worker may be before new calls are refused with 503.",
    )
    calls_per_number: Annotated[int, PlainValidator(_read_rate)] = Field(
        100, description="How many calls one number takes at once; beyond it a caller hears busy."
    )
    calls_per_account: Annotated[int, PlainValidator(_read_rate)] = Field(
        500, description="How many calls all numbers of one account take at once; beyond it a caller hears busy."
    )
    minimum_credit: Annotated[Decimal, PlainValidator(_read_credits)] = Field(
        Decimal(TERMS.minimum_credit) / CREDIT,
        description="How many credits an account must have available to take calls that cost anything.",
    )
    charge_from: ChargedFrom = Field(
        TERMS.charged_from,
        description="When the minutes of a call begin to count: with its `answer`, or when the action server is asked"
        " (`webhook`).",
    )
    unanswered_minutes: Annotated[int, PlainValidator(_read_few_minutes)] = Field(
        TERMS.unanswered_minutes,
        description="How many minutes a call costs that the action server was asked about and that nobody answered;"
        " a rejected one is free.",
    )
    grace_days: Annotated[int, PlainValidator(_read_days)] = Field(
        TERMS.grace.days,
        description="How many days a subscription waits for its renewal to be paid, without calls, before it ends.",
    )
    quarantine_days: Annotated[int, PlainValidator(_read_days)] = Field(
        TERMS.quarantine.days, description="How many days a number rests after a subscription before it is free again."
    )
    recordings_kept_days: Annotated[int, PlainValidator(_read_kept_days)] = Field(
        TERMS.recordings_kept.days, description="How many days a recording is kept before its audio is deleted."
    )
    recording_cost: Annotated[Decimal, PlainValidator(_read_credits)] = Field(
        Decimal(TERMS.recording_cost) / CREDIT,
        description="How many credits it costs to keep one recording for each 30 days that begin.",
    )
    public_url: Annotated[str | None, PlainValidator(_read_public_url)] = Field(
        None,
        description="Where customers reach the HTTP API, like `https://voice.example.com`, for links to recordings;"
        " the address of `http` if not set.",
    )
    smtp: Annotated[MailServer | None, PlainValidator(_read_mail_server)] = Field(
        None,
        repr=False,
        description="Where e-mail to customers is handed in: `smtp://HOST:PORT`,"
        " `smtp+starttls://USER:PASSWORD@HOST` or `smtps://USER:PASSWORD@HOST`.",
    )
    mail_from: Annotated[str, PlainValidator(_read_mail_address)] = Field(
        "offhook@localhost", description="The address that e-mail to customers comes from."
    )
    drain_s: Annotated[int, PlainValidator(_read_drain)] = Field(
        60,
        description="How many seconds running calls may go on after SIGTERM, while new ones are refused with 503;"
        " a second signal ends them at once.",
    )
    announcements: Annotated[Mapping[str, str], PlainValidator(_read_announcements)] = Field(
        default_factory=lambda: MappingProxyType({}),
        description="What a caller hears when nobody can take the call, by language, instead of our own sentences.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least important kind of message that is logged."
    )
    log_format: Literal["console", "json"] = Field(
        "console", description="How log lines look: coloured for people, or JSON for machines."
    )

    @property
    def terms(self) -> Terms:
        """What the operator decides about money."""
        return Terms(
            minimum_credit=from_credits(self.minimum_credit),
            charged_from=self.charge_from,
            unanswered_minutes=self.unanswered_minutes,
            grace=timedelta(days=self.grace_days),
            quarantine=timedelta(days=self.quarantine_days),
            recording_cost=from_credits(self.recording_cost),
            recordings_kept=timedelta(days=self.recordings_kept_days),
        )

    @classmethod
    def load(cls, **options: object) -> Self:
        """Return the settings; an option that is None was not given on the command line. Raises SetupError."""
        given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
        path = _config_path()
        try:
            return cls(**given)
        except tomllib.TOMLDecodeError as error:
            raise SetupError(f"{path} is not TOML: {error}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise SetupError(f"{path} cannot be read: {error}") from None
        except ValidationError as error:
            raise _explain(error.errors(include_url=False)[0], given, path) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (pydantic's signature)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Name the sources, the strongest first: a `.env` file and secret files are none of ours."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=_config_path())


def _config_path() -> Path:
    named = os.environ.get(CONFIG_VARIABLE)
    if not named:
        return Path(CONFIG_FILE)
    try:
        is_file = Path(named).is_file()
    except OSError as error:
        raise SetupError(f"{CONFIG_VARIABLE} names {named}, which cannot be read: {error}") from None
    if not is_file:
        raise SetupError(f"{CONFIG_VARIABLE} names {named}, which is not a file")
    return Path(named)


def _explain(error: ErrorDetails, given: Mapping[str, object], path: Path) -> SetupError:
    name = str(error["loc"][0])
    origin = _origin(name, given, path)
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name.replace("-", "_"), Settings.model_fields, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the settings are {', '.join(Settings.model_fields)}"
        return SetupError(f"{origin}: there is no setting {name!r}", hint=hint)
    reason = error.get("ctx", {}).get("error", error["msg"])
    # These URLs may hold a password, which must not land in a log.
    shown = "" if name in ("database", "smtp") else f" {str(error['input'])[:80]!r}"
    return SetupError(f"{origin}:{shown} is not possible: {reason}", hint=Settings.model_fields[name].description or "")


def _origin(name: str, given: Mapping[str, object], path: Path) -> str:
    """Say where the value in force was written."""
    if name in given:
        return f"--{name.replace('_', '-')}"
    variables = {variable.upper() for variable, value in os.environ.items() if value}
    if PREFIX + name.upper() in variables:
        return PREFIX + name.upper()
    place = re.compile(rf"\s*(?:\[\s*)?[\"']?{re.escape(name)}[\"']?\s*(?:[.=]|\])")
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if place.match(line):
            return f"{path} line {number}"
    return str(path)
