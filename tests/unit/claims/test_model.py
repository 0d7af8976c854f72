"""Do claims, figures and reproductions refuse what they cannot be?"""

from __future__ import annotations

import math

import pytest

from perpscope.claims.model import Axis, Figure, Grid, Reproduction, Series, Text
from perpscope.errors import InputError
from tests.unit.claims.made import claim

SAME = Text.same("x")


def test_sentences_join_to_one_paragraph_in_each_language() -> None:
    assert Text.joined([Text("One.", "一。"), Text("Two.", "二。")]) == Text("One. Two.", "一。二。")


def test_what_no_input_can_move_is_told_with_its_reason() -> None:
    assert set(claim().still("scale")) == {"always", "ratio"}
    assert set(claim().still("shift")) == {"always"}
    assert claim().still("scale")["ratio"].zh == "无量纲"


def test_a_number_without_a_name_is_shown_by_its_key() -> None:
    assert claim().label("half_life") == Text.same("half life")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_found_number_is_a_number(value: float) -> None:
    with pytest.raises(InputError, match="no number for mean"):
        Reproduction(claim(), "holds", {"mean": value}, SAME, 1, None)


def test_a_verdict_is_one_of_four() -> None:
    with pytest.raises(InputError, match="Give one of holds"):
        Reproduction(claim(), "maybe", {}, SAME, 1, None)  # type: ignore[arg-type]  # the mistake that is tried


def test_a_series_has_as_many_ends_as_places() -> None:
    with pytest.raises(InputError, match="lengths"):
        Series(SAME, (1.0, 2.0), (1.0,))
    with pytest.raises(InputError, match="no edges"):
        Series(SAME, (1.0,), (1.0,), "band")
    with pytest.raises(InputError, match="colour"):
        Series(SAME, (1.0,), (1.0,), colour=8)


def test_a_table_has_one_cell_a_column() -> None:
    with pytest.raises(InputError, match="do not fit"):
        Grid(SAME, (SAME, SAME), ((1,),))


def test_plain_values_leave_for_programs() -> None:
    found = Reproduction(claim(), "holds", {"mean": 0.1}, Text("So.", "如此。"), 3, (0, 86_400_000), {"mean": (0.0, 0.2)})
    told = found.to_dict()
    assert told["window"] == ["1970-01-01T00:00:00Z", "1970-01-02T00:00:00Z"]
    assert told["found"] == {"mean": 0.1}
    assert told["intervals"] == {"mean": [0.0, 0.2]}
    assert told["unmoved"]["scale"] == [{"names": ["ratio"], "why": "no scale"}]


def test_a_figure_without_a_note_has_an_empty_one() -> None:
    assert Figure("a", SAME, Axis(SAME), Axis(SAME), ()).note == Text("", "")
