"""What do the dated rules say a contract pays at its interest term and at its limits?

Turns the catalogue into the plain dated numbers the board and the data check compare rows with. What a rule does
not say stays None: an unknown cap is no cap of zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from perpscope.analysis.terms import Terms
from perpscope.catalogue.load import load_venue
from perpscope.catalogue.schema import DatedRule
from perpscope.errors import InputError, PerpscopeError
from perpscope.market.number import INF, Number, to_float
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.sample import WholeFormula
from perpscope.mechanisms.window import Window
from perpscope.units import MS_PER_HOUR

_LIMITS = ("cap", "floor", "limit_per", "change")


@dataclass(frozen=True, slots=True, order=True)
class Contract:
    """A contract as it stands in a table, with one of the intervals it was paid at (hours)."""

    venue: str
    market_list: str
    native_id: str
    market: str
    interval_hours: float


def terms_of(contracts: Iterable[Contract]) -> list[Terms]:
    """Return the interest term and limits of every contract and interval, one line per dated span; unknown venues give none."""
    return [terms for contract in sorted(set(contracts)) for terms in _terms(contract)]


def _terms(contract: Contract) -> Iterator[Terms]:
    """One line per span of time in which neither the rules nor the contract's own numbers changed."""
    try:
        venue = load_venue(contract.venue)
    except InputError:
        return
    spans = [(rule.since, rule.until) for rule in venue.rules]
    spans += [(own.since, own.until) for own in venue.contracts if re.fullmatch(own.pattern, contract.native_id)]
    edges = sorted({max(moment, 0) for span in spans for moment in span})
    for since, until in pairwise(edges):
        rules = venue.at(since, contract.market_list, contract.market)
        if rules:
            numbers = venue.contract(contract.native_id, since)
            told = [_rates(rule, numbers, contract.interval_hours) for rule in rules]
            interest, floor, cap = (_agreed(values) for values in zip(*told, strict=True))
            yield Terms(
                venue=contract.venue,
                interval_hours=contract.interval_hours,
                interest=interest,
                cap=cap,
                floor=floor,
                market_list=contract.market_list,
                native_id=contract.native_id,
                since=since,
                until=until,
                rule=" or ".join(rule.id for rule in rules),
            )


def _rates(rule: DatedRule, numbers: dict[str, Number], hours: float) -> tuple[float | None, float | None, float | None]:
    """Interest term, floor and cap of one reading, per interval."""
    bare = _built(without_limits(rule), numbers)
    return None if bare is None else at_interest(bare, hours), *_limits(_built(rule, numbers), hours)


def _agreed(values: tuple[float | None, ...]) -> float | None:
    """Return the value every reading gives; None where they differ or do not know."""
    return values[0] if len(set(values)) == 1 else None


def without_limits(dated: DatedRule) -> DatedRule:
    """Return the rule without its outer limits, which often differ by contract and are often unknown."""
    formula = {name: value for name, value in dated.parts["formula"].items() if name not in _LIMITS}
    return replace(dated, parts={**dated.parts, "formula": formula})


def _built(dated: DatedRule, numbers: dict[str, Number]) -> Rule | None:
    try:
        return dated.build(numbers, averaged=True)
    except PerpscopeError:
        return None


def at_interest(rule: Rule, hours: float) -> float | None:
    """Rate paid while the premium, or each sample of it, stays near the interest; None for rules without that pull.

    Parameters
    ----------
    hours : the interval; the rate is a fraction per `hours`.
    """
    length = round(hours * MS_PER_HOUR)
    if isinstance(rule.each, WholeFormula) and 0 < rule.each.damper < INF:  # samples near the interest average to it
        pulled_to = rule.each.interest
    elif rule.formula.combine == "pull" and 0 < rule.formula.damper < INF:
        pulled_to = rule.fix(Window.averaged(0, length, 0.0)).terms.interest
    else:
        return None
    return to_float(rule.fix(Window.averaged(0, length, pulled_to)).rate)


def _limits(rule: Rule | None, hours: float) -> tuple[float | None, float | None]:
    if rule is None:
        return None, None
    formula = rule.formula
    share = hours / to_float(formula.limit_per) if formula.limit_per else 1.0
    floor, cap = to_float(formula.floor) * share, to_float(formula.cap) * share
    return (None if floor == -INF else floor), (None if cap == INF else cap)
