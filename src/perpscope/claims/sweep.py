"""What does every rule on record make of one and the same premium?

The rules of the whole catalogue, run in exact fractions over a premium that does not change. Outer limits are
opened where they hang on a contract: the premiums asked about lie far inside all of them. A rule that looks at something
else than a premium, or lacks a number nobody published, is left out by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from perpscope.catalogue.dated import DatedRule
from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.errors import CatalogueError, InputError, NotEnoughData
from perpscope.market.funding import PublishedFixing
from perpscope.market.number import INF
from perpscope.mechanisms.rule import Rule
from perpscope.trading.counterfactual import NO_PREMIUM, Observed, Regime, decided
from perpscope.units import MS_PER_HOUR

OTHER_LOOKS = NO_PREMIUM | {"orders"}
"""What a rule may look at that is no premium."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """What one rule charges a day for each premium.

    Parameters
    ----------
    dated : the rule as written. rule : with its numbers, outer limits opened.
    daily : one exact fraction of notional a day for each premium asked about.
    """

    dated: DatedRule
    rule: Rule
    daily: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep of the catalogue: rules that answered, and the ids of those that could not, by reason."""

    ruled: tuple[Ruled, ...]
    other_looks: tuple[str, ...]
    unknown: tuple[str, ...]


@cache
def sweep(premiums: tuple[Fraction, ...]) -> Sweep:
    """Run every rule of the catalogue over a day of each premium (fractions).

    Source: the rules of the catalogue, each with its own documents.
    """
    found: list[Ruled] = []
    elsewhere: list[str] = []
    unknown: list[str] = []
    for dated in every_rule():
        if looks_elsewhere(dated):
            elsewhere.append(dated.id)
            continue
        try:
            rule = opened(dated)
            found.append(Ruled(dated, rule, tuple(daily(dated, rule, premium) for premium in premiums)))
        except (CatalogueError, InputError, NotEnoughData):
            unknown.append(dated.id)
    return Sweep(tuple(found), tuple(elsewhere), tuple(unknown))


def every_rule() -> tuple[DatedRule, ...]:
    """All rules of all venues, in the catalogue's order."""
    return tuple(rule for venue in venue_ids() for rule in load_venue(venue).rules)


def looks_elsewhere(dated: DatedRule) -> bool:
    """Whether a rule looks at no premium: at a skew, an auction, a number from outside, or nothing."""
    kind = dated.parts["observe"].get("kind")
    return kind is None or (kind.known and kind.text in OTHER_LOOKS)


def opened(dated: DatedRule) -> Rule:
    """Build a rule in exact fractions with its outer limits opened.

    Raises
    ------
    CatalogueError
        When a number that matters is unknown.
    """
    given: dict[str, float] = {"formula.cap": INF, "formula.floor": -INF, "formula.change": INF}
    if "bound" in dated.parts["each"]:
        given["each.bound"] = INF
    return dated.build(given, sampled=True, exact=True)


def daily(dated: DatedRule, rule: Rule, premium: Fraction) -> Fraction:
    """Funding of one day (fraction of notional) under a premium that does not change.

    Source: sum of the rates of the rule's own intervals over the hours they are paid for, times 24.
    """
    regime = Regime(rule, dated.schedule)
    fixings = decided(_intervals(regime, premium), lambda _: regime)
    if not fixings:
        raise NotEnoughData(f"a day under {dated.id}", "no whole interval", "Give the rule a schedule.")
    paid = sum((Fraction(fixing.rate) for fixing in fixings), start=Fraction(0))
    lasted = sum((Fraction(fixing.interval_hours) for fixing in fixings), start=Fraction(0))
    return paid / lasted * 24


def _intervals(regime: Regime, premium: Fraction) -> list[Observed]:
    """Three intervals of a rule, at its own stamps, or three hours where it accrues all the time: a constant premium needs no more."""
    schedule = regime.schedule
    stamped = schedule is not None and not schedule.continuous
    step = schedule.step if stamped and schedule is not None else MS_PER_HOUR
    first = schedule.next_after(0) if stamped and schedule is not None else MS_PER_HOUR
    ends = [first + (k + 1) * step for k in range(3)]
    hours = Fraction(step, MS_PER_HOUR)
    return [Observed(PublishedFixing("", "BTC/USD:USD", end, Fraction(0), hours, Fraction(1)), premium) for end in ends]
