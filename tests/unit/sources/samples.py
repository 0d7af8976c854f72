"""Small files made for tests, and what a mapping says about them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from perpscope.sources import Entry, Part, Reading, read_file
from perpscope.sources.mapping import Case

HOUR = 3_600_000
START = 1_704_067_200_000  # 2024-01-01T00:00:00Z
BYBIT = {"venue": "bybit", "market": "linear"}


def stamps(count: int, hours: float = 8, start: int = START) -> pl.Series:
    step = round(hours * HOUR)
    return pl.Series("ts", range(start, start + count * step, step)).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")


def funding(count: int = 40, **columns: Any) -> pl.DataFrame:  # noqa: ANN401 - columns
    frame = pl.DataFrame(
        {"ts": stamps(count), "symbol": ["BTCUSDT"] * count, "funding_rate": [0.0001] * count, "interval_hours": [8.0] * count}
    )
    return frame.with_columns(
        **{name: value if isinstance(value, pl.Series | pl.Expr) else pl.Series(name, value) for name, value in columns.items()}
    )


def bars(count: int = 4, hours: float = 1, **columns: Any) -> pl.DataFrame:  # noqa: ANN401 - columns
    frame = pl.DataFrame(
        {"ts": stamps(count, hours), "open": [1.0] * count, "high": [2.0] * count, "low": [0.5] * count, "close": [1.5] * count}
    )
    return frame.with_columns(
        **{name: value if isinstance(value, pl.Series | pl.Expr) else pl.Series(name, value) for name, value in columns.items()}
    )


def entry(*cases: tuple[Mapping[str, str | Sequence[str]], Mapping[str, Any]], **facts: Any) -> Entry:  # noqa: ANN401 - facts
    listed = tuple(
        Case(tuple((name, (value,) if isinstance(value, str) else tuple(value)) for name, value in when.items()), dict(told))
        for when, told in cases
    )
    return Entry(facts, listed)


def parquet(folder: Path, frame: pl.DataFrame, name: str = "data.parquet") -> Path:
    frame.write_parquet(folder / name)
    return folder / name


def text(folder: Path, content: str, name: str = "data.csv") -> Path:
    (folder / name).write_text(content, encoding="utf-8")
    return folder / name


def lines(folder: Path, *messages: Any, name: str = "data.jsonl") -> Path:  # noqa: ANN401 - JSON
    return text(folder, "".join(json.dumps(message) + "\n" for message in messages), name)


def read(path: Path, **facts: Any) -> Reading:  # noqa: ANN401 - facts
    return read_file(path, entry(**facts))


def only(reading: Reading) -> Part:
    (part,) = reading.parts
    return part


def reasons(part: Part) -> list[tuple[int, str]]:
    return [(int(row), str(reason)) for row, reason in part.rejected.sort("row").iter_rows()]
