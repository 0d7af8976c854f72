"""Do costs written on a command line answer for the legs they are meant for, in every verb, and before a file that says the same?"""

from __future__ import annotations

import inspect
from fractions import Fraction
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from perpscope.catalogue.tariffs import Asked, find_cost
from perpscope.cli.carry.allocate import allocate
from perpscope.cli.carry.backtest import backtest
from perpscope.cli.carry.cost import cost
from perpscope.cli.carry.given_costs import CostWords, rows_of
from perpscope.cli.carry.hedge import hedge
from perpscope.cli.carry.legs import USUAL_LEVERAGE, USUAL_NOTIONAL
from perpscope.cli.carry.scan import scan
from perpscope.cli.carry.stress import stress
from perpscope.cli.carry.sweep import sweep
from perpscope.errors import InputError

PERP = Asked("gate", "BTC/USDT:USDT", "linear")


def taker(words: CostWords, venue: str = "gate", tier: str = "base") -> Fraction:
    found = find_cost("fee", "taker", Asked(venue, "BTC/USDT:USDT", "linear", tier), 0, rows_of(words))
    assert found is not None
    return Fraction(found.value).limit_denominator(10**9)


def test_one_value_is_for_every_leg_and_one_with_a_venue_for_its_own() -> None:
    words = CostWords(fee=("0.05%", "gateio=1bp"), half_spread=("2bp",))
    assert (taker(words, "gate"), taker(words, "okx")) == (Fraction(1, 10_000), Fraction(5, 10_000))
    found = find_cost("spread", "half", PERP, 0, rows_of(words))
    assert found is not None
    assert float(found.value) == pytest.approx(0.0002)


def test_the_command_line_goes_before_a_file_that_says_the_same_and_behind_one_that_says_it_more_closely(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[[fee]]\ntaker_bp = 9\nmaker_bp = 9\n[[fee]]\nvenue = "okx"\ntaker_bp = 3\nmaker_bp = 3\n')
    words = CostWords(costs=file, fee=("1bp",))
    assert (taker(words, "gate"), taker(words, "okx")) == (Fraction(1, 10_000), Fraction(3, 10_000))
    assert taker(CostWords(costs=file, fee=("okx=2bp",)), "okx") == Fraction(2, 10_000)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (CostWords(fee=("dear",)), "no share"),
        (CostWords(fee=("nowhere=1bp",)), "nowhere"),
        (CostWords(opportunity="150%"), "150% a year"),
    ],
)
def test_what_cannot_be_read_is_refused(words: CostWords, why: str) -> None:
    with pytest.raises(InputError, match=why):
        rows_of(words)


def test_every_verb_takes_the_same_words_about_costs() -> None:
    for verb in (allocate, backtest, cost, hedge, scan, stress, sweep):
        assert get_type_hints(verb)["costs"] is CostWords


def test_every_verb_has_the_same_defaults_but_for_the_leverage_that_a_scan_compares_liquidations_at() -> None:
    found: dict[str, set[Any]] = {"leverage": set(), "notional": set()}
    for name, defaults in found.items():
        defaults.add(inspect.signature(cost).parameters[name].default)
    found["notional"].add(inspect.signature(scan).parameters["notional"].default)
    position = inspect.signature(hedge).parameters["position"].default
    found["leverage"] |= {position.leverage, inspect.signature(backtest).parameters["trade"].default.leverage}
    found["notional"] |= {position.notional, inspect.signature(stress).parameters["notional"].default}
    assert found == {"leverage": {USUAL_LEVERAGE}, "notional": {USUAL_NOTIONAL}}
