"""When was that, in milliseconds UTC?

Times come as numbers in four units, as texts with or without an offset, as datetimes with or without a zone, as dates.
A time without a zone is nobody's time: it is refused unless the mapping names its zone. Numbers are read by their
magnitude, which is unambiguous between 2008 and 2100 and refused elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from perpscope.errors import SourceError
from perpscope.market.time import to_ms

if TYPE_CHECKING:
    import polars as pl

EARLIEST, LATEST = to_ms("2008-01-01T00:00:00Z"), to_ms("2100-01-01T00:00:00Z")
_PER_MS = {"s": 1e-3, "ms": 1.0, "us": 1e3, "ns": 1e6}
_TEXT = r"^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?\s*(Z|z|UTC|[+-]\d\d:?\d\d)?$"
_NUMBER = r"^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?$"


@dataclass(frozen=True, slots=True)
class Stamps:
    """Times of a column.

    Parameters
    ----------
    ms : milliseconds UTC (Int64); null where a value is no time.
    fault : why a value is no time; null where it is one or is absent.
    dates : whether the column holds bare dates (their 00:00 UTC is in `ms`).
    """

    ms: pl.Series
    fault: pl.Series
    dates: bool = False


def read_stamps(values: pl.Series, facts: Mapping[str, Any]) -> Stamps:
    """Read a column of times.

    Parameters
    ----------
    values : the column, of any type. facts : `timezone` and `time_unit` where the mapping states them.

    Raises
    ------
    SourceError
        When the column names no zone, or its numbers are of several units.
    """
    import polars as pl

    kind = values.dtype
    if kind == pl.Date:
        return _stamps(values, values.cast(pl.Datetime("ms")).dt.timestamp("ms"), dates=True)
    if isinstance(kind, pl.Datetime):
        if kind.time_zone is None:
            values = _zoned(values, facts)
        return _stamps(values, values.dt.timestamp("ms"), "no such local time, or two of them (the clocks were changed)")
    if kind.is_numeric():
        return _numbers(values, facts)
    if kind != pl.String:
        raise SourceError(f"the times in {values.name}", f"they are of type {kind}", "Give numbers, ISO texts or datetimes.")
    texts = values.str.strip_chars()
    texts = texts.set(texts == "", None)
    if texts.drop_nulls().str.contains(_NUMBER).all():
        return _numbers(
            texts.cast(pl.Float64) if texts.drop_nulls().str.contains(r"[.eE]").any() else texts.cast(pl.Int64, strict=False), facts
        )
    return _texts(texts, facts)


def _stamps(values: pl.Series, ms: pl.Series, words: str = "no time", *, dates: bool = False) -> Stamps:
    import polars as pl

    found = pl.DataFrame({"v": values, "ms": ms}).select(
        pl.when((pl.col("ms") >= EARLIEST) & (pl.col("ms") < LATEST)).then(pl.col("ms")).alias("ms"),
        pl.when(pl.col("v").is_null() & pl.col("ms").is_null() & pl.lit(words == "no time"))
        .then(None)
        .when(pl.col("ms").is_null())
        .then(pl.lit(f"{values.name}: {words}"))
        .when((pl.col("ms") < EARLIEST) | (pl.col("ms") >= LATEST))
        .then(pl.lit(f"{values.name} is not between 2008 and 2100"))
        .alias("fault"),
    )
    return Stamps(found["ms"].cast(pl.Int64), found["fault"].cast(pl.String), dates)


def _zoned(values: pl.Series, facts: Mapping[str, Any]) -> pl.Series:
    """Give naive datetimes the zone the mapping states."""
    zone = facts.get("timezone")
    if zone is None:
        first = values.drop_nulls().head(1).to_list()
        raise SourceError(
            f"the times in {values.name}",
            f"they name no time zone (the first is {first[0] if first else 'absent'})",
            'State it in the mapping: timezone = "UTC", or the zone they are in.',
        )
    if zone[0] in "+-":
        return (values - timedelta(minutes=_minutes(zone))).dt.replace_time_zone("UTC")
    return values.dt.replace_time_zone(zone, ambiguous="null", non_existent="null").dt.convert_time_zone("UTC")


def _minutes(offset: str) -> int:
    sign = -1 if offset[0] == "-" else 1
    return sign * (int(offset[1:3]) * 60 + int(offset[-2:]))


def _numbers(values: pl.Series, facts: Mapping[str, Any]) -> Stamps:
    """Read numbers in the unit stated, else in the one unit that puts them between 2008 and 2100."""
    import polars as pl

    exact = values.cast(pl.Float64)
    units = [facts["time_unit"]] if "time_unit" in facts else list(_PER_MS)
    fitting = [u for u in units if ((exact >= EARLIEST * _PER_MS[u]) & (exact < LATEST * _PER_MS[u])).any()]
    if len(fitting) > 1:
        there = f"some are in {' and some in '.join(fitting)} since 1970"
        raise SourceError(f"the times in {values.name}", there, 'Split the file, or state time_unit = "ms".')
    if not fitting:
        first = values.drop_nulls().head(1).to_list()
        there = f"{first[0] if first else 'nothing'} is no time between 2008 and 2100 in {', '.join(units)}"
        raise SourceError(f"the times in {values.name}", there, "Give seconds, milliseconds, microseconds or nanoseconds since 1970.")
    scale = _PER_MS[fitting[0]]
    if scale >= 1 and values.dtype.is_integer():
        return _stamps(values, values.cast(pl.Int64) // int(scale))
    usable = exact.is_finite() & (exact.abs() < LATEST * _PER_MS["ns"])
    return _stamps(
        values, pl.DataFrame({"x": exact, "ok": usable}).select(pl.when("ok").then((pl.col("x") / scale).round()).cast(pl.Int64))["x"]
    )


def _texts(texts: pl.Series, facts: Mapping[str, Any]) -> Stamps:
    """Read ISO texts; an offset is taken off, a naive text needs the zone of the mapping."""
    import polars as pl

    names = ("date", "minute", "second", "fraction", "zone")
    parts = texts.to_frame("t").select(pl.col("t").str.extract(_TEXT, k + 1).alias(name) for k, name in enumerate(names))
    bad = texts.is_not_null() & parts["date"].is_null()
    if parts["minute"].null_count() == len(parts) and parts["date"].null_count() < len(parts):
        day = parts["date"].str.to_datetime("%Y-%m-%d", time_unit="ms", strict=False)
        return _with_bad(_stamps(texts, day.dt.timestamp("ms"), dates=True), texts, bad | (texts.is_not_null() & day.is_null()))
    clock = parts.select(
        pl.concat_str("date", pl.lit("T"), pl.col("minute").fill_null("00:00"), pl.lit(":"), pl.col("second").fill_null("00"))
        .str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="ms", strict=False)
        .alias(texts.name)
    ).to_series()
    extra = parts.select((pl.col("fraction").fill_null("0") + "000").str.slice(0, 3).cast(pl.Int64).alias("ms"), _offset().alias("offset"))
    naive = clock.is_not_null() & parts["zone"].is_null()
    if naive.any():
        if not naive.eq(clock.is_not_null()).all():
            raise SourceError(f"the times in {texts.name}", "some name a time zone and some do not", "Write every time with its zone.")
        local = _zoned(clock, facts).dt.timestamp("ms")
        lost = _stamps(clock, local + extra["ms"], "no such local time, or two of them (the clocks were changed)")
        return _with_bad(lost, texts, bad | (texts.is_not_null() & clock.is_null()))
    return _with_bad(
        _stamps(texts, clock.dt.timestamp("ms") + extra["ms"] - extra["offset"]), texts, bad | (texts.is_not_null() & clock.is_null())
    )


def _offset() -> pl.Expr:
    """Return the offset of a zone such as +08:00, ms; none for UTC."""
    import polars as pl

    sign = pl.when(pl.col("zone").str.starts_with("-")).then(-1).otherwise(1)
    digits = pl.col("zone").str.replace_all(r"[^\d]", "")
    offset = sign * (digits.str.slice(0, 2).cast(pl.Int64, strict=False) * 60 + digits.str.slice(2, 2).cast(pl.Int64, strict=False))
    return offset.fill_null(0) * 60_000


def _with_bad(stamps: Stamps, texts: pl.Series, bad: pl.Series) -> Stamps:
    import polars as pl

    found = pl.DataFrame({"f": stamps.fault, "t": texts, "bad": bad}).select(
        pl.when("bad").then(pl.format("{} {} is no time", pl.lit(texts.name), pl.col("t").str.slice(0, 40))).otherwise("f").alias("f")
    )
    return Stamps(stamps.ms, found["f"], stamps.dates)
