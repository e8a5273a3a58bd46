"""What is counted while packets come late, twice, in disorder or not at all."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.media.quality import Reception

SSRC = 0xABCDEF01


def hear(reception: Reception, sequences: list[int], *, at: float = 100.0, ssrc: int = SSRC) -> list[bool]:
    """Let packets arrive 20 ms apart, whose timestamps follow their sequence numbers."""
    return [
        reception.receive(number & 0xFFFF, number * 160 & 0xFFFFFFFF, ssrc, at + place * 0.02)
        for place, number in enumerate(sequences)
    ]


def test_nothing_heard_is_nothing_to_report() -> None:
    reception = Reception()
    quality = reception.summary()
    assert (quality.packets, quality.lost, quality.first_at, quality.last_at) == (0, 0, None, None)
    assert reception.report(1.0) is None


def test_a_steady_stream_has_no_loss_and_no_jitter() -> None:
    reception = Reception()
    assert all(hear(reception, list(range(1000, 1050))))
    quality = reception.summary()
    assert (quality.packets, quality.lost, quality.duplicates, quality.reordered, quality.restarts) == (50, 0, 0, 0, 0)
    assert quality.jitter_ms == pytest.approx(0.0, abs=1e-6)
    assert quality.longest_gap_ms == pytest.approx(20.0)
    assert quality.first_at == 100.0
    assert quality.last_at == pytest.approx(100.98)


def test_the_sequence_may_begin_at_zero_and_wrap() -> None:
    reception = Reception()
    hear(reception, [0])
    hear(reception, list(range(65530, 65546)), at=101.0, ssrc=SSRC + 1)
    report = reception.report(102.0)
    assert report is not None
    assert report.highest_sequence == 0x10009
    assert (reception.summary().lost, reception.summary().restarts) == (0, 1)


def test_lost_packets_are_missed() -> None:
    reception = Reception()
    hear(reception, [1, 2, 5, 6])
    assert reception.summary().lost == 2


def test_a_packet_out_of_order_is_neither_lost_nor_a_duplicate() -> None:
    reception = Reception()
    assert hear(reception, [1, 2, 4, 3, 5]) == [True] * 5
    quality = reception.summary()
    assert (quality.packets, quality.lost, quality.reordered, quality.duplicates) == (5, 0, 1, 0)


def test_a_doubled_packet_is_a_duplicate_and_hides_no_loss() -> None:
    reception = Reception()
    assert hear(reception, [1, 2, 2, 1, 4, 3, 3]) == [True, True, False, False, True, True, False]
    quality = reception.summary()
    assert (quality.packets, quality.lost, quality.reordered, quality.duplicates) == (7, 0, 1, 3)


def test_only_the_latest_gaps_are_remembered() -> None:
    reception = Reception()
    hear(reception, [1, 2500])
    assert hear(reception, [2450, 2399]) == [True, False]
    assert reception.summary().lost == 2497


def test_one_stray_far_away_is_not_counted() -> None:
    reception = Reception()
    assert hear(reception, [1, 2, 30000, 3]) == [True, True, False, True]
    assert (reception.summary().packets, reception.summary().lost) == (3, 0)


def test_two_in_a_row_far_away_are_a_restart() -> None:
    reception = Reception()
    assert hear(reception, [1, 2, 4, 30000, 30001, 30002]) == [True, True, True, False, True, True]
    quality = reception.summary()
    assert (quality.packets, quality.lost, quality.restarts) == (5, 1, 1)


def test_a_new_source_is_a_restart_and_old_losses_stay() -> None:
    reception = Reception()
    hear(reception, [1, 3])
    hear(reception, [500, 502], ssrc=7, at=101.0)
    quality = reception.summary()
    assert (quality.packets, quality.lost, quality.restarts) == (4, 2, 1)
    assert reception.ssrc == 7


def test_jitter_follows_the_formula_of_the_rfc() -> None:
    reception = Reception()
    jitter, previous = 0.0, None
    for number, delay in enumerate([0.0, 0.010, 0.002, 0.030, 0.0, 0.015]):
        now = 50.0 + number * 0.02 + delay
        reception.receive(number, number * 160, SSRC, now)
        transit = now * 8000 - number * 160
        if previous is not None:
            jitter += (abs(transit - previous) - jitter) / 16
        previous = transit
    assert reception.summary().jitter_ms == pytest.approx(jitter / 8)


def test_jitter_goes_on_over_the_wrap_of_the_timestamp() -> None:
    reception = Reception()
    for number, delay in enumerate([0.0, 0.010, 0.0]):
        reception.receive(number, (0xFFFFFFFF + number * 160) & 0xFFFFFFFF, SSRC, 50.0 + number * 0.02 + delay)
    assert reception.summary().jitter_ms == pytest.approx(10 * (1 - (15 / 16) ** 2))


def test_packets_of_one_key_press_are_no_jitter() -> None:
    reception = Reception()
    for number in range(10):
        reception.receive(number, 4000, SSRC, 10.0 + number * 0.05)
    assert reception.summary().jitter_ms == 0.0


def test_a_key_press_between_packets_of_sound_is_no_jitter() -> None:
    reception = Reception()
    for number in range(50):
        now = 10.0 + number * 0.02
        reception.receive(2 * number, number * 160, SSRC, now)
        reception.receive(2 * number + 1, 800, SSRC, now + 0.005, is_timed=False)
    assert reception.summary().jitter_ms == pytest.approx(0.0, abs=1e-6)


def test_a_new_clock_of_the_peer_is_no_jitter() -> None:
    reception = Reception()
    hear(reception, [1, 2, 3])
    reception.receive(4, 3_000_000_000, SSRC, 100.06)
    reception.receive(5, 3_000_000_160, SSRC, 100.08)
    assert reception.summary().jitter_ms == pytest.approx(0.0, abs=1e-6)


def test_the_longest_silence_is_kept() -> None:
    reception = Reception()
    hear(reception, [1, 2], at=10.0)
    hear(reception, [3, 4], at=11.5)
    assert reception.summary().longest_gap_ms == pytest.approx(1480.0)


def test_a_report_tells_the_loss_since_the_last_one() -> None:
    reception = Reception()
    hear(reception, [1, 2, 3, 5])
    first = reception.report(101.0)
    assert first is not None
    assert (first.ssrc, first.fraction_lost, first.lost, first.highest_sequence) == (SSRC, 256 // 5, 1, 5)
    assert (first.last_report, first.delay) == (0, 0)
    hear(reception, [6, 7], at=101.0)
    second = reception.report(102.0)
    assert second is not None
    assert (second.fraction_lost, second.lost) == (0, 1)


def test_duplicates_can_make_the_reported_loss_negative() -> None:
    reception = Reception()
    hear(reception, [1, 1, 1])
    report = reception.report(101.0)
    assert report is not None
    assert (report.fraction_lost, report.lost) == (0, -2)


def test_a_report_with_everything_lost_but_one_stays_in_its_byte() -> None:
    reception = Reception()
    hear(reception, [1])
    reception.report(101.0)
    hear(reception, [2900])
    report = reception.report(102.0)
    assert report is not None
    assert report.fraction_lost == 255


def test_a_sender_report_comes_back_in_the_next_block() -> None:
    reception = Reception()
    hear(reception, [1, 2])
    reception.hear_report(0x1122334455667788, 100.5)
    report = reception.report(102.0)
    assert report is not None
    assert (report.last_report, report.delay) == (0x33445566, int(1.5 * 65536))


def test_a_new_source_has_sent_no_report_yet_but_a_restarted_one_has() -> None:
    reception = Reception()
    hear(reception, [1, 2])
    reception.hear_report(0x1122334455667788, 100.5)
    hear(reception, [30000, 30001], at=101.0)
    restarted = reception.report(102.0)
    hear(reception, [1], ssrc=9, at=102.0)
    fresh = reception.report(103.0)
    assert restarted is not None
    assert fresh is not None
    assert (restarted.last_report, fresh.last_report) == (0x33445566, 0)


@given(
    first=st.integers(0, 0xFFFF),
    shuffled=st.permutations(list(range(1, 40))),
    dropped=st.sets(st.integers(1, 38), max_size=20),
)
def test_whatever_the_order_nothing_is_counted_twice(first: int, shuffled: list[int], dropped: set[int]) -> None:
    reception = Reception()
    kept = [0, *(number for number in shuffled if number not in dropped)]
    assert all(hear(reception, [first + number for number in kept]))
    quality = reception.summary()
    assert (quality.packets, quality.duplicates, quality.restarts) == (len(kept), 0, 0)
    assert quality.lost == max(kept) + 1 - len(kept)


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 2)), max_size=60))
def test_no_packet_can_make_a_report_that_does_not_fit(packets: list[tuple[int, int, int]]) -> None:
    reception = Reception()
    for place, (sequence, timestamp, ssrc) in enumerate(packets):
        reception.receive(sequence, timestamp, ssrc, place * 0.02)
    report = reception.report(9.0)
    if report is not None:
        assert 0 <= report.fraction_lost <= 255
        assert -0x800000 <= report.lost <= 0x7FFFFF
        assert 0 <= report.highest_sequence <= 0xFFFFFFFF
        assert 0 <= report.jitter <= 0xFFFFFFFF
    assert reception.summary().lost >= 0


def _unseen(reception: Reception, packets: int) -> None:
    reception.pass_unseen(packets, packets * 0.02)


def test_what_nobody_looked_at_is_counted_and_its_loss_known_by_the_next() -> None:
    reception = Reception()
    hear(reception, [31, 32])
    _unseen(reception, 31)
    hear(reception, [64], at=100.66)
    assert (reception.summary().packets, reception.summary().lost) == (34, 0)
    _unseen(reception, 29)
    hear(reception, [96], at=101.30)
    quality = reception.summary()
    assert (quality.packets, quality.lost) == (64, 2)
    # The two that are missing, taken for one gap.
    assert quality.longest_gap_ms == pytest.approx(60)
    report = reception.report(102.0)
    assert report is not None
    assert (report.lost, report.highest_sequence) == (2, 96)


def test_of_what_nobody_looked_at_last_none_is_taken_for_lost() -> None:
    reception = Reception()
    hear(reception, [31, 32])
    _unseen(reception, 7)
    quality = reception.summary()
    assert (quality.packets, quality.lost) == (9, 0)
    report = reception.report(102.0)
    assert report is not None
    assert (report.lost, report.highest_sequence) == (0, 39)
    hear(reception, [7000], at=103.0, ssrc=SSRC + 1)
    assert (reception.summary().packets, reception.summary().lost) == (10, 0)


def test_what_was_counted_unseen_is_no_packet_out_of_order() -> None:
    reception = Reception()
    hear(reception, [32])
    _unseen(reception, 31)
    hear(reception, [64], at=100.64)
    assert hear(reception, [40], at=100.65) == [False]
    assert reception.summary().reordered == 0


def test_a_run_that_was_passed_on_is_as_if_each_packet_had_been_received() -> None:
    whole, run = Reception(), Reception()
    delays = [0.0, 0.004, 0.0, 0.001, 0.0]
    for number, delay in enumerate(delays):
        whole.receive(number, number * 160, SSRC, 100.0 + number * 0.02 + delay)
    run.receive(0, 0, SSRC, 100.0)
    jitter_s = run.jitter_s
    for before, delay in pairwise(delays[:4]):
        jitter_s += (abs(delay - before) - jitter_s) / 16
    run.receive_in_order(3, 160, 0.061, jitter_s)
    run.receive(4, 640, SSRC, 100.08)
    assert run.jitter_s == pytest.approx(whole.jitter_s)
    assert (run.summary().packets, run.summary().lost) == (5, 0)


def test_a_silence_that_was_agreed_on_is_neither_a_gap_nor_jitter() -> None:
    reception = Reception()
    hear(reception, list(range(1, 11)))
    reception.resume(160.0)
    # The peer's clock stood still on hold: its timestamps go on as if nothing had been.
    hear(reception, list(range(11, 21)), at=160.03)
    quality = reception.summary()
    assert (quality.packets, quality.lost) == (20, 0)
    assert quality.longest_gap_ms == pytest.approx(30.0)
    assert quality.jitter_ms == pytest.approx(0.0, abs=1e-6)


def test_waiting_anew_for_somebody_who_never_came_changes_nothing() -> None:
    reception = Reception()
    reception.resume(50.0)
    hear(reception, [1])
    assert reception.summary().first_at == 100.0
    assert reception.summary().longest_gap_ms == 0.0


def test_who_speaks_again_in_order_after_a_while_has_paused() -> None:
    reception = Reception()
    assert not reception.is_pause(0, 9, 0.0)
    reception.receive(10, 0, 9, 1.0)
    # Unseen packets are in between.
    assert reception.is_pause(11, 9, 3.0)
    reception.pass_unseen(2, 0.04)
    assert reception.is_pause(13, 9, 3.0)
    # Too soon, another source, and one that has lost something.
    assert not reception.is_pause(13, 9, 1.1)
    assert not reception.is_pause(13, 8, 3.0)
    assert not reception.is_pause(14, 9, 3.0)
