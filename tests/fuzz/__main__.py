"""Fuzz what reads bytes of strangers: python -m fuzz [TARGET ...] [--seconds N].

With `atheris` the search is guided by coverage; where it is not installed, seeds are changed by chance.
Each target runs in a process of its own, two at a time. An input that fails is kept in `fuzz-out`.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from random import Random
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fuzz.watch import Watch

FOUND = Path("fuzz-out")
PROCESSES = 2
ENGINES = ("atheris", "mutation")


def main() -> int:
    """Return how the process should end: 1 when something was found."""
    wish = _wish()
    if wish.alone:
        return _alone(wish)
    if wish.replay:
        return _replay(wish)
    names = wish.targets or _names()
    with ThreadPoolExecutor(PROCESSES) as pool:
        statuses = list(pool.map(lambda name: _in_a_process(name, wish), names))
    if any(statuses):
        print(f"what failed stands above; the inputs are in {FOUND}, try them with: scripts/fuzz TARGET --replay FILE")
    return int(any(statuses))


def _wish() -> argparse.Namespace:
    described = __doc__.partition("\n")[0] if __doc__ else None
    parser = argparse.ArgumentParser("fuzz", description=described)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"one of {', '.join(_names())}; all without one")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each target runs (10)")
    parser.add_argument("--seed", type=int, default=1, help="where chance begins (1)")
    parser.add_argument("--engine", choices=ENGINES, default=_best_engine(), help="how inputs are made (%(default)s)")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run one input through one target, and stop")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    wish = parser.parse_args()
    for name in wish.targets:
        if name not in _names():
            parser.error(f"there is no target {name}; there are {', '.join(_names())}")
    if wish.replay and len(wish.targets) != 1:
        parser.error("--replay needs the one target that reads the file")
    return wish


def _names() -> list[str]:
    # Of the folders, not of the table: code that is imported before the instruments stays without them.
    return sorted(folder.name for folder in Path(__file__).with_name("corpus").iterdir())


def _best_engine() -> str:
    return "atheris" if find_spec("atheris") else "mutation"


def _in_a_process(name: str, wish: argparse.Namespace) -> int:
    told = [f"--{option}={getattr(wish, option)}" for option in ("seconds", "seed", "engine")]
    command = [sys.executable, "-m", "fuzz", name, "--alone", *told]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(done.stdout if done.returncode == 0 else f"{name} FAILED\n{done.stdout}{done.stderr}", end="", flush=True)
    return done.returncode


def _alone(wish: argparse.Namespace) -> int:
    [name] = wish.targets
    if wish.engine == "atheris":
        _guided(name, wish.seconds, wish.seed)
    else:
        _by_chance(name, wish.seconds, wish.seed)
    return 0


def _by_chance(name: str, seconds: float, seed: int) -> None:
    from fuzz.mutation import inputs
    from fuzz.targets import TARGETS
    from fuzz.watch import Watch, seeds

    target = TARGETS[name]
    watch = Watch(target)
    until = monotonic() + seconds
    for data in inputs(seeds(name, target), target.words, target.largest, Random(seed)):
        _keep_what_fails(name, watch, data)
        if monotonic() > until:
            break
    print(watch.summary(name, "mutation"))


def _guided(name: str, seconds: float, seed: int) -> None:
    """Let atheris search until the time is over."""
    import atheris

    with atheris.instrument_imports(include=["offhook"]):
        from fuzz.targets import TARGETS
        from fuzz.watch import Watch, seeds
    target = TARGETS[name]
    watch = Watch(target)
    until = monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        corpus, words = Path(folder, "corpus"), Path(folder, "words")
        corpus.mkdir()
        for number, data in enumerate(seeds(name, target)):
            (corpus / str(number)).write_bytes(data[: target.largest])
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words))

        def run(data: bytes) -> None:
            _keep_what_fails(name, watch, data)
            if monotonic() > until:
                print(watch.summary(name, "atheris"), flush=True)
                shutil.rmtree(folder)
                # libFuzzer takes any other end of the process for a crash.
                os._exit(0)

        options = [f"-seed={seed}", f"-max_len={target.largest}", f"-dict={words}", f"-artifact_prefix={folder}/"]
        atheris.Setup([sys.argv[0], *options, "-verbosity=0", str(corpus)], run)
        atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{letter:02x}" for letter in word)


def _keep_what_fails(name: str, watch: "Watch", data: bytes) -> None:
    try:
        watch(data)
    except Exception:
        FOUND.mkdir(exist_ok=True)
        kept = FOUND / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
        kept.write_bytes(data)
        print(f"{name}: kept {kept}", flush=True)
        raise


def _replay(wish: argparse.Namespace) -> int:
    from fuzz.targets import TARGETS
    from fuzz.watch import Watch

    [name] = wish.targets
    watch = Watch(TARGETS[name])
    watch(wish.replay.read_bytes())
    print(watch.summary(name, "one file"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
