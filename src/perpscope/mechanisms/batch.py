"""What would this rule have decided for a million windows?

Arrays in, arrays out, by the same texts as `Rule.fix`, compiled. Threads take whole windows each; inside a window
the order of addition is the definition's, so batch, stream and definition agree bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.errors import InputError
from perpscope.market.number import Number
from perpscope.mechanisms.decide import Formula, Terms
from perpscope.mechanisms.reduce import Adaptive, DecayMean, MedianMean, Velocity
from perpscope.mechanisms.rule import AS_IT_IS, NO_RATE, Rule, medians
from perpscope.mechanisms.sample import transform
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

_WORTH_A_THREAD = 200_000  # samples; below this the second thread costs more than it saves
_RATE_GOES_ON, _ALL_GOES_ON = 1, 2


@dataclass(frozen=True, slots=True)
class Fixings:
    """Fixings of n windows as columns.

    Parameters
    ----------
    terms : (n, 9) fractions (quote units per base unit where the rule decides those), columns as in `Terms`.
    hours : (n,) interval of each rate.
    coverage : (n,) share of expected samples; NaN where it cannot be known.
    """

    terms: Floats
    hours: Floats
    coverage: Floats

    @property
    def rates(self) -> Floats:
        """(n,) rates, fraction per the row's own `hours`; quote units per base unit where the rule decides those."""
        return self.term("rounded")

    def term(self, name: str) -> Floats:
        """(n,) one step of the decision, by its name in `Terms`."""
        return self.terms[:, Terms._fields.index(name)]


def fix_many(
    rule: Rule,
    samples: Floats,
    offsets: Ints,
    hours: Floats,
    before: float = NO_RATE,
    *,
    at: Ints | None = None,
    ends: Ints | None = None,
    levels: Floats | None = None,
) -> Fixings:
    """Decide many windows from their premium samples.

    Parameters
    ----------
    samples : (m,) raw premium samples (fractions), all windows one after another.
    offsets : (n + 1,) window k owns samples[offsets[k]:offsets[k+1]].
    hours : (n,) interval each rate is for; also the length of its window unless `ends` is given.
    before : rate before the first window (for change caps, and where the rate drifts on); NaN where there is none.
    at, ends : (m,) time of each sample and (n,) end of each window in ms, needed by time-weighted averages and medians.
    levels : (n,) price level of each window, needed where the rule decides quote units per base unit; the terms then are such.
    """
    import numpy as np

    kernels = _kernels()
    if len(offsets) != len(hours) + 1 or offsets[0] < 0 or offsets[-1] > len(samples) or np.any(np.diff(offsets) < 0):
        raise InputError(
            "windows of samples", f"{len(offsets)} offsets for {len(hours)} windows", "Give n + 1 rising offsets into the samples."
        )
    spans = _spans(rule, samples, offsets, at, ends)
    if isinstance(rule.reduce, MedianMean):
        samples, offsets = _medians(rule, samples, offsets, at, ends, hours)
        spans = np.zeros_like(samples)
    counts, premiums = np.empty(len(hours)), np.empty(len(hours))
    reducer, memory = _average_numbers(rule)
    each = _flat(AS_IT_IS.numbers() if isinstance(rule.reduce, MedianMean) else rule.each.numbers(), ints=(0,))
    drifts = memory == _RATE_GOES_ON and not np.isnan(before)
    tally = np.array([0.0, 0.0, 0.0, before if drifts else 0.0])

    def reduce_part(low: int, high: int) -> None:
        own = tally if memory else np.zeros(4)
        part = offsets[low : high + 1]
        kernels.compiled(kernels.reduce_windows)(each, reducer, samples, spans, part, own, counts[low:high], premiums[low:high])

    whole_in_one = bool(memory) or len(samples) < _WORTH_A_THREAD
    in_parts(reduce_part, len(hours), parts=1 if whole_in_one else 2)
    return _decided(rule, premiums, hours, before, _coverage(rule, counts, hours), levels)


def fix_averages(rule: Rule, premium_index: Floats, hours: Floats, before: float = NO_RATE, *, levels: Floats | None = None) -> Fixings:
    """Decide many windows of which only the averaged premium is known; (n,) fractions and (n,) hours, levels as in `fix_many`."""
    import numpy as np

    unseen = np.full(len(hours), np.nan)
    return _decided(rule, np.ascontiguousarray(premium_index, dtype=np.float64), hours, before, unseen, levels)


def impact_premiums(bids: tuple[Floats, Floats], asks: tuple[Floats, Floats], index: Floats, notional: float) -> Floats:
    """Impact-band premium of n book snapshots.

    Parameters
    ----------
    bids, asks : (prices, quantities), each (n, levels), best first; quantities in base units.
    index : (n,) index prices. notional : quote units walked through each side.

    Returns
    -------
    (n,) fractions; NaN where a side holds less than the notional.
    """
    import numpy as np

    kernels = _kernels()
    out = np.empty(len(index))

    def part(low: int, high: int) -> None:
        ladders = (bids[0][low:high], bids[1][low:high], asks[0][low:high], asks[1][low:high])
        kernels.compiled(kernels.impact_premiums)(*ladders, index[low:high], float(notional), out[low:high])

    in_parts(part, len(index), parts=2 if len(index) >= _WORTH_A_THREAD // 20 else 1)
    return out


def in_parts(work: Callable[[int, int], None], count: int, parts: int) -> None:
    """Run work(low, high) over `count` items in `parts` threads; the work releases the interpreter lock."""
    if parts == 1 or count < parts:
        work(0, count)
        return
    edges = [count * k // parts for k in range(parts + 1)]
    with ThreadPoolExecutor(parts) as pool:
        list(pool.map(work, edges[:-1], edges[1:]))


def _kernels() -> Any:  # noqa: ANN401 - a module
    from perpscope.mechanisms import _kernels

    return _kernels


def _flat(numbers: tuple[Any, ...], ints: tuple[int, ...]) -> tuple[Any, ...]:
    return tuple(int(x) if k in ints else float(x) for k, x in enumerate(numbers))


def _average_numbers(rule: Rule) -> tuple[tuple[Any, ...], int]:
    """Return the flat numbers of the average, and how much of it goes on across windows."""
    reduce = rule.reduce
    memory = _ALL_GOES_ON if isinstance(reduce, DecayMean) else _RATE_GOES_ON if isinstance(reduce, Velocity | Adaptive) else 0
    return _flat((reduce.kind, memory, reduce.at_least, reduce.grains, *reduce.numbers()), ints=(0, 1)), memory


def _decided(rule: Rule, premiums: Floats, hours: Floats, before: float, coverage: Floats, levels: Floats | None) -> Fixings:
    import numpy as np

    terms = np.empty((len(hours), len(Terms._fields)))
    hours = np.ascontiguousarray(hours, dtype=np.float64)
    if rule.observe.kind == "none":
        premiums, coverage = np.zeros(len(hours)), np.full(len(hours), np.nan)
    if rule.settle.unit != "quote":
        _decide(rule.formula, premiums, hours, before, terms)
        return Fixings(terms, hours, coverage)
    if levels is None:
        raise InputError("fixings in quote units", "no price levels", "Give `levels`, one index price for each window.")
    for k, level in enumerate(levels.tolist()):
        own = slice(k, k + 1)
        _decide(rule.formula.at_level(level, rule.settle.level_grains), premiums[own], hours[own], before, terms[own])
        before = terms[k, -1] / level
    return Fixings(terms, hours, coverage)


def _decide(formula: Formula, premiums: Floats, hours: Floats, before: float, terms: Floats) -> None:
    kernels = _kernels()
    numbers = formula.numbers()
    flat = _flat(numbers, ints=(0, len(numbers) - 2, len(numbers) - 1))
    kernels.compiled(kernels.decide_windows)(flat, premiums, hours, float(before), terms)


def _coverage(rule: Rule, counts: Floats, hours: Floats) -> Floats:
    import numpy as np

    spacing = float(rule.reduce.block_seconds if isinstance(rule.reduce, MedianMean) else rule.observe.every_seconds)
    return np.minimum(1.0, counts * spacing / (3600 * hours)) if spacing else np.full(len(hours), np.nan)


def _spans(rule: Rule, samples: Floats, offsets: Ints, at: Ints | None, ends: Ints | None) -> Floats:
    import numpy as np

    if at is None or ends is None:
        return np.full(len(samples), float(rule.even_hours()))
    until = np.append(at[1:], 0)
    filled = offsets[1:] > offsets[:-1]
    until[offsets[1:][filled] - 1] = ends[filled]
    return (until - at) / MS_PER_HOUR


def _medians(rule: Rule, samples: Floats, offsets: Ints, at: Ints | None, ends: Ints | None, hours: Floats) -> tuple[Floats, Ints]:
    """Medians of each window's blocks: every vote through the per-sample transform first, as in the definition."""
    import numpy as np

    if at is None or ends is None:
        raise InputError("medians of blocks", "votes without times", "Give `at` and `ends` (ms).")
    kind, *numbers = rule.each.numbers()
    interest, damper, dead, bound, divide = numbers
    starts = ends - np.round(hours * MS_PER_HOUR).astype(np.int64)
    found: list[float] = []
    edges = [0]
    for k in range(len(hours)):
        own = slice(offsets[k], offsets[k + 1])
        votes: list[Number] = [transform(kind, x, interest, damper, dead, bound, divide) for x in samples[own].tolist()]
        found.extend(float(x) for x in medians(rule.reduce, votes, at[own].tolist(), int(starts[k])))
        edges.append(len(found))
    return np.array(found), np.array(edges, dtype=np.int64)
