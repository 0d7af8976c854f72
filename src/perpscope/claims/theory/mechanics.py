"""Which models of rules, contracts, designs and books may a check be about? Each asks the room that does the thing."""

from __future__ import annotations

from functools import partial

from perpscope.analysis.pricing import designs, shares, zero_intelligence
from perpscope.analysis.pricing.clamped import clamped_rate, plateau
from perpscope.analysis.pricing.equilibrium import Arbitrage, Equilibrium, market_equilibrium
from perpscope.claims.theory.expressions import Value
from perpscope.claims.theory.model import Model
from perpscope.market.brackets import Brackets
from perpscope.market.contract import Contract, Payoff
from perpscope.mechanisms.observe import impact_band
from perpscope.mechanisms.reduce import LINEAR, MEAN, Tally, add, average
from perpscope.mechanisms.virtual_amm import VirtualAmm
from perpscope.trading.carrying import fix_carry
from perpscope.trading.margin import Holding, Requirement, initial_margin, liquidation
from perpscope.units import Rate

PERIOD = 8.0
"""Hours of the funding period where a check speaks of three a day."""


def _scaled(premium: Value, interest: Value, width: Value, hours: Value) -> Value:
    return clamped_rate(premium, interest, width) * (hours / PERIOD)


def _plateau(interest: Value, width: Value) -> list[Value]:
    found = plateau(interest, width)
    return [found.low, found.high]


def _premium(bid: Value, ask: Value, index: Value) -> float:
    return float(impact_band(float(bid), float(ask), float(index)))


def _averaged(samples: Value, *, kind: int) -> float:
    """Average of samples; of one number, which all of them then are, that number."""
    import numpy as np

    tally = Tally(0.0, 0.0, 0.0, 0.0)
    for sample in np.atleast_1d(samples).tolist():
        tally = Tally(*add(kind, *tally, sample, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    return float(average(tally.weight, tally.total, 0.0, 0.0))


def _apr(rate: Value) -> float:
    return Rate(float(rate), PERIOD).apr


def _apy(rate: Value) -> float:
    return Rate(float(rate), PERIOD).apy


def _on_equity(leverage: Value, rate: Value) -> float:
    return float(leverage) * _apr(rate)


def _profit(quantity: Value, entry: Value, price: Value, *, payoff: Payoff) -> float:
    return float(Contract(payoff, "coin").profit(float(quantity), float(entry), float(price)))


def _liquidation(entry: Value, leverage: Value, maintenance: Value, *, payoff: Payoff, side: int) -> Value | None:
    held = Holding(Contract(payoff, "coin"), side, float(entry))
    return liquidation(held, Requirement(Brackets.flat(float(maintenance))), initial_margin(held, float(leverage))).price


def _carried(close: Value, rate: Value, next_close: Value) -> float | None:
    """Gain of a long carried overnight at a charge that a long and a short agree on."""
    charge = float(close) * float(rate)
    base = fix_carry(float(close), [(charge, 1)], [(charge, 1)]).next_base
    return None if base is None else float(next_close) - float(base)


def _received(base: Value, quote: Value, paid: Value, *, side: int = 1) -> float:
    """Return the base that a long gets for an amount of quote, or that a short owes for it: > 0 for both."""
    return side * float(VirtualAmm(float(quote), float(base)).with_quote(side * float(paid))[1])


def _mark_after(base: Value, quote: Value, paid: Value, *, side: int = 1) -> float:
    return float(VirtualAmm(float(quote), float(base)).with_quote(side * float(paid))[0].price)


def _settles(demand: Value, slope: Value, *arbitrage: Value) -> Equilibrium:
    """Equilibrium of demand, slope and the eagerness, cost, capital and margin of arbitrage."""
    return market_equilibrium(float(demand), float(slope), Arbitrage(*map(float, arbitrage)))


def _depth(limit: Value, market: Value, cancel: Value, order: Value, scale: Value = 1.0) -> Value:
    return zero_intelligence.depth_of(limit, market, cancel, order, scale)


_THREE = ("P", "I", "g")
_MARKET = ("theta", "eta", "Lambda", "k", "W", "m")
_POOL = ("x", "y", "dy")
_SOLD = r"y-dy|short|sell"
_TRADE = ("N", "entry", "exit")
_LEVERED = ("E", "L", "mm")
_BOOK = ("alpha", "mu", "delta")


def _closed(name: str, payoff: Payoff, side: int, says: str) -> Model:
    return Model(f"liquidation of {name}", partial(_liquidation, payoff=payoff, side=side), _LEVERED, says, guards=True)


MECHANICS: tuple[Model, ...] = (
    Model("clamped rate of an interval", _scaled, (*_THREE, "N"), r"8/n|n/8", guards=True),
    Model("clamped rate of an hour", partial(_scaled, hours=1.0), _THREE, r"\)\]?/8(?!/)"),
    Model("clamped rate", clamped_rate, _THREE, r"clamp\(", guards=True),
    Model("plateau of the clamp", _plateau, ("I", "g"), r"iff|plateau|exactly"),
    Model("premium index from impact prices", _premium, ("bid", "ask", "idx"), r"impact|^same|premiumindex"),
    Model("equal-weight average", partial(_averaged, kind=MEAN), ("P_i",), r"^pbar=mean|^mean\(|twap|equalweight"),
    Model("linear-weight average", partial(_averaged, kind=LINEAR), ("P_i",), r"sum\(i|linear"),
    Model("simple annual rate", _apr, ("r",), r"3\*365|apr|annual", rate=True),
    Model("compounded annual rate", _apy, ("r",), r"\^1095|\^\(3\*365\)|apy|compound", rate=True),
    Model("annual cost on equity", _on_equity, ("L", "r"), r"l\*r\*3|equity|leverage", rate=True),
    Model("covariance", shares.covariance, ("rho", "sb", "se"), r"cov="),
    Model("return of a quanto", shares.quanto_return, ("r_btc", "r_eth"), r"\(1\+r_?btc\)"),
    Model("price of a growing claim", designs.growing_claim_price, ("d0", "g", "r"), r"\(1\+g\)/\(r-g\)|gordon", guards=True),
    Model(
        "settlement of a perpetual claim",
        designs.perpetual_claim_settlement,
        ("f0", "f1", "d1", "r"),
        r"f1-f0|f\(t\+1\)-f\(t\)|shiller",
        guards=True,
    ),
    Model("day of an undated future", _carried, ("close0", "rate", "close1"), r"close0\*?\(1\+rate\)|basis|cgse"),
    Model("pool: base received", _received, _POOL, rf"^(?!.*(?:{_SOLD}))(?=.*(?:dx=|^x-|received))"),
    Model("pool: base owed by a short", partial(_received, side=-1), _POOL, rf"^(?!.*mark)(?=.*(?:{_SOLD}))"),
    Model("pool: mark after", _mark_after, _POOL, rf"^(?!.*(?:{_SOLD}))(?=.*(?:mark=|y1/x1|\^2/k|price))"),
    Model("pool: mark after a short", partial(_mark_after, side=-1), _POOL, rf"^(?=.*(?:{_SOLD}))(?=.*(?:mark=|y1/x1|\^2/k|price))"),
    Model("pool: net position", designs.pool_position, ("x0", "p0", "p"), r"sqrt\(p0/p\)|netlong"),
    Model("equilibrium of demand and arbitrage", lambda *given: _settles(*given).deviation, _MARKET, r"rho|theta", guards=True),
    Model("arbitrage in equilibrium", lambda *given: _settles(*given).arbitrage, _MARKET, r"^x=|min[\[({]"),
    Model("impact in equilibrium", lambda *given: _settles(*given).impact, _MARKET, r"impact|1/\(eta\+l|1/eta$"),
    Model("Sharpe ratio of active hours", shares.active_sharpe, ("mu", "sigma", "N_a"), r"sqrt\(n_?a\)|sharpe"),
    Model("gain of an inverse contract", partial(_profit, payoff="inverse"), _TRADE, r"1/e|1/x|inverse"),
    Model("gain of a linear contract", partial(_profit, payoff="linear"), _TRADE, r"linear|x-e|exit-entry"),
    _closed("a linear long", "linear", 1, r"(?=.*1-1/l)(?=.*1-mm)|^(?=.*long)(?!.*(?:inverse|short))"),
    _closed("a linear short", "linear", -1, r"(?=.*1\+1/l)(?=.*1\+mm)|^(?=.*short)(?!.*(?:inverse|long))"),
    _closed("an inverse long", "inverse", 1, r"^(?=.*inverse)(?=.*long)(?!.*short)"),
    _closed("an inverse short", "inverse", -1, r"^(?=.*inverse)(?=.*short)(?!.*long)"),
    Model("spread of a book without intelligence", zero_intelligence.spread_of, _BOOK, r"0?\.28\+1\.86|spread"),
    Model("depth of a book without intelligence", _depth, (*_BOOK, "sigma"), r"mu\^2\.5|depth", {"k": "scale"}),
)
"""Models of everything that is no price, in the order they are tried."""
