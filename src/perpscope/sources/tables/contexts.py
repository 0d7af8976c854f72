"""How do instants of a contract become rows of `contexts` and `premium_samples`?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.market.table import CONTEXTS
from perpscope.sources.tables.faults import blamed, with_numbers
from perpscope.sources.tables.given import Given
from perpscope.sources.tables.stamps import as_time, with_observation, with_times
from perpscope.sources.units import RateUnit, read_rate_unit

if TYPE_CHECKING:
    import polars as pl

_WORDS = {
    "mark_price": "mark_price_quote",
    "index_price": "index_price_quote",
    "mid_price": "mid_price_quote",
    "impact_bid": "impact_bid_quote",
    "impact_ask": "impact_ask_quote",
    "premium": "premium_frac",
    "open_interest": "open_interest_base",
}
_RATES = ("funding_rate", "predicted_rate")


def contexts(frame: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Build rows of `contexts`; columns may carry our words or the table's own names."""
    import polars as pl

    frame = frame.rename({word: name for word, name in _WORDS.items() if word in frame.columns and name not in frame.columns})
    floats = [column.name for column in CONTEXTS.columns if column.kind == "float"]
    frame = with_numbers(frame, floats)
    unit = read_rate_unit(given.facts["rate_unit"]) if "rate_unit" in given.facts else RateUnit()
    if unit.scale != 1:
        frame = frame.with_columns(pl.col(name) * unit.scale for name in (*_RATES, "premium_frac") if name in frame.columns)
    if isinstance(given.facts.get("interval_hours"), int | float):
        stated = pl.lit(float(given.facts["interval_hours"]))
        frame = frame.with_columns(
            (pl.col("interval_hours").fill_null(stated) if "interval_hours" in frame.columns else stated).alias("interval_hours")
        )
    frame = with_observation(frame, given)
    if "next_funding" in frame.columns:
        frame = with_times(frame, "next_funding", given)
        frame = frame.with_columns(as_time(pl.col("next_funding")))
    return _finished(_last_words(frame) if given.mixed else frame, floats)


def _last_words(frame: pl.DataFrame) -> pl.DataFrame:
    """Of several messages about one contract at one instant only the last counts."""
    import polars as pl

    key = pl.struct("venue", "market_list", "native_id", "ts")
    return blamed(frame, (pl.col("ts").is_not_null() & ~key.is_last_distinct(), "a later message says the same instant anew"))


def _finished(frame: pl.DataFrame, floats: list[str]) -> pl.DataFrame:
    import polars as pl

    held = [name for name in floats if name in frame.columns]
    empty = pl.all_horizontal(pl.col(name).is_null() for name in held) if held else pl.lit(value=True)
    frame = blamed(frame, (empty & (pl.col("fault") == ""), "it holds none of the numbers kept"))
    absent = [column.name for column in CONTEXTS.columns if column.name not in frame.columns and column.name != "source"]
    return frame.with_columns(as_time(pl.col("ts")), *(pl.lit(None).alias(name) for name in absent))


def premium_samples(frame: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Build rows of `premium_samples`."""
    import polars as pl

    frame = with_observation(with_numbers(frame, ("premium",)), given)
    if "premium_is" not in given.facts:
        given.lacks.add("premium_is", "what its premium measures")
    unit = read_rate_unit(given.facts["rate_unit"]) if "rate_unit" in given.facts else RateUnit()
    scaled = pl.col("premium") if unit.scale == 1 else pl.col("premium") * unit.scale
    return frame.with_columns(as_time(pl.col("ts")), scaled.alias("premium_frac"))
