"""The order of things in the demo; each of them is done by somebody else in this folder."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from offhook import logs
from offhook.cli import output
from offhook.cli.calling import Wish, place
from offhook.cli.demo.action_server import MELODY_PATH, ActionServer, open_action_server
from offhook.cli.demo.callee import open_callee
from offhook.cli.demo.customer import DINS, SUBSCRIPTIONS, Customer
from offhook.cli.demo.documents import credits_of, text_of
from offhook.cli.demo.ear import hear_melody, hear_speech
from offhook.cli.demo.melody import MELODY
from offhook.cli.demo.narrator import Narrator
from offhook.cli.demo.node import LOG_FILE, Node, Operator, open_node
from offhook.cli.documents import Document, read_event
from offhook.cli.errors import DemoFailed, FileUnusable
from offhook.cli.sip_words import words_of
from offhook.cli.sound_files import save_wav
from offhook.cli.waterfall import waterfall
from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import to_linear16
from offhook.serve import studio

if TYPE_CHECKING:
    from rich.console import RenderableType

FOLDER = Path("demo-out")
TIMELINES = FOLDER / "timeline.txt"
COUNTRY = "JP"
FRIEND = "81312345678"
NUMBERS = ("815012345670", "815012345671", "815012345672", "815012345673")
MONTHLY_COST = 650
MINUTE_COST = 1
CREDIT = 5000
LONGEST_CALL_S = 20.0
TALK_S = 10
SENTENCE = "Hello! This call was answered by Offhook. It asked a web server what to do, and was told to say this."

GREETING = "Hello, this is the callee. You were put through to me, and I hear you now."


@dataclass(frozen=True, slots=True)
class Scene:
    """One call: who calls, what the action server answers, who judges what was heard (linear, 8 kHz), what it costs."""

    name: str
    caller: str
    answer: str
    judge: Callable[[bytes], str]
    cost: int = MINUTE_COST


@dataclass(frozen=True, slots=True)
class Played:
    """A scene that went well: its sound in a file, its call and timeline as the API shows them."""

    scene: Scene
    file: Path
    evidence: str
    call: Document
    timeline: list[Document]


def play(*, as_json: bool) -> None:
    """Play the demo in the current folder; raises DemoFailed."""
    logs.configure("error", "console")
    _make_folder()
    with (
        Narrator(as_json=as_json) as narrator,
        TemporaryDirectory(prefix="offhook-demo-") as folder,
        open_action_server() as server,
    ):
        operator = Operator(Path(folder))
        try:
            narrator.begin("somebody to be put through to: offhook phone")
            with open_callee(operator, GREETING) as callee:
                narrator.say(f"$ offhook phone --listen {callee} --say {GREETING!r}", "cyan")
                sid, token = _set_up(operator, callee, narrator)
                narrator.begin("the platform: offhook serve")
                with open_node(operator) as node:
                    narrator.say(f"HTTP {node.http}, SIP udp {node.sip.host}:{node.sip.port}")
                    played, ledger = _use(node, Customer(node.http, sid, token), server, narrator)
        except DemoFailed:
            if (log := operator.folder / LOG_FILE).exists():
                copyfile(log, FOLDER / LOG_FILE)
            raise
        _save_timelines(played, ledger)
        narrator.say(f"saved: {', '.join(str(one.file) for one in played)}, {TIMELINES}")
    print(json.dumps(_document(played, ledger), ensure_ascii=False, indent=2) if as_json else "demo: ok")


def _make_folder() -> None:
    try:
        FOLDER.mkdir(exist_ok=True)
    except OSError as error:
        raise FileUnusable("file", f"the folder {FOLDER} cannot be made here: {error.strerror}") from None


def _set_up(operator: Operator, callee: str, narrator: Narrator) -> tuple[str, str]:
    """Do what an operator does once; return the SID and token of the new account."""
    narrator.begin("the operator: a trunk, numbers, an account with credit")
    rows = [f"{din},81,50,{MONTHLY_COST},{MINUTE_COST},demo" for din in NUMBERS]
    header = "din,country_code,prefix,monthly_cost,minute_cost,trunk"
    (operator.folder / "numbers.csv").write_text("\n".join([header, *rows, ""]))
    commands = (
        ("trunks", "add", "demo", "--source", "127.0.0.1/32", "--send", f"sip:{callee}"),
        ("numbers", "import", "numbers.csv"),
        ("accounts", "create", "Demo", "--credit", str(CREDIT)),
    )
    printed: Document = {}
    for words in commands:
        narrator.say(f"$ offhook {' '.join(words)}", "cyan")
        printed = operator.run(*words)
    return text_of(printed, "sid"), text_of(printed, "token")


def _use(
    node: Node, customer: Customer, server: ActionServer, narrator: Narrator
) -> tuple[list[Played], list[Document]]:
    """Do what a customer does, from the first search to the last cancellation."""
    customer.wait_until_ready()
    scenes = _scenes(server)
    numbers = _subscribe(customer, server, scenes, narrator)
    played = [_play(scene, number, node, customer, narrator) for scene, number in zip(scenes, numbers, strict=True)]
    narrator.begin("the customer: gives the numbers back, which pays the subscriptions back")
    for number in numbers:
        customer.unsubscribe(text_of(number, "din_uid"))
        narrator.say(f"DELETE {SUBSCRIPTIONS}{text_of(number, 'din_uid')}/")
    ledger = customer.ledger()
    narrator.show(_table(ledger))
    expected = CREDIT - sum(scene.cost for scene in scenes)
    if customer.balance() != expected or credits_of(ledger[-1], "balance") != expected:
        raise DemoFailed(f"{expected} credits should be left, and the account has {customer.balance()}")
    return played, ledger


def _scenes(server: ActionServer) -> tuple[Scene, ...]:
    # The platform's own voice, asked here once more: what comes over the wire must be like it.
    said, greeting = (to_linear16(asyncio.run(studio.speak("en", text)), Codec.PCMU) for text in (SENTENCE, GREETING))
    return (
        Scene("say", "819011110001", f'say en "{SENTENCE}"', partial(hear_speech, expected=said)),
        Scene("playback", "819011110002", f"playback {server.url}{MELODY_PATH}", partial(hear_melody, melody=MELODY)),
        # Both legs cost their own minute.
        Scene(
            "transfer",
            "819011110003",
            f"transfer {FRIEND} max={TALK_S}",
            partial(hear_speech, expected=greeting),
            2 * MINUTE_COST,
        ),
    )


def _subscribe(customer: Customer, server: ActionServer, scenes: Sequence[Scene], narrator: Narrator) -> list[Document]:
    """Take a number for each scene and let its calls ask the action server."""
    narrator.begin("the customer: the HTTP API")
    free = customer.search(COUNTRY)
    narrator.say(f"GET {DINS}?country={COUNTRY}: {len(free)} numbers are free")
    if len(free) != len(NUMBERS):
        raise DemoFailed(f"{len(NUMBERS)} numbers were imported, and {len(free)} are found")
    numbers = free[: len(scenes)]
    server.answers = {text_of(number, "din"): scene.answer for number, scene in zip(numbers, scenes, strict=True)}
    for number in numbers:
        din_uid = text_of(number, "din_uid")
        customer.subscribe(din_uid)
        customer.set_action_url(din_uid, server.url)
        narrator.say(f"POST {SUBSCRIPTIONS} din_uid={din_uid}, then action_url={server.url}")
    return numbers


def _play(scene: Scene, number: Document, node: Node, customer: Customer, narrator: Narrator) -> Played:
    """Call, listen, judge what was heard, and read what the platform wrote down."""
    din = text_of(number, "din")
    narrator.begin(f"a call: offhook dial {din} --from {scene.caller}")
    narrator.say(f"the action server will answer: {scene.answer}", "dim")
    wish = Wish(din, scene.caller, node.sip, seconds=LONGEST_CALL_S)
    outcome = asyncio.run(place(wish, lambda happening: narrator.say(f"{happening.at_ms:8.1f} ms  {happening.text}")))
    if not outcome.is_answered:
        raise DemoFailed(f"{scene.name}: nobody answered ({outcome.status}: {words_of(outcome.status)})")
    file = FOLDER / f"{scene.name}.wav"
    save_wav(file, outcome.heard)
    call = customer.call_of(scene.caller)
    played = Played(scene, file, _judge(scene, outcome.heard), call, customer.timeline(call))
    narrator.say(f"heard: {played.evidence}", "green")
    narrator.show(_portrait(played, narrator.width))
    return played


def _judge(scene: Scene, heard: bytes) -> str:
    try:
        return scene.judge(heard)
    except DemoFailed as error:
        raise DemoFailed(f"{scene.name}: {error.sentence}", hint=f"listen to {FOLDER / scene.name}.wav") from None


def _portrait(played: Played, width: int) -> "RenderableType":
    return waterfall([read_event(event) for event in played.timeline], width)


def _table(ledger: Sequence[Document]) -> "RenderableType":
    columns = ("at", "kind", "amount", "balance", "number", "text")
    fields = ("at", "kind", "amount", "balance", "din", "text")
    rows = [["" if posting[field] is None else str(posting[field]) for field in fields] for posting in ledger]
    return output.table(columns, rows, right=("amount", "balance"))


def _save_timelines(played: Sequence[Played], ledger: Sequence[Document]) -> None:
    parts: list[RenderableType] = []
    for one in played:
        parts += [f"{one.scene.name}: {one.scene.answer}\nheard: {one.evidence}\n"]
        parts += [_portrait(one, output.UNBOUNDED), ""]
    TIMELINES.write_text(output.plain(*parts, _table(ledger)))


def _document(played: Sequence[Played], ledger: Sequence[Document]) -> Document:
    calls = [
        {
            **one.call,
            "answer": one.scene.answer,
            "heard": one.evidence,
            "file": str(one.file),
            "timeline": one.timeline,
        }
        for one in played
    ]
    return {"ok": True, "calls": calls, "ledger": list(ledger), "timelines": str(TIMELINES)}
