"""Money: what calls and subscriptions cost the database.

README.md says how to read the figures.
"""

import argparse

from bench.rig import desk
from bench.rig.processes import machine
from bench.rig.stores import Store, open_stores
from bench.rig.tables import show


def main() -> None:
    options = _options()
    print(machine())
    with open_stores() as stores:
        show(
            f"calls: admit, answer and close, {options.at_once} at once; CPU in ms a call",
            ("", "calls/s", "CPU", "of it ours", "the server's", "bare calls/s", "CPU", "ours x bare"),
            [_calls_row(store, desk.measure(store, options.calls, options.at_once)) for store in stores],
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, default=2000, help="calls of a round")
    parser.add_argument("--at-once", type=int, default=64, help="calls under way at any time")
    return parser.parse_args()


def _calls_row(store: Store, laid: desk.Laid) -> tuple[str, ...]:
    ours, floor = laid.ours, laid.floor
    return (
        store.name,
        f"{ours.a_second:.0f}",
        *(f"{ms:.2f}" for ms in (ours.whole_ms, ours.own_ms, ours.server_ms)),
        f"{floor.a_second:.0f}",
        f"{floor.whole_ms:.2f}",
        f"{laid.ratio:.2f}",
    )


if __name__ == "__main__":
    main()
