"""Is the floor found from whatever the store holds, and does it say what it was found from?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from perpscope.audit.noise.run import run_noise
from perpscope.collect.imports import import_paths
from perpscope.errors import InputError, NotEnoughData
from perpscope.market.table import PRICES
from tests.unit.audit.noisy import START, barred, booked, premiums, snapshots


def test_from_books_the_band_holds_the_rules_own_rate(tmp_path: Path) -> None:
    found = run_noise(booked(tmp_path), "binanceusdm", "BTC").to_dict()
    assert (found["seen_in"], found["rule"], found["interval_hours"]) == ("books", "binanceusdm-1", 8)
    assert found["n"] == found["readings_per_window"] == 12, "sixty seconds, a sample every five"
    assert found["se_average"] == pytest.approx(found["se_reading"] / found["n_effective"] ** 0.5)
    assert 1 <= found["n_effective"] <= found["n"]
    low, high = found["band"]
    assert low <= found["readings"][0]["rate"] <= high
    assert found["band_apr"] == pytest.approx([low * 1095, high * 1095])
    assert found["readings"][0]["choice"].startswith("impact band of 25000 against the spot mid, rising weights")
    assert found["readings"][0]["premium"] == pytest.approx(0.0009, abs=5e-5)
    assert found["readings"][0]["rate"] == pytest.approx(found["readings"][0]["premium"] - 0.0005, abs=1e-8)
    assert 0 <= found["position_in_band"] <= 1
    assert found["published_is"].startswith("computed")
    assert found["covered"] == pytest.approx(12 / 5760)
    assert any("spot mid stands" in note for note in found["notes"])


def test_single_prices_are_measured_beside_it(tmp_path: Path) -> None:
    own, spot = run_noise(booked(tmp_path), "binanceusdm", "BTC").prices
    assert own.tick == pytest.approx(0.1)
    assert own.spread == pytest.approx(1.0 / 30_027, rel=0.01)
    assert (own.trades, spot.trades) == (60, 60)
    assert own.trade_sd == pytest.approx(2**0.5 * (1 + 0.5**2) ** 0.5 / 30_000, rel=0.3)
    assert spot.name == "binance BTC/USDT"


def test_without_trades_the_last_price_is_no_choice(tmp_path: Path) -> None:
    found = run_noise(booked(tmp_path, trades=False), "binanceusdm", "BTC")
    assert found.prices[0].trade_sd is None
    assert not [c for c in found.band.choices if "trade" in c.name]


def test_the_cheapest_basis_point_is_at_the_end_of_rising_weights(tmp_path: Path) -> None:
    lines = run_noise(booked(tmp_path), "binanceusdm", "BTC").to_dict()["cost_per_bp"]
    down = [line["holding_down"] for line in lines]
    assert [line["clock"] for line in lines] == pytest.approx([k / 16 for k in range(16)])
    assert down == sorted(down, reverse=True)
    assert lines[-1]["usd"] == min(value for value in (lines[-1]["usd_up"], lines[-1]["usd_down"]) if value is not None)


def test_inside_the_flat_stretch_all_choices_are_one_rate(tmp_path: Path) -> None:
    found = run_noise(booked(tmp_path, premium=0.0001), "binanceusdm", "BTC").to_dict()
    assert found["band"] == pytest.approx([0.0001, 0.0001])
    assert found["position_in_band"] is None
    assert found["idle_up"] == pytest.approx(0.0006 - found["readings"][0]["premium"], abs=1e-9)
    assert found["band_premium"][0] < found["band_premium"][1]


def test_from_bars_every_window_has_its_band(tmp_path: Path) -> None:
    found = run_noise(barred(tmp_path), "binanceusdm", "BTC/USDT:USDT").to_dict()
    assert (found["seen_in"], found["readings_per_window"]) == ("bars", 8)
    assert found["se_reading"] == pytest.approx(2.0 / 20_000, rel=0.1)
    assert found["n_effective"] == pytest.approx(36**2 / sum(k * k for k in range(1, 9)), rel=0.15), "independent readings, rising weights"
    assert found["passing_noise"] == pytest.approx(2.0 / 20_000, rel=0.1)
    assert found["bands"]["windows"] == 24 * 40 / 8
    assert found["published"] == 0.0003
    assert found["published_is"] == "published by the venue"
    assert all(line["walk_up"] is None and line["usd"] == min(line["holding_up"], line["holding_down"]) for line in found["cost_per_bp"])
    assert found["certificate"]["rows"] == 2 * 960 + 120


def test_dates_narrow_what_is_looked_at(tmp_path: Path) -> None:
    made = barred(tmp_path)
    whole = run_noise(made, "binanceusdm", "BTC/USDT:USDT")
    part = run_noise(made, "binanceusdm", "BTC/USDT:USDT", start=whole.window[0], end=whole.window[0] + 20 * 86_400_000)
    assert part.n < whole.n
    assert part.window[1] < whole.window[1]
    with pytest.raises(NotEnoughData):
        run_noise(made, "binanceusdm", "BTC/USDT:USDT", start=START + 10**10)


def test_the_spot_market_may_be_named_and_has_to_exist(tmp_path: Path) -> None:
    made = booked(tmp_path)
    named = run_noise(made, "binanceusdm", "BTC", spot="binance:BTC/USDT")
    assert np.isclose(named.band.low, run_noise(made, "binanceusdm", "BTC").band.low)
    with pytest.raises(InputError, match="VENUE:SYMBOL"):
        run_noise(made, "binanceusdm", "BTC", spot="binance")
    with pytest.raises(NotEnoughData, match="no index"):
        run_noise(made, "binanceusdm", "BTC", spot="kucoinfutures:BTC/USDT")


def test_books_without_an_index_do_not_hide_what_averaged_premiums_tell(tmp_path: Path) -> None:
    made = premiums(tmp_path)
    import_paths(made, [snapshots(tmp_path)])
    found = run_noise(made, "hyperliquid", "BTC").to_dict()
    assert (found["seen_in"], found["n"], found["readings_per_window"]) == ("premiums", 400, 8)
    assert any("recorded books were of no use" in note for note in found["notes"])
    assert found["se_average"] == pytest.approx(found["se_reading"] / found["n_effective"] ** 0.5)
    assert found["published_is"] == "published by the venue"
    assert [c["choice"].rpartition(", ")[2] for c in found["readings"]] == [f"mean of {n} intervals" for n in (1, 2, 4, 8)]


def test_the_last_reading_of_a_window_is_its_last_bar(tmp_path: Path) -> None:
    made = barred(tmp_path)
    closes = made.read(PRICES, current=True).pivot(on="market", index="ts", values="close_quote").sort("ts")
    last = closes.row(-1, named=True)
    (choice,) = [
        c
        for c in run_noise(made, "binanceusdm", "BTC/USDT:USDT").band.choices
        if c.average == "last reading" and c.look == "close of the bar"
    ]
    assert choice.premium == pytest.approx(last["linear"] / last["spot"] - 1, abs=1e-12)
