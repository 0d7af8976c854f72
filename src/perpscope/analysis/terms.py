"""Which interest term and which limits were in force at each stamp?

The rules live elsewhere; here they arrive as plain dated numbers, one line per rule and interval, and meet the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.series import SERIES
from perpscope.market.time import FOREVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl


@dataclass(frozen=True, slots=True)
class Terms:
    """What one dated rule pays at its interest term and at its limits, for one interval.

    Parameters
    ----------
    venue, market_list : where it applies.
    interval_hours : the interval the three rates are for.
    interest : the rate paid while the premium stays inside the clamp band, fraction per interval; None if unknown.
    cap, floor : largest and smallest rate, fraction per interval; None if unknown.
    native_id : one contract, or None for all of the venue.
    since, until : stamps with since < slot <= until (ms) belong to it.
    rule : name of the rule, for the reader.
    """

    venue: str
    interval_hours: float
    interest: float | None = None
    cap: float | None = None
    floor: float | None = None
    market_list: str = ""
    native_id: str | None = None
    since: int = 0
    until: int = FOREVER
    rule: str = ""


def with_terms(rows: pl.DataFrame, terms: Sequence[Terms]) -> pl.DataFrame:
    """Return `rows` with the columns interest, cap, floor and rule of the terms in force at each stamp (null: none).

    A contract's own terms go before the venue's, later ones before earlier ones.
    """
    import polars as pl

    given = pl.DataFrame(
        [(t.venue, t.market_list, t.interval_hours, t.native_id, t.since, t.until, t.interest, t.cap, t.floor, t.rule) for t in terms],
        schema={
            "venue": pl.String,
            "market_list": pl.String,
            "interval_hours": pl.Float64,
            "only": pl.String,
            "since": pl.Int64,
            "until": pl.Int64,
            "interest": pl.Float64,
            "cap": pl.Float64,
            "floor": pl.Float64,
            "rule": pl.String,
        },
        orient="row",
    )
    indexed = rows.with_row_index("row")
    found = (
        indexed.select("row", *SERIES, "slot", "interval_hours")
        .join(given, on=["venue", "market_list", "interval_hours"], how="inner")
        .filter(pl.col("only").is_null() | (pl.col("only") == pl.col("native_id")))
        .filter((pl.col("since") < pl.col("slot")) & (pl.col("slot") <= pl.col("until")))
        .sort("row", pl.col("only").is_null(), pl.col("since"), descending=[False, False, True])
        .unique("row", keep="first", maintain_order=True)
        .select("row", "interest", "cap", "floor", "rule")
    )
    return indexed.join(found, on="row", how="left", maintain_order="left").drop("row")
