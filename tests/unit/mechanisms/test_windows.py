"""Are observations cut at the stamps, and are windows that cannot be refused?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.errors import InputError, NotEnoughData
from perpscope.market.time import to_ms
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.meter import Meter
from perpscope.mechanisms.observe import Observe
from perpscope.mechanisms.reduce import DecayMean, Last, LinearMean, Mean, MedianMean, TimeMean, median
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.sample import Band, WholeFormula
from perpscope.mechanisms.window import Window, cut, spans

HOUR = 3_600_000
PLAIN = Rule(Observe("mark_premium", 60.0), Mean(), Formula())


def test_a_row_at_a_stamp_belongs_to_the_window_that_starts_there() -> None:
    first, second = cut([0, HOUR, 2 * HOUR], [0, HOUR - 1, HOUR, 2 * HOUR - 1, 2 * HOUR], {"premium": [1, 2, 3, 4, 5]})
    assert list(first.rows["premium"]) == [1, 2]
    assert list(second.rows["premium"]) == [3, 4]
    assert (first.start, first.end, second.start, second.end) == (0, HOUR, HOUR, 2 * HOUR)


def test_uneven_stamps_rows_outside_and_empty_windows() -> None:
    windows = cut([8 * HOUR, 16 * HOUR, 20 * HOUR, 21 * HOUR], [0, 9 * HOUR, 20 * HOUR, 22 * HOUR], {"premium": [1, 2, 3, 4]})
    assert [list(window.rows["premium"]) for window in windows] == [[2], [], [3]]
    assert [window.interval_hours for window in windows] == [8, 4, 1]


def test_a_lag_moves_the_payment_by_the_stamps_not_by_hours() -> None:
    windows = cut([0, 8 * HOUR, 16 * HOUR, 20 * HOUR], [], {}, lag=1)
    assert [window.due for window in windows] == [16 * HOUR, 20 * HOUR, None]
    assert [window.due for window in cut([0, HOUR], [], {})] == [HOUR]


def test_windows_that_cannot_be() -> None:
    with pytest.raises(InputError, match="is not after start"):
        Window(HOUR, HOUR)
    with pytest.raises(InputError, match="unequal length"):
        Window(0, HOUR, {"mark": [1], "index": [1, 2]})
    with pytest.raises(InputError, match="order"):
        Window(0, HOUR, {"premium": [1, 2], "at": [5, 4]})
    with pytest.raises(InputError, match="outside the window"):
        Window(0, HOUR, {"premium": [1], "at": [HOUR + 1]})
    assert Window(0, HOUR, {"premium": [1], "at": [HOUR]}).length_hours == 1


def test_hours_of_a_window_and_of_its_rate() -> None:
    assert Window(0, HOUR // 2).length_hours == 0.5
    assert Window(0, 4 * HOUR, hours=Fraction(1)).interval_hours == 1
    assert Window.averaged(0, 8 * HOUR, 0.1, 4).interval_hours == 4


def test_spans_of_samples() -> None:
    assert spans([0, HOUR, 3 * HOUR], 4 * HOUR, 3, 0) == [1, 2, 1]
    assert spans(None, 4 * HOUR, 2, 0.5) == [0.5, 0.5]


@pytest.mark.parametrize(
    ("reduce", "value"),
    [
        (Mean(), 2),
        (Mean(at_least=6), 1),
        (LinearMean(), Fraction(14, 6)),
        (Last(), 3),
        (TimeMean(), Fraction(1 * 1 + 2 * 1 + 3 * 6, 8)),
    ],
)
def test_averages_of_one_two_three(reduce: Mean | LinearMean | Last | TimeMean, value: Fraction) -> None:
    at = [Fraction(0), Fraction(HOUR), Fraction(2 * HOUR)]
    window = Window(0, 8 * HOUR, {"premium": [Fraction(1), Fraction(2), Fraction(3)], "at": at})
    assert PLAIN.but(reduce=reduce).fix(window).terms.premium == value


def test_a_decaying_mean_halves_the_weight_each_half_life_and_goes_on() -> None:
    rule = PLAIN.but(reduce=DecayMean(1.0))
    first = rule.fix(Window(0, HOUR, {"premium": [1.0], "at": [0]}))
    second = rule.fix(Window(HOUR, 2 * HOUR, {"premium": [0.0], "at": [HOUR]}), first)
    assert first.terms.premium == 1.0
    assert second.terms.premium == pytest.approx(1 / 3)
    afresh = rule.fix(Window(HOUR, 2 * HOUR, {"premium": [0.0], "at": [HOUR]}))
    assert afresh.terms.premium == 0.0


def test_medians_of_blocks_padded_with_zeros() -> None:
    rule = PLAIN.but(reduce=MedianMean(60, votes=3, at_least=2))
    window = Window(0, HOUR, {"premium": [5, 1, 3, 4], "at": [0, 1, 2, 60_000]})
    assert rule.fix(window).terms.premium == (3 + 0) / 2
    assert rule.fix(window).coverage == pytest.approx(2 / 60)
    assert median([1, 2], 0) == 1.5
    assert median([], 3) == 0
    with pytest.raises(InputError, match="votes without times"):
        rule.fix(Window(0, HOUR, {"premium": [1]}))


def test_every_sample_is_transformed_before_the_average() -> None:
    samples = Window(0, HOUR, {"premium": [Fraction(1, 1000), Fraction(-1, 1000)]})
    whole = PLAIN.but(each=WholeFormula(Fraction(1, 10_000), Fraction(5, 10_000)))
    assert whole.samples(samples) == [Fraction(5, 10_000), Fraction(-5, 10_000)]
    limited = PLAIN.but(each=WholeFormula(Fraction(0), Fraction(0), Fraction(2, 10_000)))
    assert limited.samples(samples) == [Fraction(2, 10_000), Fraction(-2, 10_000)]
    band = PLAIN.but(each=Band(Fraction(2, 10_000), Fraction(5, 10_000), Fraction(8)))
    votes = Window(0, HOUR, {"premium": [Fraction(x, 10_000) for x in (1, 4, -10)]})
    assert [x * 10_000 for x in band.samples(votes)] == [0, Fraction(1, 4), Fraction(-5, 8)]


def test_what_a_rule_needs() -> None:
    assert PLAIN.needs() == ("mark", "index")
    with pytest.raises(InputError, match="no column mark"):
        PLAIN.fix(Window(0, HOUR, {"index": [1]}))
    with pytest.raises(NotEnoughData, match="no premium sample"):
        PLAIN.fix(Window(0, HOUR, {"premium": []}))
    with pytest.raises(InputError, match="2 values"):
        PLAIN.fix(Window(0, HOUR, {"premium_index": [1, 2]}))
    assert PLAIN.but(reduce=Mean(at_least=5)).fix(Window(0, HOUR, {"premium": []})).rate == 0


def test_samples_without_times_cannot_be_weighed_by_time_unless_their_spacing_is_stated() -> None:
    unstated = Rule(Observe("mark_premium"), TimeMean(), Formula())
    with pytest.raises(InputError, match="states no spacing"):
        unstated.fix(Window(0, HOUR, {"premium": [1.0, 2.0]}))
    with pytest.raises(InputError, match="states no spacing"):
        Meter(unstated, Window(0, HOUR), timed=False)
    assert PLAIN.but(reduce=TimeMean()).fix(Window(0, HOUR, {"premium": [1.0, 2.0]})).rate == 1.5


def test_a_rule_without_a_premium_needs_no_window() -> None:
    rule = Rule(Observe("none"), Last(), Formula(interest=0.0001, damper=float("inf")))
    assert rule.fix(Window(0, HOUR)).rate == 0.0001
    assert Meter(rule, Window(0, HOUR)).close().rate == 0.0001
    assert rule.fix(Window(0, HOUR)).coverage is None


def test_a_meter_is_fed_in_order_inside_its_window() -> None:
    meter = Meter(PLAIN, Window(0, HOUR))
    meter.look(at=10, mark=101.0, index=100.0)
    with pytest.raises(InputError, match="order of time"):
        meter.see(0.1, 9)
    with pytest.raises(InputError, match="order of time"):
        meter.see(0.1, HOUR + 1)
    with pytest.raises(InputError, match="timed or not"):
        meter.see(0.1)
    with pytest.raises(InputError, match="between the last sample and the end"):
        meter.predict(9)
    with pytest.raises(InputError, match="between the last sample and the end"):
        meter.predict(HOUR + 1)
    assert meter.close().rate == pytest.approx(0.01)


def test_fixings_say_when_and_how_well_they_were_seen() -> None:
    start = to_ms("2025-01-01T00:00:00Z")
    full = PLAIN.fix(Window(start, start + HOUR, {"premium": [0.0] * 60}, due=start + 2 * HOUR))
    assert (full.kind, full.coverage, full.due) == ("computed", 1.0, start + 2 * HOUR)
    half = PLAIN.fix(Window(start, start + HOUR, {"premium": [0.0] * 30}))
    assert (half.kind, half.coverage) == ("partial", 0.5)
    given = PLAIN.fix(Window.averaged(start, start + HOUR, 0.0))
    assert (given.kind, given.coverage, given.tally) == ("computed", None, None)
    assert PLAIN.fix(Window(start, start + HOUR, {"premium": [0.0] * 99})).coverage == 1.0
