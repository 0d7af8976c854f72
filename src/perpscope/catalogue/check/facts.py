"""What does an example give? Its inputs by meaning, in exact numbers, and a record of which of them were read.

Nothing is silently dropped: a name without a meaning, two names for one thing and an input that no derivation read are
all told apart, so that an example is never passed by looking at half of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeAlias

from perpscope.catalogue.check.names import Meaning, input_meaning, tokens_of
from perpscope.catalogue.check.words import CONTRACT, HOURS_OF
from perpscope.market.number import INF, Number

Value: TypeAlias = "Number | str | Amount | Sequence[Value]"
BOOKS = frozenset({"book", "order_book", "orderbook", "depth", "repo_book"})
MANY = frozenset(
    {
        "samples",
        "bids",
        "asks",
        "settlements",
        "accounts",
        "margins",
        "indexes",
        "counts",
        "rows",
        "paid_rates",
        "votes",
        "closes",
        "periods",
    }
)
"""Concepts that are many by nature, not one value for each of several cases."""


SIDES_OF_A_BOOK = frozenset({"impact_bid", "impact_ask", "bid", "ask"})
_EXPONENT = re.compile(r"e[+-]?(\d+)", re.IGNORECASE)
_MOST_PLACES = 400  # a double has 308, and a number of a billion digits is no fact
_HOURS = re.compile(r"(\d+(?:\.\d+)?)\s*(?:h|hours?)", re.IGNORECASE)


def number(value: object) -> Number | None:
    """Exact number of what stands in a file: "0.0005", "1/33", "0.05%", "inf"; None where it is not one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value).strip().replace("_", "").removeprefix("±").removeprefix("+-")
    if text.lower().lstrip("+-") in {"inf", "infinity"}:
        return -INF if text.startswith("-") else INF
    scale = 100 if text.endswith("%") else 1
    if (exponent := _EXPONENT.search(text)) is not None and int(exponent[1]) > _MOST_PLACES:
        return None
    try:
        return Fraction(text.removesuffix("%").strip()) / scale
    except (ValueError, ZeroDivisionError):
        return None


@dataclass(frozen=True, slots=True)
class Amount:
    """Money received; `signed` says whether the sign of the expected value is known to mean that (1), the reverse (-1) or neither (0)."""

    received: Number
    sign: int = 0


@dataclass(frozen=True, slots=True)
class Fact:
    """One input: what it means, and its value in whole units."""

    meaning: Meaning
    value: Value

    @property
    def concept(self) -> str:
        """The word of the table."""
        return self.meaning.concept


@dataclass(slots=True)
class Facts:
    """The inputs of an example.

    Parameters
    ----------
    by_concept : what is known. strange : name -> value of inputs without a meaning; a rule may ask for them by that name.
    clashes : name -> why it does not go with the other inputs. used : names that a derivation read.
    """

    by_concept: Mapping[str, Fact]
    strange: Mapping[str, Value]
    clashes: Mapping[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def has(self, *concepts: str) -> bool:
        """Whether all of these are given."""
        return all(concept in self.by_concept for concept in concepts)

    def meaning(self, concept: str) -> Meaning:
        """Return the meaning of a given input."""
        return self._fact(concept).meaning

    def take(self, concept: str) -> Value:
        """Read an input, and remember that it was read."""
        fact = self._fact(concept)
        self.used.add(fact.meaning.name)
        return fact.value

    def _fact(self, concept: str) -> Fact:
        if concept not in self.by_concept:
            raise Lacking(f"{concept.replace('_', ' ')} is not given")
        return self.by_concept[concept]

    def peek(self, concept: str) -> Number:
        """Look at an input that is one number; looking is not yet using."""
        value = self._fact(concept).value
        if isinstance(value, str | Sequence | Amount):
            raise Lacking(f"{self.meaning(concept).name} is {value!r}, not one number")
        return value

    def number(self, concept: str) -> Number:
        """Read an input that is one number, and remember that it was read."""
        self.mark(concept)
        return self.peek(concept)

    def numbers(self, concept: str) -> list[Number]:
        """Read an input that is a list of numbers, and remember that it was read."""
        value = self.take(concept)
        found = [x for x in value if isinstance(x, int | float | Fraction)] if isinstance(value, list) else []
        if not isinstance(value, list) or len(found) != len(value):
            raise Lacking(f"{self.meaning(concept).name} are not numbers")
        return found

    def by_name(self, concept: str) -> dict[str, Number]:
        """Read an input that is an object of names and numbers, names in small letters, and remember that it was read."""
        found: dict[str, Number] = {}
        value = self.take(concept)
        for entry in value if isinstance(value, list) else [value]:
            match entry:
                case [str() as name, Fraction() as each]:
                    found[name.lower()] = each
                case _:
                    raise Lacking(f"{self.meaning(concept).name} are not an object of names and numbers")
        return found

    def places(self, concept: str) -> int:
        """Read an input that is a power of ten, and remember that it was read."""
        value = self.number(concept)
        if not isinstance(value, Fraction) or value.denominator != 1 or abs(value) > _MOST_PLACES:
            raise Lacking(f"{self.meaning(concept).name} is {float(value):g}, no power of ten")
        return int(value)

    def duration(self) -> Fraction | None:
        """Hours that the inputs speak of; None where they name no length of time."""
        for unit, hours in HOURS_OF.items():
            if self.has(unit):
                return Fraction(self.number(unit)) * hours
        return None

    def mark(self, *concepts: str) -> None:
        """Remember that inputs were read, as far as they are given."""
        self.used |= {self.by_concept[concept].meaning.name for concept in concepts if concept in self.by_concept}

    def text(self, concept: str) -> str:
        """Read an input that is a text; "" where it is absent."""
        return str(self.take(concept)) if concept in self.by_concept else ""

    def fresh(self) -> Facts:
        """Return the same facts, nothing read yet."""
        return replace(self, used=set())

    def ignored(self, idle: frozenset[str] = frozenset()) -> tuple[str, ...]:
        """Names of inputs that nothing read, `idle` concepts aside: what is asked for does not depend on those."""
        aside = CONTRACT | idle
        unread = [fact for fact in self.by_concept.values() if fact.meaning.name not in self.used and fact.concept not in aside]
        return (*(fact.meaning.name for fact in unread), *(name for name in self.strange if name not in self.used))

    def alternatives(self) -> int:
        """How many values the listed inputs have; 0 where none is a list."""
        return max((len(_listed(fact)) for fact in self.by_concept.values() if _listed(fact)), default=0)

    def alternative(self, k: int) -> Facts:
        """Return the facts with the k-th value of every listed input."""
        chosen = {c: replace(f, value=_listed(f)[min(k, len(_listed(f)) - 1)]) if _listed(f) else f for c, f in self.by_concept.items()}
        return replace(self, by_concept=chosen, used=set())


class Lacking(Exception):  # noqa: N818 - a derivation that lacks something is a state of the example, told in its verdict
    """A derivation lacks an input or a number of the rule; the text says which."""


def read_facts(inputs: Mapping[str, object], *, elementwise: bool) -> Facts:
    """Read the inputs of an example; `elementwise`: a list of premiums means one case each, not the samples of a window."""
    found: dict[str, Fact] = {}
    strange: dict[str, Value] = {}
    clashes: dict[str, str] = {}
    for name, raw in _held(_flat(inputs)).items():
        meaning = input_meaning(name)
        if meaning is not None and meaning.concept in SIDES_OF_A_BOOK and (raw is None or raw == ""):
            continue  # a side that is not there
        if meaning is None:
            strange[name] = _value(raw, Fraction(1))
            continue
        fact = _settled(Fact(meaning, _value(raw, meaning.scale)), elementwise=elementwise)
        if fact.concept in found and (aside := _beside_an_average(found[fact.concept], fact)):
            found[fact.concept], fact = aside
        if fact.concept in found:
            clashes[name] = "means what another input already says"
        found.setdefault(fact.concept, fact)
    longest = max((len(_listed(fact)) for fact in found.values()), default=0)
    for fact in found.values():
        if 1 < len(_listed(fact)) < longest:
            clashes[fact.meaning.name] = "lists another number of values than the other inputs"
    return Facts(found, strange, clashes)


def _beside_an_average(one: Fact, other: Fact) -> tuple[Fact, Fact] | None:
    """Tell two prices of one kind apart: the average is looked at, the other is the price of the payment; None where neither is one."""
    average = {fact.meaning.name for fact in (one, other) if "twap" in tokens_of(fact.meaning.name)}
    if one.concept not in {"mark", "index"} or len(average) != 1:
        return None
    looked, paid = (one, other) if one.meaning.name in average else (other, one)
    return looked, replace(paid, meaning=replace(paid.meaning, concept="price"))


def _flat(inputs: Mapping[str, object]) -> dict[str, object]:
    """Unfold an order book given as one object."""
    out: dict[str, object] = {}
    for name, value in inputs.items():
        if name.lower() in BOOKS and isinstance(value, Mapping):
            out |= {str(key): levels for key, levels in value.items()}
        else:
            out[name] = value
    return out


def _held(inputs: Mapping[str, object]) -> dict[str, object]:
    """Gather holders that stand in names (alice_size, alice_margin) into one object each of quantities and margins."""
    out: dict[str, object] = {}
    for name, value in inputs.items():
        who, _, what = name.rpartition("_")
        kind = {"size": "positions", "quantity": "positions", "position": "positions", "margin": "margins"}.get(what.lower())
        if kind is None or not who or input_meaning(name) is not None or not isinstance(number(value), Fraction):
            out[name] = value
            continue
        told = out.setdefault(kind, {})
        if isinstance(told, dict):
            told[who] = value
    return out


def _value(raw: object, scale: Fraction) -> Value:
    if isinstance(raw, Mapping):
        return [(str(name), _value(value, scale)) for name, value in raw.items()]
    if isinstance(raw, Sequence) and not isinstance(raw, str):
        return [_value(item, scale) for item in raw]
    exact = number(raw)
    return str(raw) if exact is None else exact * scale


def _settled(fact: Fact, *, elementwise: bool) -> Fact:
    """Read what the value says about the meaning: premiums in a list are samples, a date "before" is no rate."""
    concept, value = fact.concept, fact.value
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    if concept in {"premium", "samples"} or (concept == "average" and listed and not elementwise):
        concept = "premium" if not listed or elementwise else "samples"
    if concept == "index" and listed and not elementwise:
        concept = "indexes"
    if concept == "closed" and not isinstance(value, str):
        concept = "first_price"
    if concept == "turn" and not isinstance(value, str):
        concept = "previous"
    if concept == "interval_hours" and isinstance(value, str) and (hours := _HOURS.fullmatch(value.strip())):
        value = Fraction(hours[1])
    if concept == "impact_unit" and isinstance(value, str):
        concept = "label"
    return Fact(replace(fact.meaning, concept=concept), value)


def _listed(fact: Fact) -> Sequence[Value]:
    """Return the values of an input that lists several; nothing where it is one value, or many by nature."""
    value = fact.value
    return () if isinstance(value, str | float | Fraction | Amount) or fact.concept in MANY else value
