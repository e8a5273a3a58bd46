"""One leg inside a media worker: its sockets, what it plays, what it hears, whom it is joined with.

`send` and `receive_rtp` run for every packet. A leg that plays nothing sends silence, so that one
line of sequence numbers and timestamps lasts from the answer to the end (RFC 3550 section 5.1).
"""

import socket
from collections.abc import Callable
from math import inf

from offhook.domain.sounds import Codec
from offhook.engine.media.dtmf import Receiver
from offhook.engine.media.learning import Address, Policy
from offhook.engine.media.quality import Reception
from offhook.engine.media.relaying import PAUSE_S
from offhook.engine.media.report_timing import interval_s
from offhook.engine.media.rtp import Stream, is_rtcp, parse_header
from offhook.engine.media.sdp.description import UNSPECIFIED
from offhook.engine.net.addresses import MAXIMUM_PORT
from offhook.engine.net.media_playback import Playback
from offhook.engine.net.media_relay import Relay, Terms
from offhook.engine.net.media_reports import Reporting
from offhook.engine.net.media_socket import PACKET_LIMIT, LostSocket, RtpSocket
from offhook.engine.net.orders import Closed, Connect, Digit, FirstIn, FirstOut, Play, Report, Silent
from offhook.engine.net.sound_files import SoundLibrary

REFUSED_FOR_S = 10.0
"""How long nobody may listen at the peer's address before the leg is told to be dead."""

REFUSALS_APART_S = 3.0
"""Refusals further apart are not one outage. A peer's kernel tells at most one a second (Linux' icmp_ratelimit)."""

SILENT_FOR_S = 300.0
"""How long neither RTP nor RTCP may come while we expect media."""

NEVER = -inf

Tell = Callable[[Report], None]


class Leg:
    """A pair of ports and one caller's media."""

    __slots__ = (
        "_has_heard",
        "_has_sent",
        "_has_told_silence",
        "_heard_at",
        "_is_muxed",
        "_keys",
        "_order",
        "_playback",
        "_reception",
        "_refused_at",
        "_refused_since",
        "_relayed_until",
        "_report_peer",
        "_reporting",
        "_signalled",
        "_socket",
        "_tell",
        "is_started",
        "name",
        "partner",
        "relay",
        "report_at",
        "reports",
        "rtp",
        "sends",
        "stream",
        "terms",
    )

    def __init__(
        self,
        name: str,
        rtp: socket.socket,
        reports: socket.socket,
        stream: Stream,
        tell: Tell,
        watch: Callable[[int], None],
    ) -> None:
        self.name = name
        self.rtp = rtp
        self.reports = reports
        self.stream = stream
        self.sends = False
        self.is_started = False
        self.terms = Terms(Codec.PCMU, -1, None)
        self.partner: Leg | None = None
        self.report_at = 0.0
        self._tell = tell
        self._order: Connect | None = None
        self._is_muxed = False
        self._signalled: Address | None = None
        self._socket = RtpSocket(rtp, watch)
        self._report_peer: Address | None = None
        self._playback = Playback(name, tell)
        self.relay: Relay | None = None
        self._relayed_until = NEVER
        self._reception = Reception()
        self._reporting = Reporting(stream, self._reception)
        self._keys = Receiver()
        self._has_sent = False
        self._has_heard = False
        self._heard_at = 0.0
        self._refused_since = self._refused_at = NEVER
        self._has_told_silence = False

    @property
    def is_learning(self) -> bool:
        """Whether it is not known yet who the peer is."""
        return self._socket.learner is not None

    @property
    def is_open(self) -> bool:
        """Whether anything may be sent."""
        return self.is_started and self.sends

    # Sending: called every 20 ms.

    def send(self, now: float) -> None:
        """Send the next 20 ms, unless the partner's sound does."""
        stream = self.stream
        if now < self._relayed_until:
            return
        if self._relayed_until != NEVER:
            # The partner's peer has fallen still.
            self._take_over(now)
        packet = stream.next_packet(self._playback.next_frame())
        stream.sent_at = now
        try:
            self._socket.transmit(packet)
        except OSError as error:
            self._refused(error, now)
        if not self._has_sent:
            self._has_sent = True
            self._tell(FirstOut(self.name, now))

    def emit(self, packet: bytes, now: float) -> None:
        """Send a packet of the partner's sound, in place of our own for a while."""
        self._relayed_until = now + PAUSE_S
        try:
            self._socket.transmit(packet)
        except OSError as error:
            self._refused(error, now)
        if not self._has_sent:
            self._has_sent = True
            self._tell(FirstOut(self.name, now))

    def _refused(self, error: OSError, now: float) -> None:
        """Count an error of the socket, mostly ECONNREFUSED for an earlier packet, as loss until it has lasted."""
        if isinstance(error, BlockingIOError):
            return
        if now - self._refused_at > REFUSALS_APART_S:
            self._refused_since = now
        self._refused_at = now
        if now - self._refused_since >= REFUSED_FOR_S:
            host, port = self._socket.peer
            self._tell_silence(f"nobody listens at {host}:{port}: {error.strerror}")

    # Orders.

    def connect(self, order: Connect, library: SoundLibrary, now: float) -> None:
        """Use a new remote description; learning restarts when its address is new."""
        self._order = order
        self._is_muxed = order.rtcp_mux
        self.terms = Terms(Codec(order.codec), order.payload_type, order.event_type)
        self._playback.use(self.terms.codec, library)
        self.stream.switch(order.payload_type)
        self._agree()
        did_send, self.sends = self.sends, order.sends and order.port > 0
        if self.sends and not did_send:
            self.stream.catch_up(now)
        self._heard_at = now
        address = (order.address, order.port)
        # The old hold of 0.0.0.0 names nobody; a datagram sent there would reach ourselves.
        is_somebody = order.port > 0 and order.address not in UNSPECIFIED
        if is_somebody and (self.sends or order.receives) and address != self._signalled:
            self._restart_learning(address, order, now)

    def start(self, now: float) -> None:
        """Begin to send."""
        if not self.is_started:
            self.is_started = True
            self._heard_at = now
            self.report_at = now + interval_s(1.0, is_first=True)

    def play(self, order: Play, library: SoundLibrary, now: float) -> None:
        """Play a sound instead of what is playing. Raises `OSError` when its file is gone."""
        self.part(now)
        self._playback.play(order, library)

    def ring(self, now: float) -> None:
        """Play the ringing tone instead of what is playing."""
        self.part(now)
        self._playback.ring()

    def quiet(self, now: float) -> None:
        """Send silence instead of what is playing."""
        self.part(now)
        self._playback.stop()

    def join(self, other: "Leg", now: float) -> None:
        """Send what the other one hears, and let it send what we hear, instead of what is playing."""
        if other is self or other is self.partner:
            return
        for one, partner in ((self, other), (other, self)):
            one.part(now)
            one.face(partner)
        self._agree()

    def face(self, partner: "Leg") -> None:
        """Let what is heard here leave by the partner; half of `join`."""
        self._playback.stop()
        self.partner = partner
        self.relay = Relay(self, partner)

    def part(self, now: float) -> None:
        """Send our own sound again, and let the partner do the same."""
        if self.partner is not None:
            for one in (self.partner, self):
                one.turn_away(now)

    def turn_away(self, now: float) -> None:
        """Be alone; half of `part`."""
        self.partner = self.relay = None
        if self._relayed_until != NEVER:
            self._take_over(now)

    def _take_over(self, now: float) -> None:
        """Go on with our own sound on the line that the partner's was on."""
        self._relayed_until = NEVER
        self.stream.catch_up(now)

    def _agree(self) -> None:
        for one in (self, self.partner):
            if one is not None and one.relay is not None:
                one.relay.agree()

    def close(self, now: float) -> Closed:
        """Say goodbye, free the ports and return what the leg was like."""
        self.part(now)
        if self._has_sent:
            self._send_reports(now, is_last=True)
        self.rtp.close()
        self.reports.close()
        quality = self._reception.summary()
        return Closed(
            leg=self.name,
            sent=self.stream.packets,
            received=quality.packets,
            lost=quality.lost,
            jitter_ms=round(quality.jitter_ms, 2),
            longest_gap_ms=round(quality.longest_gap_ms, 1),
            peer_lost=self._reporting.peer_lost,
            peer_jitter_ms=self._reporting.peer_jitter_ms,
            round_trip_ms=self._reporting.round_trip_ms,
            late=self._playback.underruns,
        )

    # Receiving.

    def receive_rtp(self, now: float) -> None:
        """Read one packet."""
        rtp = self._socket
        try:
            if rtp.learner is not None:
                packet, source = self.rtp.recvfrom(PACKET_LIMIT)
                self._learn(packet, (source[0], source[1]), now)
                return
            packet = self.rtp.recv(PACKET_LIMIT)
        except OSError as error:
            # The kernel tells a refusal once: here or to `send`, whoever comes first.
            self._refused(error, now)
            return
        # Until it is known who the peer is, nobody is heard.
        if rtp.is_connected:
            self._hear(packet, now)

    def receive_reports(self, now: float) -> None:
        """Read one packet of the reports' own port."""
        try:
            packet, source = self.reports.recvfrom(PACKET_LIMIT)
        except OSError:
            return
        if self._socket.peer[0] == source[0]:
            self._hear_reports(packet, now)

    def look_after(self, now: float, chance: float) -> None:
        """Decide what is due: the peer's address, our reports, whether anybody is there."""
        if self._socket.learner is not None:
            self._tick(now)
        if not self.is_started:
            return
        if now >= self.report_at:
            self.report_at = now + interval_s(chance)
            self._send_reports(now)
        expects = self._order is not None and self._order.receives and self.sends
        if expects and now - self._heard_at > SILENT_FOR_S:
            self._tell_silence(f"neither sound nor reports came for {SILENT_FOR_S:.0f} s")

    def _hear(self, packet: bytes, now: float) -> None:
        if self._is_muxed and is_rtcp(packet):
            self._hear_reports(packet, now)
            return
        header = parse_header(packet)
        if header is None:
            return
        payload_type, marker, sequence, timestamp, ssrc, start, end = header
        self._heard_at = now
        self._refused_at = NEVER
        if not self._has_heard:
            self._has_heard = True
            self._tell(FirstIn(self.name, now, *self._socket.peer))
        if not self._reception.receive(sequence, timestamp, ssrc, now):
            return
        if payload_type == self.terms.event_type:
            digit = self._keys.receive(packet[start:end], timestamp, marker)
            if digit is not None:
                self._tell(Digit(self.name, digit))
        if self.relay is not None:
            self.relay.pass_on(packet, header, now)

    def _hear_reports(self, packet: bytes, now: float) -> None:
        if self._reporting.hear(packet, now):
            self._heard_at = now

    # Where the peer is.

    def _restart_learning(self, address: Address, order: Connect, now: float) -> None:
        self._signalled = address
        self._report_peer = (order.rtcp_address, order.rtcp_port) if order.rtcp_port else None
        policy = Policy.SIGNALLED if order.trust_signalled else Policy.LEARN
        try:
            self._socket.learn(address, order.signalling_ip, policy, now)
        except LostSocket as lost:
            self._tell_silence(str(lost))

    def _learn(self, packet: bytes, source: Address, now: float) -> None:
        """Judge a packet while learning, and hear it if it settles that its source is the peer."""
        ours = (self.terms.payload_type, self.terms.event_type)
        try:
            is_settled = self._socket.judge(packet, source, ours, now)
        except LostSocket as lost:
            self._tell_silence(str(lost))
            return
        if is_settled:
            self._settled(now, [packet] if source == self._socket.peer else [])

    def _tick(self, now: float) -> None:
        try:
            is_settled = self._socket.tick(now)
        except LostSocket as lost:
            self._tell_silence(str(lost))
            return
        if is_settled:
            self._settled(now, [])

    def _settled(self, now: float, packets: list[bytes]) -> None:
        """The peer is known: hear what it has sent so far."""
        peer = self._socket.peer
        if self._report_peer is not None and peer != self._signalled:
            # Behind a NAT the reports' port is a guess, and the usual one.
            guess = peer[1] if self._is_muxed else peer[1] + 1
            self._report_peer = (peer[0], guess) if guess <= MAXIMUM_PORT else None
        for packet in packets + self._socket.queued():
            self._hear(packet, now)

    def _send_reports(self, now: float, *, is_last: bool = False) -> None:
        if self._report_peer is None:
            return
        compound = self._reporting.write(now, is_last=is_last)
        try:
            if self._is_muxed:
                self._socket.transmit(compound)
            else:
                self.reports.sendto(compound, self._report_peer)
        except OSError:
            # Reports are repeated by nature; a lost one is the next one's business.
            return

    def _tell_silence(self, text: str) -> None:
        if not self._has_told_silence:
            self._has_told_silence = True
            self._tell(Silent(self.name, text))
