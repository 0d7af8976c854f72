"""What rate does this rule decide for this window?

`Rule.fix(window, before)` is the one function of history, live monitor and simulator; the previous fixing is the
only state. A `Fixing` keeps every step, so that every rate can be asked why.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from perpscope.errors import InputError, NotEnoughData
from perpscope.market.number import Number, to_float
from perpscope.mechanisms.auction import Auction, Cleared, Order, clear
from perpscope.mechanisms.decide import Formula, Terms, decide
from perpscope.mechanisms.observe import Observe
from perpscope.mechanisms.reduce import Adaptive, DecayMean, MedianMean, Reducer, Tally, TimeMean, Velocity, add, average, median
from perpscope.mechanisms.sample import Keep, PerSample, transform
from perpscope.mechanisms.settle import Settlement
from perpscope.mechanisms.window import Window, spans

Kind = Literal["computed", "partial", "predicted"]
NO_RATE = float("nan")


AS_IT_IS = Keep()
AT_MARK = Settlement()


@dataclass(frozen=True, slots=True)
class Rule:
    """A venue's rule as a sentence of parts: observe, per-sample transform, average, formula, settlement."""

    observe: Observe
    reduce: Reducer | Auction
    formula: Formula
    each: PerSample = AS_IT_IS
    settle: Settlement = AT_MARK

    def fix(self, window: Window, before: Fixing | Number | None = None) -> Fixing:
        """Decide the rate of `window`; `before` is the previous fixing (or its rate), needed by change caps and decaying means.

        Raises
        ------
        InputError
            When a needed column is absent.
        NotEnoughData
            When the window holds no sample.

        Examples
        --------
        >>> from perpscope.mechanisms.reduce import Mean
        >>> rule = Rule(Observe("impact_band", 5), Mean(), Formula(period=8, interest=0.0001, damper=0.0005))
        >>> rule.fix(Window.averaged(0, 3_600_000, 0.0011)).rate
        7.500000000000001e-05
        """
        if self.observe.kind == "none":
            return self.conclude(window, before, None, 0, 0)
        if "premium_index" in window.rows:
            given = window.rows["premium_index"]
            if len(given) != 1:
                raise InputError("an averaged premium", f"{len(given)} values", "A window has one premium_index.")
            return self.conclude(window, before, None, 0, given[0])
        if isinstance(self.reduce, Auction):
            return self._auctioned(window, before, self.reduce)
        samples = self.samples(window)
        tally = self._fold(self.first_tally(before), samples, window)
        seen = len(samples) if isinstance(self.reduce, DecayMean) else tally.seen
        return self.conclude(window, before, tally, seen, self.average_of(tally))

    def _auctioned(self, window: Window, before: Fixing | Number | None, auction: Auction) -> Fixing:
        """Clear the orders of a window and decide on their price."""
        missing = [name for name in ("limit", "quantity") if name not in window.rows]
        if missing:
            raise InputError("an auction", f"no column {', '.join(missing)}", "Give each order's limit and signed quantity.")
        cleared = clear([Order(*row) for row in zip(window.rows["limit"], window.rows["quantity"], strict=True)], auction.tie)
        if cleared.left:
            there = f"{abs(to_float(cleared.left)):g} found nobody: what the rate then is, the rule does not say"
            raise NotEnoughData("the price of an auction", there, "Give the rate of a failed delivery, or more orders.")
        price = auction.idle if cleared.price is None else cleared.price
        if price is None:
            raise NotEnoughData("the price of an auction", "nothing traded against a limit", "Give orders that meet.")
        return dataclasses.replace(self.conclude(window, before, None, 0, price), cleared=cleared)

    def but(self, **parts: object) -> Rule:
        """Return this rule with some parts exchanged (the counterfactual)."""
        return dataclasses.replace(self, **parts)  # type: ignore[arg-type]  # names and types are checked by replace itself

    def needs(self) -> tuple[str, ...]:
        """Columns of raw observations this rule reads."""
        return ("limit", "quantity") if isinstance(self.reduce, Auction) else self.observe.columns

    def samples(self, window: Window) -> list[Number]:
        """Premium samples of a window, observed where they are not given, after the per-sample transform."""
        raw = window.rows["premium"] if "premium" in window.rows else self.observe.samples(window.rows)
        kind, *numbers = self.each.numbers()
        interest, damper, dead, bound, divide = numbers
        return [transform(kind, x, interest, damper, dead, bound, divide) for x in raw]

    def first_tally(self, before: Fixing | Number | None) -> Tally:
        """Return the tally a window starts from: empty, the last one's where the average goes on, or with its rate where that drifts."""
        last = before.tally if isinstance(before, Fixing) else None
        match self.reduce:
            case DecayMean():
                return last or Tally()
            case Velocity() | Adaptive():
                carry = last.carry if last else before if before is not None and not isinstance(before, Fixing) else 0
                return Tally(carry=carry)
            case _:
                return Tally()

    def average_of(self, tally: Tally) -> Number:
        """Return the averaged premium of a tally (fraction).

        Raises
        ------
        NotEnoughData
            When nothing was seen.
        """
        if not tally.weight and not self.reduce.at_least:
            raise NotEnoughData("a fixing", "the window holds no premium sample", "Collect the window, or give its premium_index.")
        return average(tally.weight, tally.total, self.reduce.at_least, self.reduce.grains)

    def even_hours(self) -> Number:
        """Return the hours each sample is in force where samples carry no times: the nominal spacing.

        Raises
        ------
        InputError
            When the average weighs by time and the venue states no spacing.
        """
        if not self.observe.every_seconds and isinstance(self.reduce, TimeMean | DecayMean | Velocity | Adaptive):
            raise InputError(
                "a time-weighted average", "samples without times, and the rule states no spacing", "Give the column `at` (ms)."
            )
        return self.observe.every_seconds / 3600

    def _fold(self, tally: Tally, samples: list[Number], window: Window) -> Tally:
        at = window.rows.get("at")
        if isinstance(self.reduce, MedianMean):
            samples = medians(self.reduce, samples, at, window.start)
            at = None
        numbers = self.reduce.numbers()
        even = self.even_hours() if at is None else 0
        for x, span in zip(samples, spans(at, window.end, len(samples), even), strict=True):
            tally = Tally(*add(self.reduce.kind, *tally, x, span, *numbers))
        return tally

    def conclude(self, window: Window, before: Fixing | Number | None, tally: Tally | None, seen: Number, premium: Number) -> Fixing:
        """Turn an averaged premium into the fixing of `window`; `seen` counts the samples of this window."""
        rate_before = before.rate if isinstance(before, Fixing) else NO_RATE if before is None else before
        level, formula = None, self.formula
        if self.settle.unit == "quote":
            level = window.price_level
            formula = formula.at_level(level, self.settle.level_grains)
        terms = decide(premium, window.interval_hours, rate_before, *formula.numbers())
        covered = None if tally is None else self.coverage(window.length_hours, seen)
        return Fixing(
            rule=self,
            start=window.start,
            end=window.end,
            due=window.end if window.due is None else window.due,
            hours=window.interval_hours,
            terms=terms,
            tally=tally,
            coverage=covered,
            before=rate_before,
            kind="computed" if covered is None or covered >= 1 else "partial",
            level=level,
        )

    def coverage(self, length_hours: Number, seen: Number) -> float | None:
        """Share of the samples expected in `length_hours` that were seen; None where the venue does not say its spacing."""
        spacing = self.reduce.block_seconds if isinstance(self.reduce, MedianMean) else self.observe.every_seconds
        return min(1.0, to_float(seen) * to_float(spacing) / (3600 * to_float(length_hours))) if spacing else None


@dataclass(frozen=True, slots=True)
class Fixing:
    """The decided rate of one interval with everything that made it.

    Parameters
    ----------
    rule : the rule that decided. start, end, due : window and payment stamp (ms UTC).
    hours : the interval the rate is for. terms : every step (fractions).
    tally : what the average remembered; None where the average was given.
    coverage : share of expected samples seen, in [0, 1]; None where it cannot be known.
    before : rate of the previous fixing, NaN where there was none.
    kind : computed, partial (coverage below 1: never counted as matched) or predicted (window still open).
    level : price the terms are shares of where the rule decides quote units per base unit; None where they are fractions.
    cleared : what the auction gave, where the rule holds one.
    """

    rule: Rule
    start: int
    end: int
    due: int
    hours: Number
    terms: Terms
    tally: Tally | None
    coverage: float | None
    before: Number
    kind: Kind
    level: Number | None = None
    cleared: Cleared | None = None

    @property
    def value(self) -> Number:
        """What was decided: a fraction of notional, or quote units per base unit; for `hours`."""
        return self.terms.rounded

    @property
    def rate(self) -> Number:
        """The rate: fraction of notional per `hours`."""
        return self.value if self.level is None else self.value / self.level


def medians(reducer: Reducer | Auction, samples: list[Number], at: Sequence[Number] | None, start: int) -> list[Number]:
    """Median of every block of votes, in order of time; blocks without votes are absent (and later padded with zero).

    Source: two-stage averages of block votes; see the catalogue.
    """
    if at is None or not isinstance(reducer, MedianMean):
        raise InputError("medians of blocks", "votes without times", "Give the column `at` (ms).")
    step = reducer.block_seconds * 1000
    blocks: dict[int, list[Number]] = {}
    for x, moment in zip(samples, at, strict=True):
        blocks.setdefault(int((moment - start) // step), []).append(x)
    return [median(votes, reducer.votes, reducer.grains) for _, votes in sorted(blocks.items())]
