"""Does what a user types find its venue and contract, or an error that lists what there is?"""

from __future__ import annotations

import pytest

from perpscope.catalogue.load import SIMULATED, load_venue, resolve_symbol, resolve_venue, venue_ids
from perpscope.errors import CatalogueError, InputError
from perpscope.market.instrument import Identity, Instrument


@pytest.mark.parametrize(
    ("text", "venue"),
    [
        ("binance", "binance"),
        ("Binance", "binance"),
        ("binance-futures", "binanceusdm"),
        ("Binance USD-M", "binanceusdm"),
        ("BINANCE_DELIVERY", "binancecoinm"),
        ("okex", "okx"),
        ("Huobi", "htx"),
        ("gate.io", "gate"),
        ("cdc", "cryptocom"),
        ("dydx_v3", "dydx3"),
        ("hyperliquid-xyz", "hyperliquid"),
        ("crypto facilities", "krakenfutures"),
        ("synthetix_v3_base", "synthetix_v3_base"),
        (f"{SIMULATED}okex", "sim:okx"),
    ],
)
def test_names_and_spellings_find_their_venue(text: str, venue: str) -> None:
    assert resolve_venue(text) == venue


@pytest.mark.parametrize("text", ["nowhere", ""])
def test_an_unknown_venue_lists_those_there_are(text: str) -> None:
    with pytest.raises(InputError) as caught:
        resolve_venue(text)
    assert "hyperliquid" in caught.value.there
    with pytest.raises(InputError, match="the catalogue has"):
        load_venue(text)


@pytest.mark.parametrize(
    ("text", "do"),
    [
        ("kraken", "Give krakenfutures."),
        ("gmx", "Give gmx1 or gmx2."),
        ("dydx5", "Give dydx."),
        ("binancefuture", "Give binanceusdm."),
        ("", "Give one of these"),
    ],
)
def test_the_start_of_a_name_brings_those_it_starts(text: str, do: str) -> None:
    with pytest.raises(InputError) as caught:
        resolve_venue(text)
    assert caught.value.do.startswith(do)


def test_every_venue_resolves_by_its_id_name_and_aliases() -> None:
    for venue in venue_ids():
        told = load_venue(venue)
        assert {resolve_venue(name) for name in (venue, told.name, venue.upper(), *told.aliases)} == {venue}


def test_two_venues_may_not_claim_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    import perpscope.catalogue.load as module

    real = load_venue("okx")
    monkeypatch.setattr(module, "venue_ids", lambda: ("okx", "htx"))
    monkeypatch.setattr(module, "load_venue", lambda venue: replace(real, id=venue, aliases=("okex",)))
    module._aliases.cache_clear()
    try:
        with pytest.raises(CatalogueError, match="both claim it"):
            module._aliases()
    finally:
        module._aliases.cache_clear()


def test_a_simulated_venue_has_the_rules_and_says_so() -> None:
    real, told = load_venue("hyperliquid"), load_venue("sim:hyperliquid")
    assert told.id == "sim:hyperliquid"
    assert "SYNTHETIC" in told.name
    assert [rule.parts for rule in told.rules] == [rule.parts for rule in real.rules]
    assert {rule.venue for rule in told.rules} == {"sim:hyperliquid"}


def instrument(native_id: str, base: str, quote: str, settle: str) -> Instrument:
    return Instrument(Identity("bybit", native_id), base, quote, settle)


BTC = instrument("BTCUSDT", "BTC", "USDT", "USDT")
BTC_COIN = instrument("BTCUSD", "BTC", "USD", "BTC")
ETH = instrument("ETHUSDT", "ETH", "USDT", "USDT")


def test_a_symbol_an_id_and_a_coin_find_the_instrument_at_hand() -> None:
    held = (BTC, BTC_COIN, ETH)
    assert resolve_symbol("bybit", "BTCUSDT", held) == BTC
    assert resolve_symbol("bybit", "btc/usdt:usdt", held) == BTC
    assert resolve_symbol("bybit", "eth", held) == ETH


def test_a_coin_of_several_contracts_is_ambiguous_and_they_are_listed() -> None:
    with pytest.raises(InputError) as caught:
        resolve_symbol("bybit", "BTC", (BTC, BTC_COIN, ETH))
    assert "BTC/USD:BTC, BTC/USDT:USDT" in caught.value.there


def test_what_is_not_at_hand_is_read_off_the_id_or_taken_as_a_symbol() -> None:
    found = resolve_symbol("bybit", "SOLUSDT")
    assert isinstance(found, Instrument)
    assert found.symbol == "SOL/USDT:USDT"
    assert resolve_symbol("deribit", "SOL/USDC:USDC") == "SOL/USDC:USDC"


def test_nothing_fits() -> None:
    with pytest.raises(InputError, match="no contract of that name; at hand are ETH/USDT:USDT"):
        resolve_symbol("deribit", "???", (ETH,))
    with pytest.raises(InputError, match="not of the form"):
        resolve_symbol("deribit", "a/b/c")
