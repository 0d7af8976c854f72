"""Are formulas recognised by what they say, worked out right, and wrong numbers never let through?

Expected numbers are computed here, from other texts than those under test, or by hand.
"""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.unit.claims.theory.made import check, judged, status

DISCRETE = {"x": 10_000, "kappa": 0.01, "iota": 0.005, "r_a": "exp(.04*.25)-1", "r_b": "exp(.02*.25)-1"}
YEARLY = {"x": 10_000, "kappa": 0.2, "iota": 0.005, "r_a": 0.04, "r_b": 0.02}
QUANTO = {"x": 2000, "kappa": 10, "iota": 0.1, "r_a": 0.05, "r_c": 0.03, "rho": 0.83, "sx": 1.03, "sz": 0.78}
MARKET = {"theta": 10.0, "eta": 5.0, "Lambda": 20.0, "k": 0.2, "W": 1.0, "m": 0.5}
CLAMP = {"P": 0.001, "I": 0.0001, "g": 0.0005}
BOUNDS = {"kS": 0.00018, "f": -0.0001, "G": 60, "I": 60_000}
QUOTES = {"bid": 99.9, "ask": 100.1, "idx": 100.0}
GOLD = {"close": 100.0, "longs": [[0.03, 5], [0.01, 5]], "shorts": [[0.0, 6], [0.02, 4]]}

# QuantLib 1.44 gives the two discrete inverse prices and the linear one on the spot after (see tests/differential)
RIGHT: list[tuple[str, dict[str, Any], Any, float]] = [
    ("I=x[(1+k)(1+ra)-(1+rb)]/[(k-i_inv)(1+ra)]", {**DISCRETE, "iota": 0.005}, 29975.0416146, 1e-6),
    ("I = x(k+ra-rb)/(k-i_inv)", YEARLY, 11282.0512821, 1e-6),
    ("I = x(k+ra-rb)/(k+i), our sign: a long pays i", YEARLY, 10731.7073171, 1e-6),
    ("Funding on end-of-period spot: f = x(k-i)(1+ra)/[(1+rb)-(1+ra)+k(1+ra)]", DISCRETE, 9975.1037518, 1e-6),
    ("f = x(κ−ι)/(κ + r_b − r_a)", YEARLY, 10833.3333333, 1e-6),  # noqa: RUF001 - as papers print it
    ("linear perpetual, continuous", YEARLY, 10833.3333333, 1e-6),
    ("f=x*k/(k+rc-ra)=E[x_tau], tau~Exp(k)", {"x": 500.0, "kappa": 4.0, "iota": 0, "r_a": 0.05, "r_c": 0.01}, 2000 / 3.96, 1e-9),
    ("q = x (k-i)/(k + rc - ra - rho sx sz)", QUANTO, 19800 / 9.313178, 1e-9),
    ("quanto perpetual price, continuous", QUANTO, 19800 / 9.313178, 1e-9),
    ("iota*=ra-rb", {"r_a": 0.05, "r_b": 0.01}, 0.04, 1e-12),
    ("phi(S)=S^2 -> (2r+s^2)S^2", {"r": 0.05, "s": 0.5, "S": 3.0}, 3.15, 1e-12),
    ("r S phi' + 0.5 s^2 S^2 phi'', phi = S^2", {"r": 0.05, "sigma": 0.5, "S": 3.0}, 3.15, 1e-12),
    ("funding that pegs the mark at phi(S)", {"r": 0.05, "s": 0.5, "S": 3.0, "phi": "S^2"}, 3.15, 1e-12),
    ("L=(1-kS)+|f|-G/I, U=(1+kS)-|f|+G/I", BOUNDS, [0.99892, 1.00108], 1e-12),
    ("L=(1-kS)+|f|-G/I and U=(1+kS)-|f|+G/I", BOUNDS, {"U": 1.00108, "L": 0.99892}, 1e-12),
    ("rho=(theta-W/m)/eta binding", MARKET, 1.6, 1e-12),
    ("rho=(theta-W/m)/eta if L(rho-k)>W/m", MARKET, 1.6, 1e-12),
    ("rho=(theta+L k)/(eta+L) slack, (theta-W/m)/eta binding", MARKET, 1.6, 1e-12),
    ("impact 1/(eta+L)", {"eta": 5.0, "Lambda": 20.0}, 0.04, 1e-12),
    ("X=min{L(rho-k),W/m}", {"Lambda": 20.0, "rho": 0.56, "k": 0.2, "W": 4.0, "m": 0.5}, 7.2, 1e-12),
    ("P=[max(0,ImpactBid-Idx)-max(0,Idx-ImpactAsk)]/Idx", QUOTES, 0.0, 1e-12),
    ("F_N = [P + clamp(I-P,-g,g)]/(8/N)", {**CLAMP, "N": 1}, 0.0000625, 1e-15),
    ("F=(P+clamp(I-P,-g,g))/8 per hour", CLAMP, 0.0000625, 1e-15),
    ("F = P + clamp(I-P, -0.05%, 0.05%)", {"P": 0.001, "I": "0.01%"}, 0.0005, 1e-15),
    ("F(P)=I exactly iff I-g <= P <= I+g", {"I": 0.0, "g": 0.0003}, [-0.0003, 0.0003], 1e-15),
    ("(1+r)^8760-1", {"r": 0.0000125}, math.expm1(8760 * math.log1p(0.0000125)), 1e-12),
    ("Pbar=sum(i*P_i)/sum(i)", {"n": 5760, "P_i": "i*1e-6"}, 11521 / 3 * 1e-6, 1e-12),
    ("Pbar=mean(P_i)", {"P_i": [0.0001, 0.0002, 0.0006]}, 0.0003, 1e-15),
    ("CGSE: the charge equates deliveries and receipts", GOLD, 0.01, 1e-12),
    ("Gehr's auction of the carry", GOLD, {"charge": 0.01, "next_base": 100.01, "deliveries": 4}, 1e-9),
    ("s(t+1) = f(t+1) - f(t) + d(t+1) - r f(t)", {"f0": 100.0, "f1": 101.0, "d1": 0.5, "r": 0.001}, 1.4, 1e-12),
    ("D=k mu^2.5 delta^.5 sigma^-.5 alpha^-2", {"k": 2.0, "mu": 4.0, "delta": 9.0, "sigma": 4.0, "alpha": 2.0}, 24.0, 1e-12),
    ("E(1+1/L)/(1+mm)", {"E": 100.0, "L": 10, "mm": 0.005}, 109.4527363184, 1e-9),
    ("liquidation price of a linear short", {"E": 100.0, "L": 10, "mm": 0.005}, 109.4527363184, 1e-9),
    ("E(1+mm)/(1+1/L)", {"E": 20_000, "L": 10, "mm": 0.005}, 18272.7272727, 1e-6),
    ("N(1/E-1/X)", {"N": 10_000, "entry": 20_000, "exit": 16_000}, -0.125, 1e-12),
    ("F/S = k/(k + sgn(iota-r) g - r)", {"r": 0.0002, "iota": 0.0001, "g": 0.0005, "kappa": 1}, 1 / 0.9993, 1e-12),
    ("rho_u=kappa*c, c=2(cS+cF), kappa=1095 (%/yr)", {"c_spot": 0.0006, "c_fut": 0.0001}, 153.3, 1e-9),
    ("rho=kappa(F-S)/F+sgn(iota-r)*gamma-r (annual)", {"F": 59_900, "S": 60_000, "r": 0.2}, -109_500 / 59_900 - 0.7475, 1e-9),
    ("r*=Phi((F-S)/F) annualised", {"F": 59_990, "S": 60_000}, 0.1095, 1e-12),
    ("rho at AHJ no-clamp price = sgn(iota-r)*gamma*1095", {"gamma": 0.0003}, 32.85, 1e-9),
    ("P(I-g<=P<=I+g), P~N(0,sd)", {"sd": 0.0005, "mean": 0.0001, "I": 0.0001, "g": 0.0005}, math.erf(math.sqrt(0.5)), 1e-12),
    ("dx=x-k/(y+dy)", {"x": 100, "y": 200_000.0, "dy": -2000.0}, -200 / 198, 1e-12),
    ("s=(mu/alpha)(0.28+1.86 eps^.75) where eps=delta/mu", {"mu": 1.0, "alpha": 0.1, "delta": 0.0016}, 2.8 + 18.6 * 0.008, 1e-9),
    ("A(1-e^-y)(n_imb+B)/n_tot", {"A": 1.12, "y": 1.5, "n_imb": 0.4, "B": 0.2, "n_tot": 10}, 0.0672 * -math.expm1(-1.5), 1e-12),
    ("k+rb-ra > 0", YEARLY, True, 0),
    ("x(k-i)/(k+rb-ra) = x", {**YEARLY, "iota": 0.02}, True, 0),
]


@pytest.mark.parametrize(("formula", "inputs", "expected", "tol"), RIGHT)
def test_what_theory_says_is_worked_out(formula: str, inputs: dict[str, Any], expected: object, tol: float) -> None:
    (row,) = judged(check(formula, inputs, expected, tol))
    assert row["status"] == "pass", row


@pytest.mark.parametrize(("formula", "inputs", "expected", "tol"), RIGHT)
def test_a_wrong_number_fails(formula: str, inputs: dict[str, Any], expected: object, tol: float) -> None:
    assert status(formula, inputs, _wrong(expected, tol), tol) == "fail"


def _wrong(expected: Any, tol: float) -> Any:  # noqa: ANN401 - as files hold it
    if isinstance(expected, bool):
        return not expected
    if isinstance(expected, list):
        return [*expected[:-1], _wrong(expected[-1], tol)]
    if isinstance(expected, dict):
        return {name: _wrong(value, tol) for name, value in expected.items()}
    return expected + 3 * tol + 1e-8 * abs(expected)


WRONG = [
    ("F = P - clamp(I-P,-g,+g)", CLAMP, 0.0015),
    ("f=x(k-i)/(k+ra-rb)", YEARLY, 1950 / 0.22),
    ("f=x(k-i)/(k+rb-ra)", {**YEARLY, "kappa": 0.01, "iota": 0.001}, -9000.0),
    ("f=d0(1+g)/(r-g)", {"d0": 1.0, "g": 0.05, "r": 0.02}, -35.0),
    ("rho=(theta+L k)/(eta+L)", MARKET, 0.56),
    ("rho=(theta+L k)/(eta+L) if L(rho-k)<=W/m", MARKET, 0.56),
    ("F/S in [1/(1+g-r),1/(1-g-r)] if r=iota", {"r": 0.0002, "iota": 0.0001, "gamma": 0.0005}, [1 / 1.0003, 1 / 0.9993]),
    ("E(1+1/L)/(1+mm)", {"E": 100.0, "L": 10, "mm": 1.5}, 44.0),
]


@pytest.mark.parametrize(("formula", "inputs", "expected"), WRONG)
def test_a_formula_that_is_not_the_thing_does_not_pass_by_its_own_arithmetic(
    formula: str, inputs: dict[str, Any], expected: object
) -> None:
    (row,) = judged(check(formula, inputs, expected, 1e-9))
    assert row["status"] in {"disputed", "unsupported", "fail"}
    assert row["reason"]


def test_text_and_model_that_differ_are_a_dispute_where_one_is_expected_and_a_failure_where_none_is() -> None:
    wrong = "F = P - clamp(I-P,-g,+g)"
    (row,) = judged(check(wrong, CLAMP, 0.0015))
    assert (row["status"], row["got"]) == ("disputed", pytest.approx(0.0005))
    assert "as written it gives 0.0015; clamped rate gives 0.0005" in row["reason"]
    assert status(wrong, CLAMP, 0.0005) == "disputed"
    assert status(wrong, CLAMP, 0.0007) == "fail"


UNREAD: list[tuple[str, dict[str, Any], Any]] = [
    ("the price is right", {"r": 0.0001}, 1.0),
    ("rho sx sz", {"rho": 0.8, "sx": 0.5}, 0.4),
    ("r*3*365", {"r": 0.0001}, True),
    ("r*3*365", {"r": 0.0001}, "much"),
    ("r*3*365", {"r": None}, 0.1095),
    ("r*3*365", {"r": True}, 1095.0),
    ("1/x", {"x": 0}, 0.0),
    ("sqrt(x)", {"x": -1}, 0.0),
    ("9^9^9^9", {"r": 1}, 0.0),
    ("__import__('os').getcwd()", {"r": 1}, 0.0),
    ("(lambda: r)()", {"r": 1}, 1.0),
    ("(" * 250 + "r" + ")" * 250, {"r": 1}, 1.0),
    ("r" * 700, {"r": 1}, 1.0),
    ("", {"r": 1}, 1.0),
    ("same", {"r": 1}, 1.0),
    ("a=b, b=a", {"r": 1}, 1.0),
    ("clamp(x,hi,lo)", {"x": 1, "hi": 2, "lo": 0}, 0.0),
    ("quanto perpetual price", {**QUANTO, "fee": 0.1}, 19800 / 9.313178),
]


@pytest.mark.parametrize(("formula", "inputs", "expected"), UNREAD)
def test_what_is_not_understood_is_unsupported_and_says_why(formula: str, inputs: dict[str, Any], expected: object) -> None:
    (row,) = judged(check(formula, inputs, expected, 0.1))
    assert row["status"] == "unsupported", row
    assert row["reason"]


NAMED: list[tuple[str, dict[str, Any], Any, dict[str, Any]]] = [
    ("AHJ Prop. 2", DISCRETE, 29975.0416146, {"name": "inverse_perp_discrete", "source": "QuantLib"}),
    ("Prop. 2", {**DISCRETE, "iota": -0.005}, 29975.0416146, {"name": "inverse_perp_discrete", "source": "what a long pays"}),
    ("Prop. 4", YEARLY, 11282.0512821, {"name": "inverse_perp_continuous", "source": "AHJ"}),
    ("end of section 3", DISCRETE, 9975.1037518, {"name": "linear_perp_end_of_period"}),
    ("isolated margin", {"side": "short", "E": 100.0, "L": 10, "mm": 0.005}, 109.4527363184, {}),
    ("isolated margin, inverse", {"side": "long", "E": 20_000.0, "L": 10, "mm": 0.005}, 18272.7272727, {}),
    (
        "Dutch auction",
        {"delivered_long": 100, "delivered_short": 80, "bids": [], "asks": [[0.0001, 10], [0.00015, 10]]},
        {"clearing_price": 0.00015, "funding_rate": -0.00015},
        {},
    ),
    ("charge c*", {**GOLD, "longs": [{"qty": 5, "max": 0.03}, {"qty": 5, "max": 0.01}]}, 0.01, {}),
    ("F(P) is nondecreasing in P", {"I": 0.0001, "g": 0.0005}, True, {"cls": "property"}),
    ("F(P) is continuous in P", {"I": 0.0001, "g": 0.0005}, True, {"cls": "property"}),
    ("f=x iff iota=iota*", {"x": 100, "kappa": 0.5, "r_a": 0.05, "r_b": 0.02}, True, {"cls": "property"}),
    ("no convexity gap is left", {"x": 100, "kappa": 0.5}, True, {"cls": "property"}),
]


@pytest.mark.parametrize(("formula", "inputs", "expected", "more"), NAMED)
def test_what_only_words_say_is_recognised_where_the_inputs_leave_no_doubt(
    formula: str, inputs: dict[str, Any], expected: object, more: dict[str, Any]
) -> None:
    tol = 1e-6 if isinstance(expected, float) and expected > 1 else 1e-12
    (right,) = judged(check(formula, inputs, expected, tol, **more))
    assert right["status"] == "pass", right
    assert status(formula, inputs, _wrong(expected, tol), tol, **more) == "fail"


def test_a_property_of_no_clamp_is_unsupported() -> None:
    assert status("F(P) is nondecreasing in P", {"I": 0.0001, "g": 0.0}, expected=True, cls="property") == "unsupported"


def test_a_name_alone_makes_no_formula() -> None:
    assert status("no idea", {"r": 0.0001}, 0.1095, name="annualise_simple") == "unsupported"
    assert status("inverse perpetual", DISCRETE, 29975.0416146, 1e-6) == "unsupported"


def test_sides_of_a_formula_that_differ_are_a_dispute() -> None:
    (row,) = judged(check("y = x^2 = 2 x", {"x": 3.0}, 9.0))
    assert row["status"] == "disputed"
    assert status("y = x^2 - 1 = (x-1)(x+1)", {"x": 3.0}, 8.0) == "pass"


def test_same_means_the_nearest_formula_of_the_same_inputs() -> None:
    first = check("r*3*365", {"r": 0.0001}, 0.1095)
    rows = judged(
        check("same", QUOTES, 0.0),
        first,
        check("P=[max(0,ImpactBid-Idx)-max(0,Idx-ImpactAsk)]/Idx", QUOTES, 0.0),
        check("same rule", QUOTES, 0.0),
    )
    assert [row["status"] for row in rows] == ["pass"] * 4


def test_tolerances_are_absolute_unless_they_say_relative() -> None:
    assert status("r*3*365", {"r": 0.0001}, 0.11, 0.001) == "pass"
    assert status("r*3*365", {"r": 0.0001}, 0.11, 0.004) == "pass"
    assert status("r*3*365", {"r": 0.0001}, 0.11, 0.004, tol_kind="relative") == "fail"
    assert status("r*3*365", {"r": 0.0001}, 0.11, 0.01, tol_kind="relative") == "pass"
    assert status("x/3", {"x": 1000.0}, 333.333333333, 0) == "pass"  # twelve digits: rounded as printed
    assert status("x/3", {"x": 1000.0}, 333.3333, 0) == "fail"
    assert status("r*3*365", {"r": 0.0001}, "0.1095", 1e-9) == "pass"
