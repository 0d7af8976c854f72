"""Is the one convention behind printed yields found, and is none found where a number is wrong?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.analysis.printed.conventions import Figure, days_of, fitting, misses, readings, slack, whole_days
from perpscope.analysis.printed.yields import HOWS, How, annual
from perpscope.errors import InputError

GAINS = (0.02, 0.05, 0.11)
CAPITALS = {"collateral": 1000.0, "gross": 2000.0}


def made(how: How, capital: float, days: float, gains: tuple[float, ...] = GAINS) -> dict[str, Figure]:
    """Print yields of gains, to a thousandth of a per cent."""
    return {str(gain): Figure(gain * capital, round(annual(gain, days, how), 5), 1e-5) for gain in gains}


@pytest.mark.parametrize("capital", CAPITALS)
def test_the_convention_that_made_the_figures_is_the_only_one_found(capital: str) -> None:
    found = fitting(readings(made("compound", CAPITALS[capital], 56.0), CAPITALS))
    assert found is not None
    assert (found.how, found.capital) == ("compound", capital)
    assert found.shared is not None
    assert days_of(found.shared) == 56.0


@pytest.mark.parametrize("how", [how for how in HOWS if how != "compound"])
def test_other_ways_cannot_tell_twice_the_capital_from_half_the_days(how: How) -> None:
    tried = readings(made(how, 1000.0, 56.0), CAPITALS)
    spans = {reading.capital: reading.shared for reading in tried if reading.shared is not None and reading.how == how}
    assert set(spans) == set(CAPITALS)
    assert [2 * day for day in spans["gross"]] == pytest.approx(list(spans["collateral"]))
    assert fitting(tried) is None


@given(st.floats(1.004, 1.2), st.sampled_from(range(3)))
def test_one_wrong_profit_leaves_no_convention(factor: float, which: int) -> None:
    figures = made("compound", 1000.0, 56.0)
    name = str(GAINS[which])
    wrong = figures | {name: Figure(figures[name].profit * factor, figures[name].yearly, figures[name].unit)}
    assert fitting(readings(wrong, CAPITALS)) is None


def test_two_figures_at_least() -> None:
    with pytest.raises(InputError, match="one alone fits"):
        readings(made("compound", 1000.0, 56.0, (0.02,)), CAPITALS)


def test_a_profit_at_the_ends_of_its_slack_still_fits_and_beyond_does_not() -> None:
    figures = made("compound", 1000.0, 56.0)
    name = str(GAINS[1])
    room = slack(figures, 1000.0, "compound")[name]
    assert room is not None
    for profit, fits in ((room[0] * 1.000001, True), (room[1] * 0.999999, True), (room[0] * 0.9999, False), (room[1] * 1.0001, False)):
        moved = figures | {name: Figure(profit, figures[name].yearly, figures[name].unit)}
        found = [reading for reading in readings(moved, CAPITALS) if (reading.how, reading.capital) == ("compound", "collateral")]
        assert (found[0].shared is not None) is fits


def test_slack_is_unknown_where_the_others_disagree() -> None:
    figures = {"a": Figure(50.0, 0.4, 0.001), "b": Figure(50.0, 0.5, 0.001), "c": Figure(50.0, 0.45, 0.001)}
    assert slack(figures, 1000.0, "compound")["c"] is None


def test_the_horizon_to_name() -> None:
    assert [days_of(span) for span in ((55.99, 56.2), (55.9, 55.95), (55.0, 57.0))] == pytest.approx([56.0, 55.925, 56.0])
    assert whole_days((55.0, 57.0)) == (55, 56, 57)


def test_misses_are_in_units_of_the_last_digit() -> None:
    assert list(misses({"a": Figure(100.0, 0.19, 0.01)}, 1000.0, "simple", 182.5)["a"]) == pytest.approx([0.2, 1.0])
