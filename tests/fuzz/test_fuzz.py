"""The seeds of every target are read, the fuzzer itself finds what is wrong, and a short search finds nothing."""

import os
import re
import subprocess
import sys
from itertools import islice
from pathlib import Path
from random import Random
from time import process_time

import pytest

from fuzz.mutation import REPEATS, inputs
from fuzz.targets import CORPUS, TARGETS, Target
from fuzz.watch import LIMIT_S, TooSlow, Watch, seeds

ROOT = Path(__file__).parents[2]


def test_every_target_has_seeds_and_every_folder_of_seeds_a_target() -> None:
    assert sorted(folder.name for folder in CORPUS.iterdir()) == sorted(TARGETS)
    for name, target in TARGETS.items():
        assert seeds(name, target)
        assert all(len(seed) <= target.largest for seed in seeds(name, target))
        assert target.words


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_and_the_first_changes_of_it_are_read_as_documented(name: str) -> None:
    target = TARGETS[name]
    watch = Watch(target)
    found = seeds(name, target)
    for data in islice(inputs(found, target.words, target.largest, Random(7)), len(found) + 150):
        watch(data)
    assert watch.runs == len(found) + 150


def test_the_same_seed_of_chance_makes_the_same_inputs_and_none_is_too_large() -> None:
    first, again, other = (
        list(islice(inputs([b"one\ntwo\n", b"three"], [b"word"], 500, Random(number)), 400)) for number in (1, 1, 2)
    )
    assert first == again != other
    assert first[:2] == [b"one\ntwo\n", b"three"]
    assert max(map(len, first)) == 500 < max(REPEATS)
    assert len(set(first)) > 300


def test_what_is_not_documented_is_a_finding() -> None:
    def read(data: bytes) -> None:
        if b"(" in data:
            raise LookupError
        raise ValueError

    watch = Watch(Target(read, (ValueError,)))
    watch(b"fine")
    data = next(data for data in inputs([b"seed"], [b"("], 100, Random(1)) if b"(" in data)
    with pytest.raises(LookupError):
        watch(data)


def test_what_costs_too_much_is_a_finding_when_it_does_so_again() -> None:
    def burn() -> None:
        began = process_time()
        while process_time() - began < 1.2 * LIMIT_S:
            pass

    calls = []

    def read(data: bytes) -> None:
        calls.append(data)
        if data == b"always" or len(calls) == 1:
            burn()

    watch = Watch(Target(read))
    watch(b"once")
    assert watch.slowest_s < LIMIT_S
    with pytest.raises(TooSlow, match="ms of CPU for 6 bytes that begin with b'always'"):
        watch(b"always")
    assert watch.summary("it", "a test").startswith("it: 2 inputs with a test, slowest 1")


def test_the_lock_asks_for_atheris_only_where_there_is_a_wheel() -> None:
    """The tool that writes the lock loses the marker of pyproject.toml, and other machines could install nothing."""
    [wished] = re.findall(r"'atheris[^;']*; ([^']+)'", (ROOT / "pyproject.toml").read_text())
    [locked] = re.findall(r"^atheris==\S+ ; (.+?) \\$", (ROOT / "requirements-dev.lock").read_text(), re.MULTILINE)
    assert locked == wished


def test_a_target_that_does_not_exist_is_refused() -> None:
    done = _fuzz("nonsense")
    assert done.returncode == 2
    assert "there is no target nonsense; there are actions, " in done.stderr


def test_one_input_is_replayed() -> None:
    done = _fuzz("uri", "--replay", str(CORPUS / "uri" / "sip"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("uri: 1 inputs with one file, slowest ")


# Two targets at a time; `scripts/fuzz` searches for as long as it is told to.
@pytest.mark.peers
def test_a_search_of_some_seconds_finds_nothing_in_any_target() -> None:
    done = _fuzz("--seconds", "4")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall(r"^[a-z-]+: [0-9,]+ inputs with ", done.stdout, re.MULTILINE)) == len(TARGETS)


def _fuzz(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the fuzzer as `scripts/fuzz` does."""
    path = ":".join(str(ROOT / folder) for folder in ("src", "tests"))
    command = [sys.executable, "-m", "fuzz", *arguments]
    environment = {"PYTHONPATH": path, "PATH": os.environ["PATH"]}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
