"""Do the lines, bands and months of the figures say what the fixings say?"""

from __future__ import annotations

import polars as pl
import pytest

from perpscope.analysis.coverage import gaps
from perpscope.analysis.series import fixings
from perpscope.analysis.smoothing import broken, daily, envelope, monthly, rolling_apr
from perpscope.market.time import to_ms
from perpscope.units import MS_PER_HOUR
from tests.unit.analysis.frames import MONDAY, at, changing, contract, regular


def test_the_rolling_rate_is_the_window_at_every_stamp() -> None:
    rates = changing()
    table = rolling_apr(fixings(contract(rates)), 7, MS_PER_HOUR)
    assert len(table) == len(rates)
    for slot, apr in table.select("slot", "apr").rows():
        hour = (slot - MONDAY) / MS_PER_HOUR
        inside = [fixing for fixing in rates if hour - 168 < fixing[0] <= hour]
        if hour >= 168:
            assert apr == pytest.approx(sum(r for _, r, _ in inside) / sum(h for _, _, h in inside) * 8760, rel=1e-9, abs=1e-12)
        if hour < 0.85 * 168:
            assert apr is None


def test_the_rolling_rate_breaks_over_a_gap() -> None:
    rates = regular(30, 8) + regular(30, 8, start=30 * 8 + 96)
    table = rolling_apr(fixings(contract(rates)), 7, MS_PER_HOUR)
    after = table.filter(pl.col("slot") > at(240)).head(9)
    assert after["apr"].is_null().all()
    assert table["apr"][-1] == pytest.approx(0.1095)


def test_thinning_keeps_the_last_point_of_each_step() -> None:
    full = rolling_apr(fixings(contract(changing())), 7, MS_PER_HOUR)
    thin = rolling_apr(fixings(contract(changing())), 7, 24 * MS_PER_HOUR)
    assert set(thin["slot"]) <= set(full["slot"])
    assert thin["slot"][-1] == full["slot"][-1]
    assert len(thin) == len({slot // (24 * MS_PER_HOUR) for slot in full["slot"]})


def test_lines_and_bands_stop_at_gaps_one_can_see() -> None:
    rows = fixings(pl.concat([contract(regular(30, 8) + regular(30, 8, start=30 * 8 + 96)), contract(regular(40, 8), venue="beta")]))
    step = 48 * MS_PER_HOUR
    table = broken(envelope(rows, step), gaps(rows), step)
    empty = table.filter(pl.col("low_apr").is_null())
    assert empty.select("venue", "coin", "slot").rows() == [("alpha", "BTC", at(240 + 48))]
    assert broken(envelope(rows, step), gaps(rows), 100 * MS_PER_HOUR)["low_apr"].null_count() == 0
    assert table["slot"].to_list() == table.sort("venue", "slot")["slot"].to_list()


def test_the_envelope_holds_every_fixing() -> None:
    rates = changing()
    table = envelope(fixings(contract(rates)), 24 * MS_PER_HOUR)
    assert table["n"].sum() == len(rates)
    assert table["high_apr"].max() == pytest.approx(max(r / h for _, r, h in rates) * 8760)
    assert table["low_apr"].min() == pytest.approx(min(r / h for _, r, h in rates) * 8760)


def test_the_fixing_stamped_on_the_first_closes_the_month_before() -> None:
    """January has 31 days: 93 intervals of 8 h after its first instant, the last stamped 1 February 00:00."""
    start = (to_ms("2026-01-01T00:00:00Z") - MONDAY) / MS_PER_HOUR
    rates = [(start + 8 * (i + 1), 0.0001 if i < 93 else 0.0002, 8.0) for i in range(93 + 84)]
    table = monthly(fixings(contract(rates)))
    assert table["month"].to_list() == [to_ms("2026-01-01T00:00:00Z"), to_ms("2026-02-01T00:00:00Z")]
    assert table["apr"].to_list() == pytest.approx([0.1095, 0.219], rel=1e-9)
    assert table["covered"].to_list() == [1.0, 1.0]


def test_a_month_of_which_less_than_half_is_held_is_left_out() -> None:
    start = (to_ms("2026-01-20T00:00:00Z") - MONDAY) / MS_PER_HOUR
    assert monthly(fixings(contract(regular(36, 8, start=start)))).is_empty()


def test_days_are_counted_back_from_the_last_stamp() -> None:
    table = daily(fixings(contract(regular(300, 8))), 90)
    assert table["day"].to_list() == list(range(90))
    assert table["apr"].to_list() == pytest.approx([0.1095] * 90)
