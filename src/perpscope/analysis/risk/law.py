"""At which intervals and inside which limits will a position be paid, by the rule in force now?

A `Law` is what a rule leaves of a flow of funding: the interval, cap and floor in force, and the intervals the contract may be
moved to, as dated numbers of the catalogue. What the catalogue does not know is taken from the history or left out, and said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from perpscope.analysis.ruled import Contract, terms_of, without_limits
from perpscope.catalogue.load import load_venue
from perpscope.catalogue.schema import Venue
from perpscope.errors import CatalogueError, InputError
from perpscope.market.number import Number, to_float
from perpscope.market.time import to_text
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.sample import WholeFormula

if TYPE_CHECKING:
    from perpscope.mechanisms.rule import Rule

INF = math.inf
MARGINS = ("initial_margin", "maintenance_margin")
"""Numbers that limits hang on and that are on record for some times only."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One interval a contract may be paid at.

    Parameters
    ----------
    hours : the interval. floor, cap : limits of one payment (fraction per interval), infinite where there are none or none is known.
    after_limit : hours of the interval after a payment at a limit; `hours` where nothing changes.
    calm_rate, calm_payments, after_calm : so many payments in a row of at most this size lengthen the interval to this; 0 payments: never.

    **Source** limits and switches as dated in the catalogue.
    """

    hours: float
    floor: float = -INF
    cap: float = INF
    after_limit: float = 0.0
    calm_rate: float = 0.0
    calm_payments: int = 0
    after_calm: float = 0.0

    def __post_init__(self) -> None:
        """Refuse intervals and limits that cannot be."""
        if not 0 < self.hours < INF or self.floor > self.cap:
            raise InputError("a stage of a funding law", f"{self.hours} h, {self.floor}..{self.cap}", "Give hours > 0 and floor <= cap.")


@dataclass(frozen=True, slots=True)
class Law:
    """The stages a contract may be in, the first one in force now, and the map from premium to rate.

    Parameters
    ----------
    stages : intervals with their limits. formula : premium to rate, without limits; None where the rule is unknown or maps otherwise.
    told : where each part is from, in words.

    **Source** the catalogue's dated rules; see `told`.
    """

    stages: tuple[Stage, ...]
    formula: Formula | None = None
    told: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a law that leads to an interval it does not describe."""
        hours = {stage.hours for stage in self.stages}
        led_to = {h for stage in self.stages for h in (stage.after_limit, stage.after_calm) if h}
        if not self.stages or not led_to <= hours:
            raise InputError(
                "a funding law", f"stages of {sorted(hours)} h lead to {sorted(led_to)} h", "Describe every interval it leads to."
            )

    @property
    def hours(self) -> float:
        """Interval in force now."""
        return self.stages[0].hours

    def place(self, hours: float) -> int:
        """Place of the stage with this interval."""
        return next(k for k, stage in enumerate(self.stages) if stage.hours == hours)


def plain_law(hours: float) -> Law:
    """Return the law that pays whatever flows, every `hours`: no limit, no switch.

    **Source** none: it is the absence of a rule, used where a rule of today would be hindsight.

    Examples
    --------
    >>> plain_law(8.0).stages[0].cap
    inf
    """
    return Law((Stage(hours),), told=("no limit and no change of interval is applied",))


def with_cap(law: Law, cap: float) -> Law:
    """Return the law with a limit the caller states, the same on both sides and at every interval.

    Parameters
    ----------
    cap : largest payment, fraction per interval, > 0.

    **Source** the caller.
    """
    if not 0 < cap < INF:
        raise InputError("a limit of funding", f"{cap}", "Give a fraction per interval above 0: 0.003 is 0.3 %.")
    stages = tuple(replace(stage, floor=-cap, cap=cap) for stage in law.stages)
    return Law(stages, law.formula, (f"limits {-cap:+.4%} to {cap:+.4%} per interval: given", *law.told[1:]))


def law_in_force(
    contract: Contract, at_ms: int, *, seen: tuple[float | None, float | None] = (None, None), given: Mapping[str, Number] | None = None
) -> Law:
    """Return the law of a contract at a moment, as far as the catalogue knows it.

    Parameters
    ----------
    contract : venue, list, native id, market and the interval in force. at_ms : ms UTC.
    seen : floor and cap visible in the history (fraction per interval), taken where the catalogue knows none.
    given : numbers of the contract known from elsewhere (maintenance margin, cap, …).

    Raises
    ------
    InputError
        When the venue is unknown.

    **Source** the catalogue: rules for the map and limits, `hours_at_limit`, `calm_rate`, `calm_payments` and `hours_after_calm`
    of the contract for the switches.
    """
    venue = load_venue(contract.venue)
    pending, stages = [contract.interval_hours], list[Stage]()
    while pending:
        hours = pending.pop(0)
        stage = _stage(venue, replace(contract, interval_hours=hours), at_ms, seen, dict(given or {}))
        stages.append(stage)
        known = {each.hours for each in stages} | set(pending)
        pending += [h for h in dict.fromkeys((stage.after_limit, stage.after_calm)) if h and h not in known]
    formula, said = _map(venue, contract, at_ms, dict(given or {}))
    told = (_limits_told(contract, at_ms, stages[0], dict(given or {})), _switches_told(venue, contract, at_ms, stages[0]), said)
    return Law(tuple(stages), formula, told)


def _stage(venue: Venue, contract: Contract, at_ms: int, seen: tuple[float | None, float | None], given: Mapping[str, Number]) -> Stage:
    """One interval with its limits, the catalogue's before those seen, and where it leads."""
    hours = contract.interval_hours
    floor, cap = _limits(contract, at_ms, given)
    floor, cap = (seen[0] if floor is None else floor), (seen[1] if cap is None else cap)
    bounds = (-INF if floor is None else floor, INF if cap is None else cap)
    switching = venue.switching(contract.native_id, at_ms, hours)
    if switching is None:
        return Stage(hours, *bounds)
    short = float(switching.at_limit)
    calm = int(switching.calm_payments) if short and hours <= short else 0
    return Stage(
        hours,
        *bounds,
        after_limit=min(hours, short) if short else 0.0,
        calm_rate=to_float(switching.calm_rate),
        calm_payments=calm,
        after_calm=max(hours, float(switching.after_calm)) if calm else 0.0,
    )


def _limits(contract: Contract, at_ms: int, given: Mapping[str, Number]) -> tuple[float | None, float | None]:
    """Floor and cap per interval: the catalogue's, else those given, else the rule of now with the margins last on record."""
    found = [t for t in terms_of([contract]) if t.since < at_ms <= t.until]
    floor, cap = (found[-1].floor, found[-1].cap) if found else (None, None)
    if cap is not None or floor is not None:
        return floor, cap
    told_cap, told_floor = given.get("cap"), given.get("floor")
    if told_cap is not None:
        return to_float(-told_cap if told_floor is None else told_floor), to_float(told_cap)
    moment = last_known(contract, at_ms)
    return (None, None) if moment is None else _by_margins(contract, at_ms, moment)


def last_known(contract: Contract, at_ms: int) -> int | None:
    """Latest moment (ms UTC) at which the margins were on record that the limits in force now hang on; None where they never were.

    **Source** the catalogue's dated numbers of the contract.
    """
    venue = load_venue(contract.venue)
    own = [e for e in venue.contracts if e.since < at_ms and set(MARGINS) & set(e.numbers) and re.fullmatch(e.pattern, contract.native_id)]
    moments = sorted({min(entry.until, at_ms) - 1 for entry in own}, reverse=True)
    return next((moment for moment in moments if _by_margins(contract, at_ms, moment) != (None, None)), None)


def _by_margins(contract: Contract, at_ms: int, moment: int) -> tuple[float | None, float | None]:
    """Limits of the rule in force at `at_ms` with the margins of another moment; none where readings differ."""
    venue = load_venue(contract.venue)
    margins = {name: value for name, value in venue.contract(contract.native_id, moment).items() if name in MARGINS}
    numbers = venue.contract(contract.native_id, at_ms, margins)
    found = set()
    for dated in venue.at(at_ms, contract.market_list, contract.market):
        try:
            formula = dated.build(numbers, averaged=True).formula
        except CatalogueError:
            return None, None
        share = contract.interval_hours / to_float(formula.limit_per) if formula.limit_per else 1.0
        found.add((to_float(formula.floor) * share, to_float(formula.cap) * share))
    if len(found) != 1:
        return None, None
    floor, cap = found.pop()
    return (None if floor == -INF else floor), (None if cap == INF else cap)


def _limits_told(contract: Contract, at_ms: int, stage: Stage, given: Mapping[str, Number]) -> str:
    words = f"limits {stage.floor:+.4%} to {stage.cap:+.4%} per {stage.hours:g} h"
    if any(t.since < at_ms <= t.until and (t.cap, t.floor) != (None, None) for t in terms_of([contract])):
        return f"{words}: the rule in force"
    if "cap" in given:
        return f"{words}: stated by a source of the store"
    moment = last_known(contract, at_ms)
    if moment is not None:
        return f"{words}: the rule in force, with the margins last on record, of {to_text(moment)[:10]}"
    if math.isfinite(stage.cap) or math.isfinite(stage.floor):
        return f"{words}: observed, an extreme reached exactly at least three times"
    return "no limit is known for this contract now, and none is visible in its history: none is applied"


def _switches_told(venue: Venue, contract: Contract, at_ms: int, stage: Stage) -> str:
    if venue.switching(contract.native_id, at_ms, stage.hours) is None:
        return "changes of interval by a rule: none on record; the interval in force is kept"
    if stage.after_limit and stage.after_limit < stage.hours:
        source = venue.source_of("hours_at_limit", contract.native_id, at_ms)
        return f"a payment at a limit leads to {stage.after_limit:g} h: the catalogue's source {source}"
    if stage.calm_payments:
        return f"{stage.calm_payments} calm payments lead to {stage.after_calm:g} h: catalogue of {venue.id}"
    return f"no payment changes the interval: catalogue of {venue.id}"


def _map(venue: Venue, contract: Contract, at_ms: int, given: Mapping[str, Number]) -> tuple[Formula | None, str]:
    """Premium to rate without limits; readings that map alike count as one."""
    rules = venue.at(at_ms, contract.market_list, contract.market)
    numbers = venue.contract(contract.native_id, at_ms, given)
    found: list[Formula] = []
    for dated in rules:
        try:
            formula = averaged_map(without_limits(dated).build(numbers, averaged=True))
        except CatalogueError:
            continue
        if formula not in found:
            found.append(formula)
    names = " or ".join(rule.id for rule in rules)
    if len(found) == 1:
        return found[0], f"premium to rate: {names}"
    why = "readings differ" if found else "no rule with known numbers is in force"
    return None, f"premium to rate: {why}; the rate itself is modelled, without an atom"


def averaged_map(rule: Rule) -> Formula:
    """Return the map from an averaged premium to the rate; where each sample goes through the formula, the average of them is taken to.

    That is exact while the premium does not cross the edge of the band inside one window.

    **Source** the formula of the rule; rounding and the cap on changes are left out.
    """
    formula = replace(rule.formula, floor=-INF, cap=INF, change=INF, decimals=-1, keep=0)
    if isinstance(rule.each, WholeFormula):
        return replace(formula, interest=rule.each.interest, damper=rule.each.damper)
    return formula
