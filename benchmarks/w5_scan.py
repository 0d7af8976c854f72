"""W5: how many rows a second does a scan of all venue pairs read and compare?

Input: one Parquet file (zstd) a symbol, seeded: ts (ms, hourly), venue, rate; 10 venues x 26,280 hours, one in three listed late; in the
order of a store, by venue and time. Work, reading included: for the 45 pairs of venues and windows of 168, 720 and 2,160 hours the
rolling mean and deviation of the spread over its history; last mean, last deviation and largest mean of each, and the ranking of all
pairs by their last mean over 720 hours. Sums and sums of squares are kept at every hour by all cases; ours takes the root of the last.

    python benchmarks/w5_scan.py                all cases, five interleaved rounds
    python benchmarks/w5_scan.py CASE SYMBOLS   one case, one line of JSON

Files are made once, in the folder that PERPSCOPE_W5 names (default: perpscope-w5 in the system's temporary folder); 500 symbols take 1 GB.
DuckDB runs where it is installed, or where PERPSCOPE_DUCKDB names a Python that has it and numpy.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import harness

HOUR, START = 3_600_000, 1_672_531_200_000
VENUES, HOURS = 10, 26_280
SIZES = (168, 720, 2_160)
RANKED_BY = 1
SYMBOLS = (8, 16, 32)
MANY = 500
THREADS = 2
PEERS = ("polars", "pandas", "duckdb")
LARGEST = {"pandas": 8, "duckdb": 8}
SMALL = (4, 2_600)
"""Venues and hours of the symbol that the plain definition is run on."""
Answer = dict[str, float]
Found = tuple[int, int, int, float, float, float]
"""Symbol, pair, window, last mean, last deviation, largest mean."""


def folder() -> Path:
    """Where the files are."""
    return Path(os.environ.get("PERPSCOPE_W5") or Path(tempfile.gettempdir()) / "perpscope-w5")


def file_of(symbol: int, venues: int = VENUES, hours: int = HOURS) -> Path:
    """Make one symbol's file, if it is not there."""
    path = folder() / f"{venues}x{hours}-{symbol}.parquet"
    if not path.exists():
        import polars as pl

        rng = np.random.default_rng(symbol)
        late = np.where(rng.random(venues) < 1 / 3, rng.integers(1, (hours - SIZES[-1]) // 2, venues), 0)
        level = np.cumsum(rng.normal(0, 2e-7, (venues, hours)), axis=1)
        rate = np.round(1e-5 + level + rng.normal(0, 2e-5, (venues, hours)), 10)
        listed = np.arange(hours)[None, :] >= late[:, None]
        who, column = np.nonzero(listed)
        frame = pl.DataFrame({"ts": START + column * HOUR, "venue": [f"venue{k}" for k in who], "rate": rate[listed]})
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        path.with_suffix(".rows").write_text(str(frame.height))
        frame.write_parquet(draft, compression="zstd")
        draft.replace(path)
    return path


def ours(paths: list[Path]) -> list[Found]:
    """Perpscope: a file in each thread, the panel, the kernel of the scan; one thread more than processors, for one that reads waits."""
    import polars as pl

    from perpscope.analysis.pairs.compare import compare
    from perpscope.analysis.pairs.panel import panel

    sizes = np.array(SIZES)

    def one(symbol: int) -> list[Found]:
        found = panel(pl.read_parquet(paths[symbol], parallel="none"))
        pairs = np.array(list(combinations(range(len(found.venues)), 2)))
        got = compare(pairs, found.rates, sizes, sizes).windows
        told = got[:, :, (0, 1, 3)].tolist()
        return [(symbol, p, w, *told[p][w]) for p in range(len(pairs)) for w in range(len(SIZES))]

    with ThreadPoolExecutor(THREADS + 1) as pool:
        return [line for lines in pool.map(one, range(len(paths))) for line in lines]


def with_polars(paths: list[Path]) -> list[Found]:
    """Polars: the pivot, then each pair's spread and its rolling statistics, all windows of a pair at a time."""
    import polars as pl

    rows: list[Found] = []
    for symbol, path in enumerate(paths):
        wide = pl.read_parquet(path).pivot(on="venue", index="ts", values="rate").sort("ts")
        for p, (a, b) in enumerate(combinations(sorted(name for name in wide.columns if name != "ts"), 2)):
            spread = wide.select((pl.col(a) - pl.col(b)).alias("s")).drop_nulls()
            s = pl.col("s")
            asked = []
            for size in SIZES:
                mean = s.rolling_mean(size)
                asked += [mean.last().alias(f"m{size}"), s.rolling_std(size).last().alias(f"d{size}"), mean.max().alias(f"x{size}")]
            told = spread.select(asked).row(0)
            rows += [(symbol, p, w, *told[3 * w : 3 * w + 3]) for w in range(len(SIZES))]
    return rows


def with_pandas(paths: list[Path]) -> list[Found]:
    """Pandas: the same with its rolling windows."""
    import pandas as pd

    rows: list[Found] = []
    for symbol, path in enumerate(paths):
        wide = pd.read_parquet(path).pivot(index="ts", columns="venue", values="rate")  # noqa: PD010 - each cell once: pandas 3's own word
        for p, (a, b) in enumerate(combinations(sorted(wide.columns), 2)):
            spread = (wide[a] - wide[b]).dropna()
            for w, size in enumerate(SIZES):
                rolling = spread.rolling(size)
                mean = rolling.mean()
                rows.append((symbol, p, w, float(mean.iloc[-1]), float(rolling.std().iloc[-1]), float(mean.max())))
    return rows


def with_duckdb(paths: list[Path]) -> list[Found]:
    """DuckDB: a self-join for the pairs, window functions for the rest."""
    import duckdb

    rows: list[Found] = []
    frames = ", ".join(f"avg(s) over w{size} m{size}, stddev_samp(s) over w{size} d{size}, count(*) over w{size} n{size}" for size in SIZES)
    windows = ", ".join(f"w{size} as (partition by a, b order by ts rows {size - 1} preceding)" for size in SIZES)
    told = ", ".join(
        f"max_by(m{size}, ts) filter (n{size} = {size}), max_by(d{size}, ts) filter (n{size} = {size}), "
        f"max(m{size}) filter (n{size} = {size})"
        for size in SIZES
    )
    for symbol, path in enumerate(paths):
        query = f"""with q as (select * from read_parquet('{path}')),
            s as (select x.ts, x.venue a, y.venue b, x.rate - y.rate s from q x join q y on x.ts = y.ts and x.venue < y.venue),
            r as (select a, b, ts, {frames} from s window {windows})
            select a, b, {told} from r group by a, b order by a, b"""  # noqa: S608 - our own file
        for p, row in enumerate(duckdb.connect(config={"threads": THREADS}).execute(query).fetchall()):
            rows += [(symbol, p, w, *row[2 + 3 * w : 5 + 3 * w]) for w in range(len(SIZES))]
    return rows


def plain(paths: list[Path]) -> list[Found]:
    """Apply the definitions, window by window, with exactly rounded sums."""
    return [line for symbol, path in enumerate(paths) for line in _plain(symbol, path)]


def _plain(symbol: int, path: Path) -> Iterator[Found]:
    import polars as pl

    frame = pl.read_parquet(path)
    series = {venue: dict(own.select("ts", "rate").iter_rows()) for (venue,), own in frame.group_by("venue")}
    for p, (a, b) in enumerate(combinations(sorted(series), 2)):
        spread = [series[a][ts] - series[b][ts] for ts in sorted(series[a].keys() & series[b].keys())]
        for w, size in enumerate(SIZES):
            means = [math.fsum(spread[k - size : k]) / size for k in range(size, len(spread) + 1)]
            last = spread[-size:]
            deviation = math.sqrt(math.fsum((x - means[-1]) ** 2 for x in last) / (size - 1)) if means else math.nan
            yield symbol, p, w, means[-1] if means else math.nan, deviation, max(means, default=math.nan)


def answer(rows: list[Found]) -> Answer:
    """Sum up every number, and name the first of the ranking."""
    ranked = sorted((row for row in rows if row[2] == RANKED_BY), key=lambda row: (-abs(row[3]), row[0], row[1]))
    sums = {name: math.fsum(row[k] for row in rows) for k, name in ((3, "means"), (4, "deviations"), (5, "largest"))}
    order = math.fsum(place * (row[0] * 1000 + row[1]) for place, row in enumerate(ranked[:20]))
    return sums | {"pairs": len(rows) / len(SIZES), "first_mean": ranked[0][3], "order": order}


WORK = {"perpscope": ours, "polars": with_polars, "pandas": with_pandas, "duckdb": with_duckdb, "plain": plain}


def one(case: str, symbols: int) -> None:
    """Run one case in this process; 0 symbols is the small one that the definition can be run on."""
    shape = (VENUES, HOURS) if symbols else SMALL
    paths = [file_of(k, *shape) for k in range(max(symbols, 1))]
    warm = [file_of(0, *SMALL)]
    items = sum(_height(path) for path in paths)
    harness.measure(case, items, lambda: WORK[case](paths), lambda: WORK[case](warm), answer)


def _height(path: Path) -> int:
    """Rows of a file, as they were counted when it was made."""
    return int(path.with_suffix(".rows").read_text())


def main() -> None:
    """All cases: agreement with the definition first, then the table."""
    if len(sys.argv) > 1:
        one(sys.argv[1], int(sys.argv[2]))
        return
    for symbol in range(max(SYMBOLS)):
        file_of(symbol)
    file_of(0, *SMALL)
    elsewhere = {"duckdb": os.environ["PERPSCOPE_DUCKDB"]} if "PERPSCOPE_DUCKDB" in os.environ else {}
    definition = harness.rounds(__file__, [(case, 0) for case in ("perpscope", *PEERS, "plain")], count=1, pythons=elsewhere)
    harness.agree(definition)
    peers = [case for case, _ in definition if case in PEERS]
    cases = [("perpscope", size) for size in SYMBOLS] + [
        (case, size) for case in peers for size in SYMBOLS if size <= LARGEST.get(case, size)
    ]
    found = harness.rounds(__file__, cases, pythons=elsewhere)
    harness.agree(found)
    many = harness.rounds(__file__, [("perpscope", MANY)], count=1)
    harness.show([*harness.table(found, "perpscope"), *harness.table(many, "perpscope")])


if __name__ == "__main__":
    main()
