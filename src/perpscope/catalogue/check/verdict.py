"""Does an example hold?

Every venue an example names must give the expected values by its own rule. What could not be worked out is said, and the
example is then not passed; what was worked out is shown either way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from perpscope.catalogue.check.bench import Bench
from perpscope.catalogue.check.cases import Case, cases, market_said, paid_in, unread, varied
from perpscope.catalogue.check.compare import fits, is_open, meets, printed, signed
from perpscope.catalogue.check.examples import Example
from perpscope.catalogue.check.facts import Facts, Lacking, Value, read_facts
from perpscope.catalogue.check.intervals import INTERVALS
from perpscope.catalogue.check.mentions import Mention, mentions
from perpscope.catalogue.check.money import speaks_of_short
from perpscope.catalogue.check.names import Meaning, input_meaning, output_meaning, tokens_of
from perpscope.catalogue.check.outputs import derive
from perpscope.catalogue.check.rates import RATES
from perpscope.catalogue.check.samples import SAMPLES
from perpscope.catalogue.check.words import DESCRIPTIVE, DURATIONS, MONEY, OF_MONEY, PAID_AT, PRICES_SEEN
from perpscope.catalogue.dated import DatedRule
from perpscope.errors import PerpscopeError
from perpscope.mechanisms.observe import Observe

Status = Literal["pass", "fail", "unsupported", "disputed"]
_LISTS = frozenset({"kept", "rates"})
"""Concepts whose one value is a list."""
OF_NO_MONEY = frozenset({*RATES, *SAMPLES, *INTERVALS})
_OF_A_WINDOW = frozenset({"average", "rate", "uncapped", "clamped"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one example: expected as written, got by the rules (by venue or reading where they differ), and why."""

    id: str
    status: Status
    expected: Mapping[str, object]
    got: Mapping[str, object]
    reason: str


@dataclass(slots=True)
class Reading:
    """What one reading of a rule gave.

    Parameters
    ----------
    label : venue and rule. preferred : whether its document outranks those it conflicts with. values : by expected name.
    lacking : expected name -> why not. ignored : inputs nothing read. notes : what was left open.
    """

    label: str
    preferred: bool = False
    values: dict[str, Value] = field(default_factory=dict)
    lacking: dict[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    instead: dict[str, Value] = field(default_factory=dict)
    notes: set[str] = field(default_factory=set)

    @property
    def whole(self) -> bool:
        """Whether everything was worked out and every input read."""
        return not self.lacking and not self.ignored


def check_example(example: Example) -> Verdict:
    """Work out one example and judge it."""
    asked, unknown = _asked(example)
    elementwise = _elementwise(example, asked)
    facts = read_facts(example.inputs, elementwise=elementwise)
    paid = paid_in(name for name, meaning in asked.items() if meaning.concept in OF_MONEY)
    named = [replace(one, market=one.market or market_said(facts, example.rule), paid=paid) for one in mentions(example.venue)]
    found = [_best(example, mention, facts, asked) for mention in named if mention.venues or mention.anonymous]
    for reading in (reading for group in found for reading in group):
        _sign_amounts(example, reading, facts)
    strangers = [mention.text for mention in named if not mention.venues and not mention.anonymous]
    reasons = [f"{name}: no derivation knows this output" for name in unknown]
    reasons += [f"{name}: {why}" for name, why in facts.clashes.items()]
    if not found:
        return Verdict(example.id, "unsupported", example.expected, {}, _joined([*reasons, _no_venue(strangers)]))
    aside = [f"not in the catalogue: {', '.join(strangers)}"] if strangers else []
    strange = [word for mention in named if mention.venues for word in unread(mention)]
    aside += [f"beside the names, not understood: {', '.join(strange)}"] if strange else []
    return _judged(example, asked, found, reasons, aside)


def _sign_amounts(example: Example, reading: Reading, facts: Facts) -> None:
    """Write amounts of money with the sign the example means: its name's, its words' or, where these say none, one that fits for all."""
    open_ended = [name for name, value in reading.values.items() if is_open(value)]
    counts = {sign: sum(fits(example, name, signed(reading.values[name], sign)) for name in open_ended) for sign in (1, -1)}
    summed = any("total" in tokens_of(name) for name in open_ended) and not speaks_of_short(facts)  # a sum counts as its rates do
    sign = example.sign or (-1 if summed or counts[-1] > counts[1] else 1)
    if open_ended and sign < 0:
        reading.notes.add("money paid counts as positive here")
    for name, value in reading.values.items():
        shown = signed(value, sign)
        instead = reading.instead.get(name)
        better = instead is not None and not fits(example, name, shown) and fits(example, name, instead)
        reading.values[name] = instead if better and instead is not None else shown


def _asked(example: Example) -> tuple[dict[str, Meaning], list[str]]:
    """Sort the expected values: by meaning; names nobody knows."""
    asked: dict[str, Meaning] = {}
    unknown: list[str] = []
    money = any((given := input_meaning(name)) is not None and given.concept in MONEY for name in example.inputs)
    for name in example.expected:
        meaning = output_meaning(name)
        if meaning is None:
            unknown.append(name)
        elif meaning.concept == "total" and money:
            asked[name] = replace(meaning, concept="payment")
        else:
            asked[name] = meaning
    return asked, unknown


def _elementwise(example: Example, asked: Mapping[str, Meaning]) -> bool:
    if any((given := input_meaning(name)) is not None and given.concept == "closes" for name in example.inputs):
        return False  # days that follow each other
    listed = [name for name in asked if isinstance(example.expected[name], list) and asked[name].concept not in _LISTS]
    return bool(listed) and not any(asked[name].concept in _OF_A_WINDOW for name in asked if name not in listed)


def _no_venue(strangers: Sequence[str]) -> str:
    return f"the catalogue has no rule of {', '.join(strangers) or 'any venue'}"


def _best(example: Example, mention: Mention, facts: Facts, asked: Mapping[str, Meaning]) -> list[Reading]:
    """Return the readings of the first candidate that works everything out; else those of the likeliest one."""
    tried: list[list[Reading]] = []
    try:
        candidates = cases(mention, facts.fresh(), example.rule)
    except Lacking as problem:
        return [Reading(mention.text, lacking=dict.fromkeys(asked, str(problem)))]

    def judge(case: Case, hours: Fraction | None = None) -> list[Reading]:
        named = replace(mention, hours=hours) if hours else mention
        return [_reading(case, k, named, facts, asked) for k in range(len(case.readings))]

    undated = mention.moment is None and not facts.has("moment")

    for case in candidates:
        readings = judge(case)
        tried.append(readings)
        if not all(reading.whole for reading in readings):
            continue
        if not any(_misses(example, reading) for reading in readings):
            return readings
        if undated and (elsewhere := _elsewhere(example, readings, case, candidates, judge, facts)):
            return elsewhere
        if all(rule.sure(case.moment) for rule in case.readings):
            return readings
        others = [other for other in candidates if other.moment == case.moment and other != case]
        return _with_neighbours(example, readings, [judge(other) for other in others])
    return tried[0] if tried else [Reading(mention.text, lacking=dict.fromkeys(asked, "no rule on record for it"))]


def _elsewhere(
    example: Example, missed: list[Reading], case: Case, candidates: Sequence[Case], judge: Callable[..., list[Reading]], facts: Facts
) -> list[Reading]:
    """Of an example that names no date, return the era that gives what is expected; or the interval, where it names none.

    Which one that is, and that the rule of today gives something else, is told.
    """
    today = ", ".join(reading.label for reading in missed)
    for other in candidates:
        found = judge(other)
        if other.moment != case.moment and all(r.whole for r in found) and not any(_misses(example, r) for r in found):
            for reading in found:
                reading.notes.add(f"no date is given: it holds by {reading.label}, not by {today}")
            return found
    period = case.readings[0].parts["formula"].get("period")
    if period is None or not period.known or period.names or facts.has("interval_hours") or facts.has("interval_days"):
        return []
    hours = Fraction(period.number({}))
    found = judge(case, hours)
    if not all(r.whole for r in found) or any(_misses(example, r) for r in found):
        return []
    for reading in found:
        reading.notes.add(f"no interval is given: it holds for {float(hours):g} h, for which the formula is written, not for the stamps")
    return found


def _with_neighbours(example: Example, readings: list[Reading], others: Sequence[list[Reading]]) -> list[Reading]:
    """Add a rule that may have been in force instead, where it gives what is expected: then the date is what is in doubt."""
    held = [other for other in others if all(r.whole for r in other) and not any(_misses(example, r) for r in other)]
    return [*readings, *held[0]] if held else readings


def _reading(case: Case, k: int, mention: Mention, facts: Facts, asked: Mapping[str, Meaning]) -> Reading:
    rule = case.readings[k]
    venue = case.venue.id if case.venue else "identity"
    found = Reading(f"{venue}: {rule.id}" if rule.id != venue else venue, preferred=rule.preferred)
    count = facts.alternatives()
    read: set[str] = set()
    several: dict[str, list[Value]] = {}
    for j in range(max(count, 1)):
        own = facts.alternative(j) if count else facts.fresh()
        for name, meaning in asked.items():
            try:
                value = _value(case, k, mention, own, meaning, found.notes)
            except (Lacking, PerpscopeError) as problem:
                found.lacking[name] = str(problem)
                continue
            except (ArithmeticError, ValueError) as problem:
                found.lacking[name] = f"the numbers given lead nowhere ({problem})"
                continue
            if value is not None:
                several.setdefault(name, []).append(value)
        read |= own.used
        for name, meaning in asked.items():
            if meaning.concept == "payment" and name in several and not count:
                found.instead |= _sum_instead(case, k, mention, own.fresh(), name)
    found.values = {name: values if count else values[0] for name, values in several.items()}
    _tell_unread(found, facts_with(facts, read), _idle(rule, asked, facts))
    return found


def _tell_unread(found: Reading, facts: Facts, idle: frozenset[str]) -> None:
    """Sort what nothing read: what was ignored, and what could not have mattered."""
    found.ignored = facts.ignored(idle)
    if unneeded := sorted(set(facts.ignored()) - set(found.ignored)):
        found.notes.add(f"not needed for what is expected: {', '.join(unneeded)}")


def _idle(rule: DatedRule, asked: Mapping[str, Meaning], facts: Facts) -> frozenset[str]:
    """Concepts that cannot matter where only rates are asked for: the holding, and the price it is paid at."""
    if not all(meaning.concept in OF_NO_MONEY for meaning in asked.values()):
        return frozenset()
    kind = rule.parts["observe"].get("kind")
    looks = Observe(kind.text).columns if kind is not None and kind.known else ()
    idle = DESCRIPTIVE if any(facts.has(name) for name in PRICES_SEEN) else DESCRIPTIVE | (PAID_AT - set(looks))
    averages = rule.parts["reduce"].get("kind")
    still = averages is not None and averages.known and averages.text in {"last", "mean", "linear"}
    return idle | DURATIONS if still else idle


def _sum_instead(case: Case, k: int, mention: Mention, facts: Facts, name: str) -> dict[str, Value]:
    """Of a name that may mean a sum of rates as well as money, such as funding: the sum."""
    meaning = output_meaning(name)
    if meaning is None or meaning.concept != "total":
        return {}
    try:
        value = _value(case, k, mention, facts, meaning, set())
    except (Lacking, PerpscopeError, ArithmeticError, ValueError):
        return {}
    return {} if value is None else {name: value}


def facts_with(facts: Facts, read: set[str]) -> Facts:
    """Return the facts with what was read."""
    whole = facts.fresh()
    whole.used |= read
    return whole


def _value(case: Case, k: int, mention: Mention, facts: Facts, meaning: Meaning, notes: set[str]) -> Value | None:
    own = varied(case, meaning.variants, facts) if meaning.variants else case
    if own is None:
        return None
    rule = own.readings[min(k, len(own.readings) - 1)]
    bench = Bench(rule, own.venue, facts, own.native_id, own.moment, mention.hours, mention.market, mention.paid, notes)
    return derive(bench, meaning)


def _judged(
    example: Example,
    asked: Mapping[str, Meaning],
    found: Sequence[Sequence[Reading]],
    reasons: list[str],
    aside: list[str],
) -> Verdict:
    readings = [reading for group in found for reading in group]
    unmet = [name for name in asked if not any(name in r.values or name in r.lacking for r in readings)]
    reasons += [f"{name}: no venue named averages so" for name in unmet]
    reasons += sorted({f"{name}: {why}" for r in readings for name, why in r.lacking.items()})
    ignored = sorted({f"{name}: {_why_ignored(name)}" for r in readings for name in r.ignored})
    reasons += ignored
    misses = {r.label: _misses(example, r) for r in readings}
    missed = [f"{label}: {', '.join(names)}" for label, names in misses.items() if names]
    notes = sorted({note for r in readings for note in r.notes})
    verdicts = [_of_venue(group, misses) for group in found]
    got = _got(readings)
    if example.disputed and missed:
        return Verdict(example.id, "disputed", example.expected, got, _joined(["the example's own source is disputed", *missed, *reasons]))
    if "fail" in verdicts and not ignored:
        return Verdict(example.id, "fail", example.expected, got, _joined([f"differs for {'; '.join(missed)}", *reasons]))
    if "disputed" in verdicts and not ignored:
        return Verdict(example.id, "disputed", example.expected, got, _joined([f"readings differ: {'; '.join(missed)}", *reasons]))
    if reasons:
        return Verdict(example.id, "unsupported", example.expected, got, _joined(reasons))
    outranked = [f"outranked readings differ: {'; '.join(missed)}"] if missed else []
    return Verdict(example.id, "pass", example.expected, got, _joined([*outranked, *aside, *notes]))


def _why_ignored(name: str) -> str:
    known = input_meaning(name) is not None
    return "no derivation of what is expected reads it" if known else "no derivation knows this input"


def _of_venue(readings: Sequence[Reading], misses: Mapping[str, Sequence[str]]) -> Status:
    """One venue: readings that all agree gate; of conflicting ones only the document that outranks the others does."""
    held = [not misses[r.label] for r in readings]
    if all(held):
        return "pass"
    if not any(held):
        return "fail"
    return "pass" if any(ok for ok, r in zip(held, readings, strict=True) if r.preferred) else "disputed"


def _misses(example: Example, reading: Reading) -> list[str]:
    return [
        name
        for name, value in reading.values.items()
        if not meets(value, example.expected[name], example.within(name), example.stated(name))
    ]


def _got(readings: Sequence[Reading]) -> dict[str, object]:
    """Values by name; by venue and reading where these differ."""
    merged: dict[str, object] = {}
    for reading in readings:
        for name, value in reading.values.items():
            if merged.setdefault(name, printed(value)) != printed(value):
                return {r.label: {n: printed(v) for n, v in r.values.items()} for r in readings}
    return merged


def _joined(reasons: Sequence[str]) -> str:
    return "; ".join(dict.fromkeys(reasons))
