"""How do lending rates become rows of `lending_rates`?

A rate belongs to an asset, not to a contract; whether lenders earn it or borrowers pay it, and its unit, are stated or told by the column's
own name, never taken from habit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.errors import InputError
from perpscope.sources.tables.faults import with_numbers
from perpscope.sources.tables.given import Given
from perpscope.sources.tables.stamps import as_time, with_times
from perpscope.sources.units import RateUnit, read_rate_unit
from perpscope.sources.venues import venue_of
from perpscope.units import HOURS_PER_YEAR

if TYPE_CHECKING:
    import polars as pl

MARKET = "lending"
_SIDES = {"borrow": "borrow", "supply": "supply", "deposit": "supply", "liquidity": "supply"}
"""Words in a column's name -> side of its rates."""


def identify_assets(frame: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Add whose rows these are: venue, native_id, symbol (the asset in capitals), market, market_list."""
    import polars as pl

    facts = given.facts
    words = {"venue": "venue", "native_id": "symbol" if "native_id" not in frame.columns else "native_id"}
    said: dict[str, pl.Expr] = {}
    for name, word in words.items():
        fact = "symbol" if name == "native_id" else name
        column = pl.col(word).cast(pl.String).str.strip_chars() if word in frame.columns else pl.lit(None, dtype=pl.String())
        said[name] = pl.lit(str(facts[fact])) if fact in facts else pl.when(column != "").then(column)
        if fact not in facts and word not in frame.columns:
            given.lacks.add(fact, "whose lending rates" if name == "venue" else "of which asset")
    told = frame.with_columns(**said)
    ids: dict[str, str] = {}
    for word in told["venue"].drop_nulls().unique():
        found = venue_of(word, "spot", stated="venue" in facts, new=bool(facts.get("new_venue")))
        if not found.id:
            given.lacks.add("venue", f"{word} may be {' or '.join(found.choices)}")
        ids[word] = found.id
    return told.drop([name for name in ("symbol", "market", "market_list") if name in frame.columns]).with_columns(
        pl.col("venue").replace_strict(ids, default=None, return_dtype=pl.String()),
        pl.col("native_id").str.to_uppercase().alias("symbol"),
        pl.lit(MARKET).alias("market"),
        pl.lit(str(facts.get("market_list", ""))).alias("market_list"),
    )


def lending_rates(frame: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Build rows of `lending_rates`."""
    import polars as pl

    facts = given.facts
    frame = with_times(with_numbers(frame, ("lending_rate",)), "ts" if "ts" in frame.columns else "date", given)
    spelled = given.spelled.get("lending_rate", "").lower()
    named = next((side for word, side in _SIDES.items() if word in spelled), None)
    side = facts.get("rate_side") or named
    if named is not None and side != named:
        raise InputError(
            f"{given.asked}: rate_side = {side}",
            f"its column is called {given.spelled['lending_rate']}",
            "State the other side, or rename it.",
        )
    if side is None:
        given.lacks.add("rate_side", "whether lenders earn the rate or borrowers pay it")
    if "rate_unit" not in facts:
        given.lacks.add("rate_unit", 'unit of its rates, "fraction" or "percent" a year')
    unit = read_rate_unit(facts["rate_unit"]) if "rate_unit" in facts else RateUnit()
    scale = unit.scale * (HOURS_PER_YEAR / unit.hours if unit.hours else 1.0)
    return frame.with_columns(
        as_time(pl.col("ts" if "ts" in frame.columns else "date")).alias("ts"),
        pl.lit(side, dtype=pl.String()).alias("side"),
        (pl.col("lending_rate") * scale).alias("lending_rate_1y"),
    )
