"""`offhook phone`: our own phone on the other end, which takes calls and tells what happens to them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.options import JsonLines

if TYPE_CHECKING:
    from offhook.config.values import HostPort
    from offhook.engine.net.happenings import Happening
    from offhook.engine.net.received_call import ReceivedCall

    Tell = Callable[[ReceivedCall, Happening], None]

LONGEST_RING_S = 3_600
DEFAULT_RING_S = 0.5
ANSWERED = 200


def phone(
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where calls are taken, UDP; with port 0 the system chooses.")
    ],
    answer_after: Annotated[
        float | None, typer.Option(metavar="S", help=f"Ring so long before the answer; {DEFAULT_RING_S} if not given.")
    ] = None,
    say: Annotated[str | None, typer.Option(metavar="TEXT", help="A text to read aloud after the answer.")] = None,
    language: Annotated[str, typer.Option(metavar="TAG", help="The language of the text.")] = "en",
    wav: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What we say after the answer: WAV, MP3, OGG or FLAC.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where to keep what callers say: call-1.wav and so on.")
    ] = None,
    busy: Annotated[bool, typer.Option("--busy", help="Refuse every call: 486.")] = False,
    ring: Annotated[bool, typer.Option("--ring", help="Ring for ever and never answer.")] = False,
    script: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What to do in each call, and to expect (docs/dialling.md); - for stdin."),
    ] = None,
    calls: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="End after so many calls; only with --script.")
    ] = None,
    as_json: JsonLines = False,
) -> None:
    """Take every call, and tell what happens to it.

    Any number of calls at once. It permits whoever calls, so let it listen only where you want to be called. Without
    --say or --wav it answers and is silent. Ctrl-C or SIGTERM hangs up all calls and ends it. With --script the exit
    status is 0 if all lines passed in all calls.
    """
    import asyncio

    from offhook import logs
    from offhook.cli.listening import take_calls
    from offhook.cli.places import read_place, resolve
    from offhook.config.values import HostPort
    from offhook.engine.net.manners import BUSY, Manners

    never = "--busy" if busy else "--ring" if ring else ""
    ways = {"--say": say is not None, "--wav": wav is not None, "--busy": busy, "--ring": ring}
    _need_one_wish({**ways, "--script": script is not None})
    place = read_place(listen, "--listen")
    if script is not None:
        _need_no_other_wish({"--answer-after": answer_after is not None, "--save": save is not None})
        _follow(script, HostPort(resolve(place.host), place.port), calls, as_json=as_json)
        return
    if calls is not None:
        raise typer.BadParameter("it ends after so many calls only with --script", param_hint="--calls")
    ready = _say_ready_in_json if as_json else _say_ready
    tell: Tell = _tell_in_json if as_json else _tell
    if save is not None:
        tell = _saving(tell, save, never)
    # Of the engine's own log nothing may come between the lines of the calls.
    logs.configure("error", "console")
    manners = Manners(
        answers_after_s=_ringing(answer_after, never),
        refusal=BUSY if busy else None,
        speech=_speech(say, language, wav),
    )
    here = HostPort(resolve(place.host), place.port)
    asyncio.run(take_calls(here, manners, ready=ready, tell=tell))


def _need_one_wish(given: dict[str, bool]) -> None:
    options = [option for option, is_given in given.items() if is_given]
    if len(options) > 1:
        raise typer.BadParameter("a call is taken in one of these ways", param_hint=options)


def _need_no_other_wish(given: dict[str, bool]) -> None:
    if options := [option for option, is_given in given.items() if is_given]:
        raise typer.BadParameter("with --script the script says it, and keeps nothing", param_hint=options)


def _follow(path: Path, here: "HostPort", calls: int | None, *, as_json: bool) -> None:
    """Take calls as a script says, and tell of each of its lines."""
    import asyncio

    from offhook import logs
    from offhook.cli.dialogue import report
    from offhook.cli.dialogue.parties import Outcome
    from offhook.cli.dialogue.scripts import make_ready, read_script
    from offhook.cli.dialogue.taking import Taken, take_calls
    from offhook.language.dialogue import Side

    def tell(call: "ReceivedCall", line: Outcome) -> None:
        if not as_json:
            typer.echo(f"call {call.place}, {_parties(call)}: {report.line_of(line)}")

    def end(taken: Taken) -> None:
        if as_json:
            document = {
                **_named(taken.call),
                "script": {"ok": taken.is_fine, "lines": report.document_of(taken.lines)},
                "ladder": report.rungs_of(taken.ladder),
            }
            print(json.dumps(document), flush=True)
            return
        if not taken.is_fine:
            print(report.draw_ladder(taken.ladder))
        typer.echo(f"call {taken.call.place}, {_parties(taken.call)}: {report.sum_up(taken.lines)}")

    script = read_script(path, Side.CALLED)
    play = asyncio.run(make_ready(script, path))
    logs.configure("error", "console")
    ready = _say_ready_in_json if as_json else _say_ready
    if not asyncio.run(take_calls(here, play, calls=calls, ready=ready, tell=tell, end=end)):
        raise typer.Exit(1)


def _ringing(answer_after: float | None, never: str) -> float | None:
    """Return after how many seconds a call is answered, None for never."""
    if never and answer_after is not None:
        raise typer.BadParameter("who never answers has no time for it", param_hint=["--answer-after", never])
    if never:
        return None
    if answer_after is None:
        return DEFAULT_RING_S
    # Written so that it keeps out what is no number (NaN) too.
    if not 0 <= answer_after <= LONGEST_RING_S:
        raise typer.BadParameter(f"it is 0 to {LONGEST_RING_S} seconds", param_hint="--answer-after")
    return answer_after


def _speech(text: str | None, language: str, wav: Path | None) -> bytes:
    import asyncio

    from offhook.cli.sound_files import read_speech
    from offhook.serve import studio

    if wav is not None:
        return read_speech(wav)
    if text is None:
        return b""
    if not text.strip():
        raise typer.BadParameter("there is nothing to say", param_hint="--say")
    return asyncio.run(studio.speak(language, text))


def _saving(tell: "Tell", folder: Path, never: str) -> "Tell":
    """Return what tells the same, and saves what was heard in a call when that is over."""
    from offhook.cli.files import make_folder
    from offhook.cli.sound_files import check_writable, save_wav
    from offhook.engine.net.happenings import Happening

    if never:
        raise typer.BadParameter("who never answers hears nothing", param_hint=["--save", never])
    make_folder(folder)
    check_writable(folder / "call-1.wav")

    def tell_and_save(call: "ReceivedCall", happening: Happening) -> None:
        tell(call, happening)
        is_over = call.ended.is_set() and happening is call.happenings[-1]
        if is_over and call.status == ANSWERED:
            file = folder / f"call-{call.place}.wav"
            save_wav(file, call.media.heard())
            tell(call, Happening(happening.at_ms, f"saved in {file}"))

    return tell_and_save


def _say_ready(here: "HostPort") -> None:
    print(f"listening on {here}", flush=True)


def _say_ready_in_json(here: "HostPort") -> None:
    print(json.dumps({"listening": str(here)}), flush=True)


def _tell(call: "ReceivedCall", happening: "Happening") -> None:
    print(f"{happening.at_ms:9.1f} ms  call {call.place}, {_parties(call)}: {happening.text}", flush=True)


def _tell_in_json(call: "ReceivedCall", happening: "Happening") -> None:
    document = {**_named(call), "at_ms": happening.at_ms, "text": happening.text}
    # What a stranger wrote need not be a character at all, so nothing but ASCII is written.
    print(json.dumps(document), flush=True)


def _parties(call: "ReceivedCall") -> str:
    from offhook.cli.output import legible

    caller = "a withheld number" if call.is_anonymous else call.caller
    return legible(f"{caller} to {call.number}")


def _named(call: "ReceivedCall") -> dict[str, object]:
    """Return what tells a call from others."""
    return {
        "call": call.place,
        "caller": None if call.is_anonymous else call.caller,
        "number": call.number,
    }
