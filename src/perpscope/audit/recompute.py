"""What should each published rate have been?

Recomputation reads inputs only: averaged premiums, premium samples, books. It reads no published rate of the same
stamp. A rule that limits the change from one fixing to the next takes the rate computed before; where none was
computed (the first row of a run), the rate published for the slot before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from perpscope.audit.digits import half_units
from perpscope.audit.eras import DISPUTED, Era
from perpscope.market.number import INF
from perpscope.mechanisms.batch import Fixings, fix_averages
from perpscope.mechanisms.rule import NO_RATE, Rule

if TYPE_CHECKING:
    from perpscope.audit.facts import Flags, Floats, Ints, Series
    from perpscope.audit.sampled import Samples

NOTHING, AVERAGES, SAMPLES = 0, 1, 2
NO_INPUT = "no averaged premium in the row, and no samples or books of its window"
NO_RULE = "no rule in the catalogue for this contract and date"
PARTIAL = "inputs cover only part of the window: partial, never matched"
NO_SPACING = "the rule does not say how often it samples: whether the samples are all cannot be known"
IN_DISPUTE = "the rule is disputed: every reading is shown, none gates"
UNDATED = "which rule was in force is not established at this date: shown, gates nothing"
NO_LAG = "the rule does not know its lag, so not which window a rate is of"

Fix: TypeAlias = Callable[["Ints", float, float], Fixings]


@dataclass(frozen=True, slots=True, eq=False)
class Recomputed:
    """Computed rates beside the published ones; columns as long as the series.

    Parameters
    ----------
    rate : computed rate before its last rounding, fraction per the row's interval; NaN where it was not computed.
    low, high : the same with every input half a published unit lower and higher.
    how : NOTHING, AVERAGES or SAMPLES. coverage : share of the window seen, NaN where that cannot be known.
    reason : why a row is not among the recomputed, "" for those that are.
    rounding : -1, 0, 1: whether the rule rounds down, to nearest, to zero.
    taken : rows whose change cap was measured from a published rate of the slot before.
    """

    rate: Floats
    low: Floats
    high: Floats
    how: Ints
    coverage: Floats
    reason: list[str]
    rounding: Ints
    taken: int

    @property
    def whole(self) -> Flags:
        """Rows recomputed from all their inputs."""
        import numpy as np

        return np.array([not reason for reason in self.reason], dtype=bool)


@dataclass(slots=True, eq=False)
class _Sheet:
    """The columns while they are being filled."""

    rate: Floats
    low: Floats
    high: Floats
    how: Ints
    coverage: Floats
    reason: list[str]
    rounding: Ints
    taken: int = 0


def recompute(series: Series, eras: tuple[Era, ...], samples: Samples | None = None, only: Era | None = None) -> Recomputed:
    """Compute every rate whose inputs are at hand.

    Parameters
    ----------
    series, eras : published fixings and the rules they were under.
    samples : premium samples inside the windows. only : one reading of a disputed rule, instead of all undisputed eras.
    """
    import numpy as np

    count = len(series)
    blank, none = np.full((4, count), np.nan), np.zeros((2, count), dtype=np.int64)
    sheet = _Sheet(blank[0], blank[1], blank[2], none[0], blank[3], [NO_RULE] * count, none[1])
    for era in eras if only is None else (only,):
        if only is None and not era.gates:
            _explain(sheet, era.rows, IN_DISPUTE if era.dated.status == DISPUTED else UNDATED)
        else:
            _fill(sheet, series, era, samples)
    return Recomputed(sheet.rate, sheet.low, sheet.high, sheet.how, sheet.coverage, sheet.reason, sheet.rounding, sheet.taken)


def _explain(sheet: _Sheet, rows: Ints, reason: str) -> None:
    for row in rows.tolist():
        sheet.reason[row] = reason


def _fill(sheet: _Sheet, series: Series, era: Era, samples: Samples | None) -> None:
    import numpy as np

    _explain(sheet, era.rows, NO_INPUT)
    given = era.rows[np.isfinite(series.premium[era.rows])]
    if len(given):
        half = np.zeros(len(series))
        half[given] = half_units(series.premium[given], series.source[given])
        rule = era.from_averages
        if isinstance(rule, str):
            _explain(sheet, given, rule)
        else:
            law = rule

            def fix(rows: Ints, before: float, shift: float) -> Fixings:
                return fix_averages(law, series.premium[rows] + shift * half[rows], series.hours[rows], before)

            _decide(sheet, series, given, law, fix)
            sheet.how[given] = AVERAGES
    if samples is not None:
        _fill_sampled(sheet, series, era, samples, np.setdiff1d(era.rows, given))


def _fill_sampled(sheet: _Sheet, series: Series, era: Era, samples: Samples, rest: Ints) -> None:
    import numpy as np

    ends = series.slot - (era.lag or 0) * series.step
    seen = rest[samples.counts(ends[rest], series.step[rest]) > 0]
    if not len(seen):
        return
    rule = era.from_samples
    if isinstance(rule, str) or era.lag is None:
        _explain(sheet, seen, rule if isinstance(rule, str) else NO_LAG)
        return
    law = rule

    def fix(rows: Ints, before: float, shift: float) -> Fixings:
        return samples.fix(law, ends[rows], series.step[rows], series.hours[rows], before, shift)

    _decide(sheet, series, seen, law, fix)
    sheet.coverage[seen] = samples.coverage(ends[seen], series.step[seen], float(law.observe.every_seconds))
    sheet.how[seen] = SAMPLES
    if samples.stands_in:
        _explain(sheet, seen, f"{samples.stands_in}: shown, never matched")
    _explain(sheet, seen[sheet.coverage[seen] < 1], PARTIAL)
    _explain(sheet, seen[np.isnan(sheet.coverage[seen])], NO_SPACING)


def _decide(sheet: _Sheet, series: Series, rows: Ints, rule: Rule, fix: Fix) -> None:
    """Fix `rows`, run by run where one rate depends on the one before."""
    import numpy as np

    chained = rule.formula.change < INF or rule.formula.keep > 0
    starts = np.flatnonzero(~series.follows[rows] | np.concatenate([[True], np.diff(rows) != 1])) if chained else np.array([0])
    for run in np.split(rows, starts[1:]) if chained else [rows]:
        before = _before(sheet, series, int(run[0])) if chained else NO_RATE
        centre, one, other = (fix(run, before, shift).term("slowed") for shift in (0.0, -1.0, 1.0))
        sheet.rate[run] = centre
        sheet.low[run] = np.minimum(centre, np.minimum(one, other))
        sheet.high[run] = np.maximum(centre, np.maximum(one, other))
    sheet.rounding[rows] = {"nearest": 0, "down": -1, "to_zero": 1}[rule.formula.rounding] if rule.formula.decimals >= 0 else 0
    _explain(sheet, rows, "")


def _before(sheet: _Sheet, series: Series, row: int) -> float:
    """Rate of the slot before: computed where it was, else published; none where that slot is missing."""
    if row == 0 or not series.follows[row]:
        return NO_RATE
    computed = float(sheet.rate[row - 1])
    if computed == computed:  # noqa: PLR0124 - only NaN differs from itself
        return computed
    sheet.taken += 1
    return float(series.rate[row - 1])
