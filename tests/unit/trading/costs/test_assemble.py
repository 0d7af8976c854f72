"""Do the gathered costs give the figures of the note on costs, does the user's file answer first, and does strict refuse every hole?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest

from perpscope.catalogue.tariff_file import read_costs
from perpscope.errors import CatalogueError, InputError
from perpscope.market.book import Book
from perpscope.market.time import day_ms
from perpscope.trading.costs.assemble import demanded, trade_costs
from perpscope.trading.costs.figure import summed
from perpscope.trading.costs.parts import Walk, held, round_trip
from perpscope.trading.leg_text import kind_of, parse_leg
from perpscope.trading.trade import Collateral, Leg, Policy, Trade

CARRY = ("long:binance:BTC/USDT", "short:binanceusdm:BTC/USDT:USDT")
PERPS = ("short:bitmex:XBTUSD", "long:bybit:BTC/USD:BTC")
ALL = """
[[fee]]
maker_bp = 1
taker_bp = 5
[[spread]]
half_bp = 1
[[borrow]]
per_year_pct = 4
[[liquidation]]
fee_pct = 1
[[delivery]]
fee_bp = 2
[[transfer]]
fee = 1
hours = 0.5
[[opportunity]]
per_year_pct = 3
"""


def trade(*texts: str, top_up: float | None = None, follow: bool = False) -> Trade:
    legs = tuple(parse_leg(text) for text in texts)
    return Trade(kind_of(legs), legs, Collateral(top_up=top_up), Policy.flip() if follow else Policy.hold())


def fees(day: str, *texts: str, tier: str | Mapping[str, str] = "base", prices: dict[str, int] | None = None) -> Fraction:
    """Percent of one leg that all fills of a round trip pay in fees."""
    asked = trade(*texts)
    costs = trade_costs(asked, day_ms(day), tiers=tier)
    told = [(prices or {}).get(leg.venue) for leg in asked.legs]
    found = round_trip(costs, asked.legs, 1000, day_ms(day), prices=told)
    whole = summed({name: figure for name, figure in found.items() if name.startswith("fee")})
    return Fraction(whole.needed("the fees")) * 100


def makers(*texts: str) -> list[str]:
    return [f"{text}:maker" for text in texts]


def test_the_figures_under_test_of_the_note() -> None:
    assert fees("2022-09-01", *CARRY) == Fraction("0.28")
    assert fees("2022-09-01", *CARRY, tier="base+BNB") == Fraction("0.222")
    assert fees("2022-09-01", *makers(*CARRY)) == Fraction("0.24")
    assert fees("2022-09-01", *CARRY, tier="VIP9") == Fraction("0.114")
    assert fees("2021-05-01", *PERPS) == Fraction("0.30")
    assert fees("2021-05-01", *makers(*PERPS)) == Fraction("-0.10")


def test_fees_per_contract_are_fractions_at_a_price() -> None:
    """11.02 USD for 5 BTC and 4.77 USD for 0.1 BTC, at 40,000 USD a coin, one side of two."""
    one = fees("2022-08-18", "short:cme:BTC/USD:USD", prices={"cme": 40_000}) / 2
    assert one == Fraction(1102, 100) / 200_000 * 100
    assert float(one) == pytest.approx(0.00551, abs=5e-7)
    for micro in (
        fees("2022-08-18", "short:cme:BTC/USD:USD:size=0.1", prices={"cme": 40_000}),
        fees("2022-08-18", "short:cme:BTC/USD:USD", tier="micro", prices={"cme": 40_000}),
    ):
        assert float(micro / 2) == pytest.approx(0.1192, abs=5e-5)
    with pytest.raises(CatalogueError, match=r"give the price of one unit \(--price\)"):
        fees("2022-08-18", "short:cme:BTC/USD:USD")


def test_a_tier_is_named_for_every_venue_or_for_one() -> None:
    assert fees("2022-09-01", *CARRY, tier={"binance": "VIP9"}) == Fraction("0.08") + Fraction("0.08")
    assert fees("2022-09-01", *CARRY, tier={"binance": "VIP9", "": "VIP9"}) == Fraction("0.114")
    with pytest.raises(CatalogueError, match="has no tier 'VIP77' on record for BTC/USDT:USDT, but base, VIP1"):
        fees("2022-09-01", CARRY[1], tier="VIP77")
    with pytest.raises(CatalogueError, match="no discount 'FTT' is on record, but BNB"):
        fees("2022-09-01", CARRY[1], tier="base+FTT")
    with pytest.raises(InputError, match="several discounts"):
        fees("2022-09-01", CARRY[1], tier="base+BNB+HT")


def test_an_ended_discount_is_not_taken_and_a_rebate_has_none() -> None:
    assert fees("2023-12-01", CARRY[1], tier="base+taker programme") == 2 * Fraction("0.04") * Fraction(3, 4)
    with pytest.raises(CatalogueError, match="was not in force then"):
        fees("2024-12-01", CARRY[1], tier="base+taker programme")
    assert fees("2026-08-22", "short:hyperliquid:BTC:maker", tier="maker share 3%+HYPE 10k") == 2 * Fraction("-0.003")


def test_the_user_s_file_answers_first_then_books_then_the_catalogue() -> None:
    asked, ms = trade(*CARRY), day_ms("2024-08-09")
    book = Walk(Book.of([(99.0, 1e9)], [(101.0, 1e9)]), "a recording")
    mine = read_costs('[[spread]]\nvenue = "binance"\nhalf_bp = 3')
    plain, booked, given = (
        trade_costs(asked, ms, books=books, given=rows).legs[0].crossing.at(ms, "buy", 1000)
        for books, rows in (({}, ()), ({CARRY[0][5:]: book}, ()), ({CARRY[0][5:]: book}, mine))
    )
    assert (plain.status, booked.status, given.status) == ("inferred", "measured", "given")
    assert booked.value == pytest.approx(0.01, rel=1e-12)  # (101 - 100) / 100
    assert given.value == Fraction(3, 10_000)


def test_a_measured_walk_is_that_of_the_next_larger_notional_and_ends_with_the_measurements() -> None:
    """Table of 2024-08-08, sell side of the linear contract: 0.008, 0.008 and 0.034 bp for 10 k, 100 k and 1 M."""
    ms = day_ms("2024-08-08T12:00Z")
    crossing = trade_costs(trade(*CARRY), ms).legs[1].crossing
    at = {notional: crossing.at(ms, "sell", notional) for notional in (1_000, 100_000, 100_001, 1_000_000, 1_000_001)}
    values = [None if figure.value is None else round(float(figure.value) * 10_000, 6) for figure in at.values()]
    assert values == [0.0081, 0.0081, 0.034, 0.034, None]  # half the median spread is the larger one where the walk is below it
    assert [at[notional].span for notional in (1_000, 100_000, 1_000_000)] == [None] * 3
    low, high = (float(end) * 10_000 for end in at[100_001].ends)
    assert (low, high) == pytest.approx((0.008, 0.034)), "between two measured sizes it lies between their costs"
    assert "dearer than the walk on record" in at[1_000].note
    assert "measured up to 1,000,000, less than 1,000,001" in at[1_000_001].note
    quantity = 1e6 / 29_015.0
    assert quantity * 29_015.0 > 1e6  # a notional of floats is what it says but for the last digit
    assert crossing.at(ms, "sell", quantity * 29_015.0).value == at[1_000_000].value


def test_an_impact_law_of_the_user_s_needs_all_its_numbers() -> None:
    ms = day_ms("2024-08-09")
    law = '[[impact]]\nvenue = "okx"\ncoefficient = 1\nvolatility_pct = 4\nvolume = 1e9\nhalf_bp = 0.5\nassumed = true\nreason = "usual"'
    figure = trade_costs(trade("short:okx:BTC/USDT:USDT"), ms, given=read_costs(law)).legs[0].crossing.at(ms, "sell", 1_000_000)
    assert figure.value == pytest.approx(0.00005 + 0.04 * (1e6 / 1e9) ** 0.5, rel=1e-12)
    assert figure.status == "assumed"
    lacking = read_costs(law.replace("volume = 1e9\n", ""))
    hole = trade_costs(trade("short:okx:BTC/USDT:USDT"), ms, given=lacking).legs[0].crossing.at(ms, "sell", 1_000_000)
    assert "lacks its volume" in hole.note


def test_borrowing_is_of_the_leg_s_coin_at_its_level_or_the_lowest() -> None:
    reverse = trade("short:binance:BTC/USDT", "long:binanceusdm:BTC/USDT:USDT")
    of_vip, of_base = (trade_costs(reverse, day_ms("2021-01-10"), tiers=tier).legs[0].borrow for tier in ("VIP1", "base"))
    assert of_vip.value == Fraction("0.035") / 100 * 365
    assert of_base.value == Fraction("0.026125") / 100 * 365
    assert "a scenario" in of_base.note
    assert list(held(trade_costs(reverse, 0), reverse.legs)) == ["borrow binance:BTC/USDT"]
    assert held(trade_costs(trade(*CARRY), 0), trade(*CARRY).legs) == {}


def test_the_tolerance_around_a_stamp_is_the_rule_s() -> None:
    spot, perp = trade_costs(trade(*CARRY), day_ms("2022-09-01")).legs
    assert (perp.tolerance.value, perp.tolerance.status) == (15, "stated")
    assert spot.tolerance.value == 0
    other = trade_costs(trade(*PERPS), day_ms("2021-05-01")).legs[0].tolerance
    assert (other.value, "states a tolerance" in other.note) == (None, True)


def test_moving_collateral_is_told_as_far_as_it_is_on_record() -> None:
    ms = day_ms("2024-01-01")
    inside = trade_costs(trade(*CARRY), ms).transfer
    assert (inside.fee.value, inside.fee.status) == (0, "assumed")
    apart = trade_costs(trade("short:binance:BTC/USDT:USDT", "long:okx:BTC/USDT:USDT"), ms).transfer
    assert "no withdrawal fee of USDT at okx" in apart.fee.note
    assert (apart.hours.status, apart.whole) == ("inferred", False)
    assert "no source gives" in apart.hours.note
    unlike = trade_costs(trade("short:bitmex:XBTUSD", "long:okx:BTC/USDT:USDT"), ms).transfer
    assert "BTC at bitmex, USDT at okx" in unlike.fee.note
    one = trade_costs(trade("short:okx:BTC/USDT:USDT"), ms).transfer
    assert (one.fee.value, one.hours.value) == (0, 0)
    two = ('venue = "okx"\nfee = 2\nminutes = 30', 'venue = "binance"\nfee = 1\nhours = 2')
    mine = read_costs("\n".join(f'[[transfer]]\nasset = "USDT"\n{one}' for one in two))
    given = trade_costs(trade("short:binance:BTC/USDT:USDT", "long:okx:BTC/USDT:USDT"), ms, given=mine).transfer
    assert (given.fee.value, given.hours.value, given.whole, given.asset) == (2, 2, True, "USDT")


def test_a_strict_gathering_refuses_every_kind_of_missing_input() -> None:
    """A file that gives all but one kind: the missing kind is named, of which leg, and what to write."""
    ms = day_ms("2024-01-01")
    whole = trade("short:phemex:BTC/USDT", "long:bitcom:BTC/USDT:USDT-240329:x3", top_up=0.05)
    kinds = {
        "fee": ("fee phemex:BTC/USDT in", "[[fee]]", "taker_pct"),
        "spread": ("impact phemex:BTC/USDT in", "[[spread]]", "half_bp"),
        "borrow": ("borrow phemex:BTC/USDT", "[[borrow]]", "per_year_pct"),
        "liquidation": ("liquidation fee bitcom:BTC/USDT:USDT-240329", "[[liquidation]]", "fee_pct"),
        "delivery": ("delivery fee bitcom:BTC/USDT:USDT-240329", "[[delivery]]", "fee_pct"),
        "opportunity": ("opportunity cost", "[[opportunity]]", "per_year_pct"),
        "transfer": ("transfer fee", "[[transfer]]", "fee"),
    }
    assert trade_costs(whole, ms, notional=1000, given=read_costs(ALL), strict=True).opportunity.value == Fraction(3, 100)
    for kind, words in kinds.items():
        blocks = [block for block in ALL.split("[[") if block.strip() and not block.startswith(f"{kind}]]")]
        lacking = read_costs("[[" + "[[".join(blocks))
        with pytest.raises(CatalogueError) as problem:
            trade_costs(whole, ms, notional=1000, given=lacking, strict=True)
        assert all(word in str(problem.value) for word in (*words, "cost file", "Or do without --strict."))


def test_a_lower_bound_of_time_does_not_satisfy_a_strict_gathering() -> None:
    ms = day_ms("2024-01-01")
    asked = trade("short:binance:BTC/USDT:USDT", "long:okx:BTC/USDT:USDT", top_up=0.05)
    rows = read_costs(ALL.replace("hours = 0.5\n", ""))
    with pytest.raises(CatalogueError, match="transfer hours: only a lower bound"):
        trade_costs(asked, ms, notional=1000, given=rows, strict=True)


def test_what_a_trade_cannot_come_to_is_not_asked_for() -> None:
    ms = day_ms("2024-01-01")
    plain = trade("short:gate:BTC/USDT:USDT")
    names = [name for name, _ in demanded(plain, trade_costs(plain, ms), ms, 1000)]
    assert names == [f"{part} gate:BTC/USDT:USDT {when}" for when in ("in", "out") for part in ("fee", "impact")] + ["opportunity cost"]
    turning = replace(trade("long:gate:BTC/USDT", "short:gate:BTC/USDT:USDT"), policy=Policy.flip())
    assert "borrow gate:BTC/USDT" in [name for name, _ in demanded(turning, trade_costs(turning, ms), ms, 1000)]


def test_fees_follow_the_calendar_inside_one_object() -> None:
    own = trade_costs(Trade("naked_short", (Leg("binance", "BTC/USDT", "short", leverage=2),)), 0, tiers="VIP9").legs[0].fees
    assert [own.at(day_ms(day), "taker").value for day in ("2022-05-01", "2022-07-01")] == [Fraction("0.0004"), Fraction("0.0004")]
    assert [own.at(day_ms(day), "maker").value for day in ("2022-05-01", "2022-07-01")] == [Fraction("0.0002"), Fraction("0.0002")]
    other = trade_costs(Trade("naked_short", (Leg("binance", "BTC/USDT", "short", leverage=2),)), 0, tiers="VIP4").legs[0].fees
    assert [other.at(day_ms(day), "taker").value for day in ("2022-05-01", "2022-07-01")] == [Fraction("0.0009"), Fraction("0.0004")]
