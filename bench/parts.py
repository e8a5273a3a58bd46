"""Parts: what each piece of a call costs by itself, in CPU microseconds and in units of a yardstick.

The yardstick is one `send()` and one `recv()` of an RTP packet on loopback, measured in the same run, so that
figures of two machines can be laid side by side.
"""

import argparse
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from ipaddress import ip_network
from statistics import median
from time import process_time

import uvloop
from bench.rig.action_server import ActionServer
from bench.rig.ledger import open_ledger, record_calls
from bench.rig.packets import FRAME_BYTES, ready_made
from bench.rig.processes import machine
from bench.rig.sip_calls import PORT, RTP_PORT, TRUNK, SipCalls
from bench.rig.sip_texts import HOST, Caller
from bench.rig.tables import show
from bench.rig.timing import ROUNDS, cpu_us, yardstick_us
from bench.rig.tls_line import TlsLine

from offhook.actionserver.client import ActionServers
from offhook.actionserver.guard import Guard
from offhook.actionserver.limits import Limits
from offhook.actionserver.own import own_addresses
from offhook.actionserver.sessions import open_session
from offhook.domain.questions import Answer, Question
from offhook.domain.sounds import Codec
from offhook.engine.media import sdp
from offhook.engine.media.quality import Reception
from offhook.engine.media.rtp import Stream, parse_header
from offhook.engine.media.sdp.crypto import Suite
from offhook.engine.media.tone_keys import ToneReceiver
from offhook.engine.net.media_cipher import Cipher
from offhook.engine.sip.parser import parse as parse_sip
from offhook.language import parse as parse_actions

TIMES = 4000
ASYNC_TIMES = 1000
ACTIONS = 'say en "Welcome to the shop. We are open from nine to five."\nplayback http://127.0.0.1/a.mp3\nhangup\n'
PARAMETERS = (("caller", "819012345678"), ("recipient", "815012345678"), ("event", "incoming"))
Row = tuple[str, float]


def main() -> None:
    argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None).parse_args()
    print(machine())
    yardstick = yardstick_us()
    rows = [
        ("send() and recv() of one RTP packet, the yardstick", yardstick),
        *_rtp(),
        *_srtp(),
        *_sip(),
        *_texts(),
        *uvloop.run(_rooms()),
    ]
    show("CPU", ("", "us", "x yardstick"), [(name, f"{us:.1f}", f"{us / yardstick:.1f}") for name, us in rows])


def _rtp() -> list[Row]:
    stream = Stream(ssrc=1, sequence=0, timestamp=0, payload_type=0)
    sound = bytes(range(FRAME_BYTES)) * 50
    packets = ready_made(TIMES * 0.02)
    reception = Reception()

    def hear(number: int) -> None:
        header = parse_header(packets[number])
        assert header is not None, "it is RTP"
        _, _, sequence, timestamp, ssrc, _, _ = header
        reception.receive(sequence, timestamp, ssrc, number * 0.02)

    tones = ToneReceiver()

    def listen(number: int) -> None:
        tones.receive(sound[:FRAME_BYTES], Codec.PCMU, number * FRAME_BYTES)

    return [
        ("RTP: make the next packet", cpu_us(lambda _: stream.next_packet(sound[:FRAME_BYTES]), TIMES)),
        ("RTP: read a header, count it", cpu_us(hear, TIMES)),
        ("RTP: look for tones in 20 ms of sound", cpu_us(listen, TIMES)),
    ]


def _srtp() -> list[Row]:
    def seal(suite: Suite) -> float:
        cipher = Cipher(suite, *(secrets.token_bytes(suite.key_size) for _ in range(2)))
        # Each number is sealed once (RFC 3711 section 3.3.1): each round and its first call have packets of their own.
        packets = iter(ready_made((TIMES + 1) * ROUNDS * 0.02))
        return cpu_us(lambda _: cipher.seal(next(packets)), TIMES)

    return [(f"SRTP: seal 20 ms by {suite.value}", seal(suite)) for suite in Suite]


def _sip() -> list[Row]:
    # The first call of a measurement is one more, and so is each round.
    calls = SipCalls((TIMES + 1) * ROUNDS)
    refused = cpu_us(calls.refused, TIMES)
    calls = SipCalls((TIMES + 1) * ROUNDS)
    answered = cpu_us(calls.answered, TIMES)
    invite = Caller(1, "815012345678", TRUNK.port, PORT).invite(RTP_PORT)
    line = TlsLine()
    return [
        ("TLS: seal and open an INVITE, connection kept", cpu_us(lambda _: line.carry(invite), TIMES)),
        ("SIP: parse an INVITE", cpu_us(lambda _: parse_sip(invite), TIMES)),
        ("SIP: a call refused (INVITE 100 180 486 ACK)", refused),
        ("SIP: a call answered (INVITE 100 180 200 ACK BYE 200)", answered),
    ]


def _texts() -> list[Row]:
    offer = Caller(1, "815012345678", TRUNK.port, PORT).invite(RTP_PORT).partition(b"\r\n\r\n")[2]
    origin = sdp.Origin(1, HOST)

    def agree(_: int) -> None:
        assert sdp.answer(sdp.parse(offer), address=HOST, port=RTP_PORT, origin=origin, codecs=sdp.SPOKEN) is not None

    assert not parse_actions(ACTIONS).problems, "the actions are right"
    return [
        ("SDP: parse an offer and answer it", cpu_us(agree, TIMES)),
        ("actions: parse three lines", cpu_us(lambda _: parse_actions(ACTIONS), TIMES)),
    ]


async def _rooms() -> list[Row]:
    """Measure the rooms that wait for others: all threads of this process count, other processes do not."""
    rows: list[Row] = []
    with ActionServer({"/": "reject"}) as server:
        limits = Limits()
        async with open_session(Guard((ip_network("127.0.0.0/8"),), own_addresses()), limits) as session:
            servers = ActionServers(session, limits)
            question = Question(f"{server.origin}/", PARAMETERS)

            async def ask(times: int) -> None:
                for _ in range(times):
                    assert isinstance(await servers.ask(question), Answer), "the action server answers"

            rows.append(("HTTP: ask an action server, connection kept", await _async_us(ask)))
    async with open_ledger() as ledger:
        for at_once in (1, 32):
            name = f"ledger: admit, answer and close a call, {at_once} at once"
            rows.append((name, await _async_us(partial(record_calls, ledger, at_once))))
    return rows


async def _async_us(work: Callable[[int], Awaitable[None]]) -> float:
    await work(ASYNC_TIMES // 10)
    rounds: list[float] = []
    for _ in range(ROUNDS):
        began = process_time()
        await work(ASYNC_TIMES)
        rounds.append((process_time() - began) / ASYNC_TIMES * 1e6)
    return median(rounds)


if __name__ == "__main__":
    main()
