"""How long does `carry sweep` take over six years of hours, from files to verdict, and how much memory?

Input: hourly bars of spot and of a perpetual (52,560) and a rate every eighth hour from an AR(1) premium, seeded, imported with the fact
that they are synthetic, so that every answer says SYNTHETIC. Work: the whole verb: rows read, costs looked up, 1,000 sets run over the
whole history and forward over windows of training and test, the search put on trial by 1,000 resamples, JSON printed.

    python benchmarks/sweep_store.py FOLDER [EXECUTOR]
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

HOUR, START, BARS, EVERY = 3_600_000, 1_577_836_800_000, 52_560, 8
FACTS = """
[[file]]
name = "spot.parquet"
facts = { table = "prices", venue = "binance", market = "spot", bar = "1h", stamp = "open", price = "trade", synthetic = "yes" }
[[file]]
name = "perp.parquet"
facts = { table = "prices", venue = "binanceusdm", market = "linear", bar = "1h", stamp = "open", price = "trade", synthetic = "yes" }
[[file]]
name = "funding.parquet"
facts = { table = "funding", venue = "binanceusdm", market = "linear", synthetic = "yes" }
"""
GRID = ("--enter", "0%..27%/10", "--exit", "-20%..0%/10", "--leverage", "1,2,3,4,5", "--look", "1,3")
COSTS = ("--fee", "0.05%", "--half-spread", "1bp", "--maintenance", "0.5%")


def files(folder: Path) -> None:
    """Write the rows, and what their columns do not carry."""
    import polars as pl

    rng = np.random.default_rng(1)
    spot = 20_000 * np.exp(np.cumsum(rng.normal(0, 0.006, BARS)))
    premium = rng.normal(0, 1e-4, BARS)
    for k in range(1, BARS):
        premium[k] += 0.97 * premium[k - 1]
    at = pl.Series(START + HOUR * np.arange(BARS)).cast(pl.Datetime("ms", "UTC"))
    for name, prices, symbol in (("spot", spot, "BTCUSDT"), ("perp", spot * (1 + premium), "BTCUSDT")):
        closes = np.round(prices, 2)
        opens = np.concatenate((closes[:1], closes[:-1]))
        ends = {"high": np.maximum(opens, closes), "low": np.minimum(opens, closes)}
        frame = pl.DataFrame({"ts": at, "symbol": [symbol] * BARS, "open": opens, **ends, "close": closes})
        frame.write_parquet(folder / f"{name}.parquet")
    rates = np.round(np.clip(1e-4 + 0.5 * premium[EVERY - 1 :: EVERY], -0.003, 0.003), 8)
    stamps = pl.Series(START + HOUR * EVERY * (1 + np.arange(len(rates)))).cast(pl.Datetime("ms", "UTC"))
    funding = pl.DataFrame(
        {"ts": stamps, "symbol": ["BTCUSDT"] * len(rates), "funding_rate": rates, "interval_hours": [float(EVERY)] * len(rates)}
    )
    funding.write_parquet(folder / "funding.parquet")
    (folder / "import.toml").write_text(FACTS)


def verb(folder: Path, *words: str) -> str:
    """Run one verb of the program on the folder's store."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "perpscope", "--store", str(folder / "store"), *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def main() -> None:
    """Make the store where it is missing, sweep, and print one line of JSON."""
    folder, *more = sys.argv[1:]
    place, executor = Path(folder), more[0] if more else "serial"
    if not (place / "store").exists():
        (place / "files").mkdir(parents=True, exist_ok=True)
        files(place / "files")
        verb(place, "data", "import", str(place / "files"))
    began = time.perf_counter()
    trade = ("binanceusdm", "BTC/USDT:USDT", "--spot", "binance:BTC/USDT")
    told = json.loads(verb(place, "carry", "sweep", *trade, *GRID, *COSTS, "--no-keep", "--executor", executor, "--format", "json"))
    seconds = time.perf_counter() - began
    windows = None if told["walk_forward"] is None else len(told["walk_forward"]["windows"])
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    answer = {"executor": executor, "sets": told["trials"], "windows": windows, "days": told["window"]["days"]}
    print(json.dumps(answer | {"seconds": round(seconds, 1), "peak_mb": round(peak), "synthetic": told["certificate"]["synthetic"]}))


if __name__ == "__main__":
    main()
