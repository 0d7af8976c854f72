"""Which rules and windows are the laws tried on? Random sentences over all parts, with their neutral and infinite numbers."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar, cast

from hypothesis import strategies as st

from perpscope.market.number import INF, Number, to_exact
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.observe import Observe
from perpscope.mechanisms.reduce import Adaptive, DecayMean, Last, LinearMean, Mean, MedianMean, Reducer, TimeMean, Velocity
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.sample import Band, Keep, PerSample, WholeFormula
from perpscope.mechanisms.window import Window

HOUR = 3_600_000
HOURS = (0.25, 1.0, 2.0, 4.0, 8.0, 24.0)
Part = TypeVar("Part")


def decimals(low: str, high: str, places: int = 7) -> st.SearchStrategy[float]:
    """Doubles that are short decimals, as venues print them."""
    return st.decimals(low, high, places=places).map(float)


premiums = decimals("-0.06", "0.06", 8)
widths = st.one_of(st.just(0.0), st.just(INF), decimals("0", "0.01"))


@st.composite
def formulas(draw: st.DrawFn, *, rounded: bool = True) -> Formula:
    """Draw numbers of every part of the formula, neutral ones included."""
    knee1, knee2 = sorted((draw(widths), draw(widths)))
    floor, cap = sorted(
        (draw(st.one_of(st.just(-INF), decimals("-0.02", "0.02"))), draw(st.one_of(st.just(INF), decimals("-0.02", "0.02"))))
    )
    return Formula(
        combine=draw(st.sampled_from(("pull", "larger", "clamped_premium"))),
        period=draw(st.sampled_from((0.0, 1.0, 8.0, 24.0))),
        interest=draw(decimals("-0.001", "0.001")),
        interest_per=draw(st.sampled_from((0.0, 8.0, 24.0))),
        damper=draw(widths),
        knee1=knee1,
        slope1=draw(st.sampled_from((1.0, 2.0, 0.5))),
        knee2=knee2,
        slope2=draw(st.sampled_from((1.0, 4.0))),
        times=draw(st.sampled_from((1.0, 0.5, -1.0))),
        add=draw(st.sampled_from((0.0, 0.0000125))),
        add_per=draw(st.sampled_from((0.0, 1.0))),
        floor=floor,
        cap=cap,
        limit_per=draw(st.sampled_from((0.0, 1.0, 8.0))),
        keep=draw(st.sampled_from((0.0, 0.25))),
        change=draw(widths),
        decimals=draw(st.sampled_from((-1, 4, 6, 8, 10))) if rounded else -1,
        rounding=draw(st.sampled_from(("nearest", "down", "to_zero"))),
    )


reducers: st.SearchStrategy[Reducer] = st.one_of(
    st.builds(Mean, at_least=st.sampled_from((0, 5, 60))),
    st.just(LinearMean()),
    st.just(TimeMean()),
    st.just(Last()),
    st.builds(DecayMean, half_life_hours=st.sampled_from((0.5, 8.0))),
    st.builds(Velocity, scale=st.sampled_from((0.01, 10.0)), fastest=st.sampled_from((0.1, 9.0))),
    st.builds(
        Adaptive,
        increase=st.just(1e-6),
        decrease=st.just(2e-8),
        stable=st.just(0.01),
        calm=st.sampled_from((0.0, 0.005)),
        floor=st.sampled_from((0.0, 1e-5)),
        cap=st.sampled_from((1e-4, INF)),
    ),
    st.builds(MedianMean, block_seconds=st.sampled_from((60, 900)), votes=st.sampled_from((0, 3)), at_least=st.sampled_from((0, 10))),
)
transforms: st.SearchStrategy[PerSample] = st.one_of(
    st.just(Keep()),
    st.builds(WholeFormula, interest=decimals("-0.001", "0.001"), damper=widths, bound=widths),
    st.builds(
        Band, dead=decimals("0", "0.001"), bound=st.one_of(st.just(INF), decimals("0.0001", "0.01")), divide=st.sampled_from((1.0, 8.0))
    ),
)


@st.composite
def rules(draw: st.DrawFn, *, rounded: bool = True) -> Rule:
    """Draw a rule over all parts; its samples are premiums, so that every transform meets every average."""
    return Rule(
        Observe("impact_band", draw(st.sampled_from((5.0, 60.0)))), draw(reducers), draw(formulas(rounded=rounded)), draw(transforms)
    )


@dataclass(frozen=True, slots=True)
class History:
    """Consecutive windows with their samples: times (ms) and premiums, ends and hours of each."""

    hours: tuple[float, ...]
    at: tuple[tuple[int, ...], ...]
    samples: tuple[tuple[float, ...], ...]
    start: int = 1_700_000_000_000 // HOUR * HOUR

    def windows(self, *, timed: bool) -> list[Window]:
        """Return the windows in order."""
        found, start = [], self.start
        for hours, at, samples in zip(self.hours, self.at, self.samples, strict=True):
            rows: dict[str, tuple[Number, ...]] = {"premium": samples}
            if timed:
                rows["at"] = tuple(start + t for t in at)
            found.append(Window(start, start + round(hours * HOUR), rows))
            start = found[-1].end
        return found


@st.composite
def histories(draw: st.DrawFn, *, longest: int = 12) -> History:
    """Draw one to five windows of uneven length; the first sample lies before a window's end, so that every average has weight."""
    hours = draw(st.lists(st.sampled_from(HOURS), min_size=1, max_size=5))
    at, samples = [], []
    for h in hours:
        size = draw(st.integers(1, longest))
        moments = draw(st.lists(st.integers(0, round(h * HOUR)), min_size=size, max_size=size).map(sorted))
        at.append((min(moments[0], round(h * HOUR) - 1), *moments[1:]))
        samples.append(tuple(draw(st.lists(premiums, min_size=size, max_size=size))))
    return History(tuple(hours), tuple(at), tuple(samples))


def exactly(part: Part) -> Part:
    """Return the same part with every number the exact fraction of the decimal it prints as."""
    if not dataclasses.is_dataclass(part) or isinstance(part, type):
        return part
    changed: dict[str, Any] = {}
    for field in dataclasses.fields(part):
        value = getattr(part, field.name)
        if field.name not in {"decimals", "votes"} and isinstance(value, int | float | Fraction) and not isinstance(value, bool):
            changed[field.name] = to_exact(value)
        elif dataclasses.is_dataclass(value):
            changed[field.name] = exactly(value)
    return cast("Part", dataclasses.replace(part, **changed))


def exact_window(window: Window) -> Window:
    """Return the same window in fractions, times included."""
    rows = {name: tuple(to_exact(x) if name != "at" else Fraction(x) for x in column) for name, column in window.rows.items()}
    return Window(window.start, window.end, rows, Fraction(window.length_hours), window.due)


def bits(values: Any) -> list[str]:  # noqa: ANN401 - numbers of any kind
    """Write doubles so that only equal bits look equal, the sign of a zero included; any NaN equals any NaN."""
    return ["nan" if math.isnan(x) else float(x).hex() for x in values]
