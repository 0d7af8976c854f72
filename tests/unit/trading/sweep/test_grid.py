"""Is a grid what was written, and is what cannot be one refused?"""

from __future__ import annotations

import math

import pytest

from perpscope.errors import InputError
from perpscope.trading.sweep.grid import Grid, ParameterSet, read_axis, read_grid

INF = math.inf


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("enter", "0%..20%/5", (0.0, 0.05, 0.1, 0.15, 0.2)),
        ("enter", "-5% .. 5% / 3", (-0.05, 0.0, 0.05)),
        ("enter", "0..0.3/4", (0.0, 0.1, 0.2, 0.3)),
        ("enter", "10%", (0.1,)),
        ("enter", "0.01%/8h, none", (0.1095, -INF)),
        ("look", "1,3,9", (1.0, 3.0, 9.0)),
        ("leverage", "1..3/5", (1.0, 1.5, 2.0, 2.5, 3.0)),
        ("most_hours", "24, none", (24.0, INF)),
        ("exit", "1%, 1%, 2%", (0.01, 0.02)),
    ],
)
def test_an_axis_is_what_was_written(name: str, text: str, values: tuple[float, ...]) -> None:
    assert read_axis(name, text) == values


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("enters", "1%", "no such parameter"),
        ("enter", "", "no values"),
        ("enter", "many", "'many' is no number"),
        ("enter", "20%..0%/5", "rising span"),
        ("enter", "0%..20%/1", "two values or more"),
        ("enter", "0%..x/3", "'x' is no number"),
    ],
)
def test_what_is_no_axis_is_refused(name: str, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_axis(name, text)


def test_a_grid_is_every_combination_that_enters_above_where_it_leaves() -> None:
    found = Grid.of({"leverage": (2.0, 1.0), "exit": (0.0, 0.1), "enter": (0.05, 0.1)})
    told = [(one.enter, one.exit, one.leverage) for one in found.sets]
    assert told == [(0.05, 0.0, 2.0), (0.05, 0.0, 1.0), (0.1, 0.0, 2.0), (0.1, 0.0, 1.0), (0.1, 0.1, 2.0), (0.1, 0.1, 1.0)]
    assert found.dropped == 2
    assert {one.look for one in found.sets} == {3}


def test_grids_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="no such parameter"):
        Grid.of({"size": (1.0,)})
    with pytest.raises(InputError, match="leaves above where it enters"):
        Grid.of({"enter": (0.0,), "exit": (0.1,)})
    with pytest.raises(InputError, match="1,000,000 combinations"):
        Grid.of({"enter": tuple(map(float, range(1000))), "exit": tuple(map(float, range(1000)))})
    with pytest.raises(InputError, match="whole numbers"):
        Grid.of({"look": (1.5,)})
    with pytest.raises(InputError, match="Give 1 or more"):
        Grid.of({"leverage": (0.5,)})
    with pytest.raises(InputError, match="look 0"):
        Grid.of({"look": (0.0,)})


def test_a_file_says_the_same_as_a_line() -> None:
    document = {"grid": {"enter": "0%..20%/5", "exit": [0, "1%"], "look": 3, "leverage": [1, 2.5]}}
    found = read_grid(document)
    line = {"enter": read_axis("enter", "0%..20%/5"), "exit": (0.0, 0.01), "look": (3.0,), "leverage": (1.0, 2.5)}
    assert found == Grid.of(line)
    several: list[dict[str, object]] = [{}, {"grid": []}, {"grid": {}}]
    for broken in several:
        with pytest.raises(InputError, match=r"no table \[grid\]"):
            read_grid(broken)
    with pytest.raises(InputError, match="True"):
        read_grid({"grid": {"look": True}})


def test_a_set_survives_being_told() -> None:
    one = ParameterSet(0.1, -INF, 5, 2.0, stay_hours=8.0)
    assert one.told() == {
        "enter": 0.1, "exit": None, "look": 5, "leverage": 2.0, "stay_hours": 8.0, "rest_hours": 0.0, "most_hours": None
    }  # fmt: skip
    assert ParameterSet.of(one.told()) == one
    assert one.policy.stay_hours == 8.0
