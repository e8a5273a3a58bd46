"""One leg inside a media worker: its sockets, what it plays, what it hears.

`send` and `receive_rtp` run for every packet. A leg that plays nothing sends silence, so that one
line of sequence numbers and timestamps lasts from the answer to the end (RFC 3550 section 5.1).
"""

import os
import socket
from collections.abc import Callable
from math import inf

from offhook.domain.sounds import Codec
from offhook.engine.media.dtmf import Receiver
from offhook.engine.media.g711 import SILENCE
from offhook.engine.media.learning import Address, Decision, Learner, Policy
from offhook.engine.media.quality import Reception
from offhook.engine.media.report_timing import interval_s
from offhook.engine.media.rtp import Stream, is_rtcp, parse_header
from offhook.engine.media.sdp.description import UNSPECIFIED
from offhook.engine.net.addresses import MAXIMUM_PORT
from offhook.engine.net.media_reports import Reporting
from offhook.engine.net.orders import Closed, Connect, Digit, Finished, FirstIn, FirstOut, Play, Report, Silent
from offhook.engine.net.sound_files import SoundFile, SoundLibrary

FRAME_BYTES = 160
"""20 ms of G.711."""

PACKET_LIMIT = 2048
REFUSED_FOR_S = 10.0
"""How long nobody may listen at the peer's address before the leg is told to be dead."""

REFUSALS_APART_S = 3.0
"""Refusals further apart are not one outage. A peer's kernel tells at most one a second (Linux' icmp_ratelimit)."""

SILENT_FOR_S = 300.0
"""How long neither RTP nor RTCP may come while we expect media."""

Tell = Callable[[Report], None]


class Leg:
    """A pair of ports and one caller's media."""

    __slots__ = (
        "_codec",
        "_event_type",
        "_has_heard",
        "_has_sent",
        "_has_told_silence",
        "_heard_at",
        "_is_connected",
        "_is_muxed",
        "_keys",
        "_limit",
        "_loops_left",
        "_order",
        "_payload_type",
        "_peer",
        "_playing",
        "_position",
        "_reception",
        "_refused_at",
        "_refused_since",
        "_report_peer",
        "_reporting",
        "_samples",
        "_signalled",
        "_silence",
        "_sound",
        "_tell",
        "_transmit",
        "_underruns",
        "_watch",
        "is_started",
        "learner",
        "name",
        "report_at",
        "reports",
        "rtp",
        "sends",
        "stream",
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
        self.learner: Learner | None = None
        self.report_at = 0.0
        self._tell = tell
        self._watch = watch
        self._order: Connect | None = None
        self._is_muxed = False
        self._peer: Address = ("", 0)
        self._signalled: Address | None = None
        self._is_connected = False
        self._report_peer: Address | None = None
        self._payload_type = -1
        self._event_type: int | None = -1
        self._codec = Codec.PCMU
        self._silence = SILENCE[Codec.PCMU] * FRAME_BYTES
        self._sound: SoundFile | None = None
        self._samples: bytearray = bytearray()
        self._position = 0
        self._limit = 0
        self._loops_left = 0
        self._playing: Play | None = None
        self._underruns = 0
        self._reception = Reception()
        self._reporting = Reporting(stream, self._reception)
        self._keys = Receiver()
        self._has_sent = False
        self._has_heard = False
        self._heard_at = 0.0
        self._refused_since = self._refused_at = -inf
        self._has_told_silence = False
        self._transmit: Callable[[bytes], int] = self._send_unconnected

    # Sending: called every 20 ms.

    def send(self, now: float) -> None:
        """Send the next 20 ms."""
        end = self._position + FRAME_BYTES
        if end < self._limit:
            payload: bytes | bytearray = self._samples[self._position : end]
            self._position = end
        else:
            payload = self._next_part()
        try:
            self._transmit(self.stream.header(FRAME_BYTES) + payload)
        except OSError as error:
            self._refused(error, now)
        if not self._has_sent:
            self._has_sent = True
            self._tell(FirstOut(self.name, now))

    def _next_part(self) -> bytes | bytearray:
        """Return the next frame where the plain slice ends: the sound's end, its growth, or silence."""
        sound = self._sound
        if sound is None:
            return self._silence
        end = self._position + FRAME_BYTES
        if not sound.is_whole and end >= self._limit:
            sound.grow()
            self._limit = len(sound.data)
            if end > self._limit and not sound.is_whole:
                self._underruns += 1
                return self._silence
        payload = sound.data[self._position : end]
        self._position = end
        if sound.is_whole and end >= self._limit:
            self._loops_left -= 1
            self._position = 0
            if self._loops_left <= 0:
                self._finish()
        missing = FRAME_BYTES - len(payload)
        return payload + self._silence[:missing] if missing else payload

    def _finish(self) -> None:
        order, self._playing, self._sound = self._playing, None, None
        self._samples = bytearray()
        self._position = self._limit = 0
        if order is not None:
            self._tell(Finished(self.name, order.key, self._underruns))

    def _send_unconnected(self, packet: bytes) -> int:
        return self.rtp.sendto(packet, self._peer)

    def _refused(self, error: OSError, now: float) -> None:
        """Count an error of the socket, mostly ECONNREFUSED for an earlier packet, as loss until it has lasted."""
        if isinstance(error, BlockingIOError):
            return
        if now - self._refused_at > REFUSALS_APART_S:
            self._refused_since = now
        self._refused_at = now
        if now - self._refused_since >= REFUSED_FOR_S:
            self._tell_silence(f"nobody listens at {self._peer[0]}:{self._peer[1]}: {error.strerror}")

    # Orders.

    def connect(self, order: Connect, library: SoundLibrary, now: float) -> None:
        """Use a new remote description; learning restarts when its address is new."""
        self._order = order
        self._is_muxed = order.rtcp_mux
        codec = Codec(order.codec)
        if codec is not self._codec:
            self._codec = codec
            self._silence = SILENCE[codec] * FRAME_BYTES
            if self._playing is not None:
                self._load_again(self._playing, library)
        self._payload_type = order.payload_type
        self._event_type = order.event_type
        self.stream.switch(order.payload_type)
        self.sends = order.sends and order.port > 0
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

    def play(self, order: Play, library: SoundLibrary) -> None:
        """Play a sound instead of what is playing. Raises `OSError` when its file is gone."""
        self._load(order, library)
        self._position = 0
        self._loops_left = order.loop
        self._underruns = 0

    def _load(self, order: Play, library: SoundLibrary) -> None:
        self._sound = library.get(order.path, order.growing_path, Codec(order.codec), self._codec)
        self._samples = self._sound.data
        self._limit = len(self._samples)
        self._playing = order

    def _load_again(self, order: Play, library: SoundLibrary) -> None:
        """Go on with the sound where it was, in the other law; one that was evicted meanwhile is over."""
        try:
            self._load(order, library)
        except OSError:
            self._finish()

    def close(self, now: float) -> Closed:
        """Say goodbye, free the ports and return what the leg was like."""
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
            late=self._underruns,
        )

    # Receiving.

    def receive_rtp(self, now: float) -> None:
        """Read one packet."""
        try:
            if self.learner is not None:
                packet, source = self.rtp.recvfrom(PACKET_LIMIT)
                self._learn(packet, (source[0], source[1]), now)
                return
            packet = self.rtp.recv(PACKET_LIMIT)
        except OSError as error:
            # The kernel tells a refusal once: here or to `send`, whoever comes first.
            self._refused(error, now)
            return
        # Until it is known who the peer is, nobody is heard.
        if self._is_connected:
            self._hear(packet, now)

    def receive_reports(self, now: float) -> None:
        """Read one packet of the reports' own port."""
        try:
            packet, source = self.reports.recvfrom(PACKET_LIMIT)
        except OSError:
            return
        if self._peer[0] == source[0]:
            self._hear_reports(packet, now)

    def look_after(self, now: float, chance: float) -> None:
        """Decide what is due: the peer's address, our reports, whether anybody is there."""
        if self.learner is not None and (decision := self.learner.tick(now)) is not None:
            self._decided(decision)
            self._drain(now)
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
        self._refused_at = -inf
        if not self._has_heard:
            self._has_heard = True
            self._tell(FirstIn(self.name, now, *self._peer))
        is_new = self._reception.receive(sequence, timestamp, ssrc, now)
        if payload_type == self._event_type and is_new:
            digit = self._keys.receive(packet[start:end], timestamp, marker)
            if digit is not None:
                self._tell(Digit(self.name, digit))

    def _hear_reports(self, packet: bytes, now: float) -> None:
        if self._reporting.hear(packet, now):
            self._heard_at = now

    # Where the peer is.

    def _restart_learning(self, address: Address, order: Connect, now: float) -> None:
        self._transmit = self._send_unconnected
        self._peer = self._signalled = address
        if self._is_connected:
            self._is_connected = False
            self._unconnect()
        self._report_peer = (order.rtcp_address, order.rtcp_port) if order.rtcp_port else None
        policy = Policy.SIGNALLED if order.trust_signalled else Policy.LEARN
        self.learner = Learner(address, order.signalling_ip, policy, now)

    def _learn(self, packet: bytes, source: Address, now: float) -> None:
        """Judge a packet while learning, and hear it if it settles that its source is the peer."""
        header = parse_header(packet)
        if header is None or self.learner is None:
            return
        payload_type, _, sequence, _, ssrc, _, _ = header
        is_ours = payload_type in (self._payload_type, self._event_type)
        decision = self.learner.receive(source, sequence, ssrc, is_ours, now)
        if decision is not None:
            self._decided(decision)
            if source == self._peer:
                self._hear(packet, now)
            self._drain(now)

    def _decided(self, decision: Decision) -> None:
        """Connect to the peer: from now on the kernel drops everybody else."""
        if self._report_peer is not None and decision.address != self._peer:
            # Behind a NAT the reports' port is a guess, and the usual one.
            host, port = decision.address
            guess = port if self._is_muxed else port + 1
            self._report_peer = (host, guess) if guess <= MAXIMUM_PORT else None
        self._peer = decision.address
        self.learner = None
        try:
            self.rtp.connect(decision.address)
        except OSError as error:
            # No route, or a broadcast address.
            self._tell_silence(f"nothing can be sent to {self._peer[0]}:{self._peer[1]}: {error.strerror}")
            return
        self._is_connected = True
        self._transmit = self.rtp.send

    def _drain(self, now: float) -> None:
        """Read what was queued before the connection; only the peer's own packets count."""
        while True:
            try:
                packet, source = self.rtp.recvfrom(PACKET_LIMIT)
            except OSError:
                return
            if (source[0], source[1]) == self._peer:
                self._hear(packet, now)

    def _unconnect(self) -> None:
        """Put a fresh socket in the old one's place and port: Python cannot dissolve an association."""
        bound = self.rtp.getsockname()
        with socket.socket(self.rtp.family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as fresh:
            os.dup2(fresh.fileno(), self.rtp.fileno(), inheritable=False)
        try:
            self.rtp.bind(bound)
        except OSError as error:
            # Somebody took the port in the instant in which nobody had it.
            self._tell_silence(f"our port {bound[1]} was lost: {error.strerror}")
        self._watch(self.rtp.fileno())

    def _send_reports(self, now: float, *, is_last: bool = False) -> None:
        if self._report_peer is None:
            return
        compound = self._reporting.write(now, is_last=is_last)
        try:
            if self._is_muxed:
                self._transmit(compound)
            else:
                self.reports.sendto(compound, self._report_peer)
        except OSError:
            # Reports are repeated by nature; a lost one is the next one's business.
            return

    def _tell_silence(self, text: str) -> None:
        if not self._has_told_silence:
            self._has_told_silence = True
            self._tell(Silent(self.name, text))
