"""Which comes first, the rate or the price, and what follows a violent hour?

A rate is charged at its slot; the price is read at that moment and some hours before and after it. Whoever leads should be
seen in a regression of the other's later values, and the errors allow for the memory of both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.inference.ols import ols
from perpscope.errors import NotEnoughData
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

TOLERANCE_MS = 300_000
"""How much older than the asked moment a close may be."""
LEAST = 30


@dataclass(frozen=True, slots=True)
class LeadLag:
    """Two simple regressions on the same settlements.

    Parameters
    ----------
    rate_on_before, t_before, r2_before : change of the rate (fraction per interval) per unit of the logarithmic return of the hours before.
    after_on_rate, t_after, r2_after : logarithmic return of the hours after per unit of the rate just charged. n : settlements.
    """

    rate_on_before: float
    t_before: float
    r2_before: float
    after_on_rate: float
    t_after: float
    r2_after: float
    n: int


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What followed hours beyond a threshold: their number, the mean return of the next one, and its standard error."""

    n: int
    mean: float
    se: float


def lead_lag(rows: pl.DataFrame, closes: pl.DataFrame, hours: float) -> LeadLag:
    """Regress rates on the return before them, and returns on the rate before them.

    Parameters
    ----------
    rows : slot (ms) and funding_rate of one contract. closes : close_at (ms) and close_quote, sorted. hours : of either return.

    Raises
    ------
    NotEnoughData
        When fewer than thirty settlements have all three prices.

    Source: least squares with Newey-West errors, one regression each way.
    """
    import numpy as np
    import polars as pl

    length = round(hours * MS_PER_HOUR)
    told = rows.select("slot", "funding_rate").sort("slot")
    for name, offset in (("then", -length), ("now", 0), ("later", length)):
        asked = told.with_columns((pl.col("slot") + offset).alias("asked")).sort("asked")
        prices = closes.select(pl.col("close_at"), pl.col("close_quote").alias(name))
        told = asked.join_asof(prices, left_on="asked", right_on="close_at", strategy="backward", tolerance=TOLERANCE_MS).drop("asked")
        told = told.drop("close_at", strict=False)
    whole = told.drop_nulls().sort("slot")
    if whole.height < LEAST:
        raise NotEnoughData("a lead or a lag", f"{whole.height} settlements with prices around them", f"Give at least {LEAST}.")
    rate = whole["funding_rate"].to_numpy()
    before = np.log((whole["now"] / whole["then"]).to_numpy())
    after = np.log((whole["later"] / whole["now"]).to_numpy())
    one, other = ols(rate, before, ["before"]), ols(after, rate, ["rate"])
    first, second = one.of("before"), other.of("rate")
    return LeadLag(first.coef, first.t, one.r2, second.coef, second.t, other.r2, whole.height)


def aftermath(returns: Vector, least: float) -> Aftermath:
    """Average the return that follows each return of at least `least` (above zero: rises; below: falls).

    Parameters
    ----------
    returns : of consecutive steps, in time order; nan where a step is missing. least : threshold with its sign.

    Source: conditional mean; the standard error is the plain one, for violent hours are far apart.

    Examples
    --------
    >>> import numpy as np
    >>> aftermath(np.array([-0.1, 0.02, -0.2, 0.04, 0.0]), -0.05)
    Aftermath(n=2, mean=0.03, se=0.01)
    """
    import numpy as np

    now, following = returns[:-1], returns[1:]
    chosen = following[((now <= least) if least < 0 else (now >= least)) & np.isfinite(following)]
    if len(chosen) < 2:  # noqa: PLR2004 - a spread needs two
        raise NotEnoughData("what follows violent hours", f"{len(chosen)} of them", "Lower the threshold, or give more.")
    spread = float(chosen.std(ddof=1)) / math.sqrt(len(chosen))
    return Aftermath(len(chosen), round(float(chosen.mean()), 15), round(spread, 15))
