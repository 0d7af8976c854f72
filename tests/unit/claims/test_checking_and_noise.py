"""Do the verdicts on noise, checking and conservation follow the data, and not the other way round?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from perpscope.catalogue.load import load_venue
from perpscope.claims.amm import follow
from perpscope.claims.case import Shelf
from perpscope.claims.ledger import load_claim
from perpscope.claims.model import Reproduction
from perpscope.claims.run import reproduce
from perpscope.market.table import FUNDING
from perpscope.store import Source, Store
from perpscope.units import MS_PER_HOUR
from tests.unit.audit.noisy import T, barred


def tried(name: str, store: Store | None) -> Reproduction:
    return reproduce(load_claim(name), Shelf(store))


def paid(
    folder: Path, premium: list[float | None], *, off: float = 0.0, venue: str = "hyperliquid", symbol: str = "BTC/USDC:USDC"
) -> Store:
    """Hourly rates that follow from their premiums by the rule, all of them moved by `off`."""
    made = Store.open(folder / "store", create=True)
    known = np.array([0.0001 if value is None else value for value in premium])
    rate = (known + np.clip(0.0001 - known, -0.0005, 0.0005)) / 8 + off
    stamps = [T + timedelta(hours=k) for k in range(len(premium))]
    rows = pl.DataFrame(
        {
            "venue": venue,
            "native_id": symbol.split("/", maxsplit=1)[0],
            "symbol": symbol,
            "market": "linear",
            "market_list": "",
            "ts": stamps,
            "slot": stamps,
            "funding_rate": np.round(rate, 10),
            "interval_hours": 1.0,
            "kind": "settled",
            "accrual": "stamp",
            "premium_frac": pl.Series(premium, dtype=pl.Float64),
            "mark_price_quote": 30_000.0,
        }
    )
    source = Source(name="made", sha256="1" * 64, table="funding")
    made.write(FUNDING, FUNDING.conform(rows.with_columns(pl.lit(source.id).alias("source"))), source)
    return made


PREMIUMS: list[float | None] = [round(float(x), 8) for x in np.random.default_rng(2).normal(0.0002, 0.0005, 60)]


def test_a_venue_that_shows_every_premium_can_be_checked_by_anybody(tmp_path: Path) -> None:
    found = tried("F26", paid(tmp_path, PREMIUMS))
    assert (found.verdict, found.found["share_recomputed"], found.found["share_matched"]) == ("fails", 1.0, 1.0)


def test_where_no_premium_is_shown_the_outsider_is_right(tmp_path: Path) -> None:
    found = tried("F26", paid(tmp_path, [None] * 30))
    assert (found.verdict, found.found["share_recomputed"]) == ("holds", 0.0)
    assert "largest_residual" not in found.found


def test_a_rate_that_departs_is_counted_and_breaks_the_quoted_formula(tmp_path: Path) -> None:
    made = paid(tmp_path, [*PREMIUMS, None], off=1e-7)
    seen = tried("F26", made)
    assert (seen.verdict, seen.found["departing"]) == ("holds with changes", 60)
    found = tried("A01", made)
    assert (found.verdict, found.found["exact"]) == ("fails", 0)
    assert found.found["largest_residual"] == pytest.approx(1e-7, rel=1e-3)


def test_the_formula_is_exact_where_the_rates_follow_it(tmp_path: Path) -> None:
    found = tried("A01", paid(tmp_path, PREMIUMS))
    assert (found.found["exact"], found.found["hours"]) == (60, 60)
    assert found.verdict == "holds", "both venues named have it in force"
    assert found.found["named_venues_by_it_now"] == 2 > found.found["named_venues_by_it_always"]


def test_payments_of_real_fixings_sum_to_nothing(tmp_path: Path) -> None:
    made = paid(tmp_path, PREMIUMS, venue="binanceusdm", symbol="BTC/USDT:USDT")
    found = tried("A05", made)
    assert found.verdict == "holds"
    assert (found.found["named_venues_that_mirror"], found.found["rules_with_a_third_party"] > 0) == (3, True)
    assert (found.found["sum_exact"], found.found["kept_by_the_venue"], found.found["faults_of_the_ledger"]) == (0, 0, 0)
    assert found.found["changed_hands"] > 0
    assert abs(found.found["left_by_rounding"]) <= found.found["payments"] * 0.5e-8
    kept = {str(row[0].en): row[-1] for row in found.grids[0].rows if not isinstance(row[0], int | float | str) and row[0] is not None}
    assert kept["gmx1"] == 1.0, "both sides pay the pool"
    assert kept["perpfi1"] == 0.5, "two long, one short: the fund keeps what no short gets"


@pytest.mark.parametrize(
    ("noise", "premium", "verdict"),
    [(1.0, 0.0001, "fails"), (1.0, 0.0008, "holds with changes"), (12.0, 0.0008, "holds with changes"), (120.0, 0.0008, "holds")],
)
def test_the_noisier_the_prices_the_more_of_the_band_holds(tmp_path: Path, noise: float, premium: float, verdict: str) -> None:
    found = tried("F15", barred(tmp_path, noise=noise, premium=premium))
    assert found.verdict == verdict, found.found
    assert (verdict == "fails") is (found.found["share_of_bands_of_one_rate"] > 0.5) is (found.found["band_apr"] < 1e-9)
    assert found.found["se_reading"] == pytest.approx(noise / 20_000, rel=0.1)
    assert found.found["band_of_a_day"] == pytest.approx(0.365)
    assert found.found["band_behind_the_clamp"] == 0


def test_a_pool_that_lags_a_rise_pays_longs_and_one_that_lags_a_fall_charges_shorts() -> None:
    rule = load_venue("perpfi1").rules[0].build({})
    index = [1_000.0 * 1.001**k for k in range(200)]
    at = [k * MS_PER_HOUR for k in range(1, 201)]
    rising, closed, falling = (follow(at, *args) for args in ((index, rule, 24.0), (index, rule, 0.0), (index[::-1], rule, 24.0)))
    assert rising.yearly < 0
    assert rising.net_long[-1] > 0
    assert abs(closed.yearly) < 1e-9
    assert closed.net_long[-1] == pytest.approx(10_000 * (1 - (index[0] / index[-1]) ** 0.5)), "constant product"
    assert falling.yearly > 0
    assert falling.net_long[-1] < 0


def test_mechanisms_answer_without_any_data() -> None:
    for name, verdict in (("F12", "holds"), ("F13", "holds"), ("F23", "holds"), ("C02", "holds")):
        assert tried(name, None).verdict == verdict
    for name in ("F15", "F19", "F26", "A01", "A05"):
        assert tried(name, None).verdict == "cannot be tested"
