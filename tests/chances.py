"""Chance in tests that can be had again: each test's seed is shown when it fails, and may be given to it."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

VARIABLE = "OFFHOOK_TEST_SEED"


@contextmanager
def chance() -> Iterator[Random]:
    """Return chance with a seed of its own, or the one that the environment names."""
    seed = int(os.environ.get(VARIABLE) or secrets.randbits(32))
    try:
        yield Random(seed)
    except BaseException as error:
        error.add_note(f"again with the same chance: {VARIABLE}={seed}")
        raise
