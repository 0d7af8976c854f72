"""How fast does a rate drift, and where is it after a while?"""

from __future__ import annotations

from fractions import Fraction

from perpscope.catalogue.check.bench import Bench
from perpscope.catalogue.check.facts import Lacking
from perpscope.market.number import Number
from perpscope.mechanisms.reduce import Velocity, drifted


def velocity(bench: Bench) -> Number:
    """Velocity of a drifting rate, fraction per day and day: as given, else of the skew."""
    if bench.facts.has("velocity"):
        return bench.facts.number("velocity")
    bench.need("reduce.scale", "reduce.fastest")
    if not isinstance(bench.rule.reduce, Velocity):
        raise Lacking(f"the rate of {bench.dated.id} does not drift")
    scale, fastest = bench.rule.reduce.scale, bench.rule.reduce.fastest
    return drifted(Fraction(0), bench.facts.number("skew"), Fraction(24), scale, fastest)


def drifted_rate(bench: Bench) -> Number:
    """Rate (fraction per day) after the time given."""
    before, hours = _start(bench)
    return before + velocity(bench) * hours / 24


def accrual(bench: Bench) -> Number:
    """Sum of a drifting rate over the time given: the mean of the rates at its ends."""
    before, hours = _start(bench)
    after = bench.facts.number("given_rate") if bench.facts.has("given_rate") else drifted_rate(bench)
    return (before + after) / 2 * hours / 24


def _start(bench: Bench) -> tuple[Number, Number]:
    """Rate at the beginning, 0 where none is given, and the hours from then on."""
    hours = bench.facts.duration()
    if hours is None:
        raise Lacking("over which time is not given")
    return bench.facts.number("previous") if bench.facts.has("previous") else Fraction(0), hours
