"""How do rates, premiums, caps and what belongs to them follow from a rule and the facts?

Periods are converted here and nowhere else: a rate belongs to its interval, a cap to the hours it is stated for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from perpscope.catalogue.check.auctions import auction_rate
from perpscope.catalogue.check.bench import OF_THE_INTEREST, Bench
from perpscope.catalogue.check.drifting import accrual, drifted_rate
from perpscope.catalogue.check.facts import Facts, Lacking, Value
from perpscope.catalogue.check.money import contract_of
from perpscope.catalogue.check.names import Meaning, tokens_of
from perpscope.catalogue.check.numbers import is_additive, stated, worked_out
from perpscope.catalogue.check.samples import block_median
from perpscope.market.number import Number, to_float
from perpscope.mechanisms.auction import Auction
from perpscope.mechanisms.decide import Terms, bend
from perpscope.mechanisms.observe import NOTHING
from perpscope.mechanisms.reduce import Velocity
from perpscope.mechanisms.sample import Band, WholeFormula
from perpscope.units import Rate

YEAR = Fraction(8760)


def _hours(bench: Bench, asked: Meaning) -> Number:
    return asked.hours or bench.hours_or(asked.per)


def rate_per(value: Number, hours: Number, per: Fraction | None) -> Number:
    """Write a rate per `hours` for another period; None and 0 leave it per interval."""
    return value if not per or per == hours else value * per / hours


def decided(bench: Bench, asked: Meaning) -> tuple[Terms, Number]:
    """Return the terms and the interval they are for; where no premium is given, the farthest the caps allow."""
    facts = bench.facts
    hours = _interval(bench, asked)
    if facts.has("uncapped"):
        return _limited(bench, hours), hours
    if _has_premium(facts) or bench.rule.observe.kind == NOTHING:
        return bench.terms(hours), hours
    if facts.has("cap") or facts.has("previous"):
        return bench.bound(hours), hours
    return bench.terms(hours), hours


def _interval(bench: Bench, asked: Meaning) -> Number:
    """Interval of the rate; where nobody states one, any will do for a formula in which it plays no part."""
    formula = bench.rule.formula
    if bench.hours is None and not asked.hours and not asked.per:
        if any((formula.period, formula.interest_per, formula.add_per, formula.limit_per)):
            raise Lacking("the interval is not given, and the rule states none")
        return Fraction(8)
    return _hours(bench, asked)


def _has_premium(facts: Facts) -> bool:
    looks = ("mark", "bid", "impact_bid", "impact_ask", "impact_price", "impact_bid_over", "bids")
    prices = facts.has("index") and any(facts.has(name) for name in looks)
    prices = prices or facts.has("execution", "mark") or facts.has("long_open", "short_open") or facts.has("reserved", "pool")
    return prices or any(facts.has(name) for name in ("premium", "average", "samples", "counts", "outside"))


def _limited(bench: Bench, hours: Number) -> Terms:
    """Terms of a rate that is given before its caps."""
    per = bench.facts.meaning("uncapped").per
    given = rate_per(bench.facts.number("uncapped"), per or hours, Fraction(hours))
    formula = bench.rule.formula
    own = type(formula)(floor=formula.floor, cap=formula.cap, limit_per=formula.limit_per, change=formula.change)
    return bench.with_rule(bench.rule.but(formula=own)).terms(hours, given)


def rate(bench: Bench, asked: Meaning) -> Number:
    """Return the rate for the period asked for: decided by the rule, or converted where it is given."""
    if asked.name.lower() == "f" and math.isfinite(bench.rule.formula.knee1):
        return _bent(bench, asked)  # type: ignore[return-value]  # a number; where premiums are bent, f is what bends them
    if isinstance(bench.rule.reduce, Velocity):
        return drifted_rate(bench)
    if isinstance(bench.rule.reduce, Auction) and bench.facts.has("delivered_long", "delivered_short"):
        return auction_rate(bench)
    if not _rate_is_asked_of_rule(bench):
        return _converted(bench, asked)
    if asked.per is None and bench.facts.has("uncapped"):
        asked = replace(asked, per=bench.facts.meaning("uncapped").per)
    terms, hours = decided(bench, asked)
    bench.limits()
    found = rate_per(terms.rounded if bench.rule.formula.decimals >= 0 else terms.slowed, hours, asked.per)
    if bench.rule.settle.unit == "quote" and not asked.whole:
        return found / bench.level()
    return found


def _rate_is_asked_of_rule(bench: Bench) -> bool:
    """Whether the rate is to be decided; a rate given as input is only converted."""
    return not any(bench.facts.has(concept) for concept in _GIVEN) or _has_premium(bench.facts)


_GIVEN = ("given_rate", "relative_rate")


def _converted(bench: Bench, asked: Meaning) -> Number:
    if bench.facts.has("relative_rate", "index") and "rate" in (told := tokens_of(asked.name)) and "relative" not in told:
        return _absolute(bench, bench.facts.number("relative_rate"))
    if "relative" in tokens_of(asked.name) and bench.facts.has("given_rate", "index"):
        return bench.facts.number("given_rate") / _absolute(bench, Fraction(1))
    given = next(concept for concept in _GIVEN if bench.facts.has(concept))
    stated = bench.facts.meaning(given).per
    hours = stated or bench.hours_or(None)
    if not stated:
        bench.facts.mark("interval_hours", "per_day_count")
    return rate_per(bench.facts.number(given), hours, asked.per or (Fraction(bench.hours) if bench.hours else None))


def _uncapped(bench: Bench, asked: Meaning) -> Value:
    hours = _interval(bench, asked)
    if "raw" in tokens_of(asked.name):
        bench.facts.mark("cap", "floor")  # a raw rate may be the rate of a sample, its own bound included
    raw = isinstance(bench.rule.each, WholeFormula) and "raw" in tokens_of(asked.name)
    return rate_per((bench if raw else bench.unbounded()).terms(hours).added, hours, asked.per)


def _clamped(bench: Bench, asked: Meaning) -> Value:
    return bench.terms(_interval(bench, asked)).clamped


def _bent(bench: Bench, asked: Meaning) -> Value:
    del asked
    bench.need("formula.knee1", "formula.slope1", "formula.knee2", "formula.slope2")
    formula = bench.rule.formula
    return bend(bench.average(), formula.knee1, formula.slope1, formula.knee2, formula.slope2)


def _interest(bench: Bench, asked: Meaning) -> Value:
    """Interest of the formula's own period, or of the period asked for."""
    bench.facts.mark(*OF_THE_INTEREST, "interval_hours", "per_day_count")
    hours = _hours(bench, asked) if is_additive(bench.dated) else _interval(bench, asked)
    value, own = bench.interest(hours)
    return rate_per(value, own, Fraction(hours) if asked.per == 0 else asked.per)


def _premium(bench: Bench, asked: Meaning) -> Value:
    return block_median(bench, asked) if bench.facts.has("votes") else bench.premium()


def _average(bench: Bench, asked: Meaning) -> Value:
    del asked
    return bench.average()


def _cap(bench: Bench, asked: Meaning) -> Value:
    return _bound_of(bench, asked, "cap")


def _speed(bench: Bench, asked: Meaning) -> Value:
    """Largest change of the rate in a second, as the venue states it; in the units of a chain where their number is given."""
    del asked
    found = worked_out(bench.venue, "fastest_change_per_second", {}, bench.native_id, bench.moment, None)
    return found * bench.facts.number("impact_unit") if bench.facts.has("impact_unit") else found


def _floor(bench: Bench, asked: Meaning) -> Value:
    return _bound_of(bench, asked, "floor")


def _bound_of(bench: Bench, asked: Meaning, side: str) -> Value:
    """Cap or floor as stated, or for the period asked for; no rate given changes it."""
    bench.need(f"formula.{side}", "formula.limit_per")
    bench.facts.mark("cap", "floor", "factor", "interval_hours", "per_day_count", "uncapped")
    formula = bench.rule.formula
    value = formula.cap if side == "cap" else formula.floor
    each = bench.rule.each
    if math.isinf(value) and isinstance(each, Band) and math.isfinite(each.bound):
        bench.facts.mark("damper", "dead")
        return (each.bound if side == "cap" else -each.bound) / each.divide
    if bench.facts.has("impact_unit"):
        value *= bench.facts.number("impact_unit")
    stated = formula.limit_per or (_hours(bench, asked) if asked.per is not None else Fraction(1))
    wanted = Fraction(_hours(bench, asked)) if asked.per == 0 else asked.per
    return rate_per(value, stated, wanted)


def _change(bench: Bench, asked: Meaning) -> Value:
    del asked
    bench.need("formula.change")
    bench.facts.mark("change", "factor")
    return bench.rule.formula.change


def _step(bench: Bench, asked: Meaning) -> Value:
    """Size of the step from the previous rate to this one; the largest allowed where no previous rate is given."""
    if not bench.facts.has("previous"):
        return _change(bench, asked)
    bench.need("formula.change")
    terms, _ = decided(bench, asked)
    bench.limits()
    return abs(Fraction(terms.slowed) - Fraction(bench.facts.number("previous")))


def _scale(bench: Bench, asked: Meaning) -> Value:
    """Divisor from the formula's period to the interval: 2 where an eight-hour formula is paid every four."""
    bench.need("formula.period")
    bench.facts.mark("interval_hours", "per_day_count", "divisor")
    period = bench.rule.formula.period
    return Fraction(period) / Fraction(_hours(bench, asked)) if period else Fraction(1)


def _impact_notional(bench: Bench, asked: Meaning) -> Value:
    """Size of the look at the book: in quote units or, where the venue says so, in what it settles in."""
    del asked
    in_settle = "impact_notional_in_settle"
    told = bench.facts.has("impact_notional") or not stated(bench.venue, in_settle, bench.native_id, bench.moment)
    return bench.impact_notional() if told else bench.impact_notional(in_settle)


def _impact_bid(bench: Bench, asked: Meaning) -> Value:
    del asked
    return bench.impact("bid")


def _impact_ask(bench: Bench, asked: Meaning) -> Value:
    del asked
    return bench.impact("ask")


def _mid(bench: Bench, asked: Meaning) -> Value:
    names = ("impact_bid", "impact_ask") if asked.concept == "impact_mid" else ("bid", "ask")
    sides = [bench.facts.number(name) if bench.facts.has(name) else _from_book(bench, name) for name in names]
    return sum(sides, start=Fraction(0)) / 2


def _from_book(bench: Bench, name: str) -> Number:
    if not bench.facts.has("bids", "asks"):
        raise Lacking(f"{name} is not given")
    return bench.impact(name.removeprefix("impact_")) if name.startswith("impact_") else bench.best(name)


def _implied_index(bench: Bench, asked: Meaning) -> Value:
    """Index between an absolute and a relative rate: quote per base over it, or a share over coins per contract."""
    del asked
    absolute = "absolute_rate" if bench.facts.has("absolute_rate") else "given_rate"
    if not bench.facts.has(absolute, "relative_rate"):
        raise Lacking("an absolute and a relative rate are needed")
    one, other = bench.facts.number(absolute), bench.facts.number("relative_rate")
    return other / one if _in_coins(bench) else one / other


def _absolute_rate(bench: Bench, asked: Meaning) -> Value:
    if not bench.facts.has("index"):
        raise Lacking("the index is not given")
    return _absolute(bench, bench.facts.number("relative_rate") if bench.facts.has("relative_rate") else rate(bench, asked))


def _absolute(bench: Bench, relative: Number) -> Number:
    """Amount that a relative rate is: quote per base, or coins per contract of an inverse one."""
    index = bench.facts.number("index")
    return relative / index if _in_coins(bench) else relative * index


def _in_coins(bench: Bench) -> bool:
    """Whether an absolute rate is coins per contract, as it is of an inverse one, and not quote units per base unit."""
    return (bool(bench.market) or bench.facts.has("label")) and contract_of(bench).payoff == "inverse"


def _damper_form(bench: Bench, asked: Meaning) -> Value:
    """Work out max(d, P) + min(-d, P), which is the pull to an interest of nothing."""
    del asked
    bench.facts.mark("damper")
    premium, width = bench.premium() if bench.facts.has("premium") else bench.average(), bench.damper()
    return max(width, premium) + min(-width, premium)


def _pull_form(bench: Bench, asked: Meaning) -> Value:
    terms = bench.terms(_interval(bench, asked))
    if terms.interest:
        raise Lacking("the two forms are equal only without interest")
    return terms.clamped


def _total(bench: Bench, asked: Meaning) -> Value:
    """Sum of the rates over a stretch of time."""
    if isinstance(bench.rule.reduce, Velocity):
        return accrual(bench)
    if asked.per:
        return rate(bench, asked)
    hours = bench.facts.duration()
    if hours is None:
        raise Lacking("over which time is not given")
    per = Meaning(asked.name, "rate", asked.scale, hours or Fraction(1), asked.hours, asked.variants)
    return rate(bench, per) * (1 if hours else 0)


def _interval_hours(bench: Bench, asked: Meaning) -> Value:
    bench.facts.mark("interval_hours", "per_day_count")
    return bench.hours_or(asked.per)


def _per_day_count(bench: Bench, asked: Meaning) -> Value:
    return Fraction(24) / Fraction(_interval_hours(bench, asked))  # type: ignore[arg-type]  # hours are a number


def _apr(bench: Bench, asked: Meaning) -> Value:
    yearly = Meaning(asked.name, "rate", asked.scale, YEAR, asked.hours, asked.variants)
    return rate(bench, yearly)


def _apy(bench: Bench, asked: Meaning) -> Value:
    hours = _interval(bench, asked)
    value = rate(bench, Meaning(asked.name, "rate", asked.scale, None, asked.hours))
    return Rate(to_float(value), to_float(hours)).apy


def _lag(bench: Bench, asked: Meaning) -> Value:
    del asked
    lag = bench.dated.parts["schedule"].get("lag")
    if lag is None or not lag.known:
        raise Lacking(f"the lag of {bench.dated.id} is unknown")
    return lag.number({})


def _lag_hours(bench: Bench, asked: Meaning) -> Value:
    """Hours between the end of the window and the payment."""
    bench.facts.mark("moment")
    return _lag(bench, asked) * bench.hours_or(None)  # type: ignore[operator]  # a lag is a number


def _fair_basis(bench: Bench, asked: Meaning) -> Value:
    del asked
    return bench.fair_basis()


def _mark(bench: Bench, asked: Meaning) -> Value:
    del asked
    if not bench.facts.has("index"):
        raise Lacking("the index is not given")
    return bench.facts.number("index") * (1 + bench.fair_basis())


def _payer(bench: Bench, asked: Meaning) -> Value:
    found = rate(bench, asked)
    return "longs" if found > 0 else "shorts" if found < 0 else "nobody"


def _plateau(bench: Bench, asked: Meaning) -> Value:
    """Find an end of the stretch of premiums where the rate is the interest: I - d or I + d."""
    if bench.rule.formula.combine != "pull":
        raise Lacking(f"{bench.dated.id} has no such stretch")
    bench.facts.mark("damper", *OF_THE_INTEREST)
    return bench.interest(_interval(bench, asked))[0] + (bench.damper() if asked.concept == "plateau_high" else -bench.damper())


RATES: Mapping[str, Callable[[Bench, Meaning], Value]] = {
    "rate": rate,
    "uncapped": _uncapped,
    "clamped": _clamped,
    "bent": _bent,
    "interest": _interest,
    "premium": _premium,
    "average": _average,
    "cap": _cap,
    "floor": _floor,
    "speed": _speed,
    "change": _change,
    "step": _step,
    "scale": _scale,
    "impact_notional": _impact_notional,
    "impact_bid": _impact_bid,
    "impact_ask": _impact_ask,
    "impact_mid": _mid,
    "mid": _mid,
    "implied_index": _implied_index,
    "absolute_rate": _absolute_rate,
    "damper_form": _damper_form,
    "pull_form": _pull_form,
    "total": _total,
    "interval_hours": _interval_hours,
    "per_day_count": _per_day_count,
    "apr": _apr,
    "apy": _apy,
    "lag": _lag,
    "lag_hours": _lag_hours,
    "fair_basis": _fair_basis,
    "mark": _mark,
    "payer": _payer,
    "plateau_low": _plateau,
    "plateau_high": _plateau,
}
