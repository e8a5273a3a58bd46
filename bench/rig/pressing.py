"""Callers who stay on the line and press a key now and then, in a process of their own."""

import re
import socket
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from operator import itemgetter
from random import Random
from time import monotonic, sleep, time_ns

from bench.rig.sip_texts import HOST, Caller
from bench.rig.steady import ANSWER_S, answer

from offhook.engine.media.dtmf import press as pulses
from offhook.engine.media.rtp import CLOCK_HZ, Stream

EVENT_TYPE = 101
PRESS_MS = 100
END_AFTER_MS = 50
"""From a key's first packet to the first that ends it."""
BUFFER_BYTES = 4 * 1024 * 1024

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


@dataclass(frozen=True, slots=True)
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
    accepted = answer(sip)
    sip.send(caller.acknowledgement(accepted, 200))
    audio = _AUDIO.search(accepted)
    assert audio is not None, "an answer says where sound is heard"
    rtp.connect((HOST, int(audio[1])))
    return _Leg(caller, rtp, accepted)


def _pressed(legs: list[_Leg], plan: Plan) -> dict[str, list[int]]:
    chances = Random(1)
    pressed: dict[str, list[int]] = defaultdict(list)
    sent = [(at_s, leg, packet, begins) for leg in legs for at_s, packet, begins in _packets(plan, chances)]
    began = monotonic()
    for at_s, leg, packet, begins in sorted(sent, key=itemgetter(0)):
        sleep(max(0.0, began + at_s - monotonic()))
        if begins:
            pressed[leg.caller.phone].append(time_ns())
        leg.rtp.send(packet)
    return dict(pressed)


def _packets(plan: Plan, chances: Random) -> Iterator[tuple[float, bytes, bool]]:
    """Yield what one caller sends: when, counted from the beginning, and whether a key begins with it."""
    stream = Stream(ssrc=chances.getrandbits(32), sequence=0, timestamp=0, payload_type=0)
    at_s = plan.apart_s * chances.uniform(0.5, 1.5)
    while at_s < plan.seconds:
        for pulse in pulses("5", PRESS_MS):
            packet = stream.next_event(pulse.payload, EVENT_TYPE, marker=pulse.marker)
            yield at_s + pulse.at_ms / 1000, packet, pulse.marker
        rest_s = plan.apart_s * chances.uniform(0.75, 1.25)
        stream.pause(round(rest_s * CLOCK_HZ))
        at_s += rest_s
