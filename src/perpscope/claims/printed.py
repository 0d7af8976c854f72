"""Do the printed profits and yields of one trade agree with each other, and what would end it?

Arithmetic on printed figures alone: the horizon and the compounding that turn four profits into the four yields beside
them, and the costs at which nothing is left. Whether the profits were real is asked of data elsewhere.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from perpscope.analysis.printed.yields import DAYS, HOWS, Printed, annual, shared_horizon
from perpscope.claims.model import Axis, Figure, Grid, Series
from perpscope.claims.wording import reasons
from perpscope.trading.examples.printed_trade import printed_trade
from perpscope.units import HOURS_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perpscope.claims.case import Case
    from perpscope.claims.model import Cell, Reproduction, Verdict

PRINTED = printed_trade("coinflex")
COLLATERAL, NOTIONAL = (float(PRINTED.capitals[name]) for name in ("collateral", "gross"))
BTC, ETH = (
    {name: (float(one.profit), float(one.yearly), float(one.unit)) for name, one in PRINTED.figures.items() if one.coin == coin}
    for coin in ("BTC", "ETH")
)
"""Profit in USD, printed yield, unit of its last digit."""
MAKER, TAKER = float(PRINTED.maker), float(PRINTED.taker)
NET = (float(PRINTED.net[0]), float(PRINTED.net[1]))
ABOUT_TWO_MONTHS = 60.0
"""Days, where the figures share no horizon."""


def c04(case: Case) -> Reproduction:
    """Find the horizon and compounding behind the two Bitcoin yields.

    Source: article C, the sums below its second picture.
    """
    return _reproduced(case, BTC, BTC)


def c05(case: Case) -> Reproduction:
    """Find one horizon and compounding behind all four yields, and see whether there is another.

    Source: article C, the sums below its pictures three and four.
    """
    return _reproduced(case, ETH, {**BTC, **ETH})


def _reproduced(
    case: Case, own: Mapping[str, tuple[float, float, float]], shared: Mapping[str, tuple[float, float, float]]
) -> Reproduction:
    fits = {(how, capital): shared_horizon(_printed(shared, capital), how) for how, capital in product(HOWS, (COLLATERAL, NOTIONAL))}
    fitting = [key for key, span in fits.items() if span is not None]
    how, capital = fitting[0] if fitting else ("compound", COLLATERAL)
    low, high = fits[how, capital] or (0.0, 0.0)
    days = ABOUT_TWO_MONTHS if not fitting else float(round(low)) if low <= round(low) <= high else (low + high) / 2
    found = {"conventions_that_fit": float(len(fitting)), "days_low": low, "days_high": high, "days": days}
    other = fits["compound", NOTIONAL]
    if other is not None:
        found["days_on_the_notional"] = sum(other) / 2
    off = 0.0
    for name, (profit, yearly, unit) in own.items():
        again = annual(profit / capital, days, how)
        found[f"yield_{name}"] = again
        found[f"unlevered_{name}"] = annual(profit / NOTIONAL, days, "compound")
        off = max(off, abs(again - yearly) / unit)
    found["worst_residual_in_printed_units"] = off
    exact = [key for key in fitting if key == ("compound", COLLATERAL)]
    verdict: Verdict = "holds" if exact and off <= 0.5 else "holds with changes" if fitting else "fails"  # noqa: PLR2004 - half a printed unit
    why = reasons(case, verdict, {**found, "tried": len(fits), "low": low, "high": high}, expected="holds")
    return case.answer(verdict, found, why=why, n=len(shared), grids=[_scan(case, shared)])


def _printed(figures: Mapping[str, tuple[float, float, float]], capital: float) -> list[Printed]:
    return [Printed(profit / capital, yearly, unit) for profit, yearly, unit in figures.values()]


def _scan(case: Case, figures: Mapping[str, tuple[float, float, float]]) -> Grid:
    """Horizon of each figure alone under each convention, and the one they share."""
    rows: list[tuple[Cell, ...]] = []
    for how, capital in product(HOWS, (COLLATERAL, NOTIONAL)):
        alone = [shared_horizon([one], how) or (0.0, 0.0) for one in _printed(figures, capital)]
        both = shared_horizon(_printed(figures, capital), how)
        cells = [f"{low:.2f}-{high:.2f}" for low, high in alone]
        rows.append((case.label(how), capital, *cells, None if both is None else f"{both[0]:.3f}-{both[1]:.3f}"))
    columns = (case.label("how"), case.label("capital"), *(case.label(name) for name in figures), case.label("shared"))
    return Grid(case.label("scan"), columns, tuple(rows), ("", ",.0f", *("" for _ in figures), ""))


def c06(case: Case) -> Reproduction:
    """Add the fees of every way in and out, and find when nothing of the printed trade is left.

    Source: article C, its last paragraph; the profits printed above it, over the horizon that its yields share.
    """
    span = shared_horizon(_printed({**BTC, **ETH}, COLLATERAL), "compound")
    days = ABOUT_TWO_MONTHS if span is None else float(round(span[0]))
    there_and_back = sorted({round(a + b, 12) for a, b in product((MAKER, TAKER), repeat=2)})
    inside = [x for x in there_and_back if NET[0] - 1e-12 <= x <= NET[1] + 1e-12]
    gains = {name: profit / COLLATERAL for name, (profit, _, _) in {**BTC, **ETH}.items()}
    least = min(gains.values())
    worst = 2 * (TAKER + (NET[1] - MAKER))
    found = {
        "resting_both_ways": there_and_back[0],
        "one_of_each": there_and_back[1],
        "taking_both_ways": there_and_back[-1],
        "ways_inside_the_stated_range": float(len(inside)),
        "ways": float(len(there_and_back)),
        "other_venue_fee_low": NET[0] - MAKER,
        "other_venue_fee_high": NET[1] - MAKER,
        "days": days,
        "gap_a_day_least": least / days,
        "break_even_days_resting": 2 * NET[1] / (least / days),
        "break_even_days_taking": worst / (least / days),
        "gap_a_year_that_pays_nothing": worst / days * DAYS,
        "impact_each_way_that_ends_it": (least - 2 * NET[1]) / 2,
    }
    verdict: Verdict = "fails" if not inside else "holds" if len(inside) == len(there_and_back) else "holds with changes"
    why = [case.say("why", **found), case.say("caveat", **found)]
    return case.answer(verdict, found, why=why, n=len(there_and_back), figures=[_ends(case, gains, days)])


def _ends(case: Case, gains: Mapping[str, float], days: float) -> Figure:
    """Break-even holding time against the cost of the round trip, for the printed gaps."""
    costs = tuple(k / 10_000 for k in range(41))
    series = [
        Series(case.label(name), costs, tuple(cost / (gain / days) * HOURS_PER_DAY for cost in costs), colour=colour)
        for colour, (name, gain) in enumerate(gains.items())
    ]
    axes = Axis(case.label("cost"), "bp"), Axis(case.label("hours"), "number")
    return Figure("c06", case.label("drawn"), *axes, tuple(series), lines=((8.0, case.label("interval")),), note=case.say("note"))
