"""What does the catalogue make of one window?

The dated rule in force at the window's end decides; every reading of disputed documents is evaluated. A rule that
lacks a number refuses and says which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perpscope.catalogue.given import supplied
from perpscope.catalogue.load import load_venue
from perpscope.catalogue.paid import paid
from perpscope.catalogue.schema import DatedRule, Venue
from perpscope.catalogue.windows import Asked
from perpscope.errors import CatalogueError, InputError
from perpscope.market.number import Number, to_float
from perpscope.market.time import slot_step, to_text
from perpscope.mechanisms.rule import Fixing, Rule
from perpscope.mechanisms.sample import Keep
from perpscope.mechanisms.window import Window
from perpscope.units import MS_PER_HOUR, Rate


@dataclass(frozen=True, slots=True)
class Answer:
    """What one rule, or one reading of it, decided.

    Parameters
    ----------
    rule : the dated rule. fixing : its fixing; None where numbers are unknown. unknown : those numbers.
    given : names of numbers the caller supplied.
    """

    rule: DatedRule
    fixing: Fixing | None
    unknown: tuple[str, ...]
    given: tuple[str, ...]


def rules_for(venue: Venue, ms: int, market_list: str = "", market: str = "", reading: str = "") -> tuple[DatedRule, ...]:
    """Rules in force for a window ending at `ms`: one, or all readings of a disputed one.

    Raises
    ------
    InputError
        When the venue had closed, the kind of contract decides and was not said, or no such reading exists.
    CatalogueError
        When no rule is on record for that time.
    """
    if ms > venue.closed:
        raise InputError(f"a rule of {venue.id} at {to_text(ms)}", f"it closed at {to_text(venue.closed)}", "Ask for an earlier time.")
    found = venue.at(ms, market_list, market)
    if not found:
        where = f" for list {market_list!r}" if market_list else ""
        there = f"on record are {'; '.join(f'{rule.id} ({rule.period})' for rule in venue.rules)}"
        raise CatalogueError(f"a rule of {venue.id} at {to_text(ms)}{where}", there, "Ask for a time inside one of these.")
    kinds = sorted({kind for rule in found for kind in rule.markets})
    if not market and len({rule.markets for rule in found}) > 1:
        raise InputError(
            f"a rule of {venue.id}", "it depends on the kind of contract", f"Say which: {', '.join(kinds)}, or give the symbol."
        )
    named = tuple(rule for rule in found if not reading or reading in (rule.reading, rule.id))
    if not named:
        readings = ", ".join(rule.reading or rule.id for rule in found)
        raise InputError(f"the reading {reading!r}", f"there is {readings}", "Give one of these, or none for all of them.")
    return named


def evaluate(asked: Asked) -> tuple[Answer, ...]:
    """Decide a window under every reading of the rule in force.

    Raises
    ------
    CatalogueError
        When every reading lacks a number; the message names all of them.
    """
    venue = load_venue(asked.venue)
    rules = rules_for(venue, asked.end, asked.market_list, asked.market, asked.reading)
    known = venue.contract(asked.native_id, asked.end) if asked.native_id else {}
    known |= venue.by_margin(asked.native_id, asked.end, {**known, **asked.contract})
    answers = tuple(_answer(rule, asked, known, venue.beside_rules) for rule in rules)
    if all(answer.fixing is None for answer in answers):
        there = "; ".join(f"{answer.rule.id}: {', '.join(answer.unknown)}" for answer in answers)
        raise CatalogueError(f"a fixing of {venue.id} at {to_text(asked.end)}", f"unknown are {there}", "Give them under `contract`.")
    return answers


def _answer(rule: DatedRule, asked: Asked, known: dict[str, Number], beside: frozenset[str]) -> Answer:
    contract = {**known, **supplied(rule, asked.contract, beside)}
    averaged, sampled = "premium_index" in asked.rows, "premium" in asked.rows
    given = tuple(sorted(asked.contract))
    unknown = rule.unknowns(contract, averaged=averaged, sampled=sampled)
    if unknown:
        return Answer(rule, None, tuple(f"{u.part} ({u.reason})" for u in unknown), given)
    hours = _hours(asked, rule, known)
    start = asked.end - slot_step(hours) if asked.start is None else asked.start
    due = asked.end + slot_step(hours) * (lag_of(rule) or 0)
    built = rule.build(contract, averaged=averaged, sampled=sampled)
    rows = asked.rows if isinstance(built.each, Keep) else _every_sample(asked, rule, built, start)
    return Answer(rule, built.fix(Window(start, asked.end, rows, hours, due, asked.level), asked.before), (), given)


def _every_sample(asked: Asked, rule: DatedRule, built: Rule, start: int) -> Mapping[str, Sequence[Number]]:
    """Return the rows for a rule that transforms every sample before the average, which an average does not show."""
    if "premium_index" not in asked.rows:
        return asked.rows
    if not asked.constant:
        there = f"the rule {rule.id} transforms every sample before the average"
        raise InputError("a fixing from an averaged premium", there, "Give the premium `samples`.")
    step = slot_step(to_float(built.observe.every_seconds) / 3600) or asked.end - start
    at = range(start, asked.end, step)
    return {"premium": list(asked.rows["premium_index"]) * len(at), "at": at}


def _hours(asked: Asked, rule: DatedRule, known: dict[str, Number]) -> float:
    if asked.hours is not None:
        return asked.hours
    length = None if asked.start is None else (asked.end - asked.start) / MS_PER_HOUR
    schedule = rule.schedule
    stated = to_float(known["interval_hours"]) if "interval_hours" in known else schedule.hours if schedule else 0.0
    if length is not None and stated and length != stated:
        there = f"the window is {length:g} h long, the rule {rule.id} pays every {stated:g} h"
        raise InputError("the interval of the rate", there, "State interval_hours.")
    if length is None and not stated:
        there = f"neither interval_hours nor start, and the rule {rule.id} states no stamps"
        raise InputError("the interval of the rate", there, "State interval_hours; it is never assumed to be 8 h.")
    return stated if length is None else length


def lag_of(rule: DatedRule) -> int | None:
    """Intervals between decision and payment; None where it is unknown."""
    lag = rule.parts["schedule"].get("lag")
    return int(lag.number({})) if lag is not None and lag.known else None


def answer_document(asked: Asked, answers: Sequence[Answer]) -> dict[str, object]:
    """Write the answers for a machine: the one rate, or null where readings differ, with each reading beside it."""
    told = [_told(answer, asked) for answer in answers]
    rates = {entry["rate"] for entry in told}
    about = {"venue": asked.venue, "symbol": asked.symbol, "market_list": asked.market_list}
    if len(told) == 1:
        return {**about, **told[0], "readings": []}
    alike = told[0] if len(rates) == 1 else dict.fromkeys(told[0])
    return {**about, **alike, "rule": None, "status": "disputed", "reading": None, "readings": told}


def _told(answer: Answer, asked: Asked) -> dict[str, object]:
    rule, fixing = answer.rule, answer.fixing
    head: dict[str, object] = {"rule": rule.id, "status": rule.status, "reading": rule.reading}
    tail: dict[str, object] = {"given": list(answer.given), "unknown": list(answer.unknown)}
    names = (
        "rate",
        "interval_hours",
        "apr",
        "pays",
        "terms",
        "per_base_quote",
        "level_quote",
        "coverage",
        "kind",
        "start",
        "end",
        "due",
        "before",
    )
    if fixing is None:
        return {**head, **dict.fromkeys(names), **tail}
    rate = Rate(to_float(fixing.rate), to_float(fixing.hours))
    body: dict[str, object] = {
        "rate": rate.value,
        "interval_hours": rate.per,
        "apr": rate.apr,
        "pays": "long" if rate.value > 0 else "short" if rate.value < 0 else "nobody",
        "terms": {name: to_float(value) for name, value in fixing.terms._asdict().items()},
        "per_base_quote": None if fixing.level is None else to_float(fixing.value),
        "level_quote": None if fixing.level is None else to_float(fixing.level),
        "coverage": fixing.coverage,
        "kind": fixing.kind,
        "start": to_text(fixing.start),
        "end": to_text(fixing.end),
        "due": to_text(fixing.due) if lag_of(rule) is not None else None,
        "before": None if fixing.before != fixing.before else to_float(fixing.before),
    }
    if asked.position is not None:
        body["payment"] = paid(rule, fixing, asked, asked.position)
    return {**head, **body, **tail}
