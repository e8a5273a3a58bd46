"""Customers in a process of their own, who take numbers by the API and give them back, over connections that stay."""

import asyncio
import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import monotonic

import uvloop
from bench.rig.platform import HOST

LONGEST_HEAD = 16 * 1024
PATH = "/voice/dins/subscriptions/"


@dataclass(frozen=True, slots=True)
class Renter:
    """Who takes and gives back which number."""

    sid: str
    token: str
    din_uid: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, and for how long; each renter has a connection."""

    port: int
    renters: Sequence[Renter]
    seconds: float


@dataclass(frozen=True, slots=True)
class Rented:
    """How many pairs were done in how long, and how long each request took."""

    pairs: int
    seconds: float
    waited_ms: list[float]


def rent(pipe: Connection) -> None:
    """Carry out one plan after the other; answer each with what happened."""
    while isinstance(plan := pipe.recv(), Plan):
        pipe.send(uvloop.run(_carry_out(plan)))


async def _carry_out(plan: Plan) -> Rented:
    began = monotonic()
    waited = await asyncio.gather(*(_rent(renter, plan.port, began + plan.seconds) for renter in plan.renters))
    all_waited = [ms for of_one in waited for ms in of_one]
    return Rented(len(all_waited) // 2, monotonic() - began, all_waited)


async def _rent(renter: Renter, port: int, until: float) -> list[float]:
    reader, writer = await asyncio.open_connection(HOST, port, limit=LONGEST_HEAD)
    body = json.dumps({"din_uid": renter.din_uid}).encode()
    take = _head("POST", PATH, renter, f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n") + body
    give_back = _head("DELETE", f"{PATH}{renter.din_uid}/", renter, "")
    waited: list[float] = []
    while monotonic() < until:
        for request, wanted in ((take, 201), (give_back, 200)):
            began = monotonic()
            writer.write(request)
            status, answer = await _answer(reader)
            assert status == wanted, f"{status}: {answer.decode(errors='replace')}"
            waited.append((monotonic() - began) * 1000)
    writer.close()
    return waited


def _head(method: str, path: str, renter: Renter, more: str) -> bytes:
    credentials = base64.b64encode(f"{renter.sid}:{renter.token}".encode()).decode()
    return f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Basic {credentials}\r\n{more}\r\n".encode()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.partition("content-length:")[2].partition("\r\n")[0])
    return int(head.split(" ", 2)[1]), await reader.readexactly(length)
