"""What would holding one perpetual against another for some days have paid, from every day it could have begun?

Funding alone, on a notional that stays the same: the sum of what the short leg received less what the long leg paid over a horizon, as a
fraction of one leg's notional. Sums over windows are differences of running sums, so that all start days of all pairs cost one pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.errors import InputError, NotEnoughData
from perpscope.units import HOURS_PER_DAY, MS_PER_DAY

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

COVERED = 0.98
"""Least share of a horizon that the recorded intervals of each leg must cover; what is not recorded paid nothing."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_DUST = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Running:
    """One contract's funding as running sums.

    Parameters
    ----------
    slots : (n,) ms UTC, ascending. paid : (n + 1,) rates paid up to each place, fractions of notional. hours : (n + 1,) of their intervals.
    """

    slots: Ints
    paid: Floats
    hours: Floats

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Running:
        """Build it from the fixings of one contract (`analysis.series.fixings`).

        Raises
        ------
        NotEnoughData
            When there are none.
        """
        import numpy as np

        if rows.is_empty():
            raise NotEnoughData("funding of a contract", "no fixing", "Import its history.")
        rates, hours = rows["funding_rate"].to_numpy(), rows["interval_hours"].to_numpy()
        return cls(rows["slot"].to_numpy(), *(np.concatenate([[0.0], np.cumsum(column)]) for column in (rates, hours)))

    @property
    def begins(self) -> int:
        """When its first interval began, ms UTC."""
        return int(self.slots[0]) - round(float(self.hours[1]) * MS_PER_DAY / HOURS_PER_DAY)

    def over(self, starts: Ints, days: float) -> tuple[Floats, Floats]:
        """Return what each horizon paid (start < stamp <= start + days), and the share of it that recorded intervals cover.

        **Source**: definition; a position opened at a stamp is paid from the next one on.
        """
        import numpy as np

        low = np.searchsorted(self.slots, starts, side="right")
        high = np.searchsorted(self.slots, starts + round(days * MS_PER_DAY), side="right")
        return self.paid[high] - self.paid[low], (self.hours[high] - self.hours[low]) / (days * HOURS_PER_DAY)


def common_days(one: Running, other: Running, days: float) -> Ints:
    """Return the UTC midnights (ms) from which both contracts were there for the whole horizon.

    **Source**: definition.
    """
    import numpy as np

    if not days > 0:
        raise InputError("a horizon", f"{days:g} days", "Give days above 0.")
    first = max(one.begins, other.begins)
    last = min(int(one.slots[-1]), int(other.slots[-1])) - round(days * MS_PER_DAY)
    return np.arange(-(-first // MS_PER_DAY) * MS_PER_DAY, last + 1, MS_PER_DAY, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What holding a pair paid from every start.

    Parameters
    ----------
    starts : (n,) ms UTC, of the horizons that both legs' records cover. paid : (n,) received on the short less paid on the long leg,
        fractions of one leg's notional. left_out : starts whose horizon is not covered. days : horizon.
    """

    starts: Ints
    paid: Floats
    left_out: int
    days: float

    def reversed(self) -> Held:
        """Return the same pair with its sides turned."""
        return Held(self.starts, -self.paid, self.left_out, self.days)

    def less(self, costs: Floats) -> Held:
        """Return what is left after costs (n,), fractions; horizons of which they are nan are left out."""
        import numpy as np

        known = np.isfinite(costs)
        return Held(self.starts[known], (self.paid - costs)[known], self.left_out + int((~known).sum()), self.days)


def held(long: Running, short: Running, days: float, covered: float = COVERED) -> Held:
    """Hold a pair over every horizon both contracts were there for.

    Parameters
    ----------
    long, short : funding of the legs. days : horizon, > 0. covered : least share of it that each leg's records must cover; where labels of
        intervals overlap as much as they may leave open, the horizon is left out too.

    **Source**: definition.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"slot": [8 * 3_600_000 * k for k in range(1, 7)], "interval_hours": [8.0] * 6})
    >>> cheap, dear = (Running.of(rows.with_columns(pl.lit(rate).alias("funding_rate"))) for rate in (0.0001, 0.0003))
    >>> found = held(cheap, dear, 1)
    >>> found.starts.tolist(), [round(x, 9) for x in found.paid.tolist()]
    ([0, 86400000], [0.0006, 0.0006])
    """
    import numpy as np

    if not 0 < covered <= 1:
        raise InputError("the share of a horizon that is covered", f"{covered:g}", "Give a share above 0 and up to 1.")
    starts = common_days(long, short, days)
    paid, of_long = long.over(starts, days)
    received, of_short = short.over(starts, days)
    low, high = covered - _DUST, 2 - covered + _DUST
    kept = np.logical_and.reduce([(share >= low) & (share <= high) for share in (of_long, of_short)])
    return Held(starts[kept], (received - paid)[kept], int((~kept).sum()), days)


def described(found: Held, money: float, printed: Mapping[str, float] | None = None) -> dict[str, object]:
    """Describe the distribution of what a pair paid, in money; None where no horizon is covered.

    Parameters
    ----------
    money : notional of one leg. printed : amounts whose place is asked for, by name.

    Returns
    -------
    dict
        n, left_out, first and last start (ms), mean, sd, quantiles, lowest and highest with their starts, positive_share, and at_least:
        the share of horizons that paid each printed amount or more. Horizons overlap: n starts are far fewer independent ones, see
        `apart`, the number of horizons that fit side by side.

    **Source**: definitions.
    """
    import numpy as np

    n = int(found.paid.size)
    if not n:
        return {"n": 0, "left_out": found.left_out}
    paid = found.paid * money
    low, high = int(paid.argmin()), int(paid.argmax())
    return {
        "n": n,
        "left_out": found.left_out,
        "apart": int((found.starts[-1] - found.starts[0]) / (found.days * MS_PER_DAY)) + 1,
        "first": int(found.starts[0]),
        "last": int(found.starts[-1]),
        "mean": float(paid.mean()),
        "sd": float(paid.std(ddof=1)) if n > 1 else None,
        **{f"p{round(100 * q):02d}": float(value) for q, value in zip(QUANTILES, np.quantile(paid, QUANTILES), strict=True)},
        "lowest": float(paid[low]),
        "lowest_start": int(found.starts[low]),
        "highest": float(paid[high]),
        "highest_start": int(found.starts[high]),
        "positive_share": float((paid > 0).mean()),
        "at_least": {name: float((paid >= amount).mean()) for name, amount in (printed or {}).items()},
    }


def knowable(found: Held) -> Held:
    """Hold the side that the horizon before would have paid on: only starts whose horizon before is there.

    **Source**: definition; the horizon before a start ends at it, so nothing later is known.
    """
    import numpy as np

    before = found.starts - round(found.days * MS_PER_DAY)
    place = np.searchsorted(found.starts, before)
    there = (place < found.starts.size) & (found.starts[np.minimum(place, found.starts.size - 1)] == before)
    side = np.sign(found.paid[place[there]])
    return Held(found.starts[there], side * found.paid[there], found.left_out, found.days)
