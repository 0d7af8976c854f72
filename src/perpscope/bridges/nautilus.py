"""Which funding rate updates make NautilusTrader settle the right total?

Version 2 settles in its simulated venue: an update with `next_funding_ns` is paid at that instant, at the last mark
price. So each event becomes a mark price and an update at its stamp, with `next_funding_ns` that same stamp. Version 1
hands rates to strategies and charges nobody: there a simulation module pays the same rows.

Source: nautilustrader.io/docs/latest/concepts/backtesting/accounts-and-margin (funding); nautilus_trader 2.0.0rc6 and
1.221.0 as installed, observed: without `next_funding_ns` version 2 settles only on multiples of the interval from 00:00.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TypedDict

from perpscope.bridges.events import FundingEvents
from perpscope.errors import InputError
from perpscope.market.number import Number

_NS_PER_MS = 1_000_000
_MINUTES_PER_HOUR = 60


class RateUpdate(TypedDict):
    """Arguments of `FundingRateUpdate` (version 1 has no interval): rate a decimal text, interval in minutes, stamps in ns."""

    instrument_id: str
    rate: str
    interval: int
    next_funding_ns: int
    ts_event: int
    ts_init: int


class MarkUpdate(TypedDict):
    """Arguments of `MarkPriceUpdate`: value a decimal text, stamps in ns."""

    instrument_id: str
    value: str
    ts_event: int
    ts_init: int


def rate_updates(events: FundingEvents, instrument_id: str) -> list[RateUpdate]:
    """Return one update per settlement, to be settled at its own stamp.

    Raises
    ------
    InputError
        When a price is missing, funding accrues, the interval is no whole number of minutes, or a number has no finite decimals.
    """
    return [
        {
            "instrument_id": instrument_id,
            "rate": _decimal(event.rate),
            "interval": _minutes(event.interval_hours),
            "next_funding_ns": event.at * _NS_PER_MS,
            "ts_event": event.at * _NS_PER_MS,
            "ts_init": event.at * _NS_PER_MS,
        }
        for event in events.stamped("NautilusTrader")
    ]


def mark_updates(events: FundingEvents, instrument_id: str, *, decimals: int) -> list[MarkUpdate]:
    """Return the mark price at each settlement, with the instrument's decimals; to be added before the rates.

    Raises
    ------
    InputError
        When a price is missing or has more decimals than the instrument, which the engine could not hold.
    """
    updates: list[MarkUpdate] = []
    for event in events.stamped("NautilusTrader"):
        value = Decimal(_decimal(event.price or 0))
        rounded = value.quantize(Decimal(1).scaleb(-decimals))
        if rounded != value:
            raise InputError("mark prices for NautilusTrader", f"{value} has more than {decimals} decimals", "Give the instrument more.")
        at = event.at * _NS_PER_MS
        updates.append({"instrument_id": instrument_id, "value": f"{rounded:f}", "ts_event": at, "ts_init": at})
    return updates


def _minutes(hours: Number) -> int:
    minutes = hours * _MINUTES_PER_HOUR
    if minutes != round(minutes):
        raise InputError("an interval for NautilusTrader", f"{float(hours)} h", "It counts whole minutes.")
    return round(minutes)


def _decimal(x: Number) -> str:
    """Return the decimal text of a number; exact for a fraction, the shortest that reads back for a double."""
    if not isinstance(x, Fraction):
        return f"{Decimal(repr(float(x))):f}"
    left = x.denominator
    for prime in (2, 5):
        while left % prime == 0:
            left //= prime
    if left != 1:
        raise InputError("a number for NautilusTrader", f"{x} has no finite decimals", "Round it as the venue published it.")
    text = Decimal(x.numerator) / Decimal(x.denominator)
    if Fraction(text) != x:
        raise InputError("a number for NautilusTrader", f"{x} has more than 28 digits", "Round it as the venue published it.")
    return f"{text:f}"
