"""What do Hyperliquid's statements say about funding?

Source
------
userFunding {time, hash, delta: {type funding, coin, usdc, szi, fundingRate, nSamples}}: the example in ccxt 4.5.78,
hyperliquid.fetch_funding_history (a short of 7375.9 SOL receives 75.635093), and recorded answers; usdc is positive where
received, szi is signed. The hash is all zeros and names nothing. Older entries carry nSamples: the usdc is then the sum of so
many hours (0.54353 BTC of 2025-11-06 with nSamples 24 gives a price of 103,592 only after division by 24). Which hours is not
documented; measured: the rate of a recorded entry of 2026-04-08 00:00 (xyz:AAPL, nSamples 24, 0.0000051513) is the mean of the
published rates of the 24 hours that follow, 5.151317e-6, with the first stamp or with the last. CSV of the web page
(time,coin,sz,side,payment,rate, the time as 20/05/2025 02:00:00 of some zone): a sample in a public importer's tests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from perpscope.errors import InputError
from perpscope.market.receipt import Receipt
from perpscope.sources.receipts.shape import Line, ReceiptShape, is_long

VENUE = "hyperliquid"
ASSET = "USDC"
_DAY_FIRST = re.compile(r"(\d\d)/(\d\d)/(\d{4})(?: -)? (\d\d:\d\d:\d\d)")
_MONTHS = 12


def _funding(line: Line) -> Receipt | str:
    delta: Mapping[str, Any] = line.entry["delta"]
    if delta.get("type") != "funding":
        return f"{delta.get('type') or 'no type'} is no funding"
    told = Line(line.where, delta, line.venue, line.zone)
    held = told.number("szi")
    hours = int(told.number("nSamples")) if told.has("nSamples") else 0
    return Receipt(
        venue=VENUE,
        symbol=told.unified(VENUE, told.text("coin")),
        at=line.moment("time"),
        amount=told.printed("usdc"),
        asset=ASSET,
        native_id=told.text("coin"),
        contracts=abs(held),
        long=held > 0,
        rate=told.maybe("fundingRate"),
        hours=hours if hours > 1 else 0,
        origin=line.where,
        note=f"the sum of {hours} hours from its time on" if hours > 1 else "",
    )


def _flat(line: Line) -> Receipt | str:
    return _funding(Line(line.where, {"time": line.entry["time"], "delta": {"type": "funding", **line.entry}}, line.venue, line.zone))


def _export(line: Line) -> Receipt | str:
    found = _DAY_FIRST.fullmatch(line.text("time"))
    if not found:
        raise InputError(
            line.where, f"time is {line.text('time')!r}", "Known is 20/05/2025 02:00:00; give the answer of userFunding instead."
        )
    day, month, year, clock = found.groups()
    if int(day) <= _MONTHS and line.entry.get("day_first") != "yes":
        there = f"{line.text('time')}: no date in the file has a day above 12, so day and month cannot be told apart"
        raise InputError(line.where, there, "Give the answer of userFunding instead, or a longer export.")
    return Receipt(
        venue=VENUE,
        symbol=line.unified(VENUE, line.text("coin")),
        at=line.local(f"{year}-{month}-{day} {clock}"),
        amount=line.printed("payment"),
        asset=ASSET,
        native_id=line.text("coin"),
        contracts=abs(line.number("sz")),
        long=is_long(line.text("side"), line.where),
        rate=line.maybe("rate"),
        origin=line.where,
    )


def day_first(texts: list[str]) -> bool:
    """Whether dates such as 20/05/2025 begin with the day: one of them has a day that is no month."""
    found = [match for text in texts if (match := _DAY_FIRST.fullmatch(text))]
    return any(int(match[1]) > _MONTHS for match in found) and not any(int(match[2]) > _MONTHS for match in found)


SHAPES = (
    ReceiptShape("user funding", _funding, ("time", "delta")),
    ReceiptShape("user funding, as streamed", _flat, ("time", "coin", "usdc", "szi", "fundingRate")),
    ReceiptShape("funding export", _export, ("time", "coin", "sz", "side", "payment", "rate")),
)
