"""Is carry received the sum of what came after the trade, and does a signal that says nothing say nothing here?"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from perpscope.analysis.carry.calendar import midnight
from perpscope.analysis.carry.curve import curve, matched
from perpscope.analysis.carry.lockin import locked_and_paid, over, running, seen_at, visible
from perpscope.analysis.series import fixings
from perpscope.errors import NotEnoughData
from tests.unit.analysis.carry.curves import made_curve
from tests.unit.analysis.frames import MONDAY, at, contract

DAY = 86_400_000


def history(rates: list[float], start_ms: int = MONDAY) -> pl.DataFrame:
    shift = (start_ms - MONDAY) / 3_600_000
    return fixings(contract([(shift + 8.0 * (k + 1), rate, 8.0) for k, rate in enumerate(rates)]))


def test_a_position_does_not_pay_at_the_stamp_it_was_entered_at_and_pays_at_the_last() -> None:
    paid = running(history([1e-4, 2e-4, 4e-4, 8e-4]))
    assert over(paid, [at(8)], [at(24)]).tolist() == pytest.approx([6e-4])
    assert over(paid, [at(9)], [at(23.9)]).tolist() != pytest.approx([6e-4])


def test_windows_that_are_not_covered_are_nothing() -> None:
    paid = running(history([1e-4] * 9).filter(pl.col("slot") != at(40)))
    assert np.isnan(over(paid, [at(0)], [at(72)])[0])
    assert np.isnan(over(paid, [at(48)], [at(480)])[0])


def test_what_is_seen_is_the_last_rate_and_nothing_of_the_future() -> None:
    paid = running(history([1e-4, 2e-4]))
    assert seen_at(paid, [at(15.9), at(16), at(7)]).tolist()[:2] == pytest.approx([0.1095, 0.219])
    assert np.isnan(seen_at(paid, [at(7)])[0])


def test_a_future_locks_what_the_curve_says_whatever_the_perpetual_pays() -> None:
    days = curve(matched(*made_curve({2021: 1}, date(2021, 1, 1), 150, carry=0.12)), 1)
    slots = 3 * 260
    one = running(history([1e-4] * slots, midnight(date(2020, 11, 1))))
    other = running(history([1e-4] * (slots // 2) + [9e-4] * (slots - slots // 2), midnight(date(2020, 11, 1))))
    first, second = locked_and_paid(days, one), locked_and_paid(days, other)
    assert first["locked"].to_list() == second["locked"].to_list()
    assert first["received_apr"].to_list() == pytest.approx([0.1095] * first.height, abs=0.02)
    assert float(second["received_apr"].to_numpy().max()) > 0.9
    fresh = first.filter(pl.col("fresh"))
    assert float(fresh["days"].to_numpy().min()) > 20
    assert fresh["locked_apr"].to_list() == pytest.approx([0.12] * fresh.height, abs=0.02)


def test_a_signal_that_is_noise_explains_nothing_and_one_that_lasts_explains_all() -> None:
    rng = np.random.default_rng(8)
    blocks = np.repeat(rng.normal(1e-4, 2e-4, 40), 90)
    paid = running(history(list(blocks)))
    entries = paid.slots[::3]
    noise = visible(entries, rng.normal(0, 1, entries.size), paid, 7)
    assert noise.r2 < 0.02
    assert abs(noise.kept) < 0.4
    perfect = visible(entries, over(paid, entries, entries + 7 * DAY) / 7 * 365, paid, 7)
    assert perfect.r2 == pytest.approx(1.0)
    assert perfect.slope == pytest.approx(1.0)
    assert perfect.kept == pytest.approx(1.0)
    assert perfect.best_error_sd == pytest.approx(0.0, abs=1e-9)


def test_half_of_an_extreme_that_decays_by_half_is_kept() -> None:
    rng = np.random.default_rng(9)
    level = rng.normal(0, 1e-4, 3000)
    rates = np.empty(6000)
    rates[0::2], rates[1::2] = level, 0.5 * level
    paid = running(history(list(rates)))
    entries = paid.slots[0::2]
    told = visible(entries, seen_at(paid, entries), paid, 8 / 24, top=0.05)
    assert told.kept == pytest.approx(0.5, abs=0.01)
    assert told.slope == pytest.approx(0.5, abs=1e-6)


def test_too_short_a_history_is_not_enough() -> None:
    paid = running(history([1e-4] * 40))
    with pytest.raises(NotEnoughData):
        visible(paid.slots, seen_at(paid, paid.slots), paid, 10)
    with pytest.raises(NotEnoughData):
        running(history([1e-4]).clear())
