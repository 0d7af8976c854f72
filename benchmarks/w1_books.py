"""W1: how many book snapshots a second become a funding rate?

Input: snapshots every 5 s of 20 levels a side and an index price, seeded. Work: impact premium of every snapshot,
minute sample (the last of the minute), linearly weighted eight-hour average, clamp, cap. Answer: mean premium,
number of periods, sum of fundings; checked against the plain definition.

    python benchmarks/w1_books.py            all cases, five interleaved rounds
    python benchmarks/w1_books.py CASE SIZE  one case, one line of JSON
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import harness

LEVELS, PER_MINUTE, PER_PERIOD = 20, 12, 5760
INTEREST, DAMPER, CAP = 0.0001, 0.0005, 0.003
CHUNK = 250_000 // PER_PERIOD * PER_PERIOD
SIZES = (250_000, 500_000, 1_000_000)
STREAM = 5_000_000
Books = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def books(count: int, seed: int = 1) -> tuple[Books, float]:
    """(bid prices, bid quantities, ask prices, ask quantities, index) of `count` snapshots and the impact notional."""
    rng = np.random.default_rng(seed)
    index = 60_000 * np.exp(np.cumsum(rng.normal(0, 2e-4, count)))
    level = rng.uniform(-5e-4, 5e-4, count // PER_PERIOD + 1).repeat(PER_PERIOD)[:count]
    mid = index * (1 + level + rng.normal(0, 2e-5, count))
    gaps = rng.integers(1, 11, (2, count, LEVELS)).cumsum(axis=2) * 0.1
    quantities = rng.lognormal(0, 0.5, (2, count, LEVELS))
    notional = 60_000 * 6 * float(np.exp(0.125))
    return (mid[:, None] - gaps[0], quantities[0], mid[:, None] + gaps[1], quantities[1], index), notional


def plain(data: Books, notional: float) -> dict[str, float]:
    """Apply the definitions, snapshot by snapshot: `impact_price`, `impact_band`, `Rule.fix`."""
    from perpscope.market.book import impact_price
    from perpscope.mechanisms.observe import impact_band
    from perpscope.mechanisms.window import Window

    bp, bq, ap, aq, index = (x.tolist() for x in data)
    bids = [impact_price(p, q, notional) for p, q in zip(bp, bq, strict=True)]
    asks = [impact_price(p, q, notional) for p, q in zip(ap, aq, strict=True)]
    premium = [impact_band(b, a, x) for b, a, x in zip(bids, asks, index, strict=True)]
    minute = premium[PER_MINUTE - 1 :: PER_MINUTE]
    step = PER_PERIOD // PER_MINUTE
    windows = [Window(0, 28_800_000, {"premium": minute[k : k + step]}) for k in range(0, len(minute) - step + 1, step)]
    rates = [float(rule().fix(window).rate) for window in windows]
    return {"mean_premium": sum(premium) / len(premium), "periods": len(rates), "funding": sum(rates)}


def rule() -> Any:
    """Linear mean of minutes, pull to 0.01 % within 0.05 %, cap 0.3 %."""
    from perpscope.mechanisms.decide import Formula
    from perpscope.mechanisms.observe import Observe
    from perpscope.mechanisms.reduce import LinearMean
    from perpscope.mechanisms.rule import Rule

    return Rule(Observe("impact_band", 60), LinearMean(), Formula(interest=INTEREST, damper=DAMPER, floor=-CAP, cap=CAP))


def ours(data: Books, notional: float) -> dict[str, float]:
    """Perpscope: the compiled texts, threads over whole windows."""
    from perpscope.mechanisms.batch import fix_many, impact_premiums

    bp, bq, ap, aq, index = data
    premium = impact_premiums((bp, bq), (ap, aq), index, notional)
    minute = np.ascontiguousarray(premium[PER_MINUTE - 1 :: PER_MINUTE])
    step = PER_PERIOD // PER_MINUTE
    offsets = np.arange(len(minute) // step + 1) * step
    rates = fix_many(rule(), minute, offsets, np.full(len(offsets) - 1, 8.0)).rates
    return {"mean_premium": float(premium.mean()), "periods": len(rates), "funding": float(rates.sum())}


def with_numpy(data: Books, notional: float) -> dict[str, float]:
    """Numpy, one process: running notionals, the level where they reach the notional, one gather."""

    def impact(prices: np.ndarray, quantities: np.ndarray) -> np.ndarray:
        value = prices * quantities
        running = np.cumsum(value, axis=1)
        last = np.argmax(running >= notional, axis=1)
        row = np.arange(len(last))
        before = running[row, last] - value[row, last]
        base = np.cumsum(quantities, axis=1)[row, last] - quantities[row, last]
        return notional / (base + (notional - before) / prices[row, last])

    bp, bq, ap, aq, index = data
    premium = (np.maximum(impact(bp, bq) - index, 0) - np.maximum(index - impact(ap, aq), 0)) / index
    return _decided_by_numpy(premium)


def _decided_by_numpy(premium: np.ndarray) -> dict[str, float]:
    minute = premium[PER_MINUTE - 1 :: PER_MINUTE]
    step = PER_PERIOD // PER_MINUTE
    weights = np.arange(1, step + 1)
    average = minute[: len(minute) // step * step].reshape(-1, step) @ weights / weights.sum()
    rates = np.clip(average + np.clip(INTEREST - average, -DAMPER, DAMPER), -CAP, CAP)
    return {"mean_premium": float(premium.mean()), "periods": len(rates), "funding": float(rates.sum())}


def frame_of(data: Books) -> Any:
    """One polars column per level and side (made before the clock starts)."""
    import polars as pl

    names = ("bp", "bq", "ap", "aq")
    columns = {f"{name}{k}": np.ascontiguousarray(x[:, k]) for name, x in zip(names, data, strict=False) for k in range(LEVELS)}
    return pl.DataFrame(columns | {"index": data[4]})


def with_polars(frame: Any, notional: float) -> dict[str, float]:
    """Polars, all threads, one lazy query: what is left before each level, the part of it that fills."""
    import polars as pl

    def impact(side: str) -> Any:
        left, base = pl.lit(notional), pl.lit(0.0)
        for k in range(LEVELS):
            price, quantity = pl.col(f"{side}p{k}"), pl.col(f"{side}q{k}")
            base = base + pl.min_horizontal(quantity, left / price)
            left = (left - price * quantity).clip(lower_bound=0)
        return notional / base

    index = pl.col("index")
    premium = ((impact("b") - index).clip(lower_bound=0) - (index - impact("a")).clip(lower_bound=0)) / index
    found = frame.lazy().select(premium.alias("premium")).collect()["premium"]
    minute = found.gather_every(PER_MINUTE, PER_MINUTE - 1).to_frame("p").with_row_index("i")
    step = PER_PERIOD // PER_MINUTE
    weight = (pl.col("i") % step + 1).cast(pl.Float64)
    average = (pl.col("p") * weight).sum() / weight.sum()
    periods = minute.head(minute.height // step * step).group_by(pl.col("i") // step, maintain_order=True).agg(average.alias("p"))
    pulled = pl.col("p") + (INTEREST - pl.col("p")).clip(-DAMPER, DAMPER)
    rates = periods.select(pulled.clip(-CAP, CAP))["p"]
    return {"mean_premium": found.mean(), "periods": rates.len(), "funding": rates.sum()}


def chunks(count: int) -> Iterator[tuple[Books, float]]:
    """Yield the stream: whole periods at a time, never all in memory."""
    for k, start in enumerate(range(0, count, CHUNK)):
        yield books(min(CHUNK, count - start), seed=k + 1)


def streamed(count: int) -> None:
    """Ours over 5 M snapshots in chunks; only the work on each chunk is timed, not its making."""
    import json
    import resource
    import time

    data, notional = books(PER_PERIOD)
    ours(data, notional)
    seconds, funding, periods, total = 0.0, 0.0, 0, 0.0
    for data, notional in chunks(count):
        began = time.perf_counter()
        found = ours(data, notional)
        seconds += time.perf_counter() - began
        funding, periods, total = funding + found["funding"], periods + int(found["periods"]), total + found["mean_premium"] * len(data[4])
    answer = {"mean_premium": total / count, "periods": periods, "funding": funding}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"case": "streamed", "items": count, "seconds": seconds, "first_call_seconds": 0, "peak_mb": peak, "answer": answer}))


def one(case: str, size: int) -> None:
    """Run one case in this process."""
    if case == "streamed":
        streamed(size)
        return
    data, notional = books(size)
    small = tuple(x[:PER_PERIOD] for x in data)
    if case == "polars":
        frame, first = frame_of(data), frame_of(small)
        harness.measure(case, size, lambda: with_polars(frame, notional), lambda: with_polars(first, notional))
        return
    work = {"perpscope": ours, "numpy": with_numpy, "plain": plain}[case]
    harness.measure(case, size, lambda: work(data, notional), lambda: work(small, notional))


def main() -> None:
    """All cases: agreement with the definition first, then the table."""
    if len(sys.argv) > 1:
        one(sys.argv[1], int(sys.argv[2]))
        return
    definition = harness.rounds(__file__, [(case, 20_000) for case in ("perpscope", "polars", "numpy", "plain")], count=1)
    harness.agree(definition)
    found = harness.rounds(__file__, [(case, size) for size in SIZES for case in ("perpscope", "polars", "numpy")])
    harness.agree(found)
    found |= harness.rounds(__file__, [("streamed", STREAM)])
    rows = harness.table({k: v for k, v in found.items() if k[0] != "streamed"}, "perpscope")
    harness.show([*rows, *harness.table({k: v for k, v in found.items() if k[0] == "streamed"}, "streamed")])


if __name__ == "__main__":
    main()
