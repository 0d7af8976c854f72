"""What would the rate be if the premium stayed as it is? From premiums through the venue's dated rule to rates.

A premium here is that of closes (`analysis.premium.series`), or the average a venue published. Rates are placed at the time they
became known: a rule that pays one interval late decides one interval before it pays.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from perpscope.analysis.forecast.history import History
from perpscope.analysis.ruled import Contract, terms_of, without_limits
from perpscope.analysis.series import SERIES
from perpscope.analysis.terms import with_terms
from perpscope.errors import CatalogueError, InputError
from perpscope.mechanisms.batch import fix_averages
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from perpscope.catalogue.schema import DatedRule, Venue
    from perpscope.market.number import Number
    from perpscope.mechanisms.rule import Rule

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

SEEN = 0.75
"""Least share of an interval's samples that makes an average."""


def with_published(rows: pl.DataFrame, funding: pl.DataFrame) -> pl.DataFrame:
    """Put the averaged premium that a venue published with a rate beside the rate, as `premium_frac`.

    Parameters
    ----------
    rows : what `analysis.series.fixings` gives. funding : the table `funding` it was made of.
    """
    import polars as pl

    key = [*SERIES, "slot"]
    told = funding.filter(pl.col("kind") == "settled").with_columns(pl.col("slot").dt.epoch("ms")).select(*key, "premium_frac")
    return rows.join(told.drop_nulls("premium_frac").unique(key, keep="first", maintain_order=True), on=key, how="left")


def last_seen(times: Ints, at: Ints, value: Floats, most_ms: Floats | float) -> Floats:
    """Return the value seen last at or before each time, NaN where that is `most_ms` old or older.

    Parameters
    ----------
    times : (n,) ms UTC. at, value : (m,) rising times and what was seen then. most_ms : (n,) or one number.
    """
    import numpy as np

    if not len(at):
        return np.full(len(times), np.nan)
    after = np.searchsorted(at, times, side="right")
    last = np.maximum(after - 1, 0)
    fresh = (after > 0) & (times - at[last] < most_ms)
    return np.where(fresh, value[last], np.nan)


def history_of(
    rows: pl.DataFrame, venue: Venue, premium: pl.DataFrame | None = None, step_hours: float = 1.0, estimates: pl.DataFrame | None = None
) -> History:
    """Put together what was known at each settlement of one contract.

    Parameters
    ----------
    rows : what `analysis.series.fixings` or `termed` gives, of one contract; of two rows with one slot the first counts. A column
        `premium_frac`, the average a venue published with the rate, is taken for the premium where `premium` is not given.
    estimates : `at` (ms UTC, when it was seen) and `estimate`, the venue's own of the next rate, fraction per interval.
        venue : its dated rules. premium : `at` (ms UTC, when it was known) and `premium` (fraction), sorted.
    step_hours : time between two premiums.

    Returns
    -------
    History
        Slots are the times at which rates became known: the stamp minus the rule's lag. Where the lag is unknown it is taken as 0.

    Raises
    ------
    InputError
        When the rows are of several contracts.
    """
    import numpy as np
    import polars as pl

    who = ["venue", "market_list", "native_id", "market"]
    if rows.select(who).unique().height > 1:
        raise InputError("a history of rates", "rows of several contracts", "Give the rows of one.")
    rows = rows.sort("slot").unique("slot", keep="first", maintain_order=True)
    told = (rows if "interest" in rows.columns else termed(rows)).with_columns(_lags(rows, venue))
    step = (pl.col("interval_hours") * MS_PER_HOUR).round().cast(pl.Int64)
    told = told.with_columns((pl.col("slot") - step * pl.col("lag")).alias("known_at")).sort("known_at")
    told = told.unique("known_at", keep="first", maintain_order=True)
    seen, averaged = _premium_at(told, premium, step_hours)
    when, most = told["known_at"].to_numpy(), told["interval_hours"].to_numpy() * MS_PER_HOUR
    told_of = None if estimates is None else last_seen(when, estimates["at"].to_numpy(), estimates["estimate"].to_numpy(), most)
    return History(
        slot=when.astype(np.int64),
        hours=told["interval_hours"].to_numpy(),
        rate=told["funding_rate"].to_numpy(),
        premium=rates_by_rule(told, venue, seen),
        averaged=rates_by_rule(told, venue, averaged),
        estimate=told_of,
        interest=told["interest"].cast(pl.Float64).fill_null(float("nan")).to_numpy(),
    )


def termed(rows: pl.DataFrame) -> pl.DataFrame:
    """Put the interest term and the limits of the rule beside each row of one contract (`analysis.terms.with_terms`)."""
    kinds = [Contract(*row) for row in rows.select("venue", "market_list", "native_id", "market", "interval_hours").unique().rows()]
    return with_terms(rows, terms_of(kinds))


def rates_by_rule(told: pl.DataFrame, venue: Venue, premium: Floats) -> Floats:
    """Return the rate that the rule in force at each row makes of an averaged premium, fraction per the row's interval.

    Parameters
    ----------
    told : rows of one contract, as `termed` gives them. venue : its dated rules.
    premium : (n,) fractions; NaN gives NaN. Where readings of the rule differ, or it lacks a number, the rate is NaN.
    """
    import numpy as np
    import polars as pl

    out = np.full(told.height, np.nan)
    slot, hours = told["slot"].to_numpy(), told["interval_hours"].to_numpy()
    native_id, market_list, market = told.select("native_id", "market_list", "market").row(0)
    for since, until in _spans(venue):
        here = (since <= slot) & (slot < until) & np.isfinite(premium)
        if not here.any():
            continue
        known = venue.contract(native_id, since)
        rules = [_bare(dated, known) for dated in venue.at(since, market_list, market)]
        rates = [fix_averages(rule, premium[here], hours[here]).rates for rule in rules if rule is not None]
        if rates and len(rates) == len(rules) and all(np.array_equal(rate, rates[0]) for rate in rates):
            out[here] = rates[0]
    cap, floor = (told[name].cast(pl.Float64).fill_null(edge).to_numpy() for name, edge in (("cap", np.inf), ("floor", -np.inf)))
    cut: Floats = np.clip(out, floor, cap)
    return cut


def _spans(venue: Venue) -> list[tuple[int, int]]:
    edges = sorted({moment for dated in venue.rules for moment in (dated.since, dated.until)})
    return list(pairwise(edges))


def _bare(dated: DatedRule, known: dict[str, Number]) -> Rule | None:
    """Return the rule without its outer limits, which are cut afterwards; None where it lacks a number."""
    try:
        return without_limits(dated).build(known, averaged=True)
    except CatalogueError:
        return None


def _lags(rows: pl.DataFrame, venue: Venue) -> pl.Series:
    """Return intervals between decision and payment at each row; 0 where that is unknown."""
    import numpy as np
    import polars as pl

    from perpscope.catalogue.evaluate import lag_of

    lag = np.zeros(rows.height, dtype=np.int64)
    slot = rows["slot"].to_numpy()
    market_list, market = rows.select("market_list", "market").row(0)
    for since, until in _spans(venue):
        found = {lag_of(dated) or 0 for dated in venue.at(since, market_list, market)}
        if len(found) == 1:
            lag[(since <= slot) & (slot < until)] = found.pop()
    return pl.Series("lag", lag)


def _premium_at(told: pl.DataFrame, premium: pl.DataFrame | None, step_hours: float) -> tuple[Floats, Floats]:
    """Premium seen last at each row, not older than one step, and the average over the row's interval that ended there."""
    import numpy as np
    import polars as pl

    if premium is None:
        nothing = np.full(told.height, np.nan)
        published = told["premium_frac"].cast(pl.Float64).fill_null(float("nan")).to_numpy() if "premium_frac" in told.columns else nothing
        return published, nothing
    at, value = premium["at"].to_numpy(), premium["premium"].to_numpy()
    when, hours = told["known_at"].to_numpy(), told["interval_hours"].to_numpy()
    after = np.searchsorted(at, when, side="right")
    before = np.searchsorted(at, when - np.round(hours * MS_PER_HOUR).astype(np.int64), side="right")
    sums = np.concatenate([[0.0], np.cumsum(value)])
    count = after - before
    averaged = np.where(count >= SEEN * hours / step_hours, (sums[after] - sums[before]) / np.maximum(count, 1), np.nan)
    return last_seen(when, at, value, step_hours * MS_PER_HOUR), averaged
