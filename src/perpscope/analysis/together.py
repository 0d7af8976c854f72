"""Do contracts of one coin move together, and how far apart are they while they do?

Correlation and distance are two questions: two rates can go up and down as one and still differ by ten points a year. Both
are asked at common moments (`dispersion.aligned`), pair by pair, over the time the pair shares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.series import SERIES
from perpscope.errors import NotEnoughData

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

LEAST_COMMON = 90
"""Common moments a pair must have (a month of eight hours)."""


def side_by_side(common: pl.DataFrame) -> pl.DataFrame:
    """Turn contracts into columns.

    Parameters
    ----------
    common : what `dispersion.aligned` gives, of one coin.

    Returns
    -------
    frame
        stamp (ms) and a column "VENUE SYMBOL" per contract: annual rate over the window before the stamp, null where it has none; sorted.

    **Source**: definition.
    """
    import polars as pl

    named = common.with_columns(pl.concat_str("venue", pl.lit(" "), "symbol").alias("contract"))
    twice = named.select("contract", *SERIES).unique().group_by("contract").len().filter(pl.col("len") > 1)
    if twice.height:
        several = pl.concat_str("venue", pl.lit(" "), "symbol", pl.lit(" "), "native_id")
        named = named.with_columns(
            pl.when(pl.col("contract").is_in(twice["contract"].to_list())).then(several).otherwise("contract").alias("contract")
        )
    return named.pivot(on="contract", index="stamp", values="apr").sort("stamp")


def pairs(wide: pl.DataFrame, least: int = LEAST_COMMON) -> pl.DataFrame:
    """Compare every two contracts over the moments both have a rate.

    Parameters
    ----------
    wide : what `side_by_side` gives. least : common moments a pair must have to be listed.

    Returns
    -------
    frame
        one, other, n, first, last (ms), pearson, spearman (-1 to 1, null where one does not vary), mean_gap (one minus other),
        mean_abs_gap, sd_gap, p95_abs_gap (fractions a year), sign_differs (share of moments with rates of opposite sign),
        ratio_of_gap (mean_abs_gap over the mean absolute rate of the two).

    Raises
    ------
    NotEnoughData
        When no pair has enough common moments.

    **Source**: Pearson's and Spearman's coefficients; distances by definition.
    """
    import polars as pl

    names = [name for name in wide.columns if name != "stamp"]
    rows = []
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            both = wide.select("stamp", pl.col(one).alias("a"), pl.col(other).alias("b")).drop_nulls()
            if both.height >= least:
                rows.append({"one": one, "other": other} | _compared(both))
    if not rows:
        raise NotEnoughData("a comparison of contracts", f"no two share {least} moments", "Import longer histories of at least two.")
    return pl.DataFrame(rows)


def _compared(both: pl.DataFrame) -> dict[str, float | int | None]:
    import numpy as np

    a, b = both["a"].to_numpy(), both["b"].to_numpy()
    gap = a - b
    size = float(np.mean((np.abs(a) + np.abs(b)) / 2))
    apart = float(np.mean(np.abs(gap)))
    return {
        "n": both.height,
        "first": both["stamp"].item(0),
        "last": both["stamp"].item(-1),
        "pearson": correlation(a, b),
        "spearman": correlation(_ranks(a), _ranks(b)),
        "mean_gap": float(np.mean(gap)),
        "mean_abs_gap": apart,
        "sd_gap": float(np.std(gap)),
        "p95_abs_gap": float(np.quantile(np.abs(gap), 0.95)),
        "sign_differs": float(np.mean(a * b < 0)),
        "ratio_of_gap": apart / size if size > 0 else None,
    }


def correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float | None:
    """Return Pearson's coefficient, -1 to 1; None where one of them does not vary.

    **Source**: Pearson's product-moment coefficient.
    """
    import numpy as np

    x, y = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / scale if scale > 0 else None


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places in order; ties share the mean of theirs."""
    import polars as pl

    return pl.Series(values).rank("average").to_numpy()
