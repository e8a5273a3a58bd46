"""The door: which messages the agent may have, and what the others get; for most of them that is nothing.

A source that a trunk names comes in at once. Where a trunk's peer proves itself by a password, the pure
`Doorkeeper` judges, and this is its shell: its answers are sent, and what became of a stranger is remembered.
"""

import asyncio
from collections.abc import Iterable, Mapping

from offhook.domain.rules import TrunkRules
from offhook.engine.net.endpoint import Endpoint
from offhook.engine.net.gate import Gate
from offhook.engine.net.log import log
from offhook.engine.net.trunks import Trunks
from offhook.engine.sip.bindings import Binding
from offhook.engine.sip.doorkeeper import Doorkeeper, LetIn, Peer
from offhook.engine.sip.outputs import Destination, Invited, Send, Transport

UPKEEP_S = 1.0
_BEGINNINGS = (b"INVITE ", b"REGISTER ")
_ANSWER = b"SIP/2.0 "


class Door:
    """What stands between an endpoint's sockets and its agent."""

    def __init__(self, endpoint: Endpoint, trunks: Trunks, keeper: Doorkeeper, gate: Gate) -> None:
        self._endpoint = endpoint
        self._trunks = trunks
        self._keeper = keeper
        self._gate = gate
        self._names: dict[str, str] = {}
        self._upkeep: asyncio.TimerHandle | None = None

    @property
    def registrations(self) -> int:
        """How many peers are registered here."""
        return self._keeper.registrations(self._endpoint.now())

    def use(self, peers: Iterable[Peer], rules: Mapping[str, TrunkRules]) -> None:
        """Let these prove themselves from now on, and whoever has a name in a trunk's rules by a certificate."""
        self._keeper.use(peers)
        self._names = {trunk: each.client_name.lower() for trunk, each in rules.items() if each.client_name}
        if self._names:
            self._endpoint.streams.ask_for_certificates()

    def stop(self) -> None:
        """Keep nothing any more."""
        if self._upkeep is not None:
            self._upkeep.cancel()

    def permits(self, data: bytes, source: Destination) -> bool:
        """Tell whether the agent may have a message; one that it may not have is dealt with here."""
        trunk = self._trunks.of(source.host)
        may_be_read = trunk is not None or self._keeper.welcomes_strangers or self._trunks.expects(source.host)
        if may_be_read and not self._gate.hears(source.host, self._endpoint.now()):
            self._endpoint.logger.warning("too many messages: not all are read", trunk=trunk, source=source.host)
            return False
        if trunk in self._names and not self._may_speak(data, source, trunk):
            return False
        if self._keeper.asks(trunk):
            return self._receive(data, source, trunk)
        if trunk is not None or not self._keeper.welcomes_strangers:
            return self._trunks.permits(data, source.host, source.port)
        if self._trunks.expects(source.host) and not data.lstrip(b"\r\n").startswith(_BEGINNINGS):
            return True
        return self._receive(data, source, None)

    def welcomes(self, source: Destination) -> bool:
        """Tell whether a stranger may open a connection, to prove itself on it."""
        host = source.host
        is_strange = self._trunks.of(host) is None and not self._trunks.expects(host)
        return is_strange and self._keeper.welcomes_strangers

    def trunk_of(self, invited: Invited) -> str | None:
        """Return whose call it is that was proven, and take it as begun."""
        host, call_id = invited.source.host, invited.request.first("Call-ID")
        trunk = self._keeper.trunk_of(host, call_id)
        if trunk is not None:
            self._endpoint.agent.answer_at_source(invited.leg)
            self._keeper.begun(host, call_id, invited.leg, self._endpoint.now())
        return trunk

    def missing_name(self, trunk: str, source: Destination) -> str:
        """Say what keeps a source from being a trunk that needs a certificate; nothing if it is, or needs none."""
        name = self._names.get(trunk)
        if name is None:
            return ""
        if source.transport is not Transport.TLS:
            return f"it came by {source.transport}, and {trunk} needs TLS with a certificate that names {name}"
        streams = self._endpoint.streams
        shown = streams.names_of(source.connection)
        if name in shown or streams.is_ours(source.connection):
            return ""
        return f"its certificate names {', '.join(sorted(shown)) or 'nobody, or it showed none'}, and not {name}"

    def asks(self, trunk: str) -> bool:
        """Tell whether each call of a trunk has to be proven."""
        return self._keeper.asks(trunk)

    def contacts(self, trunk: str) -> tuple[Binding, ...]:
        """Return where a trunk's peer has registered, the latest first."""
        return self._keeper.contacts(trunk, self._endpoint.now())

    def called(self, host: str, leg: str) -> None:
        """We call a peer where it has registered: what it says in that call comes in."""
        agent = self._endpoint.agent
        agent.answer_at_source(leg)
        self._keeper.begun(host, agent.call_id_of(leg), leg, self._endpoint.now())
        self._keep_up()

    def _may_speak(self, data: bytes, source: Destination, trunk: str) -> bool:
        """Tell whether a message of a trunk that needs a certificate may go further; answers to us may."""
        is_connecting = source.transport is Transport.TLS and not source.connection
        if is_connecting or data.startswith(_ANSWER):
            return True
        missing = self.missing_name(trunk, source)
        if missing:
            self._trunks.remember(source.host, data, f"unanswered: {missing}")
            self._endpoint.logger.warning("a trunk is not let in", trunk=trunk, source=source.host, text=missing)
        return not missing

    def _receive(self, data: bytes, source: Destination, trunk: str | None) -> bool:
        reception = self._keeper.receive(data, source, trunk, self._endpoint.now())
        if reception.user:
            self._endpoint.streams.vouch(source.connection)
            self._trunks.forget(source.host)
        if isinstance(reception, LetIn):
            self._keep_up()
            return not reception.user or self._is_certified(reception.user, data, source)
        if reception.answer and reception.to is not None:
            self._endpoint.do([Send(reception.answer, reception.to)])
        if reception.user:
            log.debug("a peer was heard", source=source.host, text=reception.outcome)
        elif trunk is not None:
            self._endpoint.logger.warning("a call was not let in", trunk=trunk, text=reception.outcome)
        elif reception.outcome:
            if not self._keeper.knows(source, self._endpoint.now()):
                self._trunks.remember(source.host, data, reception.outcome)
        elif not data.startswith(b"ACK "):
            # The ACK of a challenge would hide what was challenged.
            return self._trunks.permits(data, source.host, source.port)
        return False

    def _is_certified(self, user: str, data: bytes, source: Destination) -> bool:
        """Tell whether a user who has proven itself also has the certificate that its trunk needs, if any."""
        trunk = self._keeper.trunk_of_user(user)
        return trunk not in self._names or self._may_speak(data, source, trunk)

    def _keep_up(self) -> None:
        if self._upkeep is None and self._keeper.calls:
            self._upkeep = asyncio.get_running_loop().call_later(UPKEEP_S, self._tick)

    def _tick(self) -> None:
        self._upkeep = None
        self._keeper.tick(self._endpoint.now(), self._endpoint.agent.has)
        self._keep_up()
