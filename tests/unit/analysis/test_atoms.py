"""Are atoms counted exactly, by the rule where there is one, and is the guess called a guess?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from perpscope.analysis.atoms import interest_share, limit_hits
from perpscope.analysis.series import fixings
from perpscope.analysis.terms import Terms, with_terms
from tests.unit.analysis.frames import at, contract, regular, row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any


def interest(rates: Sequence[tuple[float, float, float]], *terms: Terms, **others: str) -> dict[str, Any]:
    return row(interest_share(with_terms(fixings(contract(rates, **others)), terms)))


def limits(rates: Sequence[tuple[float, float, float]], *terms: Terms) -> dict[str, Any]:
    return row(limit_hits(with_terms(fixings(contract(rates)), terms)))


def eights(*rates: float) -> list[tuple[float, float, float]]:
    return [(8.0 * (i + 1), rate, 8.0) for i, rate in enumerate(rates)]


def test_the_rule_says_where_to_look() -> None:
    found = interest(eights(0.0001, 0.0001, 0.0002, 0.0002, 0.0002), Terms("alpha", 8, interest=0.0001))
    assert (found["interest_hits"], found["interest_n"], found["interest_share"], found["interest_from"]) == (2, 5, 0.4, "rule")


def test_an_atom_is_exact_but_for_float32() -> None:
    near = [0.0001, float(np.float32(0.0001)), 0.0001 + 1e-10, 0.0001 - 1e-10]
    assert interest(eights(*near), Terms("alpha", 8, interest=0.0001))["interest_hits"] == 2


def test_each_interval_has_its_own_term() -> None:
    rates = [*eights(0.0001, 0.0003), (17.0, 0.0000125, 1.0), (18.0, 0.0001, 1.0)]
    found = interest(rates, Terms("alpha", 8, interest=0.0001), Terms("alpha", 1, interest=0.0000125))
    assert (found["interest_hits"], found["interest_n"], found["interest_rate"]) == (2, 4, 0.0000125)


def test_a_stamp_belongs_to_the_rule_in_force_before_it() -> None:
    old = Terms("alpha", 8, interest=0.0001, until=at(16))
    new = Terms("alpha", 8, interest=0.0002, since=at(16))
    assert interest(eights(0.0001, 0.0001, 0.0002, 0.0001), old, new)["interest_hits"] == 3


def test_stamps_without_a_rule_and_without_repeats_are_not_judged() -> None:
    found = interest(eights(0.0001, 0.0003, 0.0002, 0.0001), Terms("alpha", 8, interest=0.0001, since=at(16)))
    assert (found["interest_hits"], found["interest_n"], found["interest_share"], found["interest_from"]) == (1, 2, 0.5, "rule")


def test_stamps_without_a_rule_are_judged_by_the_value_that_repeats_among_them() -> None:
    rates = eights(0.0003, 0.0003, 0.0003, 0.0001, 0.0001, 0.0003, 0.0002)
    found = interest(rates, Terms("alpha", 8, interest=0.0001, since=at(32)))
    assert (found["interest_hits"], found["interest_n"], found["interest_from"]) == (4, 7, "mixed")
    assert found["interest_rate"] == 0.0001, "the term in force last"


def test_the_contracts_own_terms_go_before_the_venues() -> None:
    venue, own = Terms("alpha", 8, interest=0.0001), Terms("alpha", 8, interest=0.0005, native_id="BTCUSDT")
    for terms in ((venue, own), (own, venue)):
        assert interest(eights(0.0001, 0.0005, 0.0005), *terms)["interest_hits"] == 2


def test_terms_of_another_venue_list_or_contract_do_not_count() -> None:
    others = (
        Terms("beta", 8, interest=0.0001),
        Terms("alpha", 8, interest=0.0001, market_list="xyz"),
        Terms("alpha", 8, interest=0.0001, native_id="ETHUSDT"),
        Terms("alpha", 4, interest=0.0001),
    )
    assert interest(eights(0.0001, 0.0002), *others)["interest_from"] is None


def test_without_a_rule_the_value_that_repeats_most_is_observed() -> None:
    found = interest(eights(0.0001, 0.0001, 0.0001, 0.0002, -0.0003))
    assert (found["interest_rate"], found["interest_hits"], found["interest_share"], found["interest_from"]) == (0.0001, 3, 0.6, "observed")


def test_a_chance_repeat_is_no_atom() -> None:
    scattered = [i * 1e-7 for i in range(400)]
    found = interest(eights(*scattered, 5e-7, 5e-7))
    assert found["interest_from"] is None
    assert (found["interest_rate"], found["interest_hits"], found["interest_share"]) == (None, None, None)
    assert found["interest_n"] == 402


def test_all_at_the_atom() -> None:
    found = interest(regular(50, 8))
    assert (found["interest_share"], found["interest_from"]) == (1.0, "observed")
    assert limits(regular(50, 8))["cap_from"] is None, "the only value of a history is not its limit"


def test_limits_of_a_rule_are_counted_on_both_sides() -> None:
    rule = Terms("alpha", 8, cap=0.003, floor=-0.002)
    found = limits(eights(0.003, 0.003, -0.002, 0.001, -0.0019), rule)
    assert (found["cap_hits"], found["floor_hits"], found["cap_n"], found["cap_share"], found["cap_from"]) == (2, 1, 5, 0.6, "rule")


def test_a_rule_with_one_limit_counts_one_side() -> None:
    found = limits(eights(0.003, -0.002, 0.001), Terms("alpha", 8, cap=0.003))
    assert (found["cap_hits"], found["floor_hits"], found["floor_rate"]) == (1, 0, None)


def test_an_extreme_reached_three_times_is_an_observed_limit() -> None:
    found = limits(eights(0.0001, 0.0001, 0.0001, 0.0001, 0.00375, 0.00375, 0.00375, -0.001, -0.001))
    assert (found["cap_rate"], found["cap_hits"], found["floor_rate"], found["floor_hits"]) == (0.00375, 3, None, 0)
    assert found["cap_from"] == "observed"


def test_an_extreme_reached_twice_is_not() -> None:
    found = limits(eights(0.0001, 0.0001, 0.0001, 0.00375, 0.00375, -0.001))
    assert (found["cap_from"], found["cap_hits"], found["cap_share"]) == (None, None, None)


@pytest.mark.needs_shared
def test_the_atom_of_a_real_history(shared: Path) -> None:
    import polars as pl

    raw = pl.read_parquet(shared / "data" / "funding_binance_usdm_btc_eth.parquet").filter(pl.col("symbol") == "BTCUSDT")
    hours = [((stamp - at(0)) / 3_600_000) for stamp in raw["ts"].dt.epoch("ms").to_list()]
    rates = raw["funding_rate"].to_list()
    found = interest(list(zip(hours, rates, raw["interval_hours"].to_list(), strict=True)), Terms("alpha", 8, interest=0.0001))
    assert found["interest_hits"] == sum(rate == 0.0001 for rate in rates)
    assert found["interest_n"] == len(rates)
