"""Gather: how long a pressed key takes to become the next request, at a real `offhook serve` with calls under way.

The platform has one core to itself, with all its processes. README.md says how to read the figures.
"""

import argparse

from bench.rig.house import Pressed, open_house
from bench.rig.platform import LIMITS
from bench.rig.pressing import END_AFTER_MS
from bench.rig.processes import allow_descriptors, machine
from bench.rig.tables import quantile, show
from bench.rig.timing import yardstick_us


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 50, 200], help="callers who press at any time")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long they press")
    parser.add_argument("--apart", type=float, default=2.0, help="seconds between two keys of a caller, on average")
    options = parser.parse_args()
    allow_descriptors()
    print(machine())
    print(f"limits raised: {', '.join(f'{name}={value}' for name, value in LIMITS.items())}")
    print(f"yardstick, send() and recv() of one RTP packet: {yardstick_us():.1f} us")
    with open_house() as house:
        rows = [_row(callers, house.press(callers, options.seconds, options.apart)) for callers in options.callers]
    show(
        f"from a key's first packet to the next request; the packet that ends it leaves after {END_AFTER_MS:.0f} ms",
        ("callers", "keys", "not asked", "p50 ms", "p99", "last"),
        rows,
    )


def _row(callers: int, pressed: Pressed) -> tuple[str, ...]:
    waits = [f"{quantile(pressed.asked_after_ms, part):.1f}" for part in (0.5, 0.99, 1.0)]
    return (str(callers), str(pressed.keys), str(pressed.keys - len(pressed.asked_after_ms)), *waits)


if __name__ == "__main__":
    main()
