"""What do the rules of a paper earn on the rows of a store, by its own accounting and in full, beside what it prints?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from perpscope.analysis.carry.arbitrage import Looks, Performance, performance
from perpscope.analysis.carry.looks import paid_between, with_rate
from perpscope.analysis.carry.strategies import Strategy, held_by
from perpscope.errors import InputError, NotEnoughData
from perpscope.market.table import LENDING_RATES
from perpscope.market.time import to_text
from perpscope.runs.history import Gathered, Wanted, gather
from perpscope.trading.examples.followed import TIMINGS, Stage, Timing, holes, in_full
from perpscope.trading.examples.printed_rules import FREE, PrintedRules, Tier
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from perpscope.store import Store

BAR_HOURS = 1.0


@dataclass(frozen=True, slots=True)
class Question:
    """Which coins, at which leverage and carry, and how much of it in full?

    Parameters
    ----------
    coins : to run. leverage : of the perpetual. carry : a year, in place of the example's; None leaves it. timings : of the runs in full;
        none leaves them out. told : is said each step of a long run.
    """

    coins: tuple[str, ...]
    leverage: float = 2.0
    carry: float | None = None
    timings: tuple[Timing, ...] = TIMINGS
    told: Callable[[str], object] = lambda _: None

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        if not self.coins:
            raise InputError("the rules of an example", "no coin", "Name at least one.")
        if self.carry is not None and not math.isfinite(self.carry):
            raise InputError("a carry", f"{self.carry}", "Give a fraction a year, such as 5%.")


def rules_answer(store: Store, printed: PrintedRules, asked: Question) -> dict[str, Any]:
    """Run every rule and tier for every coin.

    Returns
    -------
    dict
        rows (one a coin, rule and tier: ours by the paper's accounting, ours in full, printed), windows, carry, conventions, assumed.

    Raises
    ------
    NotEnoughData
        When the store lacks hourly prices of both legs, or funding, of a coin.
    """
    rows: list[dict[str, Any]] = []
    about: dict[str, dict[str, Any]] = {}
    for coin in asked.coins:
        trade = printed.trade(coin, asked.leverage)
        read = gather(store, trade, Wanted(printed.start, printed.end, bar_hours=BAR_HOURS))
        looks, carry = looks_of(store, read, printed, asked, coin)
        about[coin] = _window(read, looks, printed, carry)
        rows += _rows(coin, Stage(trade, read.histories), looks, printed, asked)
    return {
        "example": printed.name,
        "about": printed.about,
        "source": printed.source,
        "rows": rows,
        "coins": about,
        "tiers": {name: _tier(tier) for name, tier in printed.tiers.items()},
        "rules": dict(printed.rules),
        "leverage": asked.leverage,
        "conventions": CONVENTIONS,
        "assumed": [
            "the carry r of the paper is charged on coins held and earned on coins sold, in all three columns (assumed)",
            f"the perpetual is held at {asked.leverage:g}x and is not topped up; the paper has no margins (assumed)",
            "nothing is charged for the spread and its walk; a coin is lent for r and no more (assumed)",
        ],
    }


CONVENTIONS = {
    "unit": "fractions of the notional a year; the sharpe ratio is that of hours that are active, x root of those a year",
    "paper": "both legs worth one unit at the start of each hour, traded at the very closes the rule looked at; no margins",
    "full_same": "quantities of one notional from opening to closing, funding at its stamps, margins and liquidation; the same closes",
    "full_next": "the same, traded at the closes of the next hour: what could be done by who must see a price before acting on it",
}


def looks_of(store: Store, read: Gathered, printed: PrintedRules, asked: Question, coin: str) -> tuple[Looks, dict[str, Any]]:
    """Hourly closes of both legs with the funding and the carry of the hour, and where the carry comes from."""
    import polars as pl

    perp, spot = (series.bars.select(pl.col("known").alias("close_at"), pl.col("close_quote")) for series in read.series)
    hours = perp.join(spot, on="close_at", suffix="_spot").sort("close_at")
    fixings = pl.DataFrame(
        [(fixing.at, float(fixing.rate)) for fixing in read.histories[0].fixings],
        schema={"slot": pl.Int64, "funding_rate": pl.Float64},
        orient="row",
    )
    hours, told = _with_carry(store, hours, printed, asked, coin)
    paid = paid_between(hours, fixings.filter(pl.col("slot") > int(hours["close_at"][0])))
    at, perpetual, coins, rate = (hours[name].to_numpy() for name in ("close_at", "close_quote", "close_quote_spot", "rate"))
    return Looks(at, perpetual, coins, paid, rate), told


def _with_carry(
    store: Store, hours: pl.DataFrame, printed: PrintedRules, asked: Question, coin: str
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Add the carry of each hour: as given, else the lender's rates where all of them are held, else what the paper's numbers leave."""
    import polars as pl

    if asked.carry is not None:
        return hours.with_columns(pl.lit(asked.carry).alias("rate")), {"rate": asked.carry, "status": "given"}
    lent = [_lent(store, printed, asset) for asset in printed.assets]
    named = f"{printed.side} rates of {printed.lender} {', '.join(printed.assets)}"
    if all(rates.height for rates in lent):
        both = with_rate(hours, lent)
        if both.height:
            return both, {"rate": float(both["rate"].mean()), "status": "measured", "source": f"mean of {named}"}  # type: ignore[arg-type]  # a column of numbers
    if coin not in printed.carry:
        raise NotEnoughData(f"the carry of {coin}", f"no {named}, and nothing printed to infer it from", "Import them, or give --rate.")
    why = f"printed mean funding less the printed return of the trade that is always on; the store lacks {named}"
    rate = printed.carry[coin]
    return hours.with_columns(pl.lit(rate).alias("rate")), {"rate": rate, "status": "inferred", "source": why}


def _lent(store: Store, printed: PrintedRules, asset: str) -> pl.DataFrame:
    import polars as pl

    rows = store.read(LENDING_RATES, venue=printed.lender, symbol=asset)
    own = rows.filter(pl.col("side") == printed.side).sort("ts")
    return own.select(pl.col("ts").dt.epoch("ms").alias("since"), pl.col("lending_rate_1y").alias("rate"))


def _window(read: Gathered, looks: Looks, printed: PrintedRules, carry: dict[str, Any]) -> dict[str, Any]:
    """Tell the window beside the paper's, and what of it is missing."""
    at = looks.at.tolist()
    start, end = at[0], at[-1]
    missing = [
        f"{to_text(low)[:10]} to {to_text(high)[:10]}"
        for low, high in ((printed.start, start), (end, printed.end))
        if high - low > 2 * BAR_HOURS * MS_PER_HOUR
    ]
    return {
        "window": [to_text(start), to_text(end)],
        "printed_window": [to_text(printed.start), to_text(printed.end)],
        "not_held": missing,
        "share_of_printed_window": (end - start) / (printed.end - printed.start),
        "hours": len(at),
        "holes": holes(at, BAR_HOURS),
        "carry": carry,
        "assumed": list(read.assumed),
        "missing": [lack.told for lack in read.lacks],
        "certificate": read.certificate.to_dict(),
    }


def _tier(tier: Tier) -> dict[str, Any]:
    return {"opens": tier.opens, "once": tier.once, "perpetual": tier.perpetual.told(), "spot": tier.spot.told()}


def _asked(printed: PrintedRules) -> Iterator[tuple[Strategy, str]]:
    """Yield rules and tiers: every rule without costs, and those the paper prints with."""
    for strategy in printed.rules:
        tiers = {FREE, *(tier for (rule, tier, _) in printed.results if rule == strategy)}
        yield from ((strategy, tier) for tier in printed.tiers if tier in tiers)


def _rows(coin: str, stage: Stage, looks: Looks, printed: PrintedRules, asked: Question) -> list[dict[str, Any]]:
    rows = []
    for strategy, name in _asked(printed):
        asked.told(f"{coin}: {strategy}, {name} fees")
        tier = printed.tiers[name]
        wanted = held_by(strategy, looks, printed.terms, tier.opens)
        row: dict[str, Any] = {"coin": coin, "strategy": strategy, "tier": name}
        try:
            row["paper"] = _numbers(performance(looks, wanted, tier.once))
            row |= {f"full_{timing}": _in_full(stage, tier, looks, wanted, timing) for timing in asked.timings}
            row["why_null"] = ""
        except NotEnoughData as problem:
            row |= {"paper": None, "why_null": str(problem)}
        rows.append(row | {"printed": printed.results.get((strategy, name, coin))})
    return rows


def _in_full(stage: Stage, tier: Tier, looks: Looks, wanted: npt.NDArray[np.int8], timing: Timing) -> dict[str, Any]:
    found = in_full(stage, tier.costs(), looks, wanted, timing)
    units = 10**found.result.places * stage.notional
    years = float(looks.hours.sum()) / (365 * 24)
    return _numbers(found.performance) | {
        "liquidations": found.result.liquidations,
        "trades": found.result.trades,
        "by_reason_1y": {why: amount / units / years for why, amount in found.result.by_reason.items() if amount},
        "unknown": dict(found.result.unknown),
    }


def _numbers(found: Performance) -> dict[str, float | None]:
    told = {name: value if math.isfinite(value) else None for name, value in asdict(found).items()}
    return {"return_1y": told.pop("gain_1y"), **told}


def coins_of(printed: PrintedRules, named: Sequence[str]) -> tuple[str, ...]:
    """Coins to run: those named, in capital letters.

    Raises
    ------
    InputError
        When one is not printed.
    """
    coins = tuple(dict.fromkeys(name.upper() for name in named))
    strange = [coin for coin in coins if coin not in printed.coins]
    if strange:
        raise InputError(f"the coins of {printed.name}", f"{', '.join(strange)} is not printed", f"Printed are {', '.join(printed.coins)}.")
    return coins
