"""Is a leg read as a person writes it, with names resolved visibly, and is each mistake told?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.errors import InputError
from perpscope.market.instrument import Identity, Instrument
from perpscope.trading.leg_text import Defaults, kind_of, parse_leg
from perpscope.trading.trade import Leg


@pytest.mark.parametrize(
    ("text", "leg"),
    [
        ("short:binanceusdm:BTC/USDT:USDT:x3", Leg("binanceusdm", "BTC/USDT:USDT", "short", leverage=3)),
        ("long:Binance Spot:BTC/USDT", Leg("binance", "BTC/USDT", "long")),
        ("short:binance:BTC/USDT:USDT", Leg("binanceusdm", "BTC/USDT:USDT", "short")),
        ("SHORT:hyperliquid:BTC:maker:x2.5", Leg("hyperliquid", "BTC/USDC:USDC", "short", leverage=Fraction(5, 2), liquidity="maker")),
        ("short:BitMEX:XBTUSD", Leg("bitmex", "BTC/USD:BTC", "short")),
        ("short:bitmex:xbtusd", Leg("bitmex", "BTC/USD:BTC", "short")),
        ("long:bitmex:ETH/USD:BTC:size=0.000001", Leg("bitmex", "ETH/USD:BTC", "long", multiplier=Fraction(1, 1_000_000))),
        ("short:deribit:BTC/USD:BTC-260327:ratio=1/2", Leg("deribit", "BTC/USD:BTC-260327", "short", ratio=Fraction(1, 2))),
        ("long:boros:BTC/USDT:USDT:swap", Leg("boros", "BTC/USDT:USDT", "long", swap=True)),
        ("short:sim:gate:BTC/USDT:USDT", Leg("sim:gate", "BTC/USDT:USDT", "short")),
        ("short:bybit:btc/usdt:usdt", Leg("bybit", "BTC/USDT:USDT", "short")),
        ("long:kraken:BTC/USDT", Leg("kraken", "BTC/USDT", "long")),
        ("short:binance margin:BTC/USDT:x2", Leg("binance", "BTC/USDT", "short", leverage=2)),
    ],
)
def test_a_leg_is_read(text: str, leg: Leg) -> None:
    assert parse_leg(text) == leg


def test_defaults_hold_where_a_leg_says_nothing_and_spot_held_long_is_paid_in_full() -> None:
    usual = Defaults(Fraction(4), "maker")
    perp, own, spot = (parse_leg(f"long:gate:{text}", defaults=usual) for text in ("BTC/USDT:USDT", "BTC/USDT:USDT:x2:taker", "BTC/USDT"))
    assert [(leg.leverage, leg.liquidity) for leg in (perp, own, spot)] == [(4, "maker"), (2, "taker"), (1, "maker")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("BTC/USDT:USDT", "not of the form SIDE:VENUE:SYMBOL"),
        ("short:gate", "not of the form"),
        ("short:gate:", "not of the form"),
        ("both:gate:BTC/USDT:USDT", "not of the form"),
        ("short:gatte:BTC/USDT:USDT", "Give gate"),
        ("short:kraken:BTC/USD:BTC", "Give krakenfutures"),
        ("short:okx:BTC", "it may be BTC/USDT:USDT, BTC/USD:BTC, BTC/USDC:USDC"),
        ("short:gate:NO SUCH", "no contract of that name"),
        ("short:gate:BTC/USDT:USDT:x3:x2", "leverage is said twice"),
        ("short:gate:BTC/USDT:USDT:x0.5", "Give 1 or more"),
        ("short:gate:BTC/USDT:USDT:ratio=0", "above 0"),
        ("long:gate:BTC/USDT:x2", "Spot held long is paid in full"),
        ("short:gate:BTC/USDT:USDT:fast", "nothing is known of 'fast'"),
        ("short:gate:BTC/USDT:USDT:x-3:maker", "nothing is known of 'x-3'"),
        ("short:gate:BTC/USDT:USDT:size=0", "a contract size of 0"),
    ],
)
def test_each_mistake_is_told(text: str, told: str) -> None:
    with pytest.raises(InputError) as problem:
        parse_leg(text)
    assert told in str(problem.value)


def test_what_a_store_holds_is_looked_in_first() -> None:
    held = Instrument(Identity("okx", "BTC-USDT-SWAP"), "BTC", "USDT", "USDT")
    other = Instrument(Identity("gate", "BTC_USDT"), "BTC", "USDT", "USDT")
    assert parse_leg("short:okx:BTC", known=[held, other]).symbol == "BTC/USDT:USDT"
    assert parse_leg("long:Bitstamp:BTC/USD", venues=["bitstamp"]) == Leg("bitstamp", "BTC/USD", "long")


@pytest.mark.parametrize(
    ("legs", "kind"),
    [
        (("long:gate:BTC/USDT", "short:gate:BTC/USDT:USDT"), "cash_and_carry"),
        (("short:gate:BTC/USDT", "long:gate:BTC/USDT:USDT"), "reverse_carry"),
        (("short:gate:BTC/USDT:USDT", "long:okx:BTC/USDT:USDT"), "perp_perp"),
        (("short:gate:BTC/USDT:USDT", "long:okx:BTC/USDT:USDT-260327"), "perp_dated"),
        (("long:gate:BTC/USDT", "short:okx:BTC/USDT:USDT-260327"), "dated_carry"),
        (("short:gate:BTC/USDT:USDT", "long:boros:BTC/USDT:USDT:swap"), "perp_swap"),
        (("long:gate:BTC/USDT:USDT",), "naked_long"),
        (("short:gate:BTC/USDT:USDT",), "naked_short"),
    ],
)
def test_legs_tell_the_kind_of_trade(legs: tuple[str, ...], kind: str) -> None:
    assert kind_of(tuple(parse_leg(text) for text in legs)) == kind
