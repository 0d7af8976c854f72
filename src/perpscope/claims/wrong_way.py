"""Does crypto carry follow the price the wrong way round: high after a rise, where storage and dividends would make it low?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from perpscope.analysis.carry.implied import daily_carry
from perpscope.analysis.inference.interval import Z95
from perpscope.analysis.inference.ols import Fit, lag_rule, ols
from perpscope.analysis.returns.daily import funding_by_period
from perpscope.claims.access import BEHIND, MEMORY, VENUES, YEAR
from perpscope.claims.case import Absent
from perpscope.claims.futures import futures
from perpscope.claims.model import Axis, Figure, Grid, Series, Text
from perpscope.errors import NotEnoughData
from perpscope.market.table import PRICES
from perpscope.market.time import day_ms, to_text
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    import polars as pl

    from perpscope.claims.case import Case
    from perpscope.claims.model import Cell, Reproduction, Verdict

LATER = day_ms("2026-06-01")
CARRY = {"binance_btc": VENUES["binance"], "binance_eth": ("binanceusdm", "ETH/USDT:USDT"), "bitmex_btc": VENUES["bitmex"]}
HORIZONS = (1, 7, 30, 90, 180, 365)
LEVEL = "level"
LONG = (30, 90, 180)
"""Horizons on which the verdict stands."""


def f22(case: Case) -> Reproduction:
    """Correlate carry with what the price has done, over a day to a year, before and after the article.

    Source: article F, the paragraphs on price and basis in traditional markets, and the conclusion.
    """
    found: dict[str, float] = {}
    fits: dict[tuple[str, object], Fit] = {}
    first, days = BEHIND, dict[str, int]()
    for name, table in _tables(case).items():
        for horizon in (*HORIZONS, LEVEL):
            fit = _fit(table, horizon, None, BEHIND)
            if fit is not None:
                fits[name, horizon] = fit
                found[f"{name}_{horizon}"] = float(fit.of("x").beta)
                first, days[name] = min(first, int(table["period"][0])), max(days.get(name, 0), fit.n)
        later = _fit(table, MEMORY, BEHIND, LATER)
        if later is not None:
            found[f"{name}_after"] = float(later.of("x").beta)
    if not fits:
        raise NotEnoughData("carry beside the price", "no contract has both for long enough", "Import BTC funding and daily prices.")
    n = sum(days.values())
    judged = [fits[key] for key in fits if key[1] in LONG]
    positive = sum(fit.of("x").t > Z95 for fit in judged)
    negative = sum(fit.of("x").t < -Z95 for fit in judged)
    right = all(fit.of("x").coef > 0 for fit in judged) and positive * 2 > len(judged)
    means = {f"mean_{horizon}": _mean([fits[key].of("x").beta for key in fits if key[1] == horizon]) for horizon in (1, 30, 365, LEVEL)}
    after = [value for name, value in found.items() if name.endswith("_after")]
    counts = {"positive": positive, "negative": negative, "judged": len(judged), "contracts": len({name for name, _ in fits})}
    said = [case.say("rises" if right else "mixed", n=n, start=to_text(first)[:10], **counts, **means)]
    if after:
        said.append(case.say("after", after=_mean(after)))
    said += [case.say("storage"), case.say("caveat")]
    verdict: Verdict = "holds with changes" if right else "fails"
    return case.answer(
        verdict, found, why=said, n=n, window=(first, BEHIND), figures=[_by_horizon(case, found)], grids=[_horizons(case, fits)]
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _tables(case: Case) -> dict[str, pl.DataFrame]:
    """Daily carry as a yearly rate (`period`, `carry`) beside log price at the start of the day (`price`), by series."""
    import polars as pl

    found: dict[str, pl.DataFrame] = {}
    spot: dict[str, pl.DataFrame] = {}
    for coin in ("BTC", "ETH"):
        if case.has(PRICES, venue="yahoo", contract=f"{coin}/USD", market="spot", bar_hours=24.0):
            closes = case.closes("yahoo", f"{coin}/USD", market="spot", bar_hours=24)
            spot[coin] = closes.select(period="close_at", price=pl.col("close_quote").log())
    if not spot:
        case.closes("yahoo", "BTC/USD", market="spot", bar_hours=24)
    for name, who in CARRY.items():
        coin = "ETH" if name.endswith("eth") else "BTC"
        if coin in spot and case.has_funding(*who):
            days = funding_by_period(case.funding(*who)).select("period", carry=pl.col("funding") * YEAR)
            found[name] = _beside(days, spot[coin])
    if "BTC" not in spot:
        return found
    try:
        carry = daily_carry(futures(case).curve).select(period="day", carry="second_over_front_apr").drop_nulls()
        found["cme_btc"] = _beside(carry, spot["BTC"])
    except (Absent, NotEnoughData):
        pass
    return found


def _beside(days: pl.DataFrame, spot: pl.DataFrame) -> pl.DataFrame:
    """Add the log price at the start of the day, what it was h days before, and its mean over the year before."""
    import polars as pl

    out = days.join(spot, on="period")
    for horizon in HORIZONS:
        before = spot.select((pl.col("period") + horizon * MS_PER_DAY).alias("period"), pl.col("price").alias("before"))
        out = (
            out.join(before, on="period", how="left").with_columns((pl.col("price") - pl.col("before")).alias(str(horizon))).drop("before")
        )
    level = spot.select("period", (pl.col("price") - pl.col("price").rolling_mean(YEAR)).alias(LEVEL))
    return out.join(level, on="period", how="left").sort("period")


def _fit(table: pl.DataFrame, horizon: int | str, start: int | None, end: int) -> Fit | None:
    """Regress carry on the return of a horizon (or the level about its year), errors over at least the horizon."""
    import polars as pl

    kept = table.filter((pl.col("period") < end) & (pl.col("period") >= (start or 0))).select("carry", str(horizon)).drop_nulls()
    if kept.height < YEAR:
        return None
    span = YEAR if horizon in (LEVEL, YEAR) else int(horizon)
    lags = min(max(MEMORY, span, lag_rule(kept.height)), kept.height // 3)
    try:
        return ols(kept["carry"].to_numpy(), kept[str(horizon)].to_numpy(), ["x"], lags)
    except NotEnoughData:  # its carry, or the price, never changes
        return None


def _by_horizon(case: Case, found: Mapping[str, float]) -> Figure:
    series = []
    for colour, name in enumerate((*CARRY, "cme_btc")):
        points = [(k, found[f"{name}_{horizon}"]) for k, horizon in enumerate((*HORIZONS, LEVEL)) if f"{name}_{horizon}" in found]
        if points:
            x, y = zip(*points, strict=True)
            series.append(Series(case.label(name), tuple(float(k) for k in x), tuple(y), "points", colour=colour))
    categories = (*(Text(f"{h} d", f"{h} 天") for h in HORIZONS), case.label(LEVEL))
    axes = Axis(case.label("horizon"), "category"), Axis(case.label("correlation"))
    return Figure("carry", case.label("carry"), *axes, tuple(series), categories, ((0.0, case.label("zero")),), case.say("note"))


def _horizons(case: Case, fits: Mapping[tuple[str, object], Fit]) -> Grid:
    rows: list[tuple[Cell, ...]] = []
    for (name, horizon), fit in fits.items():
        one = fit.of("x")
        words = case.label(LEVEL) if horizon == LEVEL else Text(f"{horizon} d", f"{horizon} 天")
        rows.append((case.label(name), words, float(one.beta), float(one.coef), float(one.t), fit.n))
    columns = tuple(case.label(key) for key in ("series", "horizon", "correlation", "slope", "t", "n"))
    return Grid(case.label("table"), columns, tuple(rows), ("", "", ".2f", ".3f", ".1f", ",.0f"))
