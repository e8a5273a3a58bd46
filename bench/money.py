"""Money: what calls, subscriptions and renewals cost the database.

README.md says how to read the figures.
"""

import argparse
from collections.abc import Callable

from bench.rig import desk, renewing, rentals
from bench.rig.processes import machine
from bench.rig.stores import Store, open_stores
from bench.rig.tables import NONE, quantile, show
from bench.rig.timing import yardstick_us

Row = tuple[str, ...]


def main() -> None:
    options = _options()
    parts = {"calls": _calls, "rentals": _rentals, "renewals": _renewals}
    print(machine())
    with open_stores() as stores:
        for name, part in parts.items():
            if name in options.parts:
                print(f"\nyardstick, send() and recv() of one RTP packet: {yardstick_us():.1f} us")
                part(options, stores)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--parts", nargs="+", default=["calls", "rentals", "renewals"], help="which of the three")
    parser.add_argument("--calls", type=int, default=1000, help="calls of a round")
    parser.add_argument("--at-once", type=int, default=64, help="calls, or pairs, under way at any time")
    parser.add_argument("--pairs", type=int, default=1000, help="pairs of subscribe and cancel of the storage alone")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long pairs are done over HTTP")
    parser.add_argument("--renewals", type=int, default=100_000, help="subscriptions that are due")
    parser.add_argument("--rate", type=float, default=50.0, help="calls a second while they are renewed")
    return parser.parse_args()


def _calls(options: argparse.Namespace, stores: tuple[Store, ...]) -> None:
    def row(store: Store) -> Row:
        laid = desk.measure(store, options.calls, options.at_once)
        return (store.name, *_cost(laid.ours), *_cost(laid.floor), f"{laid.ratio:.2f}")

    heads = ("", "calls/s", "CPU", "ours", "server", "bare calls/s", "CPU", "ours", "server", "x bare")
    title = f"calls: admit, answer and close, {options.at_once} at once; CPU in ms a call"
    show(title, heads, map(row, stores))


def _cost(cost: desk.Cost) -> Row:
    return (f"{cost.a_second:.0f}", *(f"{ms:.2f}" for ms in (cost.whole_ms, cost.own_ms, cost.server_ms)))


def _rentals(options: argparse.Namespace, stores: tuple[Store, ...]) -> None:
    ways: dict[str, Callable[[Store], rentals.Pairs]] = {
        "HTTP": lambda store: rentals.measure_served(store, options.seconds),
        "storage alone": lambda store: rentals.measure_storage(store, options.pairs, options.at_once),
    }

    def row(store: Store, way: str) -> Row:
        pairs = ways[way](store)
        waits = (f"{quantile(pairs.waited_ms, part):.1f}" for part in (0.5, 0.99))
        return (
            f"{store.name}, {way}",
            f"{pairs.a_second:.0f}",
            *(f"{ms:.2f}" for ms in (pairs.own_ms + pairs.server_ms, pairs.own_ms, pairs.server_ms)),
            *waits,
        )

    heads = ("", "pairs/s", "CPU", "ours", "server", "wait p50 ms", "p99")
    rows = [row(store, way) for way in ways for store in stores]
    show("subscribe and cancel; CPU in ms a pair, wait of one of the two", heads, rows)


def _renewals(options: argparse.Namespace, stores: tuple[Store, ...]) -> None:
    def row(store: Store) -> Row:
        told = renewing.measure(store, options.renewals, options.rate)
        waits = (_waits(told.quiet_ms), _waits(told.renewing_ms))
        return (
            store.name,
            f"{told.renewed}",
            f"{told.seconds:.0f}",
            f"{told.renewed / told.seconds:.0f}",
            f"{told.cpu_ms:.2f}",
            f"{len(told.renewing_ms)}",
            *(word for words in waits for word in words),
        )

    heads = (
        "",
        "renewed",
        "s",
        "a second",
        "CPU, ms each",
        "calls",
        "quiet p50 ms",
        "p99",
        "most",
        "p50",
        "p99",
        "most",
    )
    show(
        f"renewals, and the wait of admissions at {options.rate:g} a second, before and meanwhile",
        heads,
        map(row, stores),
    )


def _waits(waited_ms: list[float]) -> Row:
    if not waited_ms:
        return NONE, NONE, NONE
    return tuple(f"{ms:.1f}" for ms in (quantile(waited_ms, 0.5), quantile(waited_ms, 0.99), max(waited_ms)))


if __name__ == "__main__":
    main()
