"""Who was closed by force in a storm: by liquidation, and by deleveraging although he was winning?

A short that wins in a fall is deleveraged when the insurance fund cannot bear the losers: the hedge is then gone, and the other leg stands
alone. The files are recordings of one venue; they are read where they lie and not stored.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from perpscope.errors import InputError, SourceError
from perpscope.simulation.storm import Forced

if TYPE_CHECKING:
    import polars as pl

_COINS = ("ticker", "liq_notional", "adl_notional", "liq_events", "adl_events")
_ACCOUNTS = ("asset", "side", "was_liquidated", "was_adl")
_MOST = 10


def forced_closes(folder: Path, forced: Forced) -> dict[str, Any]:
    """Sum up two recordings of a folder.

    Returns
    -------
    answer
        venue; totals (liquidated and deleveraged, dollars and events); coins (the largest ten: both in dollars, deleveraged_share of all
        that was closed by force); accounts (by asset and side: how many were seen, which share was liquidated, which deleveraged).

    Raises
    ------
    InputError
        When a file is not in the folder.
    SourceError
        When it has not the columns it should.
    """
    import polars as pl

    coins = _read(folder / forced.coins, _COINS)
    seen = _read(folder / forced.accounts, _ACCOUNTS)
    closed = pl.col("liq_notional") + pl.col("adl_notional")
    largest = coins.select(
        pl.col("ticker").alias("coin"),
        pl.col("liq_notional").alias("liquidated"),
        pl.col("adl_notional").alias("deleveraged"),
        pl.when(closed > 0).then(pl.col("adl_notional") / closed).alias("deleveraged_share"),
    ).sort("liquidated", descending=True)
    accounts = (
        seen.group_by("asset", "side")
        .agg(pl.len().alias("accounts"), *(pl.col(name).mean().alias(name.replace("was_", "share_")) for name in _ACCOUNTS[2:]))
        .rename({"share_adl": "share_deleveraged"})
        .sort("asset", "side")
    )
    sums = coins.select(pl.col(*_COINS[1:]).sum()).row(0, named=True)
    totals = {
        "liquidated": sums["liq_notional"],
        "deleveraged": sums["adl_notional"],
        "liquidations": sums["liq_events"],
        "deleveragings": sums["adl_events"],
    }
    return {"venue": forced.venue, "totals": totals, "coins": largest.head(_MOST).to_dicts(), "accounts": accounts.to_dicts()}


def _read(path: Path, names: tuple[str, ...]) -> pl.DataFrame:
    import polars as pl

    try:
        found = pl.read_csv(path)
    except FileNotFoundError:
        raise InputError(f"the recording {path.name}", f"it is not in {path.parent}", "Name the folder it is in.") from None
    except (OSError, pl.exceptions.PolarsError) as problem:
        raise SourceError(f"the recording {path.name}", str(problem).splitlines()[0], "Give the file as it was recorded.") from None
    if absent := [name for name in names if name not in found.columns]:
        raise SourceError(f"the recording {path.name}", f"no column {', '.join(absent)}", "Give the file as it was recorded.")
    return found
