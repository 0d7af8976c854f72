"""Which dated futures of a coin does the store hold at a moment, and what yearly rate does each imply?

A future is compared with spot at the very moment of its own close; where no spot price of that moment is held, it is no candidate.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from perpscope.analysis.carry.calendar import contract_months, day_of, settles
from perpscope.analysis.carry.curve import USUAL_ROLL
from perpscope.analysis.carry.implied import DAYS_PER_YEAR, LEAST_DAYS
from perpscope.market.table import DATED_FUTURES
from perpscope.market.time import to_ms
from perpscope.runs.price_rows import NEAR_DAYS
from perpscope.trading.scan.form import QUOTE_DOLLARS, Dated
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    import polars as pl

    from perpscope.store import Store

TURN = f"the series turns {USUAL_ROLL} business day before the expiry (assumed), which tells the contract behind the price"
MIDDAY, MORNING = 16, 8
"""Hours (UTC) at which a monthly series ends trading, and at which venues usually settle a future named by its day."""


def dated_legs(store: Store, near: pl.DataFrame, coin: str, at: int) -> list[Dated]:
    """List the futures of a coin whose last price, known by `at` (ms UTC), is no older than four days; the nearest expiry first.

    Parameters
    ----------
    near : what `PriceRows.near` gives of the coin.

    Raises
    ------
    StoreError
        When the store cannot be read.
    """
    found = [*_series(store, coin, at), *_bars(near, at)]
    legs = [leg for each in found if (leg := _with_spot(each, near, coin)) is not None]
    return sorted(legs, key=lambda leg: (leg.expiry, leg.venue, leg.symbol))


_Seen = tuple[str, str, float, int, int, tuple[str, ...]]
"""Venue, symbol, price, ms of the close, ms of the expiry, assumptions."""


def _series(store: Store, coin: str, at: int) -> Iterator[_Seen]:
    """Yield the last settlements of continuous series: of a venue with two, the first in the alphabet is the front contract.

    The bar of a holiday closes at another hour than spot is taken of, and is passed over.
    """
    import polars as pl

    rows = store.read(DATED_FUTURES, start_ms=at - NEAR_DAYS * MS_PER_DAY, end_ms=at + 1)
    known = rows.filter(pl.col("symbol").str.starts_with(f"{coin}/") & (pl.col("close_ts").dt.epoch("ms") <= at))
    for (venue,), own in known.group_by("venue", maintain_order=True):
        names = sorted(set(own["native_id"]))
        if len(names) > 2:  # noqa: PLR2004 - the front and the second contract
            continue
        for place, name in enumerate(names):
            days = own.filter(pl.col("native_id") == name).sort("ts").to_dicts()
            last = next((row for row in reversed(days) if settles(day_of(to_ms(row["ts"])))), None)
            if last is None:
                continue
            end = contract_months(day_of(to_ms(last["ts"])), USUAL_ROLL, len(names))[place]
            expiry = to_ms(datetime(end.year, end.month, end.day, tzinfo=UTC) + timedelta(hours=MIDDAY))
            symbol = f"{last['symbol'].partition('-')[0]}-{end:%y%m%d}"
            yield str(venue), symbol, float(last["close_quote"]), to_ms(last["close_ts"]), expiry, (f"{venue} {name}: {TURN}",)


def _bars(near: pl.DataFrame, at: int) -> Iterator[_Seen]:
    """Yield the last bars of futures whose symbol names the expiry."""
    import polars as pl

    rows = near.filter((pl.col("market") == "dated") & pl.col("symbol").str.contains(r"-\d{6}$"))
    for (venue, symbol), own in rows.group_by("venue", "symbol", maintain_order=True):
        last = own.row(-1, named=True)
        day = datetime.strptime(str(symbol)[-6:], "%y%m%d").replace(tzinfo=UTC)
        expiry = to_ms(day + timedelta(hours=MORNING))
        if expiry > at:
            told = f"it expires at {MORNING:02}:00 UTC of its day (assumed)"
            yield str(venue), str(symbol), float(last["close_quote"]), int(last["close_at"]), expiry, (told,)


def _with_spot(seen: _Seen, near: pl.DataFrame, coin: str) -> Dated | None:
    import polars as pl

    venue, symbol, price, closed, expiry, assumed = seen
    days = (expiry - closed) / MS_PER_DAY
    quotes = [f"{coin}/{quote}" for quote in QUOTE_DOLLARS]
    there = near.filter((pl.col("market") == "spot") & pl.col("symbol").is_in(quotes) & (pl.col("close_at") == closed))
    if there.is_empty() or days < LEAST_DAYS:
        return None
    first = there.sort("bar_hours", "venue", "symbol").row(0, named=True)
    spot = float(first["close_quote"])
    apr = (price / spot - 1) * DAYS_PER_YEAR / days
    return Dated(venue, symbol, price, spot, f"{first['venue']} {first['symbol']}", closed, expiry, apr, assumed)
