"""Do costs written on a command line answer for the legs they are meant for, in every verb, and before a file that says the same?"""

from __future__ import annotations

import inspect
import shlex
from fractions import Fraction
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from perpscope.catalogue.tariffs import Asked, find_cost
from perpscope.cli.carry.allocate import allocate
from perpscope.cli.carry.backtest import backtest
from perpscope.cli.carry.cost import cost
from perpscope.cli.carry.given_costs import CostWords, refuse_uncounted, rows_of, said_again
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
        (CostWords(fee=("5",)), "--fee 5: that is 500.0000%"),
        (CostWords(half_spread=("gate=1",)), "--half-spread 1: that is 100"),
        (CostWords(fee=("1bp", "2bp")), "--fee: two values of every leg"),
        (CostWords(borrow=("gate=1%", "gateio=2%")), "--borrow: two values of gate"),
    ],
)
def test_what_cannot_be_read_is_refused(words: CostWords, why: str) -> None:
    with pytest.raises(InputError, match=why):
        rows_of(words)


def test_words_are_written_again_as_they_were_said(tmp_path: Path) -> None:
    words = CostWords(costs=tmp_path / "my costs.toml", tier=("gate=VIP1",), fee=("0.05%", "okx=-1bp"), opportunity="4%")
    line = said_again(words)
    assert shlex.split(line) == [
        f"--costs={tmp_path}/my costs.toml",
        "--tier=gate=VIP1",
        "--fee=0.05%",
        "--fee=okx=-1bp",
        "--opportunity=4%",
    ]
    assert said_again(CostWords()) == ""


def test_what_a_verb_does_not_count_is_refused() -> None:
    for words in (CostWords(opportunity="0"), CostWords(delivery_fee=("1bp",))):
        with pytest.raises(InputError, match="a sweep does not count it"):
            refuse_uncounted(words, "a sweep")
    refuse_uncounted(CostWords(fee=("1bp",), borrow=("1%",)), "a sweep")


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
