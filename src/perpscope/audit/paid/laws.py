"""Which law governs a history, and what does a law with one part changed look like?

A law of the catalogue is asked at each window's end. Of disputed readings the one whose document outranks the others is taken,
else the first; caps nobody states are left away; both are told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product

from perpscope.catalogue.check.numbers import CAPS
from perpscope.catalogue.contracts import native_ids, perpetual_venue
from perpscope.catalogue.dated import DatedRule
from perpscope.catalogue.evaluate import rules_for
from perpscope.catalogue.given import FORMULA_NUMBERS, supplied
from perpscope.catalogue.load import load_venue, resolve_venue
from perpscope.catalogue.schema import Venue
from perpscope.errors import CatalogueError, InputError
from perpscope.market.instrument import market_of, parse_symbol
from perpscope.market.number import INF, Number, to_decimal
from perpscope.market.time import Schedule
from perpscope.mechanisms.sample import Keep, WholeFormula
from perpscope.mechanisms.shape import pieces
from perpscope.trading.counterfactual import Regime, refuse_other_looks
from perpscope.trading.settle import Key

_INTERVAL = "interval_hours"
_WHOLE = {"decimals"}
_NOTHING = 1e-15
"""Two rates nearer than this are one: far below every digit that is published, far above what doubles lose."""


@dataclass(slots=True)
class DatedLaw:
    """The dated rules of a venue for one contract, as a law that is asked by time.

    Parameters
    ----------
    venue : its rules. symbol : unified symbol in that venue. own_stamps : whether it decides at the history's own stamps.
    moment : ms UTC of the rule for all windows; None for the rule in force at each. given : numbers of the contract the user
    states, for what the rule leaves open; used : those it asked for. notes : what had to be chosen or left away.
    """

    venue: Venue
    symbol: str
    own_stamps: bool
    moment: int | None = None
    given: Mapping[str, Number] = field(default_factory=dict)
    notes: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    _known: dict[tuple[object, ...], Regime] = field(default_factory=dict)
    _asked: dict[int, Regime] = field(default_factory=dict)

    def __call__(self, ms: int) -> Regime:
        """Regime in force for a window that ends at `ms`."""
        when = ms if self.moment is None else self.moment
        if when not in self._asked:
            self._asked[when] = self._at(when)
        return self._asked[when]

    def _at(self, when: int) -> Regime:
        market = market_of(*parse_symbol(self.symbol))
        rules = rules_for(self.venue, when, "", market)
        chosen = next((rule for rule in rules if rule.preferred), rules[0])
        if len(rules) > 1:
            self.notes.add(f"{self.venue.id}: of disputed readings {chosen.id} was taken")
        eras = (k for k, entry in enumerate(self.venue.contracts) if entry.since <= when < entry.until)
        key = (chosen.id, *eras)
        if key not in self._known:
            self._known[key] = self._regime(chosen, when)
        return self._known[key]

    @property
    def asked(self) -> tuple[Regime, ...]:
        """The different regimes that were asked for so far."""
        return tuple(self._known.values())

    def _regime(self, dated: DatedRule, when: int) -> Regime:
        look = dated.parts["observe"].get("kind")
        if look is not None and look.known:
            refuse_other_looks(look.text)
        names = native_ids(self.venue, self.symbol)
        asked = {name: self.given[name] for name in dated.needs if name in self.given}
        numbers: dict[str, Number | str] = {**(self.venue.contract(names[0], when, asked) if names else asked)}
        open_parts = {unknown.part for unknown in dated.unknowns(numbers, sampled=True)}
        asked |= {name: x for name, x in self.given.items() if f"formula.{name}" in open_parts}
        self.used.update(asked)
        numbers |= supplied(dated, asked)
        missing = {unknown.part for unknown in dated.unknowns(numbers, sampled=True)}
        if uncapped := missing & set(CAPS):
            self.notes.add(f"{dated.id}: unknown for this contract and left away: {', '.join(sorted(uncapped))}")
        numbers |= {part: -INF if part == "formula.floor" else INF for part in uncapped}
        schedule = dated.schedule
        if schedule is None and not self.own_stamps:
            self.notes.add(f"{dated.id} states no stamps: the history's own were taken")
        return Regime(dated.build(numbers, sampled=True, exact=True), None if self.own_stamps else schedule)


@dataclass(frozen=True, slots=True)
class ChangedLaw:
    """A law with some numbers of its formula, or its interval, replaced."""

    law: DatedLaw
    changes: Mapping[str, Number]
    _changed: dict[int, Regime] = field(default_factory=dict)

    def __call__(self, ms: int) -> Regime:
        """Regime in force for a window that ends at `ms`."""
        regime = self.law(ms)
        if id(regime) not in self._changed:  # the law keeps its regimes, so that no id is used twice
            self._changed[id(regime)] = self._regime(regime)
        return self._changed[id(regime)]

    def _regime(self, regime: Regime) -> Regime:
        numbers = {name: int(value) if name in _WHOLE else value for name, value in self.changes.items() if name != _INTERVAL}
        rule = regime.rule
        if isinstance(rule.each, WholeFormula):  # the whole formula works on each sample there, and the change belongs there
            inner: dict[str, Number] = {name: numbers.pop(name) for name in ("interest", "damper") if name in numbers}
            inner |= {"bound": numbers["cap"]} if "cap" in numbers else {}
            rule = rule.but(each=replace(rule.each, **inner))
        rule = rule.but(formula=replace(rule.formula, **numbers))  # type: ignore[arg-type]  # names are checked when read
        hours = self.changes.get(_INTERVAL)
        return Regime(rule, regime.schedule if hours is None else Schedule(float(hours)))


def own_law(key: Key, given: Mapping[str, Number] | None = None) -> DatedLaw:
    """Return the law of the contract's own venue, at the history's own stamps; `given` are numbers of the contract."""
    return DatedLaw(load_venue(key[0]), key[1], own_stamps=True, given=given or {})


def other_law(name: str, key: Key, moment: int | None = None, given: Mapping[str, Number] | None = None) -> DatedLaw:
    """Return the law of another venue for a contract of the same base; `given` are numbers of that contract.

    Raises
    ------
    InputError
        When there is no such venue.
    """
    venue = load_venue(perpetual_venue(resolve_venue(name), key[1]))
    if not venue.rules:
        raise InputError(
            f"the rule of {venue.name}", "no rule of it is on record: it pays no funding here", "See `rule list` for those that do."
        )
    return DatedLaw(venue, _counterpart(venue, key[1]), own_stamps=False, moment=moment, given=given or {})


def _counterpart(venue: Venue, symbol: str) -> str:
    """Symbol of a contract of the same base in another venue: the likest one whose name it can read."""
    base, quote, settle = parse_symbol(symbol)
    quotes = dict.fromkeys((quote, "USDT", "USD", "USDC"))
    for q, s in product(quotes, dict.fromkeys((settle, *quotes, base))):
        found = f"{base}/{q}:{s}"
        if native_ids(venue, found):
            return found
    return symbol


def read_changes(given: Iterator[str] | tuple[str, ...]) -> dict[str, Number]:
    """Read changes written as name=value: numbers of the formula (damper=0, cap=inf, interest=0) and interval_hours.

    Raises
    ------
    InputError
        When a name is none of these, or a value no number.
    """
    known = (*FORMULA_NUMBERS, _INTERVAL)
    found: dict[str, Number] = {}
    for text in given:
        name, _, value = (part.strip() for part in text.partition("="))
        if name not in known:
            raise InputError(f"the change {text!r}", f"no part of a rule is called {name!r}", f"Known: {', '.join(known)}.")
        try:
            found[name] = INF if value in {"inf", "none", "off"} else -INF if value == "-inf" else to_decimal(value)
        except (ValueError, ArithmeticError):
            raise InputError(f"the change {text!r}", f"{value!r} is not a number", "Write it like damper=0 or cap=inf.") from None
        _refuse_nonsense(text, name, found[name])
    if "cap" in found and "floor" not in found:
        found["floor"] = -found["cap"]
    return found


def _refuse_nonsense(text: str, name: str, value: Number) -> None:
    """Refuse widths below zero, no time at all, and parts of a decimal place."""
    if name in {"cap", "damper", "change"} and value < 0:
        raise InputError(f"the change {text!r}", "a width below zero", "Give its size, such as cap=0.003.")
    if name == "floor" and value > 0:
        raise InputError(f"the change {text!r}", "a floor above zero", "Give the lowest rate, such as floor=-0.003.")
    if name == _INTERVAL and not 0 < value < INF:
        raise InputError(f"the change {text!r}", "no time", "Give hours above 0.")
    if name in _WHOLE and (value != int(value) or value < -1):
        raise InputError(f"the change {text!r}", "not a number of decimals", "Give 0 or more, or -1 for no rounding.")


def premium_of(regime: Regime, rate: Number, hours: Number) -> Number:
    """Return the averaged premium that leads to a rate, where only one does.

    Raises
    ------
    CatalogueError
        When many premiums lead to it: on the flat stretch at the interest, at a cap, or where each sample is clamped.
    """
    asked = f"the premium behind the rate {float(rate):g}"
    if not isinstance(regime.rule.each, Keep):
        raise CatalogueError(asked, "the rule clamps each sample, many lead to it", "Give the premium of each interval.")
    digit = 10.0**-regime.rule.formula.decimals / 2 if regime.rule.formula.decimals >= 0 else _NOTHING
    line = pieces(regime.rule.formula, float(hours))
    if not any(piece.flat and abs(float(rate) - piece.level) <= digit for piece in line):
        for piece in line:
            premium = (float(rate) - piece.level) / piece.slope if not piece.flat else piece.low
            if piece.low < premium < piece.high:
                return Fraction(repr(premium))
    raise CatalogueError(asked, "many premiums lead to it", "Give the premium of each interval.")
