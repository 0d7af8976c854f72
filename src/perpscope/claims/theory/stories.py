"""Which numbers of the articles' own posts can be recomputed, and how? Each by the names under which it is printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from perpscope.analysis.averages import MEAN_OF_OTHERS, average_apr, gap_readings
from perpscope.analysis.carry.curve import curve, matched
from perpscope.analysis.carry.implied import daily_carry, readings
from perpscope.analysis.quanto.decomposition import Decomposition, decompose, paired, periods
from perpscope.claims.theory.checks import Check
from perpscope.claims.theory.clock import closes, dated
from perpscope.claims.theory.measures import COVERED, Asked, Unread, Wanting, overlap
from perpscope.claims.theory.subject import Seen, Span, data_of, span_of
from perpscope.errors import NotEnoughData
from perpscope.market.table import CONTEXTS
from perpscope.market.time import to_ms
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    import polars as pl

Found = Mapping[str, Callable[[], float]]
LINEAR, INVERSE = ("binanceusdm", "BTC/USDT:USDT"), ("bitmex", "BTC/USD:BTC")
QUANTO, MARGINED = ("bitmex", "ETH/USD:BTC"), ("bitmex", "BTC/USDT:USDT")
FRONT, SECOND = ("cme", "BTC1!"), ("cme", "BTC2!")
HOURS = 8
"""Hours between the snapshots of a return: "8h returns", as the data of the post are named."""
SETTLES = 4
"""Hour of the day at which BitMEX settles first, and every eight hours from there: `catalogue`, venue bitmex."""
ON_CHAIN = ("hyperliquid", "dydx", "drift", "gmx", "jupiter", "synthetix", "perp", "vertex", "aevo", "lighter", "apex", "aster", "paradex")
"""Beginnings of the ids of venues that settle on a chain, which are no centralised ones: `venues.md`."""
MINUTE, BP = "1m", 10_000.0


@dataclass(frozen=True, slots=True)
class Story:
    """How the numbers of a check are found.

    Parameters
    ----------
    numbers : name -> the way to find it. said : once they are found, tells how a text that leaves something open was read.
    """

    numbers: Found
    said: Callable[[], str] = str


def story_of(check: Check, shelf: Seen) -> Story | None:
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
        return Story({"usdt_minus_xbt_funding": partial(_numeraire, shelf, span)})
    if (count := re.search(r"\b([1-9]\d?) (?:cex\b|centralised)", low)) and re.search(r"one.minute|by the minute", low):
        return _by_minute(shelf, span, int(count[1]))
    return None


def _venue_gap(shelf: Seen, span: Span) -> Story:
    """One linear perpetual against an inverse one and against what dated futures imply, times twelve."""

    def gaps() -> dict[str, float]:
        held = overlap(shelf, {"binance": LINEAR, "bitmex": INVERSE}, span)
        since = Span(held["binance"]["slot"].item(0) // MS_PER_DAY * MS_PER_DAY, span.end)  # futures settle by the day
        implied = _implied(shelf, since)
        averages = {name: average_apr(rows) for name, rows in held.items()}
        return gap_readings(averages["binance"], {"bitmex": averages["bitmex"], "cme": implied})

    names = {"binance_minus_others": MEAN_OF_OTHERS, "binance_minus_bitmex": "bitmex", "binance_minus_cme": "cme"}
    return Story({name: partial(lambda key: gaps()[key], key) for name, key in names.items()})


def _implied(shelf: Seen, span: Span) -> float:
    first, second = (dated(shelf, *who, span) for who in (FRONT, SECOND))
    if first.is_empty() or second.is_empty():
        lacking = " and ".join(" ".join(who) for who, rows in ((FRONT, first), (SECOND, second)) if rows.is_empty())
        raise Wanting(f"daily settlements of {lacking}, {span}")
    return readings(daily_carry(curve(matched(first, second))))["second_over_front_x12"]


def _quanto(check: Check, shelf: Seen, span: Span) -> Story:
    """Funding and covariance of the quanto, over a year or over the years that a name says."""

    def window(name: str) -> Span:
        years = [int(year) for year in re.findall(r"(?:19|20)\d\d", name)]
        if not years:
            return span
        start, end = (to_ms(f"{year}-01-01T00:00:00Z") for year in (years[0], years[-1] + 1))
        within = Span(max(start, span.start), min(end, span.end))
        if within.start >= within.end:
            raise Unread(f"the years of {name} lie outside {span}")
        return within

    def value(name: str) -> float:
        within, plain = window(name), re.sub(r"(?:_(?:19|20)\d\d){1,2}$", "", name)
        if plain == "funding":
            return average_apr(Asked(shelf, QUANTO[0], "ETH", within, "").fixings_of(QUANTO[1]))
        if plain not in PARTS:
            raise Unread(f"{name} is no part of a quanto's return that we know")
        return float(getattr(_parts(shelf, within), PARTS[plain]))

    names = check.expected if isinstance(check.expected, Mapping) else {}
    return Story({name: partial(value, name) for name in names})


PARTS = {"cov": "covariance", "covariance": "covariance", "ret_eth": "base", "ret_swap": "quanto"}
"""Printed name without its years -> part of the quanto's return, a year; the swap is set anew to one dollar's worth at each snapshot."""


def _parts(shelf: Seen, span: Span) -> Decomposition:
    """Split the return of the quanto over a window, between the times at which its venue settles."""
    sides = [closes(shelf, "binance", f"{coin}/USDT", "spot", span) for coin in ("ETH", "BTC")]
    found = periods(paired(*sides), hours=HOURS, snapshot=SETTLES)
    if (found.height + 1) * HOURS < COVERED * span.hours:
        share = found.height * HOURS / span.hours
        raise Wanting(f"hourly closes of binance ETH/USDT and BTC/USDT spot, {span} (returns of {HOURS} h held: {share:.0%})")
    return decompose(found, HOURS)


def _numeraire(shelf: Seen, span: Span) -> float:
    held = overlap(shelf, {"usdt": MARGINED, "xbt": INVERSE}, span)
    averages = {name: average_apr(rows) for name, rows in held.items()}
    if held["usdt"].height < COVERED * held["xbt"].height:
        raise NotEnoughData("a difference of numeraires", "one of the two histories has holes", "Import the whole of it.")
    return averages["usdt"] - averages["xbt"]


def _by_minute(shelf: Seen, span: Span, count: int) -> Story:
    """Rates in force by the minute at centralised venues, bp per eight hours, all contracts of all venues alike."""

    def rates() -> pl.Series:
        import polars as pl

        rows = shelf.part(CONTEXTS, span).filter(pl.col("funding_rate").is_not_null() & pl.col("interval_hours").is_not_null())
        central = rows.filter(~pl.any_horizontal(pl.col("venue").str.starts_with(name) for name in ON_CHAIN))
        minutes = central.group_by("venue").agg(pl.col("ts").dt.truncate(MINUTE).n_unique().alias("n"))
        whole = minutes.filter(pl.col("n") >= COVERED * span.hours * 60)
        if whole.height > count:
            raise Unread(
                f"the text names {count} venues, and which of the {whole.height} held is not said: {', '.join(sorted(whole['venue']))}"
            )
        if whole.height < count:
            held = ", ".join(sorted(whole["venue"])) or "none"
            raise Wanting(f"contexts of {count} centralised venues by the minute, {span} (whole: {held})")
        kept = central.join(whole, on="venue", how="semi")
        return kept["funding_rate"] / kept["interval_hours"] * (HOURS * BP)

    return Story(
        {
            "median_bp": lambda: _number(rates().median()),
            "mean_bp": lambda: _number(rates().mean()),
            "sd_bp": lambda: _number(rates().std()),
        }
    )


def _number(found: object) -> float:
    return float(found)  # type: ignore[arg-type]  # a column of numbers has a number for its median, mean and deviation
