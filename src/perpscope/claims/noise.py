"""How wide is the band of rates that could have been published, and how exact is an averaged premium?

The arithmetic of the stated numbers first; then hourly perpetual against spot, window by window; then averaged premiums;
and, where recordings are in the store, trades and books themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from perpscope.analysis.bars import traded
from perpscope.analysis.noise.choices import AVERAGES, ONE_RATE, Looks, band_edges, premium_readings
from perpscope.analysis.noise.independent import independent, passing_noise
from perpscope.analysis.noise.ticks import UNIFORM, trade_noise
from perpscope.analysis.noise.weights import weights_of
from perpscope.catalogue.load import load_venue
from perpscope.claims.case import Absent
from perpscope.claims.model import Axis, Figure, Grid, Series, Text
from perpscope.claims.sweep import opened
from perpscope.errors import NotEnoughData
from perpscope.market.number import to_float
from perpscope.market.table import BOOK_MESSAGES, FUNDING, TRADES
from perpscope.mechanisms.batch import fix_averages
from perpscope.mechanisms.reduce import Last
from perpscope.mechanisms.rule import Rule
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from perpscope.claims.case import Case
    from perpscope.claims.model import Cell, Reproduction, Verdict

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

VENUE, SYMBOL, SPOT = "binanceusdm", "BTC/USDT:USDT", "BTC/USDT"
HOURS, PERIODS = 8, 3 * 365
WAYS = (("close", ("close_quote",)), ("open", ("open_quote",)), ("typical", ("open_quote", "high_quote", "low_quote", "close_quote")))
BLOCK = 96
"""Hourly readings whose mean is taken for the level they scatter about: four days."""
POINTS = 200
HAPPENS = 0.05
"""Least share of windows in which a width is said to happen."""


def f15(case: Case) -> Reproduction:
    """Follow the stated numbers to their band, then measure the scatter of readings, of their averages, and the band itself.

    Source: article F, 'the Planck scale of asset prices' and 'trust them'; analysis.noise.
    """
    stated = case.claim.stated
    found = _arithmetic(stated["premium_se"], stated["one_way_cost"], stated["trade_sd"])
    barred = _of_bars(case)
    found |= barred.found
    found |= _of_premiums(case)
    traded, lines = _of_trades(case)
    found |= traded
    booked = _of_books(case)
    found |= booked
    verdict = _verdict(found, stated["premium_se"], stated["band_apr"])
    why = [case.say("arithmetic", **found), case.say("data", **found)]
    part = {"part_of_stated": traded["trade_sd"] / stated["trade_sd"]} if traded else {}
    why.append(case.say("trades", **traded, **part) if traded else case.say("no_trades"))
    if booked:
        why.append(case.say("books", **booked))
    why.append(case.say("caveat", **found))
    grids = [Grid(case.label("grid"), tuple(case.label(name) for name in _COLUMNS), tuple(lines), _FORMATS)] if lines else []
    return case.answer(verdict, found, why=why, n=barred.n, window=barred.window, figures=[barred.figure], grids=grids)


def _verdict(found: dict[str, float], se: float, band: float) -> Verdict:
    """Judge by the average and the median band: as large as stated, smaller but a choice all the same, or one single rate."""
    if found["premium_se"] >= se and found["band_apr"] >= band:
        return "holds"
    return "holds with changes" if found["band_apr"] > ONE_RATE * PERIODS else "fails"


def _arithmetic(se: float, cost: float, trade_sd: float) -> dict[str, float]:
    """Follow the stated numbers to their band, for a rate of a day and under the rule of eight hours."""
    rule = _rule()
    interest = _rate(rule, 0.0)
    edge = [_rate(rule, interest + sign * se) for sign in (-1, 1)]
    return {
        "half_band_of_a_day": se * 365,
        "band_of_a_day": 2 * se * 365,
        "half_band_of_eight_hours": se * PERIODS,
        "band_behind_the_clamp": (edge[1] - edge[0]) * PERIODS,
        "scatter_of_a_cost_band": cost / UNIFORM**0.5,
        "readings_implied": (trade_sd / se) ** 2,
    }


def _rule() -> Rule:
    """Rule of the venue before its reform, outer limits opened: a noise floor lies far inside them."""
    from dataclasses import replace

    rule = opened(load_venue(VENUE).rules[0])
    told = rule.formula
    damper, interest, per = (to_float(number) for number in (told.damper, told.interest, told.interest_per))
    return rule.but(formula=replace(told, period=to_float(told.period), damper=damper, interest=interest, interest_per=per))


def _rate(rule: Rule, premium: float) -> float:
    import numpy as np

    return float(fix_averages(rule, np.array([premium]), np.array([float(HOURS)])).rates[0])


class _Barred(NamedTuple):
    """Findings from bars, how many readings, their span, and the drawing."""

    found: dict[str, float]
    n: int
    window: tuple[int, int]
    figure: Figure


def _of_bars(case: Case) -> _Barred:
    """Hourly last trades of the perpetual against those of spot: scatter of a reading, worth of a window, band of every window."""
    import numpy as np

    at, looks = _looks(case)
    rule = _rule()
    close = premium_readings(looks, "close", "spot close")
    blocks = _stretches(at, close)
    weights = weights_of(rule.reduce, HOURS, 1.0)
    if weights is None:
        raise NotEnoughData("the weights of a window", "the rule has none", "Look at the catalogue.")
    worth, passing = independent(blocks, weights), passing_noise(blocks)
    rows, ends = _windows(at)
    low, high = band_edges(looks, rule, float(HOURS), rows)
    width = (high - low) * PERIODS
    narrow = band_edges(looks, rule, float(HOURS), rows, {name: one for name, one in AVERAGES.items() if not isinstance(one, Last)})
    found = {
        "se_reading": worth.sd,
        "readings_of_a_window": float(worth.readings),
        "n_effective": worth.effective,
        "premium_se": worth.se,
        "band_of_two_se_apr": 2 * worth.se * PERIODS,
        "passing_noise": passing or 0.0,
        "windows": float(len(width)),
        "band_apr": float(np.median(width)),
        "band_apr_without_the_last_reading": float(np.median(narrow[1] - narrow[0])) * PERIODS,
        "band_of_the_widest_twentieth": float(np.quantile(width, 1 - HAPPENS)),
        "share_of_bands_as_wide_as_stated": float(np.mean(width >= case.claim.stated["band_apr"])),
        "share_of_bands_of_one_rate": float(np.mean(high - low <= ONE_RATE)),
    }
    paid = dict(case.funding(VENUE, SYMBOL).select("slot", "funding_rate").iter_rows()) if case.has_funding(VENUE, SYMBOL) else {}
    known = np.array([paid.get(int(end), np.nan) for end in ends])
    if np.isfinite(known).any():
        inside = (known >= low) & (known <= high)
        found["published_inside"] = float(inside[np.isfinite(known)].mean())
    return _Barred(found, int(np.isfinite(close).sum()), (int(at[0]), int(at[-1])), _drawn(case, width))


def _looks(case: Case) -> tuple[Ints, Looks]:
    """Join closes, opens and typical prices of both markets at the same hours."""
    import numpy as np

    perp = case.bars(VENUE, SYMBOL, market="linear", bar_hours=1, price_kind="trade")
    spot = case.bars("binance", SPOT, market="spot", bar_hours=1, price_kind="trade")
    names = [name for _, way in WAYS[2:] for name in way]
    perp = perp.drop_nulls("open_quote") if perp["open_quote"].null_count() < perp.height else perp
    sides = [traded(bars).select("close_at", *names) for bars in (perp, spot)]
    both = sides[0].join(sides[1], on="close_at", suffix="_spot").sort("close_at")
    if both.height < BLOCK:
        raise Absent(Text("hours that perpetual and spot bars share", "永续与现货共有的小时 K 线"))
    columns = {way: {"mark": _mean(both[name].to_numpy() for name in columns)} for way, columns in WAYS}
    indices = {f"spot {way}": _mean(both[f"{name}_spot"].to_numpy() for name in columns) for way, columns in WAYS}
    pairs = tuple((way, f"spot {way}") for way, _ in WAYS)
    looks = Looks(columns, dict.fromkeys(columns, "mark_premium"), indices, ("close", "spot close", "equal weights"), pairs)
    return both["close_at"].to_numpy().astype(np.int64), looks


def _mean(values: object) -> Floats:
    import numpy as np

    return np.asarray(np.mean(list(values), axis=0), dtype=np.float64)  # type: ignore[call-overload]  # columns of one frame


def _stretches(at: Ints, values: Floats) -> list[Floats]:
    """Cut readings into unbroken stretches of four days."""
    import numpy as np

    runs = np.split(values, np.flatnonzero(np.diff(at) != MS_PER_HOUR) + 1)
    return [part for run in runs for part in np.array_split(run, max(len(run) // BLOCK, 1))]


def _windows(at: Ints) -> tuple[Ints, Ints]:
    """Places of the eight closes of every whole window, and the windows' ends (ms UTC)."""
    import numpy as np

    place = np.arange(HOURS - 1, len(at))
    ends = at[place]
    whole = (ends % (HOURS * MS_PER_HOUR) == 0) & (ends - at[place - HOURS + 1] == (HOURS - 1) * MS_PER_HOUR)
    return place[whole][:, None] - np.arange(HOURS - 1, -1, -1)[None, :], ends[whole]


def _drawn(case: Case, width: Floats) -> Figure:
    """Quantiles of the band's width."""
    import numpy as np

    share = np.linspace(0, 1, POINTS)
    cut = share[share <= 0.99]  # noqa: PLR2004 - the widest hundredth is told in words
    return Figure(
        key="widths",
        title=case.label("figure"),
        x=Axis(case.label("share_of_windows"), "percent"),
        y=Axis(case.label("width"), "percent"),
        series=(Series(case.label("width"), tuple(cut.tolist()), tuple(np.quantile(width, cut).tolist()), colour=0),),
        lines=((case.claim.stated["band_apr"], case.label("stated_width")),),
        note=case.say("note", n=len(width), median=float(np.median(width)), largest=float(width.max())),
    )


def _of_premiums(case: Case) -> dict[str, float]:
    """Averaged premiums as one venue publishes them: the part of one that is gone at the next."""
    import polars as pl

    if not case.has(FUNDING, venue="hyperliquid", contract="BTC/USDC:USDC", kind="settled"):
        return {}
    rows = case.rows(FUNDING, venue="hyperliquid", contract="BTC/USDC:USDC", kind="settled").filter(pl.col("premium_frac").is_not_null())
    if rows.height < BLOCK:
        return {}
    at = rows.sort("slot").select(pl.col("slot").dt.epoch("ms"))["slot"].to_numpy()
    noise = passing_noise(_stretches(at, rows.sort("slot")["premium_frac"].to_numpy()))
    return {"passing_noise_of_an_hourly_average": noise or 0.0}


_COLUMNS = ("market", "trades", "column_sd", "moved", "bounce")
_FORMATS = ("", ",", ".4%", ".0%", ".4%")


def _of_trades(case: Case) -> tuple[dict[str, float], list[tuple[Cell, ...]]]:
    """Scatter from trade to trade, market by market, where trades are in the store."""
    if not case.has(TRADES):
        return {}, []
    rows = case.rows(TRADES).sort("ts", "sequence")
    lines: list[tuple[Cell, ...]] = []
    sds: list[float] = []
    for part in rows.partition_by("venue", "native_id", maintain_order=True):
        try:
            seen = trade_noise(part["price_quote"].to_numpy())
        except NotEnoughData:
            continue
        lines.append((Text.same(" ".join(part.select("venue", "symbol").row(0))), seen.trades, seen.sd, seen.moved, seen.bounce))
        sds.append(seen.sd)
    if not sds:
        return {}, []
    return {"trades": float(rows.height), "smallest_trade_sd": min(sds), "trade_sd": max(sds)}, lines


def _of_books(case: Case) -> dict[str, float]:
    """Measure the same from recorded books: readings every few seconds, their average, and the band of admissible rates."""
    if not case.has(BOOK_MESSAGES, venue=VENUE, contract=SYMBOL):
        return {}
    from perpscope.audit.noise.run import run_noise

    try:
        floor = run_noise(case.store, VENUE, SYMBOL)
    except NotEnoughData:
        return {}
    if floor.seen_in != "books":
        return {}
    case.rows(BOOK_MESSAGES, venue=VENUE, contract=SYMBOL)
    low, high = floor.band.apr
    below, above = floor.band.premiums
    cost = [cost for line in floor.push.rows() if (cost := line["usd"]) is not None]
    return {
        "book_readings": float(floor.n),
        "book_se_reading": floor.reading.sd,
        "book_n_effective": floor.reading.effective,
        "book_se_average": floor.reading.se,
        "book_band_apr": high - low,
        "book_premium_band_apr": floor.yearly(above - below),
        "cheapest_basis_point_usd": min(cost, default=0.0),
    }
