"""What do recorded order books prove about a contract?

Two things. Premium samples for the windows they fall into, partial as a rule. And, where a context shows the venue's
rate of the running interval, that the rate of the book is as near to it as the recording allows: the venue averages
the interval so far, of which the recording shows a part, so the allowance is how far the rate moved while recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.audit.booked import Booked, Measure, grid, premiums
from perpscope.audit.contexts import observe_of
from perpscope.audit.digits import half_units
from perpscope.audit.eras import contract_numbers
from perpscope.audit.facts import KnownNumber
from perpscope.audit.model import Check
from perpscope.catalogue.schema import DatedRule, Venue
from perpscope.errors import CatalogueError, InputError
from perpscope.market.number import Number, to_float
from perpscope.market.time import to_text
from perpscope.mechanisms.batch import fix_averages
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

    from perpscope.audit.facts import Facts, Floats, Subject
    from perpscope.audit.sampled import Samples

PREMIUM = "premium from books"
RUNNING = "rate of the running interval from books"
CONTRACT_VALUES = ("contract_value", "contract_size")
"""Names of the contract's number that says what one unit of a book's quantity is: base units (linear), quote units (inverse)."""
SECOND = 1.0
"""Spacing of the looks at a recording that tell how far its rate moved, seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Running:
    """The venue's rate of the running interval beside that of the recorded book.

    Parameters
    ----------
    at : ms UTC of the context. published, computed : fractions per `hours`; computed from the first book after the context.
    half : half a unit of the published digit. moved : largest minus smallest rate of the book while recorded.
    seconds : length of the recording.
    """

    at: int
    hours: float
    published: float
    computed: float
    half: float
    moved: float
    seconds: float

    @property
    def tolerance(self) -> float:
        """Largest difference the recording allows."""
        return self.half + self.moved

    @property
    def matched(self) -> bool:
        """Whether the two are that near."""
        return abs(self.published - self.computed) <= self.tolerance


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """Samples for the windows, None where the books give none, and what was proven."""

    samples: Samples | None
    checks: tuple[Check, ...]


def recorded(facts: Facts, venue: Venue, subject: Subject, peers: pl.DataFrame | None = None) -> Recorded:
    """Read what the recorded books of a contract prove."""
    import polars as pl

    if facts.books is None or facts.books.is_empty():
        return Recorded(None, ())
    end = int(facts.books.select(pl.col("ts").dt.epoch("ms").max()).item())
    try:
        dated, numbers = _law(facts, venue, subject, end)
        measure, index = _measure(facts, subject, dated, numbers)
        every = float(observe_of(dated).every_seconds)
        booked = premiums(facts.books, index, grid(facts.books, every, measure.clock), measure)
    except (CatalogueError, InputError) as problem:
        return Recorded(None, (Check(PREMIUM, None, str(problem)),))
    samples = booked.samples(facts.index_is)
    checks = [Check(PREMIUM, None, _words(booked, facts, measure))]
    running = running_rates(facts, measure, dated, numbers, peers)
    if running:
        checks.append(Check(RUNNING, all(r.matched for r in running), "; ".join(_running_words(r) for r in running)))
    return Recorded(samples if len(samples.at) else None, tuple(checks))


def _law(facts: Facts, venue: Venue, subject: Subject, at: int) -> tuple[DatedRule, dict[str, Number]]:
    rules = venue.at(at, subject.market_list, subject.market)
    if len(rules) != 1:
        raise CatalogueError(f"premiums of books of {to_text(at)}", f"{len(rules)} rules or readings in force", "One rule is needed.")
    return rules[0], contract_numbers(venue, subject.native_id, at, rules[0], (*facts.numbers, *_shown(facts)))


def _measure(facts: Facts, subject: Subject, dated: DatedRule, numbers: dict[str, Number]) -> tuple[Measure, pl.DataFrame]:
    notional = numbers.get("impact_notional")
    if notional is None:
        raise InputError("premiums from books", "the impact notional of the contract is unknown", "Record contexts that show it.")
    known = next((numbers[name] for name in CONTRACT_VALUES if name in numbers), None)
    units = facts.contract_units if facts.contract_units is not None else known
    if units is None and subject.market != "linear":
        raise InputError("premiums from books", "what one contract is worth is not on record", f"Give the contract's {CONTRACT_VALUES[0]}.")
    index = facts.index if facts.index is not None else facts.contexts
    if index is None or index["index_price_quote"].null_count() == len(index):
        raise InputError("premiums from books", "no index price of the same time is at hand", "Record contexts, or say what stands in.")
    return Measure(observe_of(dated), to_float(notional), subject.market, to_float(1.0 if units is None else units)), index


SHOWN = {
    "initial_margin": "initial_margin_frac",
    "maintenance_margin": "maintenance_margin_frac",
    "cap": "cap_rate",
    "floor": "floor_rate",
    "impact_notional": "impact_notional_quote",
}
"""Numbers of a contract and the context columns that show them."""


def _shown(facts: Facts) -> tuple[KnownNumber, ...]:
    """Numbers of the contract that its latest contexts show."""
    if facts.contexts is None:
        return ()
    latest = {name: facts.contexts.sort("ts")[column].drop_nulls() for name, column in SHOWN.items()}
    return tuple(KnownNumber(name, float(column[-1])) for name, column in latest.items() if len(column))


def running_rates(
    facts: Facts, measure: Measure, dated: DatedRule, numbers: dict[str, Number], peers: pl.DataFrame | None
) -> list[Running]:
    """Hold every context's rate of the running interval against the books recorded in that interval."""
    import polars as pl

    if facts.contexts is None or facts.books is None:
        return []
    rows = facts.contexts.drop_nulls(["predicted_rate", "index_price_quote", "interval_hours"]).sort("ts")
    digits = (rows if peers is None else peers)["predicted_rate"].drop_nulls().to_numpy()
    half = float(half_units(digits).min()) if len(digits) else 0.0
    found = []
    for ts, published, index, hours in rows.select(
        pl.col("ts").dt.epoch("ms"), "predicted_rate", "index_price_quote", "interval_hours"
    ).rows():
        part = facts.books.filter(pl.col("ts").dt.epoch("ms").is_between(ts, _closes(ts, hours), closed="left"))
        if not part.is_empty():
            rate, seconds = _rates(measure, dated, numbers, (ts, hours, index, part))
            if len(rate):
                moved = float(rate.max() - rate.min())
                found.append(Running(ts, hours, float(published), float(rate[0]), half, moved, seconds))
    return found


def _closes(ts: int, hours: float) -> int:
    step = round(hours * MS_PER_HOUR)
    return (ts // step + 1) * step


def _rates(
    measure: Measure, dated: DatedRule, numbers: dict[str, Number], seen: tuple[int, float, float, pl.DataFrame]
) -> tuple[Floats, float]:
    """Rates of the book at every second of a recording, each as if it were the average; and the seconds recorded."""
    import dataclasses

    import numpy as np
    import polars as pl

    ts, hours, index, part = seen
    rule = dated.build(numbers, averaged=True)
    at = grid(part, SECOND, measure.clock)
    instant = pl.DataFrame({"ts": [ts], "index_price_quote": [index]}).with_columns(
        pl.col("ts").cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    )
    booked: Booked = premiums(part, instant, at, dataclasses.replace(measure, fresh_seconds=hours * 3600))
    premium = booked.premium[np.isfinite(booked.premium)]
    seconds = float(at[-1] - at[0]) / 1000 if len(at) else 0.0
    return fix_averages(rule, premium, np.full(len(premium), hours)).term("slowed"), seconds


def _words(booked: Booked, facts: Facts, measure: Measure) -> str:
    import numpy as np

    seen = np.isfinite(booked.premium)
    said = f"{int(seen.sum())} of {len(seen)} sampling moments give a premium, notional {measure.notional:g}"
    if seen.any():
        first, last = booked.at[seen][[0, -1]]
        span = f"{to_text(int(first))} to {to_text(int(last))}"
        said += f", {booked.premium[seen].min():.3g} to {booked.premium[seen].max():.3g}, {span}"
    if facts.index_is:
        said += f"; {facts.index_is}"
    if facts.contract_units is None and measure.market == "linear":
        said += "; quantities read as base units unless the catalogue gives a contract value"
    refused = "; ".join(f"{fault.kind} at {to_text(fault.at)}: {fault.detail}" for fault in booked.faults[:3])
    more = f" and {len(booked.faults) - 3} more" if len(booked.faults) > 3 else ""  # noqa: PLR2004 - three are shown
    return said + (f"; refused {refused}{more}" if refused else "") + "; no published premium to hold them against"


def _running_words(r: Running) -> str:
    return (
        f"published {r.published:.10g} at {to_text(r.at)}, the book {r.computed:.10g}, {abs(r.published - r.computed):.3g} apart of "
        f"{r.tolerance:.3g} allowed: half a unit, and the rate moved by {r.moved:.3g} in the {r.seconds:g} s recorded"
    )
