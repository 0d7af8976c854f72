"""Which numbers of the articles' own posts can be recomputed, and how? Each by the names under which it is printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from perpscope.analysis.averages import MEAN_OF_OTHERS, average_apr, gap_readings
from perpscope.analysis.carry.curve import curve, matched
from perpscope.analysis.carry.implied import daily_carry, readings
from perpscope.claims.theory.checks import Check
from perpscope.claims.theory.clock import closes, dated
from perpscope.claims.theory.measures import COVERED, Asked, Wanting, overlap
from perpscope.claims.theory.subject import Seen, Span, data_of, span_of
from perpscope.errors import NotEnoughData
from perpscope.market.time import to_ms

Found = Mapping[str, Callable[[], float]]
LINEAR, INVERSE = ("binanceusdm", "BTC/USDT:USDT"), ("bitmex", "BTC/USD:BTC")
QUANTO, MARGINED = ("bitmex", "ETH/USD:BTC"), ("bitmex", "BTC/USDT:USDT")
FRONT, SECOND = ("cme", "BTC1!"), ("cme", "BTC2!")
HOURS, SNAPSHOTS = 8.0, 1095.0


def story_of(check: Check, shelf: Seen) -> Found | None:
    """Tell how the numbers of a check on the articles' own data are found; None where it is about something else.

    **Source**: falkenblog 2022-11-01 and 2024-05-10, as `theory_checks.json` quotes them.
    """
    data = data_of(check)
    span = span_of(data)
    if span is None:
        return None
    low = data.lower()
    if "binance" in low and ("bitmex" in low or "cme" in low) and "cme" in f"{low} {check.told.lower()}":
        return _venue_gap(shelf, span)
    if re.search(r"ethusd\b", low) and "bitmex" in low:
        return _quanto(check, shelf, span)
    if "xbtusdt" in low and "xbtusd" in low:
        return {"usdt_minus_xbt_funding": lambda: _numeraire(shelf, span)}
    return None


def _venue_gap(shelf: Seen, span: Span) -> Found:
    """One linear perpetual against an inverse one and against what dated futures imply, times twelve."""

    def gaps() -> dict[str, float]:
        held = overlap(shelf, {"binance": LINEAR, "bitmex": INVERSE}, span)
        since = Span(held["binance"]["slot"].item(0), span.end)
        implied = _implied(shelf, since)
        averages = {name: average_apr(rows) for name, rows in held.items()}
        return gap_readings(averages["binance"], {"bitmex": averages["bitmex"], "cme": implied})

    names = {"binance_minus_others": MEAN_OF_OTHERS, "binance_minus_bitmex": "bitmex", "binance_minus_cme": "cme"}
    return {name: (lambda key=key: gaps()[key]) for name, key in names.items()}  # type: ignore[misc]  # a default binds the key


def _implied(shelf: Seen, span: Span) -> float:
    first, second = (dated(shelf, *who, span) for who in (FRONT, SECOND))
    if first.is_empty() or second.is_empty():
        lacking = " and ".join(" ".join(who) for who, rows in ((FRONT, first), (SECOND, second)) if rows.is_empty())
        raise Wanting(f"daily settlements of {lacking}, {span}")
    return readings(daily_carry(curve(matched(first, second))))["second_over_front_x12"]


def _quanto(check: Check, shelf: Seen, span: Span) -> Found:
    """Funding and covariance of the quanto, over a year or over the years that a name says."""

    def window(name: str) -> Span:
        years = [int(year) for year in re.findall(r"(?:19|20)\d\d", name)]
        if not years:
            return span
        start, end = (to_ms(f"{year}-01-01T00:00:00Z") for year in (years[0], years[-1] + 1))
        return Span(max(start, span.start), min(end, span.end))

    def value(name: str) -> float:
        within = window(name)
        if name.startswith("funding"):
            return average_apr(Asked(shelf, QUANTO[0], "ETH", within, "").fixings_of(QUANTO[1]))
        if name.startswith("cov"):
            return _covariance(shelf, within)
        raise Wanting(f"a definition of {name}: returns of a swap rebalanced in a way the post does not state")

    names = check.expected if isinstance(check.expected, Mapping) else {}
    return {name: (lambda name=name: value(name)) for name in names}  # type: ignore[misc]  # a default binds the name


def _covariance(shelf: Seen, span: Span) -> float:
    """Covariance a year of eight-hour returns of both coins."""
    import numpy as np
    import polars as pl

    sides = [closes(shelf, "binance", f"{coin}/USDT", "spot", span) for coin in ("BTC", "ETH")]
    held = {coin: rows.height for coin, rows in zip(("BTC", "ETH"), sides, strict=True)}
    lacking = [f"hourly closes of binance {coin}/USDT spot" for coin, count in held.items() if count < COVERED * span.hours]
    if lacking:
        raise Wanting(f"{' and '.join(lacking)}, {span}")
    both = sides[0].join(sides[1], on="close_at", suffix="_eth").sort("close_at")
    step = round(HOURS * 3_600_000)
    both = both.filter(pl.col("close_at") % step == 0)
    returns = [np.diff(np.log(both[name].to_numpy())) for name in ("close_quote", "close_quote_eth")]
    return float(np.cov(*returns)[0, 1] * SNAPSHOTS)


def _numeraire(shelf: Seen, span: Span) -> float:
    held = overlap(shelf, {"usdt": MARGINED, "xbt": INVERSE}, span)
    averages = {name: average_apr(rows) for name, rows in held.items()}
    if held["usdt"].height < COVERED * held["xbt"].height:
        raise NotEnoughData("a difference of numeraires", "one of the two histories has holes", "Import the whole of it.")
    return averages["usdt"] - averages["xbt"]
