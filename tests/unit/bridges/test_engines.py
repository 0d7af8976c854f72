"""Are the rows for freqtrade and NautilusTrader in the shape those engines read, and refused where they would be wrong?"""

from __future__ import annotations

from fractions import Fraction

import polars as pl
import pytest

from perpscope.bridges import freqtrade, nautilus
from perpscope.bridges.events import FundingEvents, funding_events
from perpscope.errors import InputError
from perpscope.market.funding import Position, PublishedFixing
from perpscope.market.number import Number
from perpscope.market.time import to_ms

DAY = to_ms("2024-05-01T00:00:00Z")
HOUR = 3_600_000
SYMBOL = "BTC/USDT:USDT"
PERP = "BTCUSDT-PERP.BINANCE"


def events(rate: Number = 0.0001, price: Number | None = 60_000.5, *, hours: Number = 8, symbol: str = SYMBOL) -> FundingEvents:
    at = DAY + round(hours * HOUR)
    return funding_events([PublishedFixing("binanceusdm", symbol, at, rate, hours, price)], DAY, at)


def held(hour: float, quantity: float, account: str = "me") -> Position:
    return Position(account, "binanceusdm", SYMBOL, DAY + round(hour * HOUR), quantity)


def test_freqtrade_reads_files_of_these_names_and_columns() -> None:
    files = freqtrade.candle_files(events())
    assert list(files) == ["futures/BTC_USDT_USDT-1h-funding_rate.feather", "futures/BTC_USDT_USDT-1h-mark.feather"]
    funding, mark = files.values()
    assert funding.columns == ["date", "funding_rate"]
    assert mark.columns == ["date", "open", "high", "low", "close", "volume"]
    assert funding["date"].dtype == pl.Datetime("ms", "UTC")
    assert funding["date"].dt.epoch("ms").to_list() == mark["date"].dt.epoch("ms").to_list() == [DAY + 8 * HOUR]
    assert (funding["funding_rate"][0], mark["open"][0]) == (0.0001, 60_000.5)
    assert freqtrade.settings() == {"funding_fee_timeframe": "1h", "mark_ohlcv_timeframe": "1h"}


def test_late_candles_are_on_a_grid_of_minutes_and_say_so() -> None:
    files = freqtrade.candle_files(events(), late_minutes=1)
    assert list(files) == ["futures/BTC_USDT_USDT-1m-funding_rate.feather", "futures/BTC_USDT_USDT-1m-mark.feather"]
    assert [frame["date"].dt.epoch("ms")[0] for frame in files.values()] == [DAY + 8 * HOUR + 60_000] * 2
    assert freqtrade.settings(1) == {"funding_fee_timeframe": "1m", "mark_ohlcv_timeframe": "1m"}


@pytest.mark.parametrize(
    ("given", "late", "said"),
    [
        (events(symbol="BTC/USD:BTC"), 0, "is not linear"),
        (events(price=None), 0, "no price at"),
        (events(hours=0.5), 0, "a stamp off its grid"),
        (events(), 60, "60 minutes late"),
        (events(), -1, "-1 minutes late"),
    ],
)
def test_what_freqtrade_would_charge_wrongly_is_refused(given: FundingEvents, late: int, said: str) -> None:
    with pytest.raises(InputError, match=said):
        freqtrade.candle_files(given, late_minutes=late)


def test_half_hours_fit_the_grid_of_minutes() -> None:
    assert freqtrade.candle_files(events(hours=0.5), late_minutes=1)


def test_a_fill_on_the_stamp_is_charged_twice_and_one_beside_it_is_not() -> None:
    """As freqtrade 2026.9 does: from the last fill to now, both ends included."""
    (one,) = freqtrade.double_charges(events(price=60_000), [held(0, 2), held(8, 3)])
    assert (one.at, one.before, one.after, one.extra) == (DAY + 8 * HOUR, 2, 3, -12.0)
    assert freqtrade.double_charges(events(), [held(0, 2), held(7.99, 3)]) == []
    assert freqtrade.double_charges(events(), [held(8, 3)]) == []
    assert freqtrade.double_charges(events(), [held(0, 2), held(8, 2)]) == []


def test_double_charges_are_of_one_account() -> None:
    with pytest.raises(InputError, match="several accounts"):
        freqtrade.double_charges(events(), [held(0, 2), held(8, 3, "you")])


def test_nautilus_settles_an_update_at_its_own_stamp() -> None:
    assert nautilus.rate_updates(events(), PERP) == [
        {
            "instrument_id": PERP,
            "rate": "0.0001",
            "interval": 480,
            "next_funding_ns": (DAY + 8 * HOUR) * 1_000_000,
            "ts_event": (DAY + 8 * HOUR) * 1_000_000,
            "ts_init": (DAY + 8 * HOUR) * 1_000_000,
        }
    ]


def test_nautilus_is_told_of_each_settlement_at_that_settlement_and_not_before() -> None:
    rows = [PublishedFixing("binanceusdm", SYMBOL, DAY + h * HOUR, 0.0001, 8, 60_000) for h in (8, 16)]
    updates = nautilus.rate_updates(funding_events(rows, DAY, DAY + 16 * HOUR), PERP)
    assert [one["next_funding_ns"] for one in updates] == [one["ts_event"] for one in updates]


def test_nautilus_has_the_mark_price_of_the_same_instant() -> None:
    (mark,) = nautilus.mark_updates(events(), PERP, decimals=2)
    assert (mark["value"], mark["ts_event"]) == ("60000.50", (DAY + 8 * HOUR) * 1_000_000)
    with pytest.raises(InputError, match="more than 0 decimals"):
        nautilus.mark_updates(events(), PERP, decimals=0)


@pytest.mark.parametrize(
    ("rate", "text"),
    [(1e-8, "0.00000001"), (-3e-05, "-0.00003"), (0.1 + 0.2, "0.30000000000000004"), (Fraction(-3, 10_000), "-0.0003"), (Fraction(0), "0")],
)
def test_a_rate_is_written_in_all_its_digits(rate: Number, text: str) -> None:
    assert nautilus.rate_updates(events(rate), PERP)[0]["rate"] == text


def test_a_rate_without_finite_decimals_is_not_rounded_behind_ones_back() -> None:
    with pytest.raises(InputError, match="1/30000 has no finite decimals"):
        nautilus.rate_updates(events(Fraction(1, 30_000)), PERP)
    with pytest.raises(InputError, match="more than 28 digits"):
        nautilus.rate_updates(events(Fraction(1, 10**30) + 1), PERP)


def test_an_interval_of_broken_minutes_is_refused() -> None:
    with pytest.raises(InputError, match="whole minutes"):
        nautilus.rate_updates(events(hours=Fraction(1, 3600)), PERP)
