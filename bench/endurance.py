"""Endurance: what a real `offhook serve` holds after ten minutes of short calls, beside what it held before.

Memory and descriptors of all its processes, before and after. README.md says how to read the figures.
"""

import argparse
from time import sleep

from bench.rig.house import SPOKEN, House, open_house
from bench.rig.platform import LIMITS
from bench.rig.processes import machine
from bench.rig.tables import show

FIRST = 2000
FORGET_S = 35.0
"""Over UDP an answered BYE is remembered for 32 s (timer J, RFC 3261 section 17.2.2)."""


def main() -> None:
    options = _options()
    print(machine())
    print(f"limits raised: {', '.join(f'{name}={value}' for name, value in LIMITS.items())}")
    with open_house() as house:
        # What the first thousands leave behind, such as caches, is theirs and not the endurance's.
        _take(house, options.first, options)
        before_kb, before = house.memory_kb(), house.descriptors()
        _take(house, options.calls, options)
        after_kb, after = house.memory_kb(), house.descriptors()
    show(
        "all processes of the platform",
        ("after calls", "MiB", "x first", *sorted(before | after)),
        [
            (str(options.first), f"{before_kb / 1024:.1f}", "1", *_counts(before, before | after)),
            (
                str(options.first + options.calls),
                f"{after_kb / 1024:.1f}",
                f"{after_kb / before_kb:.3f}",
                *_counts(after, before | after),
            ),
        ],
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, default=24_000, help="calls between the two looks")
    parser.add_argument("--first", type=int, default=FIRST, help="calls before the first look")
    parser.add_argument("--rate", type=float, default=40.0, help="calls a second")
    parser.add_argument("--call-seconds", type=float, default=1.0, help="from a call's answer to its BYE")
    return parser.parse_args()


def _take(house: House, calls: int, options: argparse.Namespace) -> None:
    told = house.come(SPOKEN, calls, rate=options.rate, hang_up_after_s=options.call_seconds)
    print(
        f"{told.calls} calls in {told.seconds:.0f} s, {told.failed} failed, {told.repeated} messages repeated",
        flush=True,
    )
    sleep(FORGET_S)


def _counts(found: dict[str, int], kinds: dict[str, int]) -> tuple[str, ...]:
    return tuple(str(found.get(kind, 0)) for kind in sorted(kinds))


if __name__ == "__main__":
    main()
