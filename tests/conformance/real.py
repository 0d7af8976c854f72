"""Do the rates a venue published obey what its rule says of them?

The other inherited suite, on real data: limits, steps, decimals, stamps, and the value a contract rests at. What the
catalogue does not know is not tested, and each test must reach a stated number of rates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from perpscope.catalogue.dated import DatedRule
from perpscope.catalogue.load import load_venue
from perpscope.catalogue.readings import agreed
from perpscope.market.number import INF, Number
from perpscope.market.time import day_ms
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.window import Window

HOUR = 3_600_000
LAST_DIGIT = 5e-10
"""Half of the last decimal of rates published with nine and more; limits have at most six."""
RESTING = 0.02
"""Least share of equal rates that counts as a value a contract rests at; rates of eight decimals hardly ever meet by chance."""
LIMITS = ("floor", "cap", "limit_per", "change")


@dataclass(frozen=True)
class Series:
    """One contract's published rates, and what the tests of them must reach.

    Parameters
    ----------
    file, venue, native_id : where they lie, in the words of the data. market, market_list : which contracts they are of.
    limited, stepped : fewest rates and steps with a known limit. rests : days from which the contract rests at an interest.
    off_slot : stamps known to lie off their slot. longer : rates known to have more decimals than the venue publishes.
    """

    file: str
    venue: str
    native_id: str
    market: str
    market_list: str = ""
    limited: int = 0
    stepped: int = 0
    rests: tuple[str, ...] = ()
    off_slot: int = 0
    longer: int = 0


@dataclass(frozen=True)
class Row:
    """One published rate: stamp (ms), fraction per `hours`."""

    at: int
    rate: float
    hours: float


@cache
def published(path: Path, venue: str, symbol: str) -> tuple[Row, ...]:
    """Rates of one contract in order of time; stamps to the nearest minute."""
    frame = pl.read_parquet(path).filter((pl.col("venue") == venue) & (pl.col("symbol") == symbol)).drop_nulls("interval_hours")
    rows = frame.sort("ts").select(pl.col("ts").dt.round("1m").dt.epoch("ms"), "funding_rate", "interval_hours").rows()
    return tuple(Row(*row) for row in rows)


@cache
def in_force(venue: str, market_list: str, market: str, at: int) -> tuple[DatedRule, ...]:
    """Readings of the rule that was surely in force."""
    return tuple(rule for rule in load_venue(venue).at(at, market_list, market) if rule.sure(at))


@cache
def limits(venue: str, ids: tuple[str, ...], numbers: tuple[tuple[str, Number], ...]) -> Formula | None:
    """Nothing but the limits these readings agree on; None where one of them is not known."""
    rule = agreed(rule for rule in load_venue(venue).rules if rule.id in ids)
    formula = {name: value for name, value in rule.parts["formula"].items() if name in LIMITS}
    bare = replace(rule, parts={**rule.parts, "observe": {}, "each": {}, "reduce": {}, "formula": formula})
    given = dict(numbers)
    return None if bare.unknowns(given) else bare.build(given, exact=True).formula


def at_rest(rule: DatedRule, numbers: dict[str, Number], hours: float) -> float:
    """Rate of a window whose premium is nothing, limits aside."""
    formula = {name: value for name, value in rule.parts["formula"].items() if name not in LIMITS}
    free = replace(rule, parts={**rule.parts, "formula": formula}).build(numbers, sampled=True)
    length = round(hours * HOUR)
    return float(free.fix(Window(0, length, {"premium": [0.0], "at": [0]}, hours)).rate)


class PublishedRates:
    """What every venue whose rates are at hand must obey."""

    venue = ""

    def rows(self, shared: Path, series: Series) -> Iterator[tuple[Row, tuple[DatedRule, ...]]]:
        """Every published rate with the readings of its rule; rates of doubtful dates are left out."""
        for row in published(shared / "data" / series.file, series.venue, series.native_id):
            if readings := in_force(self.venue, series.market_list, series.market, row.at):
                yield row, readings

    def numbers(self, series: Series, at: int) -> dict[str, Number]:
        return load_venue(self.venue).contract(series.native_id, at)

    def limited(self, shared: Path, series: Series) -> Iterator[tuple[Row, Formula | None]]:
        for row, readings in self.rows(shared, series):
            numbers = tuple(sorted(self.numbers(series, row.at).items()))
            yield row, limits(self.venue, tuple(rule.id for rule in readings), numbers)

    @pytest.mark.needs_shared
    def test_no_rate_is_beyond_its_limits(self, shared: Path, series: Series) -> None:
        tested = 0
        for row, formula in self.limited(shared, series):
            if formula is not None and formula.cap != INF:
                share = Fraction(row.hours) / formula.limit_per if formula.limit_per else 1
                tested += 1
                assert float(formula.floor * share) - LAST_DIGIT <= row.rate <= float(formula.cap * share) + LAST_DIGIT, row
        assert tested >= series.limited, f"only {tested} rates have known limits"

    @pytest.mark.needs_shared
    def test_no_step_is_longer_than_allowed(self, shared: Path, series: Series) -> None:
        tested = 0
        for (before, _), (row, formula) in pairwise(self.limited(shared, series)):
            follows = row.hours == before.hours and row.at - before.at == row.hours * HOUR
            if formula is not None and formula.change != INF and follows:
                tested += 1
                assert abs(row.rate - before.rate) <= float(formula.change) + LAST_DIGIT, (before, row)
        assert tested >= series.stepped, f"only {tested} steps have a known limit"

    @pytest.mark.needs_shared
    def test_no_rate_has_more_decimals_than_the_venue_publishes(self, shared: Path, series: Series) -> None:
        longer = 0
        for row, (rule, *_) in self.rows(shared, series):
            decimals = rule.parts["formula"].get("decimals")
            if decimals is not None and decimals.known:
                longer += places(row.rate) > int(decimals.text)
        assert longer == series.longer

    @pytest.mark.needs_shared
    def test_stamps_lie_on_the_grid(self, shared: Path, series: Series) -> None:
        off = 0
        for row, (rule, *_) in self.rows(shared, series):
            schedule = rule.schedule
            if schedule is not None and schedule.hours == row.hours:
                off += schedule.nominal(row.at) != row.at
        assert off == series.off_slot

    @pytest.mark.needs_shared
    def test_contracts_rest_at_their_interest(self, shared: Path, series: Series) -> None:
        """From each given day on, the most frequent rate is what every reading gives at a premium of nothing."""
        for since, until in pairwise((*(day_ms(day) for day in series.rests), 1 << 62)):
            rows = [(row, readings) for row, readings in self.rows(shared, series) if since <= row.at < until]
            rate, times = Counter(row.rate for row, _ in rows).most_common(1)[0]
            row, readings = next(pair for pair in rows if pair[0].rate == rate)
            for rule in readings:
                assert rate == pytest.approx(at_rest(rule, self.numbers(series, row.at), row.hours), rel=0, abs=LAST_DIGIT)
            assert times / len(rows) > RESTING


def places(value: float) -> int:
    """Decimals a published double was written with: the fewest that give it back but for its last bits."""
    exponent = Decimal(repr(value)).as_tuple().exponent
    assert isinstance(exponent, int)
    return next((n for n in range(12) if abs(round(value, n) - value) < 1e-15), -exponent)
