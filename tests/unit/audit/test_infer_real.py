"""What the search finds in real histories, held against what is known of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from perpscope.audit.facts import Series, series_of
from perpscope.audit.imply.grounds import Reference
from perpscope.audit.infer.model import Seen
from perpscope.audit.infer.search import infer
from perpscope.audit.infer.shown import shown
from perpscope.market.time import day_ms, to_ms
from tests.unit.audit.histories import hourly_with_premium, published

DAY = 86_400_000


def history(shared: Path, venue: str, native_id: str) -> Series:
    return series_of(published(shared / "data/funding_other_venues_btc_eth.parquet", venue, native_id, venue, "linear"))


def elsewhere(shared: Path, native_id: str) -> tuple[Reference, ...]:
    path = shared / "data/funding_binance_usdm_btc_eth.parquet"
    series = series_of(published(path, "binance", native_id, "binanceusdm", "linear"))
    return (Reference("elsewhere", series, np.zeros(len(series), dtype=np.int64)),)


def lags(series: Series, references: tuple[Reference, ...]) -> list[Seen]:
    return [seen for seen in shown(series, references) if seen.feature == "lag"]


def test_the_hourly_rule_is_found_and_stays_one_segment(shared: Path) -> None:
    found = infer(series_of(hourly_with_premium(shared)), {})
    (segment,) = found.segments
    assert (segment.rows, segment.matches) == (12_192, 12_192)
    assert segment.rule["scaled"] == "whole scaled by N/8"
    assert (segment.rule["interest"], segment.rule["damper"], segment.rule["lag"]) == (0.0001, 0.0005, 0)
    assert segment.residuals["100%"] < 1e-10
    assert segment.runner_up_matches < 8_000
    assert [seen.value for seen in found.seen if seen.feature == "interest atom"] == [0.0000125]


@pytest.mark.parametrize(("native_id", "reference"), [("ETHUSDT", "ETHUSDT"), ("BTCUSD", "BTCUSDT"), ("BTCUSDT", "BTCUSDT")])
def test_the_lag_dropped_in_the_summer_of_2022_is_found(shared: Path, native_id: str, reference: str) -> None:
    """Announced for 2022-06-30 to 2022-07-05; found from the rates alone, against another venue."""
    before, after = lags(history(shared, "bybit", native_id), elsewhere(shared, reference))
    assert (before.value, after.value) == (1, 0)
    assert after.began is not None
    assert to_ms(after.began.after) < day_ms("2022-07-05")
    assert to_ms(after.began.by) > day_ms("2022-06-30")
    assert "told from chance" in after.detail
    if native_id != "BTCUSDT":  # its rates lay at the interest all summer: the span says so, the likeliest day is months off
        assert day_ms("2022-06-30") - 7 * DAY <= to_ms(after.began.best) <= day_ms("2022-07-05") + 7 * DAY


@pytest.mark.parametrize(("native_id", "reference"), [("BTC_USDT", "BTCUSDT"), ("ETH_USDT", "ETHUSDT")])
def test_a_change_of_lag_nobody_dated_is_dated_alike_by_two_coins(shared: Path, native_id: str, reference: str) -> None:
    before, after = lags(history(shared, "gate", native_id), elsewhere(shared, reference))
    assert (before.value, after.value) == (1, 0)
    assert after.began is not None
    assert day_ms("2022-07-20") < to_ms(after.began.after) < to_ms(after.began.by) < day_ms("2022-09-01")


@pytest.mark.parametrize(
    ("venue", "native_id", "reference", "lag"),
    [
        ("htx", "BTCUSDT", "BTCUSDT", 1),
        ("htx", "ETHUSDT", "ETHUSDT", 1),
        ("binance", "BTCUSD_PERP", "BTCUSDT", 0),
    ],
)
def test_a_venue_that_changed_nothing_is_seen_to_change_nothing(shared: Path, venue: str, native_id: str, reference: str, lag: int) -> None:
    (only,) = lags(history(shared, venue, native_id), elsewhere(shared, reference))
    assert only.value == lag
    assert "told from chance" in only.detail


def test_a_planted_change_of_lag_is_found_near_its_day(shared: Path) -> None:
    series = history(shared, "binance", "BTCUSD_PERP")
    for place in (1200, 2500):
        rate = series.rate.copy()
        rate[place:] = series.rate[place - 1 : -1]
        moved = Series(series.stamp, series.slot, rate, series.hours, series.premium, series.source)
        before, after = lags(moved, elsewhere(shared, "BTCUSDT"))
        assert (before.value, after.value) == (0, 1)
        assert after.began is not None
        assert to_ms(after.began.after) < series.slot[place] <= to_ms(after.began.by)


def test_the_first_perpetual_shows_its_intervals_limits_and_interest(shared: Path) -> None:
    series = series_of(published(shared / "data/funding_bitmex_xbtusd.parquet", "bitmex", "XBTUSD", "bitmex", "inverse"))
    seen = shown(series)
    assert [(s.value, s.start[:10], s.rows) for s in seen if s.feature == "interval"] == [(24, "2016-05-14", 22), (8, "2016-06-04", 10_968)]
    ends = {s.feature: (s.value, s.hits) for s in seen if s.feature.endswith("limit")}
    assert ends["upper limit"] == (0.00375, 108)
    assert ends["lower limit"] == (-0.00375, 42)
    assert 0.0001 in [s.value for s in seen if s.feature == "interest atom"]


def test_a_venue_without_an_interest_term_shows_no_atom(shared: Path) -> None:
    series = series_of(published(shared / "data/funding_dydx_v3_hourly.parquet", "dydx_v3", "BTC-USD", "dydx3", "linear"))
    (atom,) = [s for s in shown(series) if s.feature == "interest atom"]
    assert atom.value is None
