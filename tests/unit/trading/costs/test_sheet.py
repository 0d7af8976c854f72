"""Does the sheet of a trade add up, by hand, in basis points, money and days, and does every null have its reason?"""

from __future__ import annotations

from typing import Any

import pytest

from perpscope.catalogue.tariff_file import read_costs
from perpscope.errors import InputError
from perpscope.market.time import day_ms
from perpscope.trading.costs.assemble import trade_costs
from perpscope.trading.costs.sheet import Sheet
from perpscope.trading.leg_text import kind_of, parse_leg
from perpscope.trading.trade import Collateral, Trade
from perpscope.units import Rate

MS = day_ms("2022-09-01")
MINE = """
[[fee]]
taker_bp = 5
[[spread]]
half_bp = 1
[[borrow]]
per_year_pct = 3.65
"""


def sheet(*texts: str, mine: str = MINE, rate: str = "", buffer: float = 0, notional: float = 1_000_000, **prices: float) -> Sheet:
    legs = tuple(parse_leg(text) for text in texts)
    trade = Trade(kind_of(legs), legs, Collateral(buffer))
    costs = trade_costs(trade, MS, given=read_costs(mine) if mine else ())
    named = {leg.name: prices[leg.venue] for leg in legs if leg.venue in prices}
    return Sheet(trade, costs, MS, notional, named, Rate.parse(rate) if rate else None)


def test_a_reverse_carry_by_hand() -> None:
    """Four fills of 6 bp; 3.65 % a year borrowed is 1 bp a day, of 3 bp a day received: 24 / 2 = 12 days."""
    told = sheet("short:gate:BTC/USDT:x2", "long:gate:BTC/USDT:USDT:x4", rate="1bp/8h", buffer=0.25).answer()
    totals: Any = told["totals"]
    assert [round(float(totals[name]["bp"]), 9) for name in ("in", "out", "round_trip", "held_per_year")] == [12, 12, 24, 365]
    assert totals["round_trip"]["money"] == pytest.approx(2400, rel=1e-12)
    assert told["breakeven_days"] == pytest.approx(12, rel=1e-12)
    capital: Any = told["capital"]
    assert capital["total"] == 1_000_000 * (0.5 + 0.25 + 0.25)
    assert (told["cost_bp_on_notional"], told["cost_bp_on_capital"]) == (24, pytest.approx(24, rel=1e-15))
    assert set(told["why_null"]) == {"totals.opportunity_per_year"}  # type: ignore[call-overload]  # a mapping


def test_what_the_capital_earns_elsewhere_counts_where_it_is_given() -> None:
    """1.5 of capital at 3.65 % is 1.5 bp a day of the notional: 24 / (3 - 1.5) = 16 days."""
    mine = MINE + "[[opportunity]]\nper_year_pct = 3.65\n"
    asked = sheet("long:gate:BTC/USDT", "short:gate:BTC/USDT:USDT:x2", mine=mine, rate="1bp/8h")
    assert asked.breakeven_days.value == pytest.approx(16, rel=1e-12)
    assert asked.breakeven_days.note == ""
    without = sheet("long:gate:BTC/USDT", "short:gate:BTC/USDT:USDT:x2", rate="1bp/8h").breakeven_days
    assert without.value == pytest.approx(8, rel=1e-12)
    assert without.note == "before what the capital would earn elsewhere, which is not given"


def test_a_carry_that_does_not_pay_never_breaks_even_and_a_rebate_at_once() -> None:
    never = sheet("short:gate:BTC/USDT:x2", "long:gate:BTC/USDT:USDT", rate="0.3bp/8h").breakeven_days
    assert (never.value, never.note.startswith("never: 0.0090% a day is")) == (None, True)
    paid = sheet("short:gate:BTC/USDT:USDT:maker", mine="[[fee]]\nmaker_bp = -1", rate="-1bp/8h").breakeven_days
    assert paid.value == 0
    assert "give --rate" in sheet("short:gate:BTC/USDT:USDT").breakeven_days.note


def test_the_note_s_days_to_pay_for_four_fills() -> None:
    """0.28 % at 0.03 % a day: 9.3 days; spreads given as none."""
    asked = sheet("long:binance:BTC/USDT", "short:binanceusdm:BTC/USDT:USDT", mine="[[spread]]\nhalf_bp = 0", rate="0.01%/8h")
    assert asked.breakeven_days.value == pytest.approx(28 / 3, rel=1e-12)


def test_an_unknown_is_null_with_its_reason_all_the_way() -> None:
    told = sheet("short:okx:BTC/USDT:USDT", mine="", rate="0.01%/8h").answer()
    why: Any = told["why_null"]
    assert told["cost_bp_on_notional"] is None
    assert told["breakeven_days"] is None
    for name in ("cost_bp_on_notional", "cost_bp_on_capital", "breakeven_days", "totals.in", "totals.out", "totals.round_trip"):
        assert "no spread of BTC/USDT:USDT at okx is on record" in why[name]


def test_what_may_happen_stands_beside_the_totals() -> None:
    rows = {(row["part"], row["leg"]): row for row in sheet("short:binanceusdm:BTC/USDT:USDT:x3", "long:okx:BTC/USDT:USDT").rows()}
    assert rows["liquidation", "binanceusdm:BTC/USDT:USDT"]["bp"] == 120
    assert ("liquidation", "okx:BTC/USDT:USDT") not in rows  # paid in full
    tolerance = rows["tolerance", "binanceusdm:BTC/USDT:USDT"]
    assert (tolerance["value"], tolerance["unit"], tolerance["bp"], tolerance["money"]) == (15, "s", None, None)
    assert rows["transfer time", None]["unit"] == "h"
    dated = {row["part"] for row in sheet("short:okx:BTC/USDT:USDT-221230").rows()}
    assert "delivery" in dated


def test_coin_is_charged_by_contracts_that_settle_in_coin() -> None:
    """5 bp of 1,000,000 is 500, which at 20,000 is 0.025 coins."""
    (fee, *_) = sheet("short:bitmex:XBTUSD", bitmex=20_000.0).rows()
    assert (fee["money"], fee["charged"], fee["charged_in"]) == (500, 0.025, "BTC")
    (without, *_) = sheet("short:bitmex:XBTUSD").rows()
    assert (without["charged"], without["charged_in"]) == (None, "BTC")


def test_assumptions_are_listed() -> None:
    told = sheet("short:okx:BTC/USDT:USDT", mine=MINE + '[[tolerance]]\nseconds = 10\nassumed = true\nreason = "as others"\n').answer()
    assert told["assumed"] == ["tolerance okx:BTC/USDT:USDT: as others (the user's cost file)"]


@pytest.mark.parametrize("notional", [0, -1, float("inf")])
def test_a_notional_that_is_none_is_refused(notional: float) -> None:
    with pytest.raises(InputError, match="above 0"):
        sheet("short:okx:BTC/USDT:USDT", notional=notional)
