"""Compounds that we write, and compounds that others forge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.media.errors import MalformedRtcp
from offhook.engine.media.rtcp import (
    COMPOUND_LIMIT,
    Goodbye,
    ReceiverReport,
    Report,
    ReportBlock,
    SenderReport,
    SourceDescription,
    parse,
    write,
)

WORDS = st.integers(0, 0xFFFFFFFF)
TEXTS = st.text(max_size=60)
BLOCKS = st.builds(
    ReportBlock,
    ssrc=WORDS,
    fraction_lost=st.integers(0, 255),
    lost=st.integers(-0x800000, 0x7FFFFF),
    highest_sequence=WORDS,
    jitter=WORDS,
    last_report=WORDS,
    delay=WORDS,
)
BLOCK_LISTS = st.lists(BLOCKS, max_size=3).map(tuple)
FIRST: st.SearchStrategy[Report] = st.one_of(
    st.builds(
        SenderReport,
        ssrc=WORDS,
        ntp=st.integers(0, 0xFFFFFFFFFFFFFFFF),
        timestamp=WORDS,
        packets=WORDS,
        octets=WORDS,
        blocks=BLOCK_LISTS,
    ),
    st.builds(ReceiverReport, ssrc=WORDS, blocks=BLOCK_LISTS),
)
MORE: st.SearchStrategy[Report] = st.one_of(
    FIRST,
    st.builds(SourceDescription, ssrc=WORDS, cname=TEXTS),
    st.builds(Goodbye, sources=st.lists(WORDS, max_size=4).map(tuple), reason=TEXTS),
)

EMPTY = bytes.fromhex("80c90001 00000001")
"""A receiver report of source 1 without blocks."""


@given(FIRST, st.lists(MORE, max_size=5))
def test_what_is_written_is_read_again(first: Report, more: list[Report]) -> None:
    reports = (first, *more)
    data = write(reports)
    assert len(data) % 4 == 0
    assert parse(data) == reports


def test_a_sender_report_has_the_bytes_of_the_rfc() -> None:
    block = ReportBlock(0x0A0B0C0D, 64, -2, 0x00010005, 8, 0x33445566, 65536)
    report = SenderReport(0x01020304, 0x1122334455667788, 1600, 10, 1600, (block,))
    assert write([report]) == bytes.fromhex(
        "81c8000c 01020304 11223344 55667788 00000640 0000000a 00000640"
        "0a0b0c0d 40fffffe 00010005 00000008 33445566 00010000"
    )


def test_a_name_ends_with_a_null_and_is_filled_up() -> None:
    data = write([SourceDescription(1, "ab"), SourceDescription(2, "abcd")])
    assert data == bytes.fromhex("81ca0003 00000001 01026162 00000000 81ca0003 00000002 01046162 63640000")


def test_counters_wrap_and_texts_are_cut() -> None:
    (report,) = parse(write([SenderReport(1, 2, 3, 0x100000005, 0x100000006)]))
    assert isinstance(report, SenderReport)
    assert (report.packets, report.octets) == (5, 6)
    _, name = parse(write([ReceiverReport(1), SourceDescription(1, "x" * 300)]))
    assert name == SourceDescription(1, "x" * 255)


def test_unknown_packets_and_items_are_stepped_over() -> None:
    application = bytes.fromhex("80cc0002 00000001 74657374")
    tool_and_name = bytes.fromhex("81ca0004 00000001 06027863 01026162 00000000")
    two_chunks = bytes.fromhex("82ca0004 00000001 00000000 00000002 00000000")
    assert parse(EMPTY + application + tool_and_name + two_chunks) == (
        ReceiverReport(1),
        SourceDescription(1, "ab"),
        SourceDescription(1, ""),
        SourceDescription(2, ""),
    )


def test_what_a_profile_appends_to_a_report_is_left_unread() -> None:
    assert parse(bytes.fromhex("80c90002 00000001 ffffffff")) == (ReceiverReport(1),)


def test_the_last_packet_may_be_padded() -> None:
    assert parse(EMPTY + bytes.fromhex("a1cb0002 00000001 00000004")) == (ReceiverReport(1), Goodbye((1,)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        EMPTY[:3],
        EMPTY[:7],
        EMPTY + b"\x80",
        bytes.fromhex("40c90001 00000001"),
        bytes.fromhex("80c90002 00000001"),
        # A compound begins with a report.
        bytes.fromhex("81ca0001 00000001"),
        bytes.fromhex("81cb0001 00000001"),
        # Counts that promise more than there is.
        bytes.fromhex("80c90000"),
        bytes.fromhex("81c90001 00000001"),
        bytes.fromhex("80c80001 00000001"),
        EMPTY + bytes.fromhex("82cb0001 00000001"),
        EMPTY + bytes.fromhex("81ca0000"),
        EMPTY + bytes.fromhex("81ca0001 00000001"),
        EMPTY + bytes.fromhex("81ca0002 00000001 01ff6162"),
        EMPTY + bytes.fromhex("81ca0002 00000001 01026162"),
        EMPTY + bytes.fromhex("81ca0002 00000001 01016101"),
        EMPTY + bytes.fromhex("81cb0002 00000001 ff616263"),
        # Padding: nowhere but at the end, by whole words, and no more than there is.
        bytes.fromhex("a0c90002 00000001 00000004") + EMPTY,
        bytes.fromhex("a0c90002 00000001 00000000"),
        bytes.fromhex("a0c90002 00000001 00000003"),
        bytes.fromhex("a0c90002 00000001 0000000c"),
        EMPTY + bytes.fromhex("a0cc0000"),
        EMPTY * (COMPOUND_LIMIT // len(EMPTY) + 1),
    ],
)
def test_a_broken_compound_is_refused_whole(data: bytes) -> None:
    with pytest.raises(MalformedRtcp) as caught:
        parse(data)
    assert caught.value.code == "malformed-rtcp"


@given(st.binary(max_size=120), st.booleans())
def test_random_bytes_are_malformed_and_nothing_worse(data: bytes, begins_well: bool) -> None:
    try:
        reports = parse(EMPTY + data if begins_well else data)
    except MalformedRtcp:
        return
    assert reports


@given(
    st.lists(
        st.tuples(st.integers(0, 31), st.sampled_from([200, 201, 202, 203, 204]), st.binary(max_size=64)), max_size=4
    )
)
def test_right_lengths_around_random_bodies_are_malformed_at_worst(packets: list[tuple[int, int, bytes]]) -> None:
    data = EMPTY
    for count, kind, body in packets:
        whole = body + bytes(-len(body) % 4)
        data += bytes([0x80 | count, kind]) + (len(whole) // 4).to_bytes(2, "big") + whole
    try:
        reports = parse(data)
    except MalformedRtcp:
        return
    assert reports[0] == ReceiverReport(1)
