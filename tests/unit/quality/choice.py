"""Which real series does a seed try? Any with enough rows, or one with a property."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from tests.unit.quality import plant, real


@cache
def pool(shared: Path) -> tuple[tuple[plant.Who, pl.DataFrame], ...]:
    """Every real series of at least 330 rows."""
    everything = real.fundings(shared)
    series = ((who, plant.one(everything, who)) for who in real.series_names(everything))
    return tuple((who, rows) for who, rows in series if len(rows) >= 330)


def chosen(
    shared: Path, rng: np.random.Generator, fit: Callable[[plant.Who, pl.DataFrame], bool] | None = None
) -> tuple[plant.Who, pl.DataFrame]:
    """Draw one real series that fits."""
    fitting = [item for item in pool(shared) if fit is None or fit(*item)]
    return fitting[int(rng.integers(len(fitting)))]


def paid_every(hours: float, least: int = 0) -> Callable[[plant.Who, pl.DataFrame], bool]:
    """Fit series with one interval throughout, and at least so many rows."""
    return lambda _, rows: rows["interval_hours"].n_unique() == 1 and rows["interval_hours"][0] == hours and len(rows) >= least


def in_company(shared: Path, who: plant.Who, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows together with the other contracts of the coin and of the venue."""
    return pl.concat([rows, plant.company(real.fundings(shared), who)])
