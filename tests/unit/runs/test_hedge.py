"""Does a hedge read the store's histories and futures up to the moment, and nothing after it?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from perpscope.catalogue.tariff_file import read_costs
from perpscope.errors import CatalogueError
from perpscope.market.time import day_ms
from perpscope.runs.daily import latest, paid_daily
from perpscope.runs.hedge import Question, hedge
from perpscope.store import Store
from perpscope.trading.costs.figure import Figure
from perpscope.trading.hedge.offer import Quote, Terms
from perpscope.trading.hedge.position import Position
from perpscope.trading.trade import Leg
from tests.unit.analysis.carry.curves import made_curve
from tests.unit.claims.markets import INVERSE, LINEAR, dated, funding, spot, store_of, utc

AT = day_ms("2021-06-01T22:00Z")
COSTS = read_costs(
    "[[fee]]\nmaker_bp = 5\ntaker_bp = 5\n[[spread]]\nhalf_bp = 0\n[[delivery]]\nfee_pct = 0.01\n[[opportunity]]\nper_year_pct = 0"
)
OTHER = ("bybit", "BTC/USDT:USDT", "linear")
PERP, COIN = Leg("binanceusdm", "BTC/USDT:USDT", "short", leverage=2), Leg("binance", "BTC/USDT", "long")


def stocked(folder: Path, last: int = 300, later: float = 0.0001) -> Store:
    """Two hundred days and more of three perpetuals, a curve of 10 % a year and spot; rates after the moment are `later`."""
    before = round((AT - day_ms("2020-12-01")) / 28_800_000)
    rates = {LINEAR: 0.0001, OTHER: 0.00005, INVERSE: 0.0002}
    frames = [funding(who, [rate] * before + [later] * (3 * last - before), utc(2020, 12)) for who, rate in rates.items()]
    front, second, prices = made_curve({2021: 1}, date(2021, 1, 4), last)
    days = [row.replace(tzinfo=None) for row in pl.from_epoch(front["day"], time_unit="ms").to_list()]
    curve = dated(days, front["close_quote"].to_list(), second["close_quote"].to_list()).with_columns(
        pl.col("ts", "close_ts").dt.replace_time_zone("UTC")
    )
    closed = pl.from_epoch(prices["close_at"], time_unit="ms").dt.replace_time_zone("UTC")
    bars = spot(prices["close_quote"].to_list(), utc(2021)).with_columns(
        closed.alias("close_ts"), (closed - pl.duration(hours=1)).alias("ts")
    )
    return store_of(folder, funding=frames, dated=[curve], prices=[bars])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return stocked(tmp_path_factory.mktemp("hedge"))


def question(**said: Any) -> Question:  # noqa: ANN401 - what a question takes
    return replace(Question(Position(PERP, COIN, 1e6, 30), AT, given=COSTS), **said)


def rows(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in answer["options"]}


def test_every_instrument_of_the_coin_is_weighed(store: Store) -> None:
    answer = hedge(store, question())
    found = rows(answer)
    assert found["binanceusdm:BTC/USDT:USDT"]["gross_apr"] == pytest.approx(0.1095)
    assert found["bybit:BTC/USDT:USDT"]["gross_apr"] == pytest.approx(0.1095 / 2)
    assert found["bitmex:BTC/USD:BTC"]["gross_apr"] == pytest.approx(-0.1095)
    near, far = found["cme:BTC/USD:USD-210625"], found["cme:BTC/USD:USD-210730"]
    assert near["gross_apr"] == pytest.approx(0.10, abs=0.02)  # the curve's own noise, over 24 days
    assert near["locked_days"] == pytest.approx(24 - 5 / 24)  # from the settlement at 21:00 to 16:00 of the last day
    assert near["locked_apr"] == pytest.approx(near["gross_apr"] - (5 + 5 + 5 + 1) / 1e4 * 365 / near["locked_days"])
    assert far["why_null"]["residual_risk"].endswith("after the time held, and what it is worth on the way is not known")
    assert answer["options"][0]["rank_locked"] == 1
    assert answer["best_locked"] == answer["options"][0]["name"]
    assert answer["certificate"]["rows"] > 1000


def test_nothing_after_the_moment_plays_a_part(tmp_path: Path, store: Store) -> None:
    changed = hedge(stocked(tmp_path, later=-0.005), question())
    before = hedge(store, question())
    assert changed["options"] == before["options"]


def test_a_swap_on_our_own_funding_leaves_no_risk_and_on_another_its_difference(store: Store) -> None:
    known = Figure.given(0.0)
    terms = Terms("swap", 0.12, 30, known, known, Figure.given(0.1), known)
    own = rows(hedge(store, question(terms=terms, reference=("binanceusdm", "BTC/USDT:USDT"))))["swap"]
    assert own["locked_apr"] == own["expected_apr"] == own["worst_apr"] == pytest.approx(0.12 - 20e-4 * 365 / 30)
    other = rows(hedge(store, question(terms=terms, reference=("bybit", "BTC/USDT:USDT"))))["swap"]
    assert other["locked_apr"] == own["locked_apr"]
    assert other["expected_apr"] == pytest.approx(own["expected_apr"] + 0.1095 / 2)
    unnamed = rows(hedge(store, question(terms=terms)))["swap"]
    assert unnamed["locked_apr"] == own["locked_apr"]
    assert "--swap-on" in unnamed["why_null"]["residual_risk"]
    absent = rows(hedge(store, question(terms=terms, reference=("okx", "BTC/USDT:USDT"))))["swap"]
    assert "the store holds none" in absent["why_null"]["residual_risk"]


def test_a_stated_future_takes_the_place_of_the_stores_and_needs_no_store() -> None:
    quote = Quote(Leg("deribit", "BTC/USD:BTC-210924", "short", leverage=2), 51_000, 50_000, 73)
    answer = hedge(None, question(quotes=(quote,), position=Position(PERP, COIN, 1e6, 73)))
    found = rows(answer)
    assert list(found) == ["deribit:BTC/USD:BTC-210924", "binanceusdm:BTC/USDT:USDT"]
    assert found["deribit:BTC/USD:BTC-210924"]["locked_apr"] == pytest.approx(0.10 - 16e-4 * 5)
    assert found["deribit:BTC/USD:BTC-210924"]["residual_risk"] == 0
    assert found["binanceusdm:BTC/USDT:USDT"]["why_null"]["expected_apr"] == "no store is read"
    assert answer["certificate"] is None


def test_the_rate_that_matches_a_future_is_told(store: Store) -> None:
    known = Figure.given(0.0)
    answer = hedge(store, question(terms=Terms("swap", 0.12, 30, known, known, known, known)))
    near = rows(answer)["cme:BTC/USD:USD-210625"]
    rate = answer["breakeven_fixed"]["cme:BTC/USD:USD-210625"]
    assert rate == pytest.approx(near["locked_apr"] + 20e-4 * 365 / 30)


def test_named_others_alone_are_weighed(store: Store) -> None:
    assert [row["instrument"] for row in hedge(store, question(others=()))["options"]].count("other_perp") == 0
    one = hedge(store, question(others=(("bybit", "BTC/USDT:USDT"),)))
    assert [row["name"] for row in one["options"] if row["instrument"] == "other_perp"] == ["bybit:BTC/USDT:USDT"]


def test_a_strict_hedge_stops_at_the_first_hole(store: Store) -> None:
    known = replace(question(), others=(), position=Position(PERP, COIN, 1e6, 90))
    assert hedge(store, known, strict=True)["options"]
    bare = read_costs("[[fee]]\nmaker_bp = 5\ntaker_bp = 5\n[[spread]]\nhalf_bp = 0\n[[opportunity]]\nper_year_pct = 0")
    with pytest.raises(CatalogueError, match="no delivery"):
        hedge(store, replace(known, given=bare), strict=True)
    idle = read_costs("[[fee]]\nmaker_bp = 5\ntaker_bp = 5\n[[spread]]\nhalf_bp = 0\n[[delivery]]\nfee_pct = 0")
    with pytest.raises(CatalogueError, match="what the capital would earn elsewhere"):
        hedge(store, replace(known, given=idle), strict=True)


def test_futures_of_one_venue_alone_can_be_asked_for(store: Store) -> None:
    assert [row for row in hedge(store, question(dated_venue="cme"))["options"] if row["instrument"] == "dated"]
    assert not [row for row in hedge(store, question(dated_venue="deribit"))["options"] if row["instrument"] == "dated"]


def test_a_settlement_of_last_week_is_no_quote(store: Store) -> None:
    late = hedge(store, question(at=day_ms("2022-03-01")))
    assert not [row for row in late["options"] if row["instrument"] == "dated"]
    assert "the last is of 2021-" in rows(late)["binanceusdm:BTC/USDT:USDT"]["why_null"]["expected_apr"]


def test_days_end_at_the_moment_and_holes_are_left_out(tmp_path: Path) -> None:
    """Three fixings a day; one is missing on the second day before the moment."""
    frame = funding(LINEAR, [0.0001 * k for k in range(1, 31)], utc(2021))
    holed = frame.filter(pl.col("ts") != utc(2021, 1, 10, 8))
    found = paid_daily(store_of(tmp_path, funding=[holed]), LINEAR[0], LINEAR[1], day_ms("2021-01-11"), 4)
    assert found.ends.tolist() == [day_ms(f"2021-01-{day:02d}") for day in (8, 9, 10, 11)]
    np.testing.assert_allclose(found.paid, [0.0001 * (19 + 20 + 21), 0.0001 * (22 + 23 + 24), 0.0001 * (25 + 26 + 27), np.nan])
    assert len(found.covered) == 3


def test_the_latest_moment_is_now_while_rates_are_fresh_else_the_last_fixing(store: Store) -> None:
    last = day_ms("2021-09-27T00:00Z")
    assert latest(store, "binanceusdm", "BTC/USDT:USDT", last + 86_400_000) == last
    assert latest(store, "binanceusdm", "BTC/USDT:USDT", last + 3_600_000) == last + 3_600_000
    assert latest(store, "binanceusdm", "BTC/USDT:USDT", AT + 3_600_000) == AT + 3_600_000, "what comes later plays no part"
    assert latest(store, "binanceusdm", "XRP/USDT:USDT", last) == last
