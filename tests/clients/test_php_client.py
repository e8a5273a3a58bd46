"""The PHP client: its own tests, its README as a reader would run it, and its scripts read by the language itself."""

import json
import os
import random
import re
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from answers import script_of
from api_house import BEGIN, NODE, SID, TOKEN, House, Looks, furnish, open_house, open_server
from offhook.domain.calls import Arrival, Caller
from offhook.domain.recordings import path_of
from offhook.language.script import CallerId, Gather, Pause, Playback, Say, Transfer, Voicemail
from offhook.service import desk, recordings
from soundfiles import sine, wav

PACKAGE = Path(__file__).parents[2] / "clients" / "php"
RECORDING = f"{1:032x}"
SOUND = wav(sine(440, 3.0, 8_000).tobytes())
LIMIT_S = 120

pytestmark = pytest.mark.peers


def run(*command: str, given: str = "", **environment: str) -> str:
    """What a PHP program prints that ends well and says nothing on stderr."""
    ran = subprocess.run(
        ["php", "-d", "display_errors=stderr", *command],
        input=given,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    return ran.stdout


def here(house: House) -> dict[str, str]:
    """What the environment says to a program that is to ask this house."""
    return {"OFFHOOK_URL": house.url, "OFFHOOK_SID": SID, "OFFHOOK_TOKEN": TOKEN, "OFFHOOK_SECRET": ""}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[House]:
    furnished = furnish(tmp_path / "furnished.db")
    with open_server() as server, open_house(server, furnished, tmp_path, diagnoses=Looks()) as house:
        yield house


def test_its_own_tests_pass_with_curl_and_without() -> None:
    # With curl there both transports are tried by all; without it only what a client does by itself.
    for without, which in (("", ()), ("curl_init", ("client:", "errors:", "examples:"))):
        printed = run("-d", f"disable_functions={without}", str(PACKAGE / "tests" / "run.php"), *which)
        assert re.fullmatch(r"\d{2,} passed, 0 failed\n", printed)


def test_composer_finds_every_class_where_the_package_says() -> None:
    package = json.loads((PACKAGE / "composer.json").read_text("utf-8"))
    assert {"name", "description", "license", "require", "autoload"} <= package.keys()
    assert re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+", package["name"])
    assert (package["license"], list(package["require"])) == ("MIT", ["php"])
    assert (PACKAGE / "LICENSE").read_text("utf-8").startswith("MIT License")
    [(prefix, folder)] = package["autoload"]["psr-4"].items()
    sources = sorted((PACKAGE / folder).rglob("*.php"))
    assert len(sources) > 40
    for path in sources:
        source = path.read_text("utf-8")
        [namespace] = re.findall(r"^namespace (\S+);", source, re.MULTILINE)
        [name] = re.findall(
            r"^(?:(?:final|abstract|readonly) )*(?:class|interface|trait|enum) (\w+)", source, re.MULTILINE
        )
        within = (PACKAGE / folder).joinpath(*f"{namespace}\\".removeprefix(prefix).split("\\"), f"{name}.php")
        assert within == path


def test_its_readme_runs(shop: House, tmp_path: Path) -> None:
    blocks = re.findall(r"^```php\n(.*?)^```", (PACKAGE / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    program = tmp_path / "readme.php"
    program.write_text(f"<?php\nrequire '{PACKAGE}/autoload.php';\n{''.join(blocks)}", "utf-8")
    printed = run(str(program), **here(shop))
    assert printed.splitlines() == [
        "815012345678 costs 650 for 30 days",
        "There is no such field.",
        "350",
        'gather say en "Welcome to \\"Shop\\".\\nFor the office press one." digits=1 timeout=8',
        "transfer +81-3-5550-0123,+81-3-5550-0124 ring=20",
        'voicemail say en "Nobody is here." max=120 next=self',
        "There is no Offhook-Signature. Has the account a secret? Does a proxy drop the header?",
    ]
    [mine] = shop.get("/voice/dins/subscriptions/").json()
    assert (mine["action_url"], mine["fallback_url"]) == ("https://shop.example/calls", None)


def test_its_example_finds_and_subscribes_a_number(shop: House) -> None:
    example = str(PACKAGE / "examples" / "search_and_subscribe.php")
    assert run(example, "8150", "https://shop.example/", **here(shop)).startswith("+815012345678 is yours")
    [mine] = shop.get("/voice/dins/subscriptions/").json()
    assert script_of(mine["default_action"]).actions[0] == Say(
        "en", "We cannot be reached at the moment. Please call again later."
    )


def test_every_method_is_answered_by_a_real_server(shop: House, tmp_path: Path) -> None:
    shop.subscribe()
    record(shop, tmp_path)
    arrival = Arrival("now", BEGIN, "carrier", "192.0.2.1", ("+815012345678",), Caller("819012345678", "819012345678"))
    shop.database.write_now(partial(desk.admit, arrival=arrival, now=BEGIN, node=NODE))
    what = {"OFFHOOK_CALL": "now", "OFFHOOK_RECORDING": RECORDING}
    said = json.loads(run(str(PACKAGE / "tests" / "whole_api.php"), **here(shop), **what))
    source = "".join(path.read_text("utf-8") for path in PACKAGE.glob("src/Methods/*.php"))
    methods = re.findall(r"^    public function (\w+)", source, re.MULTILINE)
    assert set(methods) - set(said) == {"getDinList"}
    assert said["getReservationList"][0]["din_uid"] == said["releaseDin"]["din_uid"]
    assert (said["setActionUrl"]["action_url"], said["setUrls"]["action_url"]) == ("https://shop.example/", None)
    assert (said["getDiagnosis"]["din_uid"], said["getDiagnosis"]["verdict"]) == (said["releaseDin"]["din_uid"], "good")
    assert said["getRules"] == said["setRules"]
    assert said["previewRules"]["at"] == "2026-01-01T00:00:00Z"
    assert {call["call_id"] for call in said["getCallList"]} == {"call-0", "now"}
    assert said["getCommand"] == said["directCall"]
    assert said["hangUpCall"]["action"] is None
    assert [one["recording_uid"] for one in said["getRecordingList"]] == [RECORDING]
    assert said["markRecording"]["heard"] is True
    assert bytes.fromhex(said["getRecordingAudio"][0]) == b"RIFF"
    assert said["getSigning"]["sign_origins"] == ["https://api.example.com"]
    assert (said["getSigning"]["signed"], said["removeSigningSecret"]["signed"]) == (True, False)
    assert {day["din"]: day["calls"] for day in said["getUsage"]}["815012345678"] == 2


def record(shop: House, folder: Path) -> None:
    """Let a call leave a message."""
    shop.receive_call("call-0")
    place = path_of(RECORDING, BEGIN)
    (folder / place).parent.mkdir(parents=True)
    (folder / place).write_bytes(SOUND)
    begin = partial(recordings.begin, uid=RECORDING, call_id="call-0", path=place, now=BEGIN, node=NODE)
    shop.database.write_now(begin)
    shop.database.write_now(partial(recordings.store, uid=RECORDING, seconds=2.5, size=len(SOUND), now=BEGIN))


def test_whatever_a_text_holds_the_language_reads_what_was_meant() -> None:
    chance = random.Random(7)
    signs = [*"\"\\\n\r\x1bn #=<'“\u3000\u202e\u200dあ😀", "&quot;", "loop=9"]
    texts = ["".join(chance.choices(signs, k=chance.randrange(1, 12))) for _ in range(500)]
    scripts = json.loads(run(str(PACKAGE / "tests" / "write_scripts.php"), given=json.dumps(texts)))
    assert len(scripts) == len(texts)
    for text, script in zip(texts, scripts, strict=True):
        meant = re.sub("\r\n?", "\n", text).replace("\x1b", " ")
        if not meant.strip():
            assert script == {"problem": "missing-argument"}
            continue
        assert script_of(script).actions == (
            Say("en", meant, 2, "alice"),
            Playback("https://例え.example:8080/a?b=c&d=%20#e", 100),
            Pause(60),
            Transfer(("81355500123", "4930123456"), 5, 14400, CallerId.CALLER, confirm=True),
            Voicemail(Say("ja", meant), 1),
            Gather(Say("en-gb", meant, 3), 1, 60, "*", "self"),
        )
