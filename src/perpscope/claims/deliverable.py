"""What do two lost tables of a deliverable venue say about the windows they were made from, and is its rate lower than others'?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from perpscope.analysis.averages import average_apr, common_window, within
from perpscope.analysis.inference.interval import around
from perpscope.analysis.printed.trade_windows import Grid as Stamps
from perpscope.analysis.printed.trade_windows import Scan, on_grid, priced, scan
from perpscope.analysis.printed.yields import Printed, shared_horizon
from perpscope.analysis.series import fixings
from perpscope.claims.futures import closes, daily_gap
from perpscope.claims.model import Axis, Figure, Grid, Series, Text, stride
from perpscope.claims.printed import BTC, COLLATERAL, ETH
from perpscope.errors import NotEnoughData
from perpscope.market.table import FUNDING
from perpscope.market.time import to_text
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    import polars as pl

    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

COINS = ("BTC", "ETH")
LENGTHS = (20.0, 120.0)
ABOUT_TWO_MONTHS = (45.0, 75.0)
TOLERANCES = (1e-5, 1e-4, 1e-3)
CLOSE = 1e-4
"""100 USD on a million: a hundredth of the smaller of the two sums."""
CASH_SETTLED = (("binanceusdm", "{}/USDT:USDT"), ("htx", "{}/USDT:USDT"), ("bybit", "{}/USDT:USDT"), ("gate", "{}/USDT:USDT"))
DELIVERABLE = "coinflex"
LEAST = 90
FAR = 0.5
"""Far below: less than half of it."""


def c03(case: Case) -> Reproduction:
    """Compare the deliverable venue's average rate with that of every cash-settled venue over the time both share.

    Source: article C, below its first chart.
    """
    rows = fixings(case.rows(FUNDING, venue=DELIVERABLE, kind="settled"))
    found: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    far, below, n, edges = [], [], rows.height, []
    for coin in COINS:
        own = _one(rows, coin)
        if own is None:
            continue
        for venue, symbol in CASH_SETTLED:
            if not case.has_funding(venue, symbol.format(coin), least=LEAST):
                continue
            other = case.funding(venue, symbol.format(coin))
            try:
                low, high = common_window({DELIVERABLE: own, venue: other})
                error, _ = daily_gap(other, own, low, high)
            except NotEnoughData:
                continue
            paid, charged = average_apr(within(own, low, high)), average_apr(within(other, low, high))
            name = f"{venue}_{coin.lower()}"
            found |= {f"coinflex_{name}": paid, f"other_{name}": charged, f"gap_{name}": charged - paid}
            intervals[f"gap_{name}"] = around(charged - paid, error)
            far.append(paid < FAR * charged)
            below.append(intervals[f"gap_{name}"][0] > 0)
            n += within(other, low, high).height
            edges += [low, high - 1]
    if not below:
        raise NotEnoughData(
            "the deliverable venue beside others",
            f"fewer than {LEAST} fixings of BTC and of ETH, or none of the same days",
            "Import rates of the same months.",
        )
    mostly = 2 * sum(below) >= len(below) and min(found[name] for name in intervals) > 0
    verdict: Verdict = "holds" if all(far) and all(below) else "holds with changes" if mostly else "fails"
    told = {"all": len(below), "below": sum(below), "far": sum(far), "least": min(found[name] for name in intervals), "n": n}
    own_rates = [value for name, value in found.items() if name.startswith("coinflex_")]
    why = [case.say("why", lowest=min(own_rates), highest=max(own_rates), **told), case.say("caveat")]
    return case.answer(verdict, found, why=why, n=n, window=(min(edges), max(edges)), intervals=intervals)


def _one(rows: pl.DataFrame, coin: str) -> pl.DataFrame | None:
    """Take the contract of a coin with most fixings."""
    import polars as pl

    own = rows.filter(pl.col("coin") == coin)
    if own.is_empty():
        return None
    best = own.group_by("native_id").len().sort("len", "native_id", descending=[True, False])["native_id"].item(0)
    kept = own.filter(pl.col("native_id") == best)
    return kept if kept.height >= LEAST else None


def c08(case: Case) -> Reproduction:
    """Search all windows of two venues' histories for the two differences that article C's four profits leave.

    Source: article C, the four printed profits; see C04 and C05.
    """
    profits = {name: figure[0] / COLLATERAL for name, figure in {**BTC, **ETH}.items()}
    wanted = {coin: profits[f"{coin.lower()}_binance"] - profits[f"{coin.lower()}_htx"] for coin in COINS}
    sides = {coin: [case.funding(venue, f"{coin}/USDT:USDT") for venue in ("binanceusdm", "htx")] for coin in COINS}
    plain, filled = ({coin: on_grid(one, other, fill=fill) for coin, (one, other) in sides.items()} for fill in (False, True))
    readings = {"filled": filled, "as_recorded": plain} | _in_coins(case, filled)
    scans = {name: scan(grids, wanted, LENGTHS, TOLERANCES) for name, grids in readings.items()}
    main = scans["filled"]
    at_horizon = shared_horizon([Printed(gain / COLLATERAL, yearly, unit) for gain, yearly, unit in {**BTC, **ETH}.values()], "compound")
    if at_horizon is None:
        raise NotEnoughData("the horizon of four printed yields", "they share none", "See C04 and C05.")
    two = scan(filled, wanted, ABOUT_TWO_MONTHS, TOLERANCES)
    near = scan(filled, wanted, (at_horizon[0] - 1, at_horizon[1] + 1), TOLERANCES)
    best, close = two.fits[0], near.fits[0]
    chance = math.prod(main.alone[coin][CLOSE] for coin in COINS) / main.tried
    found = {
        "btc_difference": wanted["BTC"],
        "eth_difference": wanted["ETH"],
        "horizon_low": at_horizon[0],
        "horizon_high": at_horizon[1],
        "windows": float(main.tried),
        "within_100_usd": float(main.within[CLOSE]),
        "within_1000_usd": float(main.within[TOLERANCES[2]]),
        "by_chance_100_usd": chance,
        "episodes": float(main.episodes),
        "best_days": best["days"],
        "best_miss": best["miss"],
        "best_btc": best["BTC"],
        "best_eth": best["ETH"],
        "horizon_miss": close["miss"],
    }
    found |= _implied(filled, best, profits, "best") | _implied(filled, close, profits, "horizon")
    held = _held(case, best, "best") | _held(case, close, "horizon")
    found |= held
    fits = near.fits[0]["miss"] <= CLOSE
    verdict: Verdict = "holds" if fits and main.episodes == 1 else "holds with changes" if best["miss"] <= CLOSE else "fails"
    spoken = {
        "start": to_text(int(best["start"]))[:10], "end": to_text(int(best["end"]))[:10], "miss": COLLATERAL * best["miss"],
        "near_start": to_text(int(close["start"]))[:10], "near_end": to_text(int(close["end"]))[:10],
        "near_days": close["days"], "near_miss": COLLATERAL * close["miss"],
        "holes": sum(int(grid.holes.sum()) for grid in plain.values()),
    }  # fmt: skip
    n = sum(rows.height for pair in sides.values() for rows in pair)
    first = next(iter(filled.values()))
    why = [
        case.say("why", n=n, **spoken, **found),
        case.say("implied", **found),
        *_heard(case, held),
        case.say("caveat", **spoken, **found),
    ]
    return case.answer(
        verdict, found, why=why, n=n, window=(int(first.slots[0]), int(first.slots[-1])),
        figures=[_drawn(case, filled, wanted, best)], grids=[_fits(case, scans)],
        lead="" if verdict != "holds with changes" else "lead_apart" if fits else "lead_length" if main.episodes == 1 else "",
    )  # fmt: skip


def _in_coins(case: Case, grids: Mapping[str, Stamps]) -> dict[str, dict[str, Stamps]]:
    """Give the same histories for a position of a fixed number of coins; nothing without prices."""
    prices = {coin: closes(case, "binance", f"{coin}/USDT", market="spot") for coin in COINS}
    if any(price is None for price in prices.values()):
        return {}
    return {"in_coins": {coin: priced(grid, price) for coin, grid in grids.items() if (price := prices[coin]) is not None}}


def _implied(grids: Mapping[str, Stamps], window: Mapping[str, float], profits: Mapping[str, float], name: str) -> dict[str, float]:
    """Annual rate of the venue that is not there: what Binance paid in the window less the printed profit."""
    out = {}
    for coin, grid in grids.items():
        inside = grid.cut(int(window["start"]) + 1, int(window["end"]))
        paid = float(inside.one.sum())
        out[f"{name}_coinflex_{coin.lower()}"] = (paid - profits[f"{coin.lower()}_binance"]) / window["days"] * 365
    return out


def _held(case: Case, window: Mapping[str, float], name: str) -> dict[str, float]:
    """Average rate a year of the deliverable venue itself in the window, of the coins whose rates are held there."""
    if not case.has(FUNDING, venue=DELIVERABLE, kind="settled"):
        return {}
    rows = fixings(case.rows(FUNDING, venue=DELIVERABLE, kind="settled"))
    own = {coin: _one(rows, coin) for coin in COINS}
    inside = {coin: within(each, int(window["start"]) + 1, int(window["end"]) + 1) for coin, each in own.items() if each is not None}
    return {f"{name}_held_{coin.lower()}": average_apr(each) for coin, each in inside.items() if not each.is_empty()}


def _heard(case: Case, held: Mapping[str, float]) -> list[Text]:
    """Set what the venue charged beside what is implied, coin by coin, where its rates are held."""
    names = {"best": "in_best", "horizon": "in_horizon"}
    return [case.say(f"{names[name.split('_')[0]]}", coin=name.rsplit("_", 1)[1].upper(), charged=value) for name, value in held.items()]


def _fits(case: Case, scans: Mapping[str, Scan]) -> Grid:
    rows = tuple(
        (
            case.label(name), _minute(fit["start"]), _minute(fit["end"]), fit["days"],
            COLLATERAL * fit["BTC"], COLLATERAL * fit["ETH"], COLLATERAL * fit["miss"],
        )
        for name, told in scans.items()
        for fit in told.fits[:3]
    )  # fmt: skip
    keys = ("reading", "start", "end", "days", "btc", "eth", "miss")
    return Grid(case.label("table"), tuple(case.label(key) for key in keys), rows, ("", "", "", ".1f", ",.0f", ",.0f", ",.0f"))


def _minute(ms: float) -> str:
    return to_text(int(ms))[:16].replace("T", " ")


def _drawn(case: Case, grids: Mapping[str, Stamps], wanted: Mapping[str, float], best: Mapping[str, float]) -> Figure:
    """Miss of every window of the best length, by its first day."""
    import numpy as np

    from perpscope.analysis.printed.trade_windows import window_sums

    series = []
    for colour, (coin, grid) in enumerate(grids.items()):
        length = np.array([round(best["days"] * MS_PER_DAY / grid.step)])
        sums = window_sums(grid.difference, length)[:, 0] * COLLATERAL
        keep = np.isfinite(sums) & (np.arange(sums.size) % stride(sums.size) == 0)
        series.append(Series(Text.same(coin), tuple(map(float, grid.slots[keep])), tuple(map(float, sums[keep])), "line", colour=colour))
    return Figure(
        "differences", case.label("differences"), Axis(case.label("start"), "time"), Axis(case.label("usd"), "money"), tuple(series),
        lines=tuple((COLLATERAL * wanted[coin], Text.same(coin)) for coin in grids), note=case.say("note", days=best["days"]),
    )  # fmt: skip
