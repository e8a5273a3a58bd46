"""One leg inside a media worker: its sockets, what it plays, what it hears, whom it is joined with.

`receive_rtp` runs for every packet that comes, `outlet.send` for every one that leaves. A leg that plays
nothing sends silence, so that one line of sequence numbers and timestamps lasts from the answer to the end
(RFC 3550 section 5.1).
"""

import socket
from base64 import b64decode
from collections.abc import Callable
from math import inf

from offhook.domain.sounds import Codec
from offhook.engine.media.dtmf import Receiver
from offhook.engine.media.learning import Address, Policy
from offhook.engine.media.quality import Reception
from offhook.engine.media.report_timing import interval_s
from offhook.engine.media.rtp import CLOCK_HZ, HEADER_SIZE, Header, Stream, is_rtcp, parse_header
from offhook.engine.media.sdp.crypto import Suite
from offhook.engine.media.sdp.description import UNSPECIFIED
from offhook.engine.media.sdp.negotiation import NOISE_TYPE
from offhook.engine.media.tone_keys import ToneReceiver
from offhook.engine.net.addresses import MAXIMUM_PORT
from offhook.engine.net.media_cipher import PACKET_LIMIT, Cipher, Receive
from offhook.engine.net.media_lifesigns import NEVER, SILENT_FOR_S, Lifesigns
from offhook.engine.net.media_oddities import Oddities
from offhook.engine.net.media_outlet import Outlet, Tell
from offhook.engine.net.media_recording import Recorder
from offhook.engine.net.media_relay import Relay, Terms
from offhook.engine.net.media_reports import Reporting
from offhook.engine.net.media_samples import Samples
from offhook.engine.net.media_socket import LostSocket, RtpSocket
from offhook.engine.net.media_tape import Tapes
from offhook.engine.net.media_transcoding import Transcoding
from offhook.engine.net.orders import Closed, Connect, Digit, FirstIn, Play, Press, Record
from offhook.engine.net.sound_files import SoundLibrary


class Leg:
    """A pair of ports and one caller's media."""

    __slots__ = (
        "_has_heard",
        "_is_in_call",
        "_is_muxed",
        "_keys",
        "_keys_in_use",
        "_lifesigns",
        "_oddities",
        "_order",
        "_reception",
        "_report_at",
        "_report_peer",
        "_reporting",
        "_samples",
        "_signalled",
        "_socket",
        "_suppresses_silence",
        "_tell",
        "_tones",
        "_transcoding",
        "expects",
        "is_started",
        "name",
        "outlet",
        "partner",
        "relay",
        "reports",
        "rtp",
        "tapes",
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
        transcoding: Transcoding,
    ) -> None:
        self.name = name
        self.rtp = rtp
        self.reports = reports
        self.is_started = False
        self.terms = Terms(Codec.PCMU, -1, None)
        self.partner: Leg | None = None
        self.relay: Relay | None = None
        self.tapes = Tapes(tell)
        self._tell = tell
        self._transcoding = transcoding
        self._order: Connect | None = None
        # Whether the peer should send sound, both directions being open; asked with every packet.
        self.expects = False
        self._is_muxed = False
        self._socket = RtpSocket(rtp, watch)
        self._signalled: Address | None = None
        self._report_peer: Address | None = None
        self._report_at = 0.0
        self._lifesigns = Lifesigns(name, tell)
        self.outlet = Outlet(name, stream, tell, self._lifesigns, self._socket.transmit)
        self._reception = Reception()
        self._reporting = Reporting(stream, self._reception)
        self._keys = Receiver()
        # There is one where keys come in the sound.
        self._tones: ToneReceiver | None = None
        self._keys_in_use = ("", "", "")
        self._samples = Samples(rtp, self._reception)
        self._oddities = Oddities()
        self._has_heard = False
        self._is_in_call = False
        self._suppresses_silence = False

    @property
    def receive(self) -> Receive:
        """Reads what the peer sends, opened if it is sealed."""
        return self._socket.receive

    @property
    def is_learning(self) -> bool:
        """Whether it is not known yet who the peer is."""
        return self._socket.learner is not None

    @property
    def sends(self) -> bool:
        """Whether the peer wants to hear us: it is not on hold."""
        return self._order is not None and self._order.sends and self._order.port > 0

    # Orders.

    @property
    def is_recorded(self) -> bool:
        """Whether what the peer says is recorded, here or by the partner."""
        return self.tapes.tape is not None or (self.partner is not None and self.partner.tapes.wants_partner)

    def connect(self, order: Connect, library: SoundLibrary, now: float) -> None:
        """Use a new remote description; learning restarts when its address is new."""
        did_send = self.sends
        self._order = order
        self.expects = order.receives and self.sends
        self._is_muxed = order.rtcp_mux
        packet_bytes = order.packet_ms * CLOCK_HZ // 1000
        self.terms = Terms(
            Codec(order.codec),
            order.payload_type,
            order.event_type,
            packet_bytes,
            order.noise_type,
            has_tones=order.hears_tones,
        )
        self._listen_for_tones()
        if self.terms.codec.is_wideband:
            # Its partner may not speak it.
            self._transcoding.prepare(now)
        self._use_keys(order)
        self.outlet.playback.use(self.terms.codec, library, packet_bytes)
        self.outlet.use(packet_bytes)
        self.outlet.stream.switch(order.payload_type)
        self._agree()
        if self.sends and not did_send:
            self.outlet.stream.catch_up(now)
        self.outlet.may_send = self.is_started and self.sends
        self._read_all(now)
        self._lifesigns.expected(now)
        self._agree_on_hearing(now)
        address = (order.address, order.port)
        # The old hold of 0.0.0.0 names nobody; a datagram sent there would reach ourselves.
        is_somebody = order.port > 0 and order.address not in UNSPECIFIED
        if is_somebody and (self.sends or order.receives) and address != self._signalled:
            self._restart_learning(address, order, now)

    def _listen_for_tones(self) -> None:
        if not self.terms.has_tones:
            self._tones = None
        elif self._tones is None:
            self._tones = ToneReceiver()

    def _use_keys(self, order: Connect) -> None:
        keys = (order.suite, order.sent_key, order.heard_key)
        if keys == self._keys_in_use:
            # A session that goes on keeps its count of packets (RFC 3711 section 3.3.1).
            return
        self._keys_in_use = keys
        self.outlet.settle()
        sent, heard = b64decode(order.sent_key), b64decode(order.heard_key)
        self._socket.use(Cipher(Suite(order.suite), sent, heard) if order.suite else None)
        self._send_to_peer()

    def start(self, now: float) -> None:
        """Begin to send."""
        if not self.is_started:
            self.is_started = True
            self.outlet.may_send = self.sends
            self._lifesigns.expected(now)
            self._report_at = now + interval_s(1.0, is_first=True)

    def expect(self, now: float) -> None:
        """Miss the peer's sound from now on when it does not come."""
        self._is_in_call = True
        self._agree_on_hearing(now)

    def play(self, order: Play, library: SoundLibrary, now: float) -> None:
        """Play a sound instead of what is playing. Raises `OSError` when its file is gone."""
        self.part(now)
        self.outlet.playback.play(order, library)

    def ring(self, now: float) -> None:
        """Play the ringing tone instead of what is playing."""
        self.part(now)
        self.outlet.playback.ring()

    def quiet(self, now: float) -> None:
        """Send silence instead of what is playing."""
        self.part(now)
        self.outlet.playback.stop()

    def press(self, order: Press, now: float) -> None:
        """Press a key, as event or as tone, whatever the peer knows; who is on hold does not hear it."""
        if self.outlet.may_send:
            self.outlet.press(order.key, order.duration_ms, self.terms.event_type, self.terms.codec, now)

    def join(self, other: "Leg", now: float) -> None:
        """Send what the other one hears, and let it send what we hear, instead of what is playing."""
        if other is self or other is self.partner:
            return
        for one, partner in ((self, other), (other, self)):
            one.part(now)
            one.face(partner, now)
        self._agree()

    def face(self, partner: "Leg", now: float) -> None:
        """Let what is heard here leave by the partner; half of `join`."""
        self.outlet.playback.stop()
        self.partner = partner
        self.relay = Relay(self, partner, self._transcoding)
        self._read_all(now)

    def part(self, now: float) -> None:
        """Send our own sound again, and let the partner do the same."""
        if self.partner is not None:
            for one in (self.partner, self):
                one.turn_away(now)

    def turn_away(self, now: float) -> None:
        """Be alone; half of `part`."""
        if self.relay is not None:
            self.relay.settle()
            self.relay.close()
        self.partner = self.relay = None
        self.outlet.take_back(now)
        self._read_all(now)

    def record(self, order: Record, recorder: Recorder, now: float) -> None:
        """Record what the peer says, and the partner's; a recording before it ends."""
        both = (self, self.partner) if order.is_both else (self,)
        rate = max(one.terms.codec.rate_hz for one in both if one is not None)
        self.tapes.begin(order, recorder, rate, now)
        for one in (self, self.partner):
            if one is not None:
                one.look_at_all(now)

    def stop_recording(self, now: float) -> None:
        """End the recording, if there is one."""
        if self.tapes.stop(now):
            self._read_all(now)

    def look_at_all(self, now: float) -> None:
        """Have every packet from now on looked at."""
        if self.relay is not None:
            self.relay.settle()
        self._read_all(now)

    def _record(self, ssrc: int, timestamp: int, payload: bytes, now: float) -> None:
        """Give a packet of audio to who records it."""
        others = self.partner.tapes if self.partner is not None else None
        for tapes, channel in ((self.tapes, 0), (others, 1)):
            if tapes is not None and tapes.tape is not None and (channel == 0 or tapes.wants_partner):
                tapes.tape.hear(channel, self.terms.codec, ssrc, timestamp, payload, now)

    def _agree(self) -> None:
        for one in (self, self.partner):
            if one is not None and one.relay is not None:
                one.relay.agree()

    def close(self, now: float) -> Closed:
        """Say goodbye, free the ports and return what the leg was like."""
        self.stop_recording(now)
        self.part(now)
        if self.outlet.has_sent:
            self._send_reports(now, is_last=True)
        self._samples.finish()
        self.rtp.close()
        self.reports.close()
        return self._reporting.closed(self.name, late=self.outlet.playback.underruns, odd=self._oddities.told())

    # Receiving.

    def receive_rtp(self, now: float) -> None:
        """Read one packet."""
        relay, rtp = self.relay, self._socket
        try:
            if relay is not None and relay.left:
                packet = relay.receive(now)
                if packet is not None:
                    self._hear(packet, now)
                return
            if rtp.learner is not None:
                packet, source = self.rtp.recvfrom(PACKET_LIMIT)
                self._learn(rtp.open(packet), (source[0], source[1]), now)
                return
            if self._samples.are_counting:
                self._receive_sample(now)
                return
            packet = rtp.receive(PACKET_LIMIT)
        except OSError as error:
            # The kernel tells a refusal once: here or to `send`, whoever comes first.
            self._lifesigns.refused(error, now)
            return
        # Until it is known who the peer is, nobody is heard.
        if rtp.is_connected:
            self._hear(packet, now)

    def _receive_sample(self, now: float) -> None:
        """Read one packet, and count those that the filter has dropped before it."""
        packet = self._samples.receive(PACKET_LIMIT)
        is_new = self._hear(self._socket.open(packet), now)
        if not is_new or not self._samples.fit(self._reception.ssrc):
            # Something changes: look at every packet for a while.
            self._read_all(now)

    def is_newest(self, sequence: int) -> bool:
        """Whether the packet of this number is the last one in order so far."""
        return self._reception.is_newest(sequence)

    @property
    def jitter_s(self) -> float:
        """The jitter of what the peer sent so far."""
        return self._reception.jitter_s

    def passed(self, packets: int, samples: int, seconds: float, jitter_s: float, now: float) -> None:
        """Count packets that were passed on in order, each of so many samples.

        The last of them came now, and so long after the one before them all. The jitter is what it is by now.
        """
        self._reception.receive_in_order(packets, samples, seconds, jitter_s)
        self._lifesigns.heard(now)

    def _read_all(self, now: float) -> None:
        is_heard = self.partner is not None or self.tapes.tape is not None or self._tones is not None
        self._samples.end(now, is_listened_to=is_heard)

    def receive_reports(self, now: float) -> None:
        """Read one packet of the reports' own port."""
        try:
            packet, source = self.reports.recvfrom(PACKET_LIMIT)
        except OSError:
            return
        if self._socket.peer[0] == source[0]:
            self._hear_reports(self._socket.open(packet), now)

    def look_after(self, now: float, chance: float) -> float:
        """Do what is due: settle the peer's address, send reports, see whether anybody is there.

        Returns the moment at which something is due again; an order may change that.
        """
        if self._socket.learner is not None:
            self._tick(now)
        if self.is_started and now >= self._report_at:
            self._report_at = now + interval_s(chance)
            if self._samples.have_moved():
                self._lifesigns.moved(now)
            if self.relay is not None:
                self.relay.settle()
            self._send_reports(now)
            self._check_silence(now)
        if now >= self._lifesigns.listen_at and self._lifesigns.miss(self._last_sound_at(now), now):
            # The next packet must be seen when it comes.
            self._read_all(now)
        learns_until = None if self._socket.learner is None else self._socket.learner.deadline()
        return min(
            inf if learns_until is None else learns_until,
            self._lifesigns.listen_at,
            self._report_at if self.is_started else inf,
        )

    def _check_silence(self, now: float) -> None:
        if self.expects and self._lifesigns.is_silent(now):
            self._lifesigns.lost(f"neither sound nor reports came for {SILENT_FOR_S:.0f} s")

    def _agree_on_hearing(self, now: float) -> None:
        """Miss the peer's sound, or do not, by what was agreed on last."""
        if self._lifesigns.expect_sound(
            now, is_expected=self._is_in_call and self.expects and not self._suppresses_silence
        ):
            # What nobody read came before the silence that is excused.
            self._samples.catch_up()
            self._reception.resume(now)

    def _last_sound_at(self, now: float) -> float:
        """Return when the last sound came, be it that nobody looked at it."""
        passed_on_at = NEVER if self.relay is None else self.relay.heard_at
        return min(now, max(self._lifesigns.sound_at + self._samples.unseen_s, passed_on_at))

    def _hear(self, packet: bytes, now: float) -> bool:
        """Take a packet of the peer; False for what is no packet or not a new one."""
        if self.relay is not None:
            self.relay.settle()
        if self._is_muxed and is_rtcp(packet):
            self._hear_reports(packet, now)
            return True
        header = parse_header(packet)
        if header is None:
            self._oddities.cannot_be_read()
            return False
        payload_type, marker, sequence, timestamp, ssrc, start, end = header
        self._lifesigns.heard(now)
        if not self._has_heard:
            self._has_heard = True
            self._tell(FirstIn(self.name, now, *self._socket.peer, packet[:HEADER_SIZE].hex()))
        is_key = payload_type == self.terms.event_type
        is_noise = payload_type in (NOISE_TYPE, self.terms.noise_type)
        # Who held the call may be heard again before its word of that is read.
        is_excused = marker or not self.expects
        if is_noise or (is_excused and self._reception.is_pause(sequence, ssrc, now)):
            self._pauses(now)
        if not self._reception.receive(sequence, timestamp, ssrc, now, is_timed=not is_key):
            return False
        self._understand(packet, header, now)
        if self.relay is not None:
            # What waited in the socket since the filter was there is not the whole of it.
            if not self._samples.are_counting and not self._becomes_event():
                self.relay.pass_on(packet, header, now)
        elif self._samples.are_due(now) and payload_type == self.terms.payload_type:
            self._samples.begin(payload_type, ssrc, (end - start) / CLOCK_HZ)
        return True

    def _becomes_event(self) -> bool:
        """Whether what sounds is a key that the partner's peer hears of as an event: it must not hear it twice."""
        is_pressed = self._tones is not None and self._tones.is_pressed
        return is_pressed and self.partner is not None and self.partner.terms.event_type is not None

    def _understand(self, packet: bytes, header: Header, now: float) -> None:
        """Take what a new packet of the peer holds: a key, as event or as tone, or audio that is recorded."""
        payload_type, marker, _, timestamp, ssrc, start, end = header
        payload = packet[start:end]
        if payload_type == self.terms.event_type:
            digit = self._keys.receive(payload, timestamp, marker)
            if digit is not None:
                self._tell(Digit(self.name, digit))
        elif payload_type == self.terms.payload_type:
            if self._tones is not None:
                for digit in self._tones.receive(payload, self.terms.codec, timestamp):
                    self._tell(Digit(self.name, digit))
            if self.is_recorded:
                self._record(ssrc, timestamp, payload, now)
        elif payload_type not in (NOISE_TYPE, self.terms.noise_type) and not is_rtcp(packet):
            self._oddities.is_unknown(payload_type)

    def _pauses(self, now: float) -> None:
        """The peer sends nothing while it has nothing to say: its gaps are its own, and it is not missed."""
        self._reception.resume(now)
        if not self._suppresses_silence:
            self._suppresses_silence = True
            self._agree_on_hearing(now)
        # How long the next pause is, the filter would not tell.
        self._read_all(now)

    def _hear_reports(self, packet: bytes, now: float) -> None:
        self.outlet.settle()
        if self._reporting.hear(packet, now):
            self._lifesigns.reported(now)

    # Where the peer is.

    def _restart_learning(self, address: Address, order: Connect, now: float) -> None:
        self._signalled = address
        self._report_peer = (order.rtcp_address, order.rtcp_port) if order.rtcp_port else None
        policy = Policy.SIGNALLED if order.trust_signalled else Policy.LEARN
        # A fresh socket may take this one's place.
        self._samples.forget()
        try:
            self._socket.learn(address, order.signalling_ip, policy, now)
        except LostSocket as lost:
            self._lifesigns.lost(str(lost))
        self._send_to_peer()
        # A description that is trusted settles it.
        self._tick(now)

    def _learn(self, packet: bytes, source: Address, now: float) -> None:
        """Judge a packet while learning, and hear it if it settles that its source is the peer."""
        ours = (self.terms.payload_type, self.terms.event_type, self.terms.noise_type)
        try:
            is_settled = self._socket.judge(packet, source, ours, now)
        except LostSocket as lost:
            self._lifesigns.lost(str(lost))
            return
        if is_settled:
            self._settled(now, [packet] if source == self._socket.peer else [])
        elif source != self._socket.peer:
            self._oddities.came_from(source)
        elif parse_header(packet) is None:
            self._oddities.cannot_be_read()

    def _tick(self, now: float) -> None:
        try:
            is_settled = self._socket.tick(now)
        except LostSocket as lost:
            self._lifesigns.lost(str(lost))
            return
        if is_settled:
            self._settled(now, [])

    def _settled(self, now: float, packets: list[bytes]) -> None:
        """The peer is known: hear what it has sent so far."""
        peer = self._socket.peer
        self._oddities.belongs_to(peer)
        self._send_to_peer()
        self._read_all(now)
        if self._report_peer is not None and peer != self._signalled:
            # Behind a NAT the reports' port is a guess, and the usual one.
            guess = peer[1] if self._is_muxed else peer[1] + 1
            self._report_peer = (peer[0], guess) if guess <= MAXIMUM_PORT else None
        for packet in packets + self._socket.queued():
            self._hear(packet, now)

    def _send_to_peer(self) -> None:
        self.outlet.settle()
        self._lifesigns.peer = self._socket.peer
        self.outlet.transmit = self._socket.transmit

    def _send_reports(self, now: float, *, is_last: bool = False) -> None:
        if self._report_peer is None:
            return
        self.outlet.settle()
        compound = self._reporting.write(now, is_last=is_last)
        try:
            self._socket.report(compound, None if self._is_muxed else (self.reports, self._report_peer))
        except OSError:
            # Reports are repeated by nature; a lost one is the next one's business.
            return
