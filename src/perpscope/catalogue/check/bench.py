"""What does one dated rule make of an example, step by step?

A `Bench` holds a rule and the facts of an example and works out, on demand: the premium from prices or books, the
average of samples, the terms of the formula for an interval. Every step reads the facts it needs and no others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from perpscope.catalogue.check.facts import Fact, Facts, Lacking, Value
from perpscope.catalogue.check.ladders import book_of
from perpscope.catalogue.check.names import Meaning
from perpscope.catalogue.check.numbers import ADDITION, CAPS, Numbers, contract_numbers, is_additive, numbers_for, worked_out
from perpscope.catalogue.dated import DatedRule
from perpscope.catalogue.schema import Venue
from perpscope.errors import PerpscopeError
from perpscope.market.book import impact_price
from perpscope.market.number import INF, Number
from perpscope.mechanisms.decide import Terms, decide
from perpscope.mechanisms.impact import notional_prices
from perpscope.mechanisms.observe import GIVEN, NOTHING, OPEN, mark_premium
from perpscope.mechanisms.operated import held
from perpscope.mechanisms.reduce import Last, MedianMean
from perpscope.mechanisms.rule import NO_RATE, Rule
from perpscope.mechanisms.sample import Keep, WholeFormula
from perpscope.mechanisms.window import Window

POOL_LOOKS = frozenset({"imbalance", "utilisation"})
_MOST_OF_ONE = 1_000_000  # equal samples: one each second for eleven days
OF_THE_FORMULA = ("times", "divisor", "interval_hours", "per_day_count")
OF_THE_LIMITS = ("cap", "floor", "factor", "change", "previous", "decimals")
OF_THE_INTEREST = ("interest", "interest_quote", "interest_base")


@dataclass
class Bench:
    """One rule set up with the numbers of one example.

    Parameters
    ----------
    dated : the rule. venue : its venue; None for a rule that belongs to none. facts : inputs of the example.
    native_id, market : contract and kind of contract named, "" where none is. moment : ms UTC of the rule. stated_hours : interval
    the venue's line names. paid : "coin" or "money" where the example asks for one of them.
    """

    dated: DatedRule
    venue: Venue | None
    facts: Facts
    native_id: str = ""
    moment: int = 0
    stated_hours: Fraction | None = None
    market: str = ""
    paid: str = ""
    notes: set[str] = field(default_factory=set)

    @cached_property
    def numbers(self) -> Numbers:
        """Numbers the rule is built from."""
        found = numbers_for(self.dated, self.venue, self.facts, self.native_id, self.moment)
        self.notes |= found.notes
        return found

    @cached_property
    def rule(self) -> Rule:
        """The rule in exact numbers."""
        try:
            built = self.dated.build(self.numbers.given, averaged=True, sampled=True, exact=True)
        except PerpscopeError as problem:
            raise Lacking(str(problem)) from None
        spaced = built.observe if built.observe.every_seconds else replace(built.observe, every_seconds=Fraction(1))
        return built.but(observe=spaced)  # only the evenness of unstated spacing matters to an average

    def need(self, *parts: str) -> None:
        """Refuse to go on where the rule lacks one of these numbers."""
        for part in parts:
            if part in self.numbers.missing:
                raise Lacking(f"{part} of {self.dated.id} is unknown: {self.numbers.missing[part]}")

    # -- the interval -------------------------------------------------------------------------------------------------

    @property
    def hours(self) -> Number | None:
        """Interval of the rate: the example's, the venue line's, the contract's, the rule's stamps or, of what accrues, its period."""
        if (told := self._told_hours()) is not None:
            return told
        if self.stated_hours is not None:
            return self.stated_hours
        if isinstance(known := self.numbers.given.get("interval_hours"), Fraction):
            return known
        schedule = self.dated.schedule
        if schedule is None:  # where only phase or lag are unknown, the interval is not
            hours = self.dated.parts["schedule"].get("hours")
            return hours.number({}) or None if hours is not None and hours.known and not hours.names else None
        return self.rule.formula.period or None if schedule.continuous else Fraction(repr(schedule.hours))

    def _told_hours(self) -> Number | None:
        if self.facts.has("interval_hours"):
            return self.facts.number("interval_hours")
        if self.facts.has("interval_days"):
            return self.facts.number("interval_days") * 24
        return 24 / self.facts.number("per_day_count") if self.facts.has("per_day_count") else None

    def hours_or(self, per: Fraction | None) -> Number:
        """Interval, or the period asked for where nobody states an interval."""
        found = self.hours or per
        if not found:
            raise Lacking("the interval is not given, and the rule states none")
        return found

    # -- the premium --------------------------------------------------------------------------------------------------

    def premium(self) -> Number:
        """One premium sample: observed from prices or books, else as given."""
        if self.rule.observe.kind == "outside":
            return self._from_outside()
        if self._observable():
            columns = {name: self._column(name) for name in self.rule.observe.columns if not self._absent(name)}
            return self.rule.observe.premium(**columns)
        if self.facts.has("premium"):
            return self.facts.number("premium")
        if self.facts.has("average"):
            return self.facts.number("average")
        return self._of_averages()

    def _of_averages(self) -> Number:
        """Return the premium of averaged prices where that is all the rule looks at, or of a book that is not there."""
        look = self.rule.observe
        if look.kind == GIVEN and self.facts.has("mark", "index"):
            self.notes.add("the prices given are taken for averages of the window")
            return mark_premium(self.facts.number("mark"), self.facts.number("index"))
        if look.absent == OPEN and self.facts.has("index"):
            self.notes.add("no side of the book is given: it is taken for empty")
            return look.premium(index=self.facts.number("index"))
        self.need("observe.kind")
        raise Lacking(f"no premium, and not the prices it is observed from: {', '.join(self.rule.observe.columns) or 'unknown'}")

    def _from_outside(self) -> Number:
        """Return what somebody outside sets, as given."""
        for concept in ("outside", "given_rate", "premium", "average"):
            if self.facts.has(concept):
                return self.rule.observe.premium(rate_given=self._held(self._in_own_period(concept)))
        raise Lacking("what is set outside is not given")

    def _in_own_period(self, concept: str) -> Number:
        """Return a rate in the period the rule is written for, where its name says another one."""
        own, per = self.rule.formula.period, self.facts.meaning(concept).per
        value = self.facts.number(concept)
        return value * own / per if own and per else value

    def _held(self, asked: Number) -> Number:
        """Return what an operator's setting comes to, where the rate before and the time since are given and the venue limits the speed."""
        if not self.facts.has("previous"):
            return asked
        speed = worked_out(self.venue, "fastest_change_per_second", {}, self.native_id, self.moment, None)
        hours = self.facts.duration()
        if hours is None:
            raise Lacking("the time since the last setting is not given")
        self.facts.mark("impact_unit")
        return held(asked, self._in_own_period("previous"), hours * 3600, speed)

    def _absent(self, name: str) -> bool:
        """Whether a side of the book is not there, and the rule says what that counts as."""
        given = (name, "bids", "impact_price", f"{name}_over")
        return self.rule.observe.absent == OPEN and name in {"impact_bid", "impact_ask"} and not any(map(self.facts.has, given))

    def _observable(self) -> bool:
        """Whether prices are given that this rule looks at, and how it looks is known."""
        prices = ("mark", "bid", "ask", "impact_bid", "impact_ask", "impact_price", "impact_bid_over", "bids", "asks")
        if self.rule.observe.kind in POOL_LOOKS:
            return all(self.facts.has(name) for name in self.rule.observe.columns)
        if self.rule.observe.kind in {GIVEN, NOTHING}:
            return False
        if not self.facts.has("index"):
            return self.facts.has(*self.rule.observe.columns)  # a rule may look at the mark and not at the index
        return any(self.facts.has(name) for name in prices)

    def _column(self, name: str) -> Number:
        if self.facts.has(name):
            return self.facts.number(name)
        if self.facts.has(f"{name}_over", "index"):
            return self.facts.number("index") + self.facts.number(f"{name}_over")
        if self.facts.has("bids", "asks") and name in {"bid", "ask", "impact_bid", "impact_ask"}:
            return self.best(name) if name in {"bid", "ask"} else self.impact(name.removeprefix("impact_"))
        if self.facts.has("impact_price", "index") and name in {"impact_bid", "impact_ask"}:
            return self._one_impact(name)
        if name in {"fair_basis", "rate_in_force"}:
            return self.fair_basis(name)
        if name in {"impact_bid", "impact_ask"} and self.rule.observe.kind.startswith("impact_band"):
            return self._other_side(name)
        raise Lacking(f"the rule looks at {name}, which is not given")

    def _one_impact(self, name: str) -> Number:
        """Return the one impact price given, for the side it can be of; the other side lies beyond it."""
        price, index = self.facts.number("impact_price"), self.facts.peek("index")
        return price if (price > index) == (name == "impact_bid") or name == "impact_ask" else -INF

    def fair_basis(self, name: str = "fair_basis") -> Number:
        """Basis a fair price carries: as given, else the rate in force decayed by the time left to funding, F t / T."""
        facts = self.facts
        if facts.has("fair_basis"):
            return facts.number("fair_basis")
        rate = "rate_in_force" if facts.has("rate_in_force") else "given_rate"
        if not facts.has(rate, "hours_left"):
            raise Lacking(f"{name} is not given, nor the rate in force with the time left to funding")
        facts.mark("interval_hours", "per_day_count")
        return facts.number(rate) * facts.number("hours_left") / self.hours_or(None)

    def _other_side(self, name: str) -> Number:
        """Return the impact price of the absent side where it cannot matter: the given side lies beyond the reference."""
        against = "mark" if "mark" in self.rule.observe.kind else "index"
        given = "impact_ask" if name == "impact_bid" else "impact_bid"
        if self.facts.has(given, against):
            price, reference = self.facts.peek(given), self.facts.peek(against)
            if (price > reference) if given == "impact_bid" else (price < reference):
                return price
        raise Lacking(f"the rule looks at {name}, which is not given")

    def best(self, side: str) -> Number:
        """Best price of a side of the book."""
        return book_of(self.facts)[f"{side}s"][0][0]

    def impact(self, side: str) -> Number:
        """Average price at which the impact notional fills against a side ("bid" or "ask") of the book."""
        levels = book_of(self.facts)[f"{side}s"]
        prices: list[Any] = [p for p, _ in levels]  # the text runs on exact numbers too
        quantities: list[Any] = [q for _, q in levels]
        notional: Any = self.impact_notional()
        if self.rule.observe.absent == OPEN:  # a side too thin counts as absent
            sold, bought = notional_prices(book_of(self.facts)["bids"], book_of(self.facts)["asks"], notional)
            return sold if side == "bid" else bought
        price: Number = impact_price(prices, quantities, notional)
        if price != price:  # noqa: PLR0124 - only NaN differs from itself
            raise Lacking(f"the {side}s hold less than the impact notional")
        return price

    def impact_notional(self, name: str = "impact_notional") -> Number:
        """Quote units walked through each side of the book, or what else the venue states under a name."""
        if self.facts.has("impact_notional"):
            return self.facts.number("impact_notional")
        unit = self.facts.number("impact_unit") if self.facts.has("impact_unit") else None
        contract = contract_numbers(self.dated, self.facts)
        return worked_out(self.venue, name, contract, self.native_id, self.moment, unit)

    # -- the average --------------------------------------------------------------------------------------------------

    def average(self) -> Number:
        """Averaged premium: as given, or of the samples by the rule's own transform and weights."""
        if self.rule.observe.kind == NOTHING:
            return Fraction(0)
        if self.facts.has("average") and isinstance(self.rule.each, Keep):
            return self.facts.number("average")
        samples = self._samples()
        if len(samples) > 1:
            self.need("reduce.kind")
        self._mark_each()
        try:
            window = Window(0, 3_600_000, {"premium": samples}, level=Fraction(1))
            rule = self.rule
            if not self.facts.has("samples") and not self.facts.has("counts"):
                rule = rule.but(reduce=Last())  # a premium given alone is one that did not change
            elif isinstance(rule.reduce, MedianMean):
                rule = rule.but(reduce=rule.reduce.of_medians)
            return rule.fix(window).terms.premium
        except PerpscopeError as problem:
            raise Lacking(str(problem)) from None

    def transformed(self) -> list[Number]:
        """Premium samples after the per-sample transform."""
        self.need("each.kind", "each.dead", "each.bound", "each.divide", "each.interest", "each.damper")
        self._mark_each()
        return self.rule.samples(Window(0, 3_600_000, {"premium": self._samples()}))

    def _mark_each(self) -> None:
        if not isinstance(self.rule.each, Keep):
            self.facts.mark("dead", "damper", *OF_THE_INTEREST)

    def _counted(self) -> list[Any]:
        """Read samples given as [value, how many]; whole numbers are grains of the rule."""
        grains = self.rule.observe.grains or 1
        found: list[Any] = []
        value = self.facts.take("counts")
        for entry in value if isinstance(value, list) else [value]:
            match entry:
                case [int() | Fraction() as sample, int() | Fraction() as count] if count.denominator == 1 and 0 <= count <= _MOST_OF_ONE:
                    found += [Fraction(sample) / Fraction(grains)] * int(count)
                case _:
                    raise Lacking(f"{self.facts.meaning('counts').name} are not pairs of a sample and how many of it there were")
        return found

    def _samples(self) -> list[Any]:
        if self.facts.has("counts"):
            return self._counted()
        if self.facts.has("average") and not self.facts.has("samples"):
            self.notes.add("every sample is transformed: the average given is taken for a premium that did not change")
            return [self.facts.number("average")]
        if not self.facts.has("samples"):
            return [self.premium()]
        return self.facts.numbers("samples")

    # -- the formula --------------------------------------------------------------------------------------------------

    def terms(self, hours: Number, premium: Number | None = None) -> Terms:
        """Every step of the decision for an interval; `premium` replaces the average."""
        self._need_formula()
        before = self.facts.peek("previous") if self.facts.has("previous") else NO_RATE
        average = self.average() if premium is None else premium
        formula = self.rule.formula
        if not formula.interest and self.facts.has("interest") and not self.facts.peek("interest"):
            self.facts.mark("interest")  # a rule without interest, and an example that says so
        if self.rule.settle.unit == "quote":
            formula = formula.at_level(self.level(), self.rule.settle.level_grains)
        return decide(average, hours, before, *formula.numbers())

    def level(self) -> Number:
        """Price that amounts in quote units are a share of; nothing needs it where no part is such a share."""
        if self.facts.has("index"):
            return self.facts.number("index")
        formula = self.rule.formula
        if formula.add or formula.damper or formula.interest or math.isfinite(formula.cap) or math.isfinite(formula.floor):
            raise Lacking("the index price is not given")
        return Fraction(1)

    def interest(self, hours: Number) -> tuple[Number, Number]:
        """Interest and the hours it is for: the formula's period, or `hours` where it is written for the interval."""
        formula, each = self.rule.formula, self.rule.each
        if is_additive(self.dated):
            self.need("formula.add", "formula.add_per")
            return formula.add, formula.add_per or hours
        self.need("formula.interest", "formula.interest_per", "formula.period", "each.interest")
        own = formula.period or hours
        if isinstance(each, WholeFormula):
            return each.interest, own
        return (formula.interest * own / formula.interest_per if formula.interest_per else formula.interest), own

    def damper(self) -> Number:
        """Half width of the pull, wherever the rule has it: on every sample or on the average."""
        self.need("formula.damper", "each.damper")
        return self.rule.each.damper if isinstance(self.rule.each, WholeFormula) else self.rule.formula.damper

    def unbounded(self) -> Bench:
        """Return the same rule without a limit on its samples."""
        each = self.rule.each
        return self.with_rule(self.rule.but(each=replace(each, bound=INF))) if isinstance(each, WholeFormula) else self

    def with_facts(self, concept: str, value: Value) -> Bench:
        """Return the same bench with one more fact."""
        return self._given({**self.facts.by_concept, concept: Fact(Meaning(concept, concept), value)})

    def without(self, *concepts: str) -> Bench:
        """Return the same bench without some of the facts."""
        return self._given({concept: fact for concept, fact in self.facts.by_concept.items() if concept not in concepts})

    def _given(self, told: dict[str, Fact]) -> Bench:
        other = replace(self, facts=replace(self.facts, by_concept=told, used=set()))
        other.__dict__ |= {"rule": self.rule, "numbers": self.numbers}
        return other

    def need_settlement(self, name: str) -> None:
        """Refuse to go on where the rule states a number of its settlement that depends on what is not given."""
        value = self.dated.parts["settle"].get(name)
        if value is not None and value.known and not all(n in self.numbers.given for n in value.names):
            raise Lacking(f"settle.{name} needs {', '.join(value.names)} of the contract")

    def with_rule(self, rule: Rule) -> Bench:
        """Return the same bench with another rule of numbers in the place of this one."""
        other = replace(self)
        other.__dict__ |= {"rule": rule, "numbers": self.numbers}
        return other

    def limits(self) -> None:
        """Note that caps took part, and which of them nobody states."""
        self.facts.mark(*OF_THE_LIMITS)
        if any(part in self.numbers.missing for part in CAPS):
            self.notes.add("caps that are not given are not tested")

    def _need_formula(self) -> None:
        self.need(*(part for part in self.numbers.missing if part.startswith("formula.") and part not in (*CAPS, ADDITION)))
        if ADDITION in self.numbers.missing:
            self.notes.add("an addition that is not given is taken for nothing")
        self.facts.mark(*OF_THE_FORMULA)
        pulls = self.rule.formula.combine != "pull" or self.rule.formula.damper != 0
        if pulls or is_additive(self.dated) or self.facts.has("damper"):
            self.facts.mark(*OF_THE_INTEREST)
        if self.rule.formula.combine != "larger" and not (is_additive(self.dated) and not pulls):
            self.facts.mark("damper")

    def bound(self, hours: Number) -> Terms:
        """Terms where no premium is given: the farthest rate that caps and the previous rate allow."""
        ends = [self.terms(hours, premium) for premium in (INF, -INF)]
        before = self.facts.peek("previous") if self.facts.has("previous") else 0
        reach = [abs(Fraction(end.slowed) - Fraction(before)) if math.isfinite(end.slowed) else INF for end in ends]
        if any(math.isinf(end.slowed) for end in ends):
            raise Lacking("neither a premium nor a cap is given")
        return ends[0] if reach[0] >= reach[1] else ends[1]
