"""What does each contract pay, and how does it behave? One row per contract.

Every window ends at the contract's own last stamp, and the row says how old that stamp is: a history that ended in
2021 shows its last days, not an extrapolation to now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.atoms import interest_share, limit_hits
from perpscope.analysis.averages import percentiles
from perpscope.analysis.dispersion import aligned, by_coin, dispersion
from perpscope.analysis.series import SERIES, fixings
from perpscope.analysis.terms import with_terms
from perpscope.analysis.windows import window_apr
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import polars as pl

    from perpscope.analysis.terms import Terms

WINDOWS = (1, 7, 30, 90)
"""Days of the windows on the board."""


def board(
    funding: pl.DataFrame,
    now_ms: int,
    terms: Sequence[Terms] = (),
    *,
    synthetic: Collection[str] = (),
) -> pl.DataFrame:
    """Return the board: one row per contract, the coins of most venues, contracts and fixings first.

    Parameters
    ----------
    funding : conformed frame of the table `funding`, one row per key (current rows of a store).
    now_ms : the moment to measure staleness against; nothing else depends on it.
    terms : interest terms and limits by dated rule; contracts without any show the observed atoms.
    synthetic : ids of sources that hold generated data.

    Returns
    -------
    frame
        Who: venue, market_list, native_id, symbol, market, coin, synthetic.
        Now: last_rate (fraction per interval_hours), interval_hours, last_apr, last and first (ms), stale_hours.
        Paid: apr_Dd, covered_Dd, why_Dd for D in 1, 7, 30, 90 (see `windows.window_apr`).
        Shape: n, negative_share, p05 to p95 (percentiles of single fixings, annual rates), interval_changes.
        Atoms: interest_* and cap_* (see `atoms`).
        Coin: coin_venues, coin_contracts, coin_stamps, coin_sd_apr, coin_spread_apr, coin_until
        (see `dispersion.by_coin`), null where only one venue is there.
    """
    return board_of(fixings(funding), now_ms, terms, synthetic=synthetic)


def board_of(
    rows: pl.DataFrame,
    now_ms: int,
    terms: Sequence[Terms] = (),
    *,
    synthetic: Collection[str] = (),
) -> pl.DataFrame:
    """Return the board of fixings already brought into order by `series.fixings`; see `board`."""
    import polars as pl

    termed = with_terms(rows, terms)
    out = _shape(rows, now_ms, synthetic)
    for part in (window_apr(rows, WINDOWS), interest_share(termed), limit_hits(termed)):
        out = out.join(part, on=SERIES, how="left", maintain_order="left")
    out = out.join(by_coin(dispersion(aligned(rows))), on="coin", how="left", maintain_order="left")
    ranks = (pl.col("venue").n_unique(), pl.len(), pl.col("n").sum())
    return out.sort(*(rank.over("coin") for rank in ranks), "coin", *SERIES, descending=[True] * 3 + [False] * 4)


def _shape(rows: pl.DataFrame, now_ms: int, synthetic: Collection[str]) -> pl.DataFrame:
    import polars as pl

    apr, hours = pl.col("apr"), pl.col("interval_hours")
    generated = pl.col("source").is_in(list(synthetic)) | pl.col("venue").str.starts_with("sim:")
    return rows.group_by(SERIES, maintain_order=True).agg(
        pl.col("symbol", "market", "coin").last(),
        generated.any().alias("synthetic"),
        pl.col("funding_rate").last().alias("last_rate"),
        hours.last(),
        apr.last().alias("last_apr"),
        pl.col("slot").first().alias("first"),
        pl.col("slot").last().alias("last"),
        ((now_ms - pl.col("slot").last()) / MS_PER_HOUR).alias("stale_hours"),
        pl.len().cast(pl.Int64).alias("n"),
        (pl.col("funding_rate") < 0).mean().alias("negative_share"),
        *percentiles(apr),
        (hours != hours.shift(1)).sum().cast(pl.Int64).alias("interval_changes"),
    )
