"""Why is the rate what it is?

The story of one fixing in one screen: a line for every part that is not neutral, each with its number and the
source of that number. Without a fixing, the rule is told as a sentence and as the map from premium to rate.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from perpscope.market.number import Number, to_float
from perpscope.market.time import to_text
from perpscope.mechanisms.auction import Auction
from perpscope.mechanisms.decide import Formula, Terms
from perpscope.mechanisms.reduce import Adaptive, DecayMean, LinearMean, Mean, MedianMean, TimeMean, Velocity
from perpscope.mechanisms.rule import Fixing, Rule
from perpscope.mechanisms.sample import Band, WholeFormula
from perpscope.mechanisms.shape import Piece, pieces
from perpscope.units import MS_PER_HOUR, Rate

WIDTH, NAME, VALUE = 80, 9, 14
_AT = {"unknown": "", "none": ", whatever the price"}
_SEEN = {
    "difference": "mark less index, as a share of the index",
    "impact_band": "index outside the impact spread",
    "impact_band_mark": "mark outside the impact spread",
    "impact_band_mark_basis": "mark outside the impact spread, plus fair basis",
    "impact_band_mark_rate": "mark outside the impact spread, plus the last rate",
    "mid": "mid over index",
    "impact_mid": "mean of the impact prices over index",
    "mark_premium": "mark over index",
    "mark_premium_basis": "mark over index, plus fair basis",
    "execution_premium": "executions over mark",
    "final_price": "the index",
    "skew": "open long less open short",
    "imbalance": "excess of one side's open interest",
    "utilisation": "reserved share of the pool",
    "outside": "what somebody outside sets",
    "none": "no premium is used",
    "orders": "orders and notices of an auction",
    "given": "how it looks is not known; premiums are given",
}
_CLEARED = {"last": "the limit the last fill met", "middle": "the middle of the prices that clear"}


@dataclass(frozen=True, slots=True)
class Line:
    """What one part did: its name, its number as text, words, and where the number comes from."""

    part: str
    value: str
    words: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A title and its lines; `text` is one screen of at most 80 columns."""

    title: str
    lines: tuple[Line, ...] = field(default=())

    @property
    def text(self) -> str:
        """The story as plain text."""
        out = textwrap.wrap(self.title, WIDTH)
        value = max((VALUE, *(len(line.value) for line in self.lines)))
        for line in self.lines:
            words = f"{line.words} [{line.source}]" if line.source else line.words
            wrapped = textwrap.wrap(words.replace(" %", "\N{NO-BREAK SPACE}%"), WIDTH - NAME - value - 2, break_on_hyphens=False) or [""]
            out.append(f"{line.part:<{NAME}}{line.value:>{value}}  {wrapped[0]}".rstrip())
            out.extend(" " * (NAME + value + 2) + more for more in wrapped[1:])
        return "\n".join(out).replace("\N{NO-BREAK SPACE}", " ")


def explain(fixing: Fixing, *, title: str = "", sources: Mapping[str, str] | None = None) -> Explanation:
    """Tell why `fixing` is what it is.

    Parameters
    ----------
    fixing : a decided rate with its terms.
    title : what it is the rate of. sources : "part.name" of a number -> name of its source, as the catalogue gives them.
    """
    said = sources or {}
    amount = [] if fixing.level is None else [_amount(fixing)]
    fixing = _in_shares(fixing)
    formula, terms = fixing.rule.formula, fixing.terms
    lines = [_window(fixing), *([_auction(fixing, said)] if fixing.cleared else [_premium(fixing, said)])]
    if terms.bent != terms.premium:
        lines.append(Line("bend", percent(terms.bent), "large premiums count more", said.get("formula.slope1", "")))
    if formula.interest or formula.damper:
        words = f"for the {hours_text(_written_for(fixing))} the formula is written for"
        lines.append(Line("interest", percent(terms.interest), words, said.get("formula.interest", "")))
    lines += [line for line in (_pull(fixing, said), _scaling(fixing, said)) if line]
    if terms.added != terms.scaled:
        lines.append(Line("addition", percent(terms.added), f"plus {percent(terms.added - terms.scaled)}", said.get("formula.add", "")))
    lines += [line for line in (_limit(fixing, said), _change(fixing, said), _rounding(fixing, said)) if line]
    return Explanation(title, (*lines, *amount, *_result(fixing)))


def _in_shares(fixing: Fixing) -> Fixing:
    """Return a fixing of quote units with every step as a share of its price level, so that one story fits both."""
    if fixing.level is None:
        return fixing
    return replace(fixing, terms=Terms(*(x / fixing.level for x in fixing.terms)), level=None)


def _amount(fixing: Fixing) -> Line:
    level = to_float(fixing.level or 0)
    return Line(
        "amount", f"{to_float(fixing.value):+.9g}", f"quote units per base unit held; every step above is a share of the index {level:g}"
    )


def _auction(fixing: Fixing, said: Mapping[str, str]) -> Line:
    cleared = fixing.cleared
    volume = 0.0 if cleared is None else to_float(cleared.volume)
    words = f"one price for all: {volume:g} changed hands" if volume else "nothing had to change hands"
    return Line("auction", percent(fixing.terms.premium), words, said.get("reduce.kind", ""))


def describe(rule: Rule, hours: Number, *, title: str = "", sources: Mapping[str, str] | None = None) -> Explanation:
    """Tell a rule without a premium: how it looks, averages and decides, and which premium leads to which rate per `hours`."""
    said = sources or {}
    formula = rule.formula
    every = f" every {rule.observe.every_seconds:g} s" if rule.observe.every_seconds else ""
    lines = [
        Line("looks", "", f"{_seen(rule)}{every}", said.get("observe.kind", "")),
        Line("averages", "", f"{_average(rule)}{_each(rule)}", said.get("reduce.kind", "")),
    ]
    if formula.period and formula.period != hours:
        lines.append(Line("scales", "", _share(rule, hours), said.get("formula.period", "")))
    per = to_float(hours)
    lines += [Line("premium", percent_span(piece), f"rate {_piece(piece, formula, per)}") for piece in pieces(formula, per)]
    if math.isfinite(formula.change):
        words = f"moves at most {percent(formula.change, sign=False)} from one rate to the next"
        lines.append(Line("changes", "", words, said.get("formula.change", "")))
    return Explanation(title, tuple(lines))


def percent(x: Number, *, sign: bool = True) -> str:
    """Write a fraction in percent, to 1e-10 of the whole, without idle zeros."""
    value = to_float(x) * 100
    if not math.isfinite(value):
        return "unlimited" if not math.isnan(value) else "none"
    text = f"{value:+.8f}" if sign else f"{value:.8f}"
    text = text.rstrip("0").rstrip(".")
    return f"{'0' if text in {'+0', '-0'} else text} %"


def percent_span(piece: Piece) -> str:
    """Write the premiums of a piece, short enough for the column."""
    low, high = (f"{100 * x:.4g}" for x in (piece.low, piece.high))
    if math.isinf(piece.low):
        return "any" if math.isinf(piece.high) else f"to {high} %"
    return f"from {low} %" if math.isinf(piece.high) else f"{low}..{high} %"


def hours_text(hours: Number) -> str:
    """Write a length of time given in hours."""
    return f"{to_float(hours):g} h"


def _written_for(fixing: Fixing) -> Number:
    return fixing.rule.formula.period or fixing.hours


def _window(fixing: Fixing) -> Line:
    seen = (
        "the average was given"
        if fixing.tally is None
        else f"{to_float(fixing.tally.seen):g} sample{'' if fixing.tally.seen == 1 else 's'}"
    )
    if fixing.rule.observe.kind == "none":
        seen = "no samples are needed"
    if fixing.cleared is not None:
        seen = f"{len(fixing.cleared.filled)} orders"
    if fixing.coverage is not None:
        seen += f", coverage {100 * math.floor(10_000 * fixing.coverage) / 10_000:g} %"
        seen += "" if fixing.coverage >= 1 else ": PARTIAL, not to be compared"
    foretold = "; the window is open, this is a prediction" if fixing.kind == "predicted" else ""
    return Line("window", hours_text((fixing.end - fixing.start) / MS_PER_HOUR), f"to {to_text(fixing.end)}; {seen}{foretold}")


def _premium(fixing: Fixing, said: Mapping[str, str]) -> Line:
    rule = fixing.rule
    words = _seen(rule)
    if fixing.tally is None and rule.observe.kind == "given":
        words = "as given: how the venue looks and averages is not known"
    elif rule.observe.kind != "none":
        every = f" every {rule.observe.every_seconds:g} s" if rule.observe.every_seconds else ""
        words = f"{_average(rule)} of {words}{every}{_each(rule)}"
    return Line("premium", percent(fixing.terms.premium), words, said.get("reduce.kind", ""))


def _seen(rule: Rule) -> str:
    return _SEEN.get(rule.observe.kind, rule.observe.kind.replace("_", " "))


def _average(rule: Rule) -> str:
    match rule.reduce:
        case Mean(at_least=n):
            return "mean" + (f", padded with zeros to {to_float(n):g} samples," if n else "")
        case LinearMean():
            return "mean with weights 1, 2, .. n"
        case TimeMean():
            return "time-weighted mean"
        case DecayMean(half_life_hours=h):
            return f"decaying mean (half-life {hours_text(h)})"
        case MedianMean(block_seconds=s):
            return f"mean of the medians of each {to_float(s):g} s"
        case _:
            return _carried(rule)


def _carried(rule: Rule) -> str:
    match rule.reduce:
        case Velocity(scale=scale, fastest=fastest):
            return f"mean of a rate that drifts by at most {to_float(fastest):g} a day, at a scale of {to_float(scale):g},"
        case Adaptive():
            return "mean of a rate that grows and fades"
        case _:
            return _CLEARED[rule.reduce.tie] if isinstance(rule.reduce, Auction) else "last value"


def _each(rule: Rule) -> str:
    match rule.each:
        case WholeFormula(interest=interest, damper=damper, bound=bound):
            held = f", held inside ±{percent(bound, sign=False)}" if math.isfinite(bound) else ""
            return f", each sample first pulled to {percent(interest)} by at most {percent(damper, sign=False)}{held}"
        case Band(dead=dead, bound=bound, divide=divide):
            parts = [f"dead zone ±{percent(dead, sign=False)}"] if dead else []
            parts += [f"held inside ±{percent(bound, sign=False)}"] if math.isfinite(bound) else []
            parts += [f"over {to_float(divide):g}"] if divide != 1 else []
            return "".join(f", {part}" for part in parts)
        case _:
            return ""


def _pull(fixing: Fixing, said: Mapping[str, str]) -> Line | None:
    formula, terms = fixing.rule.formula, fixing.terms
    if formula.combine == "larger":
        return Line("larger", percent(terms.clamped), "the larger of premium and interest", said.get("formula.combine", ""))
    if not formula.damper:
        return None
    source = said.get("formula.damper", "")
    band = percent(formula.damper, sign=False)
    if formula.combine == "clamped_premium":
        return Line("clamp", percent(terms.clamped), f"interest plus the premium held inside ±{band}", source)
    if math.isinf(formula.damper):
        return Line("pull", percent(terms.clamped), "the rate is the interest, whatever the premium", source)
    gap, aim = terms.interest - terms.premium, "the interest" if terms.interest else "zero"
    if -formula.damper <= gap <= formula.damper:
        words = f"I - P = {percent(gap)} lies inside ±{band}: pulled all the way to {aim}"
    else:
        words = f"I - P = {percent(gap)} is beyond ±{band}: pulled {band} towards {aim}, no further"
    return Line("pull", percent(terms.clamped), words, source)


def _share(rule: Rule, hours: Number) -> str:
    return f"written for {hours_text(rule.formula.period)}, paid for {hours_text(hours)}"


def _scaling(fixing: Fixing, said: Mapping[str, str]) -> Line | None:
    formula, terms = fixing.rule.formula, fixing.terms
    words = []
    if formula.times != 1:
        words.append(f"times {to_float(formula.times):g}")
    if formula.period and formula.period != fixing.hours:
        words.append(_share(fixing.rule, fixing.hours))
    return Line("scaling", percent(terms.scaled), ", ".join(words), said.get("formula.period", "")) if words else None


def _limit(fixing: Fixing, said: Mapping[str, str]) -> Line | None:
    formula, terms = fixing.rule.formula, fixing.terms
    if math.isinf(formula.floor) and math.isinf(formula.cap):
        return None
    share = fixing.hours / formula.limit_per if formula.limit_per else 1
    floor, cap = formula.floor * share, formula.cap * share
    if terms.limited != terms.added:
        name, key = ("cap", "formula.cap") if terms.limited < terms.added else ("floor", "formula.floor")
        return Line("limit", percent(terms.limited), f"{name} hit: without it {percent(terms.added)}", said.get(key, ""))
    room = min(cap - terms.limited, terms.limited - floor)
    words = f"inside {percent(floor)} .. {percent(cap)}, headroom {percent(room, sign=False)}"
    return Line("limit", percent(terms.limited), words, said.get("formula.cap", ""))


def _change(fixing: Fixing, said: Mapping[str, str]) -> Line | None:
    formula, terms = fixing.rule.formula, fixing.terms
    if formula.keep and not math.isnan(fixing.before):
        words = f"keeps {percent(formula.keep, sign=False)} of the previous rate {percent(fixing.before)}"
        return Line("smooth", percent(terms.slowed), words, said.get("formula.keep", ""))
    if math.isinf(formula.change):
        return None
    step, source = percent(formula.change, sign=False), said.get("formula.change", "")
    if math.isnan(fixing.before):
        return Line("change", percent(terms.slowed), f"cap of {step} a step not applied: no previous rate", source)
    held = "held to" if terms.slowed != terms.limited else "within"
    return Line("change", percent(terms.slowed), f"{held} {step} of the previous rate {percent(fixing.before)}", source)


def _rounding(fixing: Fixing, said: Mapping[str, str]) -> Line | None:
    formula = fixing.rule.formula
    if formula.decimals < 0:
        return None
    way = {"nearest": "to the nearest", "down": "down to the next", "to_zero": "towards zero"}[formula.rounding]
    return Line("rounding", percent(fixing.rate), f"{way} of {formula.decimals} decimals", said.get("formula.decimals", ""))


def _result(fixing: Fixing) -> tuple[Line, Line]:
    rate = Rate(to_float(fixing.rate), to_float(fixing.hours))
    per = f"per {hours_text(fixing.hours)}" + ("" if rate.per == 8 else f" = {percent(rate.over(8).value)} per 8 h")  # noqa: PLR2004 - the usual yardstick
    who = "longs pay shorts" if rate.value > 0 else "shorts pay longs" if rate.value < 0 else "nobody pays"
    when = "accruing through the interval" if fixing.rule.settle.flow == "through" else f"due {to_text(fixing.due)}"
    price = _AT.get(fixing.rule.settle.price, f", at {fixing.rule.settle.price}")
    return Line("rate", percent(rate.value), f"{per} = {percent(rate.apr)} APR"), Line("pays", "", f"{who}, {when}{price}")


def _piece(piece: Piece, formula: Formula, hours: float) -> str:
    share = 1.0 if formula.limit_per == 0 else hours / to_float(formula.limit_per)
    if piece.flat:
        bound = {to_float(formula.cap) * share: " (the cap)", to_float(formula.floor) * share: " (the floor)"}.get(piece.level, "")
        return f"{percent(piece.level)}{bound or ' (flat)'}"
    return f"{piece.slope:.6g} x P {percent(piece.level)}" if abs(piece.level) >= 5e-13 else f"{piece.slope:.6g} x P"  # noqa: PLR2004 - below what is printed
