"""On which histories is the claim about forecasts tried, and what came of each?

A market is tried where its premium is known: published by the venue, or made of hourly trades of perpetual and spot. Where the
store lacks one, the others are tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.bars import traded
from perpscope.analysis.forecast.contest import Round, Score, Setting, judged, one_round
from perpscope.analysis.forecast.entrants import CHOSEN, LAST, MOVING, PREMIUM, RATE, SEEN, entrants
from perpscope.analysis.forecast.history import BP, HOURS, History
from perpscope.analysis.forecast.horizons import Horizon, targets
from perpscope.analysis.forecast.mechanical import Ladder, filling, ladder, losses_where, off_interest, samples_of
from perpscope.analysis.forecast.premium import history_of, rates_by_rule, termed, with_published
from perpscope.analysis.forecast.scores import r2_out_of_sample, rmse
from perpscope.analysis.premium.series import TOGETHER_MS, premiums
from perpscope.analysis.series import fixings
from perpscope.catalogue.load import load_venue
from perpscope.claims.case import Absent
from perpscope.errors import NotEnoughData
from perpscope.market.table import FUNDING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from perpscope.claims.case import Case

    Floats = npt.NDArray[np.float64]

HORIZONS = tuple(Horizon.parse(text) for text in ("next", "1d", "7d", "30d"))
SETTING = Setting(HORIZONS, reference=PREMIUM, seed=16, draws=200)
AVERAGED = "averaged_premium"
LEAST = 1000
"""Fewest settlements with a known premium that a market is tried on."""


@dataclass(frozen=True, slots=True)
class Place:
    """A perpetual, and the spot market its premium is measured against; "" where the venue publishes the premium itself."""

    key: str
    venue: str
    contract: str
    market: str = "linear"
    spot: str = ""


PLACES = (
    Place("binance_btc", "binanceusdm", "BTC/USDT:USDT", spot="BTC/USDT"),
    Place("binance_eth", "binanceusdm", "ETH/USDT:USDT", spot="ETH/USDT"),
    Place("hyperliquid_btc", "hyperliquid", "BTC/USDC:USDC"),
    Place("bitmex_btc", "bitmex", "BTC/USD:BTC", "inverse", "BTC/USDT"),
)
SPOT_VENUE = "binance"
APART = 20
"""Fewest horizons without overlap that a market is judged over."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was known of one market.

    Parameters
    ----------
    place : which. rows : its settled rates with the terms of the rule. history : what was known at each of them.
    premium : samples of the premium, None where the venue publishes averages.
    """

    place: Place
    rows: pl.DataFrame
    history: History
    premium: pl.DataFrame | None


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """One market's contest: rounds, scores and the gap from the premium to the moving average, by horizon."""

    seen: Seen
    rounds: dict[str, Round]
    scores: dict[str, dict[str, Score]]
    ladders: dict[str, Ladder]

    @property
    def key(self) -> str:
        """Name of the market."""
        return self.seen.place.key

    def off_interest(self) -> dict[str, float]:
        """Errors at the settlements off the interest term, bp per 8 hours, by model; empty where there are none."""
        found = self.rounds["next"]
        places = off_interest(self.seen.history, found)
        return losses_where(found, places) if places.any() else {}


def tried(case: Case) -> tuple[list[Tried], list[Absent]]:
    """Hold the contest on every market the store has, and say what is missing for the others."""
    found, missing = [], []
    for place in PLACES:
        try:
            seen = _seen(case, place)
        except Absent as absent:
            missing.append(absent)
            continue
        if seen is None or seen.rows["funding_rate"].n_unique() == 1:
            continue
        if len(seen.history) >= LEAST and (one := _tried(seen)).scores:
            found.append(one)
    return found, missing


def _seen(case: Case, place: Place) -> Seen | None:
    """Rates of one market over the time its premium is known; None where that is never."""
    import numpy as np
    import polars as pl

    raw = case.rows(FUNDING, venue=place.venue, contract=place.contract, market_list="", kind="settled")
    law, samples = load_venue(place.venue), None
    if place.spot:
        perp = case.bars(place.venue, place.contract, market=place.market, bar_hours=1, price_kind="trade")
        spot = case.bars(SPOT_VENUE, place.spot, market="spot", bar_hours=1, price_kind="trade")
        try:
            samples = premiums(traded(perp), traded(spot), TOGETHER_MS).rename({"close_at": "at"})
        except NotEnoughData:
            return None
        rows = termed(fixings(raw)).filter(pl.col("slot").is_between(samples["at"].min(), samples["at"].max()))
    else:
        rows = termed(with_published(fixings(raw), raw))
    if rows.is_empty():
        return None
    history = history_of(rows, law, samples)
    known = np.flatnonzero(np.isfinite(history.known("premium")))
    return Seen(place, rows, history.between(int(known[0]), int(known[-1])), samples) if len(known) else None


def _tried(seen: Seen) -> Tried:
    import numpy as np

    models, _ = entrants(seen.history, double=False)
    rounds: dict[str, Round] = {}
    scores: dict[str, dict[str, Score]] = {}
    ladders: dict[str, Ladder] = {}
    for horizon in HORIZONS:
        told = targets(seen.history, horizon)
        if int((told.end >= 0).sum()) < max(LEAST, APART * int(np.median(horizon.steps(seen.history)))):
            continue
        found = one_round(seen.history, horizon, SETTING, models)
        if not {PREMIUM, LAST, MOVING} <= set(found.names) or int(found.judged.sum()) < LEAST:
            continue
        own = {score.model: score for score in judged(seen.history, found, SETTING)}
        if own[MOVING].n >= APART * own[MOVING].ahead:
            rounds[horizon.text], scores[horizon.text] = found, own
            middle = [AVERAGED] if AVERAGED in found.names else []
            ladders[horizon.text] = ladder(found, [PREMIUM, *middle, LAST, MOVING])
    return Tried(seen, rounds, scores, ladders)


def unclamped_gain(seen: Seen, hours: int) -> float | None:
    """Share of the squared error of the premium of the moment that a moving average saves where the premium itself is foretold.

    The target is the plain mean of the next window's samples: no rule, no clamp. None where there are too few whole windows.
    """
    import numpy as np

    if seen.premium is None:
        return None
    samples = samples_of(seen.history, seen.premium, hours) / BP
    whole = np.isfinite(samples).all(axis=1)
    if int(whole.sum()) < LEAST:
        return None
    slot, length = seen.history.slot[whole], seen.history.hours[whole]
    bare = History(slot, length, samples[whole, 1:].mean(axis=1), premium=samples[whole, -1])
    found = one_round(bare, HORIZONS[0], SETTING, (SEEN, RATE, CHOSEN))
    return r2_out_of_sample(found.error(MOVING), found.error(PREMIUM))


@dataclass(frozen=True, slots=True, eq=False)
class Filling:
    """Errors of a forecast made e hours after the window began, fractions per 8 hours: (hours + 1,) each; those of two made before.

    Parameters
    ----------
    moment : premium seen last, by the rule. so_far : the samples of the window so far with the venue's rising weights, the last one
        for those to come, by the rule. average, last : moving average and last rate, made as the window began. n : windows.
    """

    moment: tuple[float, ...]
    so_far: tuple[float, ...]
    average: float
    last: float
    n: int


def filling_window(one: Tried, hours: int) -> Filling | None:
    """Foretell the settlement at every hour of its own window; None where the premium inside windows is not known."""
    import numpy as np
    import polars as pl

    seen, found = one.seen, one.rounds.get("next")
    if seen.premium is None or found is None:
        return None
    history, law = seen.history, load_venue(seen.place.venue)
    samples = samples_of(history, seen.premium, hours)
    before = np.flatnonzero(found.judged)
    before = before[np.isfinite(samples[before + 1]).all(axis=1)]
    rows = seen.rows.filter(pl.col("slot").is_in(history.slot[before + 1].tolist()))
    if len(before) < LEAST or rows.height != len(before):
        return None
    inside, outcome = samples[before + 1], history.level[before + 1] / BP

    def error(premium: Floats) -> float:
        return rmse(rates_by_rule(rows, law, premium / BP) / hours * HOURS - outcome)

    rising = filling(inside, np.arange(1.0, hours + 1.0))
    told = [rmse(found.forecast[before, found.names.index(name)] / BP - outcome) for name in (MOVING, LAST)]
    columns = range(hours + 1)
    return Filling(tuple(error(inside[:, e]) for e in columns), tuple(error(rising[:, e]) for e in columns), told[0], told[1], len(before))
