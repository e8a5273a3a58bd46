"""What is sealed opens once, for the peer alone."""

from base64 import b64encode
from dataclasses import replace

import pytest

from leg_peers import Bench, Peer, bench, is_readable
from offhook.engine.media.dtmf import press
from offhook.engine.media.rtp import Stream
from offhook.engine.media.sdp.crypto import Suite
from offhook.engine.net.media_cipher import NOTHING, PACKET_LIMIT, Cipher
from offhook.engine.net.orders import Closed, Connect, Digit

OURS, THEIRS = bytes(range(30)), bytes(range(100, 130))


def pair(suite: Suite = Suite.AES_CM_128_HMAC_SHA1_80) -> tuple[Cipher, Cipher]:
    ours, theirs = OURS[: suite.key_size], THEIRS[: suite.key_size]
    return Cipher(suite, ours, theirs), Cipher(suite, theirs, ours)


def packet(sequence: int = 1, payload: bytes = b"x" * 160) -> bytes:
    return Stream(ssrc=7, sequence=sequence, timestamp=160 * sequence, payload_type=0).next_packet(payload)


REPORT = bytes.fromhex("80c90001000000078 1ca0004000000070108313030303030303000".replace(" ", ""))


@pytest.mark.parametrize("suite", Suite)
def test_each_suite_seals_and_opens_audio_and_reports(suite: Suite) -> None:
    us, them = pair(suite)
    sealed = us.seal(packet())
    assert sealed[:12] == packet()[:12]
    assert b"x" * 20 not in sealed
    assert them.open(sealed) == packet()
    assert them.open(us.seal_reports(REPORT)) == REPORT


def test_what_came_before_or_is_not_the_peers_is_nothing() -> None:
    us, them = pair()
    sealed = us.seal(packet())
    assert them.open(sealed) != NOTHING
    assert them.open(sealed) == NOTHING
    other = us.seal(packet(2))
    assert them.open(other[:-1] + bytes([other[-1] ^ 1])) == NOTHING
    assert them.open(packet(3)) == NOTHING
    assert them.open(b"") == them.open(b"\x80\xc9") == them.open(b"\x80" * 3000) == NOTHING
    assert them.open(other) == packet(2)


def test_a_number_is_sealed_once() -> None:
    us, _ = pair()
    assert us.seal(packet(5)) != NOTHING
    assert us.seal(packet(5, b"y" * 160)) == NOTHING
    assert us.seal(packet(6)) != NOTHING


def test_what_is_sealed_on_the_way_out_opens_too_and_a_used_number_does_not_leave() -> None:
    us, them = pair()
    left: list[bytes] = []

    def send(sealed: bytes | memoryview) -> int:
        # As a socket does, it keeps nothing of what it was given.
        left.append(bytes(sealed))
        return len(sealed)

    transmit = us.sealing(send)
    assert transmit(packet(1)) == len(packet(1)) + 10
    assert transmit(packet(1, b"y" * 160)) == 0
    assert transmit(packet(2, b"z")) == len(packet(2, b"z")) + 10
    assert [them.open(one) for one in left] == [packet(1), packet(2, b"z")]


def test_legs_that_take_turns_do_not_mix_what_they_say() -> None:
    (one, hears_one), (other, hears_other) = pair(Suite.AEAD_AES_128_GCM), pair()
    sealed = [(one.seal(packet(n, b"1" * 160)), other.seal(packet(n, b"2" * 40))) for n in range(1, 4)]
    for n, (first, second) in enumerate(sealed, 1):
        assert hears_other.open(second) == packet(n, b"2" * 40)
        assert hears_one.open(first) == packet(n, b"1" * 160)


def test_a_packet_has_a_longest_length_and_none_is_sealed_beyond_it() -> None:
    us, them = pair()
    longest = packet(1, b"x" * (PACKET_LIMIT - 12))
    assert us.seal(packet(2, b"x" * (PACKET_LIMIT - 11))) == NOTHING
    sealed = us.seal(longest)
    assert len(sealed) == PACKET_LIMIT + 10
    assert them.open(sealed) == NOTHING
    assert them.open(us.seal(packet(3, b"x" * (PACKET_LIMIT - 22)))) == packet(3, b"x" * (PACKET_LIMIT - 22))


def secured(order: Connect, ours: bytes = OURS) -> Connect:
    suite = Suite.AES_CM_128_HMAC_SHA1_80.value
    return replace(order, suite=suite, sent_key=b64encode(ours).decode(), heard_key=b64encode(THEIRS).decode())


def met(hall: Bench, *, mux: bool = False) -> tuple[Peer, Cipher]:
    """Let a leg and a peer know each other by SRTP; return the peer and its end of the keys."""
    peer, cipher = hall.peer(), pair()[1]
    hall.connect(secured(hall.order(peer, mux=mux)))
    hall.leg.start(hall.now)
    peer.rtp.sendto(cipher.seal(peer.stream.next_packet(b"\x00" * 160)), hall.address)
    hall.receive()
    return peer, cipher


def test_a_leg_speaks_and_hears_by_srtp() -> None:
    with bench() as hall:
        peer, cipher = met(hall)
        assert not hall.is_learning()
        hall.send(3)
        heard = [cipher.open(one) for one in peer.hears()]
        assert [one[12:] for one in heard] == [b"\xff" * 160] * 3
        for pulse in press("5", 100):
            event = peer.stream.next_event(pulse.payload, 101, marker=pulse.marker)
            peer.rtp.sendto(cipher.seal(event), hall.address)
            hall.receive()
        assert [one.digit for one in hall.all(Digit)] == ["5"]
        hall.pass_time(6)
        assert is_readable(peer.reports)
        [report] = peer.reads()
        assert cipher.open(report)[1] == 200
        closed = hall.leg.close(hall.now)
        assert isinstance(closed, Closed)
        assert closed.received > 1


def test_a_stranger_without_the_key_never_becomes_the_peer() -> None:
    with bench() as hall:
        peer, stranger, cipher = hall.peer(), hall.peer(ssrc=5), pair()[1]
        hall.connect(secured(hall.order(peer)))
        hall.leg.start(hall.now)
        for _ in range(20):
            stranger.speak(hall.address)
            hall.receive()
            hall.now += 0.02
        assert hall.is_learning()
        peer.rtp.sendto(cipher.seal(peer.stream.next_packet(b"\x00" * 160)), hall.address)
        hall.receive()
        assert not hall.is_learning()
        hall.send()
        assert peer.hears()
        assert not stranger.hears()


def test_the_same_keys_go_on_and_new_ones_begin_anew() -> None:
    with bench() as hall:
        peer, cipher = met(hall, mux=True)
        hall.connect(secured(hall.order(peer, mux=True)))
        peer.rtp.sendto(cipher.seal(peer.stream.next_packet(b"\x00" * 160)), hall.address)
        hall.receive()
        hall.send()
        assert cipher.open(peer.hears()[-1])[12:] == b"\xff" * 160
        new = Cipher(Suite.AES_CM_128_HMAC_SHA1_80, THEIRS, OURS[::-1])
        hall.connect(secured(hall.order(peer, mux=True), OURS[::-1]))
        hall.send()
        assert new.open(peer.hears()[-1])[12:] == b"\xff" * 160
