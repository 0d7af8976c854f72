"""What does a user hear who asks why a rate is what it is?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from perpscope.catalogue.check.numbers import CAPS
from perpscope.catalogue.dated import DatedRule
from perpscope.catalogue.evaluate import Answer, evaluate, rules_for
from perpscope.catalogue.given import supplied
from perpscope.catalogue.load import load_venue, resolve_symbol, resolve_venue
from perpscope.catalogue.schema import Venue
from perpscope.catalogue.windows import Asked, read_window
from perpscope.errors import InputError, PerpscopeError
from perpscope.market.instrument import Instrument, market_of, parse_symbol
from perpscope.market.number import INF, Number
from perpscope.mechanisms.explain import Explanation, Line, describe, explain, hours_text, percent
from perpscope.mechanisms.rule import Fixing


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a contract at a moment (ms UTC), with an averaged premium (fraction) or without.

    Parameters
    ----------
    venue, symbol : as typed; the symbol may be empty. premium : fraction or None. hours : interval, None for the rule's own.
    before : previous rate, a fraction. contract : numbers given by the caller. reading : one of disputed readings, or "".
    within : whether the moment lies inside the window, whose end is then the next stamp; else it is the end.
    """

    venue: str
    symbol: str
    moment: int
    premium: float | None = None
    hours: float | None = None
    before: float | None = None
    contract: Mapping[str, Number] | None = None
    reading: str = ""
    within: bool = False


def stories(question: Question) -> list[Explanation]:
    """Tell the fixing of a given premium, or the rule alone; one story for each reading of disputed documents."""
    asked = _asked(question)
    venue = load_venue(asked.venue)
    rules = rules_for(venue, asked.end, asked.market_list, asked.market, question.reading)
    if question.premium is None:
        return [_rule_alone(venue, rule, asked) for rule in rules]
    schedule = rules[0].schedule
    if question.within and schedule is not None and not schedule.continuous:
        asked = replace(asked, end=schedule.next_after(question.moment))
    return window_stories(replace(asked, rows={"premium_index": (question.premium,)}, constant=True))


def document_stories(text: str, venue: str, symbol: str) -> list[Explanation]:
    """Tell the fixing of a window document; venue and symbol, where typed, must be the document's."""
    asked = read_window(text)
    if resolve_venue(venue) != asked.venue or (symbol and symbol not in {asked.symbol, asked.native_id}):
        there = f"the document is of {asked.venue} {asked.symbol}"
        raise InputError(f"an explanation of {venue} {symbol}", there, "Ask for the document's own contract.")
    return window_stories(asked)


def window_stories(asked: Asked) -> list[Explanation]:
    """Tell the fixing of a window under every reading of the rule in force."""
    return [_fixed(answer, asked) for answer in evaluate(asked)]


def _asked(question: Question) -> Asked:
    venue = resolve_venue(question.venue)
    symbol, native, market, market_list = "", "", "", ""
    if question.symbol:
        found = resolve_symbol(venue, question.symbol)
        if isinstance(found, Instrument):
            symbol, native, market, market_list = found.symbol, found.identity.native_id, found.market, found.market_list
        else:
            symbol, market = found, market_of(*parse_symbol(found))
    contract = question.contract or {}
    return Asked(
        venue, symbol, native, market, market_list, None, question.moment, question.hours, {}, question.before, contract, question.reading
    )


def _title(rule: DatedRule, asked: Asked) -> str:
    reading = f', reading "{rule.reading}"' if rule.reading else ""
    return f"{asked.venue} {asked.symbol}".strip() + f" by the rule {rule.id} ({rule.status}{reading})"


def _fixed(answer: Answer, asked: Asked) -> Explanation:
    title = _title(answer.rule, asked)
    if answer.fixing is None:
        return Explanation(title, tuple(Line("unknown", "", text) for text in answer.unknown))
    told = explain(answer.fixing, title=title, sources=_sources(answer.rule, answer.given))
    return replace(told, lines=(*told.lines, *_next_interval(answer.fixing, asked)))


def _next_interval(fixing: Fixing, asked: Asked) -> tuple[Line, ...]:
    """Tell that a rate at its limit changes the interval, where the venue does so."""
    venue, formula = load_venue(asked.venue), fixing.rule.formula
    switching = venue.switching(asked.native_id, asked.end, fixing.hours)
    if switching is None:
        return ()
    share = fixing.hours / formula.limit_per if formula.limit_per else 1
    hours = switching.next_hours(fixing.hours, [fixing.terms.limited], formula.floor * share, formula.cap * share)
    if hours == fixing.hours:
        return ()
    source = venue.source_of("hours_at_limit", asked.native_id, asked.end)
    return (Line("next", hours_text(hours), "a payment at the limit shortens the interval to this", source),)


def _changes_of_interval(venue: Venue, asked: Asked, hours: Number) -> tuple[Line, ...]:
    """Tell when the interval changes by itself."""
    switching = venue.switching(asked.native_id, asked.end, hours)
    if switching is None or not switching.at_limit:
        return ()
    cite = partial(venue.source_of, native_id=asked.native_id, ms=asked.end)
    shortened = min(switching.at_limit, hours)
    lines = (
        [Line("interval", hours_text(shortened), "after a payment at cap or floor", cite("hours_at_limit"))] if shortened < hours else []
    )
    if switching.calm_payments:
        words = f"after {switching.calm_payments} payments in a row within ±{percent(switching.calm_rate, sign=False)}"
        words += f", from {hours_text(switching.at_limit)}"
        lines.append(Line("interval", hours_text(switching.after_calm), words, cite("calm_payments")))
    return tuple(lines)


def _sources(rule: DatedRule, given: Sequence[str]) -> dict[str, str]:
    return {**rule.sources, **{f"formula.{name}": "given" for name in given}}


def _rule_alone(venue: Venue, rule: DatedRule, asked: Asked) -> Explanation:
    """Tell a rule; caps nobody states are left out of the map and named."""
    contract = venue.contract(asked.native_id, asked.end) if asked.native_id else {}
    contract |= venue.by_margin(asked.native_id, asked.end, {**contract, **asked.contract})
    contract |= supplied(rule, asked.contract, venue.beside_rules)
    unknown = rule.unknowns(contract)
    told_once = {one.reason.removeprefix("-"): one.part for one in unknown}
    lines = tuple(Line("unknown", "", f"{part}: {reason}") for reason, part in told_once.items())
    if any(one.part.startswith("reduce.") for one in unknown):  # how it averages is not known: there is no map to draw
        return Explanation(_title(rule, asked), (Line("rule", "", rule.about), *lines))
    free: dict[str, Number] = {part: -INF if part == "formula.floor" else INF for part in CAPS if part in {one.part for one in unknown}}
    try:
        built = rule.build({**contract, **free}, averaged=True, sampled=True)
    except PerpscopeError:
        return Explanation(_title(rule, asked), (Line("rule", "", rule.about), *lines))
    hours = asked.hours or (rule.schedule.hours if rule.schedule else 0) or built.formula.period
    if not hours:
        raise InputError(f"the rule {rule.id}", "it states no interval", "Give one with --interval.")
    told = describe(built, hours, title=_title(rule, asked), sources=_sources(rule, tuple(asked.contract)))
    return replace(told, lines=(Line("rule", "", rule.about), *told.lines, *_changes_of_interval(venue, asked, hours), *lines))
