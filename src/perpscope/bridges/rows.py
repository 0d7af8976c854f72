"""What do fixings from a table and fixings from a program have in common? One contract's rows on nominal slots."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.errors import InputError
from perpscope.market.funding import Accrual, PublishedFixing
from perpscope.market.number import Number
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

JITTER_MS = 60_000
"""How far a stamp may lie from its slot, ms: within a minute it is jitter; further off it is another time."""
_NEEDED = ("venue", "market_list", "native_id", "symbol", "ts", "slot", "funding_rate", "interval_hours", "kind", "accrual", "source")


@dataclass(frozen=True, slots=True)
class FundingRow:
    """A fixing on its slot.

    Parameters
    ----------
    slot, raw : ms UTC, nominal and as published. rate : fraction per `interval_hours`.
    price : quote units, None where missing; no_price says why.
    """

    slot: int
    raw: int
    rate: Number
    interval_hours: Number
    price: Number | None
    no_price: str
    accrual: Accrual


def rows_of(fixings: pl.DataFrame | Iterable[PublishedFixing], price: str) -> tuple[tuple[str, str], list[FundingRow]]:
    """Return (venue, symbol) and the rows of a funding table or of fixings.

    Raises
    ------
    InputError
        For several contracts or sources, an unknown price, or no row at all.
    """
    import polars as pl

    if isinstance(fixings, pl.DataFrame):
        return _of_table(fixings, price)
    given = list(fixings)
    who = {(f.venue, f.symbol) for f in given}
    _one(who, "contract")
    if any(f.per_base is not None for f in given):
        raise InputError("funding events", "fixings stated in money per base unit", "Settle them and pass the amounts; engines want rates.")
    why = "the fixing came without one"
    rows = [FundingRow(nominal(f.at, f.interval_hours), f.at, f.rate, f.interval_hours, f.price, why, f.accrual) for f in given]
    return who.pop(), rows


def nominal(at: int, interval_hours: Number) -> int:
    """Return the slot (ms) of a raw stamp: the whole hour (or interval, where shorter) within a minute of it, else the stamp.

    Examples
    --------
    >>> nominal(28_800_007, 8), nominal(28_799_990, 8), nominal(29_000_000, 8)
    (28800000, 28800000, 29000000)
    """
    step = min(round(interval_hours * MS_PER_HOUR), MS_PER_HOUR)
    nearest = (at + step // 2) // step * step
    return nearest if abs(at - nearest) <= JITTER_MS else at


def _of_table(table: pl.DataFrame, price: str) -> tuple[tuple[str, str], list[FundingRow]]:
    import polars as pl

    column = f"{price}_price_quote"
    lacking = [name for name in (*_NEEDED, column) if name not in table.columns]
    if lacking:
        raise InputError(
            "funding events", f"a table without {', '.join(lacking)}", "Give rows of the table funding; price is mark or index."
        )
    settled = table.filter(pl.col("kind") == "settled")
    _one(set(settled.select("venue", "market_list", "native_id").rows()), "contract")
    _one(set(settled["source"]), "source")
    symbols = sorted(set(settled["symbol"]))
    _one(set(symbols), "symbol")
    why = f"the source published no {price} price with the fixing"
    stamps = settled.select(pl.col("slot", "ts").dt.epoch("ms"), "funding_rate", "interval_hours", column, "accrual")
    rows = [FundingRow(slot, ts, rate, hours, at, why, accrual) for slot, ts, rate, hours, at, accrual in stamps.rows()]
    return (settled["venue"][0], symbols[0]), rows


def _one(found: Collection[object], what: str) -> None:
    if len(found) != 1:
        named = ", ".join(sorted(str(one) for one in found)) or "no row"
        raise InputError("funding events", f"{len(found)} {what}s ({named})", f"Give the rows of one {what}.")
