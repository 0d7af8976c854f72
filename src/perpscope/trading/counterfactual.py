"""What would this history have paid under another rule, and which part of the rule makes the difference?

A history is the averaged premium of each interval with the price of its stamp. Another rule decides it anew, cut at its own
stamps. The difference of two rules is told part by part: the parts of one are exchanged for those of the other in a fixed
order, so that the steps add up to the whole, exactly on fractions.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import gcd

from perpscope.errors import InputError
from perpscope.market.funding import Accrual, PublishedFixing
from perpscope.market.number import INF, Number
from perpscope.market.time import Schedule
from perpscope.mechanisms.auction import Auction
from perpscope.mechanisms.reduce import DecayMean, Last, LinearMean, Mean, MedianMean, Reducer, TimeMean
from perpscope.mechanisms.rule import Fixing, Rule
from perpscope.mechanisms.window import Window
from perpscope.trading.decided import Priced, between, known, step
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
        return self.fixing.at - step(self.fixing)


@dataclass(frozen=True, slots=True)
class Regime:
    """A rule with the stamps it decides at; without a schedule it decides at the history's own."""

    rule: Rule
    schedule: Schedule | None = None


Law = Callable[[int], Regime]
"""The regime in force for a window that ends at a moment (ms UTC)."""

_FORMULA_PARTS: Mapping[str, tuple[str, ...]] = {
    "interval": ("period",),
    "interest": ("interest", "interest_per"),
    "clamp": ("damper", "combine"),
    "bend": ("knee1", "slope1", "knee2", "slope2"),
    "multiplier": ("times",),
    "addition": ("add", "add_per"),
    "caps": ("floor", "cap", "limit_per"),
    "slowing": ("keep", "change"),
    "rounding": ("decimals", "rounding"),
}
PARTS = ("interval", "average", *(part for part in _FORMULA_PARTS if part != "interval"), "payment")
"""The order in which parts are exchanged: first the stamps, with the hours the formula is written for; "payment" is what the rate is
a fraction of and whether it accrues."""
_OFTEN = 300_000
_FINEST = 5760  # samples of a window at most: eight hours of five seconds
_FULL = 60  # a window that lacks more than a sixtieth is not decided


def decided(history: Sequence[Observed], law: Law) -> list[PublishedFixing]:
    """Decide a history anew.

    Parameters
    ----------
    history : intervals of one contract in order of time. law : the regime in force at each moment.

    Returns
    -------
    Fixings at the regime's stamps inside the history, of every window that the history covers; what is decided ahead is paid at the end
    of the window that was looked at. Where the stamps are others than the history's, a premium counts for the whole of its
    interval and the price of a stamp lies on the line between its neighbours, with the distance to them as the possible error;
    infinite where it has a neighbour on one side only.

    Raises
    ------
    InputError
        When the rule needs something else than premiums.
    """
    line = _Line(history)
    found: list[PublishedFixing] = []
    before: Fixing | None = None
    for start, end, regime in _windows(history, law):
        rule = regime.rule
        price = line.price(end)
        seen = line.samples(start, end, evenly=isinstance(rule.reduce, LinearMean))
        if not seen:
            before = None
            continue
        before = _of_premiums(rule).fix(_window(start, end, rule, seen, price), before)
        accrual: Accrual = "continuous" if rule.settle.flow == "through" else "stamp"
        first, hours = history[0].fixing, _hours(end - start)
        found.append(PublishedFixing(first.venue, first.symbol, end, before.rate, hours, price.price, accrual, price_error=price.error))
    return found


def exchanged(one: Regime, other: Regime, parts: Sequence[str]) -> Regime:
    """Return `one` with some parts of `other`, by their names in `PARTS`."""
    rule = one.rule
    for part in parts:
        if part == "average":
            rule = rule.but(reduce=other.rule.reduce, each=other.rule.each)
        elif part == "payment":
            rule = rule.but(settle=other.rule.settle)
        else:
            own = {name: getattr(other.rule.formula, name) for name in _FORMULA_PARTS[part]}
            rule = rule.but(formula=replace(rule.formula, **own))
    return Regime(rule, other.schedule if "interval" in parts else one.schedule)


def steps(one: Law, other: Law) -> Iterator[tuple[str, Between]]:
    """From `one` to `other`, a part at a time: the name of the part and the law with it exchanged."""
    for k, part in enumerate(PARTS):
        yield part, Between(one, other, PARTS[: k + 1])


def climb(history: Sequence[Observed], one: Law, other: Law) -> Iterator[tuple[str, list[PublishedFixing]]]:
    """Decide a history by `one`, which comes first under the name "", then with part after part of `other`."""
    law = Between(one, other, ())
    fixings = decided(history, law)
    yield "", fixings
    for part, following in steps(one, other):
        if following.alike(law):  # then it is left aside: what it would decide is there
            yield part, fixings
            continue
        law, fixings = following, decided(history, following)
        yield part, fixings


@dataclass(frozen=True, slots=True)
class Between:
    """A law with some parts of another; equal pairs of regimes are put together once, and remembered."""

    one: Law
    other: Law
    parts: Sequence[str]
    known: dict[tuple[int, int], tuple[Regime, Regime, Regime]] = field(default_factory=dict)

    def __call__(self, ms: int) -> Regime:
        """Regime in force for a window that ends at `ms`."""
        one, other = self.one(ms), self.other(ms)
        key = (id(one), id(other))
        if key not in self.known:  # both are kept beside it, so that no id is used twice
            self.known[key] = (one, other, exchanged(one, other, self.parts))
        return self.known[key][2]

    def alike(self, before: Between) -> bool:
        """Whether nothing of what `before` was asked for would be answered otherwise."""
        return all(exchanged(one, other, self.parts) == regime for one, other, regime in before.known.values())


def _windows(history: Sequence[Observed], law: Law) -> Iterator[tuple[int, int, Regime]]:
    """Windows of the regime's own stamps that meet the history, in order."""
    own = iter([(seen.start, seen.fixing.at) for seen in history])
    if not history:
        return
    now, last = history[0].start, history[-1].fixing.at
    while now < last:
        regime = law(now + 1)
        schedule = regime.schedule
        if schedule is None or schedule.continuous:
            start, end = next((span for span in own if span[1] > now), (last, last))
        else:
            end = schedule.next_after(now)
            start = end - schedule.step
        yield start, end, law(end)
        now = end


def _of_premiums(rule: Rule) -> Rule:
    """Return the rule for premiums that count for the whole of their interval: no vote and no sample is missing.

    Raises
    ------
    InputError
        When it looks at something else than a premium.
    """
    refuse_other_looks(rule.observe.kind)
    if not isinstance(rule.reduce, _AVERAGES):
        raise InputError(
            "a history under another rule", "its rate is carried on, and is no average", "Choose a rule that averages premiums."
        )
    reduce: Reducer | Auction = rule.reduce
    if isinstance(reduce, Mean | MedianMean | TimeMean):  # of evenly spaced samples, all of them there, these are one and the same
        reduce = Mean(grains=reduce.grains)
    return rule.but(reduce=reduce)


def _window(start: int, end: int, rule: Rule, seen: Sequence[tuple[int, Number]], price: Priced) -> Window:
    """Build the window of these premiums; a rule that decides amounts looks at a share of the price."""
    level = price.price if rule.settle.unit == "quote" else None
    premiums = [premium if level is None else premium * level for _, premium in seen]
    return Window(start, end, {"premium": premiums, "at": [ms for ms, _ in seen]}, _hours(end - start), level=level)


def refuse_other_looks(kind: str) -> None:
    """Refuse a rule that observes something else than a premium.

    Raises
    ------
    InputError
        When it does.
    """
    if kind in NO_PREMIUM:
        raise InputError(
            "a history under another rule", f"it looks at {kind} and not at a premium", "Choose a rule that looks at a premium."
        )


_AVERAGES = (Mean, MedianMean, LinearMean, TimeMean, Last, DecayMean)
NO_PREMIUM = {"none", "skew", "imbalance", "utilisation", "outside", "final_price"}


class _Line:
    """A history that can be asked by time."""

    def __init__(self, history: Sequence[Observed]) -> None:
        self._spans = [(seen.start, seen.fixing.at, seen.premium) for seen in history]
        self._ends = [seen.fixing.at for seen in history]
        self._priced = [seen.fixing for seen in history if seen.fixing.price is not None]
        self._stamps = [fixing.at for fixing in self._priced]

    def samples(self, start: int, end: int, *, evenly: bool) -> list[tuple[int, Number]]:
        """Premiums of a window with their times (ms), evenly spaced; none where the history does not cover it.

        `evenly` : at least every five minutes, for averages that count samples and not hours.
        """
        first, last = bisect_right(self._ends, start), bisect_left(self._ends, end) + 1
        inside = [span for span in self._spans[first:last] if span[0] < end]
        covered = sum(min(until, end) - max(since, start) for since, until, _ in inside)
        if _FULL * (end - start - covered) > end - start:
            return []
        if len(inside) == 1:
            return [(start, inside[0][2])]
        edges = (edge for since, until, _ in inside for edge in (since, until))
        every = gcd(end - start, *(edge - start for edge in edges), _OFTEN if evenly else 0)
        every = max(every, (end - start) // _FINEST)
        found: list[tuple[int, Number]] = []
        k = 0
        for ms in range(start, end, every):
            while k < len(inside) and inside[k][1] <= ms:
                k += 1
            if k < len(inside) and inside[k][0] <= ms:
                found.append((ms, inside[k][2]))
        return found

    def price(self, ms: int) -> Priced:
        """Price of the notional at a stamp: as known, else between its neighbours."""
        k = bisect_left(self._stamps, ms)
        if k < len(self._stamps) and self._stamps[k] == ms:
            return known(self._priced[k]) or Priced(None)
        near = self._priced[max(k - 1, 0) : k + 1]
        if len(near) > 1:
            return between(near[0], near[1], ms)
        return Priced(near[0].price, -INF, INF) if near else Priced(None)


def _hours(ms: int) -> Number:
    whole, rest = divmod(ms, MS_PER_HOUR)
    return whole if rest == 0 else ms / MS_PER_HOUR
