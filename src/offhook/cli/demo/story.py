"""The order of things in the demo; each of them is done by somebody else in this folder."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from offhook import logs
from offhook.cli import output
from offhook.cli.calling import Wish, place
from offhook.cli.demo.action_server import ActionServer, open_action_server
from offhook.cli.demo.callee import HEARD, Callee, open_callee
from offhook.cli.demo.customer import DINS, SUBSCRIPTIONS, Customer
from offhook.cli.demo.documents import credits_of, text_of
from offhook.cli.demo.narrator import Narrator
from offhook.cli.demo.node import LOG_FILE, Node, Operator, open_node
from offhook.cli.demo.scenes import GREETING, MINUTE_COST, Judge, Scene, scenes
from offhook.cli.documents import Document, read_event
from offhook.cli.errors import DemoFailed
from offhook.cli.files import make_folder
from offhook.cli.sip_words import words_of
from offhook.cli.sound_files import samples_of, save_wav
from offhook.cli.waterfall import waterfall

if TYPE_CHECKING:
    from rich.console import RenderableType

FOLDER = Path("demo-out")
TIMELINES = FOLDER / "timeline.txt"
COUNTRY = "JP"
NUMBERS = ("815012345670", "815012345671", "815012345672", "815012345673", "815012345674", "815012345675")
MONTHLY_COST = 650
CREDIT = 5000


@dataclass(frozen=True, slots=True)
class Heard:
    """What one side heard: a file, and a sentence about it."""

    file: Path
    evidence: str


@dataclass(frozen=True, slots=True)
class Played:
    """A scene that went well: what was heard, its call and timeline as the API shows them."""

    scene: Scene
    heard: Heard
    overheard: Heard | None
    message: Heard | None
    call: Document
    timeline: list[Document]


def play(*, as_json: bool) -> None:
    """Play the demo in the current folder; raises DemoFailed."""
    logs.configure("error", "console")
    make_folder(FOLDER)
    with (
        Narrator(as_json=as_json) as narrator,
        TemporaryDirectory(prefix="offhook-demo-") as folder,
        open_action_server() as server,
    ):
        operator = Operator(Path(folder))
        try:
            narrator.begin("somebody to be put through to: offhook phone")
            with open_callee(operator, GREETING) as callee:
                narrator.say(f"$ offhook phone --listen {callee.place} --say {GREETING!r} --save {HEARD}", "cyan")
                sid, token = _set_up(operator, callee.place, narrator)
                narrator.begin("the platform: offhook serve")
                with open_node(operator) as node:
                    narrator.say(f"HTTP {node.http}, SIP udp {node.sip.host}:{node.sip.port}")
                    played, ledger = _use(node, callee, Customer(node.http, sid, token), server, narrator)
                    _verify(operator, narrator)
        except DemoFailed:
            if (log := operator.folder / LOG_FILE).exists():
                copyfile(log, FOLDER / LOG_FILE)
            raise
        _save_timelines(played, ledger)
        files = [part.file for one in played for part in (one.heard, one.overheard, one.message) if part]
        narrator.say(f"saved: {', '.join(map(str, files))}, {TIMELINES}")
    print(json.dumps(_document(played, ledger), ensure_ascii=False, indent=2) if as_json else "demo: ok")


def _set_up(operator: Operator, callee: str, narrator: Narrator) -> tuple[str, str]:
    """Do what an operator does once; return the SID and token of the new account."""
    narrator.begin("the operator: a trunk, numbers, a tariff, an account with credit")
    rows = [f"{din},81,50,{MONTHLY_COST},{MINUTE_COST},demo" for din in NUMBERS]
    header = "din,country_code,prefix,monthly_cost,minute_cost,trunk"
    (operator.folder / "numbers.csv").write_text("\n".join([header, *rows, ""]))
    (operator.folder / "tariff.csv").write_text(f"prefix,minute_cost,name\n81,{MINUTE_COST},Japan\n")
    commands = (
        ("trunks", "add", "demo", "--source", "127.0.0.1/32", "--send", f"sip:{callee}"),
        ("numbers", "import", "numbers.csv"),
        ("tariffs", "import", "tariff.csv"),
        ("accounts", "create", "Demo", "--credit", str(CREDIT)),
    )
    printed: Document = {}
    for words in commands:
        narrator.say(f"$ offhook {' '.join(words)}", "cyan")
        printed = operator.run(*words)
    return text_of(printed, "sid"), text_of(printed, "token")


def _use(
    node: Node, callee: Callee, customer: Customer, server: ActionServer, narrator: Narrator
) -> tuple[list[Played], list[Document]]:
    """Do what a customer does, from the first search to the last cancellation."""
    customer.wait_until_ready()
    order = scenes(server.url)
    numbers = _subscribe(customer, server, order, narrator)
    played = [_play(*one, node, callee, customer, narrator) for one in zip(order, numbers, strict=True)]
    narrator.begin("the customer: gives the numbers back, which pays the subscriptions back")
    for number in numbers:
        customer.unsubscribe(text_of(number, "din_uid"))
        narrator.say(f"DELETE {SUBSCRIPTIONS}{text_of(number, 'din_uid')}/")
    ledger = customer.ledger()
    narrator.show(_table(ledger))
    expected = CREDIT - sum(scene.cost for scene in order)
    if customer.balance() != expected or credits_of(ledger[-1], "balance") != expected:
        raise DemoFailed(f"{expected} credits should be left, and the account has {customer.balance()}")
    return played, ledger


def _verify(operator: Operator, narrator: Narrator) -> None:
    """Let the operator prove the books, beside the running platform."""
    narrator.begin("the operator: the books")
    narrator.say("$ offhook ledger verify", "cyan")
    # Books that are wrong end the command, and so the demo, with what is wrong.
    audit = operator.run("ledger", "verify")
    totals = audit["totals"]
    assert isinstance(totals, dict)
    narrator.say(f"every rule holds over {totals['postings']} postings", "green")


def _subscribe(customer: Customer, server: ActionServer, order: Sequence[Scene], narrator: Narrator) -> list[Document]:
    """Take a number for each scene and let its calls ask the action server."""
    narrator.begin("the customer: the HTTP API")
    free = customer.search(COUNTRY)
    narrator.say(f"GET {DINS}?country={COUNTRY}: {len(free)} numbers are free")
    if len(free) != len(NUMBERS):
        raise DemoFailed(f"{len(NUMBERS)} numbers were imported, and {len(free)} are found")
    numbers = free[: len(order)]
    server.answers = {
        text_of(number, "din"): {"incoming": scene.answer, **scene.then}
        for number, scene in zip(numbers, order, strict=True)
    }
    for number in numbers:
        din_uid = text_of(number, "din_uid")
        customer.subscribe(din_uid)
        customer.set_action_url(din_uid, server.url)
        narrator.say(f"POST {SUBSCRIPTIONS} din_uid={din_uid}, then action_url={server.url}")
    return numbers


def _play(scene: Scene, number: Document, node: Node, callee: Callee, customer: Customer, narrator: Narrator) -> Played:
    """Call, listen, judge what was heard, and read what the platform wrote down."""
    din = text_of(number, "din")
    narrator.begin(f"a call: offhook dial {din} --from {scene.caller}")
    narrator.say(f"the action server will answer: {scene.answer}", "dim")
    for event, answer in scene.then.items():
        narrator.say(f"and when it hears of the {event}: {answer}", "dim")
    wish = Wish(din, scene.caller, node.sip, speech=scene.speech, press=scene.keys, seconds=scene.seconds)
    outcome = asyncio.run(place(wish, lambda happening: narrator.say(f"{happening.at_ms:8.1f} ms  {happening.text}")))
    if not outcome.is_answered:
        raise DemoFailed(f"{scene.name}: nobody answered ({outcome.status}: {words_of(outcome.status)})")
    heard = _judged(scene.name, outcome.heard, scene.hears)
    narrator.say(f"heard: {heard.evidence}", "green")
    overheard = None
    if scene.overhears is not None:
        overheard = _judged(f"{scene.name}-callee", callee.heard(), scene.overhears)
        narrator.say(f"the callee heard: {overheard.evidence}", "green")
    call = customer.call_of(scene.caller)
    message = None
    if scene.leaves is not None:
        message = _judged(f"{scene.name}-message", samples_of(customer.message_of(call)), scene.leaves)
        narrator.say(f"the message: {message.evidence}", "green")
    played = Played(scene, heard, overheard, message, call, customer.timeline(call))
    narrator.show(_portrait(played, narrator.width))
    return played


def _judged(name: str, sound: bytes, judge: Judge) -> Heard:
    file = FOLDER / f"{name}.wav"
    save_wav(file, sound)
    try:
        return Heard(file, judge(sound))
    except DemoFailed as error:
        raise DemoFailed(f"{name}: {error.sentence}", hint=f"listen to {file}") from None


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
        parts += [f"{one.scene.name}: {one.scene.answer}\nheard: {one.heard.evidence}"]
        parts += [f"the callee heard: {one.overheard.evidence}"] if one.overheard else []
        parts += [f"the message: {one.message.evidence}"] if one.message else []
        parts += [""]
        parts += [_portrait(one, output.UNBOUNDED), ""]
    TIMELINES.write_text(output.plain(*parts, _table(ledger)))


def _document(played: Sequence[Played], ledger: Sequence[Document]) -> Document:
    calls = [
        {
            **one.call,
            "answer": one.scene.answer,
            "heard": _shown(one.heard),
            "callee_heard": _shown(one.overheard),
            "message": _shown(one.message),
            "timeline": one.timeline,
        }
        for one in played
    ]
    return {"ok": True, "calls": calls, "ledger": list(ledger), "timelines": str(TIMELINES)}


def _shown(heard: Heard | None) -> Document | None:
    return None if heard is None else {"file": str(heard.file), "evidence": heard.evidence}
