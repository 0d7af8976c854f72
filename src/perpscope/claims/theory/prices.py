"""Which models of prices, rates and costs may a check be about?"""

from __future__ import annotations

import math
import re
from functools import partial
from typing import Any

from perpscope.analysis.pricing import clamped, costs, designs, perpetual, shares
from perpscope.claims.theory.checks import Check
from perpscope.claims.theory.expressions import Unreadable, Value, evaluate, spelled, tokens
from perpscope.claims.theory.inputs import Inputs
from perpscope.claims.theory.model import Alternatives, Model
from perpscope.errors import InputError

PERIODS = 1095.0
"""Funding periods of eight hours a year: the paper's kappa where a check gives none."""
_POINTS = 64
INTEREST, WIDTH = 0.0001 * PERIODS, 0.0005 * PERIODS
"""The paper's interest and half width a year, where a check gives none."""

_UNITS = (PERIODS, 1.0)
_X = ("x", "kappa", "iota", "r_a", "r_b")
_XC = ("x", "kappa", "iota", "r_a", "r_c")
_RATES = {"iota": "interest", "gamma": "width", "kappa": "kappa"}


def _of_paper(x: Value, kappa: Value, i_inv: Value, r_a: Value, r_b: Value, *, paid: perpetual.Paid = "continuous") -> Value:
    """Inverse price of papers on 1/x, whose interest is minus what a long pays."""
    return perpetual.inverse_price(x, kappa, -i_inv, r_a, r_b, paid=paid)


def _quanto(x: Value, kappa: Value, iota: Value, r_a: Value, r_c: Value, rho: Value, *, sx: Value, sz: Value) -> Value:
    return perpetual.quanto_price(x, kappa, iota, r_a, r_c, shares.covariance(rho, sx, sz))


def _quanto_iota(r_a: Value, r_c: Value, rho: Value, sx: Value, sz: Value) -> Value:
    return perpetual.pegging_iota(r_a, r_c, shares.covariance(rho, sx, sz))


def _interval(found: clamped.Interval) -> Value:
    import numpy as np

    return found.low if np.all(found.low == found.high) else [found.low, found.high]


def _clamped(carry: Value, interest: Value, width: Value, spot: Value = 1.0, kappa: Value = 1.0) -> Value:
    return _interval(clamped.clamped_price(spot, carry, interest, width, kappa))


def _without_clamp(carry: Value, kappa: Value, spot: Value = 1.0) -> Value:
    return perpetual.linear_price(spot, kappa, 0.0, carry, 0.0)


def _in_both_units(works: Any, interest: Value | None, width: Value | None) -> Value:  # noqa: ANN401 - a function of both
    """Work out a yearly rate; an interest and width that a check gives may be of eight hours, as venues state them, or of a year."""
    if interest is None and width is None:
        return works(INTEREST, WIDTH)
    found = [works(*(default if one is None else one * unit for one, default in ((interest, INTEREST), (width, WIDTH)))) for unit in _UNITS]
    return Alternatives(tuple(found), "interest and width of eight hours or of a year")


def _deviation(
    futures: Value, spot: Value, carry: Value, interest: Value | None = None, width: Value | None = None, *, kappa: Value = PERIODS
) -> Value:
    return _in_both_units(lambda i, g: clamped.deviation(futures, spot, carry, i, g, kappa), interest, width)


def _implied(futures: Value, spot: Value, interest: Value | None = None, width: Value | None = None, *, kappa: Value = PERIODS) -> Value:
    return _in_both_units(lambda i, g: clamped.implied_rate(futures, spot, i, g, kappa), interest, width)


def _expected(x: Value, kappa: Value, r_a: Value, r_b: Value, *, iota: Value = 0.0, works: Any = perpetual.linear_price) -> Value:  # noqa: ANN401 - a function
    """Spot expected at a random time, in quote or base units; a text that leaves the interest out is of none."""
    if iota != 0:
        raise InputError("an expected spot", "the text has no interest, the inputs have", "Give an interest of 0.")
    return works(x, kappa, 0.0, r_a, r_b)


def _benchmark(width: Value, interest: Value | None = None, carry: Value | None = None) -> Alternatives:
    """Deviation of the price that ignores the clamp; signs and units are left open where a check gives neither carry nor unit."""
    annual = width * PERIODS
    if interest is None or carry is None:
        return Alternatives(tuple(unit * sign * annual for sign in (1, -1) for unit in (1, 100)), "sign of iota - r, fraction or percent")
    one = clamped.no_clamp_deviation(carry, interest, annual)
    return Alternatives((one, 100 * one), "fraction or percent")


def _threshold(spot_cost: Value, futures_cost: Value, kappa: Value = PERIODS) -> Value:
    return costs.threshold(costs.round_trip(spot_cost, futures_cost), kappa)


def _band(rate: Value, gap: Value, index: Value, spot_cost: Value) -> dict[str, Value]:
    found = costs.empirical_bounds(rate, gap, index, spot_cost)
    return {"L": found.low, "U": found.high}


def _share(sd: Value, interest: Value, width: Value, mean: Value = 0.0) -> Value:
    return shares.plateau_share(mean, sd, interest, width)


def _share_annual(sd: Value, interest: Value, width: Value, mean: Value = 0.0) -> Value:
    return shares.plateau_share(mean / PERIODS, sd / PERIODS, interest, width)


def _pegged(_: Check, inputs: Inputs, formula: str) -> Any:  # noqa: ANN401 - alternatives, one of them, or nothing
    """Funding that keeps the mark at a power of the spot, in money and as a fraction of the mark."""
    told = f"{formula}; phi={inputs.texts.get('phi', '')}"
    power = re.search(r"phi(?:\(s\))?=s(?:(?:\^|\*\*)(\d+(?:\.\d+)?))?(?![\w^*/+-])", re.sub(r"\s+", "", told).lower())
    r, s, spot = inputs.find("r"), inputs.find("s"), inputs.find("S")
    if power is None and r is not None and s is not None and spot is not None:
        return _pegged_to(told, float(r), float(s), float(spot))
    if power is None or r is None or (s is None and power[1]):
        return None
    n, s = float(power[1] or 1), 0.0 if s is None else s
    fraction = designs.power_funding_rate(n, r, s)
    if spot is None:
        return fraction
    money = designs.funding_that_pegs(spot, r, s, n * spot ** (n - 1), n * (n - 1) * spot ** (n - 2))
    return Alternatives((money, fraction), "money or fraction of the mark")


def _pegged_to(told: str, r: float, s: float, spot: float) -> Alternatives | None:
    """Funding that keeps the mark at a smooth function of the spot, whose derivatives are taken round a circle about it (Cauchy)."""
    import numpy as np

    found = re.search(r"phi(?:\(S\))?\s*=\s*([^;=]*S[^;=]*)", told)
    if found is None or set(re.findall(r"[A-Za-z_]\w*", found[1])) - {"S", "log", "ln", "exp", "sqrt"} or spot <= 0:
        return None
    turn = np.exp(2j * np.pi * np.arange(_POINTS) / _POINTS)
    radius = spot / 4
    try:
        round_it = evaluate(tokens(spelled(found[1])), {"S": spot + radius * turn}.get)
    except Unreadable:
        return None
    mark, slope, curvature = (float((round_it * turn**-n).mean().real) * math.factorial(n) / radius**n for n in range(3))
    money = designs.funding_that_pegs(spot, r, s, slope, curvature)
    return Alternatives((money, money / mark), "money or fraction of the mark")


_LINEAR = perpetual.linear_price
_INVERSE = perpetual.inverse_price
_PEG = perpetual.pegging_iota

_SPOT = ("x", "kappa", "r_a", "r_b")
_AT_TAU = r"e[^\[\]]{0,6}\[x_?tau\]"
_LATER = r"end.?of.?period|end.?spot|spot.?after"
_PAPERS = r"i_?inv|quantlib|ahj|ackerer"


def _perpetual(name: str, works: Any, form: str, kind: str, *, when: str, papers: bool | None = None) -> Model:  # noqa: ANN401 - a function
    """Model of a price: by the form of its formula, or by words; of an inverse also by whose sign of the interest is meant."""
    sign = "" if papers is None else rf"(?=.*(?:{_PAPERS}))" if papers else rf"(?!.*(?:{_PAPERS}))"
    linear = "(?!.*inverse)" if kind == "linear" else ""
    return Model(name, works, _X, rf"{form}|^(?=.*{kind})(?=.*(?:{when})){linear}{sign}", guards=True)


_ONLY_NOW = rf"discrete(?!.*(?:{_LATER}))|start.?of.?period"
PRICES: tuple[Model, ...] = (
    _perpetual(
        "linear perpetual, funding on the spot before", partial(_LINEAR, paid="start"), r"x\*?\(k-i\)\*?\(1\+rb", "linear", when=_ONLY_NOW
    ),
    _perpetual(
        "linear perpetual, funding on the spot after", partial(_LINEAR, paid="end"), r"x\*?\(k-i\)\*?\(1\+ra", "linear", when=_LATER
    ),
    _perpetual("linear perpetual, continuous", _LINEAR, r"x\*?\(k-i\)/\(k", "linear", when="continuous"),
    Model("linear perpetual, continuous", _LINEAR, _XC, r"e\[x_tau\]|k\+rc-ra", guards=True),
    Model("linear perpetual, continuous", _LINEAR, _X, rf"1-i(?:ota)?/k(?:appa)?.*{_AT_TAU}"),
    Model("spot expected at a random time", _expected, _SPOT, rf"^(?!.*1-i(?:ota)?/k).*{_AT_TAU}", {"iota": "iota"}),
    Model("spot expected in the base coin", partial(_expected, works=_INVERSE), _SPOT, r"1/e[^\[\]]{0,6}\[1/x_?tau\]", {"iota": "iota"}),
    _perpetual(
        "inverse perpetual, before, i of 1/x",
        partial(_of_paper, paid="start"),
        r"\)/\[?\(?\(k-i(?:_inv)?\)\*?\(1\+ra",
        "inverse",
        when=_ONLY_NOW,
        papers=True,
    ),
    _perpetual(
        "inverse perpetual, after, i of 1/x",
        partial(_of_paper, paid="end"),
        r"\)/\[?\(?\(k-i(?:_inv)?\)\*?\(1\+rb",
        "inverse",
        when=_LATER,
        papers=True,
    ),
    _perpetual("inverse perpetual, continuous, i of 1/x", _of_paper, r"x\*?\(k\+ra-rb\)/\(k-i", "inverse", when="continuous", papers=True),
    _perpetual(
        "inverse perpetual, before", partial(_INVERSE, paid="start"), r"\(k\+i\)\*?\(1\+ra", "inverse", when=_ONLY_NOW, papers=False
    ),
    _perpetual("inverse perpetual, after", partial(_INVERSE, paid="end"), r"\(k\+i\)\*?\(1\+rb", "inverse", when=_LATER, papers=False),
    _perpetual("inverse perpetual, continuous", _INVERSE, r"x\*?\(k\+ra-rb\)/\(k\+i", "inverse", when="continuous", papers=False),
    Model(
        "quanto perpetual",
        lambda *given: _quanto(*given[:6], sx=given[6], sz=given[7]),
        (*_XC, "rho", "sx", "sz"),
        r"quanto|q=x|rho\*?s_?x",
        guards=True,
    ),
    Model("interest that pegs a quanto", _quanto_iota, ("r_a", "r_c", "rho", "sx", "sz"), r"iota\*?.*ra-rc|quanto", rate=True),
    Model("interest that pegs, discrete", partial(_PEG, paid="start"), ("r_a", "r_b"), r"/\(1\+rb\)"),
    Model("interest that pegs, continuous", _PEG, ("r_a", "r_b"), r"=ra-rb$"),
    Model("interest that pegs an inverse, discrete", partial(_PEG, paid="start", inverse=True), ("r_a", "r_b"), r"/\(1\+ra\)"),
    Model("price without a clamp", _without_clamp, ("r", "kappa"), r"k/\(k-r\)", {"S": "spot"}),
    Model(
        "price with a clamp", _clamped, ("r", "iota", "gamma"), r"f/s|f=s|sgn\(iota-r\)\*?g", {"S": "spot", "kappa": "kappa"}, guards=True
    ),
    Model("deviation rho", _deviation, ("F", "S", "r"), r"rho=(?!sgn)", _RATES),
    Model("implied carry", _implied, ("F", "S"), r"phi\(\(f-s\)/f\)", _RATES),
    Model("deviation of the price without a clamp", _benchmark, ("gamma",), r"no-clamp", {"iota": "interest", "r": "carry"}),
    Model("threshold of a round trip", _threshold, ("c_spot", "c_fut"), r"kappa\*?c|k\*?c|2\*?\(cs\+cf\)", {"kappa": "kappa"}, rate=True),
    Model("empirical bounds", _band, ("f", "G", "index", "kS"), r"\(1-ks\)|\(1\+ks\)"),
    Model("plateau share of a normal premium", _share_annual, ("sd_annual", "I", "g"), r"<=p<=|normal|~n\(", {"mean": "mean"}),
    Model("plateau share of a normal premium", _share, ("sd", "I", "g"), r"<=p<=|normal|~n\(", {"mean": "mean"}),
    Model("funding that pegs", _pegged, (), r"phi(?!\(\()", whole=True),
)
"""Models of prices, in the order they are tried."""
