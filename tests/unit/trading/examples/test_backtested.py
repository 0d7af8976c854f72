"""Can the printed trade itself be back-tested, with its own legs, leverage and fees, at both signs of its funding?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.analysis.yearly import Asked, yearly
from perpscope.market.contract import Contract
from perpscope.market.funding import PublishedFixing
from perpscope.market.number import Number
from perpscope.trading.backtest.fold import backtest
from perpscope.trading.backtest.model import Bars, LegHistory, Plan, Result
from perpscope.trading.examples.printed_trade import printed_trade
from perpscope.trading.settle import Listing
from perpscope.units import MS_PER_HOUR

DAYS = 56
PRINTED = printed_trade("coinflex")
FIGURE = PRINTED.figure("btc_binance")


def history(leg_place: int, rate: Number, hours: int) -> LegHistory:
    """A price that stands still for 56 days, and a rate paid every `hours`."""
    leg = FIGURE.trade.legs[leg_place]
    known = [k * MS_PER_HOUR for k in range(24 * DAYS + 1)]
    price: list[Number] = [Fraction(40_000)] * len(known)
    paid = tuple(
        PublishedFixing(leg.venue, leg.symbol, at * MS_PER_HOUR, rate, hours, Fraction(40_000)) for at in range(hours, 24 * DAYS + 1, hours)
    )
    return LegHistory(Bars(known, price, price, price, price), Listing(Contract("linear", leg.asset)), paid)


def run(long_rate: Number, short_rate: Number) -> Result:
    histories = [history(0, long_rate, 1), history(1, short_rate, 8)]
    return backtest(FIGURE.trade, histories, PRINTED.costs("btc_binance"), Plan(notional=Fraction(1_000_000), decimals=2))


def test_the_capital_is_the_printed_collateral() -> None:
    assert run(Fraction(0), Fraction(0)).equity[0] == 100_000_000  # cents


@pytest.mark.parametrize("sign", [1, -1])
def test_funding_at_both_signs_by_hand(sign: int) -> None:
    cheap, dear = Fraction(sign, 100_000), Fraction(sign * 3, 10_000)
    found = run(cheap, dear)
    assert found.by_reason["funding"] == (3 * dear - 24 * cheap) * DAYS * 1_000_000 * 100
    assert found.by_reason["fee"] == 0  # -0.02 % at one venue, 0.02 % at the other, twice: both rest
    assert found.liquidations == 0


def test_fees_of_each_leg_stand_in_its_own_name() -> None:
    fees = {name: own["fee"] for name, own in run(Fraction(0), Fraction(0)).by_leg.items()}
    assert fees == {"coinflex:BTC/USD:USD": 40_000, "binanceusdm:BTC/USDT:USDT": -40_000}


def test_a_gap_that_pays_the_printed_profit_gives_the_printed_yield() -> None:
    gap = FIGURE.profit / 1_000_000 / (3 * DAYS)
    found = run(Fraction(0), gap)
    net = (found.equity[-1] - found.equity[0]) / 100
    assert net == pytest.approx(52_627.18, abs=0.01)
    assert round(float(str(yearly(Asked(net, 1_000_000.0, float(DAYS), how="compound"))["apy"])), 3) == 0.397
