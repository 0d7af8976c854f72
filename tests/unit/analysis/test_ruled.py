"""Does the board compare rows with what the dated rules say, and with nothing where they say nothing?"""

from __future__ import annotations

from perpscope.analysis.ruled import Contract, terms_of
from perpscope.market.time import day_ms


def in_force(contract: Contract, day: str) -> tuple[float | None, float | None]:
    found = [terms for terms in terms_of([contract]) if terms.since <= day_ms(day) < terms.until]
    assert len(found) == 1
    return found[0].interest, found[0].cap


def test_interest_is_scaled_to_the_interval() -> None:
    assert in_force(Contract("hyperliquid", "", "BTC", "linear", 1.0), "2025-06-01") == (0.0001 / 8, 0.04)


def test_interest_scales_with_the_interval_whichever_way_the_rule_writes_it() -> None:
    hourly, eight = (in_force(Contract("binanceusdm", "", "BTCUSDT", "linear", hours), "2024-01-01")[0] for hours in (1.0, 8.0))
    assert hourly == 0.0000125
    assert eight == 0.0001


def test_readings_that_agree_are_one_answer_and_an_unknown_cap_stays_unknown() -> None:
    contract = Contract("bitmex", "", "XBTUSD", "inverse", 8.0)
    assert in_force(contract, "2018-01-01") == (0.0001, 0.00375)
    assert in_force(contract, "2022-01-01") == (0.0001, None)


def test_a_rule_without_a_band_has_no_interest_term() -> None:
    assert in_force(Contract("ftx", "", "BTC-PERP", "linear", 1.0), "2021-01-01")[0] is None


def test_an_unknown_venue_gives_nothing() -> None:
    assert terms_of([Contract("nowhere", "", "BTC", "linear", 8.0)]) == []
