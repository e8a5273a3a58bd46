"""What a node tells Prometheus of its calls: how many, how they were refused, how long things took, how they sounded.

What happens is added up as it happens (`Metrics`, the engine's observer); what stands is looked at when somebody asks
(`Standing`). Labels are few and known: names of trunks and codes, never accounts or numbers. Each metric has its row
in `docs/operators/metrics.md`.
"""

from collections import Counter as Counts
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from offhook.domain.breakers import Breaker, Tripped
from offhook.domain.trunk_states import Kind, Observed
from offhook.engine.net.leg_quality import LegQuality
from offhook.engine.net.media_pool import WorkerLoad

SETUP_S = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 20.0, 30.0, 60.0)
ACTION_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 16.0)
LOSS = (0.0, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5)
JITTER_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5)
MOS = (1.0, 2.0, 2.6, 3.1, 3.6, 3.8, 4.0, 4.2, 4.3, 4.4, 4.5)
"""2.6, 3.1, 3.6, 4.0 and 4.3 are where G.107 annex B draws its lines between users."""

RECEIVED, SENT = "received", "sent"


class Metrics:
    """The engine's observer: one addition for each thing that it is told."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._refusals = Counter(
            "offhook_refusals",
            "Calls that were not let in, by the reason of the call log.",
            ("reason",),
            registry=registry,
        )
        self._setup = Histogram(
            "offhook_setup_seconds", "Time from the INVITE to the answer.", registry=registry, buckets=SETUP_S
        )
        self._action = Histogram(
            "offhook_action_seconds",
            "Time that an action server took for one question, retries and redirects included.",
            ("outcome",),
            registry=registry,
            buckets=ACTION_S,
        )
        self._loss = Histogram(
            "offhook_rtp_loss_ratio",
            "Share of a leg's packets that were lost: received is what we counted, sent what the peer reported.",
            ("direction",),
            registry=registry,
            buckets=LOSS,
        )
        self._jitter = Histogram(
            "offhook_rtp_jitter_seconds",
            "Jitter of a leg at its end (RFC 3550): received is what we measured, sent what the peer reported.",
            ("direction",),
            registry=registry,
            buckets=JITTER_S,
        )
        self._mos = Histogram(
            "offhook_rtp_mos",
            "MOS of the stream that a leg received, estimated by the E-model (ITU-T G.107).",
            registry=registry,
            buckets=MOS,
        )

        self._webhooks = Counter(
            "offhook_webhook_attempts",
            "Attempts to deliver an event to a webhook, by what came of them.",
            ("outcome",),
            registry=registry,
        )
        self._waiting = Gauge(
            "offhook_webhooks_waiting",
            "Events of webhooks that are not delivered yet, on all nodes.",
            registry=registry,
        )
        self._oldest = Gauge(
            "offhook_webhooks_oldest_seconds", "Age of the oldest event that is not delivered yet.", registry=registry
        )

    def refused(self, reason: str) -> None:
        self._refusals.labels(reason).inc()

    def answered(self, seconds: float) -> None:
        self._setup.observe(seconds)

    def action_server_asked(self, seconds: float, *, failed: bool) -> None:
        self._action.labels("failed" if failed else "answered").observe(seconds)

    def leg_closed(self, quality: LegQuality) -> None:
        closed = quality.closed
        if quality.loss is not None:
            self._loss.labels(RECEIVED).observe(quality.loss)
            self._jitter.labels(RECEIVED).observe(closed.jitter_ms / 1000)
        if quality.mos is not None:
            self._mos.observe(quality.mos)
        if quality.sent_loss is not None:
            self._loss.labels(SENT).observe(quality.sent_loss)
        if closed.peer_jitter_ms is not None:
            self._jitter.labels(SENT).observe(closed.peer_jitter_ms / 1000)

    def webhook_tried(self, outcome: str) -> None:
        self._webhooks.labels(outcome).inc()

    def webhooks_wait(self, waiting: int, oldest_s: float) -> None:
        self._waiting.set(waiting)
        self._oldest.set(oldest_s)


class Door(Protocol):
    """What stands before calls come in."""

    @property
    def unread(self) -> int: ...

    @property
    def lag_s(self) -> float: ...

    @property
    def is_overloaded(self) -> bool: ...

    @property
    def registrations(self) -> int: ...


class Standing(Collector):
    """What stands at the moment of a scrape: everything is asked then, in the loop that answers it."""

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        calls: Callable[[], Mapping[tuple[str, str], int]],
        dropped: Callable[[], int],
        loads: Callable[[], Iterable[WorkerLoad]],
        trunks: Callable[[], Iterable[Observed]],
        door: Door,
        tripped: Callable[[], Iterable[Tripped]],
        unasked: Callable[[], int],
    ) -> None:
        self._calls = calls
        self._dropped = dropped
        self._loads = loads
        self._trunks = trunks
        self._door = door
        self._tripped = tripped
        self._unasked = unasked
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """Yield the families, as Prometheus asks for them."""
        calls = GaugeMetricFamily("offhook_calls", "Calls that are not recorded yet.", labels=("state", "trunk"))
        for (state, trunk), count in self._calls().items():
            calls.add_metric((state, trunk), count)
        yield calls
        legs = GaugeMetricFamily("offhook_media_worker_legs", "Legs of a media worker.", labels=("worker",))
        busy = GaugeMetricFamily(
            "offhook_media_worker_busy_ratio",
            "Share of the last five seconds in which a media worker did not wait.",
            labels=("worker",),
        )
        for load in self._loads():
            legs.add_metric((str(load.index),), load.legs)
            busy.add_metric((str(load.index),), load.busy)
        yield legs
        yield busy
        up = GaugeMetricFamily(
            "offhook_trunk_up", "Whether a trunk's gateway answers (1) or not (0).", labels=("trunk",)
        )
        registered = GaugeMetricFamily(
            "offhook_trunk_registered",
            "Whether we are registered at a trunk's provider (1) or not (0).",
            labels=("trunk",),
        )
        for one in self._trunks():
            (up if one.kind is Kind.GATEWAY else registered).add_metric((one.trunk,), one.is_up)
        yield up
        yield registered
        states = Counts(one.state for one in self._tripped())
        breakers = GaugeMetricFamily(
            "offhook_action_breakers",
            "Action servers of accounts that are left alone (open) or tried again by one question (half-open).",
            labels=("state",),
        )
        for state in (Breaker.OPEN, Breaker.HALF_OPEN):
            breakers.add_metric((state.value,), states[state])
        yield breakers
        yield CounterMetricFamily(
            "offhook_action_unasked", "Questions that an open breaker sent to the fallback.", value=self._unasked()
        )
        yield CounterMetricFamily(
            "offhook_stranger_datagrams_dropped",
            "SIP datagrams of unknown sources, dropped unread.",
            value=self._dropped(),
        )
        yield CounterMetricFamily(
            "offhook_messages_unread",
            "SIP messages of known sources that were dropped unread: too many a second.",
            value=self._door.unread,
        )
        yield GaugeMetricFamily(
            "offhook_loop_lag_seconds", "How late the loop is, on average of its last beats.", value=self._door.lag_s
        )
        yield GaugeMetricFamily(
            "offhook_overloaded", "1 while new calls are refused for the load.", value=int(self._door.is_overloaded)
        )
        yield GaugeMetricFamily(
            "offhook_registered_peers", "Peers that are registered at this node.", value=self._door.registrations
        )
