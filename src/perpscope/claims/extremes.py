"""What did funding do in manias and in panics, and what exactly happened on 19 May 2021?

The day's fall is measured on every price at hand and over every length, for "almost 40 %" needs a beginning and an end; the
funding of each venue is ranked against its own past alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.analysis.returns.crashes import Fall, Standing, deepest_fall, falls, standing
from perpscope.claims.case import Absent
from perpscope.claims.model import Axis, Figure, Grid, Series
from perpscope.errors import NotEnoughData
from perpscope.market.time import day_ms, to_text
from perpscope.units import MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from perpscope.claims.case import Case
    from perpscope.claims.model import Cell, Reproduction, Verdict

DAY = day_ms("2021-05-19")
BEFORE, AFTER = 3 * MS_PER_DAY, 7 * MS_PER_DAY
"""What the figure shows of the days around."""
CONTRACTS = (
    ("binanceusdm", "BTC/USDT:USDT"),
    ("binancecoinm", "BTC/USD:BTC"),
    ("bitmex", "BTC/USD:BTC"),
    ("bybit", "BTC/USD:BTC"),
    ("bybit", "BTC/USDT:USDT"),
    ("gate", "BTC/USDT:USDT"),
    ("htx", "BTC/USDT:USDT"),
    ("binanceusdm", "ETH/USDT:USDT"),
    ("bybit", "ETH/USDT:USDT"),
    ("gate", "ETH/USDT:USDT"),
    ("htx", "ETH/USDT:USDT"),
)
PRICES = {
    "spot": ("binance", "BTC/USDT", "spot"),
    "perpetual": ("binanceusdm", "BTC/USDT:USDT", "linear"),
    "bitmex": ("bitmex", "BTC/USD:BTC", "inverse"),
    "eth": ("binance", "ETH/USDT", "spot"),
}
HOURS = (24, 48, 72, 168)
NEAR = 0.05
"""How far "almost 40 %" reaches to either side."""
TWO_STAMPS = 16 * MS_PER_HOUR
"""How long after a low its panic is looked for: two settlements of every 8-hour contract, one of which may lag by an interval."""
MONTHS_DAYS = 60
"""The least that "months" means."""
CRASH, APART_HOURS = 0.20, 72.0
"""A crash: down a fifth within a day; lows closer than three days are one."""
BULL = day_ms("2019-09-10")
"""Crashes are looked for from here: the first settlement of Binance's contract."""


@dataclass(frozen=True, slots=True)
class Venue:
    """One contract: its fixings, how low it went, how often it stood at the extremes."""

    venue: str
    contract: str
    rows: pl.DataFrame
    low: Standing
    manic: float
    panicked: float
    highest: float

    @property
    def deepest_in_months(self) -> bool:
        """Whether its rate was below zero, and lower than any of the last two months."""
        known = self.low.known_days if self.low.since_days is None else self.low.since_days
        return self.low.rate < 0 and known >= MONTHS_DAYS


def a08(case: Case) -> Reproduction:
    """Count the manias, measure the fall, rank the rates.

    Source: article A, the sections on extreme markets and on the case of 19 May 2021.
    """
    bars = _bars(case)
    day = {name: {hours: deepest_fall(rows, hours, DAY, DAY + MS_PER_DAY) for hours in HOURS} for name, rows in bars.items()}
    low_at = day["spot"][24].low_at
    venues = _venues(case, low_at)
    crashes = _crashes(bars["spot"], venues)
    found = _found(case, day, venues, crashes, bars["spot"])
    months = [one for one in venues if one.deepest_in_months]
    stated = -case.claim.stated["spot_24h"]
    counts = {
        "venues": len(venues),
        "in_months": len(months),
        "never_below": sum(one.low.rate >= 0 for one in venues),
        "crashes": len(crashes),
        "crashes_below": sum(low < 0 for _, low in crashes),
        "longest": _longest(months),
        "low_time": to_text(low_at)[11:16],
    }
    why = [case.say(key, **found, **counts) for key in _sentences(day["spot"], found, counts, stated)]
    verdict, fell = _verdict(day["spot"], venues, stated), abs(-day["spot"][24].depth - stated) <= NEAR
    return case.answer(
        verdict, found, why=why, n=sum(one.rows.height for one in venues),
        window=(min(int(one.rows["slot"][0]) for one in venues), max(int(one.rows["slot"][-1]) for one in venues)),
        figures=_figures(case, venues, bars), grids=[_standings(case, venues), _falls(case, day)],
        lead="lead_both" if verdict == "holds with changes" and not fell and len(months) < len(venues) else "",
    )  # fmt: skip


def _sentences(spot: dict[int, Fall], found: dict[str, float], counts: dict[str, Any], stated: float) -> list[str]:
    """Pick the sentences that are true of what was found."""
    keys = ["mania", "fall"]
    if abs(-spot[24].depth - stated) > NEAR >= abs(-spot[72].depth - stated):
        keys.append("three_days")
    keys.append("rates")
    if counts["never_below"]:
        keys.append("apart")
    return [*keys, "crashes", "not_the_bottom" if found["low_of_90_days"] < 0 else "the_bottom"]


def _verdict(spot: dict[int, Fall], venues: Sequence[Venue], stated: float) -> Verdict:
    """Hold the day against its story: a fall of 35 to 45 % within 24 hours, every rate below zero and the lowest in two months."""
    fell = abs(-spot[24].depth - stated) <= NEAR
    mania = all(one.manic > 0 for one in venues)
    deep = [one.deepest_in_months for one in venues]
    if fell and mania and all(deep):
        return "holds"
    return "holds with changes" if mania and 2 * sum(deep) > len(deep) else "fails"


def _bars(case: Case) -> dict[str, pl.DataFrame]:
    """Hourly bars; those of the spot are needed, the others told where they are there."""
    found = {"spot": case.bars(PRICES["spot"][0], PRICES["spot"][1], market="spot", bar_hours=1)}
    for name, (venue, contract, market) in PRICES.items():
        if name == "spot":
            continue
        try:
            found[name] = case.bars(venue, contract, market=market, bar_hours=1)
        except Absent:
            continue
    return found


def _venues(case: Case, low_at: int) -> list[Venue]:
    """Rank every contract at hand; the first one has to be there."""
    import polars as pl

    found = []
    for venue, contract in CONTRACTS:
        try:
            rows = case.funding(venue, contract).filter(pl.col("interval_hours") == 8)  # noqa: PLR2004 - the interval spoken of
            low = standing(rows, low_at, low_at + TWO_STAMPS)
        except (Absent, NotEnoughData):
            if (venue, contract) == CONTRACTS[0]:
                raise
            continue
        rate, mania = pl.col("funding_rate"), case.claim.stated["highest"]
        manic, panicked, highest = rows.select(
            (rate >= mania).mean().alias("a"), (rate <= -mania).mean().alias("b"), rate.max().alias("c")
        ).row(0)
        found.append(Venue(venue, contract, rows, low, manic, panicked, highest))
    return found


def _crashes(bars: pl.DataFrame, venues: Sequence[Venue]) -> list[tuple[Fall, float]]:
    """Every crash of the spot, with the lowest rate of the first contract after it."""
    import polars as pl

    found = []
    rows = venues[0].rows
    for fall in falls(bars.filter(pl.col("open_at") >= BULL), 24, CRASH, APART_HOURS):
        after = rows.filter((pl.col("slot") >= fall.low_at) & (pl.col("slot") < fall.low_at + TWO_STAMPS))
        if after.height:
            found.append((fall, float(after["funding_rate"].min())))  # type: ignore[arg-type] # a column of floats
    return found


def _found(
    case: Case, day: dict[str, dict[int, Fall]], venues: Sequence[Venue], crashes: Sequence[tuple[Fall, float]], spot: pl.DataFrame
) -> dict[str, float]:
    import polars as pl

    rows = pl.concat([one.rows.select("funding_rate") for one in venues])["funding_rate"]
    mania = case.claim.stated["highest"]
    found = {
        "manic": float((rows >= mania).sum()) / rows.len(),
        "panicked": float((rows <= -mania).sum()) / rows.len(),
        "highest": max(one.highest for one in venues),
        "lowest_that_day": min(one.low.rate for one in venues),
        "share_in_months": sum(one.deepest_in_months for one in venues) / len(venues),
        "first_rate": venues[0].low.rate,
        "first_days": venues[0].low.known_days if venues[0].low.since_days is None else venues[0].low.since_days,
        "crashes_below_zero": sum(low < 0 for _, low in crashes) / len(crashes) if crashes else 0.0,
    }
    for name, by_hours in day.items():
        found |= {f"{name}_{hours}h": by_hours[hours].depth for hours in (24, 72)}
    low = day["spot"][24]
    later = spot.filter((pl.col("open_at") > low.low_at) & (pl.col("open_at") <= low.low_at + 90 * MS_PER_DAY))
    month = spot.filter(pl.col("close_at") == DAY + 31 * MS_PER_DAY)["close_quote"]
    evening = spot.filter(pl.col("close_at") == DAY + MS_PER_DAY)["close_quote"]
    if later.is_empty() or month.is_empty() or evening.is_empty():
        raise NotEnoughData("the months after 2021-05-19", "spot bars that end before", "Import them to September 2021.")
    return found | {
        "low_of_90_days": float(min(later["low_quote"].to_list())) / low.low - 1.0,
        "month_after": float(month.to_list()[0]) / float(evening.to_list()[0]) - 1.0,
    }


def _longest(months: Sequence[Venue]) -> float:
    """Days since a rate as low, at the contract for which that was longest ago; its whole history where there was none."""
    return max((one.low.known_days if one.low.since_days is None else one.low.since_days for one in months), default=0.0)


def _figures(case: Case, venues: Sequence[Venue], bars: dict[str, pl.DataFrame]) -> list[Figure]:
    import polars as pl

    time, rate = Axis(case.label("time"), "time"), Axis(case.label("per_8h"), "percent")
    series: list[Series] = []
    for one in (one for one in venues if one.contract.startswith("BTC")):
        rows = one.rows.filter((pl.col("slot") >= DAY - BEFORE) & (pl.col("slot") < DAY + AFTER))
        x, y = tuple(float(v) for v in rows["slot"]), tuple(rows["funding_rate"].to_list())
        series.append(Series(case.label(_key(one)), x, y, "steps", colour=len(series)))
    lines = ((0.0001, case.label("interest")), (case.claim.stated["highest"], case.label("mania")))
    drawn = [Figure("a08_rates", case.label("drawn_rates"), time, rate, tuple(series), lines=lines, note=case.say("note"))]
    paths: list[Series] = []
    for name in ("spot", "perpetual"):
        if name in bars:
            rows = bars[name].filter((pl.col("open_at") >= DAY - BEFORE) & (pl.col("open_at") < DAY + AFTER))
            x, y = tuple(float(v) for v in rows["close_at"]), tuple(rows["low_quote"].to_list())
            paths.append(Series(case.label(f"low_{name}"), x, y, "line", colour=len(paths)))
    price = Axis(case.label("price"), "money")
    return [*drawn, Figure("a08_price", case.label("drawn_price"), time, price, tuple(paths), note=case.say("note_price"))]


def _key(one: Venue) -> str:
    return f"{one.venue}_{one.contract.split(':')[1].lower()}"


def _hour(ms: int) -> str:
    """Write day of the month and hour."""
    return to_text(ms)[8:16].replace("T", " ")


def _standings(case: Case, venues: Sequence[Venue]) -> Grid:
    rows: list[tuple[Cell, ...]] = [
        (case.label(_key(one)), one.contract[:3], one.low.rate, _hour(one.low.at), one.low.since_days, one.low.known_days,
         one.low.rank, one.highest, one.manic, one.panicked)
        for one in venues
    ]  # fmt: skip
    keys = ("venue", "coin", "lowest", "at", "since", "known", "rank", "top", "at_least", "at_most")
    formats = ("", "", "+.4%", "", ",.0f", ",.0f", ",d", "+.3%", ".2%", ".2%")
    return Grid(case.label("table"), tuple(case.label(key) for key in keys), tuple(rows), formats, case.say("table_note"))


def _falls(case: Case, day: dict[str, dict[int, Fall]]) -> Grid:
    rows: list[tuple[Cell, ...]] = [
        (case.label(f"price_{name}"), by_hours[24].low, *(by_hours[hours].depth for hours in HOURS)) for name, by_hours in day.items()
    ]
    columns = tuple(case.label(key) for key in ("of", "low", *(f"within_{hours}" for hours in HOURS)))
    return Grid(case.label("table_falls"), columns, tuple(rows), ("", ",.0f", *("+.1%" for _ in HOURS)), case.say("falls_note"))
