"""Runs of relayed packets: what is passed on at a glance is what would be passed on after a look at each packet."""

from collections.abc import Callable
from contextlib import ExitStack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joined_legs import Pair
from leg_peers import header, is_readable
from offhook.engine.media.learning import RELATED_RUN
from offhook.engine.media.relaying import PAUSE_S
from offhook.engine.media.rtp import FRAME_S, Header, Stream
from offhook.engine.net import media_relay
from offhook.engine.net.media_relay import GAP_S, LOOK_EVERY
from offhook.engine.net.orders import Closed, Digit
from offhook.engine.net.sound_files import FRAME_BYTES

Heard = tuple[list[bytes], Closed, Closed, list[Digit]]


class Talk:
    """The left side speaks to the right one."""

    def __init__(self, stack: ExitStack, *, sequence: int = 100, timestamp: int = 5000, law: str = "PCMU") -> None:
        self.pair = Pair(stack)
        left = self.pair.left
        left.peer.stream = Stream(ssrc=79, sequence=sequence, timestamp=timestamp, payload_type=0)
        self.pair.meet()
        if law != "PCMU":
            left.hall.connect(left.order(codec=law))
            left.peer.stream.switch(8)
        self.pair.join()
        ours = self.pair.right.leg.outlet.stream
        ours.sequence, ours.timestamp = 65_536 - sequence % 99, 0xFFFFFFFF - timestamp % 3210
        self._said = 0
        self._passed: list[bytes] = []

    def speak(self, packets: int, samples: int = FRAME_BYTES) -> None:
        for _ in range(packets):
            self._said += 1
            self._pass(self._packet(samples))

    def lose(self, packets: int) -> None:
        for _ in range(packets):
            self._packet(FRAME_BYTES)
            self.pair.pass_time(FRAME_S)

    def swap(self, packets: int) -> None:
        """Let a packet be overtaken by so many."""
        late = self._packet(FRAME_BYTES)
        self.speak(packets)
        self._arrives(late)

    def repeat(self, place: int) -> None:
        """Let one of the last packets come again."""
        for packet in self._passed[-place:][:1]:
            self._arrives(packet)

    def press(self, key: int) -> None:
        self.pair.left.presses(str(key % 10), 101)

    def mark(self, _: int) -> None:
        self.pair.left.peer.stream.mark()

    def pause(self, tenths: int) -> None:
        self.pair.left.peer.stream.pause(tenths * 800)
        self.pair.pass_time(tenths / 10)

    def come_late(self, tenths: int) -> None:
        """Let the network hold back what the peer goes on to say."""
        self.pair.pass_time(tenths / 10)

    def fall_still(self, frames: int) -> None:
        for _ in range(frames + round(PAUSE_S / FRAME_S)):
            self.pair.turn()

    def begin_anew(self, ssrc: int) -> None:
        self.pair.left.peer.stream = Stream(ssrc=200 + ssrc, sequence=65_500 + ssrc, timestamp=7, payload_type=0)

    def jump(self, packets: int) -> None:
        self.pair.left.peer.stream.skip(5000 * packets, 0)

    def stumble(self, packets: int) -> None:
        """Let every second packet come 10 ms late."""
        for _ in range(packets):
            self.speak(1)
            self.pair.pass_time(0.01)
            self.speak(1)
            self.pair.pass_time(-0.01)

    def report(self, _: int) -> None:
        for side in (self.pair.left, self.pair.right):
            side.leg.look_after(self.pair.now, 1.0)

    def hold(self, packets: int) -> None:
        right = self.pair.right
        right.hall.connect(right.order(sends=False))
        self.speak(packets)
        right.hall.connect(right.order())

    def overtake_on_hold(self, packets: int) -> None:
        """Let a packet be overtaken by so many that the other side does not hear."""
        late = self._packet(FRAME_BYTES)
        self.hold(packets)
        self._arrives(late)

    def turn(self, _: int) -> None:
        self.pair.turn(0)

    def ends(self) -> Heard:
        left, right = self.pair.left, self.pair.right
        heard = right.hears()
        return heard, left.leg.close(self.pair.now), right.leg.close(self.pair.now), left.hall.all(Digit)

    def _packet(self, samples: int) -> bytes:
        return self.pair.left.peer.stream.next_packet(self._said.to_bytes(2, "big") * (samples // 2))

    def _pass(self, packet: bytes) -> None:
        self._passed.append(packet)
        self._arrives(packet)
        self.pair.pass_time(FRAME_S)

    def _arrives(self, packet: bytes) -> None:
        hall = self.pair.left.hall
        self.pair.left.peer.rtp.sendto(packet, hall.address)
        assert is_readable(hall.leg.rtp), "it is on its way"
        hall.leg.receive_rtp(hall.now)


DEEDS: dict[str, Callable[[Talk, int], None]] = {
    "speak": Talk.speak,
    "stumble": Talk.stumble,
    "speak shortly": lambda talk, packets: talk.speak(packets, 80),
    "lose": Talk.lose,
    "swap": Talk.swap,
    "repeat": Talk.repeat,
    "press": Talk.press,
    "mark": Talk.mark,
    "pause": Talk.pause,
    "come late": Talk.come_late,
    "fall still": Talk.fall_still,
    "begin anew": Talk.begin_anew,
    "jump": Talk.jump,
    "report": Talk.report,
    "hold": Talk.hold,
    "overtake on hold": Talk.overtake_on_hold,
    "turn": Talk.turn,
}


def _heard(deeds: list[tuple[str, int]], **beginning: object) -> Heard:
    with ExitStack() as stack:
        talk = Talk(stack, **beginning)  # type: ignore[arg-type]  # the names are Talk's
        for deed, number in deeds:
            DEEDS[deed](talk, number)
        return talk.ends()


def _without_runs(deeds: list[tuple[str, int]], **beginning: object) -> Heard:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(media_relay, "LOOK_EVERY", 1)
        return _heard(deeds, **beginning)


def _assert_alike(deeds: list[tuple[str, int]], **beginning: object) -> None:
    heard, left, right, keys = _heard(deeds, **beginning)
    slowly, slow_left, slow_right, slow_keys = _without_runs(deeds, **beginning)
    assert [header(packet) for packet in heard] == [header(packet) for packet in slowly]
    assert heard == slowly
    assert keys == slow_keys
    for one, other in ((left, slow_left), (right, slow_right)):
        assert (one.sent, one.received, one.lost) == (other.sent, other.received, other.lost)
        # To a hundredth of a millisecond, as it is told.
        assert one.jitter_ms == pytest.approx(other.jitter_ms, abs=0.011)
        # A gap within a run is none that matters.
        assert abs(one.longest_gap_ms - other.longest_gap_ms) <= GAP_S * 1000


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.just("speak") | st.sampled_from(list(DEEDS)), st.integers(1, 9)), max_size=25),
    st.sampled_from([(100, 5000), (65_530, 0xFFFFFFFF - 1000)]),
    st.sampled_from(["PCMU", "PCMA"]),
)
def test_runs_change_nothing(deeds: list[tuple[str, int]], begin: tuple[int, int], law: str) -> None:
    _assert_alike(deeds, sequence=begin[0], timestamp=begin[1], law=law)


def test_a_long_talk_is_alike_over_every_wrap() -> None:
    _assert_alike([("speak", 3 * LOOK_EVERY)], sequence=65_500, timestamp=0xFFFFFFFF - 3000)


def test_most_packets_are_passed_on_at_a_glance(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[bytes] = []
    pass_on = media_relay.Relay.pass_on

    def look(relay: media_relay.Relay, packet: bytes, header: Header, now: float) -> None:
        looks.append(packet)
        pass_on(relay, packet, header, now)

    monkeypatch.setattr(media_relay.Relay, "pass_on", look)
    heard, *_ = _heard([("speak", 2 * LOOK_EVERY)])
    assert len(heard) == 2 * LOOK_EVERY
    # One begins each run, and a run ends where a number wraps.
    assert 2 <= len(looks) <= 4


def test_a_gap_is_seen_though_no_packet_is_lost() -> None:
    _, left, _, _ = _heard([("speak", 10), ("come late", 1), ("speak", 5)])
    assert left.longest_gap_ms == pytest.approx(120)


def test_a_steady_talk_has_no_jitter() -> None:
    _, left, _, _ = _heard([("speak", 3 * LOOK_EVERY)])
    assert left.jitter_ms < 0.01


def test_every_packet_of_a_run_counts_for_the_jitter() -> None:
    # Each comes 10 ms late, and the next one in time: the jitter rises to 10 ms within a run.
    _, left, _, _ = _heard([("stumble", 1)] * (LOOK_EVERY // 2))
    assert left.jitter_ms == pytest.approx(10 * (1 - (15 / 16) ** (LOOK_EVERY - 1)), abs=0.1)


def test_a_peer_that_moves_gets_the_rest_of_a_run() -> None:
    with ExitStack() as stack:
        talk = Talk(stack)
        right = talk.pair.right
        talk.speak(5)
        assert len(right.hears()) == 5
        right.peer = right.hall.peer(ssrc=5)
        right.hall.connect(right.order())
        talk.speak(5)
        assert len(right.hears()) == 5


def test_a_peer_that_is_elsewhere_gets_a_run_when_that_is_learnt() -> None:
    with ExitStack() as stack:
        talk = Talk(stack)
        right = talk.pair.right
        nobody = right.hall.peer()
        right.hall.connect(right.order(address=nobody.address))
        talk.speak(3)
        assert len(nobody.hears()) == 3
        right.peer.speak(right.hall.address, RELATED_RUN)
        right.hall.receive(RELATED_RUN)
        talk.speak(3)
        assert len(right.hears()) == 3


def test_a_duplicate_after_a_hold_costs_no_packet() -> None:
    _assert_alike([("speak", 3), ("overtake on hold", 4), ("repeat", 4), ("speak", 5)])


def test_a_peer_that_is_gone_does_not_stop_a_run() -> None:
    with ExitStack() as stack:
        talk = Talk(stack)
        talk.speak(5)
        talk.pair.right.peer.rtp.close()
        talk.speak(5)
        assert talk.pair.left.leg.close(talk.pair.now).received == 11
