"""Burst: many calls within a second at a real `offhook serve`, and what calls that are under way hear of it.

The platform has one core to itself, with all its processes. README.md says how to read the figures.
"""

import argparse
from time import sleep, time_ns

from bench.rig.callers import Told
from bench.rig.far_ends import HEADS, far_ends
from bench.rig.house import ENDLESS, SPOKEN, open_house
from bench.rig.platform import LIMITS
from bench.rig.processes import allow_descriptors, machine
from bench.rig.steady import staying
from bench.rig.tables import quantile, show

LEARNING_S = 4.5
"""Until the sockets of silent callers are connected and all is quiet."""

WARM_UP = 50


def main() -> None:
    options = _options()
    allow_descriptors()
    print(machine())
    print(f"limits raised: {', '.join(f'{name}={value}' for name, value in LIMITS.items())}")
    # Forked before anything else has threads.
    with far_ends(options.running) as far, open_house() as house:
        house.come(SPOKEN, WARM_UP, rate=WARM_UP, hang_up_after_s=options.call_seconds)
        with staying(far, ENDLESS, house.gateway):
            sleep(LEARNING_S)
            alone = far.hear(options.seconds)
            began_ns = time_ns()
            told = house.come(ENDLESS, options.calls, rate=options.calls, hang_up_after_s=options.call_seconds)
            meanwhile = far.listener.heard(began_ns, time_ns())
    show(
        "the burst",
        ("calls", "begun within s", "done in s", "failed", "statuses", "repeated", "answered p50 ms", "p99", "last"),
        [_row(told)],
    )
    for failure, count in told.failures.items():
        print(f"{count} calls: {failure}")
    show(
        f"{options.running} running calls",
        ("", *HEADS),
        [("before", *alone.cells()), ("during the burst", *meanwhile.cells())],
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, default=1000, help="calls that come within one second")
    parser.add_argument("--call-seconds", type=float, default=1.0, help="from a call's answer to its BYE")
    parser.add_argument("--running", type=int, default=100, help="calls that are under way meanwhile")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long these are listened to before")
    return parser.parse_args()


def _row(told: Told) -> tuple[str, ...]:
    statuses = " ".join(f"{code}: {count}" for code, count in sorted(told.statuses.items()))
    waits = [f"{quantile(told.invite_to_answer_ms, part):.0f}" for part in (0.5, 0.99, 1.0)]
    return (
        str(told.calls),
        f"{told.began_within_s:.2f}",
        f"{told.seconds:.1f}",
        str(told.failed),
        statuses,
        str(told.repeated),
        *waits,
    )


if __name__ == "__main__":
    main()
