"""How long does `carry scan` take over a big store, and how much memory?

Input: a store of funding generated for this: COINS coins x 10 venues x 26,280 hourly fixings, one contract in three listed late, seeded;
the venues are simulated ones, so that every line says SYNTHETIC. Rows go into the table file by file, ten coins an entry of its log, and
past the checks of an import, which are not what is timed. Work: everything the verb does for its JSON but the printing: all rows read, all
pairs of venues and cash and carry of every contract compared over 1, 7, 30 and 90 days, costed, margined, ranked.

    python benchmarks/scan_store.py make FOLDER [COINS]
    python benchmarks/scan_store.py run FOLDER [local|daft|ray] [HISTORY_DAYS] [TOP]
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

HOUR, START = 3_600_000, 1_672_531_200_000
HOURS, COINS, PER_ENTRY = 26_280, 500, 10
VENUES = ("binanceusdm", "bybit", "okx", "gate", "htx", "bitget", "kucoinfutures", "mexc", "hyperliquid", "dydx")


def make(folder: Path, coins: int) -> None:
    """Write the store."""
    from perpscope.market.table import FUNDING
    from perpscope.store import Store, log
    from perpscope.store.place import table_folder
    from perpscope.store.snapshot import LOG

    Store.open(folder, create=True)
    place = table_folder(folder, FUNDING.name)
    (place / LOG).mkdir(parents=True, exist_ok=True)
    for first in range(0, coins, PER_ENTRY):
        parts = [log.write_part(place, FUNDING, rows(coin), START) for coin in range(first, min(first + PER_ENTRY, coins))]
        number = first // PER_ENTRY
        actions = [*(log.first_actions(FUNDING, START) if number == 0 else []), *parts]
        log.commit(place, number, actions, {"timestamp": START, "operation": "WRITE", "operationParameters": {"mode": "Append"}})


def rows(coin: int) -> object:
    """All fixings of one coin, as the table holds them."""
    import polars as pl

    from perpscope.market.table import FUNDING

    rng = np.random.default_rng(coin)
    shape = (len(VENUES), HOURS)
    late = np.where(rng.random(len(VENUES)) < 1 / 3, rng.integers(1, HOURS // 2, len(VENUES)), 0)
    rate = np.round(1e-5 + np.cumsum(rng.normal(0, 2e-7, shape), axis=1) + rng.normal(0, 2e-5, shape), 8)
    who, column = np.nonzero(np.arange(HOURS)[None, :] >= late[:, None])
    symbol = f"C{coin:03}/USDT:USDT"
    stamp = pl.Series(START + (column + 1) * HOUR).cast(pl.Datetime("ms", "UTC"))
    constant = {
        "native_id": f"C{coin:03}USDT",
        "symbol": symbol,
        "market": "linear",
        "market_list": "",
        "kind": "settled",
        "accrual": "stamp",
    }
    frame = pl.DataFrame(
        {"venue": np.array([f"sim:{name}" for name in VENUES])[who], "ts": stamp, "slot": stamp, "funding_rate": rate[who, column]}
    )
    facts = {name: pl.lit(value) for name, value in constant.items()}
    return FUNDING.conform(frame.with_columns(interval_hours=pl.lit(1.0), source=pl.lit("generated"), **facts))


def run(folder: Path, engine: str, history: int, top: int | None) -> None:
    """Scan it, and print one line of JSON."""
    from perpscope.runs.scan import Asked, scan
    from perpscope.runs.tables import Engine
    from perpscope.store import Store
    from perpscope.trading.scan.rank import Choice, ranked

    began = time.perf_counter()
    choice = Choice(top=top)
    who = Engine(engine)  # type: ignore[arg-type]  # Engine refuses other names itself
    asked = Asked(history=history, engine=who, synthetic=frozenset({"generated"}), kept=choice if top else None)
    found = scan(Store.open(folder), asked)
    lines = ranked(found.rows, choice)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"contracts": found.contracts, "trades": found.trades, "kept": len(lines), "first": [lines[0]["symbol"], lines[0]["gross_apr"]]}
    print(json.dumps({"engine": engine, "history_days": history, "seconds": round(seconds, 1), "peak_mb": round(peak), **told}))


if __name__ == "__main__":
    what, where, *more = sys.argv[1:]
    if what == "make":
        make(Path(where), int(more[0]) if more else COINS)
    else:
        engine, history, top = [*more, *("local", HOURS // 24, 0)[len(more) :]]
        run(Path(where), str(engine), int(history), int(top) or None)
