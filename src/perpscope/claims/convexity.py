"""Why does a contract that pays in what it depends on stand off its forward, and what does that leave a market maker?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.inference.interval import Z95, around
from perpscope.analysis.pricing.convexity import bias_by_covariance, ho_lee_bias, quanto_drift, simulated_bias
from perpscope.analysis.quanto.decomposition import Decomposition, periods
from perpscope.claims.case import Absent
from perpscope.claims.model import Axis, Figure, Series, Text
from perpscope.claims.quanto import BEHIND, FIRST, NEAR, prices, with_funding_leg

if TYPE_CHECKING:
    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

EXAMPLE = (0.01, 5.0, 5.25)
"""Volatility of the short rate (one point a year) and the deposit of a quarter in five years."""
FORWARD = tuple(k / 4 for k in range(1, 41))
SIGMAS = (0.008, 0.010, 0.012)
SEED, PATHS = 1, 60_000


def f27(case: Case) -> Reproduction:
    """Compute the convexity bias by formula, by covariance and by simulation; try the maker's neutrality where there is funding.

    Source: article F, figure 7; Ho and Lee (1986).
    """
    sigma, first, second = EXAMPLE
    formula = ho_lee_bias(sigma, first, second)
    covariance = bias_by_covariance(sigma, first, second, 1000)
    simulated, error = simulated_bias(sigma, first, second, paths=PATHS, steps=100, seed=SEED)
    found = {
        "bias_by_formula": formula,
        "bias_by_covariance": covariance,
        "bias_simulated": simulated,
        "standard_errors_apart": abs(simulated - formula) / error,
        "bias_in_ten_years": ho_lee_bias(sigma, 10.0, 10.25),
        "quanto_drift": quanto_drift(0.8, 1.0, 0.75, 1.0),
    }
    same = abs(covariance - formula) <= 1e-12 and found["standard_errors_apart"] < 4  # noqa: PLR2004 - as in f10
    net = _neutral(case)
    window = None
    n, lead = PATHS, ""
    said = [case.say("why", error=error, **found)]
    intervals: dict[str, tuple[float, float]] = {}
    if net is None:
        said.append(case.say("untested"))
        verdict: Verdict = "holds with changes" if same else "fails"
    else:
        value, spread = net.net or 0.0, net.net_error or 0.0
        found["net"] = value
        intervals["net"] = around(value, spread)
        neutral = abs(value) <= max(NEAR / 2, Z95 * spread)
        said.append(
            case.say("neutral" if neutral else "not_neutral", low=intervals["net"][0], high=intervals["net"][1], days=net.n, **found)
        )
        verdict = "fails" if not same else "holds" if neutral else "holds with changes"
        lead = "lead_not_neutral" if verdict == "holds with changes" else ""
        window, n = (net.first, net.last), net.n
    said.append(case.say("caveat"))
    return case.answer(verdict, found, intervals=intervals, why=said, n=n, window=window, figures=[_figure7(case)], lead=lead)


def _neutral(case: Case) -> Decomposition | None:
    """Product less funding of ETHUSD; None where funding or prices are absent."""
    try:
        return with_funding_leg(case, periods(prices(case), start=FIRST, end=BEHIND))
    except Absent:
        return None


def _figure7(case: Case) -> Figure:
    series = tuple(
        Series(
            Text(f"sigma = {sigma:.1%}", f"波动率 {sigma:.1%}"),
            FORWARD,
            tuple(ho_lee_bias(sigma, t, t + 0.25) for t in FORWARD),
            "line",
            colour=k,
        )
        for k, sigma in enumerate(SIGMAS)
    )
    axes = Axis(case.label("maturity")), Axis(case.label("bias"), "bp")
    return Figure("fig7", case.label("fig7"), *axes, series, note=case.say("note"))
