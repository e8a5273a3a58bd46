"""`offhook serve`: run the platform."""

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

import offhook
from offhook.cli.options import Json

if TYPE_CHECKING:
    from offhook.serve.house import House


def serve(
    http: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Where the HTTP API listens.")] = None,
    sip: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Where SIP is received, UDP.")] = None,
    rtp_ports: Annotated[str | None, typer.Option(metavar="A-B", help="The UDP ports for audio.")] = None,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="The database: sqlite:///FILE or postgresql://...")
    ] = None,
    allow_addresses: Annotated[
        list[str] | None,
        typer.Option(metavar="CIDR...", help="Networks, normally refused, where action servers may live all the same."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run the platform until SIGTERM or Ctrl-C.

    Each option may also stand in the environment (OFFHOOK_HTTP, OFFHOOK_SIP, OFFHOOK_RTP_PORTS, OFFHOOK_DATABASE,
    OFFHOOK_ALLOW_ADDRESSES) or in offhook.toml. A database that is new is created. With --json where the node is
    reached is printed as JSON, and so is the log.
    """
    from offhook.config import Settings
    from offhook.serve import last_start
    from offhook.serve.running import run

    options = {
        "http": http,
        "sip": sip,
        "rtp_ports": rtp_ports,
        "allow_addresses": ",".join(allow_addresses) if allow_addresses else None,
    }
    settings = Settings.load(**options, database=database, log_format="json" if as_json else None)

    def ready(house: "House") -> None:
        last_start.keep(settings.data_folder, options)
        (_say_ready_in_json if as_json else _say_ready)(house)

    def stopping(house: "House") -> None:
        last_start.forget(settings.data_folder)
        (_say_stopping_in_json if as_json else _say_stopping)(house)

    run(settings, ready=ready, stopping=stopping)


def _say_ready(house: "House") -> None:
    print(f"Offhook {offhook.__version__} is ready")
    print(f"  SIP   udp {house.sip}")
    print(f"  HTTP  {house.http}  (docs: {house.http}/docs)", flush=True)


def _say_ready_in_json(house: "House") -> None:
    # One line, so that whoever started us need not guess where the document ends.
    print(json.dumps({"version": offhook.__version__, "sip": house.sip, "http": house.http}), flush=True)


def _say_stopping(house: "House") -> None:
    count = house.switchboard.calls
    if count and house.drain_s:
        calls = "1 call may" if count == 1 else f"{count} calls may"
        text = f"{calls} go on for {house.drain_s} s; stop again to end {'it' if count == 1 else 'them'} now"
    else:
        text = f"{count} {'call ends' if count == 1 else 'calls end'} now"
    print(f"stopping; {text}", file=sys.stderr)


def _say_stopping_in_json(house: "House") -> None:
    print(
        json.dumps({"event": "stopping", "calls": house.switchboard.calls, "drain_s": house.drain_s}), file=sys.stderr
    )
