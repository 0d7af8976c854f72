"""Does a pool without a maker pay longs while everybody is long?

A virtual pool of constant product, the fixing of the first venue that had one, and an index that really rose. Traders
follow the index with a delay; nobody else is there. Then somebody who closes the gap is let in, and the two are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.catalogue.load import load_venue
from perpscope.claims.model import Axis, Figure, Series, stride
from perpscope.market.time import to_ms
from perpscope.mechanisms.batch import fix_averages
from perpscope.mechanisms.observe import difference
from perpscope.mechanisms.virtual_amm import VirtualAmm, time_weighted
from perpscope.units import HOURS_PER_YEAR, MS_PER_HOUR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict
    from perpscope.mechanisms.rule import Rule

START, END = to_ms("2020-12-15T00:00:00Z"), to_ms("2021-05-12T00:00:00Z")
"""From the opening of the venue's main network to the top of that market."""
DELAY_HOURS = 72.0
OTHER_DELAYS = (12.0, 240.0)
RESERVE = 10_000.0
DIGITS = 9
"""Decimals of a yearly rate below which a number is the rounding of doubles."""


@dataclass(frozen=True, slots=True)
class Hours:
    """What happened hour by hour: net long of the traders (base units), price of the pool, and the rate of the hour (fraction)."""

    net_long: tuple[float, ...]
    pool: tuple[float, ...]
    rate: tuple[float, ...]

    @property
    def share_both(self) -> float:
        """Share of hours in which traders were net long and were paid for it."""
        both = [held > 0 and rate < 0 for held, rate in zip(self.net_long, self.rate, strict=True)]
        return sum(both) / len(both)

    @property
    def share_long(self) -> float:
        """Share of hours in which traders were net long."""
        return sum(held > 0 for held in self.net_long) / len(self.net_long)

    @property
    def yearly(self) -> float:
        """Mean rate as a simple rate per year."""
        return sum(self.rate) / len(self.rate) * HOURS_PER_YEAR


def f19(case: Case) -> Reproduction:
    """Let traders follow a rising index through a virtual pool, with and without somebody who closes the gap.

    Source: article F on perp.fi; the rule perpfi1 of the catalogue and mechanisms.virtual_amm.
    """
    bars = case.closes("binance", "ETH/USDT", market="spot", bar_hours=1, start=START, end=END)
    at, index = bars["close_at"].to_list(), bars["close_quote"].to_list()
    rule = load_venue("perpfi1").rules[0].build({})
    alone = follow(at, index, rule, DELAY_HOURS)
    made = follow(at, index, rule, 0.0)
    others = [follow(at, index, rule, delay).yearly for delay in OTHER_DELAYS]
    falling = follow(at, index[::-1], rule, DELAY_HOURS)
    found = {
        "index_rise": index[-1] / index[0],
        "hours_net_long": alone.share_long,
        "hours_net_long_and_paid": alone.share_both,
        "mean_rate_apr": alone.yearly,
        "mean_rate_apr_gap_closed": round(made.yearly, DIGITS) + 0.0,
        "net_long_at_the_end": alone.net_long[-1] / RESERVE,
        "net_long_at_the_end_gap_closed": made.net_long[-1] / RESERVE,
        "least_rate_apr_of_other_delays": min(others),
        "largest_rate_apr_of_other_delays": max(others),
        "mean_rate_apr_of_a_falling_index": falling.yearly,
        "net_long_of_a_falling_index": falling.net_long[-1] / RESERVE,
    }
    shown = alone.yearly < 0 and alone.share_long > 0.5 and alone.share_both > 0.5  # noqa: PLR2004 - most of the time
    cured = abs(made.yearly) < abs(alone.yearly) / 10 and made.net_long[-1] >= alone.net_long[-1]
    verdict: Verdict = "fails" if not shown else "holds with changes" if cured else "holds"
    why = [case.say("why", **found), case.say("caveat", **found)] if shown else [case.say("not_shown", **found)]
    return case.answer(verdict, found, why=why, n=len(index), window=(at[0], at[-1]), figures=[_drawn(case, at, index, alone)])


def follow(at: Sequence[int], index: Sequence[float], rule: Rule, delay_hours: float) -> Hours:
    """Trade a pool hour by hour towards the index.

    Parameters
    ----------
    at, index : hourly closes (ms UTC, quote units). rule : the fixing, of the difference of two hourly averages.
    delay_hours : time in which traders make up 63 % of the gap; 0 closes it at once, as somebody would who lives on it.

    Source: constant product, mechanisms.virtual_amm; the delay is a model of traders who buy because it has risen.
    """
    import numpy as np

    pool = VirtualAmm(RESERVE * index[0], RESERVE)
    held: list[float] = []
    prices: list[float] = []
    gaps: list[float] = []
    step = 1.0 if delay_hours == 0 else 1 - 2.718281828459045 ** (-1 / delay_hours)
    for k, target in enumerate(index):
        price = float(pool.price)
        wanted = price + step * (target - price)
        pool, _ = pool.with_base(float(pool.base) * (1 - (price / wanted) ** 0.5))
        held.append(RESERVE - float(pool.base))
        prices.append(float(pool.price))
        first = max(k - 1, 0)
        market = time_weighted(at[first : k + 1], prices[first:], at[k], MS_PER_HOUR)
        spot = time_weighted(at[first : k + 1], list(index[first : k + 1]), at[k], MS_PER_HOUR)
        gaps.append(float(difference(market, spot)))
    levels = np.array(index, dtype=np.float64)
    decided = fix_averages(rule, np.array(gaps), np.ones(len(gaps)), levels=levels).rates / levels
    return Hours(tuple(held), tuple(prices), tuple(decided.tolist()))


def _drawn(case: Case, at: Sequence[int], index: Sequence[float], alone: Hours) -> Figure:
    every = stride(len(at))
    x = tuple(float(ms) for ms in at[::every])
    gap = tuple(pool / spot - 1 for pool, spot in zip(alone.pool[::every], index[::every], strict=True))
    long = tuple(held / RESERVE for held in alone.net_long[::every])
    return Figure(
        key="pool",
        title=case.label("figure"),
        x=Axis(case.label("time"), "time"),
        y=Axis(case.label("share"), "percent"),
        series=(Series(case.label("gap"), x, gap, colour=0), Series(case.label("net_long"), x, long, colour=1)),
        lines=((0.0, case.label("zero")),),
        note=case.say("note", n=len(at), every=every),
    )
