"""Are the trades behind printed figures trades of ours, and is a file that contradicts itself refused?"""

from __future__ import annotations

from copy import deepcopy
from fractions import Fraction
from typing import Any

import pytest

from perpscope.catalogue.ready import load_example
from perpscope.errors import CatalogueError, InputError
from perpscope.trading.costs.parts import round_trip
from perpscope.trading.examples.printed_trade import as_printed, percent, printed_trade


def tables() -> Any:  # noqa: ANN401 - a file as read
    return deepcopy(dict(load_example("coinflex")))


def test_a_figure_is_a_trade_with_its_capital() -> None:
    trade = printed_trade("coinflex").figure("eth_htx").trade
    assert [(leg.side, leg.venue, leg.symbol, leg.leverage, leg.market) for leg in trade.legs] == [
        ("long", "coinflex", "ETH/USD:USD", 2, "linear"),
        ("short", "htx", "ETH/USDT:USDT", 2, "linear"),
    ]
    assert trade.capital * 1_000_000 == 1_000_000


def test_fees_are_stated_at_one_venue_and_inferred_at_the_other() -> None:
    printed = printed_trade("coinflex")
    own, other = printed.fees("coinflex"), printed.fees("htx")
    assert (own.maker.value, own.taker.value, own.maker.status) == (Fraction(-2, 10_000), Fraction(3, 10_000), "stated")
    assert (other.maker.value, other.taker.value, other.maker.status) == (Fraction(2, 10_000), Fraction(4, 10_000), "inferred")


def test_what_taking_crosses_is_unknown_until_somebody_says_it() -> None:
    printed = printed_trade("coinflex")
    parts = round_trip(printed.costs("btc_htx"), printed.figure("btc_htx").trade.legs, 1_000_000, 0)
    assert sum(figure.value for figure in parts.values() if figure.value is not None) == 0  # resting everywhere: -0.02 % + 0.02 %, twice
    assert printed.costs("btc_htx").legs[0].crossing.at(0, "buy", 1).note.startswith("no book")


@pytest.mark.parametrize(
    ("text", "value", "unit"), [("39.7%", "0.397", "0.001"), ("64 %", "0.64", "0.01"), ("-0.02%", "-0.0002", "0.0001")]
)
def test_a_printed_per_cent_has_a_last_digit(text: str, value: str, unit: str) -> None:
    assert percent(text) == (Fraction(value), Fraction(unit))


def test_no_per_cent() -> None:
    with pytest.raises(CatalogueError, match="as printed"):
        percent("0.397")


def test_unknown_figures() -> None:
    with pytest.raises(InputError, match="btc_binance"):
        printed_trade("coinflex").figure("doge")


@pytest.mark.parametrize(
    ("table", "key", "value"), [("capital", "collateral", 500_000), ("capital", "gross", 1_000_000), ("capital", "leg", 7)]
)
def test_capital_and_legs_agree(table: str, key: str, value: int) -> None:
    wrong = tables()
    wrong[table][key] = value
    with pytest.raises(CatalogueError, match="agree"):
        as_printed(wrong)


def test_what_is_no_trade_is_refused() -> None:
    wrong = tables()
    del wrong["fees"]
    with pytest.raises(CatalogueError, match="no table fees"):
        as_printed(wrong)
    wrong["example"] = {**wrong["example"], "kind": "strategies"}
    with pytest.raises(CatalogueError, match="not of a trade"):
        as_printed(wrong)
