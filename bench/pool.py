"""Pool: what searches cost an operator with a million numbers, beside their bare statements.

README.md says how to read the figures.
"""

import argparse
from datetime import UTC, datetime
from statistics import median
from time import perf_counter

from bench.rig import pool, searching
from bench.rig.processes import machine
from bench.rig.stores import Store, open_stores
from bench.rig.tables import quantile, show
from bench.rig.timing import yardstick_us

HEADS = ("", "searches", "found", "p50 ms", "p99", "most", "bare p50", "p99", "x bare")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--numbers", type=int, default=1_000_000, help="how large the pool is, about")
    parser.add_argument("--searches", type=int, default=500, help="searches of each kind at most")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each kind may take")
    options = parser.parse_args()
    print(machine())
    with open_stores() as stores:
        for store in stores:
            print(f"\nyardstick, send() and recv() of one RTP packet: {yardstick_us():.1f} us")
            _search(store, options)


def _search(store: Store, options: argparse.Namespace) -> None:
    url, now = store.fresh(), datetime.now(UTC)
    began = perf_counter()
    size = pool.fill(url, options.numbers, now)
    print(f"{store.name}: {size:,} numbers were brought in, as rows, in {perf_counter() - began:.0f} s")
    rows = map(_row, searching.measure(url, now, options.searches, options.seconds))
    show(f"{store.name}: searches for 100 numbers, one at a time", HEADS, rows)


def _row(told: searching.Told) -> tuple[str, ...]:
    ours, bare = told.ours_ms, told.bare_ms
    waits = (quantile(ours, 0.5), quantile(ours, 0.99), max(ours), quantile(bare, 0.5), quantile(bare, 0.99))
    return (
        told.name,
        f"{len(ours)}",
        f"{median(told.found):.0f}",
        *(f"{ms:.2f}" for ms in waits),
        f"{median(own / floor for own, floor in zip(ours, bare, strict=True)):.1f}",
    )


if __name__ == "__main__":
    main()
