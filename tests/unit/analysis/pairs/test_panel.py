"""Are rows laid out by venue and hour, in whatever order they come?"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from perpscope.analysis.pairs.panel import panel
from perpscope.errors import InputError

HOUR = 3_600_000


def rows(hours: int = 60) -> pl.DataFrame:
    """Three venues, one listed late; the rate tells venue and hour."""
    return pl.DataFrame(
        [
            {"ts": 7 * HOUR + t * HOUR, "venue": name, "rate": 100.0 * k + t}
            for k, name in enumerate(("x", "y", "z"))
            for t in range(20 if name == "y" else 0, hours)
        ]
    )


def test_every_order_of_rows_gives_one_panel() -> None:
    """Sorted by venue (the way of a store), by time (the way data arrives), and shuffled."""
    kept = rows()
    for each in (kept, kept.sort("ts", "venue"), kept.sample(fraction=1.0, shuffle=True, seed=3)):
        found = panel(each)
        assert (found.venues, found.start, found.rates.shape) == (["x", "y", "z"], 7 * HOUR, (3, 60))
        assert np.isnan(found.rates[1, :20]).all()
        assert np.array_equal(found.rates[2], 200.0 + np.arange(60))
        assert np.array_equal(found.rates[1, 20:], 100.0 + np.arange(20, 60))


def test_no_rows_are_refused() -> None:
    with pytest.raises(InputError, match="no rows"):
        panel(rows().clear())
