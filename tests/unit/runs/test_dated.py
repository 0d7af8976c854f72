"""Is one dated future cut rightly out of two positions on the curve?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from perpscope.errors import InputError, NotEnoughData
from perpscope.market.table import DATED_FUTURES
from perpscope.market.time import day_ms, to_text
from perpscope.runs.dated import cut_from_curve, expiry_of, last_of_contract
from perpscope.runs.dated_legs import dated_legs
from perpscope.runs.history import Wanted, gather
from perpscope.runs.price_rows import PriceRows
from perpscope.trading.trade import Leg, Trade
from tests.unit.claims.held import funding, prices
from tests.unit.runs.made_pair import HOUR, PERP
from tests.unit.runs.stocked import stocked

if TYPE_CHECKING:
    from pathlib import Path

    from perpscope.market.table import Table

DAY = 24 * HOUR
FIRST = day_ms("2021-02-01")
JUNE, MARCH = "BTC/USD:USD-210625", "BTC/USDT:USDT-210326"


def positions(native_id: str, days: int, up: float) -> tuple[Table, pl.DataFrame]:
    """Daily settlements at 21:00 UTC of the trading day."""
    stamps = pl.Series([FIRST + k * DAY for k in range(days)], dtype=pl.Int64).cast(pl.Datetime("ms", "UTC"))
    facts = {"venue": "cme", "native_id": native_id, "symbol": "BTC/USD:USD", "market": "dated", "market_list": "", "source": "made"}
    frame = pl.DataFrame({"ts": stamps, "close_ts": stamps.dt.offset_by("21h"), "close_quote": [up + k for k in range(days)]})
    return DATED_FUTURES, frame.with_columns(pl.lit(value).alias(name) for name, value in facts.items())


def test_a_contract_is_second_before_it_is_first(tmp_path: Path) -> None:
    store = stocked(tmp_path, positions("BTC1!", 170, 1000), positions("BTC2!", 170, 2000))
    series = cut_from_curve(store, "cme", JUNE, (0, day_ms("2022-01-01")))
    assert series is not None
    closes = dict(zip([to_text(ms)[:10] for ms in series.bars["known"]], series.bars["close_quote"], strict=True))
    assert closes["2021-05-25"] > 2000  # the May contract is in front
    assert closes["2021-06-10"] < 2000  # June is
    assert "2021-04-20" not in closes  # then it was the third
    assert series.mark_is == "mark"
    assert {"2021-05-28", "2021-06-01"} < closes.keys()
    assert not {"2021-05-29", "2021-05-30", "2021-05-31"} & closes.keys()  # a weekend and a holiday: no settlement price is made


def test_the_bar_of_a_holiday_is_not_held_against_spot_of_another_hour(tmp_path: Path) -> None:
    """31 May 2021 was one; before the next settlement the last is that of Friday, 28 May."""
    spot = prices("binance", "BTC/USDT", FIRST, [900.0] * (24 * 140))
    store = stocked(tmp_path, positions("BTC1!", 170, 1000), positions("BTC2!", 170, 2000), spot)
    for moment, seen in (("2021-05-31T22:00:00Z", "2021-05-28T21:00:00Z"), ("2021-06-01T22:00:00Z", "2021-06-01T21:00:00Z")):
        at = day_ms(moment)
        found = dated_legs(store, PriceRows.of(store).near("BTC", at), "BTC", at)
        assert [to_text(leg.seen) for leg in found] == [seen] * 2


def test_an_expiry_that_is_none_is_said(tmp_path: Path) -> None:
    store = stocked(tmp_path, positions("BTC1!", 60, 1000), positions("BTC2!", 60, 2000))
    with pytest.raises(NotEnoughData, match="no contract of that expiry in the window; among the last are"):
        cut_from_curve(store, "cme", "BTC/USD:USD-210612", (0, day_ms("2022-01-01")))
    assert cut_from_curve(store, "cme", "ETH/USD:USD-210625", (0, day_ms("2022-01-01"))) is None
    with pytest.raises(InputError, match="it names no day of expiry"):
        expiry_of("BTC/USD:USD-211345")


def test_a_contract_ends_with_its_last_price_or_its_last_day() -> None:
    end = day_ms("2021-03-26")
    assert last_of_contract(MARCH, end + 8 * HOUR) == end + 8 * HOUR
    assert last_of_contract(MARCH, end - 5 * DAY) == end + DAY


def test_bars_of_a_dated_contract_make_a_leg(tmp_path: Path) -> None:
    start = day_ms("2021-03-24")
    closes = [100.0 + k % 7 for k in range(57)]
    store = stocked(
        tmp_path,
        prices("binanceusdm", PERP, start - HOUR, closes, market="linear"),
        prices("binanceusdm", MARCH, start - HOUR, closes, market="dated"),
        funding("binanceusdm", PERP, start, [1e-4] * 7),
    )
    trade = Trade("perp_dated", (Leg("binanceusdm", PERP, "short"), Leg("binanceusdm", MARCH, "long")))
    found = gather(store, trade, Wanted())
    assert found.histories[1].listing.ended == start + 56 * HOUR
    assert any("assumed to end with its last price" in words for words in found.assumed)
    # a window that ends on the last day, before the last price, is no delivery
    assert gather(store, trade, Wanted(end=start + 50 * HOUR)).histories[1].listing.ended == start + 56 * HOUR
