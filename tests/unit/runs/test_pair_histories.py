"""Are all pairs of a store held over every horizon, with the fees of the time, and is the printed profit placed among them?"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from perpscope.errors import InputError, NotEnoughData
from perpscope.market.time import day_ms
from perpscope.runs.fee_steps import Contract, FeeSteps
from perpscope.runs.pair_backtests import moves_apart, pair_backtests
from perpscope.runs.pair_histories import Question, pair_histories
from perpscope.runs.prices import held_series
from perpscope.trading.costs.assemble import trade_costs
from perpscope.trading.examples.printed_trade import printed_trade
from perpscope.trading.trade import Trade
from perpscope.units import MS_PER_DAY, MS_PER_HOUR
from tests.unit.claims.held import funding, prices
from tests.unit.runs.stocked import stocked

if TYPE_CHECKING:
    from pathlib import Path

    from perpscope.store import Store

START = day_ms("2022-09-01")
PERP = "BTC/USDT:USDT"
DAYS = 30
SLOW = [1e-4 + 1e-6 * (k % 7) for k in range(3 * DAYS)]
DEAR = [3e-4 - 2e-6 * (k % 5) for k in range(3 * DAYS)]
ASKED = Question(10, 1_000_000, 2, {"BTC": {"mine": 5_000.0, "never": 1e6}})


def two_venues(folder: Path, other: float = 0.0, *, late: int = 0) -> Store:
    """Funding and hourly prices of one coin at two venues; the second's prices `other` higher, and `late` hours late."""
    hours = 24 * DAYS + 1
    walk = (100 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.004, hours + late)))).tolist()
    return stocked(
        folder,
        funding("binanceusdm", PERP, START, SLOW),
        funding("htx", PERP, START, DEAR),
        prices("binanceusdm", PERP, START - MS_PER_HOUR, walk[late:], market="linear"),
        prices("htx", PERP, START - MS_PER_HOUR, [price * (1 + other) for price in walk[: len(walk) - late]], market="linear"),
    )


def test_every_horizon_is_the_plain_sum_and_the_dear_venue_is_short(tmp_path: Path) -> None:
    found, pairs = pair_histories(two_venues(tmp_path), ASKED)
    row = found["pairs"][0]
    assert (row["long"]["venue"], row["short"]["venue"], len(pairs)) == ("binanceusdm", "htx", 1)
    assert (row["n"], row["apart"], row["first"], row["last"]) == (21, 3, "2022-09-01", "2022-09-21")
    plain = [1e6 * (sum(DEAR[3 * day : 3 * day + 30]) - sum(SLOW[3 * day : 3 * day + 30])) for day in range(21)]
    assert row["highest"] == pytest.approx(max(plain))
    assert row["mean"] == pytest.approx(sum(plain) / 21)
    assert row["at_least"] == {"mine": 1.0, "never": 0.0}
    assert found["capital"] == 1_000_000


def test_fees_of_the_time_are_taken_off_at_both_ends_of_both_legs(tmp_path: Path) -> None:
    found, pairs = pair_histories(two_venues(tmp_path), ASKED)
    row = found["pairs"][0]
    costs = trade_costs(pairs[0].trade(2), START)
    for fill in ("maker", "taker"):
        fees = sum(float(leg.fees.at(START, fill).needed("a fee")) for leg in costs.legs)
        assert fees > 0
        assert row["after_fees"][fill]["mean"] == pytest.approx(row["mean"] - 2 * fees * 1e6)


def test_what_was_knowable_needs_a_horizon_before(tmp_path: Path) -> None:
    row = pair_histories(two_venues(tmp_path), ASKED)[0]["pairs"][0]
    assert row["knowable"]["n"] == 21 - 10
    assert row["knowable"]["first"] == "2022-09-11"


def test_at_the_other_sign_the_sides_turn(tmp_path: Path) -> None:
    store = stocked(
        tmp_path, funding("binanceusdm", PERP, START, [-rate for rate in SLOW]), funding("htx", PERP, START, [-rate for rate in DEAR])
    )
    row = pair_histories(store, ASKED)[0]["pairs"][0]
    assert (row["long"]["venue"], row["short"]["venue"]) == ("htx", "binanceusdm")
    assert row["mean"] > 0


def test_unknown_fees_are_no_number_and_say_so(tmp_path: Path) -> None:
    perp = "BTC/USDC:USDC"
    store = stocked(tmp_path, funding("binanceusdm", perp, START, SLOW), funding("htx", PERP, START, DEAR))
    row = pair_histories(store, ASKED)[0]["pairs"][0]
    assert row["after_fees"] == {"maker": None, "taker": None}
    assert "BTC/USDC:USDC" in row["why_null"]["after_fees.taker"]


def test_generated_and_real_venues_are_not_paired(tmp_path: Path) -> None:
    store = stocked(tmp_path, funding("sim:binanceusdm", PERP, START, SLOW), funding("htx", PERP, START, DEAR))
    with pytest.raises(NotEnoughData, match="no two venues"):
        pair_histories(store, ASKED)


def test_a_question_of_an_example() -> None:
    asked = Question.of(printed_trade("coinflex"), 56)
    assert (asked.money, asked.leverage) == (1_000_000, 2)
    assert asked.printed["ETH"] == {"eth_binance": 78_870.25, "eth_htx": 44_421.65}
    with pytest.raises(InputError, match="days above 0"):
        Question.of(printed_trade("coinflex"), -1)


def test_the_best_pair_is_run_in_full(tmp_path: Path) -> None:
    store = two_venues(tmp_path)
    _, pairs = pair_histories(store, ASKED)
    runs = pair_backtests(store, pairs, ASKED, 1)
    assert [run["which"] for run in runs] == ["least", "middle", "most"]
    for run in runs:
        assert run["trades"] == 1
        assert run["net"] == pytest.approx(sum(run["by_reason"].values()))
        assert run["by_reason"]["basis"] == pytest.approx(0.0, abs=1e-3)  # one price for both legs
        assert run["by_reason"]["funding"] == pytest.approx(run["funding_sum"], rel=0.2)  # coins are held, so that the notional moves
        assert run["by_reason"]["fee"] < 0
    assert pair_backtests(store, pairs, ASKED, 0) == []


@pytest.mark.parametrize("sign", [1, -1])
def test_where_the_price_stands_still_the_full_run_pays_the_plain_sum_to_the_cent(tmp_path: Path, sign: int) -> None:
    still = [100.0] * (24 * DAYS + 1)
    store = stocked(
        tmp_path,
        funding("binanceusdm", PERP, START, [sign * rate for rate in SLOW]),
        funding("htx", PERP, START, [sign * rate for rate in DEAR]),
        prices("binanceusdm", PERP, START - MS_PER_HOUR, still, market="linear"),
        prices("htx", PERP, START - MS_PER_HOUR, still, market="linear"),
    )
    _, pairs = pair_histories(store, ASKED)
    for run in pair_backtests(store, pairs, ASKED, 1):
        assert run["by_reason"]["funding"] == pytest.approx(run["funding_sum"], abs=0.005)


def test_prices_of_two_times_are_refused(tmp_path: Path) -> None:
    store = two_venues(tmp_path, late=4)
    _, pairs = pair_histories(store, ASKED)
    (refused,) = pair_backtests(store, pairs, ASKED, 1)
    assert refused["net"] is None
    assert "probably off by hours" in refused["why_null"]


def test_coarse_bars_that_are_late_against_hourly_ones_are_put_right(tmp_path: Path) -> None:
    hours = 24 * DAYS + 9
    walk = 100 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.004, hours)))
    store = stocked(
        tmp_path,
        funding("okx", PERP, START, SLOW),
        funding("htx", PERP, START, DEAR),
        prices("binance", "BTC/USDT", START - 8 * MS_PER_HOUR, walk),
        prices("okx", PERP, START - 4 * MS_PER_HOUR, walk[7::8], hours=8, market="linear"),  # a bar that closed at 0:00 says 4:00
        prices("htx", PERP, START - 4 * MS_PER_HOUR, 1.001 * walk[7::8], hours=8, market="linear"),
    )
    longer = replace(ASKED, days=25)  # 75 bars, of which 60 must be comparable
    _, pairs = pair_histories(store, longer)
    runs = pair_backtests(store, pairs, longer, 1)
    assert [len(run["put_right"]) for run in runs] == [2, 2, 2]
    assert all("stamped 4 h late" in words and "assumed" in words for run in runs for words in run["put_right"])


def test_how_far_prices_move_apart(tmp_path: Path) -> None:
    span = (START, START + DAYS * MS_PER_DAY)

    def apart(folder: Path, late: int) -> float | None:
        store = two_venues(folder, 0.001, late=late)
        return moves_apart(*(held_series(store, venue, PERP, "linear", span)[0] for venue in ("binanceusdm", "htx")))

    assert apart(tmp_path / "one", 0) == pytest.approx(0.0, abs=1e-9)
    assert apart(tmp_path / "two", 4) == pytest.approx(2**0.5, rel=0.1)  # two independent moves


def test_fee_steps_are_the_fee_of_every_day() -> None:
    contract = Contract("BTC", "bitmex", "BTC/USD:BTC")
    first, last = day_ms("2021-06-01"), day_ms("2023-03-01")
    steps = FeeSteps("base", {contract: (first, last)})
    moments = np.arange(first, last, 3 * MS_PER_DAY)
    fees = trade_costs(Trade("naked_long", (contract.leg("long"),)), first).legs[0].fees
    plain = [float(fees.at(int(ms), "taker").needed("a fee")) for ms in moments]
    assert steps.at(contract, "taker", moments).tolist() == plain
    assert sum(a != b for a, b in pairwise(plain)) == 2
