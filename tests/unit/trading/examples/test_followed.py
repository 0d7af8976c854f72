"""Does a rule run in full earn what its positions say, at the prices of the look or of the next one?"""

from __future__ import annotations

import numpy as np
import pytest

from perpscope.analysis.carry.arbitrage import Looks, performance
from perpscope.market.contract import Contract
from perpscope.market.funding import PublishedFixing
from perpscope.trading.backtest.model import Bars, LegHistory
from perpscope.trading.backtest.seen import Seen
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import FlatFees, HalfSpread, LegCosts, TradeCosts
from perpscope.trading.examples.followed import Followed, Stage, holes, in_full
from perpscope.trading.settle import Listing
from perpscope.trading.trade import Leg, Trade

HOUR = 3_600_000
PERP, SPOT = "BTC/USDT:USDT", "BTC/USDT"
TRADE = Trade("cash_and_carry", (Leg("venue", PERP, "short", leverage=2), Leg("venue", SPOT, "long")))
N = 60


def costs(fee: float = 0.0) -> TradeCosts:
    leg = LegCosts(FlatFees(Figure.given(fee), Figure.given(fee)), HalfSpread(Figure.given(0)), borrow=Figure.given(0))
    return TradeCosts((leg, leg))


def market(rise: float = 0.0) -> tuple[Stage, Looks]:
    """Prices that hardly move but for a steady rise, a premium that does, and a payment every eight hours."""
    rng = np.random.default_rng(1)
    at = (np.arange(N, dtype=np.int64) + 1) * HOUR
    spot = 100 * np.exp(np.cumsum(rng.normal(0, 1e-5, N)) + np.linspace(0, rise, N))
    perp = spot * (1 + rng.normal(0, 2e-4, N))
    rates = rng.normal(1e-4, 1e-4, N // 8)
    fixings = tuple(PublishedFixing("venue", PERP, 8 * (k + 1) * HOUR, float(r), 8, float(perp[8 * k + 7])) for k, r in enumerate(rates))
    paid = np.zeros(N)
    paid[7::8][: rates.size] = rates
    columns = [[float(x) for x in series] for series in (perp, spot)]
    bars = [Bars(at.tolist(), column, column, column, column) for column in columns]
    contracts = Listing(Contract("linear", "USDT")), Listing(Contract("linear", "USDT"))
    histories = [LegHistory(bars[0], contracts[0], fixings), LegHistory(bars[1], contracts[1])]
    return Stage(TRADE, histories), Looks(at, perp, spot, paid, np.full(N, 0.05))


WANTED = np.array([(0, -1, -1, 1, 0, 1)[(k // 3) % 6] for k in range(N)], dtype=np.int8)


def test_where_prices_hardly_move_the_full_run_agrees_with_the_papers_accounting() -> None:
    stage, looks = market()
    paper = performance(looks, WANTED)
    full = in_full(stage, costs(), looks, WANTED, "same")
    assert full.performance.gain_1y == pytest.approx(paper.gain_1y, rel=1e-2)
    assert full.result.liquidations == 0
    assert full.result.trades == sum(b not in {0, a} for a, b in zip([0, *WANTED[:-2]], WANTED[:-1], strict=True))


def test_a_look_later_is_the_same_rule_with_later_positions() -> None:
    stage, looks = market()
    late = np.concatenate([[0], WANTED[:-1]]).astype(np.int8)
    found = in_full(stage, costs(), looks, WANTED, "next").performance
    assert found.gain_1y == pytest.approx(performance(looks, late).gain_1y, rel=1e-2, abs=1e-3)
    assert found.gain_1y != pytest.approx(performance(looks, WANTED).gain_1y, rel=1e-2)


@pytest.mark.parametrize("side", [-1, 1])
def test_the_carry_is_paid_on_coins_held_and_earned_on_coins_sold(side: int) -> None:
    stage, looks = market()
    always = np.full(N, side, dtype=np.int8)
    dear = Looks(looks.at, looks.perp, looks.spot, looks.paid, looks.carry + 0.1)
    cheap, costly = (in_full(stage, costs(), each, always, "same").performance.gain_1y for each in (looks, dear))
    assert costly - cheap == pytest.approx(side * 0.1, rel=0.05)  # the step that ends at the opening holds nothing


def test_fees_are_charged_at_each_turn() -> None:
    stage, looks = market()
    free, charged = (in_full(stage, costs(fee), looks, WANTED, "same").result for fee in (0.0, 0.001))
    money = (charged.equity[-1] - free.equity[-1]) / 10**free.places
    assert money == pytest.approx(-2 * 0.001 * 2 * 1_000_000 * free.trades, rel=1e-3)


def test_margins_end_what_the_paper_never_ends() -> None:
    stage, looks = market(rise=0.8)
    always = np.full(N, -1, dtype=np.int8)
    assert in_full(stage, costs(), looks, always, "same").result.liquidations > 0


def test_decisions_by_time() -> None:
    for timing, said in (("same", ["keep", "open", "reverse", "keep"]), ("next", ["keep", "keep", "open", "reverse"])):
        rule = Followed([10, 20, 30], [-1, 1, 0], timing)  # type: ignore[arg-type]  # one of the timings
        assert [rule(Seen(at, (), 0)) for at in (5, 10, 20, 30)] == said
    assert Followed([10], [0], "same")(Seen(10, (), 1)) == "close"


def test_holes_are_counted() -> None:
    assert holes([0, HOUR, 3 * HOUR, 4 * HOUR], 1.0) == 1
