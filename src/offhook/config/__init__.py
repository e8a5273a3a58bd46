"""Every setting of a running Offhook: frozen, and read here alone.

The command line wins over the environment (`OFFHOOK_HTTP`, ...), that over `offhook.toml` (in the
current folder, or where `OFFHOOK_CONFIG` says), that over the default. A bad value is a SetupError
that says where it was written.
"""

import os
import tomllib
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Self

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from offhook.config import values
from offhook.config.blame import PREFIX, config_path, explain
from offhook.config.values import HostPort, PortRange
from offhook.domain.credits import CREDIT, from_credits
from offhook.domain.terms import TERMS, ChargedFrom, Terms
from offhook.errors import SetupError


def _default_database(given: dict[str, Any]) -> str:
    return f"{values.SQLITE}{given['data_folder'] / 'offhook.db'}"


class Settings(BaseSettings):
    """All settings; each has a default and says in one sentence what it is."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=PREFIX,
        env_ignore_empty=True,
        enable_decoding=False,
    )

    http: values.Place = Field(HostPort("127.0.0.1", 8080), description="Where the HTTP API listens.")
    sip: values.Place = Field(
        # Trunks are outside; what is not a known trunk is dropped before it is parsed.
        HostPort("0.0.0.0", 5060),  # noqa: S104
        description="Where SIP is received, UDP and TCP.",
    )
    tls_certificate: values.File = Field(
        None, description="Our certificate with its chain (PEM); with it SIP is received over TLS too."
    )
    tls_key: values.File = Field(
        None, description="The key of `tls_certificate` (PEM), unless it stands in the same file."
    )
    tls_authorities: values.File = Field(
        None, description="Whose certificates of others are good (PEM); the system's authorities if not set."
    )
    tls_port: values.Port = Field(5061, description="The TCP port of SIP over TLS.")
    name_server: values.NameServer = Field(
        None, description="Who is asked by DNS for the gateways of trunks; the machine's own name servers if not set."
    )
    public_address: values.Address = Field(
        None, description="Behind a NAT: the IP address at which the internet reaches this machine, for SIP and audio."
    )
    rtp_ports: values.Ports = Field(
        PortRange(10000, 19999),
        description="The UDP ports for audio: an even one for RTP, the next for RTCP, each call.",
    )
    data_folder: values.Folder = Field(
        Path("offhook-data"), description="The folder of everything that Offhook keeps in files."
    )
    database: values.DatabaseUrl = Field(
        default_factory=_default_database,
        repr=False,
        description="The database's URL; a SQLite file in the data folder unless said otherwise.",
    )
    allow_addresses: values.Networks = Field(
        (), description="Networks, normally refused, in which action servers and sounds may live all the same."
    )
    routes: values.TrunkNames = Field(
        (),
        description="The trunks that transfers go out through when neither the number's nor the account's trunk can"
        " send; tried in this order.",
    )
    media_workers: values.Workers = Field(
        default_factory=lambda: os.cpu_count() or 1,
        description="How many processes send and receive audio; one for each core unless said otherwise.",
    )
    transcoded_calls: values.Count = Field(
        40,
        description="For how many transferred calls a media worker turns G.722 into G.711 and back; beyond it a callee"
        " is offered only what needs no turning.",
    )
    api_rate: values.Count = Field(
        50, description="How many API requests a second one API user may make; twice as many in a burst."
    )
    calls_per_node: values.Count = Field(
        2_000, description="How many calls this node carries at once; beyond it a call is refused with 503."
    )
    calls_per_trunk: values.Count = Field(
        1_000, description="How many calls one trunk brings at once; beyond it a call is refused with 503."
    )
    calls_per_source: values.Count = Field(
        100, description="How many new calls a second one source address may bring; twice as many in a burst."
    )
    messages_per_source: values.Count = Field(
        2_000,
        description="How many SIP messages a second of one source address are read; twice as many in a burst, and the"
        " rest is dropped.",
    )
    overload_lag_ms: values.LagMs = Field(
        300,
        description="How many milliseconds late this node may be on average before new calls are refused with 503.",
    )
    overload_busy_percent: values.Percent = Field(
        90,
        description="How busy the least busy media worker may be before new calls are refused with 503.",
    )
    calls_per_number: values.Count = Field(
        100, description="How many calls one number takes at once; beyond it a caller hears busy."
    )
    calls_per_account: values.Count = Field(
        500, description="How many calls all numbers of one account take at once; beyond it a caller hears busy."
    )
    minimum_credit: values.Credits = Field(
        Decimal(TERMS.minimum_credit) / CREDIT,
        description="How many credits an account must have available to take calls that cost anything.",
    )
    charge_from: ChargedFrom = Field(
        TERMS.charged_from,
        description="When the minutes of a call begin to count: with its `answer`, or when the action server is asked"
        " (`webhook`).",
    )
    unanswered_minutes: values.FewMinutes = Field(
        TERMS.unanswered_minutes,
        description="How many minutes a call costs that the action server was asked about and that nobody answered;"
        " a rejected one is free.",
    )
    grace_days: values.Days = Field(
        TERMS.grace.days,
        description="How many days a subscription waits for its renewal to be paid, without calls, before it ends.",
    )
    quarantine_days: values.Days = Field(
        TERMS.quarantine.days, description="How many days a number rests after a subscription before it is free again."
    )
    recordings_kept_days: values.KeptDays = Field(
        TERMS.recordings_kept.days, description="How many days a recording is kept before its audio is deleted."
    )
    recording_cost: values.Credits = Field(
        Decimal(TERMS.recording_cost) / CREDIT,
        description="How many credits it costs to keep one recording for each 30 days that begin.",
    )
    public_url: values.PublicUrl = Field(
        None,
        description="Where customers reach the HTTP API, like `https://voice.example.com`, for links to recordings;"
        " the address of `http` if not set.",
    )
    smtp: values.Smtp = Field(
        None,
        repr=False,
        description="Where e-mail to customers is handed in: `smtp://HOST:PORT`,"
        " `smtp+starttls://USER:PASSWORD@HOST` or `smtps://USER:PASSWORD@HOST`.",
    )
    mail_from: values.MailAddress = Field(
        "offhook@localhost", description="The address that e-mail to customers comes from."
    )
    drain_s: values.DrainS = Field(
        60,
        description="How many seconds running calls may go on after SIGTERM, while new ones are refused with 503;"
        " a second signal ends them at once.",
    )
    announcements: values.Announcements = Field(
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
        path = config_path()
        try:
            return cls(**given)
        except tomllib.TOMLDecodeError as error:
            raise SetupError(f"{path} is not TOML: {error}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise SetupError(f"{path} cannot be read: {error}") from None
        except ValidationError as error:
            raise explain(error.errors(include_url=False)[0], cls.model_fields, given, path) from None

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
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=config_path())
