"""What will the rate be, if the window closed now?

A `Meter` is one open window seen one sample at a time: the streaming life of a rule. It adds the same numbers in
the same order as `Rule.fix`, so closing it gives the very same fixing, bit for bit.
"""

from __future__ import annotations

import dataclasses

from perpscope.errors import InputError
from perpscope.market.number import Number
from perpscope.mechanisms.reduce import MedianMean, Tally, add, median
from perpscope.mechanisms.rule import Fixing, Rule
from perpscope.mechanisms.sample import transform
from perpscope.mechanisms.window import Window
from perpscope.units import MS_PER_HOUR


class Meter:
    """An open funding window.

    Parameters
    ----------
    rule : the rule in force at the window's end.
    window : start, end, hours and due; its rows are ignored.
    before : the previous fixing or its rate.
    timed : whether samples carry their time; without times they are taken as evenly spaced.
    """

    def __init__(self, rule: Rule, window: Window, before: Fixing | Number | None = None, *, timed: bool = True) -> None:
        self.rule = rule
        self.window = dataclasses.replace(window, rows={})
        self.before = before
        self.timed = timed
        self.tally: Tally = rule.first_tally(before)
        self.seen: int = 0
        self._numbers = rule.reduce.numbers()
        self._each = rule.each.numbers()
        self._even_hours = 0 if timed else rule.even_hours()
        self._last: tuple[Number, int] | None = None
        self._votes: list[Number] = []
        self._block = -1

    def look(self, at: int | None = None, **columns: Number) -> None:
        """See one instant of raw prices (the columns the rule needs)."""
        self.see(self.rule.observe.premium(**columns), at)

    def see(self, premium: Number, at: int | None = None) -> None:
        """See one premium sample (fraction) at `at` (ms)."""
        if self.timed != (at is not None):
            raise InputError(
                "a premium sample", "with a time" if at is not None else "without a time", "A meter is timed or not, throughout."
            )
        kind, *numbers = self._each
        interest, damper, dead, bound, divide = numbers
        x = transform(kind, premium, interest, damper, dead, bound, divide)
        if at is None:
            self._add(x, self._even_hours)
            return
        self._refuse_disorder(at)
        if isinstance(self.rule.reduce, MedianMean):
            self._vote(x, at, self.rule.reduce)
        elif self._last is not None:
            self._add(self._last[0], (at - self._last[1]) / MS_PER_HOUR)
        self._last = (x, at)

    def _refuse_disorder(self, at: int) -> None:
        earliest = self.window.start if self._last is None else self._last[1]
        if not earliest <= at <= self.window.end:
            raise InputError(
                "a premium sample", f"at {at}, outside {earliest}..{self.window.end}", "Feed samples of one window in order of time."
            )

    def _vote(self, x: Number, at: int, reducer: MedianMean) -> None:
        block = int((at - self.window.start) // (reducer.block_seconds * 1000))
        if self._votes and block != self._block:
            self._add(median(self._votes, reducer.votes, reducer.grains), 0)
            self._votes = []
        self._block = block
        self._votes.append(x)

    def _add(self, x: Number, hours: Number) -> None:
        self.tally = Tally(*add(self.rule.reduce.kind, *self.tally, x, hours, *self._numbers))
        self.seen += 1

    def close(self) -> Fixing:
        """Return the fixing of the whole window."""
        return self._fixing(self.window.end)

    def predict(self, at: int | None = None) -> Fixing:
        """Return the fixing if what was seen up to `at` (ms; default: the last sample) were all; its kind is predicted."""
        last = self.window.end if self._last is None else self._last[1]
        now = last if at is None else at
        if self._last is not None and not last <= now <= self.window.end:
            raise InputError("a prediction", f"at {now}, outside {last}..{self.window.end}", "Ask between the last sample and the end.")
        return dataclasses.replace(self._fixing(now), kind="predicted")

    def _fixing(self, end: int) -> Fixing:
        if self.rule.observe.kind == "none":
            return self.rule.conclude(self.window, self.before, None, 0, 0)
        tally, seen = self.tally, self.seen
        if isinstance(self.rule.reduce, MedianMean) and self._votes:
            middle = median(self._votes, self.rule.reduce.votes, self.rule.reduce.grains)
            tally = Tally(*add(self.rule.reduce.kind, *tally, middle, 0, *self._numbers))
            seen += 1
        elif self._last is not None and self.timed and not isinstance(self.rule.reduce, MedianMean):
            tally = Tally(*add(self.rule.reduce.kind, *tally, self._last[0], (end - self._last[1]) / MS_PER_HOUR, *self._numbers))
            seen += 1
        return self.rule.conclude(self.window, self.before, tally, seen, self.rule.average_of(tally))
