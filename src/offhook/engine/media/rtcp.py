"""RTCP compounds (RFC 3550 section 6): values, `write` and `parse`, which undo each other.

Known: sender and receiver reports, CNAME, BYE. Other packets and items are stepped over, but
their lengths must be right. When reports are due and what they tell is in `report_timing`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import assert_never

from offhook.engine.media.errors import MalformedRtcp

COMPOUND_LIMIT = 2048
"""The largest compound in bytes that is read: more than a packet of the network carries."""

_TEXT_LIMIT = 255
_CNAME = 1

_HEADER = Struct("!BBH")
_SOURCE = Struct("!I")
_SENDER = Struct("!QIII")
_BLOCK = Struct("!IIIIII")


class Kind(IntEnum):
    """Packet types (RFC 3550 section 12.1)."""

    SENDER_REPORT = 200
    RECEIVER_REPORT = 201
    SOURCE_DESCRIPTION = 202
    GOODBYE = 203


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """What one side heard of the source `ssrc` (RFC 3550 section 6.4.1).

    `fraction_lost` is in 1/256, `lost` may be negative, `jitter` counts timestamp units, `last_report`
    is the middle of an NTP timestamp, `delay` counts 1/65536 s.
    """

    ssrc: int
    fraction_lost: int
    lost: int
    highest_sequence: int
    jitter: int
    last_report: int
    delay: int


@dataclass(frozen=True, slots=True)
class SenderReport:
    """What the source `ssrc` sent until `ntp` (64 bits), which is `timestamp` on its RTP clock."""

    ssrc: int
    ntp: int
    timestamp: int
    packets: int
    octets: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    """What a side heard that sends nothing itself."""

    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """The lasting name of a source, at most 255 bytes of UTF-8; empty if its items held none."""

    ssrc: int
    cname: str


@dataclass(frozen=True, slots=True)
class Goodbye:
    """These sources have ended; the reason is at most 255 bytes of UTF-8."""

    sources: tuple[int, ...]
    reason: str = ""


Report = SenderReport | ReceiverReport | SourceDescription | Goodbye


def write(reports: Sequence[Report]) -> bytes:
    """Return one compound. Section 6.1: a report comes first, then a description, and a goodbye ends it.

    A report holds at most 31 blocks, a goodbye at most 31 sources.
    """
    return b"".join(map(_write, reports))


def parse(data: bytes) -> tuple[Report, ...]:
    """Read one compound; raises `MalformedRtcp` and nothing else."""
    if len(data) > COMPOUND_LIMIT:
        raise MalformedRtcp(f"a compound is larger than {COMPOUND_LIMIT} bytes")
    reports: list[Report] = []
    for place, (kind, count, body) in enumerate(_packets(data)):
        # Appendix A.2: a compound that does not begin with a report is not RTCP.
        if place == 0 and kind not in (Kind.SENDER_REPORT, Kind.RECEIVER_REPORT):
            raise MalformedRtcp("a compound does not begin with a report")
        reports += _read(kind, count, body)
    if not reports:
        raise MalformedRtcp("a compound is empty")
    return tuple(reports)


def _write(report: Report) -> bytes:
    match report:
        case SenderReport():
            sender = _SENDER.pack(report.ntp, report.timestamp, report.packets & 0xFFFFFFFF, report.octets & 0xFFFFFFFF)
            body = _SOURCE.pack(report.ssrc) + sender + b"".join(map(_write_block, report.blocks))
            return _packet(Kind.SENDER_REPORT, len(report.blocks), body)
        case ReceiverReport():
            body = _SOURCE.pack(report.ssrc) + b"".join(map(_write_block, report.blocks))
            return _packet(Kind.RECEIVER_REPORT, len(report.blocks), body)
        case SourceDescription():
            # Section 6.5: a chunk ends with one null byte at least and is filled up to 32 bits.
            chunk = _SOURCE.pack(report.ssrc) + bytes([_CNAME]) + _text(report.cname) + b"\0"
            return _packet(Kind.SOURCE_DESCRIPTION, 1, chunk)
        case Goodbye():
            body = b"".join(map(_SOURCE.pack, report.sources))
            return _packet(Kind.GOODBYE, len(report.sources), body + _text(report.reason) if report.reason else body)
        case _:
            assert_never(report)


def _packet(kind: int, count: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    # Section 6.4.1: the length counts 32-bit words and leaves out the header's own.
    return _HEADER.pack(0x80 | count, kind, len(body) // 4) + body


def _write_block(block: ReportBlock) -> bytes:
    lost = block.fraction_lost << 24 | block.lost & 0xFFFFFF
    return _BLOCK.pack(block.ssrc, lost, block.highest_sequence, block.jitter, block.last_report, block.delay)


def _text(text: str) -> bytes:
    encoded = text.encode()[:_TEXT_LIMIT]
    return bytes([len(encoded)]) + encoded


def _packets(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield kind, count and body of each packet; their lengths must add up to the compound's (A.2)."""
    at = 0
    while at < len(data):
        if len(data) - at < _HEADER.size:
            raise MalformedRtcp("a packet is shorter than its header")
        first, kind, words = _HEADER.unpack_from(data, at)
        end = at + 4 + 4 * words
        if first >> 6 != 2 or end > len(data):
            raise MalformedRtcp("a packet has another version or a wrong length")
        body = data[at + 4 : end]
        if first & 0x20:
            body = _without_padding(body, is_last=end == len(data))
        yield kind, first & 0x1F, body
        at = end


def _without_padding(body: bytes, *, is_last: bool) -> bytes:
    # Section 6.4.1: only the last packet of a compound may be padded, by whole words.
    size = body[-1] if body else 0
    if not is_last or size == 0 or size % 4 or size > len(body):
        raise MalformedRtcp("the padding is wrong")
    return body[:-size]


def _read(kind: int, count: int, body: bytes) -> list[Report]:
    match kind:
        case Kind.SENDER_REPORT:
            _check_size(body, 24 + 24 * count)
            (ssrc,) = _SOURCE.unpack_from(body)
            ntp, timestamp, packets, octets = _SENDER.unpack_from(body, 4)
            return [SenderReport(ssrc, ntp, timestamp, packets, octets, _read_blocks(body[24:], count))]
        case Kind.RECEIVER_REPORT:
            _check_size(body, 4 + 24 * count)
            (ssrc,) = _SOURCE.unpack_from(body)
            return [ReceiverReport(ssrc, _read_blocks(body[4:], count))]
        case Kind.SOURCE_DESCRIPTION:
            return list(_read_descriptions(body, count))
        case Kind.GOODBYE:
            return [_read_goodbye(body, count)]
        case _:
            return []


def _check_size(body: bytes, least: int) -> None:
    # Section 6.4.3: a profile may append to a report, so more than the least is fine.
    if len(body) < least:
        raise MalformedRtcp("a packet is shorter than its count says")


def _read_blocks(body: bytes, count: int) -> tuple[ReportBlock, ...]:
    return tuple(_read_block(body[place * 24 : place * 24 + 24]) for place in range(count))


def _read_block(data: bytes) -> ReportBlock:
    ssrc, loss, highest, jitter, last_report, delay = _BLOCK.unpack(data)
    # The lower 24 bits are signed.
    lost = (loss & 0xFFFFFF ^ 0x800000) - 0x800000
    return ReportBlock(ssrc, loss >> 24, lost, highest, jitter, last_report, delay)


def _read_descriptions(body: bytes, count: int) -> Iterator[SourceDescription]:
    at = 0
    for _ in range(count):
        _check_size(body, at + 4)
        (ssrc,) = _SOURCE.unpack_from(body, at)
        at += 4
        cname = ""
        _check_size(body, at + 1)
        while body[at]:
            _check_size(body, at + 2)
            kind, start = body[at], at + 2
            at = start + body[at + 1]
            _check_size(body, at + 1)
            if kind == _CNAME:
                cname = body[start:at].decode("utf-8", "replace")
        at = (at // 4 + 1) * 4
        yield SourceDescription(ssrc, cname)


def _read_goodbye(body: bytes, count: int) -> Goodbye:
    _check_size(body, 4 * count)
    sources = tuple(_SOURCE.unpack_from(body, 4 * place)[0] for place in range(count))
    rest = body[4 * count :]
    if not rest:
        return Goodbye(sources)
    _check_size(rest, 1 + rest[0])
    return Goodbye(sources, rest[1 : 1 + rest[0]].decode("utf-8", "replace"))
