"""What do the dated rules say a contract pays at its interest term and at its limits?

Turns the catalogue into the plain dated numbers the board and the data check compare rows with. What a rule does
not say stays None: an unknown cap is no cap of zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from perpscope.analysis.terms import Terms
from perpscope.catalogue.load import load_venue
from perpscope.catalogue.schema import DatedRule
from perpscope.errors import InputError, PerpscopeError
from perpscope.mechanisms.number import INF, Number, to_float
from perpscope.mechanisms.rule import Rule
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
    """Return the interest term and limits of every contract and interval, one line per dated rule; unknown venues give none."""
    return [terms for contract in sorted(set(contracts)) for terms in _terms(contract)]


def _terms(contract: Contract) -> Iterator[Terms]:
    try:
        venue = load_venue(contract.venue)
    except InputError:
        return
    for dated in venue.rules:
        if dated.status == "disputed" or not dated.governs(contract.market_list, contract.market):
            continue
        numbers = venue.contract(contract.native_id, min(dated.until - 1, max(dated.since, 0)))
        floor, cap = _limits(_built(dated, numbers), contract.interval_hours)
        yield Terms(
            venue=contract.venue,
            interval_hours=contract.interval_hours,
            interest=_interest(_built(without_limits(dated), numbers), contract.interval_hours),
            cap=cap,
            floor=floor,
            market_list=contract.market_list,
            native_id=contract.native_id,
            since=max(dated.since, 0),
            until=dated.until,
            rule=dated.id,
        )


def without_limits(dated: DatedRule) -> DatedRule:
    """Return the rule without its outer limits, which often differ by contract and are often unknown."""
    formula = {name: value for name, value in dated.parts["formula"].items() if name not in _LIMITS}
    return replace(dated, parts={**dated.parts, "formula": formula})


def _built(dated: DatedRule, numbers: dict[str, Number]) -> Rule | None:
    try:
        return dated.build(numbers, averaged=True)
    except PerpscopeError:
        return None


def _interest(rule: Rule | None, hours: float) -> float | None:
    """Rate paid while the premium stays inside the clamp band; None for rules without a band."""
    if rule is None or rule.formula.combine != "pull" or not 0 < rule.formula.damper < INF:
        return None
    length = round(hours * MS_PER_HOUR)
    pulled_to = rule.fix(Window.averaged(0, length, 0.0)).terms.interest
    return to_float(rule.fix(Window.averaged(0, length, pulled_to)).rate)


def _limits(rule: Rule | None, hours: float) -> tuple[float | None, float | None]:
    if rule is None:
        return None, None
    formula = rule.formula
    share = hours / to_float(formula.limit_per) if formula.limit_per else 1.0
    floor, cap = to_float(formula.floor) * share, to_float(formula.cap) * share
    return (None if floor == -INF else floor), (None if cap == INF else cap)
