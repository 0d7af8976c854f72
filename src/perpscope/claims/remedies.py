"""Would delivery cure what funding is blamed for?

A market that ends at a reference price beside one that never ends, and two venues of which only one has the clamp: what
of a gap is left when coin, window and arbitrageurs are the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from perpscope.analysis.averages import average_apr, common_window, within
from perpscope.analysis.carry.implied import daily_carry
from perpscope.analysis.inference.interval import around
from perpscope.analysis.inference.ols import ols
from perpscope.catalogue.load import load_venue
from perpscope.claims.futures import BEHIND, FIRST, INVERSE, LINEAR, averages, daily_gap, futures, perpetuals
from perpscope.claims.model import Axis, Figure, Series
from perpscope.claims.peg import hourly
from perpscope.claims.printed import BTC, COLLATERAL, ETH
from perpscope.claims.wording import in_bp, reasons
from perpscope.errors import NotEnoughData
from perpscope.market.table import FUNDING
from perpscope.market.time import to_ms
from perpscope.mechanisms.batch import fix_averages
from perpscope.units import HOURS_PER_YEAR, MS_PER_DAY, Rate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

    Vector = NDArray[np.float64]

BANDS = ((1, 3), (4, 7), (8, 14), (15, 21), (22, 35))
"""Days to the delivery, from and to."""
INTEREST_APR = Rate(0.0001, 8).apr
SAME_FROM, SAME_UNTIL = to_ms("2023-01-02T00:00:00Z"), to_ms("2024-06-30T00:00:00Z")
MONTH_MS = 30 * MS_PER_DAY
"""Least time over which two venues are compared."""
DAYS = 56
"""Horizon of the printed profits, found under C05."""


class Reads(NamedTuple):
    """Basis of one band of days to the delivery: days, median distance from nothing, mean."""

    n: int
    size: float
    mean: float


def f24(case: Case) -> Reproduction:
    """Watch the basis of a dated future run off, beside the premium of a perpetual at the same hours, and compare the carries.

    Source: article F, its last paragraph; analysis.carry.
    """
    import numpy as np
    import polars as pl

    market = futures(case)
    carry = daily_carry(market.curve).filter(
        pl.col("front_over_spot").is_not_null() & ~pl.col("near_roll") & (pl.col("day") >= FIRST) & (pl.col("day") < BEHIND)
    )
    basis, left = carry["front_over_spot"].to_numpy(), carry["front_over_spot_span"].to_numpy()
    bands = {band: _read(basis, left, band) for band in BANDS if ((left >= band[0]) & (left <= band[1])).sum() > 1}
    if len(bands) < 2:  # noqa: PLR2004 - the first days and the last
        raise NotEnoughData("a basis that runs off", f"{len(basis)} days with a basis", "Import futures and spot of the same months.")
    run_off = ols(basis, left, ["days"])
    near, far = min(bands), max(bands)
    premium = hourly(case, "BTC")["premium"].to_numpy()
    held = perpetuals(case, LINEAR, INVERSE)
    paid, low, high = averages(held)
    gap, days = daily_gap(held[LINEAR], held[INVERSE], low, high)
    implied = float(basis.sum() / left.sum() * 365)
    found = {
        "size_last_days": bands[near].size,
        "size_first_days": bands[far].size,
        "run_off_a_day": run_off.of("days").coef,
        "implied_by_run_off": run_off.of("days").coef * 365,
        "implied_carry": implied,
        "left_at_delivery": float(run_off.coef[0]),
        "perpetual_premium_size": float(np.median(np.abs(premium))),
        "perpetual_linear": paid[LINEAR],
        "perpetual_inverse": paid[INVERSE],
        "linear_over_inverse": paid[LINEAR] - paid[INVERSE],
        "linear_over_implied": paid[LINEAR] - implied,
        "inverse_over_implied": paid[INVERSE] - implied,
    }
    error = run_off.of("days").se_hac
    intervals = {"run_off_a_day": around(run_off.of("days").coef, error), "linear_over_inverse": around(found["linear_over_inverse"], gap)}
    converges = intervals["run_off_a_day"][0] > 0 and bands[near].size < bands[far].size
    explains = found["inverse_over_implied"] > max(0.0, found["linear_over_implied"] / 2)
    verdict: Verdict = "fails" if not converges else "holds" if explains else "holds with changes"
    told = {**found, **in_bp(found), "n": len(basis), "hours": len(premium), "days": days}
    told |= {"near_from": near[0], "near_to": near[1], "far_from": far[0], "far_to": far[1]}
    window = (int(carry["day"].min()), int(carry["day"].max()))  # type: ignore[arg-type]  # integer columns
    return case.answer(
        verdict, found, why=reasons(case, verdict, told), n=len(basis), window=window, intervals=intervals,
        figures=[_amortised(case, basis, left, implied), _run_off(case, basis, left, run_off.coef)],
    )  # fmt: skip


def _read(basis: Vector, left: Vector, band: tuple[int, int]) -> Reads:
    import numpy as np

    own = basis[(left >= band[0]) & (left <= band[1])]
    return Reads(len(own), float(np.median(np.abs(own))), float(own.mean()))


def _amortised(case: Case, basis: Vector, left: Vector, carry: float) -> Figure:
    """Figure 1: a basis that runs off evenly until the delivery, above spot and below, and what the front contract did."""
    import numpy as np

    start = -float(np.ceil(left.max()))
    bands = [basis[(left >= low) & (left <= high)] for low, high in BANDS]
    middles = [(-(low + high) / 2, own) for (low, high), own in zip(BANDS, bands, strict=True) if len(own)]
    quarters = [np.quantile(own, (0.25, 0.5, 0.75)).tolist() for _, own in middles]
    low, middle, high = (tuple(column) for column in zip(*quarters, strict=True))
    whole = (start, 0.0)
    size = abs(carry) * -start / 365
    series = (
        Series(case.label("spot"), whole, (0.0, 0.0), colour=6),
        Series(case.label("contango"), whole, (size, 0.0), colour=0),
        Series(case.label("backwardation"), whole, (-size, 0.0), colour=1),
        Series(case.label("observed"), tuple(at for at, _ in middles), middle, "points", low, high, colour=2),
    )
    axes = Axis(case.label("to_delivery"), "number"), Axis(case.label("basis"), "percent")
    return Figure("fig1", case.label("fig1"), *axes, series, note=case.say("note_fig1", n=len(basis), carry=abs(carry)))


def _run_off(case: Case, basis: Vector, left: Vector, line: Vector) -> Figure:
    """Basis of every trading day against the days that are left."""
    points = Series(case.label("basis"), tuple(left.tolist()), tuple(basis.tolist()), kind="points", colour=0)
    ends = (0.0, float(left.max()))
    fitted = Series(case.label("line"), ends, tuple(float(line[0] + line[1] * x) for x in ends), colour=1)
    axes = Axis(case.label("left"), "number"), Axis(case.label("basis"), "percent")
    return Figure("f24", case.label("drawn"), *axes, (points, fitted), lines=((0.0, case.label("spot")),), note=case.say("note"))


def c07(case: Case) -> Reproduction:
    """Ask how much of the printed gap a clamp can make: by the rule, by a venue's own premiums, and by a venue without one.

    Source: article C, its explanation of the gap and its printed profits; rules of the catalogue.
    """
    printed = [profit / COLLATERAL / DAYS * 365 for profit, _, _ in {**BTC, **ETH}.values()]
    found = {"least_printed_gap": min(printed), "most_printed_gap": max(printed), "most_a_drag_to_interest_can_add": INTEREST_APR}
    found["coinflex_rate_needed"] = INTEREST_APR - min(printed)
    intervals: dict[str, tuple[float, float]] = {}
    premium, slots = _premiums(case)
    ruled, bare = _with_and_without(premium)
    for year in (2024, 2025):
        own = (slots >= to_ms(f"{year}-01-01T00:00:00Z")) & (slots < to_ms(f"{year + 1}-01-01T00:00:00Z"))
        if own.any():
            found[f"clamped_{year}"], found[f"plain_{year}"] = float(ruled[own].mean()), float(bare[own].mean())
    clamped = within(case.funding("binanceusdm", "BTC/USDT:USDT"), SAME_FROM, SAME_UNTIL)
    plain = within(case.funding("okx", "BTC/USDT:USDT"), SAME_FROM, SAME_UNTIL)
    found |= {"with_clamp": average_apr(clamped), "without_clamp": average_apr(plain)}
    error, days = daily_gap(clamped, plain, SAME_FROM, SAME_UNTIL)
    found["clamp_adds"] = found["with_clamp"] - found["without_clamp"]
    found["share_of_least_gap"] = found["clamp_adds"] / found["least_printed_gap"]
    intervals["clamp_adds"] = around(found["clamp_adds"], error)
    found |= _delivered(case)
    verdict: Verdict = "holds"
    if found["least_printed_gap"] > INTEREST_APR and intervals["clamp_adds"][1] < found["least_printed_gap"] / 2:
        verdict = "fails"
    elif intervals["clamp_adds"][1] < INTEREST_APR:
        verdict = "holds with changes"
    live = "delivered" if "delivered_average" in found else "absent"
    why = [*reasons(case, verdict, {**found, "n": len(premium), "days": days}, expected="fails"), case.say(live, **found)]
    window = (int(clamped["slot"][0]), int(clamped["slot"][-1]))
    n = clamped.height + plain.height + len(premium)
    return case.answer(verdict, found, why=why, n=n, window=window, intervals=intervals)


def _premiums(case: Case) -> tuple[Vector, NDArray[np.int64]]:
    """Averaged premiums that a venue publishes beside its rates, by hour."""
    rows = case.rows(FUNDING, venue="hyperliquid", contract="BTC", kind="settled").drop_nulls("premium_frac").sort("slot")
    return rows["premium_frac"].to_numpy(), rows["slot"].dt.epoch("ms").to_numpy()


def _with_and_without(premium: Vector) -> tuple[Vector, Vector]:
    """Annual rates of the same premiums under the venue's rule, and under that rule without interest and clamp."""
    import numpy as np

    (dated,) = load_venue("hyperliquid").at(to_ms("2025-01-01T00:00:00Z"))
    rule = dated.build(averaged=True)
    bare = rule.but(formula=replace(rule.formula, interest=0, damper=0))
    hours = np.ones(len(premium))
    ruled, plain = (fix_averages(each, premium, hours).rates * HOURS_PER_YEAR for each in (rule, bare))
    return ruled, plain


def _delivered(case: Case) -> dict[str, float]:
    """Average of the deliverable venue's own rates, and of the clamped one over the same days; nothing without a month of both."""
    if not case.has(FUNDING, venue="coinflex", kind="settled"):
        return {}
    from perpscope.analysis.series import fixings

    rows = fixings(case.rows(FUNDING, venue="coinflex", kind="settled"))
    own = rows.filter(rows["coin"] == "BTC")
    clamped = case.funding("binanceusdm", "BTC/USDT:USDT")
    if own.is_empty():
        return {}
    try:
        low, high = common_window({"coinflex": own, "binanceusdm": clamped})
    except NotEnoughData:
        return {}
    if high - low < MONTH_MS:
        return {}
    return {"delivered_average": average_apr(within(own, low, high)), "clamped_meanwhile": average_apr(within(clamped, low, high))}
