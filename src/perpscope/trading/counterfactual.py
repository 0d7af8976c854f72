"""What would this history have paid under another rule, and which part of the rule makes the difference?

A history is the averaged premium of each interval with the price of its stamp. Another rule decides it anew, cut at its own
stamps. The difference of two rules is told part by part: the parts of one are exchanged for those of the other in a fixed
order, so that the steps add up to the whole, exactly on fractions.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd

from perpscope.errors import InputError
from perpscope.market.funding import Accrual, PublishedFixing
from perpscope.market.number import Number, magnitude
from perpscope.market.time import Schedule, to_text
from perpscope.mechanisms.reduce import DecayMean, Last, LinearMean, Mean, TimeMean
from perpscope.mechanisms.rule import Fixing, Rule
from perpscope.mechanisms.window import Window
from perpscope.units import MS_PER_HOUR


@dataclass(frozen=True, slots=True)
class Observed:
    """One interval of a contract as its venue saw it.

    Parameters
    ----------
    fixing : the rate as applied, at the interval's end, with the price of its notional. premium : averaged premium, a fraction.
    """

    fixing: PublishedFixing
    premium: Number

    @property
    def start(self) -> int:
        """Start of the interval, ms UTC."""
        return self.fixing.at - _ms(self.fixing.interval_hours)


@dataclass(frozen=True, slots=True)
class Regime:
    """A rule with the stamps it decides at; without a schedule it decides at the history's own."""

    rule: Rule
    schedule: Schedule | None = None


Law = Callable[[int], Regime]
"""The regime in force for a window that ends at a moment (ms UTC)."""

_FORMULA_PARTS: Mapping[str, tuple[str, ...]] = {
    "interest": ("interest", "interest_per"),
    "clamp": ("damper", "combine"),
    "bend": ("knee1", "slope1", "knee2", "slope2"),
    "scaling": ("period", "times"),
    "addition": ("add", "add_per"),
    "caps": ("floor", "cap", "limit_per"),
    "change cap": ("change",),
    "rounding": ("decimals", "rounding"),
}
PARTS = ("average", *_FORMULA_PARTS, "interval")
"""The order in which parts are exchanged."""


def decided(history: Sequence[Observed], law: Law) -> list[PublishedFixing]:
    """Decide a history anew.

    Parameters
    ----------
    history : intervals of one contract in order of time. law : the regime in force at each moment.

    Returns
    -------
    Fixings at the regime's stamps inside the history. Where it has other stamps than the history, a premium counts for the whole of
    its interval and the price of a stamp lies on the line between its neighbours, with the distance to them as the possible error.

    Raises
    ------
    InputError
        When the rule needs something else than premiums.
    """
    line = _Line(history)
    found: list[PublishedFixing] = []
    before: Fixing | None = None
    first = history[0].fixing
    for start, end, regime in _windows(history, law):
        rule = regime.rule
        before = rule.fix(_window(line, start, end, rule), before)
        price, error = line.price(end)
        accrual: Accrual = "continuous" if rule.settle.flow == "through" else "stamp"
        found.append(PublishedFixing(first.venue, first.symbol, end, before.rate, _hours(end - start), price, accrual, price_error=error))
    return found


def exchanged(one: Regime, other: Regime, parts: Sequence[str]) -> Regime:
    """Return `one` with some parts of `other`, by their names in `PARTS`."""
    rule = one.rule
    for part in parts:
        if part == "average":
            rule = rule.but(reduce=other.rule.reduce, each=other.rule.each)
        elif part in _FORMULA_PARTS:
            own = {name: getattr(other.rule.formula, name) for name in _FORMULA_PARTS[part]}
            rule = rule.but(formula=replace(rule.formula, **own))
    return Regime(rule, other.schedule if "interval" in parts else one.schedule)


def steps(one: Law, other: Law) -> Iterator[tuple[str, Law]]:
    """From `one` to `other`, a part at a time: the name of the part and the law with it exchanged."""
    for k, part in enumerate(PARTS):
        taken = PARTS[: k + 1]
        yield part, lambda ms, taken=taken: exchanged(one(ms), other(ms), taken)  # type: ignore[misc]  # a default binds the parts


def _windows(history: Sequence[Observed], law: Law) -> Iterator[tuple[int, int, Regime]]:
    """Windows of the regime's own stamps inside the history, in order."""
    own = iter([(seen.start, seen.fixing.at) for seen in history])
    now, last = history[0].start, history[-1].fixing.at
    while now < last:
        regime = law(now + 1)
        schedule = regime.schedule
        if schedule is None or schedule.continuous:
            start, end = next((span for span in own if span[1] > now), (last, last))
        else:
            end = schedule.next_after(now)
            start = end - schedule.step
        if end > last:
            return
        if start >= history[0].start:
            yield start, end, law(end)
        now = end


def _window(line: _Line, start: int, end: int, rule: Rule) -> Window:
    if rule.observe.kind in _OTHER_LOOKS or rule.reduce.kind not in _OF_PREMIUMS:
        there = f"it observes {rule.observe.kind} and not a premium"
        raise InputError("a history under another rule", there, "Choose a rule that looks at a premium.")
    inside = line.inside(start, end)
    if not inside:
        raise InputError(f"the window to {to_text(end)}", "the history has a hole there", "Give every interval.")
    moments = [start] if len(inside) == 1 else range(start, end, _common_step(inside, start, end))
    seen = [(ms, one.premium) for ms in moments if (one := line.during(ms)) is not None] or [(start, inside[0].premium)]
    level = line.price(end)[0] if rule.settle.unit == "quote" else None
    rows: dict[str, list[Number]] = {"premium": [premium for _, premium in seen], "at": [ms for ms, _ in seen]}
    return Window(start, end, rows, _hours(end - start), level=level)


_OF_PREMIUMS = {Mean.kind, LinearMean.kind, TimeMean.kind, Last.kind, DecayMean.kind}
_OTHER_LOOKS = {"none", "skew", "imbalance", "utilisation", "outside"}


class _Line:
    """A history that can be asked by time."""

    def __init__(self, history: Sequence[Observed]) -> None:
        self._history = history
        self._ends = [seen.fixing.at for seen in history]
        self._priced = [seen.fixing for seen in history if seen.fixing.price is not None]
        self._stamps = [fixing.at for fixing in self._priced]

    def inside(self, start: int, end: int) -> list[Observed]:
        """Intervals that reach into start..end."""
        first = bisect_right(self._ends, start)
        return [seen for seen in self._history[first : bisect_left(self._ends, end) + 1] if seen.start < end]

    def during(self, ms: int) -> Observed | None:
        """Return the interval an instant lies in; None in a hole."""
        k = bisect_right(self._ends, ms)
        return self._history[k] if k < len(self._history) and self._history[k].start <= ms else None

    def price(self, ms: int) -> tuple[Number | None, Number]:
        """Price of the notional at a stamp: as known, else between its neighbours, and how far off it may be (relative)."""
        k = bisect_left(self._stamps, ms)
        if k < len(self._stamps) and self._stamps[k] == ms:
            return self._priced[k].price, self._priced[k].price_error
        near = self._priced[max(k - 1, 0) : k + 1]
        prices = [fixing.price for fixing in near if fixing.price is not None]
        if not prices:
            return None, 0
        low, high = prices[0], prices[-1]
        share = Fraction(ms - near[0].at, near[-1].at - near[0].at) if len(near) > 1 else Fraction(0)
        price = low + (high - low) * (share if isinstance(low, Fraction) else float(share))
        return price, max(magnitude(low / price - 1), magnitude(high / price - 1))


def _common_step(inside: Sequence[Observed], start: int, end: int) -> int:
    """Longest step that meets every edge of the intervals and of the window."""
    edges = [start, end, *(seen.start for seen in inside), *(seen.fixing.at for seen in inside)]
    return gcd(*(edge - start for edge in edges if edge != start))


def _ms(hours: Number) -> int:
    return round(hours * MS_PER_HOUR)


def _hours(ms: int) -> Number:
    whole, rest = divmod(ms, MS_PER_HOUR)
    return whole if rest == 0 else ms / MS_PER_HOUR
