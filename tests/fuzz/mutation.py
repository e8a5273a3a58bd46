"""Fuzzing without instruments: seeds, changed by chance. The same seed of chance gives the same inputs."""

from collections.abc import Callable, Iterator, Sequence
from random import Random

Change = Callable[[Random, bytes, Sequence[bytes], Sequence[bytes]], bytes]

REPEATS = (2, 3, 10, 100, 1_000, 20_000)
CHANGES_LIMIT = 6


def inputs(seeds: Sequence[bytes], words: Sequence[bytes], largest: int, chance: Random) -> Iterator[bytes]:
    """Yield the seeds and then changed ones without end, none of more than `largest` bytes."""
    yield from seeds
    while True:
        data = chance.choice(seeds)
        for _ in range(chance.randint(1, CHANGES_LIMIT)):
            data = chance.choice(CHANGES)(chance, data, seeds, words)[:largest]
        yield data


def _flip(chance: Random, data: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    at = _place(chance, data)
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def _insert(chance: Random, data: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    at = _place(chance, data)
    return data[:at] + chance.choice(words) + data[at:]


def _replace(chance: Random, data: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    start, end = _slice(chance, data)
    return data[:start] + chance.choice(words) + data[end:]


def _remove(chance: Random, data: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    start, end = _slice(chance, data)
    return data[:start] + data[end:]


def _repeat(chance: Random, data: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """Say a piece or a word very often: what costs more than its length is found by this."""
    start, end = _slice(chance, data)
    piece = data[start:end] if chance.random() < 0.5 else chance.choice(words)
    return data[:start] + piece * chance.choice(REPEATS) + data[end:]


def _move(chance: Random, data: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    start, end = _slice(chance, data)
    rest = data[:start] + data[end:]
    at = _place(chance, rest)
    return rest[:at] + data[start:end] + rest[at:]


def _splice(chance: Random, data: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    other = chance.choice(seeds)
    return data[: _place(chance, data)] + other[_place(chance, other) :]


def _swap_line(chance: Random, data: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """Put a line of another seed into this one."""
    ours, theirs = data.split(b"\n"), chance.choice(seeds).split(b"\n")
    ours[chance.randrange(len(ours))] = chance.choice(theirs)
    return b"\n".join(ours)


CHANGES: tuple[Change, ...] = (_flip, _insert, _replace, _remove, _repeat, _move, _splice, _swap_line)


def _place(chance: Random, data: bytes) -> int:
    return chance.randrange(len(data) + 1)


def _slice(chance: Random, data: bytes) -> tuple[int, int]:
    """Return a piece, mostly a short one."""
    start = _place(chance, data)
    return start, min(len(data), start + chance.choice((1, 1, 2, 4, 8, 32, 128, 1_024)))
