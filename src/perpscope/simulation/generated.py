"""What would several venues publish if they all watched the same market?

One seeded premium process per coin is shown to every rule through the rule's own sampling and averaging. The rows
are those a real source would give, venue `sim:<rule's venue>`, so the store, the audit and the report treat them as
any others. Nothing here is market data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.catalogue.load import SIMULATED, load_venue
from perpscope.errors import CatalogueError
from perpscope.market.table import FUNDING
from perpscope.mechanisms.batch import fix_many

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from perpscope.market.instrument import Instrument
    from perpscope.market.time import Schedule
    from perpscope.mechanisms.rule import Rule

_STEP_SECONDS = 5
_PREMIUM_DECIMALS = 10


@dataclass(frozen=True, slots=True)
class Coin:
    """One coin's invented market.

    Parameters
    ----------
    name, code : asset code, and the older code some venues use. price : first index price, quote units. level : long-run premium, fraction.
    calm, rough : standard deviation of the premium's slow (days) and fast (minutes) part, fractions.
    volatility : of the price, per square root of a year.
    """

    name: str
    code: str
    price: float
    level: float
    calm: float
    rough: float
    volatility: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """A seeded world: coins, and the contracts (venue of the rule, native id with {coin} or {code}) that watch them.

    Parameters
    ----------
    start, end : ms UTC, whole days at which the catalogue knows every number the rules need.
    """

    name: str
    seed: int
    start: int
    end: int
    coins: tuple[Coin, ...]
    contracts: tuple[tuple[str, str], ...]


def funding(scenario: Scenario) -> pl.DataFrame:
    """Build the published fixings of every contract of the scenario, conformed to the funding table but for `source`."""
    import numpy as np
    import polars as pl

    frames = []
    for k, coin in enumerate(scenario.coins):
        premium, price = path(coin, (scenario.end - scenario.start) // (1000 * _STEP_SECONDS), np.random.default_rng([scenario.seed, k]))
        for venue, pattern in scenario.contracts:
            native_id = pattern.format(coin=coin.name, code=coin.code)
            frames.append(_published(scenario, venue, native_id, premium, price))
    return pl.concat(frames)


def path(coin: Coin, steps: int, rng: np.random.Generator) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Premium (fraction) and index price (quote) every five seconds: a slow and a fast mean-reverting part, a random walk."""
    import numpy as np

    hour = 3600 / _STEP_SECONDS
    slow = _mean_reverting(rng.standard_normal(math.ceil(steps / hour) + 1), coin.calm, half_life=60.0)
    fast = _mean_reverting(rng.standard_normal(steps), coin.rough, half_life=hour / 4)
    grid = np.arange(steps) / hour
    premium = coin.level + np.interp(grid, np.arange(len(slow)), slow) + fast
    walk = np.cumsum(rng.standard_normal(steps)) * coin.volatility * math.sqrt(_STEP_SECONDS / 31_536_000)
    return premium, coin.price * np.exp(walk)


def _mean_reverting(noise: npt.NDArray[np.float64], deviation: float, half_life: float) -> npt.NDArray[np.float64]:
    import numpy as np

    keep = 0.5 ** (1 / half_life)
    fresh = deviation * math.sqrt(1 - keep * keep)
    out = np.empty_like(noise)
    x = deviation * float(noise[0])
    for k, shock in enumerate(noise.tolist()):
        x = keep * x + fresh * shock
        out[k] = x
    return out


def _published(scenario: Scenario, venue: str, native_id: str, premium: Any, price: Any) -> pl.DataFrame:  # noqa: ANN401 - numpy arrays
    import numpy as np
    import polars as pl

    rule, instrument, schedule = _law(scenario, venue, native_id)
    every = int(rule.observe.every_seconds) or 60
    per_hour = 3600 // _STEP_SECONDS
    stride = max(1, every // _STEP_SECONDS)
    hours = schedule.hours
    first, length = round(schedule.phase_hours * per_hour), round(hours * per_hour)
    count = (len(premium) - first) // length
    samples = np.ascontiguousarray(premium[first : first + count * length].reshape(count, length)[:, stride - 1 :: stride])
    offsets = np.arange(count + 1, dtype=np.int64) * samples.shape[1]
    fixings = fix_many(rule, samples.ravel(), offsets, np.full(count, float(hours)))
    stamps = scenario.start + schedule.phase + (np.arange(1, count + 1) + schedule.lag) * schedule.step
    rows = {
        "funding_rate": np.round(fixings.rates, _PREMIUM_DECIMALS),
        "premium_frac": np.round(fixings.term("premium"), _PREMIUM_DECIMALS),
        "index_price_quote": np.round(price[first + length - 1 :: length][:count], 2),
        "mark_price_quote": np.round((price * (1 + premium))[first + length - 1 :: length][:count], 2),
    }
    named = {"venue": instrument.identity.venue, "native_id": native_id, "symbol": instrument.symbol, "market": instrument.market}
    said = {**named, "market_list": instrument.market_list, "interval_hours": float(hours), "kind": "settled", "accrual": "stamp"}
    frame = pl.DataFrame(rows).with_columns(pl.Series("ts", stamps).cast(pl.Datetime("ms", "UTC")))
    return frame.with_columns(pl.col("ts").alias("slot"), *(pl.lit(v).alias(k) for k, v in said.items())).select(
        c for c in FUNDING.names if c in {*rows, *said, "ts", "slot"}
    )


def _law(scenario: Scenario, venue: str, native_id: str) -> tuple[Rule, Instrument, Schedule]:
    book = load_venue(SIMULATED + venue)
    instrument = book.instrument(native_id)
    found = book.at(scenario.start, market=instrument.market if instrument else "")
    if instrument is None or not found or found[0].schedule is None:
        raise CatalogueError(
            f"the scenario {scenario.name}", f"no rule with a schedule for {venue} {native_id}", "Name a contract the catalogue knows."
        )
    schedule = found[0].schedule
    return found[0].build(book.contract(native_id, scenario.start)), instrument, schedule
