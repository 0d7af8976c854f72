"""Does a simulated book lie in the band that a formula of it is given?"""

from __future__ import annotations

from dataclasses import replace

from perpscope.analysis.pricing.zero_intelligence import simulate_book, spread_of
from perpscope.claims.theory.checks import Check
from perpscope.claims.theory.inputs import Inputs
from perpscope.claims.theory.meets import meets, number_of, shape_of
from perpscope.claims.theory.outcome import Verdict
from perpscope.errors import PerpscopeError

WIDEST = 0.005
SEED = 20_050_222
RATES = ("alpha", "mu", "delta")


def judge_band(check: Check, inputs: Inputs, by_formula: Verdict) -> Verdict:
    """Try a band: the formula must give the expected number as printed, and the simulated book must lie in the band around it.

    **Source**: Farmer, Patelli, Zovko 2005 with rates per side; the band of `theory_checks.json`.
    """
    rates = [inputs.find(name) for name in RATES]
    if any(rate is None for rate in rates) or shape_of(check.expected) != "number":
        return replace(by_formula, status="unsupported", reason="a band without the rates of a book: limit, market and cancel")
    try:
        limit, market, cancel = (float(rate) for rate in rates if rate is not None)
        formula, book = float(spread_of(limit, market, cancel)), simulate_book(limit, market, cancel, seed=SEED)
    except PerpscopeError as problem:
        return replace(by_formula, status="unsupported", reason=str(problem))
    got = {"formula": formula, "simulated": book.spread}
    told = f"formula {formula:.6g}, book of {book.events:,} events {book.spread:.4g} ticks"
    if by_formula.status in ("disputed", "unsupported"):
        return replace(by_formula, got=got, reason=f"{by_formula.reason}; {told}")
    printed = _printed(check, formula)
    inside = meets(book.spread, check)
    said = "" if printed else "; the formula does not give the expected number"
    said += "" if inside else "; the book lies outside the band"
    return replace(by_formula, status="pass" if printed and inside else "fail", got=got, reason=told + said)


def _printed(check: Check, formula: float) -> bool:
    """Whether the expected number is the formula's, rounded to the digits it is printed with (three at least)."""
    expected = number_of(check.expected)
    text = repr(check.expected) if isinstance(check.expected, int | float) else str(check.expected)
    digits = text.partition(".")[2] if "e" not in text.lower() else ""
    half = 0.5 * 10.0 ** -len(digits)
    return expected is not None and abs(formula - expected) <= min(half, WIDEST * abs(expected)) * (1 + 1e-9)
