"""Callers who stay on the line and press a key now and then, in a process of their own."""

import re
import socket
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from multiprocessing.connection import Connection
from random import Random
from struct import Struct
from time import monotonic, sleep, time_ns

from bench.rig.sip_texts import HOST, Caller, agreed, is_to_invite, status

FRAME_S = 0.02
FRAME_UNITS = 160
"""RTP time of 20 ms at 8 kHz."""
EVENT_TYPE = 101
BEFORE_END = 3
END_AFTER_MS = BEFORE_END * FRAME_S * 1000
"""From a key's first packet to the first that ends it."""
ENDS = 3
"""RFC 4733 section 2.5.1.4: the last packet of an event is sent three times."""
END = 0x80
VOLUME = 10
ANSWER_S = 10.0
MESSAGE_BYTES = 65_535
BUFFER_BYTES = 4 * 1024 * 1024

_EVENT = Struct("!BBHIIBBH")
_AUDIO = re.compile(rb"m=audio ([0-9]+) ")


@dataclass(frozen=True, slots=True)
class Plan:
    """So many callers of `number` press a key every `apart_s`, each at moments of its own, for `seconds`."""

    number: str
    gateway: int
    first_call: int
    callers: int
    seconds: float
    apart_s: float


@dataclass(slots=True)
class _Leg:
    caller: Caller
    rtp: socket.socket
    answer: bytes


def press(pipe: Connection) -> None:
    """Carry out one plan after the other; answer each with whose keys began when (nanoseconds since 1970)."""
    while isinstance(plan := pipe.recv(), Plan):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sip:
            sip.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
            sip.settimeout(ANSWER_S)
            sip.bind((HOST, 0))
            sip.connect((HOST, plan.gateway))
            port = sip.getsockname()[1]
            calls = range(plan.first_call, plan.first_call + plan.callers)
            legs = [_called(sip, Caller(call, plan.number, port, plan.gateway)) for call in calls]
            began = _pressed(legs, plan)
            for leg in legs:
                sip.send(leg.caller.bye(leg.answer))
                leg.rtp.close()
        pipe.send(began)


def _called(sip: socket.socket, caller: Caller) -> _Leg:
    rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    rtp.bind((HOST, 0))
    sip.send(caller.invite(rtp.getsockname()[1]))
    while True:
        message = sip.recv(MESSAGE_BYTES)
        code = status(message)
        if code is None:
            sip.send(agreed(message))
        elif code >= 200 and is_to_invite(message):
            sip.send(caller.acknowledgement(message, code))
            audio = _AUDIO.search(message)
            if code != 200 or audio is None:
                raise ConnectionRefusedError(f"the call was refused: {message.splitlines()[0].decode()}")
            rtp.connect((HOST, int(audio[1])))
            return _Leg(caller, rtp, message)


def _pressed(legs: list[_Leg], plan: Plan) -> dict[str, list[int]]:
    chances = Random(1)
    pressed: dict[str, list[int]] = defaultdict(list)
    began = monotonic()
    due = [(began + plan.apart_s * chances.uniform(0.5, 1.5), place) for place in range(len(legs))]
    due.sort()
    keys = [_keys(place) for place in range(len(legs))]
    while due:
        at, place = heappop(due)
        sleep(max(0.0, at - monotonic()))
        leg = legs[place]
        packet, is_first, is_last = next(keys[place])
        if is_first:
            pressed[leg.caller.phone].append(time_ns())
        leg.rtp.send(packet)
        later = at + (plan.apart_s * chances.uniform(0.75, 1.25) if is_last else FRAME_S)
        if not is_last or later < began + plan.seconds:
            heappush(due, (later, place))
    return dict(pressed)


def _keys(source: int) -> Iterator[tuple[bytes, bool, bool]]:
    """Yield the packets of one key after the other, and whether each is its first, and its last."""
    sequence = count()
    for key in count():
        timestamp = key * 80_000
        for place in range(BEFORE_END + ENDS):
            frames = min(place, BEFORE_END) + 1
            marker = 0x80 if place == 0 else 0
            flags = END | VOLUME if place >= BEFORE_END else VOLUME
            head = (0x80, marker | EVENT_TYPE, next(sequence) & 0xFFFF, timestamp & 0xFFFFFFFF, source)
            packet = _EVENT.pack(*head, key % 10, flags, frames * FRAME_UNITS)
            yield packet, place == 0, place == BEFORE_END + ENDS - 1
