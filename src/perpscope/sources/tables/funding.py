"""How do columns of funding rates become rows of the table `funding`?

Rates become fractions per the row's own interval; the interval comes from its column, the mapping, or the spacing of
the stamps, never from habit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.errors import SourceError
from perpscope.sources.rates import wrong_units
from perpscope.sources.tables.faults import blamed, with_numbers
from perpscope.sources.tables.given import Given
from perpscope.sources.tables.stamps import as_time, slot_of, spaced_hours, with_times
from perpscope.sources.units import RateUnit, read_rate_unit
from perpscope.sources.venues import STATES_ACCRUAL

if TYPE_CHECKING:
    import polars as pl

NUMBERS = ("funding_rate", "interval_hours", "premium", "funding_rate_8h", "mark_price", "index_price")
_KINDS = ("settled", "next", "predicted")


def funding(frame: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Build rows of `funding` from columns in our words, who columns already resolved."""
    import polars as pl

    facts = given.facts
    unit = read_rate_unit(facts["rate_unit"]) if "rate_unit" in facts else RateUnit()
    frame = with_numbers(frame, NUMBERS)
    frame = with_times(frame, "ts" if "ts" in frame.columns else "date", given)
    frame = frame if "ts" in frame.columns else frame.rename({"date": "ts"})
    frame = frame.with_columns(_hours(frame, given).alias("interval_hours"))
    per = pl.col("interval_hours") / unit.hours if unit.hours else pl.lit(1.0)
    _require(frame, given)
    scaled = {"funding_rate": pl.col("funding_rate") * unit.scale * per if unit != RateUnit() else pl.col("funding_rate")}
    for word, name in (("premium", "premium_frac"), ("funding_rate_8h", "funding_rate_8h")):
        scaled[name] = (pl.col(word) if unit.scale == 1 else pl.col(word) * unit.scale) if word in frame.columns else pl.lit(None)
    frame = frame.with_columns(**scaled)
    if "rate_unit" not in facts:
        frame = _without_wrong_units(frame, given)
    return frame.with_columns(
        slot_of(pl.col("ts"), pl.col("interval_hours").fill_null(1.0)).alias("slot"),
        _word(frame, "kind", facts.get("rate_kind", "settled"), _KINDS).alias("kind"),
        _word(frame, "accrual", _accrual(frame, given), ("stamp", "continuous")).alias("accrual"),
        *((pl.col(word) if word in frame.columns else pl.lit(None)).alias(f"{word}_quote") for word in ("mark_price", "index_price")),
    ).with_columns(as_time(pl.col("ts")), as_time(pl.col("slot")))


def _without_wrong_units(frame: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Refuse rates that cannot be fractions; in a recording only those of the venue in question."""
    import polars as pl

    wrong = wrong_units(frame)
    if wrong and not given.mixed:
        do = 'State rate_unit in the mapping: "percent", "bp", or "fraction" if that is what they are.'
        raise SourceError(f"{given.asked}: rates as fractions", next(iter(wrong.values())), do)
    return blamed(frame, *((pl.col("venue") == venue, f"no fraction: {words}") for venue, words in wrong.items()))


def _hours(frame: pl.DataFrame, given: Given) -> pl.Expr:
    import polars as pl

    stated = given.facts.get("interval_hours")
    column = pl.col("interval_hours") if "interval_hours" in frame.columns else None
    if stated is None:
        if column is None or frame["interval_hours"].null_count() == frame.height > 0:
            given.lacks.add("interval_hours", "hours each rate is for")
        return pl.lit(None, dtype=pl.Float64()) if column is None else column
    filler = spaced_hours(frame) if stated == "stamps" else pl.lit(float(stated))
    return filler if column is None else column.fill_null(filler)


def _require(frame: pl.DataFrame, given: Given) -> None:
    facts = given.facts
    if "premium" in frame.columns and frame["premium"].null_count() < frame.height and "premium_is" not in facts:
        given.lacks.add("premium_is", "what its premium column averages")
    several = sorted(set(frame["venue"].drop_nulls().unique()) & STATES_ACCRUAL)
    if several and "accrual" not in frame.columns:
        for fact in ("accrual", "rate_is"):
            if fact not in facts:
                given.lacks.add(fact, f"{several[0]} publishes rates of several periods, paid continuously")


def _accrual(frame: pl.DataFrame, given: Given) -> str:
    contracts = frame.select("venue", "native_id").drop_nulls().unique().iter_rows()
    told = {given.known(venue, native_id).get("accrual", "stamp") for venue, native_id in contracts}
    return str(given.facts.get("accrual") or (told.pop() if len(told) == 1 else "stamp"))


def _word(frame: pl.DataFrame, word: str, stated: str, values: tuple[str, ...]) -> pl.Expr:
    """Take a column of words where it holds only known ones, else the stated word."""
    import polars as pl

    if word in frame.columns and frame[word].dtype == pl.String and frame[word].is_in(values).all():
        return pl.col(word)
    return pl.lit(stated)
