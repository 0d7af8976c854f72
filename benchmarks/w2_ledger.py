"""W2: how many cash flows a second does a portfolio of changing positions pay?

Input: 20 positions a symbol, 6,500 events (rate, mark) every eight hours, 200 trades of integer lots a symbol, each between
two of its positions, so that longs and shorts cancel; symbols are linear, inverse, quanto in turn; seeded. Work: *ledger*,
every cash flow in whole units of 10^-8, none left out; *totals*, one sum for each position. An item is one position at one
event. Answers: checked against the plain definition. Every case works once before the clock starts, on the same input, and is then
timed: its first call, loading and compiling included, is reported apart.

    python benchmarks/w2_ledger.py            all cases, five interleaved rounds
    python benchmarks/w2_ledger.py CASE SIZE  one case, one line of JSON
    python benchmarks/w2_ledger.py double     a change exactly on the stamp, charged by freqtrade and by settle()

The cases of freqtrade run in the environment of `requirements/peers freqtrade`, or where PERPSCOPE_FREQTRADE names a Python that has it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import harness

EIGHT_HOURS = 28_800_000
PER_SYMBOL, EVENTS, TRADES = 20, 6_500, 200
SIZES = (1_000, 2_000, 4_000, 10_000)
GRAINS = 10**8
PAYOFFS = (("linear", "USDT", 0.001), ("inverse", "BTC", 100.0), ("quanto", "XBT", 0.000001))
LEDGERS = ("ledger", "numpy ledger", "numpy repeat", "polars ledger")
TOTALS = ("totals", "numpy totals", "numpy sums", "polars totals", "freqtrade totals")
STAMPS = "freqtrade stamps"
LARGEST = {"polars ledger": 2_000, "polars totals": 2_000, "freqtrade totals": 2_000}
INSTALLED = Path(__file__).parents[1] / ".peers" / "freqtrade" / "bin" / "python"
FREQTRADE = os.environ.get("PERPSCOPE_FREQTRADE") or (str(INSTALLED) if INSTALLED.exists() else "")
Answer = dict[str, float]


@dataclass
class Market:
    """Columns as in perpscope.trading.columns, made without it so that every peer can read them."""

    owners: np.ndarray
    offsets: np.ndarray
    changed: np.ndarray
    quantity: np.ndarray
    events: np.ndarray
    stamp: np.ndarray
    rate: np.ndarray
    price: np.ndarray

    def rows(self, k: int) -> slice:
        """Rows of position k."""
        return slice(self.offsets[k], self.offsets[k + 1])

    def stamps(self, c: int) -> slice:
        """Events of symbol c."""
        return slice(self.events[c], self.events[c + 1])

    def owed(self, c: int) -> np.ndarray:
        """Return what one contract held long owes at each event of symbol c."""
        payoff, _, size = PAYOFFS[c % 3]
        rate, price = self.rate[self.stamps(c)], self.price[self.stamps(c)]
        return rate * (size / price) if payoff == "inverse" else rate * (size * price)


def market(positions: int) -> Market:
    """Positions of positions / 20 symbols; symbol c is the same at every size."""
    symbols = positions // PER_SYMBOL
    at = np.arange(1, EVENTS + 1) * EIGHT_HOURS
    changed, quantity, counts, rates, prices = [], [], [], [], []
    for c in range(symbols):
        rng = np.random.default_rng(c)
        rates.append(np.round(rng.normal(1e-4, 2e-4, EVENTS), 8))
        prices.append(np.round(20_000 * np.exp(np.cumsum(rng.normal(0, 0.004, EVENTS))), 2))
        times = np.sort(rng.choice(EVENTS * 28_799, TRADES, replace=False)) * 1000 + 500
        buyer = rng.integers(0, PER_SYMBOL, TRADES)
        seller = (buyer + rng.integers(1, PER_SYMBOL, TRADES)) % PER_SYMBOL
        lots = rng.integers(1, 101, TRADES).astype(float)
        for k in range(PER_SYMBOL):
            mine = (buyer == k) | (seller == k)
            changed.append(times[mine])
            quantity.append(np.cumsum(np.where(buyer == k, lots, -lots)[mine]))
            counts.append(int(mine.sum()))
    return Market(
        np.arange(symbols + 1) * PER_SYMBOL,
        np.concatenate(([0], np.cumsum(counts))),
        np.concatenate(changed),
        np.concatenate(quantity),
        np.arange(symbols + 1) * EVENTS,
        np.tile(at, symbols),
        np.concatenate(rates),
        np.concatenate(prices),
    )


def columns(data: Market) -> tuple[Any, Any, Any]:
    """Positions, fixings and terms as the fast paths take them."""
    from perpscope.market.contract import Contract
    from perpscope.trading.columns import Decided, Held
    from perpscope.trading.settle import Listing

    terms = [Listing(Contract(*PAYOFFS[c % 3])) for c in range(len(data.owners) - 1)]
    return Held(data.owners, data.offsets, data.changed, data.quantity), Decided(data.events, data.stamp, data.rate, data.price), terms


def answer(found: tuple[np.ndarray, np.ndarray]) -> Answer:
    """Sum up what was received and what was paid, and see that it cancels: within rounding where units, within 1e-12 where doubles."""
    flows, error = found
    scale = PER_SYMBOL / 2 if flows.dtype == np.int64 else 1e-12 * float(np.abs(flows).sum())
    assert np.abs(error).max() <= scale, f"{np.abs(error).max()} do not cancel"
    return {"received": float(flows[flows > 0].sum()), "paid": float(flows[flows < 0].sum())}


def plain_ledger(data: Market) -> tuple[np.ndarray, np.ndarray]:
    """`charge` and `payment`, one by one, on the exact decimals."""
    units = np.array([int(amount * GRAINS) for amount in _plain(data, GRAINS)])
    return units, np.add.reduceat(units.reshape(-1, EVENTS), data.owners[:-1])


def plain_totals(data: Market) -> tuple[np.ndarray, np.ndarray]:
    """Exact sums of exact payments, one double each."""
    amounts = _plain(data, 0)
    found = np.array([float(sum(amounts[k : k + EVENTS])) for k in range(0, len(amounts), EVENTS)])
    return found, np.add.reduceat(found, data.owners[:-1])


def _plain(data: Market, grains: int) -> list[Any]:
    from perpscope.market.contract import Contract
    from perpscope.market.number import to_exact
    from perpscope.mechanisms.settle import Settlement, charge, payment

    found = []
    settle = Settlement(money_grains=grains, money_rounding="nearest")
    for c in range(len(data.owners) - 1):
        payoff, asset, size = PAYOFFS[c % 3]
        contract = Contract(payoff, asset, to_exact(size))
        rates, prices = data.rate[data.stamps(c)].tolist(), data.price[data.stamps(c)].tolist()
        owed = [charge(to_exact(r), settle, contract, to_exact(p)) for r, p in zip(rates, prices, strict=True)]
        for k in range(data.owners[c], data.owners[c + 1]):
            held = [0, *(int(q) for q in data.quantity[data.rows(k)])]
            place = np.searchsorted(data.changed[data.rows(k)], data.stamp[data.stamps(c)], side="right")
            found += [payment(each, held[i], settle) for each, i in zip(owed, place.tolist(), strict=True)]
    return found


def memory(data: Market) -> np.ndarray:
    """Memory for all units, touched before the clock starts, for whoever can use it: fresh pages cost more than the arithmetic."""
    return np.ones((len(data.offsets) - 1) * EVENTS, dtype=np.int64)


def ledger(given: tuple[Any, Any, Any], out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Perpscope: every cash flow in whole units, the exact ones (columns made before the clock starts, as the frames of others)."""
    from perpscope.trading.fast import unit_flows

    found = unit_flows(*given, out=out)
    return found.units, found.residue + found.outside


def totals(given: tuple[Any, Any, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Perpscope: running sums, with the largest possible error of each total (columns made before the clock starts)."""
    from perpscope.trading.totals import totals as of_positions

    found = of_positions(*given)
    return found.amounts, found.conservation_error


def with_numpy(data: Market, units: np.ndarray, *, repeat: bool) -> tuple[np.ndarray, np.ndarray]:
    """Numpy, a loop over positions: the quantity at every event by search, or by repeating it; product; half to even."""
    together = np.zeros(len(data.stamp), dtype=np.int64)
    for c in range(len(data.owners) - 1):
        owed, at, sums = data.owed(c), data.stamp[data.stamps(c)], together[data.stamps(c)]
        for k in range(data.owners[c], data.owners[c + 1]):
            held = np.concatenate(([0.0], data.quantity[data.rows(k)]))
            if repeat:
                held = np.repeat(held, np.diff(np.searchsorted(at, data.changed[data.rows(k)]), prepend=0, append=EVENTS))
            else:
                held = held[np.searchsorted(data.changed[data.rows(k)], at, side="right")]
            own = units[k * EVENTS : (k + 1) * EVENTS]
            own[:] = np.rint(-owed * held * GRAINS)
            sums += own
    return units, together


def numpy_totals(data: Market, *, sums: bool) -> tuple[np.ndarray, np.ndarray]:
    """Numpy, a loop over positions: the product summed over all events, or differences of running sums (no error bound)."""
    found = np.empty(len(data.offsets) - 1)
    for c in range(len(data.owners) - 1):
        owed, at = data.owed(c), data.stamp[data.stamps(c)]
        running = np.concatenate(([0.0], np.cumsum(owed)))
        for k in range(data.owners[c], data.owners[c + 1]):
            changed, quantity = data.changed[data.rows(k)], data.quantity[data.rows(k)]
            if sums:
                found[k] = -quantity @ np.diff(running[np.searchsorted(at, changed)], append=running[-1])
            else:
                found[k] = -owed @ np.concatenate(([0.0], quantity))[np.searchsorted(changed, at, side="right")]
    return found, np.add.reduceat(found, data.owners[:-1])


def frames(data: Market) -> tuple[Any, Any, Any]:
    """Events, positions and changes as polars frames (made before the clock starts)."""
    import polars as pl

    symbols = len(data.owners) - 1
    owed = np.concatenate([data.owed(c) for c in range(symbols)])
    symbol = np.arange(symbols)
    events = pl.DataFrame({"symbol": symbol.repeat(EVENTS), "at": data.stamp, "owed": owed})
    positions = pl.DataFrame({"symbol": symbol.repeat(PER_SYMBOL), "position": np.arange(symbols * PER_SYMBOL)})
    rows = np.arange(symbols * PER_SYMBOL).repeat(np.diff(data.offsets))
    return events, positions, pl.DataFrame({"position": rows, "at": data.changed, "quantity": data.quantity}).sort("at")


def with_polars(given: tuple[Any, Any, Any], *, units: bool) -> tuple[np.ndarray, np.ndarray]:
    """Polars, all threads: every position meets its events, each event the last change before it, at the stamp included."""
    import polars as pl

    events, positions, changes = given
    asked = positions.lazy().join(events.lazy(), on="symbol").sort("at")
    held = asked.join_asof(changes.lazy(), on="at", by="position", strategy="backward").with_columns(pl.col("quantity").fill_null(0.0))
    amount = -pl.col("owed") * pl.col("quantity")
    if units:
        found = held.with_columns((amount * GRAINS).round(mode="half_to_even").cast(pl.Int64).alias("flow")).collect()
        return found["flow"].to_numpy(), found.group_by("symbol", "at").agg(pl.col("flow").sum())["flow"].to_numpy()
    totals_of = held.group_by("position", "symbol").agg(amount.sum().alias("flow")).collect()
    return totals_of["flow"].to_numpy(), totals_of.group_by("symbol").agg(pl.col("flow").sum())["flow"].to_numpy()


def pairs(data: Market) -> list[tuple[Any, Any, list[Any]]]:
    """For freqtrade: frames of rates and marks of each symbol, and the stretches of constant quantity (made before the clock starts).

    It knows linear contracts; an inverse one is given 1 / price as its mark, so that the answers can be compared.
    """
    import pandas as pd

    found = []
    end = pd.Timestamp((EVENTS + 1) * EIGHT_HOURS, unit="ms", tz="UTC").to_pydatetime()
    for c in range(len(data.owners) - 1):
        payoff, _, size = PAYOFFS[c % 3]
        date, price = pd.to_datetime(data.stamp[data.stamps(c)], unit="ms", utc=True), data.price[data.stamps(c)]
        rates = pd.DataFrame({"date": date, "open": data.rate[data.stamps(c)]})
        marks = pd.DataFrame({"date": date, "open": 1 / price if payoff == "inverse" else price})
        held = []
        for k in range(data.owners[c], data.owners[c + 1]):
            times = [*pd.to_datetime(data.changed[data.rows(k)], unit="ms", utc=True).to_pydatetime(), end]
            for i, quantity in enumerate(data.quantity[data.rows(k)].tolist()):
                if quantity:
                    held.append((k, abs(quantity) * size, quantity < 0, times[i], times[i + 1]))
        found.append((rates, marks, held))
    return found


def with_freqtrade(given: list[tuple[Any, Any, list[Any]]], *, stamps: bool) -> tuple[np.ndarray, np.ndarray]:
    """Freqtrade's own functions: merge, then one sum a stretch; or, as its backtest does, the sum so far at every stamp."""
    from freqtrade.exchange.exchange import Exchange

    fees: Any = Exchange.calculate_funding_fees
    found = np.zeros(len(given) * PER_SYMBOL)
    for rates, marks, held in given:
        merged = Exchange.combine_funding_and_mark(rates, marks)
        for k, amount, is_short, opened, closed in held:
            if stamps:
                at = merged["date"]
                for stamp in at[(at >= opened) & (at < closed)]:
                    fees(None, merged, amount, is_short, opened, stamp)
            found[k] += fees(None, merged, amount, is_short, opened, closed)
    return found, np.add.reduceat(found, np.arange(len(given)) * PER_SYMBOL)


def one(case: str, size: int) -> None:
    """Run one case in this process."""
    data = market(size)
    work: dict[str, Any] = {
        "ledger": lambda x: ledger(*x),
        "totals": totals,
        "plain ledger": plain_ledger,
        "plain totals": plain_totals,
        "numpy ledger": lambda x: with_numpy(*x, repeat=False),
        "numpy repeat": lambda x: with_numpy(*x, repeat=True),
        "numpy totals": lambda x: numpy_totals(x, sums=False),
        "numpy sums": lambda x: numpy_totals(x, sums=True),
        "polars ledger": lambda x: with_polars(x, units=True),
        "polars totals": lambda x: with_polars(x, units=False),
        "freqtrade totals": lambda x: with_freqtrade(x, stamps=False),
        STAMPS: lambda x: with_freqtrade(x, stamps=True),
    }
    ready = {"polars": frames, "freqtrade": pairs}
    ready |= {"ledger": lambda x: (columns(x), memory(x)), "totals": columns}
    ready |= dict.fromkeys(("numpy ledger", "numpy repeat"), lambda x: (x, memory(x)))
    made: Any = ready.get(case) or ready.get(case.split(maxsplit=1)[0], lambda x: x)
    given = made(data)
    harness.measure(case, size * EVENTS, lambda: work[case](given), lambda: None if case == STAMPS else work[case](given), answer)


def double() -> None:
    """Ten contracts from 00:00, twenty from exactly 08:00 on, closed at 12:00; one event at 08:00: the payment is due once."""
    import pandas as pd
    from freqtrade import __version__
    from freqtrade.exchange.exchange import Exchange

    stamp = pd.Timestamp("2026-01-01T08:00Z")
    hours = [stamp - pd.Timedelta(hours=8), stamp, stamp + pd.Timedelta(hours=4)]
    merged = Exchange.combine_funding_and_mark(
        pd.DataFrame({"date": [stamp], "open": [0.0001]}), pd.DataFrame({"date": [stamp], "open": [50_000.0]})
    )
    fees: Any = Exchange.calculate_funding_fees
    parts = [float(fees(None, merged, held, False, opened, closed)) for held, opened, closed in ((10.0, *hours[:2]), (20.0, *hours[1:]))]  # noqa: FBT003 - its signature
    print(json.dumps({"freqtrade": __version__, "before": parts[0], "after": parts[1], "charged": sum(parts), "due": -100.0}))


def main() -> None:
    """All cases: agreement with the definition first, then the tables."""
    if sys.argv[1:] == ["double"]:
        double()
        return
    if len(sys.argv) > 1:
        one(sys.argv[1], int(sys.argv[2]))
        return
    pythons = {case: FREQTRADE for case in (TOTALS[-1], STAMPS) if FREQTRADE}
    for ours, cases in (("ledger", LEDGERS), ("totals", TOTALS)):
        harness.agree(harness.rounds(__file__, [(case, 40) for case in (f"plain {ours}", *cases)], 1, pythons))
    every = (*LEDGERS, *TOTALS)
    sizes = [(case, size) for size in SIZES for case in every if size <= LARGEST.get(case, size)]
    found = harness.rounds(__file__, [(case, PER_SYMBOL) for case in ("ledger", "totals", STAMPS)], 1, pythons)
    found |= harness.rounds(__file__, sizes, pythons=pythons)
    for ours, cases in (("ledger", LEDGERS), ("totals", TOTALS)):
        harness.agree({key: runs for key, runs in found.items() if key[0] in cases and key[1] != PER_SYMBOL})
        shown = {key: runs for key, runs in found.items() if key[0] in (*cases, TOTALS[-1], STAMPS)}
        harness.show(harness.table(shown, ours))
    if FREQTRADE:
        subprocess.run([FREQTRADE, __file__, "double"], check=True)  # noqa: S603 - named by the caller


if __name__ == "__main__":
    main()
