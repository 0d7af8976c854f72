"""How does each expected value follow from a rule and the facts?

One derivation per concept. A derivation returns an exact number (or a word, a list, an amount of money), marks what it
read, or says what it lacks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from perpscope.catalogue.check.amounts import AMOUNTS
from perpscope.catalogue.check.auctions import AUCTIONS
from perpscope.catalogue.check.bench import Bench
from perpscope.catalogue.check.facts import Amount, Lacking, Value
from perpscope.catalogue.check.intervals import INTERVALS
from perpscope.catalogue.check.names import Meaning
from perpscope.catalogue.check.payments import PAYMENTS
from perpscope.catalogue.check.rates import RATES
from perpscope.catalogue.check.samples import SAMPLES
from perpscope.catalogue.check.states import STATES

DERIVATIONS: Mapping[str, Callable[[Bench, Meaning], Value]] = {
    **RATES,
    **SAMPLES,
    **AMOUNTS,
    **STATES,
    **AUCTIONS,
    **PAYMENTS,
    **INTERVALS,
}


def derive(bench: Bench, asked: Meaning) -> Value:
    """Work out one expected value in the unit its name says.

    Raises
    ------
    Lacking
        When an input or a number of the rule is absent.
    """
    value = DERIVATIONS[asked.concept](bench, asked)
    for each in value if isinstance(value, list) else [value]:
        decided = each.received if isinstance(each, Amount) else each
        if isinstance(decided, float) and math.isnan(decided):
            raise Lacking("what is given decides no number")
    return [_in_units(each, asked) for each in value] if isinstance(value, list) else _in_units(value, asked)


def _in_units(value: Value, asked: Meaning) -> Value:
    """Write a value in the unit its name says."""
    match value:
        case Amount():
            return replace(value, received=value.received / asked.scale)
        case Fraction() | float() | int():
            return value / asked.scale if asked.scale != 1 else value
        case _:
            return value
