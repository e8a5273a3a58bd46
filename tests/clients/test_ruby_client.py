"""The Ruby client: its own tests pass, its README runs, and what its Script writes is what the platform reads."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from api_house import SID, TOKEN, House, furnish, open_house, open_server
from offhook.actionserver.signature import sign
from offhook.language import Say, parse

GEM = Path(__file__).parents[2] / "clients" / "ruby"
BLOCKS = re.findall(r"^```ruby\n(.*?)^```", (GEM / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
LONGEST_RUN_S = 120
SECRET = "whsec_first"

pytestmark = pytest.mark.peers


def ruby(*arguments: str) -> str:
    """Run Ruby in the gem's folder, its warnings on, and return what it printed; errors and warnings fail."""
    done = subprocess.run(
        ["ruby", "-W", "-Ilib", "-Itest", *arguments],
        cwd=GEM,
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST_RUN_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    (tmp_path / "house").mkdir()
    with open_server() as server, open_house(server, furnish(tmp_path / "offhook.db"), tmp_path / "house") as opened:
        yield opened


def test_the_gem_passes_its_own_tests() -> None:
    told = ruby("test/all.rb")
    assert re.search(r"[1-9]\d+ runs, \d+ assertions, 0 failures, 0 errors, 0 skips", told), told


def test_the_gem_can_be_built_and_needs_nothing_else(tmp_path: Path) -> None:
    spec = "Gem::Specification.load('offhook.gemspec')"
    show = f"spec = {spec}; puts [spec.dependencies.size, spec.license, spec.files.sort].flatten"
    dependencies, licence, *files = ruby("-rrubygems", "-e", show).split()
    assert (dependencies, licence) == ("0", "MIT")
    assert {"LICENSE", "README.md", "lib/offhook.rb", "lib/offhook/client.rb"} <= set(files)
    built = tmp_path / "offhook.gem"
    subprocess.run(["gem", "build", "--silent", "offhook.gemspec", "-o", str(built)], cwd=GEM, check=True, timeout=60)
    home = tmp_path / "gems"
    install = ["gem", "install", "--silent", "--local", "--no-document", "--install-dir", str(home), str(built)]
    subprocess.run(install, cwd=tmp_path, check=True, timeout=60)
    show = "require 'offhook'; puts $LOADED_FEATURES.grep(/offhook/), Offhook::Script.new.hangup.text"
    alone = {**os.environ, "GEM_HOME": str(home), "GEM_PATH": str(home), "RUBYLIB": ""}
    command = ["ruby", "-W", "-e", show]
    done = subprocess.run(
        command, cwd=tmp_path, env=alone, capture_output=True, text=True, timeout=LONGEST_RUN_S, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    *loaded, said = done.stdout.splitlines()
    assert said == "hangup"
    assert len(loaded) > 15
    assert all(path.startswith(str(home)) for path in loaded)


def test_the_platform_understands_every_script_without_problems() -> None:
    samples = [json.loads(line) for line in ruby("test/script_samples.rb").strip().split("\n")]
    assert len(samples) > 50
    for sample in samples:
        parsed = parse(sample["text"].encode())
        assert parsed.problems == (), sample
        assert parsed.script is not None
        if sample["said"] is not None:
            [action] = parsed.script.actions
            assert isinstance(action, Say)
            assert action.text == sample["said"]


def test_the_platform_walks_through_the_example_of_an_action_server() -> None:
    serve = ["ruby", "-W", "-Ilib", "test/rack_app.rb", "examples/action_server.ru"]
    surroundings = os.environ | {"OFFHOOK_SECRET": SECRET}
    with subprocess.Popen(serve, cwd=GEM, env=surroundings, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = f"http://127.0.0.1:{int(server.stdout.readline())}/?shop=7"
            walk = [sys.executable, "-m", "offhook", "actions", "try", url, "--secret", SECRET, "--allow-private"]
            keys = ["--press", "1", "--transfer-status", "no-answer"]
            done = subprocess.run([*walk, *keys], capture_output=True, text=True, timeout=LONGEST_RUN_S, check=False)
        finally:
            server.terminate()
    assert done.returncode == 0, done.stdout + done.stderr
    for seen in ("press one", "transfer", "81355500123", "Please leave a message"):
        assert seen in done.stdout


def test_the_readme_shows_ruby() -> None:
    assert len(BLOCKS) >= 6


@pytest.mark.parametrize("block", BLOCKS, ids=[block.splitlines()[0] for block in BLOCKS])
def test_what_the_readme_shows_runs(house: House, tmp_path: Path, block: str) -> None:
    house.receive_call("call-1")
    access = ", ".join(map(json.dumps, (house.url, SID, TOKEN)))
    header = signed_event(b"{}") if "verify_event" in block else signed_request()
    shown = tmp_path / "shown.rb"
    shown.write_text(
        f"""
        require "offhook"
        require "stringio"
        client = Offhook::Client.new({access})
        secret = "{SECRET}"
        env = {{
          "HTTP_OFFHOOK_SIGNATURE" => "{header}",
          "QUERY_STRING" => "call_id=c1&event=incoming",
          "rack.input" => StringIO.new("{{}}")
        }}
        """
        + block.replace('"http://127.0.0.1:8080", "shop", "secret"', access),
        encoding="utf-8",
    )
    ruby("-W0", str(shown))


def signed_request() -> str:
    return sign([("call_id", "c1"), ("event", "incoming")], [SECRET], int(time.time()))


def signed_event(body: bytes) -> str:
    return sign([("body_sha256", sha256(body).hexdigest())], [SECRET], int(time.time()))
