"""How long does the audit of one symbol's history take, after the start?

Input: eight-hour fixings with their averaged premium, seeded, and as many of another venue to hold the lag against.
Work: the whole audit: digits, recomputation with tolerances, every check, departures. Answer: rows, rows matched, sum
of the computed rates; the case "plain" computes the same rates one by one with `Rule.fix`, and nothing else.

    python benchmarks/audit_history.py            both cases, five interleaved rounds
    python benchmarks/audit_history.py CASE SIZE  one case, one line of JSON
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parent))
import harness

YEARS = (10, 40)
ROWS_A_YEAR = 3 * 365
INTEREST, DAMPER = 0.0001, 0.0005
VENUE, NATIVE_ID, ELSEWHERE = "sim:okx", "BTC-USDT-SWAP", "sim:binanceusdm"
START = 1_746_057_600_000  # 2025-05-01, under one rule from then on


def premiums(rows: int) -> np.ndarray:
    """(rows,) averaged premiums, fractions of eight decimals."""
    return np.round(np.random.default_rng(1).normal(0.0002, 0.0006, rows), 8)


def history(rows: int, venue: str, native_id: str, *, known: bool) -> pl.DataFrame:
    """Rows of the funding table; with their premiums where `known`."""
    from perpscope.market.table import FUNDING

    premium = premiums(rows)
    rate = np.round(premium + np.clip(INTEREST - premium, -DAMPER, DAMPER), 8)
    stamps = pl.Series(START + 28_800_000 * np.arange(rows)).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    own = {"ts": stamps, "slot": stamps, "funding_rate": rate, "premium_frac": premium if known else np.full(rows, np.nan)}
    said = {"venue": venue, "native_id": native_id, "symbol": "BTC/USDT:USDT", "market": "linear", "market_list": "", "source": "made"}
    said |= {"kind": "settled", "accrual": "stamp"}
    frame = pl.DataFrame(own).with_columns(pl.lit(8.0).alias("interval_hours"), pl.col("premium_frac").fill_nan(None))
    return FUNDING.conform(frame.with_columns(pl.lit(v).alias(k) for k, v in said.items()))


def audited(rows: int) -> harness.Answer:
    """Run the whole audit."""
    from perpscope.audit.contract import audit_contract
    from perpscope.audit.facts import Facts, KnownNumber
    from perpscope.catalogue.load import load_venue

    limits = tuple(KnownNumber(name, value) for name, value in (("cap", 0.00375), ("floor", -0.00375)))
    facts = Facts(history(rows, VENUE, NATIVE_ID, known=True), references=history(rows, ELSEWHERE, "BTCUSDT", known=False), numbers=limits)
    found = audit_contract(facts, load_venue(VENUE))
    assert found.residuals is not None
    return {"rows": found.rows, "matched": found.matched, "sum": float(found.residuals["computed"].sum())}


def plain(rows: int) -> harness.Answer:
    """Fix every row by the definition, one call each."""
    from perpscope.catalogue.load import load_venue
    from perpscope.mechanisms.window import Window

    rule = load_venue(VENUE).at(START, "", "linear")[0].build({"cap": 0.00375, "floor": -0.00375}, averaged=True)
    rates = [float(rule.fix(Window.averaged(0, 28_800_000, p)).terms.slowed) for p in premiums(rows).tolist()]
    return {"rows": rows, "matched": rows, "sum": float(np.sum(rates))}


CASES = {"audit": audited, "plain": plain}


def main() -> None:
    """Run one case, or all."""
    if len(sys.argv) == 3:
        case, rows = sys.argv[1], int(sys.argv[2])
        harness.measure(case, rows, lambda: CASES[case](rows), lambda: CASES[case](100))
        return
    found = harness.rounds(__file__, [(case, years * ROWS_A_YEAR) for years in YEARS for case in CASES])
    harness.agree(found)
    harness.show(harness.table(found, "audit"))


if __name__ == "__main__":
    main()
