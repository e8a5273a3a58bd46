"""What a leg's two ends agreed on about media, and what is still open: one offer at a time."""

from base64 import b64encode
from collections.abc import Sequence
from secrets import token_bytes

from offhook.domain.misfits import Found
from offhook.domain.rules import Dtmf
from offhook.domain.sounds import Codec
from offhook.engine.media import sdp
from offhook.engine.media.errors import MalformedSdp
from offhook.engine.media.sdp import Agreement, Direction, Keys, Offer, Origin
from offhook.engine.media.sdp.crypto import KEYING_BYTES
from offhook.engine.net.orders import Connect

DISCARD_PORT = 9
"""Stands for our port while only the codec is asked for (RFC 863)."""


class Negotiation:
    """The media of one leg, from the first offer to the last.

    `address` is ours as the peer reaches it; `signalling_ip` the peer's as SIP sees it; `codecs` are those that we
    speak, the best first. A peer that offers SRTP is answered with it; `needs_srtp` is content with nothing else.
    With `has_noise` our offers name comfort noise.
    `dtmf` is how its trunk's keys travel: telephone-events are agreed to only where they are to come.
    """

    def __init__(
        self,
        *,
        address: str,
        signalling_ip: str,
        session_id: int,
        codecs: Sequence[Codec] = sdp.SPOKEN,
        needs_srtp: bool = False,
        has_noise: bool = False,
        dtmf: Dtmf = Dtmf.RFC4733,
    ) -> None:
        self.address = address
        self.signalling_ip = signalling_ip
        # Tones are listened for in the samples of G.711.
        is_inband = dtmf is Dtmf.INBAND
        self._codecs = [codec for codec in codecs if not (is_inband and codec.is_wideband)]
        self._needs_srtp = needs_srtp
        self._has_noise = has_noise
        self._dtmf = dtmf
        # The same for the whole leg: a key that stays lets a stream go on counting its packets.
        self._keying = token_bytes(KEYING_BYTES)
        self._origin = Origin(session_id, address)
        self._offered: sdp.SessionDescription | None = None
        self._port = DISCARD_PORT
        self._agreement: Agreement | None = None
        self._ours: Offer | None = None
        # The last description that could not be used, and whether it answered one of ours that was sealed.
        self._refused: bytes | None = None
        self._refused_answer_to: Offer | None = None

    @property
    def codec(self) -> Codec:
        """The codec agreed on; until the peer has said one, the one that everybody speaks."""
        return self._agreement.codec if self._agreement else Codec.PCMU

    @property
    def knows_noise(self) -> bool:
        """Whether the peer knows comfort noise (RFC 3389)."""
        return self._agreement is not None and self._agreement.noise is not None

    @property
    def agreement(self) -> Agreement | None:
        """What both sides settled on last, if they did."""
        return self._agreement

    @property
    def takes_info(self) -> bool:
        """Whether a key by INFO counts: by the trunk's rule, or because the peer agreed on no telephone-events.

        Somebody who sends both must not be heard twice.
        """
        agreement = self._agreement
        has_none = agreement is not None and agreement.telephone_event is None
        return self._dtmf is Dtmf.INFO or (self._dtmf is Dtmf.RFC4733 and has_none)

    @property
    def key_way(self) -> Dtmf:
        """How keys go to the peer: who knows no telephone-events hears them as tones."""
        if self._dtmf is not Dtmf.RFC4733:
            return self._dtmf
        agreement = self._agreement
        return Dtmf.INBAND if agreement is None or agreement.telephone_event is None else Dtmf.RFC4733

    @property
    def heard_key_way(self) -> Dtmf:
        """How the keys come that the media worker tells of."""
        return Dtmf.INBAND if self._dtmf is Dtmf.INBAND else Dtmf.RFC4733

    @property
    def can_answer(self) -> bool:
        """Whether the peer made the first offer, so that it can be answered before the call is."""
        return self._offered is not None

    @property
    def waits_for_answer(self) -> bool:
        """Whether we made an offer that the peer has not answered."""
        return self._ours is not None

    def offered(self, body: bytes) -> bool:
        """Take the offer of an INVITE, empty when it has none; False when nothing in it fits us."""
        if not body:
            return True
        try:
            self._offered = sdp.parse(body)
            self._agreement = self._agree(self._offered)
        except MalformedSdp:
            self._agreement = None
        return self._has_fitted(body, self._agreement)

    def answer(self, port: int) -> bytes:
        """Return the body of our 200: the answer to the offer, or an offer if there was none."""
        self._port = port
        if self._offered is None:
            return self._offer()
        self._agreement = self._agree(self._offered)
        assert self._agreement is not None, "the offer fitted when the call came in"
        self._origin = self._agreement.origin
        return self._agreement.body

    def offer(self, port: int) -> bytes:
        """Return the body of an INVITE of ours."""
        self._port = port
        return self._offer()

    def answered(self, body: bytes, *, is_final: bool = True) -> bool:
        """Take the answer to our offer; False when it fits nothing that we offered.

        One that is not final came before the call was answered (RFC 3261 section 13.2.1): another may follow.
        """
        ours = self._ours
        if is_final:
            self._ours = None
        if ours is None:
            return True
        try:
            agreement = sdp.accept(sdp.parse(body), ours)
        except MalformedSdp:
            agreement = None
        if not self._has_fitted(body, agreement, ours):
            return False
        self._agreement = agreement
        return True

    def reoffered(self, body: bytes) -> bytes | None:
        """Take an offer within the call (empty: ours is wanted); return what to say, None to decline."""
        if not body:
            return self._offer()
        try:
            agreement = self._agree(sdp.parse(body))
        except MalformedSdp:
            agreement = None
        if not self._has_fitted(body, agreement) or agreement is None:
            return None
        self._agreement = agreement
        self._origin = agreement.origin
        # Whoever offers has answered what we offered before.
        self._ours = None
        return agreement.body

    def reoffer(self, direction: Direction) -> bytes:
        """Return an offer of ours within the call: the sound flows this way only (RFC 3264 section 8.4)."""
        return self._offer(direction)

    def withdraw(self) -> None:
        """Forget an offer within the call that the peer did not take."""
        self._ours = None

    def order(self, leg: str) -> Connect:
        """Return what the media worker must know."""
        agreement = self._agreement
        assert agreement is not None, "media is connected when it was agreed on"
        rtcp = agreement.remote_rtcp or ("", 0)
        return Connect(
            leg=leg,
            codec=agreement.codec.value,
            payload_type=agreement.payload_type,
            event_type=agreement.telephone_event,
            address=agreement.remote_address,
            port=agreement.remote_port,
            rtcp_address=rtcp[0],
            rtcp_port=rtcp[1],
            rtcp_mux=agreement.rtcp_mux,
            signalling_ip=self.signalling_ip,
            sends=agreement.direction.sends,
            receives=agreement.direction.receives,
            trust_signalled=False,
            packet_ms=agreement.ptime_ms,
            noise_type=agreement.noise,
            hears_tones=self._dtmf is Dtmf.INBAND,
            **_written(agreement.keys),
        )

    @property
    def remote(self) -> tuple[str, int]:
        """Where the peer wants to hear us, an address and a port; nowhere while nothing is agreed on."""
        agreement = self._agreement
        return (agreement.remote_address, agreement.remote_port) if agreement else ("", 0)

    def told(self) -> dict[str, object]:
        """Return, for the timeline, where the peer is, whether it hears us, and how keys come and are wanted."""
        agreement = self._agreement
        return {
            "remote": f"{self.remote[0]}:{self.remote[1]}",
            "on_hold": agreement is not None and agreement.on_hold,
            "srtp": agreement is not None and agreement.keys is not None,
            "telephone_event": agreement is not None and agreement.telephone_event is not None,
            "keys_by": self._dtmf.value,
        }

    @property
    def misfit(self) -> Found:
        """Why the last description that was refused could not be used."""
        ours = self._refused_answer_to
        return sdp.misfit(
            self._refused or b"",
            is_answer=ours is not None,
            address=self.address,
            codecs=self._codecs,
            needs_srtp=self._needs_srtp if ours is None else bool(ours.keys),
        )

    def _has_fitted(self, body: bytes, agreement: Agreement | None, answer_to: Offer | None = None) -> bool:
        """Keep a description that fits nothing, for whoever asks why."""
        if agreement is None:
            self._refused, self._refused_answer_to = body, answer_to
        return agreement is not None

    def described(self) -> str:
        """Return the agreement in words, for the timeline."""
        agreement = self._agreement
        if agreement is None:
            return "media is offered"
        hold = ", on hold" if agreement.on_hold else ""
        sealed = f" by SRTP ({agreement.keys.suite})" if agreement.keys else ""
        return f"{agreement.codec.value}{sealed} with {agreement.remote_address}:{agreement.remote_port}{hold}"

    def _offer(self, direction: Direction = Direction.SENDRECV) -> bytes:
        # Who spoke SRTP once is not asked to speak in the clear.
        is_secure = self._needs_srtp or (self._agreement is not None and self._agreement.keys is not None)
        self._ours = sdp.offer(
            address=self.address,
            port=self._port,
            origin=self._origin,
            codecs=self._codecs,
            direction=direction,
            keying=self._keying if is_secure else b"",
            has_noise=self._has_noise,
            has_events=self._dtmf is Dtmf.RFC4733,
        )
        self._origin = self._ours.origin
        return self._ours.body

    def _agree(self, offered: sdp.SessionDescription) -> Agreement | None:
        """Answer an offer, keeping the codec that is in use if the peer still has it."""
        wishes = [(self._agreement.codec,)] if self._agreement else []
        for codecs in (*wishes, self._codecs):
            agreement = sdp.answer(
                offered,
                address=self.address,
                port=self._port,
                origin=self._origin,
                codecs=codecs,
                keying=self._keying,
                needs_srtp=self._needs_srtp,
                has_events=self._dtmf is Dtmf.RFC4733,
            )
            if agreement is not None:
                return agreement
        return None


def _written(keys: Keys | None) -> dict[str, str]:
    """Write keys as the media worker reads them."""
    if keys is None:
        return {}
    return {
        "suite": keys.suite.value,
        "sent_key": b64encode(keys.sent).decode(),
        "heard_key": b64encode(keys.heard).decode(),
    }
