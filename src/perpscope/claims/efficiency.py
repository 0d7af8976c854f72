"""Is 0.01 % the work of arbitrage or of the formula?

If arbitrage makes it, quieter premiums should rest there more often, and a formula without a flat stretch should rest
there too. Months of one venue, its own rule with another clamp, and a venue without one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from perpscope.analysis.inference.interval import Z95
from perpscope.analysis.premium.pull import LEAST, pull
from perpscope.analysis.premium.series import averaged, steps
from perpscope.catalogue.load import load_venue
from perpscope.claims.interest import INTEREST
from perpscope.claims.model import Axis, Figure, Series, Text
from perpscope.claims.peg import FROM, HIGH, HOURS, LOW, UNTIL, hourly
from perpscope.claims.wording import in_bp, reasons
from perpscope.errors import NotEnoughData
from perpscope.market.number import to_float
from perpscope.market.time import to_ms
from perpscope.mechanisms.batch import fix_averages
from perpscope.units import HOURS_PER_YEAR, MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from perpscope.analysis.premium.series import Steps
    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict
    from perpscope.mechanisms.rule import Rule

    Vector = NDArray[np.float64]

YEARS = (2021, 2022, 2023)
REST = to_float(INTEREST)
DIGITS = 5e-9
SMALL = 0.001
"""A premium within 0.1 % of the interest counts as small: less than the fees of the four trades of an arbitrage at common rates."""
MOSTLY = 2 / 3
LEAST_MONTHS = 6
A_YEAR = HOURS_PER_YEAR / HOURS


class Months(NamedTuple):
    """By month: share of settled rates at the interest, spread of the averaged premium, distance of its median from the interest."""

    at_rest: Vector
    spread: Vector
    off_centre: Vector


def a06(case: Case) -> Reproduction:
    """Set the share of rates at 0.01 % against how quiet the premium was, where it stood, and how wide the clamp is.

    Source: article A, the section on arbitrage; the rule of the venue from the catalogue; analysis.premium.
    """
    joined = hourly(case, "BTC")
    settled = case.funding("binanceusdm", "BTC/USDT:USDT", start=FROM, end=UNTIL)
    slots, premium = averaged(joined, settled["slot"].to_numpy(), HOURS * MS_PER_HOUR, MS_PER_HOUR)
    if not len(slots):
        raise NotEnoughData("averaged premiums", "no funding interval with a close at each of its hours", "Import longer histories.")
    rates = settled.filter(settled["slot"].is_in(slots.tolist()))["funding_rate"].to_numpy()
    rule = _rule()
    computed = _rates(rule, premium, 1.0)
    found = {
        "settled_at_interest": float((abs(rates - REST) < DIGITS).mean()),
        "computed_at_interest": float((abs(computed - REST) < DIGITS).mean()),
        "same_answer": float(((abs(computed - REST) < DIGITS) == (abs(rates - REST) < DIGITS)).mean()),
        "without_clamp": _resting(rule, premium, 0.0),
        "with_twice_the_clamp": _resting(rule, premium, 2.0),
        "small": float((abs(premium - REST) <= SMALL).mean()),
        "computed_mean_apr": float(computed.mean()) * A_YEAR,
        "settled_mean_apr": float(rates.mean()) * A_YEAR,
    }
    months = _months(slots, premium, rates)
    if len(months.at_rest) < LEAST_MONTHS:
        raise NotEnoughData("quiet months beside others", f"{len(months.at_rest)} months of averaged premiums", "Import longer histories.")
    quiet, centred = _ranked(months.at_rest, months.spread), _ranked(months.at_rest, months.off_centre)
    found |= {"months": float(len(months.at_rest)), "rank_correlation_with_spread": quiet[0], "rank_correlation_with_distance": centred[0]}
    intervals = {"rank_correlation_with_spread": quiet[1], "rank_correlation_with_distance": centred[1]}
    found |= _by_year(steps(joined, MS_PER_HOUR), slots, rates)
    small = found["small"] >= MOSTLY
    efficient = quiet[1][1] < 0
    verdict: Verdict = "fails" if not small else "holds" if efficient else "holds with changes"
    why = reasons(case, verdict, {**found, **in_bp(found), "n": len(slots), "low": quiet[1][0], "high": quiet[1][1]})
    why.insert(1, case.say("rival", **found))
    window = (int(slots[0]), int(slots[-1]))
    figures = [_histogram(case, joined), _against(case, months)]
    return case.answer(verdict, found, why=why, n=len(slots), window=window, intervals=intervals, figures=figures)


def _rule() -> Rule:
    """Return the rule of the venue in the middle of the window, with the margin of its largest contract."""
    middle = to_ms("2022-01-01T00:00:00Z")
    venue = load_venue("binanceusdm")
    (dated,) = venue.at(middle)
    return dated.build({"maintenance_margin": venue.contract("BTCUSDT", middle)["maintenance_margin"]}, averaged=True)


def _rates(rule: Rule, premium: Vector, widths: float) -> Vector:
    """Decide the windows by the rule, its clamp so many times as wide."""
    import numpy as np

    other = rule.but(formula=replace(rule.formula, damper=to_float(rule.formula.damper) * widths))
    return fix_averages(other, premium, np.full(len(premium), float(HOURS))).rates


def _resting(rule: Rule, premium: Vector, widths: float) -> float:
    return float((abs(_rates(rule, premium, widths) - REST) < DIGITS).mean())


def _months(slots: NDArray[np.int64], premium: Vector, rates: Vector) -> Months:
    import numpy as np
    import polars as pl

    rows = pl.DataFrame(
        {"month": pl.from_epoch(pl.Series(slots), "ms").dt.truncate("1mo"), "premium": premium, "rest": abs(rates - REST) < DIGITS}
    )
    middle = pl.col("premium").median()
    by_month = rows.group_by("month", maintain_order=True).agg(
        pl.col("rest").mean(), (pl.col("premium") - middle).abs().median().alias("spread"), (middle - REST).abs().alias("off")
    )
    return Months(*(np.asarray(by_month[name].to_numpy(), dtype=np.float64) for name in ("rest", "spread", "off")))


def _ranked(x: Vector, y: Vector) -> tuple[float, tuple[float, float]]:
    """Rank correlation with its interval on Fisher's scale; months are taken as independent, which flatters it.

    Where one of them is the same in every month there is no order to compare: 0, with everything possible.

    Source: Spearman's coefficient; Fieller, Hartley and Pearson (1957) for the error 1.03 / sqrt(n - 3).
    """
    import numpy as np
    from scipy.stats import spearmanr

    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return 0.0, (-1.0, 1.0)
    r = float(spearmanr(x, y).statistic)
    error = Z95 * 1.03 / np.sqrt(len(x) - 3)
    low, high = np.tanh(np.arctanh(r) + np.array([-error, error]))
    return r, (float(low), float(high))


def _by_year(found: Steps, slots: NDArray[np.int64], rates: Vector) -> dict[str, float]:
    """Level, spread, share inside the flat stretch, pull, and share settled at the interest, year by year."""
    import numpy as np

    told: dict[str, float] = {}
    for year in YEARS:
        start, end = to_ms(f"{year}-01-01T00:00:00Z"), to_ms(f"{year + 1}-01-01T00:00:00Z")
        own = found.where((found.at >= start) & (found.at < end))
        then = rates[(slots >= start) & (slots < end)]
        if len(own.at) < LEAST or not len(then):
            continue
        middle = float(np.median(own.premium))
        told |= {
            f"median_{year}": middle,
            f"spread_{year}": float(np.median(abs(own.premium - middle))),
            f"inside_{year}": float(((own.premium >= LOW) & (own.premium <= HIGH)).mean()),
            f"half_life_hours_{year}": min(pull(own.premium, own.change).half_life, 1e6),
            f"settled_at_interest_{year}": float((abs(then - REST) < DIGITS).mean()),
        }
    return told


def _histogram(case: Case, joined: pl.DataFrame) -> Figure:
    """Share of hours by premium, in bins of half a basis point, year by year."""
    import numpy as np

    at, premium = joined["close_at"].to_numpy(), joined["premium"].to_numpy()
    edges = np.arange(-40, 61) / 20_000
    series = []
    for colour, year in enumerate(YEARS):
        own = premium[(at >= to_ms(f"{year}-01-01T00:00:00Z")) & (at < to_ms(f"{year + 1}-01-01T00:00:00Z"))]
        share = np.histogram(own, edges)[0] / max(len(own), 1)
        series.append(Series(Text.same(str(year)), tuple(edges[:-1] + 0.000025), tuple(share), kind="steps", colour=colour))
    top = max(max(each.y) for each in series)
    series += [Series(case.label(key), (x, x), (0.0, top), colour=7) for key, x in (("low", LOW), ("high", HIGH))]
    axes = Axis(case.label("premium"), "bp"), Axis(case.label("share"), "percent")
    return Figure("a06a", case.label("histogram"), *axes, tuple(series), note=case.say("note"))


def _against(case: Case, months: Months) -> Figure:
    """Share of rates at the interest against spread and distance of the month's premium."""
    series = tuple(
        Series(case.label(key), tuple(x.tolist()), tuple(months.at_rest.tolist()), kind="points", colour=colour)
        for colour, (key, x) in enumerate((("spread", months.spread), ("distance", months.off_centre)))
    )
    axes = Axis(case.label("months_x"), "bp"), Axis(case.label("at_rest"), "percent")
    return Figure("a06b", case.label("months_drawn"), *axes, series, note=case.say("note_months"))
