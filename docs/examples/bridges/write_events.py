"""What does perpscope hand to each engine? `python write_events.py FOLDER` writes one known case as the files they read.

The case is invented: six settlements while the interval goes from 8 to 4 to 1 to 8 hours, rates of both signs, a new
mark price each time, and a position that grows exactly at a settlement and turns short between two.
"""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path

import polars as pl

from perpscope.bridges import freqtrade, nautilus, vectorbt
from perpscope.bridges.bars import with_payments, with_settlements
from perpscope.bridges.events import FundingEvents, funding_events
from perpscope.market.funding import Position, PublishedFixing
from perpscope.market.time import Calendar, Schedule, to_ms
from perpscope.trading.settle import Settled, settle

VENUE, SYMBOL = "sim:known", "BTC/USDT:USDT"
DAY, HOUR = to_ms("2024-05-01T00:00:00Z"), 3_600_000
START, END = DAY, DAY + 26 * HOUR
PRICE, CASH = 60_000, 1_000_000

# hour, rate, interval, mark price, milliseconds late
DECIDED = (
    (8, "0.0001", 8, 60_010, 4),
    (16, "-0.0003", 8, 60_020, 0),
    (20, "0.0002", 4, 60_030, 11),
    (21, "0.0005", 1, 60_040, 0),
    (22, "-0.0001", 1, 60_050, 2),
    (24, "0.0004", 8, 60_060, 0),
)
# hour, contracts held from then on
HELD = ((1, 2), (16, 3), (20.5, -2))
CALENDAR = Calendar(
    ((0, Schedule(8)), (DAY + 16 * HOUR, Schedule(4)), (DAY + 20 * HOUR, Schedule(1)), (DAY + 22 * HOUR, Schedule(8))),
)


def known_fixings() -> list[PublishedFixing]:
    """Return what the venue published, stamps as late as it sent them."""
    return [
        PublishedFixing(VENUE, SYMBOL, DAY + hour * HOUR + late, Fraction(rate), hours, Fraction(mark))
        for hour, rate, hours, mark, late in DECIDED
    ]


def known_positions() -> list[Position]:
    """Return what one account held."""
    return [Position("me", VENUE, SYMBOL, DAY + round(hour * HOUR), Fraction(quantity)) for hour, quantity in HELD]


def half_hours() -> pl.DataFrame:
    """Return bars of 30 minutes at one price, so that every gain is funding, with the orders at their opens."""
    change = {DAY + round(hour * HOUR): after - before for (hour, after), before in zip(HELD, [0, *(q for _, q in HELD)], strict=False)}
    opens = list(range(START, END, HOUR // 2))
    return pl.DataFrame(
        {
            "ts": pl.Series(opens, dtype=pl.Int64()).cast(pl.Datetime("ms", "UTC")),
            "price_quote": [float(PRICE)] * len(opens),
            "order": [float(change.get(at, 0)) for at in opens],
        }
    )


def write_vectorbt(folder: Path, events: FundingEvents, paid: Settled) -> None:
    """Write bars with their orders, and the order of the funding column for each bar."""
    bars = with_settlements(half_hours(), events, edge="open", bar_hours=0.5)
    bars.write_csv(folder / "bars.csv")
    vectorbt.funding_orders(bars, paid.payments, edge="open", bar_hours=0.5).write_csv(folder / "funding_orders.csv")


def write_pandas(folder: Path, paid: Settled) -> None:
    """Write the payments of bars of 1, 6, 8, 12 and 24 hours."""
    for hours in (1, 6, 8, 12, 24):
        opens = pl.Series("ts", list(range(START, END, hours * HOUR)), dtype=pl.Int64()).cast(pl.Datetime("ms", "UTC"))
        with_payments(opens.to_frame(), paid.payments, bar_hours=hours).write_csv(folder / f"payments_{hours}h.csv")


def write_freqtrade(folder: Path, events: FundingEvents) -> None:
    """Write its funding and mark candles, at the stamp and one minute late, and the candles it trades on."""
    bars = half_hours()
    prices = [pl.col("price_quote").alias(name) for name in ("open", "high", "low", "close")]
    candles = bars.select(pl.col("ts").alias("date"), *prices, pl.lit(1.0).alias("volume"))
    for late in (0, 1):
        data = folder / f"late_{late}"
        (data / "futures").mkdir(parents=True)
        candles.write_ipc(data / "futures" / "BTC_USDT_USDT-30m-futures.feather")
        for name, frame in freqtrade.candle_files(events, late_minutes=late).items():
            frame.write_ipc(data / name)
        (data / "settings.json").write_text(json.dumps(freqtrade.settings(late)))


def write_nautilus(folder: Path, events: FundingEvents) -> None:
    """Write funding rate and mark price updates."""
    instrument = "BTCUSDT-PERP.KNOWN"
    (folder / "rates.json").write_text(json.dumps(nautilus.rate_updates(events, instrument)))
    (folder / "marks.json").write_text(json.dumps(nautilus.mark_updates(events, instrument, decimals=2)))


def main(folder: Path) -> None:
    """Write all files into a folder, and what they should come to."""
    events = funding_events(known_fixings(), START, END, calendar=CALENDAR)
    paid = settle(known_positions(), events.fixings())
    doubled = freqtrade.double_charges(events, known_positions())
    folder.mkdir(parents=True, exist_ok=True)
    write_vectorbt(folder, events, paid)
    write_pandas(folder, paid)
    write_freqtrade(folder, events)
    write_nautilus(folder, events)
    held = [[round(hour * HOUR) + DAY, quantity] for hour, quantity in HELD]
    (folder / "held.json").write_text(json.dumps({"start": START, "end": END, "price": PRICE, "cash": CASH, "held": held}))
    truth = {"total": float(paid.totals["USDT"]), "doubled": float(sum(one.extra for one in doubled))}
    (folder / "truth.json").write_text(json.dumps(truth))
    sys.stdout.write(json.dumps(truth) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
