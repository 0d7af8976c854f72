"""How do candles and daily closes become rows of `prices` and `dated_futures`?

`ts` is the open of the bar and `close_ts` the moment its close was observed; which of the two a file's label is, and
at what time of which zone a day closes, only the mapping can say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from perpscope.errors import SourceError
from perpscope.sources.tables.faults import blamed, with_numbers
from perpscope.sources.tables.given import Given
from perpscope.sources.tables.stamps import as_time, with_times
from perpscope.sources.units import Close, read_bar, read_close, read_stamp
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

_OHLC = ("open", "high", "low", "close")
_TAKEN = ("taker_buy_base", "taker_buy_quote")
NUMBERS = (*_OHLC, "volume", "volume_base", "volume_quote", *_TAKEN, "bar_hours")
_MS_PER_SECOND, _MS_PER_MINUTE = 1_000, 60_000
ROUNDING = 1e-6
"""Relative difference that the digits of a file may leave between a volume and its part."""
DIGITS = 12
"""Digits of a length in hours: polars divides a column by a number through its reciprocal, which makes an hour 0.9999999999999999."""


def prices(frame: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Build rows of `prices`."""
    import polars as pl

    frame = frame.with_columns(_precision(frame, given).alias("precision"))
    frame = _with_label(_scaled(with_numbers(frame, NUMBERS), given), given)
    frame = with_numbers(frame, ("minutes",), pl.Int64())
    frame = frame.with_columns(_bar(frame, given).alias("bar_hours"), _kind(frame, given).alias("price_kind"))
    frame = _with_span(frame, given)
    frame = blamed(frame, (pl.col("high") < pl.col("low"), "high is below low")) if {"high", "low"} <= set(frame.columns) else frame
    base, quote = _volumes(frame, given)
    for name, whole in zip(_TAKEN, (base, quote), strict=True):
        if name in frame.columns:
            frame = blamed(frame, (pl.col(name) > whole * (1 + ROUNDING), f"{name} is above the volume it is part of"))
    return frame.with_columns(
        base.alias("volume_base"),
        quote.alias("volume_quote"),
        *((pl.col(word) if word in frame.columns else pl.lit(None)).alias(f"{word}_quote") for word in _OHLC),
        *([] if "minutes" in frame.columns else [pl.lit(None).alias("minutes")]),
        *((pl.when(_usual()).then(pl.col(name)) if name in frame.columns else pl.lit(None)).alias(name) for name in _TAKEN),
        as_time(pl.col("ts")),
        as_time(pl.col("close_ts")),
    )


def dated_futures(frame: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Build rows of `dated_futures`: daily settlements, labelled by their trading day."""
    import polars as pl

    frame = _with_label(_scaled(with_numbers(frame, ("close",)), given), given)
    if "close_at" not in given.facts:
        given.lacks.add("close_at", "when a day's close was observed")
        return frame
    day = pl.col("label") // (24 * MS_PER_HOUR) * (24 * MS_PER_HOUR)
    close = _closing(pl.col("label"), read_close(given.facts["close_at"]))
    return frame.with_columns(as_time(day).alias("ts"), as_time(close).alias("close_ts"), pl.col("close").alias("close_quote"))


def _scaled(frame: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Bring prices to quote units, where the mapping states their scale."""
    import polars as pl

    scale = float(given.facts.get("price_scale", 1))
    return frame if scale == 1 else frame.with_columns(pl.col(word) * scale for word in _OHLC if word in frame.columns)


def _with_label(frame: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Add `label` (ms): the time that names the bar."""
    import polars as pl

    word = "ts" if "ts" in frame.columns else "date"
    frame = with_times(frame, word, given)
    if "close_time" in frame.columns:
        frame = with_times(frame, "close_time", given)
    return frame.with_columns(pl.col(word).alias("label"))


def _precision(frame: pl.DataFrame, given: Given) -> pl.Expr:
    import polars as pl

    held = "float32" if frame.schema["close"] == pl.Float32 else "float64"
    return pl.lit(str(given.facts.get("precision", held)))


def _bar(frame: pl.DataFrame, given: Given) -> pl.Expr:
    """Hours of the bar: stated, in a column, or told by columns of opening and closing time."""
    import polars as pl

    if "bar" in given.facts:
        stated = read_bar(given.facts["bar"])
        if "close_time" in frame.columns and _opens(given):
            _meets(stated, frame.select(_between().alias("hours"))["hours"])
        return pl.lit(stated)
    if "bar_hours" in frame.columns:
        return pl.col("bar_hours")
    if "close_time" in frame.columns and _opens(given):
        return _between()
    given.lacks.add("bar", "length of its bars")
    return pl.lit(None, dtype=pl.Float64())


def _between() -> pl.Expr:
    """Hours from opening to closing time, which is the last millisecond or second of the bar, or the next bar's open."""
    import polars as pl

    span = pl.col("close_time") - pl.col("label")
    whole = pl.when((span + _MS_PER_SECOND) % _MS_PER_MINUTE == 0).then(span + _MS_PER_SECOND).otherwise(span + span % 2)
    return (whole / MS_PER_HOUR).round(DIGITS)


def _meets(stated: float, told: pl.Series) -> None:
    """Refuse a length of bars that the file's own times contradict in most rows."""
    other = told.filter((told - stated).abs() > 10.0**-DIGITS)
    if 2 * other.len() > told.len():
        there = f"the mapping says {stated:g} h, and opening and closing times of {other.len():,} rows are {other[0]:g} h apart"
        raise SourceError("the length of the bars", there, "Leave `bar` out: these times tell it.")


def _opens(given: Given) -> bool:
    return re.sub(r"[^a-z]", "", given.spelled.get("ts", "").lower()) == "opentime"


def _kind(frame: pl.DataFrame, given: Given) -> pl.Expr:
    import polars as pl

    if "price" in given.facts:
        return pl.lit(str(given.facts["price"]))
    if "price_kind" in frame.columns:
        return pl.col("price_kind")
    given.lacks.add("price", "what was priced")
    return pl.lit(None, dtype=pl.String())


def _with_span(frame: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Add `ts` (open of the bar) and `close_ts` (ms), by what the label is said to be."""
    import polars as pl

    length = (pl.col("bar_hours") * MS_PER_HOUR).round().cast(pl.Int64)
    label, facts = pl.col("label"), given.facts
    if "close_at" in facts:
        close = _closing(label, read_close(facts["close_at"]))
        opened = pl.when(close.is_not_null()).then(close - length).otherwise(label)
        return frame.with_columns(opened.alias("ts"), close.alias("close_ts"))
    if "stamp" not in facts and not _opens(given):
        given.lacks.add("stamp", "or close_at: which end of the bar its time is")
        return frame.with_columns(label.alias("ts"), label.alias("close_ts"))
    end, late = read_stamp(facts.get("stamp", "open"))
    opened = label - late if end == "open" else label - late - length
    return frame.with_columns(opened.alias("ts"), (opened + length).alias("close_ts"))


def _closing(label: pl.Expr, close: Close) -> pl.Expr:
    """Moment of the close (ms UTC) on the labelled date; null where it is unstated or does not exist in its zone."""
    import polars as pl

    if close.minutes is None:
        return pl.lit(None, dtype=pl.Int64())
    wall = label // (24 * MS_PER_HOUR) * (24 * MS_PER_HOUR) + close.minutes * _MS_PER_MINUTE
    if close.zone == "UTC":
        return wall
    if close.zone[0] in "+-":
        sign = -1 if close.zone[0] == "-" else 1
        return wall - sign * (int(close.zone[1:3]) * 60 + int(close.zone[4:6])) * _MS_PER_MINUTE
    local = wall.cast(pl.Datetime("ms")).dt.replace_time_zone(close.zone, ambiguous="earliest", non_existent="null")
    return local.dt.convert_time_zone("UTC").dt.timestamp("ms")


def _volumes(frame: pl.DataFrame, given: Given) -> tuple[pl.Expr, pl.Expr]:
    """Volumes in base and quote units, as far as their unit is known.

    A plain `volume` of trades of a spot or linear contract counts base units, as candles of exchanges do; of anything
    else its unit must be stated, or it is not kept. A column such as volume_usd is kept where USD is base or quote.
    """
    import polars as pl

    none = pl.lit(None, dtype=pl.Float64())
    found = {"base": none, "quote": none}
    for side in found:
        word = f"volume_{side}"
        if word in frame.columns:
            found[side] = pl.when(_same_asset(given.spelled.get(word, ""), side)).then(pl.col(word))
    if "volume" in frame.columns and frame["volume"].null_count() < frame.height:
        unit = given.facts.get("volume_unit")
        usual = _usual()
        if unit in found:
            found[unit] = pl.coalesce(found[unit], pl.col("volume"))
        elif unit is None:
            found["base"] = pl.coalesce(found["base"], pl.when(usual).then(pl.col("volume")))
            if not frame.select(usual.fill_null(value=False).all()).item():
                given.notes["volume of unstated unit is not kept (volume_unit = base, quote or contracts)"] = None
    return found["base"], found["quote"]


def _usual() -> pl.Expr:
    """Whether the volumes of a row count units of its base and quote: trades of a spot or linear contract."""
    import polars as pl

    return (pl.col("price_kind") == "trade") & pl.col("market").is_in(["spot", "linear"])


def _same_asset(spelled: str, side: str) -> pl.Expr:
    """Whether a column named after an asset (volume_btc) is of the row's own base or quote; true where it names none."""
    import polars as pl

    asset = re.sub(r"[^a-z]|volume|base|quote|asset", "", spelled.lower()).upper()
    return pl.lit(value=True) if not asset else pl.col(side) == ("BTC" if asset == "XBT" else asset)
