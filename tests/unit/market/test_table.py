"""Does one declaration give the check, the schema and the refusal?"""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from perpscope.errors import InputError
from perpscope.market.table import TABLES, Column, Table

T = datetime(2025, 1, 1, tzinfo=UTC)
SMALL = Table(
    "small",
    "three columns",
    ("name", "ts"),
    (
        Column("name", "text", "a name", required=True),
        Column("ts", "time", "a time", required=True),
        Column("rate", "float", "a rate", low=-1, high=1),
        Column("count", "int", "a count", low=0),
        Column("many", "floats", "numbers"),
        Column("sure", "flag", "whether"),
    ),
)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_declared_table_is_whole(table: Table) -> None:
    assert set(table.key) <= set(table.names)
    assert len(set(table.names)) == len(table.names)
    assert table.names[-1] == "source"
    assert table.empty().schema == table.schema()
    assert [column.name for column in table.columns if not column.meaning] == []
    assert table.conform(table.empty()).equals(table.empty())
    required = {column.name for column in table.columns if column.required}
    assert set(table.key) - {"interval_hours"} <= required


def test_absent_columns_become_null_in_the_declared_order() -> None:
    frame = SMALL.conform(pl.DataFrame({"ts": [T], "name": ["a"], "rate": [1]}))
    assert frame.columns == list(SMALL.names)
    assert frame.schema == SMALL.schema()
    assert frame.row(0) == ("a", T, 1.0, None, None, None)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"name": ["a"]}, "missing ts"),
        ({"name": ["a"], "ts": [T], "speed": [1]}, "foreign speed"),
        ({"name": ["a"], "ts": [T], "rate": ["fast"]}, "rows for the table small"),
    ],
)
def test_frames_that_are_not_of_this_table(columns: dict[str, list[object]], says: str) -> None:
    with pytest.raises(InputError, match=says):
        SMALL.conform(pl.DataFrame(columns))


def test_every_fault_of_every_row_is_named() -> None:
    frame = SMALL.conform(
        pl.DataFrame(
            {
                "name": ["fine", None, "nan", "high", "low"],
                "ts": [T, T, T, T, None],
                "rate": [0.5, None, float("nan"), 1.5, -float("inf")],
                "count": [0, None, 1, 1, -1],
            }
        )
    )
    found = dict(SMALL.faults(frame).iter_rows())
    assert found == {
        1: "name is missing",
        2: "rate is not a number",
        3: "rate is above 1",
        4: "ts is missing; rate is not a number; rate is below -1; count is below 0",
    }


def test_bounds_are_inclusive() -> None:
    frame = SMALL.conform(pl.DataFrame({"name": ["a", "b"], "ts": [T, T], "rate": [1.0, -1.0], "count": [0, 0]}))
    assert SMALL.faults(frame).is_empty()
