"""How do rows of many venues become one panel of hours? Rates that hold for a step each, as a store of hourly quotes keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from perpscope.errors import InputError
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Panel(NamedTuple):
    """Rates of several venues on one grid.

    Parameters
    ----------
    venues : names, one a row. start : ms, the first column. rates : (venues, columns) NaN where there is none.
    """

    venues: list[str]
    start: int
    rates: Floats


def panel(rows: pl.DataFrame, step: int = MS_PER_HOUR) -> Panel:
    """Lay rows out by venue and time.

    Parameters
    ----------
    rows : ts (ms, integers), venue (text), rate; in any order, each venue and step once (of several the last row holds).
    step : ms between columns.

    Raises
    ------
    InputError
        When there are no rows.

    Examples
    --------
    >>> import polars as pl
    >>> found = panel(pl.DataFrame({"ts": [0, 0, 3_600_000], "venue": ["a", "b", "b"], "rate": [1.0, 2.0, 3.0]}))
    >>> found.venues, found.rates.tolist()
    (['a', 'b'], [[1.0, nan], [2.0, 3.0]])
    """
    import numpy as np
    import polars as pl

    from perpscope.analysis.pairs import _grid
    from perpscope.mechanisms._kernels import compiled

    if rows.is_empty():
        raise InputError("a panel of rates", "no rows", "Give at least one.")
    runs = rows["venue"].rle().struct.unnest()
    venues = sorted(str(venue) for venue in runs["value"].unique().to_list())
    codes = runs["value"].cast(pl.Enum(venues)).to_physical().to_numpy().astype(np.uint32)
    lengths, stamp, rate = (np.ascontiguousarray(column.to_numpy()) for column in (runs["len"], rows["ts"], rows["rate"]))
    start = int(stamp.min())
    rates = np.full((len(venues), (int(stamp.max()) - start) // step + 1), np.nan)
    compiled(_grid.place)(codes, lengths, stamp, rate, start, step, rates)
    return Panel(venues, start, rates)
