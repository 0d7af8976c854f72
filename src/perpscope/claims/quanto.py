"""What does a perpetual earn whose price is in dollars and whose money is another coin, and is that what its funding takes away?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from perpscope.analysis.inference.interval import Z95, around
from perpscope.analysis.pricing.convexity import quanto_drift
from perpscope.analysis.quanto.decomposition import Decomposition, by_year, decompose, paired, periods, quanto_return, with_funding
from perpscope.analysis.quanto.readings import RESETS, Tried, foreseen, sensitivity
from perpscope.claims.case import Absent
from perpscope.claims.model import Axis, Figure, Grid, Series
from perpscope.errors import NotEnoughData
from perpscope.market.contract import Contract
from perpscope.market.time import day_ms, to_text
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    import polars as pl

    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

ETHUSD = ("bitmex", "ETH/USD:BTC")
SPOT = ("binance", ("ETH/USDT", "BTC/USDT"), 1)
DAILY = ("yahoo", ("ETH/USD", "BTC/USD"), 24)
FIRST, BEHIND = day_ms("2018-08-02"), day_ms("2022-07-01")
"""From the first whole day after the listing to the end of June 2022."""
COVERED = 0.9
"""Least share of the days of that window that has to be there."""
ENDS = (*(day_ms(f"2022-06-{day:02d}") for day in range(1, 31, 3)), BEHIND)
NEAR = 0.10
"""Ten points a year: the standard error of the mean product over four years is seven."""
Bands: TypeAlias = dict[str, tuple[float, float]]
SEED, PATHS = 1, 400_000
MULTIPLIER = Fraction(1, 1_000_000)
MOVES = tuple(Fraction(n, 20) for n in range(-10, 11, 2))


def f10(case: Case) -> Reproduction:
    """Run the contract itself through every pair of moves, as fractions; then ask what its extra is worth on average.

    Source: article F, the formula of the ETHUSD return; the payoff of `market.contract`.
    """
    contract, entry, coin = Contract("quanto", "BTC", MULTIPLIER), Fraction(2000), Fraction(30_000)
    worst = Fraction(0)
    for base in MOVES:
        for margin in MOVES:
            coins = Fraction(contract.profit(Fraction(1), entry, entry * (1 + base)))
            earned = coins * coin * (1 + margin) / (Fraction(contract.value(Fraction(1), entry)) * coin)
            worst = max(worst, abs(earned - quanto_return(base, margin)))
    rho, sigma_eth, sigma_btc, years = 0.8, 1.0, 0.75, 1 / 365
    simulated, error = _simulated_extra(rho, sigma_eth, sigma_btc, years)
    covariance = quanto_drift(rho, sigma_eth, sigma_btc, years)
    found = {
        "largest_error": float(worst),
        "extra_simulated": simulated * 365,
        "extra_by_algebra": math.expm1(covariance) * 365,
        "covariance_of_the_diffusion": covariance * 365,
        "standard_errors_apart": abs(simulated - math.expm1(covariance)) / error,
        "product_of_means_daily": case.claim.stated["mean_a_year"] ** 2 / 365,
        "product_of_means_monthly": case.claim.stated["mean_a_year"] ** 2 / 12,
    }
    right = worst == 0 and found["standard_errors_apart"] < 4  # noqa: PLR2004 - one simulation in 16,000 misses by so much
    verdict: Verdict = "holds" if right else "fails"
    return case.answer(verdict, found, why=[case.say("why", pairs=len(MOVES) ** 2, **found), case.say("caveat", **found)], n=PATHS)


def _simulated_extra(rho: float, sigma_eth: float, sigma_btc: float, years: float) -> tuple[float, float]:
    """Mean product of two correlated lognormal returns without drift, and its standard error."""
    import numpy as np

    rng = np.random.default_rng(SEED)
    normal = rng.standard_normal((2, PATHS))
    other = rho * normal[0] + math.sqrt(1 - rho * rho) * normal[1]
    eth, btc = (
        np.expm1(sigma * math.sqrt(years) * each - sigma * sigma * years / 2)
        for sigma, each in ((sigma_eth, normal[0]), (sigma_btc, other))
    )
    product = eth * btc
    return float(product.mean()), float(product.std(ddof=1)) / math.sqrt(PATHS)


def prices(case: Case, which: tuple[str, tuple[str, str], int] = SPOT) -> pl.DataFrame:
    """Put the closes of ETH and BTC side by side."""
    venue, (eth, btc), hours = which
    return paired(*(case.closes(venue, symbol, market="spot", bar_hours=hours) for symbol in (eth, btc)))


def f11(case: Case) -> Reproduction:
    """Split the return of ETHUSD by price and product, at every snapshot hour and window end; with funding where it is at hand.

    Source: article F, figure 6 and the paragraph before it.
    """
    spot, stated = prices(case), case.claim.stated
    days = periods(spot, start=FIRST, end=BEHIND)
    whole = decompose(days)
    if whole.n < COVERED * (BEHIND - FIRST) / MS_PER_DAY:
        there = f"{whole.n} of the {(BEHIND - FIRST) // MS_PER_DAY} days"
        raise NotEnoughData("the returns of August 2018 to June 2022", there, "Import longer histories; other years give other means.")
    tried = sensitivity(spot, start=FIRST, ends=ENDS)
    bands = {name: _span([getattr(d, name) for d in tried]) for name in ("base", "quanto", "product")}
    seen = foreseen(days)
    found = {
        "stated_difference": stated["return_quanto"] - stated["return_eth"],
        "return_eth": whole.base,
        "return_quanto": whole.quanto,
        "covariance": whole.product,
        "covariance_centred": whole.covariance,
        "return_eth_compounded": whole.base_compounded,
        "return_quanto_compounded": whole.quanto_compounded,
        "covariance_least": bands["product"][0],
        "covariance_largest": bands["product"][1],
        "foreseen_slope": seen.slope,
        "foreseen_correlation": seen.correlation,
        **_daily(case),
    }
    intervals = {
        "covariance": around(whole.product, whole.product_error),
        "return_eth": around(whole.base, whole.base_error),
        "return_quanto": around(whole.quanto, whole.quanto_error),
    }
    funded = with_funding_leg(case, days)
    low, high = intervals["covariance"]
    told = {"start": to_text(whole.first)[:10], "end": to_text(whole.last)[:10], "n": whole.n, "low": low, "high": high}
    said = [
        case.say("price", **told, **found),
        case.say("band", eth_low=bands["base"][0], eth_high=bands["base"][1], error=whole.base_error, **found),
    ]
    said.append(case.say("inside" if _inside(bands, stated) else "outside"))
    if funded is not None:
        found |= {"funding": funded.funding or 0.0, "net": funded.net or 0.0}
        intervals["net"] = around(found["net"], funded.net_error or 0.0)
        said.append(case.say("funded", days=funded.n, error=funded.net_error, **found))
    else:
        said.append(case.say("unfunded"))
    said.append(case.say("caveat", **found))
    verdict = _verdict(whole, bands, funded, stated)
    return case.answer(
        verdict,
        found,
        intervals=intervals,
        why=said,
        n=whole.n,
        window=(whole.first, whole.last),
        figures=[_figure6(case, whole, funded, bands), _by_hour(case, tried, stated)],
        grids=[_years(case, days), _resets(case, tried)],
        lead="lead_funded" if verdict == "holds with changes" and "net" in found else "",
    )


def _daily(case: Case) -> dict[str, float]:
    """Return the same by another source of daily closes; nothing where that is not there."""
    try:
        found = decompose(periods(prices(case, DAILY), start=FIRST, end=BEHIND))
    except Absent:
        return {}
    return {"covariance_daily_source": found.product, "return_eth_daily_source": found.base}


def with_funding_leg(case: Case, days: pl.DataFrame) -> Decomposition | None:
    """Parts with the funding leg, over the days of which it is complete; None where fewer than nine tenths of all days are."""
    try:
        funded = with_funding(days, case.funding(*ETHUSD, start=FIRST, end=BEHIND))
    except Absent:
        return None
    return decompose(funded) if funded.height >= COVERED * (BEHIND - FIRST) / MS_PER_DAY else None


def _span(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)


def _inside(bands: Bands, stated: Mapping[str, float]) -> bool:
    """Whether both levels of the article lie within ten points of the band over hours, conventions and ends."""
    pairs = (("base", "return_eth"), ("quanto", "return_quanto"))
    return all(bands[name][0] - NEAR <= stated[said] <= bands[name][1] + NEAR for name, said in pairs)


def _verdict(whole: Decomposition, bands: Bands, funded: Decomposition | None, stated: Mapping[str, float]) -> Verdict:
    """Judge prices by the band and the difference by ten points; the explanation only where there is funding to explain."""
    close = abs(whole.product - (stated["return_quanto"] - stated["return_eth"])) <= NEAR and _inside(bands, stated)
    if funded is None or funded.net is None or funded.funding is None:
        return "holds with changes" if close else "fails"
    if abs(funded.net) > max(NEAR / 2, Z95 * (funded.net_error or 0.0)):
        return "fails"
    return "holds" if close and abs(funded.funding - stated["funding"]) <= NEAR else "holds with changes"


def _figure6(case: Case, whole: Decomposition, funded: Decomposition | None, bands: Bands) -> Figure:
    stated = case.claim.stated
    names = ["return_eth", "return_quanto", "covariance"]
    values = [whole.base, whole.quanto, whole.product]
    ranges = [bands["base"], bands["quanto"], bands["product"]]
    said = [stated["return_eth"], stated["return_quanto"], stated["return_quanto"] - stated["return_eth"]]
    if funded is not None and funded.funding is not None:
        names, values, ranges = [*names, "funding"], [*values, funded.funding], [*ranges, (funded.funding, funded.funding)]
        said.append(stated["funding"])
    places = tuple(float(k) for k in range(len(names)))
    return Figure(
        "fig6",
        case.label("fig6"),
        Axis(case.label("part"), "category"),
        Axis(case.label("a_year"), "percent"),
        (
            Series(case.label("article"), places, tuple(said), "bars", colour=7),
            Series(
                case.label("found"), places, tuple(values), "bars", tuple(low for low, _ in ranges), tuple(high for _, high in ranges), 0
            ),
        ),
        categories=tuple(case.label(name) for name in names),
        note=case.say("note", start=to_text(whole.first)[:10], end=to_text(whole.last)[:10], n=whole.n),
        marked=None if funded is not None else case.say("mark"),
    )


def _by_hour(case: Case, tried: Sequence[Tried], stated: Mapping[str, float]) -> Figure:
    """Product by snapshot hour: the window's end as a band, the last end as a line."""
    series = []
    for colour, hours in enumerate(length for length in RESETS if length > 1):
        own = [(d.snapshot, d.end, d.product) for d in tried if d.hours == hours]
        at = sorted({hour for hour, *_ in own})
        last = {hour: product for hour, end, product in own if end == BEHIND}
        low, high = (tuple(pick(p for h, _, p in own if h == hour) for hour in at) for pick in (min, max))
        label = case.label(f"every_{hours}")
        x, y = tuple(float(hour) for hour in at), tuple(last[hour] for hour in at)
        series.append(Series(label, x, y, "line", low, high, colour))
    lines = (
        (stated["return_quanto"] - stated["return_eth"], case.label("stated_difference")),
        (stated["funding"], case.label("stated_funding")),
    )
    axes = Axis(case.label("hour")), Axis(case.label("covariance"), "percent")
    return Figure("hours", case.label("hours"), *axes, tuple(series), lines=lines, note=case.say("note_hours", ends=len(ENDS)))


def _years(case: Case, days: pl.DataFrame) -> Grid:
    columns = tuple(case.label(key) for key in ("year", "days", "contribution"))
    rows = tuple((str(year), n, share) for year, n, share in by_year(days))
    return Grid(case.label("years"), columns, rows, ("", "", ".1%"))


def _resets(case: Case, tried: Sequence[Tried]) -> Grid:
    """Lowest and highest parts for each convention over all hours and ends."""
    columns = tuple(
        case.label(key) for key in ("convention", "eth_from", "eth_to", "quanto_from", "quanto_to", "product_from", "product_to")
    )
    rows = []
    for hours in RESETS:
        own = [d for d in tried if d.hours == hours]
        ends = [pick(getattr(d, name) for d in own) for name in ("base", "quanto", "product") for pick in (min, max)]
        rows.append((case.label(f"every_{hours}"), *ends))
    return Grid(case.label("bands"), columns, tuple(rows), ("", *(".0%",) * 6))
