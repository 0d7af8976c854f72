"""Is a plan made of what the store knew at the moment, with the scan's own costs, and of nothing later?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from perpscope.catalogue.tariff_file import read_costs
from perpscope.errors import CatalogueError, InputError, NotEnoughData
from perpscope.market.time import day_ms
from perpscope.runs.allocate import Question, allocate
from perpscope.runs.candidates import offered
from perpscope.runs.contracts import Margins
from perpscope.runs.leg_terms import LegTerms
from perpscope.runs.scan import Asked
from perpscope.store import Store
from perpscope.trading.allocation.limits import Aim, Limits
from perpscope.trading.allocation.rows import Terms
from perpscope.trading.scan.terms import Terms as ScanTerms
from tests.unit.claims.markets import funding, store_of, utc

AT = day_ms("2021-06-01")
COSTS = read_costs("[[fee]]\nmaker_bp = 1\ntaker_bp = 1\n[[spread]]\nhalf_bp = 0\n[[opportunity]]\nper_year_pct = 0")
CONTRACTS = (
    ("binanceusdm", "BTC/USDT:USDT", 0.0003),
    ("bybit", "BTC/USDT:USDT", 0.0001),
    ("okx", "BTC/USDT:USDT", 0.0),
    ("binanceusdm", "ETH/USDT:USDT", 0.0002),
    ("bybit", "ETH/USDT:USDT", 0.00005),
)


def stocked(folder: Path, later: float = 0.0) -> Store:
    """Half a year of five contracts whose rates move about their levels, and a month after the moment."""
    frames = []
    before = round((AT - day_ms("2020-12-01")) / 28_800_000)
    for place, (venue, symbol, level) in enumerate(CONTRACTS):
        rates = level + np.random.default_rng(place).normal(0, 5e-5, before)
        frames.append(funding((venue, symbol, "linear"), [*rates.tolist(), *[later] * 90], utc(2020, 12)))
    return store_of(folder, funding=frames)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return stocked(tmp_path_factory.mktemp("allocate"))


def rows(store: Store) -> list[Any]:
    asked = Asked(ScanTerms(leverage=2.0), AT, given=COSTS, kinds=("perp_perp",))
    return list(offered(store, asked, 50).rows)


def question(**said: Any) -> Question:  # noqa: ANN401 - what a question takes
    return replace(Question(AT, Limits(1e6, venue=0.4, coin=0.7), Aim(30), Terms(), LegTerms(given=COSTS)), **said)


def test_the_best_of_the_store_within_the_limits(store: Store) -> None:
    """The best trade fills its coin's 700,000, half of it at the first venue; the 50,000 left there go to ether. Margins are halves."""
    document = allocate(rows(store), question(), store).document
    assert {one["name"]: one["notional"] for one in document["trades"]} == pytest.approx(
        {
            "short binanceusdm:BTC/USDT:USDT / long okx:BTC/USDT:USDT": 700_000,
            "short binanceusdm:ETH/USDT:USDT / long bybit:ETH/USDT:USDT": 100_000,
        }
    )
    assert [row["limit"] for row in document["limits"] if row["binds"]] == ["capital at binanceusdm", "capital in BTC"]
    totals = document["totals"]
    assert totals["capital_used"] <= 1e6 * (1 + 1e-9)
    for limit in document["limits"]:
        assert limit["used"] <= limit["most"] * (1 + 1e-9)
    assert totals["expected"] == pytest.approx(sum(one["expected"] for one in document["trades"]))
    for one in document["trades"]:
        assert one["by_reason"]["fee"] == pytest.approx(-4e-4 * one["notional"])
    assert totals["sd"] > 0
    assert document["certificate"]["rows"] > 500
    assert not [words for words in document["assumed"] if "counted as nothing" in words]


def test_a_dated_leg_is_delivered_as_in_the_scan(store: Store) -> None:
    """Fees of 1 bp, a delivery of 3: two fills of the perpetual, one of the future and its delivery are 6 bp; its basis runs off evenly."""
    legs = [{"venue": "binanceusdm", "side": "short", "symbol": "BTC/USDT:USDT", "leverage": 2}]
    legs.append({"venue": "binanceusdm", "side": "long", "symbol": "BTC/USDT:USDT-210625", "leverage": 2, "price": 37_000.0})
    row = {"symbol": "BTC", "kind": "perp_dated", "legs": legs, "gross_apr": 0.3, "lock_apr": -0.02, "cost_bp": 6.0, "capacity": None}
    costing = LegTerms(given=(*COSTS, *read_costs('[[delivery]]\nvenue = "binanceusdm"\nfee_bp = 3')))
    asked = question(costing=costing, aim=Aim(30, 0))
    (one,) = allocate([row | {"expires": "2021-06-25T08:00:00Z"}], asked, store).document["trades"]
    assert one["by_reason"] == pytest.approx(
        {
            "funding": 0.32 * 30 / 365 * one["notional"],
            "basis": -0.02 * 30 / 365 * one["notional"],
            "fee": -3e-4 * one["notional"],
            "impact": 0.0,
            "delivery": -3e-4 * one["notional"],
            "opportunity": 0.0,
        }
    )
    document = allocate([row | {"expires": "2021-06-25T08:00:00Z"}], asked, store).document
    assert any("is taken to run off evenly until 2021-06-25" in words for words in document["assumed"])
    (out,) = allocate([row], asked, store).document["trades"]
    assert out["by_reason"]["fee"] == pytest.approx(-4e-4 * out["notional"])


def test_nothing_after_the_moment_plays_a_part(tmp_path: Path, store: Store) -> None:
    other = stocked(tmp_path, later=-0.005)
    one, two = (allocate(rows(each), question(), each).document for each in (store, other))
    assert one["trades"] == two["trades"]
    assert one["left_out"] == two["left_out"]


def test_the_moment_most_trades_end_at_is_taken_where_none_is_named(store: Store) -> None:
    found = offered(store, Asked(ScanTerms(), given=COSTS, kinds=("perp_perp",)), 50)
    assert found.at == AT + 30 * 86_400_000
    assert {row["at"] for row in found.rows} == {"2021-07-01T00:00:00Z"}


def test_trades_without_a_net_are_told_by_reason(store: Store) -> None:
    found = offered(store, Asked(ScanTerms(), AT, kinds=("perp_perp",)), 50)
    assert sum(found.unknown.values()) + len(found.rows) == 4
    assert all("on record" in why for why in found.unknown)


def test_costs_by_size_are_those_of_the_rows_at_their_size(store: Store) -> None:
    """The same objects: what the scan charged at its notional, the plan charges at any."""
    found = rows(store)
    by_size = allocate(found, question(), store).document
    flat = allocate(found, question(costing=None), store).document
    assert [one["notional"] for one in by_size["trades"]] == pytest.approx([one["notional"] for one in flat["trades"]], rel=1e-6)
    assert by_size["totals"]["expected"] == pytest.approx(flat["totals"]["expected"], rel=1e-9)


def test_a_stated_covariance_or_deviation_needs_no_store(store: Store) -> None:
    found = rows(store)
    n = len(found)
    for said in ({"daily": np.eye(n) * 1e-8}, {"sd_1d": 1e-4}):
        document = allocate(found, question(**said)).document
        assert document["trades"]
        assert document["certificate"] is None
    assert any("independently of the others (assumed)" in words for words in document["assumed"])
    with pytest.raises(InputError, match="one row and column a candidate"):
        allocate(found, question(daily=np.eye(n + 1)))
    with pytest.raises(InputError, match="ask for --risk 0"):
        allocate(found, question())
    assert allocate(found, question(aim=Aim(30, 0))).document["totals"]["sd"] is None


def test_a_trade_with_a_short_history_is_refused_and_named(tmp_path: Path, store: Store) -> None:
    found = rows(store)
    young = funding(("okx", "BTC/USDT:USDT", "linear"), [0.0] * 120, utc(2021, 4, 22))
    others = [rows_of for rows_of in _frames(store) if rows_of["venue"][0] != "okx"]
    short = store_of(tmp_path, funding=[*others, young])
    document = allocate(found, question(), short).document
    assert {one["name"] for one in document["refused"]} == {
        "short binanceusdm:BTC/USDT:USDT / long okx:BTC/USDT:USDT",
        "short bybit:BTC/USDT:USDT / long okx:BTC/USDT:USDT",
    }
    assert all("60 in common with the others are needed" in one["why"] for one in document["refused"])
    with pytest.raises(CatalogueError, match="60 in common"):
        allocate(found, question(strict=True), short)


def _frames(store: Store) -> list[pl.DataFrame]:
    from perpscope.market.table import FUNDING

    return [part.drop("source") for _, part in store.read(FUNDING).group_by("venue", "symbol", maintain_order=True)]


def test_a_stress_asks_for_margins_that_survive_it(store: Store) -> None:
    found = rows(store)
    tight = question(terms=Terms(leverage=20, move=0.2), margins=Margins({"": 0.005}))
    document = allocate(found, tight, store).document
    sides = {leg["side"]: leg["leverage"] for one in document["trades"] for leg in one["legs"]}
    assert sides["short"] == pytest.approx(1 / (0.2 + 0.005 * 1.2))
    assert sides["long"] == pytest.approx(1 / (0.2 + 0.005 * 0.8))
    assert any("instead of 20x, to survive a move of 20%" in words for words in document["assumed"])


def test_unknown_margins_are_refused_under_stress(store: Store) -> None:
    found = [row for row in rows(store) if all(leg["venue"] in {"okx", "bybit"} for leg in row["legs"])]
    with pytest.raises(NotEnoughData, match="margin table"):
        allocate(found, question(terms=Terms(move=0.2), aim=Aim(30, 0)), store)


def test_a_plan_of_nothing_is_an_error(store: Store) -> None:
    with pytest.raises(NotEnoughData, match="no candidates"):
        allocate([], question(), store)
    with pytest.raises(NotEnoughData, match="none of"):
        allocate([row | {"gross_apr": None} for row in rows(store)], question(), store)


def test_limits_of_venues_nobody_trades_at_are_said(store: Store) -> None:
    limits = Limits(1e6, venues={"deribit": 0.1})
    assert (
        "the limit of deribit limits nothing: no candidate has a leg there"
        in allocate(rows(store), question(limits=limits), store).document["assumed"]
    )
