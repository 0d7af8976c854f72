"""Do arrays and definition agree on everything? Amounts bit for bit, units exactly, totals within the bound they state."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from perpscope.market.contract import Contract
from perpscope.market.number import ROUNDINGS, Number, Rounding, to_exact
from perpscope.mechanisms.settle import Settlement, charge, payment
from perpscope.trading.columns import Decided, Held
from perpscope.trading.fast import cash_flows, unit_flows
from perpscope.trading.money import Units, exact
from perpscope.trading.settle import Listing
from perpscope.trading.totals import totals


@dataclass(frozen=True)
class Case:
    """Rows of each position of each contract, events of each contract, and its terms."""

    positions: list[list[dict[int, float]]]
    events: list[dict[int, tuple[float, float]]]
    terms: list[Listing]

    def columns(self) -> tuple[Held, Decided, list[Listing]]:
        flat = [rows for own in self.positions for rows in own]
        held = Held(
            np.cumsum([0, *map(len, self.positions)]),
            np.cumsum([0, *map(len, flat)]),
            np.array([at for rows in flat for at in sorted(rows)], dtype=np.int64),
            np.array([rows[at] for rows in flat for at in sorted(rows)]),
        )
        pairs = [own[at] for own in self.events for at in sorted(own)]
        decided = Decided(
            np.cumsum([0, *map(len, self.events)]),
            np.array([at for own in self.events for at in sorted(own)], dtype=np.int64),
            np.array([rate for rate, _ in pairs]),
            np.array([price for _, price in pairs]),
        )
        return held, decided, self.terms

    def paid(self, *, exactly: bool, grains: int | None = None, rounding: Rounding = "nearest") -> list[list[Number]]:
        """Payments by the definition, one list for each position; in whole 1/grains where given."""
        found = []
        for own, events, terms in zip(self.positions, self.events, self.terms, strict=True):
            contract, rule = terms.contract, terms.settle
            if exactly:
                contract = replace(contract, size=to_exact(contract.size))
            if grains is None:
                rule = replace(rule, money_grains=0)
            elif not rule.money_grains:
                rule = replace(rule, money_grains=grains, money_rounding=rounding)
            for rows in own:
                paid = []
                for at in sorted(events):
                    rate, price, quantity = (to_exact(x) if exactly else x for x in (*events[at], self.held(rows, at)))
                    paid.append(payment(charge(rate, rule, contract, price), quantity, rule))
                found.append(paid)
        return found

    @staticmethod
    def held(rows: dict[int, float], at: int) -> float:
        times = sorted(rows)
        k = bisect_right(times, at)
        return rows[times[k - 1]] if k else 0.0


times = st.integers(0, 30)
quantities = st.one_of(st.integers(-500, 500).map(float), st.integers(-(10**6), 10**6).map(lambda n: n / 1000))
rates = st.one_of(
    st.integers(-(10**4), 10**4).map(lambda n: n / 10**6), st.floats(-1, 1, allow_subnormal=False).filter(lambda x: abs(x) > 1e-20)
)
prices = st.one_of(st.integers(1, 10**7).map(lambda n: n / 100), st.floats(1e-6, 1e5))
contracts = st.builds(
    Contract, st.sampled_from(["linear", "inverse", "quanto"]), st.just("BTC"), st.sampled_from([1.0, 0.001, 10.0, 1e-6, 0.3])
)
linear = st.builds(Contract, st.just("linear"), st.just("USDT"), st.sampled_from([1.0, 0.001]))
plain = st.builds(Listing, contracts, st.builds(Settlement, sides=st.sampled_from(["mirror", "both_pay"])))
counted = st.builds(
    Listing, contracts, st.builds(Settlement, money_grains=st.sampled_from([1, 10**6]), money_rounding=st.sampled_from(ROUNDINGS))
)
indexed = st.builds(
    Listing, linear, st.builds(Settlement, index_grains=st.sampled_from([0, 10**6]), unit=st.sampled_from(["rate", "quote"]))
)
bare = st.builds(Listing, contracts, st.just(Settlement(price="none")))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    terms = draw(st.lists(st.one_of(plain, counted, indexed, bare), min_size=1, max_size=3))
    positions = [draw(st.lists(st.dictionaries(times, quantities, max_size=5), max_size=4)) for _ in terms]
    events = [draw(st.dictionaries(times, st.tuples(rates, prices), max_size=8)) for _ in terms]
    return Case(positions, events, terms)


TIES = Case([[{0: -5.0}]], [{1: (0.0000001, 0.07), 2: (0.0000001, 0.09)}], [Listing(Contract("linear", "USDT"))])


@settings(max_examples=200)
@given(case=cases())
def test_amounts_are_those_of_the_definition_bit_for_bit(case: Case) -> None:
    found = cash_flows(*case.columns())
    plainly = case.paid(exactly=False)
    assert [found.amounts[a:b].tolist() for a, b in zip(found.begins[:-1], found.begins[1:], strict=True)] == plainly


@settings(max_examples=200)
@given(case=cases(), places=st.sampled_from([0, 2, 8]), rounding=st.sampled_from(ROUNDINGS))
@example(case=TIES, places=8, rounding="nearest")
def test_units_are_those_of_an_exact_venue_and_sum_to_zero(case: Case, places: int, rounding: Rounding) -> None:
    found = unit_flows(*case.columns(), Units(others=places), rounding)
    exactly = case.paid(exactly=True, grains=10**places, rounding=rounding)
    grains = np.repeat(found.grains, [len(own) for own in case.positions]).tolist()
    for k, (paid, each) in enumerate(zip(exactly, grains, strict=True)):
        assert found.units[found.begins[k] : found.begins[k + 1]].tolist() == [x * each for x in paid]
    event, position = 0, 0
    for own, events in zip(case.positions, case.events, strict=True):
        parts = [found.units[found.begins[k] : found.begins[k + 1]] for k in range(position, position + len(own))]
        for i in range(len(events)):
            assert sum(int(part[i]) for part in parts) + int(found.outside[event]) + int(found.residue[event]) == 0
            event += 1
        position += len(own)


@settings(max_examples=200)
@given(case=cases())
def test_totals_are_within_the_error_they_state(case: Case) -> None:
    found = totals(*case.columns())
    exactly = case.paid(exactly=True)
    for k, paid in enumerate(exactly):
        off = abs(exact(float(found.amounts[k])) - sum((exact(x) for x in paid), start=Fraction(0)))
        gross = sum((abs(exact(x)) for x in paid), start=Fraction(0))
        assert off <= exact(float(found.error[k]))
        assert found.error[k] <= 4e-15 * float(gross) * (1 + 1e-9) + 1e-300


@settings(max_examples=100)
@given(case=cases())
def test_the_net_position_is_what_the_definition_says_of_it(case: Case) -> None:
    net = cash_flows(*case.columns()).net.tolist()
    exactly = [
        float(sum((exact(case.held(rows, at)) for rows in own), start=Fraction(0)))
        for own, events in zip(case.positions, case.events, strict=True)
        for at in sorted(events)
    ]
    assert net == exactly
