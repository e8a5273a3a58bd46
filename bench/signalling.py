"""Signalling: what setting calls up costs a real `offhook serve`, and how long a caller waits.

The platform has one core to itself, with all its processes; the callers and the action server have the other.
README.md says how to read the figures.
"""

import argparse

from bench.rig.house import REJECTED, SPOKEN, Measured, open_house
from bench.rig.platform import LIMITS
from bench.rig.processes import machine
from bench.rig.tables import NONE, quantile, show
from bench.rig.timing import yardstick_us


def main() -> None:
    options = _options()
    print(machine())
    print(f"limits raised: {', '.join(f'{name}={value}' for name, value in LIMITS.items())}")
    with open_house() as house:
        rows = [
            house.measure(f"{kind}, {load}", number, seconds, rate=rate, at_once=at_once)
            for kind, number in (("reject", REJECTED), ("say, hung up after 200 ms", SPOKEN))
            for load, seconds, rate, at_once in (
                (f"{options.rate:g} a second", options.seconds, options.rate, 0),
                (f"{options.at_once} under way", options.most_seconds, 0, options.at_once),
            )
        ]
    show(
        "calls",
        ("", "calls", "calls/s", "failed", "repeated", "asked p50 ms", "p99", "sound p50 ms", "p99", "MiB"),
        [_calls_row(row) for row in rows],
    )
    yardstick_ms = yardstick_us() / 1000
    show(
        f"CPU of the platform, ms a call; send() and recv() of one RTP packet: {yardstick_ms:.4f} ms",
        ("", "all", "x yardstick", "loop", "database threads", "media workers", "audio workers"),
        [_cpu_row(row, yardstick_ms) for row in rows],
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=8.0, help="how long waiting is measured")
    parser.add_argument("--most-seconds", type=float, default=20.0, help="how long the most is measured")
    parser.add_argument("--rate", type=float, default=100.0, help="calls a second where waiting is measured")
    parser.add_argument("--at-once", type=int, default=64, help="calls under way where the most is measured")
    return parser.parse_args()


def _calls_row(row: Measured) -> tuple[str, ...]:
    told = row.told
    return (
        row.name,
        str(told.calls),
        f"{told.calls / told.seconds:.0f}",
        str(told.failed),
        str(told.repeated),
        *(_ms(row.asked_after_ms, part) for part in (0.5, 0.99)),
        *(_ms(told.answer_to_sound_ms, part) for part in (0.5, 0.99)),
        f"{row.memory_kb / 1024:.0f}",
    )


def _ms(values: list[float], part: float) -> str:
    return f"{quantile(values, part):.1f}" if values else NONE


def _cpu_row(row: Measured, yardstick_ms: float) -> tuple[str, ...]:
    parts = (row.loop_ms, row.threads_ms, row.media_ms, row.audio_ms)
    whole = (f"{row.whole_ms:.2f}", f"{row.whole_ms / yardstick_ms:.0f}")
    return (row.name, *whole, *(f"{part:.2f}" for part in parts))


if __name__ == "__main__":
    main()
