"""What do dated futures say about perpetual funding: by formula, on average, and reading by reading?"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from perpscope.analysis.averages import gap_readings, within
from perpscope.analysis.carry.curve import curve
from perpscope.analysis.carry.implied import PAIRS, daily_carry, readings
from perpscope.analysis.inference.interval import around
from perpscope.analysis.smoothing import monthly
from perpscope.claims.case import Absent
from perpscope.claims.futures import BEHIND, FIRST, INVERSE, LINEAR, averages, daily_gap, daily_spot, error_of, futures, perpetuals
from perpscope.claims.model import Axis, Figure, Grid, Series, Text
from perpscope.errors import NotEnoughData
from perpscope.market.time import to_text
from perpscope.units import MS_PER_DAY, Rate

if TYPE_CHECKING:
    import polars as pl

    from perpscope.claims.case import Case
    from perpscope.claims.futures import Futures
    from perpscope.claims.model import Reproduction, Verdict

GRID = tuple(Fraction(n, 200) for n in range(-10, 41, 5))
"""Yearly rates tried: -5 % to 20 %."""
PRIMARY = "second_over_front_x12"
CENTRE, HALF = 0.10, 0.05
"""Ten points, and how far from them still counts."""
FEW = 6
"""Months of which it is said how much of the average they make."""


def f03(case: Case) -> Reproduction:
    """Covered parity: with F/S = (1 + R_usd)/(1 + R_asset) neither round trip earns anything, and any other price feeds one of them.

    Source: article F, "the theory of funding rates"; covered interest parity.
    """
    worst, slope = Fraction(0), []
    for usd in GRID:
        for asset in GRID:
            ratio = (1 + usd) / (1 + asset)
            through_asset = (1 + asset) * ratio - (1 + usd)  # buy the asset with a dollar, earn on it, sell it forward
            premium = ratio - 1 - (usd - asset) / (1 + asset)
            worst = max(worst, abs(through_asset), abs(premium))
            slope.append((1 + asset) * (ratio + Fraction(1, 1000)) - (1 + usd))
    usd, asset = Fraction(2, 100), Fraction(0)
    plain = max(abs((u - a) / (1 + a) - (u - a)) for u in GRID for a in GRID)
    found = {
        "largest_error": float(worst),
        "premium_at_two_percent": float((usd - asset) / (1 + asset)),
        "premium_a_day": Rate(float(usd), 8760).over(24).value,
        "asset_rate_for_eleven_percent": float((1 + usd) / (1 + Fraction(1095, 10_000)) - 1),
        "profit_of_a_thousandth_too_much": float(min(slope)),
        "largest_error_of_plain_difference": float(plain),
    }
    verdict: Verdict = "holds" if worst == 0 and min(slope) > 0 else "fails"
    rows = tuple(
        (float(u), float(a), float((1 + u) / (1 + a) - 1), float(u - a))
        for u in (Fraction(0), Fraction(2, 100), Fraction(5, 100))
        for a in (Fraction(-5, 100), Fraction(0), Fraction(5, 100))
    )
    columns = tuple(case.label(key) for key in ("r_usd", "r_asset", "premium", "plain_difference"))
    grid = Grid(case.label("table"), columns, rows, ("+.1%", "+.1%", "+.3%", "+.1%"))
    return case.answer(verdict, found, why=[case.say("why", n=len(GRID) ** 2, **found), case.say("caveat", **found)], grids=[grid])


def f29(case: Case) -> Reproduction:
    """Write 11 % a year as the carry of a month, of a quarter and of a day.

    Source: article F, "locking in"; arithmetic.
    """
    year = case.claim.stated["year"]
    found = {
        "month": year / 12,
        "quarter": year / 4,
        "day": year / 365,
        "month_compounded": (1 + year) ** (1 / 12) - 1,
        "quarter_compounded": (1 + year) ** (1 / 4) - 1,
        "month_over_day": 365 / 12,
    }
    told = case.claim.stated
    near = all(round(found[name], digits) == told[name] for name, digits in (("month", 2), ("quarter", 2), ("day", 4)))
    compounded = round(found["month_compounded"], 2) == told["month"] and round(found["quarter_compounded"], 2) == told["quarter"]
    verdict: Verdict = "holds" if near and compounded else "holds with changes" if near or compounded else "fails"
    return case.answer(verdict, found, why=[case.say("why", **found), case.say("caveat", **found)])


def f06(case: Case) -> Reproduction:
    """Figure 2: average funding of two perpetuals and the rate dated futures implied, over the time all share, in every reading.

    Source: article F, figure 2.
    """
    held = perpetuals(case, LINEAR, INVERSE)
    if LINEAR not in held:
        case.funding(*LINEAR)
    known, low, high = averages(held, FIRST, BEHIND)
    binance, others, implied, dated = known[LINEAR], {}, {}, None
    if INVERSE in known:
        others["bitmex"] = known[INVERSE]
    try:
        dated = futures(case)
        carry = _inside(daily_carry(dated.curve), low, high)
        implied = readings(carry)
        others["cme"] = implied[PRIMARY]
    except (Absent, NotEnoughData):
        dated = None
    if not others:
        case.funding(*INVERSE)
    gaps = gap_readings(binance, others)
    found = {"binance": binance, **others, **{f"gap_{name}": value for name, value in gaps.items()}}
    found |= {name: value for name, value in implied.items() if name.endswith(("_x12", "_days"))}
    every = [binance - value for name, value in found.items() if name in implied] + [gaps[name] for name in others]
    found |= {"least_gap": min(every), "largest_gap": max(every)}
    good = [abs(gaps[name] - CENTRE) <= HALF for name in others]
    whole = len(others) == 2 and all(abs(gap - CENTRE) <= HALF for gap in every)  # noqa: PLR2004 - both comparisons of the figure
    verdict: Verdict = "holds" if whole else "holds with changes" if all(good) else "fails"
    intervals, n = _gap_intervals(held, dated, gaps, low, high)
    told: dict[str, object] = {**found, **{f"points_{name}": 100 * value for name, value in gaps.items()}}
    told |= {"least": 100 * found["least_gap"], "most": 100 * found["largest_gap"], "n": n, "start": _day(low), "end": _day(high - 1)}
    told |= {"hot": _made_in_few(held, low, high), "few": FEW}
    told |= {f"{name}_{side}": 100 * edge for name, pair in intervals.items() for side, edge in zip(("low", "high"), pair, strict=True)}
    spoken = [name if name in others else f"no_{name}" for name in ("bitmex", "cme")]
    spoken += ["spot"] if "second_over_spot_x12" in found else ["no_spot"] if "cme" in others else []
    columns, grids = _reading_grids(case, dated, binance, low, high)
    why = [case.say(key, **told) for key in ("binance", *spoken, "range")]
    if later := columns.get("daily_spot"):
        lowest = min(later[name] for name in implied if name.endswith(("_x12", "_days")) and name in later)
        why.append(case.say("midnight", lowest=lowest, widest=100 * (binance - lowest)))
    return case.answer(
        verdict, found, why=[*why, case.say("caveat", **told)], n=n, window=(low, high - 1), intervals=intervals,
        figures=_figures(case, held, dated, found, (low, high)), grids=grids,
    )  # fmt: skip


def _made_in_few(held: Mapping[tuple[str, str], pl.DataFrame], low: int, high: int) -> float:
    """Share of all that Binance paid that it paid in the few months in which it paid most."""
    months = monthly(within(held[LINEAR], low, high)).select(paid=_paid()).to_series().sort(descending=True)
    whole = float(months.sum())
    return float(months.head(FEW).sum()) / whole if whole else 0.0


def _paid() -> pl.Expr:
    import polars as pl

    return pl.col("apr") * pl.col("covered") * pl.from_epoch("month", time_unit="ms").dt.days_in_month()


def _day(ms: int) -> str:
    return to_text(ms)[:10]


def _inside(carry: pl.DataFrame, low: int, high: int) -> pl.DataFrame:
    """Trading days whose close lies in the window (by their date where the hour is unstated)."""
    import polars as pl

    at = pl.coalesce("close_at", "day")
    return carry.filter((at >= low) & (at < high))


def _gap_intervals(
    held: Mapping[tuple[str, str], pl.DataFrame], dated: Futures | None, gaps: Mapping[str, float], low: int, high: int
) -> tuple[dict[str, tuple[float, float]], int]:
    """95 % intervals of the gaps, and the number of settlements and trading days behind them."""
    import polars as pl

    from perpscope.analysis.dispersion import aligned

    intervals: dict[str, tuple[float, float]] = {}
    n = sum(within(rows, low, high).height for rows in held.values())
    if INVERSE in held:
        error, _ = daily_gap(held[LINEAR], held[INVERSE], low, high)
        intervals["gap_bitmex"] = around(gaps["bitmex"], error)
    if dated is not None:
        day = aligned(within(held[LINEAR], low, high), 24).select((pl.col("stamp") - MS_PER_DAY).alias("day"), "apr")
        both = _inside(daily_carry(dated.curve), low, high).join(day, on="day").sort("day")
        intervals["gap_cme"] = around(gaps["cme"], error_of((both["apr"] - both["second_over_front"] * 12).to_numpy()))
        n += both.height
    return intervals, n


def _figures(
    case: Case,
    held: Mapping[tuple[str, str], pl.DataFrame],
    dated: Futures | None,
    found: Mapping[str, float],
    window: tuple[int, int],
) -> list[Figure]:
    names = [name for name in ("binance", "bitmex", *(f"{pair}_{form}" for form in ("x12", "days") for pair in PAIRS)) if name in found]
    bars = Series(case.label("average"), tuple(float(k) for k in range(len(names))), tuple(found[name] for name in names), "bars")
    note = case.say("note", start=_day(window[0]), end=_day(window[1] - 1))
    figures = [
        Figure(
            "fig2", case.label("fig2"), Axis(case.label("contract"), "category"), Axis(case.label("average"), "percent"), (bars,),
            categories=tuple(case.label(name) for name in names), lines=((0.1095, case.label("default")),), note=note,
        )
    ]  # fmt: skip
    lines = []
    for colour, (who, name) in enumerate(((LINEAR, "binance"), (INVERSE, "bitmex"))):
        if who in held:
            months = monthly(within(held[who], *window))
            lines.append(Series(case.label(name), tuple(map(float, months["month"])), tuple(months["apr"]), "line", colour=colour))
    if dated is not None:
        x, y = _monthly_implied(dated, *window)
        lines.append(Series(case.label("cme"), x, y, "line", colour=2))
    figures.append(
        Figure(
            "months",
            case.label("months"),
            Axis(case.label("month"), "time"),
            Axis(case.label("average"), "percent"),
            tuple(lines),
            note=note,
        )
    )
    return figures


def _monthly_implied(dated: Futures, low: int, high: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    import polars as pl

    months = (
        _inside(daily_carry(dated.curve), low, high)
        .group_by(pl.from_epoch("day", time_unit="ms").dt.truncate("1mo").dt.epoch("ms").alias("month"))
        .agg((pl.col("second_over_front").mean() * 12).alias("apr"))
        .sort("month")
    )
    return tuple(map(float, months["month"])), tuple(months["apr"])


def _reading_grids(
    case: Case, dated: Futures | None, binance: float, low: int, high: int
) -> tuple[Mapping[str, Mapping[str, float]], list[Grid]]:
    """Every reading under the fitted turns and others, without the days around them, with holidays, with later spot; and its table."""
    import polars as pl

    if dated is None:
        return {}, []
    carry = daily_carry(dated.curve)
    settings: list[tuple[str, pl.DataFrame]] = [("as_fitted", carry)]
    settings += [(f"turn_{k}", daily_carry(curve(dated.days, k))) for k in (0, 1, 2)]
    settings += [("away", carry.filter(~pl.col("near_roll"))), ("holidays", daily_carry(dated.curve, with_holidays=True))]
    daily = daily_spot(case)
    settings += [] if daily is None else [("daily_spot", daily_carry(curve(daily, dated.rolls)))]
    columns = {key: readings(_inside(frame, low, high)) for key, frame in settings}
    names = list(columns["as_fitted"])
    rows = tuple(
        (case.label(name), *(found.get(name) for found in columns.values()), binance - columns["as_fitted"][name]) for name in names
    )
    head = (case.label("reading"), *(case.label(key) for key in columns), case.label("gap"))
    turns = Text.listed(f"{year}: {count}" for year, count in dated.rolls.items())
    formats = ("", *[".2%"] * (len(columns) + 1))
    return columns, [Grid(case.label("readings"), head, rows, formats, note=case.say("turns", turns=turns))]
