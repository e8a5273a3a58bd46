"""Two legs that are joined, each with its peer: what leaves, by whom, and when nothing does."""

from contextlib import ExitStack
from pathlib import Path

import pytest

import ear
from joined_legs import SPEECH, Pair, Side
from leg_peers import Bench, header
from offhook.domain.sounds import Codec
from offhook.engine.media import rtcp
from offhook.engine.media.g711 import SILENCE, ULAW_TO_ALAW, from_linear16
from offhook.engine.media.relaying import PAUSE_S
from offhook.engine.media.rtp import FRAME_S
from offhook.engine.net.g722 import encode
from offhook.engine.net.orders import Digit, Finished, FirstOut, Play
from offhook.engine.net.sound_files import FRAME_BYTES
from soundfiles import sine

QUIET = SILENCE[Codec.PCMU] * FRAME_BYTES


@pytest.fixture
def joined(pair: Pair) -> Pair:
    pair.join()
    return pair


def _numbers(packets: list[bytes]) -> list[tuple[bool, int, int]]:
    return [header(packet)[1:4] for packet in packets]


def test_each_hears_what_the_other_says_on_its_own_line(joined: Pair) -> None:
    joined.left.speaks()
    joined.right.speaks(b"\x01" * FRAME_BYTES)
    [at_right], [at_left] = joined.right.hears(), joined.left.hears()
    assert (header(at_right), at_right[12:]) == ((0, True, 11, 180, 8), SPEECH)
    assert (header(at_left), at_left[12:]) == ((0, True, 11, 180, 9), b"\x01" * FRAME_BYTES)


def test_pump_and_relay_never_both_send(joined: Pair) -> None:
    for _ in range(10):
        joined.left.speaks()
        joined.turn()
    packets = joined.right.hears()
    assert [packet[12:] for packet in packets] == [SPEECH] * 10
    assert _numbers(packets) == [(n == 0, 11 + n, 180 + n * FRAME_BYTES) for n in range(10)]


def test_silence_goes_on_until_the_other_side_speaks(joined: Pair) -> None:
    for _ in range(3):
        joined.turn()
    joined.left.speaks()
    packets = joined.right.hears()
    assert [packet[12:] for packet in packets] == [QUIET] * 3 + [SPEECH]
    assert _numbers(packets) == [(False, 11, 180), (False, 12, 340), (False, 13, 500), (True, 14, 660)]


def test_silence_takes_over_when_the_other_side_falls_still_and_the_line_goes_on(joined: Pair) -> None:
    joined.left.speaks()
    joined.pass_time(PAUSE_S / 2)
    joined.turn()
    assert len(joined.right.hears()) == 1
    joined.pass_time(PAUSE_S / 2)
    joined.turn()
    joined.turn()
    joined.left.speaks()
    packets = joined.right.hears()
    assert [packet[12:] for packet in packets] == [QUIET, QUIET, SPEECH]
    late = 180 + round((PAUSE_S + FRAME_S) * 8000)
    assert _numbers(packets) == [(True, 12, late), (False, 13, late + 160), (True, 14, late + 320)]


def test_after_the_part_each_sends_silence_and_the_line_goes_on(joined: Pair) -> None:
    joined.left.speaks()
    joined.turn()
    joined.part()
    joined.left.speaks()
    joined.turn()
    packets = joined.right.hears()
    assert [packet[12:] for packet in packets] == [SPEECH, QUIET]
    assert _numbers(packets) == [(True, 11, 180), (True, 12, 340)]


def test_loss_and_markers_are_passed_on(joined: Pair) -> None:
    joined.left.speaks()
    joined.left.peer.stream.next_packet(SPEECH)
    joined.pass_time(2 * FRAME_S)
    joined.left.speaks(marker=True)
    assert _numbers(joined.right.hears()) == [(True, 11, 180), (True, 13, 500)]


def test_a_duplicate_is_passed_on_once(joined: Pair) -> None:
    packet = joined.left.peer.stream.next_packet(SPEECH)
    joined.left.arrives(packet)
    joined.left.arrives(packet)
    assert len(joined.right.hears()) == 1


def test_what_stands_around_a_payload_is_not_passed_on(joined: Pair) -> None:
    plain = joined.left.peer.stream.next_packet(SPEECH)
    # One contributing source, an extension of one word, and four bytes of padding.
    packet = bytes([0xB1]) + plain[1:12] + b"csrc" + b"\xbe\xde\0\x01exte" + SPEECH + b"\0\0\0\x04"
    joined.left.arrives(packet)
    [passed] = joined.right.hears()
    assert (passed[0], passed[12:]) == (0x80, SPEECH)


def test_laws_that_differ_are_turned_by_table(joined: Pair) -> None:
    joined.right.hall.connect(joined.right.order(codec="PCMA"))
    joined.left.speaks()
    [packet] = joined.right.hears()
    assert (header(packet)[0], packet[12:]) == (8, SPEECH.translate(ULAW_TO_ALAW))


@pytest.mark.parametrize("left", Codec)
@pytest.mark.parametrize("right", Codec)
def test_whatever_the_two_speak_they_hear_each_other(pair: Pair, left: Codec, right: Codec) -> None:
    pair.left.hall.connect(pair.left.order(codec=left.value))
    pair.right.hall.connect(pair.right.order(codec=right.value))
    pair.join()
    sides = ((pair.left, left, 700), (pair.right, right, 1100))
    said = {side: _tone(codec, hertz) for side, codec, hertz in sides}
    for place in range(0, 8000, FRAME_BYTES):
        for side, codec, _ in sides:
            side.peer.stream.switch({Codec.PCMU: 0, Codec.PCMA: 8, Codec.G722: 9}[codec])
            side.speaks(said[side][place : place + FRAME_BYTES])
        pair.turn()
    for side, codec, _ in sides:
        packets = side.hears()
        assert {len(packet) for packet in packets} == {12 + FRAME_BYTES}
        # Not a packet was lost, sent twice, or put elsewhere in time.
        assert _numbers(packets) == [(n == 0, 11 + n, 180 + n * FRAME_BYTES) for n in range(50)]
        heard = ear.decode(b"".join(packet[12:] for packet in packets), codec)
        other = 1100 if side is pair.left else 700
        assert ear.has_tone(heard[400:], other)
        assert not ear.has_tone(heard[400:], 1800 - other)


def test_what_one_says_in_g722_is_not_narrowed_for_another_who_speaks_it(pair: Pair) -> None:
    for side in (pair.left, pair.right):
        side.hall.connect(side.order(codec="G722"))
        side.peer.stream.switch(9)
    pair.join()
    said = encode(sine(6000, 0.5, ear.WIDE_RATE).tobytes())
    for place in range(0, len(said), FRAME_BYTES):
        pair.left.speaks(said[place : place + FRAME_BYTES])
    assert b"".join(packet[12:] for packet in pair.right.hears()) == said


def test_keys_keep_their_place_among_what_is_being_transcoded(pair: Pair) -> None:
    pair.right.hall.connect(pair.right.order(codec="G722", event_type=96))
    pair.join()
    pair.left.speaks()
    transcoding = pair.left.hall.transcoding
    transcoding.holds = True
    pair.left.speaks()
    pair.left.presses("5", 101)
    pair.left.peer.stream.switch(13)
    pair.left.speaks(b"\x40")
    pair.left.peer.stream.switch(0)
    pair.left.speaks()
    assert len(pair.right.hears()) == 1
    transcoding.release()
    packets = pair.right.hears()
    assert [header(packet)[0] for packet in packets] == [9] + [96] * 4 + [9]
    # What was left out is not taken for lost.
    assert [header(packet)[2] for packet in packets] == list(range(12, 18))
    assert pair.left.hall.all(Digit) == [Digit("leg", "5")]


def test_what_comes_back_after_the_part_is_not_sent(pair: Pair) -> None:
    pair.right.hall.connect(pair.right.order(codec="G722"))
    pair.join()
    transcoding = pair.left.hall.transcoding
    transcoding.holds = True
    pair.left.speaks()
    pair.part()
    transcoding.release()
    assert pair.right.hears() == []
    assert (transcoding.lanes, pair.right.hall.transcoding.lanes) == (0, 0)


def test_a_codec_that_changes_within_the_call_is_transcoded_from_then_on(joined: Pair) -> None:
    joined.left.speaks()
    joined.turn()
    joined.right.hall.connect(joined.right.order(codec="G722"))
    joined.left.speaks()
    joined.turn()
    joined.right.hall.connect(joined.right.order(codec="PCMU"))
    joined.left.speaks()
    packets = joined.right.hears()
    assert [header(packet)[0] for packet in packets] == [0, 9, 0]
    assert packets[0][12:] == packets[2][12:] == SPEECH
    assert [header(packet)[2] for packet in packets] == [11, 12, 13]
    assert joined.left.hall.transcoding.lanes == 0


def _tone(codec: Codec, hertz: int) -> bytes:
    samples = sine(hertz, 1.0, codec.rate_hz).tobytes()
    return encode(samples) if codec is Codec.G722 else from_linear16(samples, codec)


def test_keys_are_passed_on_by_the_other_sides_number_and_told(pair: Pair) -> None:
    pair.right.hall.connect(pair.right.order(event_type=96))
    pair.join()
    pair.left.speaks()
    pair.left.presses("5", 101)
    pair.left.speaks()
    packets = pair.right.hears()
    assert [header(packet)[0] for packet in packets] == [0] + [96] * 4 + [0]
    assert [packet[12] for packet in packets[1:5]] == [5] * 4
    assert len({header(packet)[3] for packet in packets[1:5]}) == 1
    assert [header(packet)[2] for packet in packets] == list(range(11, 17))
    assert pair.left.hall.all(Digit) == [Digit("leg", "5")]
    assert pair.right.hall.all(Digit) == []


def test_a_relayed_key_begins_where_it_began_in_the_sound_and_the_sound_goes_on_behind_it(pair: Pair) -> None:
    pair.right.hall.connect(pair.right.order(event_type=96))
    pair.join()
    pair.left.speaks()
    before = pair.left.peer.stream.timestamp
    pair.left.presses("5", 101)
    pair.left.speaks()
    first, *keys, last = (header(packet)[3] for packet in pair.right.hears())
    assert set(keys) == {first + 160}
    assert last - keys[0] == pair.left.peer.stream.timestamp - 160 - before


def test_keys_that_the_other_side_does_not_know_are_left_out_and_told(pair: Pair) -> None:
    pair.right.hall.connect(pair.right.order(event_type=None))
    pair.join()
    pair.left.speaks()
    pair.left.presses("5", 101)
    pair.left.speaks()
    assert [header(packet)[2] for packet in pair.right.hears()] == [11, 12]
    assert pair.left.hall.all(Digit) == [Digit("leg", "5")]


def test_what_was_not_agreed_on_is_left_out(joined: Pair) -> None:
    joined.left.speaks()
    joined.left.peer.stream.switch(13)
    joined.left.speaks(b"\x40")
    joined.left.peer.stream.switch(0)
    joined.left.speaks()
    packets = joined.right.hears()
    assert [header(packet)[0] for packet in packets] == [0, 0]
    assert [header(packet)[2] for packet in packets] == [11, 12]


def test_nobody_is_passed_on_before_it_is_known_who_the_peer_is(stack: ExitStack) -> None:
    pair = Pair(stack)
    pair.right.meet()
    pair.join()
    stranger = pair.left.hall.peer("127.0.0.2")
    pair.left.hall.start(pair.left.peer)
    stranger.speak(pair.left.hall.address, 3)
    pair.left.hall.receive(3)
    assert pair.right.hears() == []
    # What the stranger has in the queue when the peer is known is dropped as well.
    pair.left.peer.speak(pair.left.hall.address)
    stranger.speak(pair.left.hall.address)
    pair.left.peer.speak(pair.left.hall.address)
    pair.left.hall.receive()
    assert [packet[12:] for packet in pair.right.hears()] == [bytes(FRAME_BYTES)] * 2
    stranger.speak(pair.left.hall.address)
    pair.left.speaks()
    assert len(pair.right.hears()) == 1


def test_a_join_before_the_callers_answer_begins_when_both_are_there(stack: ExitStack) -> None:
    pair = Pair(stack)
    pair.join()
    pair.right.meet()
    pair.right.speaks()
    pair.left.hall.connect(pair.left.order())
    pair.right.speaks()
    assert pair.left.hears() == []
    pair.left.leg.start(pair.now)
    pair.right.speaks()
    [packet] = pair.left.hears()
    assert (header(packet)[:4], packet[12:]) == ((0, True, 10, 20), SPEECH)
    assert pair.left.hall.all(FirstOut) == [FirstOut("leg", pair.now, packet[:12].hex())]


def test_a_leg_on_hold_gets_nothing(joined: Pair) -> None:
    joined.left.speaks()
    joined.right.hall.connect(joined.right.order(sends=False))
    joined.right.hears()
    joined.left.speaks()
    assert joined.right.hears() == []
    joined.pass_time(10)
    joined.right.hall.connect(joined.right.order())
    joined.left.speaks()
    assert _numbers(joined.right.hears()) == [(True, 12, 180 + 80_000)]


def test_what_plays_ends_with_the_join_and_a_new_sound_parts(pair: Pair, tmp_path: Path) -> None:
    sound = tmp_path / "sound.ulaw"
    sound.write_bytes(b"\x07" * FRAME_BYTES * 5)
    play = Play("leg", "1:0", str(sound), None, "PCMU", 1)
    pair.right.hall.play(play)
    pair.join()
    pair.turn()
    assert [packet[12:] for packet in pair.right.hears()] == [QUIET]
    pair.right.hall.play(play)
    pair.left.speaks()
    pair.right.speaks()
    pair.turn()
    assert [packet[12:] for packet in pair.right.hears()] == [b"\x07" * FRAME_BYTES]
    assert [packet[12:] for packet in pair.left.hears()[-1:]] == [QUIET]
    assert pair.right.hall.all(Finished) == []


@pytest.mark.parametrize("order", ["ring", "quiet", "close"])
def test_whatever_ends_one_half_parts_both(joined: Pair, order: str) -> None:
    {"ring": joined.right.leg.ring, "quiet": joined.right.leg.quiet, "close": joined.right.leg.close}[order](joined.now)
    assert joined.left.leg.partner is None
    joined.left.speaks()
    assert SPEECH not in [packet[12:] for packet in joined.right.hears()]
    joined.left.leg.outlet.send(joined.now)
    assert [packet[12:] for packet in joined.left.hears()] == [QUIET]


def test_the_same_join_again_changes_nothing(joined: Pair) -> None:
    joined.left.speaks()
    joined.join()
    joined.right.leg.join(joined.left.leg, joined.now)
    joined.turn()
    joined.left.speaks()
    assert _numbers(joined.right.hears()) == [(True, 11, 180), (False, 12, 340)]


def test_a_join_with_itself_is_nothing(pair: Pair) -> None:
    pair.left.leg.join(pair.left.leg, pair.now)
    pair.left.speaks()
    assert pair.left.hears() == []


def test_another_partner_parts_the_first(joined: Pair, stack: ExitStack) -> None:
    third = Side(Bench(stack, 7))
    third.meet()
    third.leg.join(joined.left.leg, joined.now)
    assert joined.right.leg.partner is None
    joined.left.speaks()
    assert joined.right.hears() == []
    assert [packet[12:] for packet in third.hears()] == [SPEECH]


def test_reports_and_statistics_count_what_was_passed_on(joined: Pair) -> None:
    for _ in range(5):
        joined.left.speaks()
        joined.turn()
    joined.left.hears()
    joined.right.hall.pass_time(5)
    report = rtcp.parse(joined.right.peer.reads()[-1])[0]
    assert isinstance(report, rtcp.SenderReport)
    assert (report.ssrc, report.packets, report.octets) == (8, 6, 6 * FRAME_BYTES)
    closed = joined.right.leg.close(joined.now)
    assert closed.sent == 6
    # The five, and the first by which the peer was learnt.
    assert joined.left.leg.close(joined.now).received == 6


def test_reports_of_a_peer_are_not_passed_on(stack: ExitStack) -> None:
    pair = Pair(stack)
    pair.left.hall.connect(pair.left.order(mux=True))
    pair.left.leg.start(pair.now)
    pair.left.speaks()
    pair.right.meet()
    pair.join()
    pair.left.arrives(rtcp.write([rtcp.ReceiverReport(79)]))
    assert pair.right.hears() == []


def test_a_peer_that_is_gone_is_loss(joined: Pair) -> None:
    joined.right.peer.rtp.close()
    for _ in range(3):
        joined.left.speaks()
        joined.pass_time(FRAME_S)
    assert joined.right.leg.close(joined.now).sent == 4


def test_two_legs_may_be_each_others_peers(stack: ExitStack) -> None:
    pair = Pair(stack)
    left, right = pair.left.hall, pair.right.hall
    left.connect(left.order(pair.left.peer, address=right.address))
    right.connect(right.order(pair.right.peer, address=left.address))
    for side in (pair.left, pair.right):
        side.leg.start(pair.now)
    pair.join()
    pair.turn()
    right.receive()
    left.receive()
    # What the left leg sent came to the right one, and went back to it by way of the left one's port.
    assert left.leg.outlet.stream.packets + right.leg.outlet.stream.packets >= 3
