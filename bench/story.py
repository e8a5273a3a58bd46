"""Story: what a call's timeline, SIP messages included, costs beside the whole call, and how large it is.

The calls are those of a real `offhook serve`; their timelines are made once more in this process, piece by piece.
README.md says how to read the figures.
"""

import argparse
from statistics import fmean

import uvloop
from bench.rig import stories
from bench.rig.house import REJECTED, SPOKEN, House, open_house
from bench.rig.platform import LIMITS
from bench.rig.processes import machine
from bench.rig.tables import show
from bench.rig.timing import yardstick_us

LOOKED_AT = 100
"""Calls whose sizes are looked at; the last of them is told once more."""
Row = tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long calls of a kind come")
    parser.add_argument("--at-once", type=int, default=64, help="calls under way")
    options = parser.parse_args()
    print(machine())
    print(f"limits raised: {', '.join(f'{name}={value}' for name, value in LIMITS.items())}")
    with open_house() as house:
        rows = [
            _rows(house, name, number, options.seconds, options.at_once)
            for name, number in (("reject", REJECTED), ("say, hung up after 200 ms", SPOKEN))
        ]
    costs, sizes = zip(*rows, strict=True)
    title = f"CPU of a timeline, us a call; send() and recv() of one RTP packet: {yardstick_us():.1f} us"
    show(title, ("", "keep", "note", "mask", "store", "all", "whole call, ms", "part of it"), costs)
    show("bytes stored a call", ("", "messages", "lines", "of messages", "of lines", "all, mean", "most"), sizes)


def _rows(house: House, name: str, number: str, seconds: float, at_once: int) -> tuple[Row, Row]:
    whole_us = house.measure(name, number, seconds, at_once=at_once).whole_ms * 1000
    told = stories.latest(house.database, number, LOOKED_AT)
    cost = uvloop.run(stories.cost(told[0]))
    pieces = (cost.keep_us, cost.note_us, cost.mask_us, cost.store_us, cost.whole_us)
    share = f"{100 * cost.whole_us / whole_us:.1f} %"
    sizes = [one.events_bytes + one.messages_bytes for one in told]
    parts = (fmean(one.messages_bytes for one in told), fmean(one.events_bytes for one in told), fmean(sizes))
    counts = (str(len(told[0].messages)), str(len(told[0].events)))
    return (
        (name, *(f"{us:.0f}" for us in pieces), f"{whole_us / 1000:.2f}", share),
        (name, *counts, *(f"{size:.0f}" for size in parts), str(max(sizes))),
    )


if __name__ == "__main__":
    main()
