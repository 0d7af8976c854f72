"""Does the cost of leverage say on what and per what?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from perpscope.errors import InputError
from perpscope.trading.leverage import holding_cost
from perpscope.trading.leverage_answer import cost_answer
from perpscope.units import Rate

BASE = Rate.parse("0.01%/8h")


def test_the_theory_s_cost_of_leverage(shared: Path) -> None:
    checks = json.loads((shared / "spec" / "theory_checks.json").read_text(encoding="utf-8"))["checks"]
    (check,) = (one for one in checks if one["name"] == "leverage_cost_5x")
    cost = holding_cost(check["inputs"]["L"], Rate(check["inputs"]["r"], 8))
    assert cost.on_equity.per_year == pytest.approx(check["expected"], rel=0, abs=check["tol"])


def test_on_equity_and_on_notional_per_interval_day_and_year() -> None:
    cost = holding_cost(5, BASE)
    assert (cost.on_notional.per_interval, cost.on_notional.per_day, cost.on_notional.per_year) == (0.0001, 0.0003, 0.1095)
    assert (cost.on_equity.per_interval, cost.on_equity.per_day, cost.on_equity.per_year) == (0.0005, 0.0015, 0.5475)
    assert cost.on_notional.per_year_compounded == pytest.approx(1.0001**1095 - 1, rel=1e-9)  # expm1 against a power of 1,095
    assert cost.on_equity.per_year_compounded == pytest.approx(1.0005**1095 - 1, rel=1e-9)  # the same


@pytest.mark.parametrize("text", ["0.01%/8h", "0.00125%/h", "0.03%/day", "10.95%/year"])
def test_the_interval_changes_nothing_a_year(text: str) -> None:
    assert holding_cost(3, Rate.parse(text)).on_equity.per_year == pytest.approx(0.3285, rel=1e-15)  # one rounding of the text


def test_shorts_receive_what_longs_pay() -> None:
    cost = holding_cost(2, BASE, "short")
    assert (cost.on_equity.per_interval, cost.over(24), cost.break_even(24)) == (-0.0002, -0.0003, 0.0003)
    assert holding_cost(2, Rate(0.0, 8), "short").on_equity.per_year == 0


def test_break_even_moves_are_signed_by_the_side() -> None:
    assert holding_cost(2, BASE).break_even(24, 0.001) == pytest.approx(0.0013, rel=1e-15)  # one addition
    assert holding_cost(2, Rate(-0.0001, 8), "short").break_even(24) == -0.0003


@pytest.mark.parametrize(("hours", "stamps"), [(24, (3, 3)), (20, (2, 3)), (1, (0, 1)), (8, (1, 1))])
def test_how_many_payments_fall_into_a_time(hours: float, stamps: tuple[int, int]) -> None:
    assert holding_cost(1, BASE).stamps(hours) == stamps


def test_what_costs_everything_has_no_apy() -> None:
    assert holding_cost(100, Rate(-0.02, 8)).on_equity.per_year_compounded is None


def test_the_answer_names_its_bases() -> None:
    told = cost_answer(holding_cost(5, BASE), 720, 100_000, 0.001)
    held = told["holding"]
    assert isinstance(held, dict)
    assert (held["intervals"], held["on_notional"], held["on_equity"], held["total"]) == (90, 0.009, 0.045, 900)
    assert held["break_even_move"] == pytest.approx(0.01, rel=1e-15)  # one addition
    assert cost_answer(holding_cost(5, BASE), None, None)["holding"] is None


@pytest.mark.parametrize("leverage", [0.99, 0.0, -5.0, float("inf"), float("nan")])
def test_leverage_below_1_is_refused(leverage: float) -> None:
    with pytest.raises(InputError, match="Give 1 or more"):
        holding_cost(leverage, BASE)


def test_a_notional_below_0_is_refused() -> None:
    with pytest.raises(InputError, match="a notional: -1"):
        cost_answer(holding_cost(5, BASE), 1, -1)
