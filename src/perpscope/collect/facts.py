"""What may the detectors of the data check know about each contract? The catalogue, put into their words."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from perpscope.analysis.ruled import Contract, terms_of
from perpscope.catalogue.dated import DatedRule
from perpscope.catalogue.load import load_venue
from perpscope.catalogue.schema import Venue
from perpscope.errors import InputError
from perpscope.market.time import FOREVER
from perpscope.store.quality import Rules, VenueFacts

if TYPE_CHECKING:
    import polars as pl

_T = TypeVar("_T")
_EIGHT_HOURS = 8.0
_WHO = ["venue", "market_list", "native_id", "market"]


def venue_facts(funding: pl.DataFrame) -> Rules:
    """Facts of every contract in the rows whose venue the catalogue has rules for."""
    found: dict[tuple[str, ...], VenueFacts] = {}
    for who in funding.select(_WHO).unique().iter_rows():
        try:
            venue = load_venue(who[0])
        except InputError:
            continue
        rules = [rule for rule in venue.rules if rule.governs(who[1], who[3])]
        if rules:
            found[who[:3]] = _facts(venue, rules, Contract(who[0], who[1], who[2], who[3], _EIGHT_HOURS))
    return found


def _facts(venue: Venue, rules: list[DatedRule], contract: Contract) -> VenueFacts:
    terms = terms_of([contract])
    interests = {each.interest for each in terms}
    caps = [limit for each in terms for limit in (each.cap, each.floor)]
    return VenueFacts(
        phase_hours=_only({rule.schedule.phase_hours if rule.schedule else None for rule in rules}),
        interest_8h=_atoms(rules, interests),
        cap=None if None in caps or not caps else max(abs(x) for x in caps if x is not None),
        decimals=_only({_decimals(rule) for rule in rules}),
        lag=_only({rule.schedule.lag if rule.schedule else None for rule in rules}),
        continuous=all(rule.schedule is not None and rule.schedule.continuous for rule in rules),
        ended=venue.closed if venue.closed < FOREVER else None,
    )


def _atoms(rules: list[DatedRule], interests: set[float | None]) -> tuple[float, ...] | None:
    """Interest terms of all eras; none where no rule has a band, unknown where one of them is."""
    if not any("damper" in rule.parts["formula"] for rule in rules):
        return ()
    return None if None in interests else tuple(sorted(x for x in interests if x is not None))


def _decimals(rule: DatedRule) -> int | None:
    value = rule.parts["formula"].get("decimals")
    return int(value.number({})) if value is not None and value.known else None


def _only(values: set[_T | None]) -> _T | None:
    """Return the one value all agree on; None where they differ or one is unknown."""
    return next(iter(values)) if len(values) == 1 else None
