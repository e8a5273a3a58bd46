"""What is told of a leg at its end: both directions in figures and in one sentence."""

from dataclasses import replace

import pytest

from offhook.domain.sounds import Codec
from offhook.engine.net.leg_quality import CODINGS, LegQuality
from offhook.engine.net.orders import Closed

NOTHING = Closed("leg", 0, 0, 0, 0, 0, 0.0, 0.0, None, None, None, None, None, 0)
CLEAN = replace(NOTHING, sent=260, received=250, jitter_ms=0.4, longest_gap_ms=21.0)
LOSSY = Closed("leg", 1010, 981, 20, 1, 3, 2.5, 61.2, 5, 1000, 0.0078, 1.25, 400.0, 0)


def _of(closed: Closed) -> LegQuality:
    return LegQuality(Codec.PCMA, closed)


def test_each_codec_that_can_be_agreed_on_has_figures() -> None:
    assert set(CODINGS) == set(Codec)


def test_a_clean_leg_is_as_good_as_its_codec() -> None:
    quality = _of(CLEAN)
    assert quality.loss == 0.0
    assert quality.mos == pytest.approx(4.41, abs=0.005)
    assert quality.sent_loss is None
    assert quality.data() == {
        "codec": "PCMA",
        "received": {
            "packets": 250,
            "lost": 0,
            "lost_percent": 0.0,
            "duplicates": 0,
            "reordered": 0,
            "jitter_ms": 0.4,
            "longest_gap_ms": 21.0,
            "mos": 4.41,
        },
        "sent": {"packets": 260, "lost": None, "lost_percent": None, "lost_lately_percent": None, "jitter_ms": None},
        "round_trip_ms": None,
    }
    assert quality.sentence("the caller") == (
        "250 packets of PCMA came from the caller, none lost, jitter 0.4 ms, longest gap 21 ms, MOS 4.41; "
        "260 were sent, of which the caller reported nothing"
    )


def test_loss_counts_against_what_was_expected_and_delay_is_half_the_round_trip() -> None:
    quality = _of(LOSSY)
    # 981 came, one of them twice, and 20 never did.
    assert quality.loss == pytest.approx(0.02)
    assert quality.mos == pytest.approx(4.14, abs=0.005)
    assert quality.sent_loss == pytest.approx(0.005)
    assert quality.data()["sent"] == {
        "packets": 1010,
        "lost": 5,
        "lost_percent": 0.5,
        "lost_lately_percent": 0.78,
        "jitter_ms": 1.25,
    }
    assert quality.sentence("the callee") == (
        "981 packets of PCMA came from the callee, 20 lost (2.0 %), jitter 2.5 ms, longest gap 61 ms, MOS 4.14; "
        "1010 were sent, of which the callee reported 5 lost (0.5 %), jitter 1.2 ms; the round trip took 400 ms"
    )


def test_g722_has_a_mos_on_its_own_scale_and_none_with_loss_for_which_no_figure_is_published() -> None:
    assert LegQuality(Codec.G722, CLEAN).mos == pytest.approx(4.34, abs=0.01)
    lossy = LegQuality(Codec.G722, LOSSY)
    assert lossy.mos is None
    assert lossy.sentence("the caller").startswith(
        "981 packets of G722 came from the caller, 20 lost (2.0 %), jitter 2.5 ms, longest gap 61 ms; "
    )


def test_a_leg_that_heard_nothing_has_no_mos() -> None:
    quality = _of(replace(NOTHING, sent=100))
    assert (quality.loss, quality.mos) == (None, None)
    assert quality.sentence("the caller") == (
        "no sound came from the caller; 100 were sent, of which the caller reported nothing"
    )


@pytest.mark.parametrize(("lost", "expected", "share"), [(-3, 100, 0.0), (0, 0, None), (200, 100, 1.0)])
def test_what_a_peer_reports_is_never_more_than_all_or_less_than_nothing(
    lost: int, expected: int, share: float | None
) -> None:
    quality = _of(replace(CLEAN, peer_lost=lost, peer_expected=expected))
    assert quality.sent_loss == share


def test_what_came_that_was_no_sound_stands_among_what_was_received() -> None:
    quality = LegQuality(Codec.PCMU, replace(LOSSY, odd={"unreadable": 3}))
    assert quality.data()["received"]["unreadable"] == 3  # type: ignore[index]
