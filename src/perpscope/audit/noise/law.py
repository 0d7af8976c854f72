"""Which rule, numbers and interval held for a contract at one moment?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from perpscope.analysis.ruled import without_limits
from perpscope.audit.eras import contract_numbers
from perpscope.audit.run import known_numbers
from perpscope.audit.which import keys_of
from perpscope.catalogue.load import load_venue
from perpscope.catalogue.schema import DatedRule
from perpscope.errors import CatalogueError, NotEnoughData
from perpscope.market.instrument import Instrument, market_of
from perpscope.market.number import Number, to_float
from perpscope.market.table import FUNDING
from perpscope.market.time import to_text
from perpscope.mechanisms.reduce import LAST, LINEAR
from perpscope.mechanisms.rule import Rule
from perpscope.units import HOURS_PER_YEAR, MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

    from perpscope.audit.facts import Floats, Ints
    from perpscope.store import Store


@dataclass(frozen=True, eq=False)
class Law:
    """What governs one contract at one moment.

    Parameters
    ----------
    contract : which. market : linear, inverse or quanto. dated : the rule as written; `rule` : of numbers, from samples.
    hours : interval of the rate. numbers : of the contract. funding : its published rates. notes : what was left out.
    """

    contract: Instrument
    market: str
    dated: DatedRule
    rule: Rule
    hours: float
    numbers: dict[str, Number]
    funding: pl.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def spacing(self) -> float:
        """Seconds between the rule's samples; 0 where it does not say."""
        return to_float(self.rule.observe.every_seconds)

    @property
    def notional(self) -> float | None:
        """Impact notional in quote units; None where it is unknown."""
        found = self.numbers.get("impact_notional")
        return None if found is None else to_float(found)

    @property
    def yearly(self) -> float:
        """What a rate per interval is multiplied by to be a simple rate per year."""
        return HOURS_PER_YEAR / self.hours

    def window_of(self, ms: int) -> tuple[int, int]:
        """Start and end (ms UTC) of the averaging window that a moment lies in."""
        length = round(self.hours * MS_PER_HOUR)
        schedule = self.dated.schedule
        phase = round((schedule.phase_hours if schedule else 0.0) * MS_PER_HOUR)
        end = ((ms - phase) // length + 1) * length + phase
        return end - length, end

    def published(self, ends: Ints) -> Floats:
        """Rates the venue paid for windows that ended at `ends` (n,) ms UTC; NaN where they are not on record."""
        import numpy as np

        return np.array([float("nan") if (rate := self.published_at(int(end))) is None else rate for end in ends])

    def published_at(self, end: int) -> float | None:
        """Return the rate the venue paid for the window that ended at `end`, where it is on record (lag taken into account)."""
        schedule = self.dated.schedule
        slot = end + (schedule.lag if schedule else 0) * round(self.hours * MS_PER_HOUR)
        return self._rates.get(slot)

    @cached_property
    def _rates(self) -> dict[int, float]:
        import polars as pl

        settled = self.funding.filter(pl.col("kind") == "settled").select(pl.col("slot").dt.epoch("ms"), "funding_rate")
        return {int(slot): float(rate) for slot, rate in settled.iter_rows()}


def own_average(law: Law) -> str:
    """Name the average nearest to the rule's own, as `analysis.noise.choices.AVERAGES` does."""
    return {LINEAR: "rising weights", LAST: "last reading"}.get(law.rule.reduce.kind, "equal weights")


def law_at(store: Store, contract: Instrument, at: int) -> Law:
    """Find the rule of a contract at a moment (ms UTC).

    Raises
    ------
    NotEnoughData
        When no rule governs it, or the rule cannot decide without numbers that are unknown.
    """
    venue = load_venue(contract.identity.venue)
    who = keys_of(contract)
    market = market_of(contract.base, contract.quote, contract.settle)
    asked = f"the rule of {venue.id} {contract.symbol} at {to_text(at)}"
    rules = venue.at(at, contract.market_list, market)
    if not rules:
        raise NotEnoughData(asked, "the catalogue has none", "Give other dates.")
    dated = next((rule for rule in rules if rule.preferred), rules[0])
    numbers = contract_numbers(venue, contract.identity.native_id, at, dated, known_numbers(store, **who))
    notes = () if len(rules) == 1 else (f"{len(rules)} readings of the rule are in force; {dated.id} is taken",)
    try:
        rule = dated.build(numbers, sampled=True)
    except CatalogueError:
        notes = (*notes, "caps and floors of the contract are unknown and left out")
        try:
            rule = without_limits(dated).build(numbers, sampled=True)
        except CatalogueError as problem:
            raise NotEnoughData(asked, problem.there, "Give a contract whose rule is known.") from None
    funding = store.read(FUNDING, **who)
    return Law(contract, market, dated, rule, _hours(dated, funding, at), numbers, funding, notes)


def _hours(dated: DatedRule, funding: pl.DataFrame, at: int) -> float:
    """Hours of the interval in force: those of the nearest fixing, else the rule's."""
    import polars as pl

    schedule = dated.schedule
    if funding.height:
        nearest = funding.sort((pl.col("slot").dt.epoch("ms") - at).abs()).row(0, named=True)
        return float(nearest["interval_hours"])
    if schedule is None:
        raise NotEnoughData(f"the interval under the rule {dated.id}", "neither rates nor the rule tell it", "Import its rates.")
    return float(schedule.hours)
