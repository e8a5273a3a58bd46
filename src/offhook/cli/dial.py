"""`offhook dial`: our own phone calls a number and keeps what it hears."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.options import Json
from offhook.errors import SetupError

if TYPE_CHECKING:
    import asyncio

    from offhook.cli.calling import Outcome, Wish
    from offhook.cli.dialogue.scripts import Play
    from offhook.engine.net.happenings import Happening
    from offhook.engine.sip.outputs import Destination

LONGEST_USER = 64
_USER = re.compile(rf"[+0-9A-Za-z*._-]{{1,{LONGEST_USER}}}")
_DIGITS = re.compile(r"[0-9*#A-D]*")
# A node that listens everywhere is called at home.
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def dial(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Whom to call.")],
    caller: Annotated[str | None, typer.Option("--from", metavar="CALLER", help="Who calls.")] = None,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Withhold the caller's number.")] = False,
    to_sip: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="The gateway; this machine's platform if not given.")
    ] = None,
    wav: Annotated[Path | None, typer.Option(metavar="FILE", help="What we say: WAV, MP3, OGG or FLAC.")] = None,
    press: Annotated[str, typer.Option(metavar="DIGITS", help="Keys to press after the answer.")] = "",
    seconds: Annotated[float | None, typer.Option(min=0, metavar="N", help="Hang up so long after the answer.")] = None,
    save: Annotated[Path, typer.Option(metavar="FILE", help="Where to keep what is heard.")] = Path("heard.wav"),
    script: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What to do and to expect, a line each (docs/dialling.md); - for stdin."),
    ] = None,
    talk: Annotated[
        bool, typer.Option("--talk", help="Talk and listen on this computer's sound devices; type keys, q hangs up.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Call a number and save what is heard.

    What happens is told while it happens. Ctrl-C or SIGTERM hangs up. The exit status is 0 if the call was answered;
    with --script it is 0 if all of its lines passed.
    """
    import asyncio

    from offhook import logs
    from offhook.cli.calling import Wish
    from offhook.cli.sound_files import check_writable, read_speech, save_wav

    play = None
    if script is not None:
        _need_no_other_wish(
            {"--wav": wav is not None, "--press": bool(press), "--seconds": seconds is not None, "--talk": talk}
        )
        caller, anonymous, play = _prepare(script, caller, anonymous=anonymous)
    if (caller is None) is not anonymous:
        raise typer.BadParameter("say who calls with one of them", param_hint=["--from", "--anonymous"])
    if not _DIGITS.fullmatch(press):
        raise typer.BadParameter("keys are 0 to 9, *, # and A to D", param_hint="--press")
    check_writable(save)
    # Of the engine's own log nothing may come between the lines of a call.
    logs.configure("error", "console")
    wish = Wish(
        number=_spoken("NUMBER", number),
        caller="" if caller is None else _spoken("--from", caller),
        to=_destination(to_sip),
        speech=b"" if wav is None else read_speech(wav),
        press=press,
        seconds=seconds,
    )
    if play is not None:
        _follow(play, wish, save, as_json=as_json)
        return
    outcome = asyncio.run(_call(wish, _keep_quiet if as_json else _tell, talks=talk))
    if outcome.is_answered:
        save_wav(save, outcome.heard)
    if as_json:
        print(json.dumps(_document(wish, outcome, save), ensure_ascii=False, indent=2))
    else:
        _sum_up(outcome, save)
    if not outcome.is_answered:
        raise typer.Exit(1)


async def _call(wish: "Wish", tell: "Callable[[Happening], None]", *, talks: bool) -> "Outcome":
    from offhook.cli.calling import place

    hang_up = _interruption()
    if not talks:
        return await place(wish, tell, hang_up)
    from offhook.cli.talk.conversation import talking
    from offhook.cli.talk.portaudio import PortAudioDevice

    # Opened before anybody is called, who would hear nothing.
    device = PortAudioDevice()
    return await place(wish, tell, hang_up, joined=lambda media: talking(media, device, hang_up.set))


def _interruption() -> "asyncio.Event":
    """Return what Ctrl-C or SIGTERM sets from now on: it ends the call as a caller would, and keeps what was heard."""
    import asyncio
    import signal

    interrupted = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, interrupted.set)
    return interrupted


def _need_no_other_wish(given: dict[str, bool]) -> None:
    if options := [option for option, is_given in given.items() if is_given]:
        raise typer.BadParameter("with --script the script says it", param_hint=options)


def _prepare(path: Path, caller: str | None, *, anonymous: bool) -> "tuple[str | None, bool, Play]":
    """Read a script and make its sounds; return who calls (None: withheld if the flag says so) and what to do."""
    import asyncio

    from offhook.cli.dialogue.scripts import make_ready, read_script
    from offhook.language.dialogue import Side

    script = read_script(path, Side.CALLER)
    if script.caller is not None:
        if caller is not None or anonymous:
            raise typer.BadParameter("the script says who calls", param_hint=["--from", "--anonymous"])
        caller, anonymous = script.caller or None, not script.caller
    return caller, anonymous, asyncio.run(make_ready(script, path))


def _follow(play: "Play", wish: "Wish", save: Path, *, as_json: bool) -> None:
    """Call as a script says, and tell of each line."""
    import asyncio

    from offhook.cli.dialogue import report
    from offhook.cli.dialogue.dialling import Dialled, dial
    from offhook.cli.dialogue.parties import Outcome as LineOutcome
    from offhook.cli.sound_files import save_wav

    def tell(line: LineOutcome) -> None:
        if not as_json:
            typer.echo(report.line_of(line))

    async def follow() -> Dialled:
        return await dial(wish, play, tell, _interruption())

    dialled = asyncio.run(follow())
    if dialled.call.is_answered:
        save_wav(save, dialled.call.heard)
    if as_json:
        said = {"ok": dialled.is_fine, "lines": report.document_of(dialled.lines)}
        document = {**_document(wish, dialled.call, save), "script": said, "ladder": report.rungs_of(dialled.ladder)}
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        if not dialled.is_fine:
            print(report.draw_ladder(dialled.ladder))
        typer.echo(report.sum_up(dialled.lines))
    if not dialled.is_fine:
        raise typer.Exit(1)


def _spoken(name: str, user: str) -> str:
    """Return the user part of a SIP address as given; it goes into a header as it is."""
    if not _USER.fullmatch(user):
        raise typer.BadParameter(f"{user[:LONGEST_USER]!r} is no number that can be dialled", param_hint=name)
    return user


def _destination(given: str | None) -> "Destination":
    """Return the gateway's address, its name resolved; our own platform's if none was given."""
    from offhook.cli.places import read_place, resolve
    from offhook.config import Settings
    from offhook.engine.sip.outputs import Destination

    place = Settings.load().sip if given is None else read_place(given, "--to-sip")
    if not place.port:
        raise SetupError("port 0 is no place to call", hint="say where with --to-sip HOST:PORT")
    return Destination(resolve(_EVERYWHERE.get(place.host, place.host)), place.port)


def _tell(happening: "Happening") -> None:
    print(f"{happening.at_ms:9.1f} ms  {happening.text}", flush=True)


def _keep_quiet(_happening: "Happening") -> None:
    """With `--json` nothing is printed before the document."""


def _sum_up(outcome: "Outcome", save: Path) -> None:
    from offhook.cli.sip_words import words_of

    if not outcome.is_answered:
        status = "" if outcome.status is None else f" {outcome.status}:"
        typer.echo(typer.style("not answered:", fg="red", bold=True) + f"{status} {words_of(outcome.status)}", err=True)
        return
    if outcome.first_packet_ms is None:
        first = "no sound came"
    else:
        first = f"the first packet came {outcome.first_packet_ms:.0f} ms after the answer"
    print(f"answered after {outcome.answer_ms:.0f} ms; {first}")
    print(f"heard {outcome.heard_s:.1f} s in {outcome.packets} packets; saved in {save}")


def _document(wish: "Wish", outcome: "Outcome", save: Path) -> dict[str, object]:
    from offhook.cli.sip_words import words_of

    return {
        "number": wish.number,
        "caller": wish.caller,
        "to": f"{wish.to.host}:{wish.to.port}",
        "answered": outcome.is_answered,
        "status": outcome.status,
        "words": "answered" if outcome.is_answered else words_of(outcome.status),
        "answer_ms": outcome.answer_ms,
        "first_packet_ms": outcome.first_packet_ms,
        "heard_s": round(outcome.heard_s, 2),
        "packets": outcome.packets,
        "saved": str(save) if outcome.is_answered else None,
        "happenings": [{"at_ms": one.at_ms, "text": one.text} for one in outcome.happenings],
    }
