"""Memory: what a real `offhook serve` holds after many calls, beside what it held after few.

Takes minutes: as long as so many calls take. README.md says how to read the figures.
"""

import argparse
from time import sleep

from bench.rig.house import REJECTED, House, open_house
from bench.rig.platform import LIMITS
from bench.rig.processes import machine
from bench.rig.tables import show

AT_ONCE = 64
STEP = 5000
FORGET_S = 8.0
"""A transaction is remembered for 5 s after the ACK of its refusal (timer I, RFC 3261 section 17.2.1)."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, default=50_000, help=f"calls in all, beside the first {STEP}")
    options = parser.parse_args()
    print(machine())
    print(f"limits raised: {', '.join(f'{name}={value}' for name, value in LIMITS.items())}")
    with open_house() as house:
        first_kb = _memory_after(house, STEP)
        for calls in range(2 * STEP, options.calls, STEP):
            house.take(REJECTED, STEP, at_once=AT_ONCE)
            print(f"{calls} calls: {house.memory_kb() / 1024:.1f} MiB", flush=True)
        last_kb = _memory_after(house, STEP)
    show(
        "all processes of the platform",
        ("calls", "MiB", "x first"),
        [
            (str(STEP), f"{first_kb / 1024:.1f}", "1"),
            (str(options.calls), f"{last_kb / 1024:.1f}", f"{last_kb / first_kb:.3f}"),
        ],
    )


def _memory_after(house: House, calls: int) -> int:
    told = house.take(REJECTED, calls, at_once=AT_ONCE)
    if told.failed:
        print(f"{told.failed} calls failed")
    sleep(FORGET_S)
    return house.memory_kb()


if __name__ == "__main__":
    main()
