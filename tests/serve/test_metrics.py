"""What Prometheus is told, and that the operators' page names all of it and nothing else."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Receive, Scope, Send

from offhook.api.wrapping import Measurement
from offhook.domain.breakers import Breaker, Tripped
from offhook.domain.calls import Reason
from offhook.domain.sounds import Codec
from offhook.domain.trunk_states import Kind, Observed
from offhook.engine.net import ports
from offhook.engine.net.leg_quality import LegQuality
from offhook.engine.net.media_pool import WorkerLoad
from offhook.engine.net.orders import Closed
from offhook.serve.metrics import Metrics, Standing

PAGE = Path(__file__).parents[2] / "docs" / "operators" / "metrics.md"
ROW = re.compile(r"^\| `(offhook_\w+)` \| (\w+) \| (.*?) \|", re.MULTILINE)
CLOSED = Closed("leg", 1010, 981, 20, 1, 3, 2.5, 61.2, 5, 1000, 0.0078, 1.25, 400.0, 0)


class Node:
    """A registry with all that a node puts into it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry)
        self.observer: ports.Observer = self.metrics
        self.calls = {("ringing", "carrier"): 2, ("joined", "carrier"): 0}
        self.loads = [WorkerLoad(0, 3, 0.25), WorkerLoad(1, 2, 0.125)]
        self.dropped = 7
        self.trunks = [
            Observed("carrier", Kind.GATEWAY, True, "answered"),
            Observed("home", Kind.GATEWAY, False, "nobody answered"),
            Observed("home", Kind.REGISTRATION, True, "until tomorrow"),
        ]
        self.unread, self.lag_s, self.is_overloaded, self.registrations = 5, 0.25, True, 3
        Standing(
            self.registry,
            calls=lambda: self.calls,
            dropped=lambda: self.dropped,
            loads=lambda: self.loads,
            trunks=lambda: self.trunks,
            door=self,
            tripped=lambda: [
                Tripped(account_id, "https://a.example", state, 1.0, "timeout", "late")
                for account_id, state in enumerate([Breaker.OPEN, Breaker.OPEN, Breaker.HALF_OPEN])
            ],
            unasked=lambda: 41,
        )
        Measurement(_nothing, self.registry, lambda: 0.0)

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


async def _nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    return


@pytest.fixture
def node() -> Node:
    return Node()


def test_the_page_has_every_metric_with_its_kind_and_labels_and_no_other(node: Node) -> None:
    # A metric shows its labels once something was counted.
    node.observer.refused(Reason.NO_CREDIT)
    node.observer.answered(1.0)
    node.observer.action_server_asked(0.1, failed=False)
    node.observer.leg_closed(LegQuality(Codec.PCMU, CLOSED))
    node.metrics.webhook_tried("delivered")
    told = {}
    for family in text_string_to_metric_families(generate_latest(node.registry).decode()):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        told[name] = (family.type, labels)
    # Of requests nothing was counted here; `tests/api/test_api_health.py` shows these labels.
    told["offhook_http_request_seconds"] = ("histogram", {"method", "route", "status"})
    page = {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in ROW.findall(PAGE.read_text())}
    assert page == {name: found for name, found in told.items() if not name.endswith("_created")}


def test_every_metric_that_the_page_speaks_of_is_in_its_table() -> None:
    text = PAGE.read_text()
    rows = {name for name, _, _ in ROW.findall(text)}
    spoken_of = {re.sub(r"_(bucket|count|sum)$", "", name) for name in re.findall(r"\boffhook_\w+", text)}
    assert spoken_of == rows


def test_refusals_are_counted_by_their_reason(node: Node) -> None:
    for reason in (Reason.NO_CREDIT, Reason.NO_CREDIT, Reason.OVERLOAD):
        node.observer.refused(reason)
    assert node.value("offhook_refusals_total", reason="no-credit") == 2
    assert node.value("offhook_refusals_total", reason="overload") == 1


def test_waits_are_measured_in_seconds(node: Node) -> None:
    node.observer.answered(1.5)
    node.observer.action_server_asked(0.03, failed=False)
    node.observer.action_server_asked(8.0, failed=True)
    assert node.value("offhook_setup_seconds_sum") == 1.5
    assert node.value("offhook_setup_seconds_bucket", le="1.0") == 0
    assert node.value("offhook_setup_seconds_bucket", le="2.0") == 1
    assert node.value("offhook_action_seconds_sum", outcome="answered") == 0.03
    assert node.value("offhook_action_seconds_count", outcome="failed") == 1


def test_a_leg_counts_in_both_directions_in_base_units(node: Node) -> None:
    node.observer.leg_closed(LegQuality(Codec.PCMU, CLOSED))
    assert node.value("offhook_rtp_loss_ratio_sum", direction="received") == pytest.approx(0.02)
    assert node.value("offhook_rtp_loss_ratio_sum", direction="sent") == pytest.approx(0.005)
    assert node.value("offhook_rtp_jitter_seconds_sum", direction="received") == pytest.approx(0.0025)
    assert node.value("offhook_rtp_jitter_seconds_sum", direction="sent") == pytest.approx(0.00125)
    assert node.value("offhook_rtp_mos_sum") == pytest.approx(4.14, abs=0.005)


def test_what_nobody_measured_counts_nowhere(node: Node) -> None:
    silent = replace(CLOSED, received=0, lost=0, duplicates=0, peer_lost=None, peer_expected=None, peer_jitter_ms=None)
    node.observer.leg_closed(LegQuality(Codec.PCMU, silent))
    assert node.value("offhook_rtp_mos_count") == 0
    for direction in ("received", "sent"):
        assert node.value("offhook_rtp_loss_ratio_count", direction=direction) is None
        assert node.value("offhook_rtp_jitter_seconds_count", direction=direction) is None


def test_what_stands_is_looked_at_when_it_is_asked_for(node: Node) -> None:
    assert node.value("offhook_calls", state="ringing", trunk="carrier") == 2
    assert node.value("offhook_calls", state="joined", trunk="carrier") == 0
    assert node.value("offhook_media_worker_legs", worker="0") == 3
    assert node.value("offhook_media_worker_busy_ratio", worker="1") == 0.125
    assert node.value("offhook_stranger_datagrams_dropped_total") == 7
    assert [node.value("offhook_trunk_up", trunk=name) for name in ("carrier", "home")] == [1, 0]
    assert [node.value("offhook_trunk_registered", trunk=name) for name in ("carrier", "home")] == [None, 1]
    node.calls, node.loads, node.dropped, node.trunks = {}, [], 8, []
    assert node.value("offhook_calls", state="ringing", trunk="carrier") is None
    assert node.value("offhook_media_worker_legs", worker="0") is None
    assert node.value("offhook_stranger_datagrams_dropped_total") == 8
    assert node.value("offhook_trunk_up", trunk="carrier") is None


def test_the_load_and_what_stands_at_the_door_are_looked_at(node: Node) -> None:
    assert node.value("offhook_messages_unread_total") == 5
    assert node.value("offhook_loop_lag_seconds") == 0.25
    assert node.value("offhook_overloaded") == 1
    assert node.value("offhook_registered_peers") == 3


def test_breakers_are_counted_by_their_states_and_never_by_account(node: Node) -> None:
    assert node.value("offhook_action_breakers", state="open") == 2
    assert node.value("offhook_action_breakers", state="half-open") == 1
    assert node.value("offhook_action_unasked_total") == 41
