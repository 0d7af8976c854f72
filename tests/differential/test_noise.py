"""Do other computations agree on how dependent readings are, and on the premium that recorded books show?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from statsmodels.tsa.stattools import acovf

from perpscope.analysis.noise.choices import Looks, premium_readings
from perpscope.analysis.noise.independent import autocovariances, counting_lags, independent
from perpscope.audit.booked import Measure, mids, premiums
from perpscope.audit.noise.law import law_at
from perpscope.audit.noise.recorded import recording, seen
from perpscope.audit.which import held_contract
from perpscope.collect.imports import import_paths
from perpscope.mechanisms.observe import OBSERVATIONS, Observe
from perpscope.store import Store

READINGS = np.convolve(np.random.default_rng(11).normal(size=3_000), np.ones(6) / 6, "valid")


def test_autocovariances_are_those_of_statsmodels() -> None:
    theirs = acovf(READINGS, adjusted=False, fft=False)
    ours = autocovariances([READINGS])
    assert ours[1:400] == pytest.approx(theirs[1:400], abs=1e-14)
    assert ours[0] == pytest.approx(float(np.var(READINGS, ddof=1)))


def test_the_variance_of_a_mean_is_the_sum_of_the_autocovariances_of_statsmodels() -> None:
    """Over the lags that count, each as often as a mean of `count` readings holds it; a moving average of six remembers five."""
    gamma = acovf(READINGS, adjusted=False, fft=True)
    lags, count = counting_lags(autocovariances([READINGS])), 2_000
    apart = np.arange(1, lags)
    theirs = np.var(READINGS, ddof=1) + 2 * float(np.sum(gamma[1:lags] * (1 - apart / count)))
    assert independent([READINGS], np.full(count, 1 / count)).se ** 2 * count == pytest.approx(theirs, rel=1e-9)
    assert 6 <= lags <= 14


@pytest.fixture(scope="module")
def recorded(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = Store.open(tmp_path_factory.mktemp("books") / "store", create=True)
    books = shared / "fixtures" / "books"
    import_paths(made, [books / f"binance_{name}_btcusdt_20240808.jsonl.gz" for name in ("usdm", "spot")])
    return made


def test_recorded_books_show_the_premium_that_the_audit_computes_and_scatter_as_a_derived_file_does(recorded: Store, shared: Path) -> None:
    """The derived file's clock is 1.3 s behind the venue's: its moments are others, the scatter of the premium is the same."""
    contract = held_contract(recorded, "binanceusdm", "BTCUSDT")
    own = recording(recorded, {"venue": "binanceusdm", "native_id": "BTCUSDT"}, None, None)
    spot = recording(recorded, {"venue": "binance", "native_id": "BTCUSDT", "market": "spot"}, None, None)
    assert own is not None
    assert spot is not None
    moments = seen(recorded, law_at(recorded, contract, int(own.books["ts"][0].timestamp() * 1000)), own, spot)
    ours = premium_readings(moments.looks, "impact band of 25000", "the spot mid")
    theirs = premiums(own.books, mids(spot.books, moments.at), moments.at, Measure(Observe("impact_band", 5), 25_000.0)).premium
    both = np.isfinite(ours) & np.isfinite(theirs)
    assert both.sum() > 300
    assert np.abs(ours - theirs)[both].max() == 0
    derived = pl.read_csv(shared / "fixtures" / "books" / "derived_btcusdt_impact_premium_5s.csv")["premium_vs_spot_mid"].to_numpy()
    every = both & (moments.at % 5_000 == 0)
    within = 2 / (2 * len(derived)) ** 0.5  # two standard errors of a standard deviation
    assert float(np.std(ours[every])) == pytest.approx(float(derived.std()), rel=within)
    assert float(ours[every].mean()) == pytest.approx(float(derived.mean()), abs=2e-5)
    assert [prices.tick for prices in moments.prices] == pytest.approx([0.1, 0.01])


def test_a_look_is_the_catalogues_own_observation() -> None:
    index = np.array([100.0, 101.0, 99.0])
    columns = {"impact_bid": index * [1.001, 0.999, 0.997], "impact_ask": index * [1.002, 1.001, 0.998]}
    looks = Looks({"x": columns}, {"x": "impact_band"}, {"i": index}, ("x", "i", "equal weights"))
    by_hand = [
        OBSERVATIONS["impact_band"](impact_bid=float(b), impact_ask=float(a), index=float(x))
        for b, a, x in zip(columns["impact_bid"], columns["impact_ask"], index, strict=True)
    ]
    assert premium_readings(looks, "x", "i").tolist() == by_hand
