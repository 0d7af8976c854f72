"""Do funding or prices set off cascades, and do caps stop them?

Crashes found in the prices of one venue, with the funding charged while they lasted and the stamps at the cap around them;
who leads whom over years of settlements; and the engine of liquidation, asked which of the two empties a margin sooner.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from perpscope.analysis.inference.interval import Z95, around
from perpscope.analysis.returns.crashes import falls
from perpscope.analysis.returns.leadlag import aftermath, lead_lag
from perpscope.catalogue.load import load_venue
from perpscope.claims.model import Axis, Figure, Series
from perpscope.claims.wording import reasons
from perpscope.market.brackets import Brackets
from perpscope.market.contract import Contract
from perpscope.market.number import to_float
from perpscope.market.table import FUNDING
from perpscope.market.time import day_ms
from perpscope.trading.margin import Holding, Requirement, initial_margin, liquidation
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from perpscope.analysis.returns.crashes import Fall
    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

    Vector = NDArray[np.float64]

VENUE, SYMBOL, NATIVE = "bitmex", "BTC/USD:BTC", "XBTUSD"
SINCE, UNTIL = day_ms("2017-05-01"), day_ms("2021-09-22")
"""From when the caps of the contract are on record to the end of its hourly prices."""
PROMPT = day_ms("2019-09-12"), day_ms("2023-12-18")
"""The venue whose rate is decided at the stamp it is charged at, while its hourly spot is held: for who leads."""
DEEP, WITHIN, APART = 0.20, 24.0, 72.0
BEHIND = 48 * MS_PER_HOUR
VIOLENT = 0.05
HIGH, MOSTLY = 0.9, 0.5
"""A rate is high in the top tenth of its history; most is more than half."""
LEVERAGES = (10, 50)
DAY = day_ms("2025-10-10")
TWO_DAYS = 48 * MS_PER_HOUR
YEAR = (day_ms("2025-08-22"), day_ms("2026-08-20"))
DIGITS = 1e-9


class Around(NamedTuple):
    """Funding around one crash: charged to longs from peak to low, stamps at the cap meanwhile and in the two days after.

    `before` is the last rate charged up to the peak, `after` the lowest of the two days that follow the low (fractions).

    Where the cap of that time is not on record, `known` is False and nothing is counted.
    """

    fall: Fall
    charged: float
    before: float
    after: float
    known: bool
    capped_during: int = 0
    capped_after: int = 0


def a09(case: Case) -> Reproduction:
    """Lay crashes, charges and caps side by side, see who leads, and ask the engine what liquidates.

    Source: article A, the path of cascading liquidations and the purpose of caps; trading.margin; catalogue.
    """
    import numpy as np

    rates = case.funding(VENUE, SYMBOL, start=SINCE, end=UNTIL)
    bars = case.bars(VENUE, SYMBOL, market="inverse", bar_hours=1, start=SINCE, end=UNTIL)
    crashes = [_around(fall, rates) for fall in falls(bars, WITHIN, DEEP, APART)]
    spot = case.closes("binance", "BTC/USDT", market="spot", bar_hours=1, start=PROMPT[0], end=PROMPT[1])
    order = lead_lag(case.funding("binanceusdm", "BTC/USDT:USDT", start=PROMPT[0], end=PROMPT[1]), spot, 8)
    hourly = _returns(bars)
    down, up = aftermath(hourly, -VIOLENT), aftermath(hourly, VIOLENT)
    high = float(np.quantile(rates["funding_rate"].to_numpy(), HIGH))
    found: dict[str, float] = {
        "crashes": len(crashes),
        "mean_depth": _mean([one.fall.depth for one in crashes]),
        "deepest": min((one.fall.depth for one in crashes), default=0.0),
        "mean_charged_meanwhile": _mean([one.charged for one in crashes]),
        "most_charged_meanwhile": max((one.charged for one in crashes), default=0.0),
        "crashes_with_a_cap_on_record": sum(one.known for one in crashes),
        "crashes_capped_before_the_low": sum(one.capped_during > 0 for one in crashes),
        "stamps_at_the_cap_after_the_low": sum(one.capped_after for one in crashes),
        "high_rate_before": _mean([float(one.before >= high) for one in crashes]),
        "mean_rate_before": _mean([one.before for one in crashes]),
        "mean_lowest_rate_after": _mean([one.after for one in crashes]),
        "turned_down_after": _mean([float(one.after < one.before) for one in crashes]),
        "turned_down_at_any_stamp": _turned_down(rates),
        "rate_per_return_before": order.rate_on_before,
        "t_price_leads": order.t_before,
        "r2_price_leads": order.r2_before,
        "t_rate_leads": order.t_after,
        "r2_rate_leads": order.r2_after,
        "after_violent_falls": down.mean,
        "after_violent_rises": up.mean,
    }
    found |= _engine()
    intervals = {name: around(each.mean, each.se) for name, each in (("after_violent_falls", down), ("after_violent_rises", up))}
    found |= _autumn(case)
    triggers = found["t_rate_leads"] < -Z95 or found["high_rate_before"] > MOSTLY
    binds = found["crashes_capped_before_the_low"] > MOSTLY * found["crashes_with_a_cap_on_record"]
    verdict: Verdict = "holds" if triggers and binds else "holds with changes" if triggers or binds else "cannot be tested"
    told = {**found, "n": order.n, "falls": down.n, "rises": up.n, "low": intervals["after_violent_falls"][0],
            "high": intervals["after_violent_falls"][1]}  # fmt: skip
    why = reasons(case, verdict, told, expected="cannot be tested")
    if "contracts_2025_10_10" in found:
        why.insert(1, case.say("autumn", **found))
    window = (int(rates["slot"][0]), max(int(rates["slot"][-1]), PROMPT[1]))
    return case.answer(verdict, found, why=why, n=order.n, window=window, intervals=intervals, figures=[_drawn(case, crashes)])


def _turned_down(rates: pl.DataFrame) -> float:
    """Share of all stamps after which some rate of the next two days was lower: what chance gives to `turned_down_after`."""
    import numpy as np

    slots, values = rates["slot"].to_numpy(), rates["funding_rate"].to_numpy()
    ends = np.searchsorted(slots, slots + BEHIND, side="right")
    return _mean([float(values[k + 1 : end].min() < values[k]) for k, end in enumerate(ends.tolist()) if end > k + 1])


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _around(fall: Fall, rates: pl.DataFrame) -> Around:
    """Sum what longs were charged from peak to low, and count stamps at the cap until the low and after it."""
    import polars as pl

    cap, peak, low = _cap(fall.low_at), _hour(fall.peak_at), _hour(fall.low_at) + MS_PER_HOUR
    meanwhile = rates.filter((pl.col("slot") > peak) & (pl.col("slot") <= low))
    charged = float(meanwhile["funding_rate"].sum())
    earlier, later = rates.filter(pl.col("slot") <= peak), rates.filter((pl.col("slot") > low) & (pl.col("slot") <= low + BEHIND))
    before = float(earlier["funding_rate"][-1]) if earlier.height else 0.0
    after = float(later["funding_rate"].sort()[0]) if later.height else before
    if cap is None:
        return Around(fall, charged, before, after, known=False)
    capped = rates.filter(pl.col("funding_rate").abs() >= to_float(cap) - DIGITS)["slot"]
    during, behind = capped.filter((capped > peak) & (capped <= low)), capped.filter((capped > low) & (capped <= low + BEHIND))
    return Around(fall, charged, before, after, known=True, capped_during=len(during), capped_after=len(behind))


def _hour(ms: int) -> int:
    """Return the nearest whole hour: bars that open a minute before it hold the stamp at it in their first minute."""
    return round(ms / MS_PER_HOUR) * MS_PER_HOUR


def _cap(ms: int) -> Fraction | None:
    """Cap of the contract at a moment, by the rule and margins on record; None where they are not."""
    venue = load_venue(VENUE)
    value = venue.at(ms, "", "inverse")[0].parts["formula"]["cap"]
    margins = venue.contract(NATIVE, ms)
    return Fraction(value.number(margins)) if value.known and all(name in margins for name in value.names) else None


def _returns(bars: pl.DataFrame) -> Vector:
    """Logarithmic returns of consecutive hours; nan across a gap."""
    import numpy as np

    closes, at = np.log(bars["close_quote"].to_numpy()), bars["close_at"].to_numpy()
    return np.where(np.diff(at) == MS_PER_HOUR, np.diff(closes), np.nan)


def _engine() -> dict[str, float]:
    """Fall of the price, and stamps at the cap, that liquidate a long at two leverages.

    Source: trading.margin on the lowest tier of the contract; each stamp charges the cap on the value at entry.
    """
    then = day_ms("2020-03-12")
    margins = load_venue(VENUE).contract(NATIVE, then)
    asked = Requirement(Brackets.flat(Fraction(margins["maintenance_margin"])))
    contract = Contract("inverse", "BTC", Fraction(1))
    told: dict[str, float] = {}
    for leverage in LEVERAGES:
        holding = Holding(contract, Fraction(1), Fraction(10_000))
        margin = initial_margin(holding, leverage)
        end = liquidation(holding, asked, margin).price
        stamp = (_cap(then) or Fraction(0)) * holding.value(holding.entry)
        stamps = 0
        while stamp and holding.equity(margin, Fraction(10_000)) >= asked.needed(holding, Fraction(10_000)):
            stamps += 1
            holding = Holding(contract, Fraction(1), Fraction(10_000), -stamp * stamps)
        told[f"fall_that_liquidates_{leverage}x"] = to_float(end) / 10_000 - 1 if end is not None else -1.0
        told[f"stamps_at_the_cap_that_do_{leverage}x"] = float(stamps)
    return told


def _autumn(case: Case) -> dict[str, float]:
    """Count contracts whose lowest rate of a year fell on 10 and 11 October 2025; nothing where too few are held."""
    import polars as pl

    if not case.has(FUNDING, venue="binanceusdm", contract="SOL/USDT:USDT", least=1000):
        return {}
    parts = [case.rows(FUNDING, start=YEAR[0], end=YEAR[1], kind="settled", venue=venue) for venue in ("binanceusdm", "bybit")]
    rows = pl.concat(parts)
    lowest = (
        rows.with_columns((pl.col("funding_rate") / pl.col("interval_hours")).alias("hourly"))
        .group_by("venue", "market_list", "native_id", maintain_order=True)
        .agg(
            pl.len().alias("n"), pl.col("ts").sort_by("hourly", "ts").first().dt.epoch("ms").alias("at"), pl.col("ts").min().alias("first")
        )
        .filter((pl.col("n") >= 1000) & (pl.col("first").dt.epoch("ms") < DAY))  # noqa: PLR2004 - about a year of eight-hour rates
    )
    then = lowest.filter((pl.col("at") >= DAY) & (pl.col("at") < DAY + TWO_DAYS))
    return {"contracts_2025_10_10": float(lowest.height), "lowest_of_the_year_then": float(then.height)}


def _drawn(case: Case, crashes: list[Around]) -> Figure:
    """Depth of each crash beside what longs were charged while it lasted."""
    at = tuple(float(one.fall.low_at) for one in crashes)
    series = (
        Series(case.label("depth"), at, tuple(one.fall.depth for one in crashes), kind="points", colour=0),
        Series(case.label("charged"), at, tuple(-one.charged for one in crashes), kind="points", colour=1),
    )
    axes = Axis(case.label("time"), "time"), Axis(case.label("size"), "percent")
    return Figure("a09", case.label("drawn"), *axes, series, lines=((0.0, case.label("nothing")),), note=case.say("note"))
