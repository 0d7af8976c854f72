"""Does a venue's rule book say what its sources say, and nothing that changes nothing?

One suite for every venue: a test file inherits `RuleBook`, names its venue, and adds what its real data must obey.
"""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from perpscope.catalogue.dated import PARTS, DatedRule
from perpscope.catalogue.load import load_venue
from perpscope.errors import CatalogueError, InputError
from perpscope.market.time import FOREVER, to_ms
from perpscope.mechanisms.auction import Auction
from perpscope.mechanisms.batch import fix_averages, fix_many
from perpscope.mechanisms.meter import Meter
from perpscope.mechanisms.rule import Fixing, Rule
from perpscope.mechanisms.window import Window
from tests.conformance.cases import Example, answers, document, examples, rules, wrong
from tests.conformance.laws import PaymentLaws, RateLaws
from tests.conformance.mutants import Mutant, noticed, paid

ULPS = 8
"""A few additions and multiplications of doubles, each off by half a unit in the last place."""
PRICE_LESS_ONE = ("mid", "impact_mid")
"""Ways to observe that subtract one from a ratio: what is left carries an error of the size of one's last place."""
HOUR = 3_600_000
LEVEL = 0.03
"""Price level of random windows, small enough that shares of it bind samples of a premium's size."""


class SymbolBook:
    """What every venue file must hold, rules or none."""

    venue = ""

    def test_it_loads_and_says_what_it_is(self) -> None:
        venue = load_venue(self.venue)
        assert venue.name
        assert venue.about
        assert venue.rules or venue.unknown, "a venue without rules says what is not covered"

    def test_every_source_is_described_and_used(self) -> None:
        venue = load_venue(self.venue)
        cited = {v.source for rule in venue.rules for part in PARTS for v in rule.parts[part].values() if v.known}
        cited |= {v.source for entry in venue.contracts for v in entry.numbers.values() if v.known}
        assert cited <= set(venue.sources)
        assert all(source.title and source.read for source in venue.sources.values())

    def test_an_id_names_its_assets(self, symbol: dict[str, Any]) -> None:
        found = load_venue(self.venue).instrument(symbol["native_id"])
        if symbol["symbol"] is None:
            assert found is None
            return
        assert found is not None
        assert (found.symbol, found.market, found.market_list) == (symbol["symbol"], symbol["market"], symbol.get("market_list", ""))
        assert found.multiplier == symbol.get("multiplier")

    def test_the_numbers_of_a_contract(self, number: dict[str, Any]) -> None:
        if not number:
            assert not load_venue(self.venue).contracts, "a number of a contract on file is tried"
            return
        found = load_venue(self.venue).contract(number["native_id"], to_ms(number["at"]))
        for name, value in number["numbers"].items():
            assert found.get(name) == (None if value is None else Fraction(value)), name


class RuleBook(RateLaws, PaymentLaws, SymbolBook):
    """What every venue with rules must hold."""

    def test_every_rule_has_examples_and_dates(self, rule: DatedRule) -> None:
        assert examples(self.venue, rule.id)
        assert 0 <= rule.since < rule.until <= FOREVER
        assert rule.about
        assert rule.status != "disputed" or rule.reading

    def test_doubtful_dates_are_told(self, rule: DatedRule) -> None:
        if rule.surely_since is not None or rule.surely_until is not None:
            assert rule.doubts
            assert "surely" in rule.period or "unproven" in rule.period

    def test_an_example_is_of_the_rule_in_force(self, example: Example) -> None:
        venue = load_venue(self.venue)
        assert example.rule() in venue.at(example.end, example.rule().market_list.replace("*", "any"))
        assert example.raw["source"]
        assert example.raw["notes"]

    def test_it_comes_out_exactly(self, example: Example) -> None:
        assert wrong(example, example.build()) == {}

    def test_it_comes_out_in_doubles(self, example: Example) -> None:
        found = answers(example.fixing(example.build(exact=False), exact=False))
        terms = example.fixing(example.build()).terms
        largest = max(abs(float(x)) for x in terms if math.isfinite(x))
        if example.build().observe.kind in PRICE_LESS_ONE and not any(example.built_with.values()):
            largest = 1.0
        if example.build().observe.kind == "difference":  # which carries an error of the size of a price's last place
            largest = max(float(Fraction(price)) for price in example.raw["rows"]["index"])
        for name, value in example.expected.items():
            allowed = 0.0 if name == "coverage" else float(Fraction(example.raw["tolerance"])) + ULPS * math.ulp(largest)
            assert abs(found[name] - float(value)) <= allowed, name

    def test_a_part_that_is_taken_away_is_missed(self, mutant: Mutant) -> None:
        """The law that keeps rule books honest: no number stands in a file that no example needs."""
        seen = noticed(mutant)
        if seen is None and mutant.what.startswith("observe.kind "):
            return  # no example carries the columns of that kind, so it cannot be confused with it
        assert seen, f"no example of {mutant.rule.id} fails {mutant.what}"

    def test_stamps_and_payments(self, rule: DatedRule) -> None:
        told = next(entry for entry in document(self.venue)["payments"] if entry["rule"] == rule.id)
        expected = {
            "stamps": [to_ms(text) for text in told["stamps"]],
            "continuous": told.get("continuous", not told["stamps"]),
            **{name: told[name] for name in ("lag", "price", "flow")},
            "settle": told.get("settle", {}),
        }
        assert paid(rule) == expected

    def test_a_word_about_payments_that_is_taken_away_is_missed(self, paid_mutant: Mutant) -> None:
        assert paid(paid_mutant.rule) != paid(rules(self.venue)[paid_mutant.rule.id])

    def test_what_is_unknown_is_refused_by_name(self, refuse: dict[str, Any]) -> None:
        if not refuse:
            assert [rule.id for rule in load_venue(self.venue).rules if rule.unknowns()] == []
            return
        given = {name: Fraction(value) for name, value in refuse["given"].items()}
        given_how = {"averaged": refuse["averaged"], "sampled": refuse["sampled"]}
        rule = rules(self.venue)[refuse["rule"]]
        assert sorted({unknown.part for unknown in rule.unknowns(given, **given_how)}) == refuse["unknown"]
        with pytest.raises(CatalogueError) as caught:
            rule.build(given, **given_how)
        assert all(part in str(caught.value) for part in refuse["unknown"])

    def test_plain_batch_and_stream_agree_to_the_last_bit(self, rule: DatedRule) -> None:
        built = _in_doubles(self.venue, rule)
        dice = random.Random(rule.id)  # noqa: S311 - a seed, not a secret
        if isinstance(built.reduce, Auction):
            one_life(built, dice)
        else:
            three_lives(built, dice)


def _in_doubles(venue: str, rule: DatedRule) -> Rule:
    """Build the rule with the numbers of its first example that gives samples, or else an average."""
    ordered = sorted(examples(venue, rule.id), key=lambda e: e.built_with["averaged"])
    return ordered[0].build(exact=False)


def three_lives(rule: Rule, dice: random.Random) -> None:
    """Put random windows through all three lives of a rule."""
    before: Fixing | None = None
    lengths = [dice.choice((1, 4, 8)) for _ in range(6)]
    ends, samples, at, offsets, plain = [], [], [], [0], []
    now = to_ms("2024-01-01T00:00:00Z")
    for hours in lengths:
        end = now + hours * HOUR
        own_at = sorted({now, *(dice.randrange(now, end) for _ in range(dice.randint(1, 40)))})
        own = [round(dice.gauss(0.0002, 0.002), 7) for _ in own_at]
        window = Window(now, end, {"premium": own, "at": own_at}, level=LEVEL)
        streamed = _streamed(rule, window, before)
        before = rule.fix(window, before)
        plain.append([float(x).hex() for x in before.terms])
        assert streamed == plain[-1]
        samples += own
        at += own_at
        offsets.append(len(samples))
        ends.append(end)
        now = end
    every, levels = np.array(lengths, dtype=float), np.full(len(lengths), LEVEL)
    told = fix_many(rule, np.array(samples), np.array(offsets), every, at=np.array(at), ends=np.array(ends), levels=levels).terms
    assert [[float(x).hex() for x in row] for row in told] == plain
    premiums = np.array([float.fromhex(row[0]) for row in plain])
    again = fix_averages(rule, premiums, every, levels=levels).terms
    assert [[float(x).hex() for x in row] for row in again] == plain


def one_life(rule: Rule, dice: random.Random) -> None:
    """Put random orders through a rule that holds an auction: cleared at once or not at all, and decided alike from the price alone."""
    for hours in (1, 8, 24):
        sides = [1, -1, *(dice.choice((1, -1)) for _ in range(12))]
        quantity = [float(side * dice.randint(1, 9)) for side in sides]
        limit = [float(side) if k < 2 else round(dice.gauss(0, 0.0003), 6) for k, side in enumerate(sides)]
        orders = {"limit": limit, "quantity": quantity}
        fixing = rule.fix(Window(0, hours * HOUR, orders))
        price = np.array([float(fixing.terms.premium)])
        again = fix_averages(rule, price, np.array([float(hours)])).terms
        assert [float(x).hex() for x in again[0]] == [float(x).hex() for x in fixing.terms]
    with pytest.raises(InputError, match="holds an auction"):
        Meter(rule, Window(0, HOUR))
    with pytest.raises(InputError, match="holds an auction"):
        fix_many(rule, price, np.array([0, 1]), np.array([1.0]))


def _streamed(rule: Rule, window: Window, before: Fixing | None) -> list[str]:
    meter = Meter(rule, window, before)
    if rule.observe.kind != "none":
        for premium, at in zip(window.rows["premium"], window.rows["at"], strict=True):
            meter.see(premium, int(at))
    return [float(x).hex() for x in meter.close().terms]
