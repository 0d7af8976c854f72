"""Do longs pay for access where spot and leverage are barred?

If they do, carry stands higher in the two named bull markets than what the price had done by then accounts for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.averages import average_apr, within
from perpscope.analysis.carry.implied import daily_carry
from perpscope.analysis.inference.interval import Z95, around
from perpscope.analysis.inference.ols import Fit, lag_rule, ols
from perpscope.analysis.returns.daily import funding_beside_returns, funding_by_period
from perpscope.catalogue.brackets import bracket_rows
from perpscope.claims.case import Absent
from perpscope.claims.futures import futures, perpetuals
from perpscope.claims.model import Axis, Figure, Series, Text
from perpscope.errors import NotEnoughData
from perpscope.market.time import day_ms, to_ms

if TYPE_CHECKING:
    import polars as pl

    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

WINDOWS = {"2017": (day_ms("2017-10-01"), day_ms("2018-01-01")), "2021": (day_ms("2021-01-01"), day_ms("2021-04-01"))}
"""The last quarter of 2017 and the first of 2021."""
BEHIND = day_ms("2022-07-01")
VENUES = {
    "bitmex": ("bitmex", "BTC/USD:BTC"),
    "binance": ("binanceusdm", "BTC/USDT:USDT"),
    "bybit": ("bybit", "BTC/USD:BTC"),
    "deribit": ("deribit", "BTC/USD:BTC"),
}
MARGINED = {
    "binance": (("binanceusdm", "BTC/USDT:USDT"), ("binancecoinm", "BTC/USD:BTC")),
    "bybit": (("bybit", "BTC/USDT:USDT"), ("bybit", "BTC/USD:BTC")),
}
"""The same house, paid in dollars and in coins."""
MEMORY = 30
"""Least lag of the errors, in days."""
WHOLE_WINDOW = 45
"""Days of a window below which a venue says nothing of it."""
LOT = 5
BARRIER = day_ms("2022-06-15")
YEAR = 365


@dataclass(frozen=True, slots=True)
class Raised:
    """How far a window's daily funding stood above that of other times, as yearly rates.

    Parameters
    ----------
    above, error : alone. beyond, beyond_error : with the return of the month before held equal. n : days.
    """

    above: float
    error: float
    beyond: float
    beyond_error: float
    n: int


def f28(case: Case) -> Reproduction:
    """Compare two bull markets with other times, alone and after what the price had done; and the barriers in numbers.

    Source: article F, the paragraphs on barriers to entry and on special circumstances.
    """
    closes = case.closes("yahoo", "BTC/USD", market="spot", bar_hours=24)
    held = {name: case.funding(*who) for name, who in VENUES.items() if case.has_funding(*who)}
    if not held:
        raise Absent(Text("settled BTC funding of any of the venues", "任一交易所的比特币已结算资金费率"))
    tried = {name: _raised(rows, closes) for name, rows in held.items()}
    raised = {name: windows for name, windows in tried.items() if windows}
    found: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    for name, windows in raised.items():
        for window, one in windows.items():
            found |= {f"above_{window}_{name}": one.above, f"beyond_{window}_{name}": one.beyond}
            for word, value, error in (("above", one.above, one.error), ("beyond", one.beyond, one.beyond_error)):
                intervals[f"{word}_{window}_{name}"] = around(value, error)
    if not found:
        raise NotEnoughData("the access premium", "no venue covers either window", "Import BTC funding of 2017 or early 2021.")
    found |= _gap(case) | _margined(case) | _barriers(closes)
    days = max(one.n for windows in raised.values() for one in windows.values())
    said = [_told(case, raised, window) for window in WINDOWS]
    said += [case.say("gap", **found)] if "gap_2021" in found else [case.say("no_gap")]
    said += [case.say("barrier", **found)] if {"lot_2017", "lot_2021", "lot_2022", "exchange_margin"} <= set(found) else []
    said.append(case.say("caveat"))
    first = min(int(rows["slot"][0]) for rows in held.values())
    verdict, above, beyond = _access(raised)
    later = verdict == "holds with changes" and beyond["2021"] and not above["2017"]
    return case.answer(
        verdict, found, intervals=intervals, why=said, n=days, window=(first, BEHIND), figures=[_bars(case, raised)],
        lead="lead_later" if later else "",
    )  # fmt: skip


def _raised(rows: pl.DataFrame, closes: pl.DataFrame) -> dict[str, Raised]:
    """Regress daily funding on the two windows, without and with the return of the month before."""
    import numpy as np

    table = funding_beside_returns(within(rows, None, BEHIND), closes)
    at = table["period"].to_numpy()
    marks = {name: ((at >= low) & (at < high)).astype(np.float64) for name, (low, high) in WINDOWS.items()}
    names = [name for name, mark in marks.items() if mark.sum() >= WHOLE_WINDOW]
    if not names or len(at) < 2 * WHOLE_WINDOW:
        return {}
    yearly = table["funding"].to_numpy() * YEAR
    design = np.column_stack([marks[name] for name in names])
    lags = max(MEMORY, lag_rule(len(at)))
    try:
        alone: Fit = ols(yearly, design, names, lags)
        held: Fit = ols(yearly, np.column_stack([design, table["prior"].to_numpy()]), [*names, "prior"], lags)
    except NotEnoughData:  # its funding, or the price, never changes
        return {}
    return {name: Raised(alone.of(name).coef, alone.of(name).se_hac, held.of(name).coef, held.of(name).se_hac, len(at)) for name in names}


def _access(raised: Mapping[str, Mapping[str, Raised]]) -> tuple[Verdict, dict[str, bool], dict[str, bool]]:
    """Judge: some venue above, and beyond its price, in both windows holds; in part of that, with changes; in neither window, fails.

    The windows in which some venue stands above other times, and beyond what the price accounts for, are told beside.
    """
    above = {w: any(v[w].above > Z95 * v[w].error for v in raised.values() if w in v) for w in WINDOWS}
    beyond = {w: any(v[w].beyond > Z95 * v[w].beyond_error for v in raised.values() if w in v) for w in WINDOWS}
    verdict: Verdict = "holds" if all(above.values()) and all(beyond.values()) else "holds with changes" if any(above.values()) else "fails"
    return verdict, above, beyond


def _told(case: Case, raised: Mapping[str, Mapping[str, Raised]], window: str) -> Text:
    """Say what each venue's window was."""
    parts = []
    for name, windows in raised.items():
        if window in windows:
            one = windows[window]
            values = {"above": one.above * 100, "t": one.above / one.error, "beyond": one.beyond * 100, "tb": one.beyond / one.beyond_error}
            told = case.say("venue", **values)
            label = case.label(name)
            parts.append(Text(f"{label.en} {told.en}", f"{label.zh} {told.zh}"))
    if not parts:
        return case.say(f"no_{window}")
    return case.say(f"window_{window}", venues=Text.listed(parts, ("; ", "；")))


def _gap(case: Case) -> dict[str, float]:
    """Perpetual less future-implied carry, inside and outside the window of 2021; nothing without the futures."""
    import polars as pl

    try:
        carry = daily_carry(futures(case).curve)
    except (Absent, NotEnoughData):
        return {}
    both = perpetuals(case, VENUES["binance"])
    if not both:
        return {}
    days = funding_by_period(both[VENUES["binance"]]).select("period", (pl.col("funding") * YEAR).alias("perpetual"))
    joined = carry.select(period="day", implied="second_over_front_apr").join(days, on="period").drop_nulls()
    low, high = WINDOWS["2021"]
    inside = (pl.col("period") >= low) & (pl.col("period") < high)
    gap = joined.with_columns((pl.col("perpetual") - pl.col("implied")).alias("gap"))
    within_, without = gap.filter(inside)["gap"], gap.filter(~inside)["gap"]
    if within_.is_empty() or without.is_empty():
        return {}
    return {"gap_2021": float(within_.to_numpy().mean()), "gap_else": float(without.to_numpy().mean())}


def _margined(case: Case) -> dict[str, float]:
    """Dollar-paid less coin-paid funding of the same house, inside the window of 2021 and after it."""
    found: dict[str, float] = {}
    low, high = WINDOWS["2021"]
    for name, (dollar, coin) in MARGINED.items():
        if not (case.has_funding(*dollar) and case.has_funding(*coin)):
            continue
        first, second = case.funding(*dollar), case.funding(*coin)
        for key, span in (("2021", (low, high)), ("after", (high, BEHIND))):
            here, there = (within(rows, *span) for rows in (first, second))
            if not here.is_empty() and not there.is_empty():
                found[f"coin_{key}_{name}"] = average_apr(here) - average_apr(there)
    return found


def _barriers(closes: pl.DataFrame) -> dict[str, float]:
    """Tell what a lot of five coins was worth when, and what margin the exchange itself asked of it."""
    import polars as pl

    prices = dict(closes.select("close_at", "close_quote").iter_rows())
    found: dict[str, float] = {}
    for key, (low, high) in WINDOWS.items():
        inside = closes.filter((pl.col("close_at") >= low) & (pl.col("close_at") < high))
        if not inside.is_empty():
            found[f"lot_{key}"] = LOT * float(inside["close_quote"].to_numpy().mean())
    if BARRIER in prices:
        found["lot_2022"] = LOT * prices[BARRIER]
    for row in bracket_rows("cme"):
        asked, seen = re.search(r"contract of 5 BTC: ([\d,]+) USD initial", str(row["says"])), row["seen"]
        price = prices.get(to_ms(str(seen))) if seen else None
        if asked and price:
            found["exchange_margin"] = float(asked[1].replace(",", "")) / (LOT * price)
    return found


def _bars(case: Case, raised: Mapping[str, Mapping[str, Raised]]) -> Figure:
    """Both readings of both windows, venue by venue."""
    places = [(name, window) for window in WINDOWS for name, windows in raised.items() if window in windows]
    x = tuple(float(k) for k in range(len(places)))
    series = []
    for colour, (word, wide) in enumerate((("above", "error"), ("beyond", "beyond_error"))):
        values = [getattr(raised[name][window], word) for name, window in places]
        widths = [Z95 * getattr(raised[name][window], wide) for name, window in places]
        low, high = (tuple(v + sign * w for v, w in zip(values, widths, strict=True)) for sign in (-1, 1))
        series.append(Series(case.label(word), x, tuple(values), "bars", low, high, colour))
    names = tuple(Text(f"{case.label(name).en} {window}", f"{case.label(name).zh} {window}") for name, window in places)
    axes = Axis(case.label("venue_window"), "category"), Axis(case.label("points"), "percent")
    return Figure("windows", case.label("windows"), *axes, tuple(series), names, note=case.say("note"))
