"""A small market for tests of the report: two coins, three venues, a year, gaps, changes of interval, an ended contract."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl

from perpscope.analysis.terms import Terms
from perpscope.reports.inputs import Audit, Check, Problem, ReportInputs, SourceNote
from tests.unit.analysis.frames import at, changing, contract

if TYPE_CHECKING:
    from tests.unit.analysis.frames import Fixings

HOURS = 24 * 400
NOW = at(HOURS + 5)
NASTY = '<script src="https://evil.example/x.js"></script>&"\''
"""A name that would break a page which does not escape."""


def wave(hours: int, level: float, start: int = 0, end: int = HOURS) -> Fixings:
    """Rates that swing around `level` and rest on 0.01 % per 8 h for half of the time."""
    atom = 0.0001 * hours / 8
    stamps = range(start + hours, end + 1, hours)
    swing = {stamp: level * hours / 8 + 0.0002 * math.sin(stamp / 97) * hours / 8 for stamp in stamps}
    return [(stamp, atom if math.sin(stamp / 61) > 0 else round(swing[stamp], 10), float(hours)) for stamp in stamps]


def funding() -> pl.DataFrame:
    broken = [fixing for fixing in wave(8, 0.0002) if not 2000 < fixing[0] < 2400]
    frames = [
        contract(broken),
        contract(wave(1, 0.0001), venue="beta", symbol="BTC/USDC:USDC"),
        contract(wave(8, -0.0003, end=5000), venue="gamma", symbol="BTC/USD:BTC", market="inverse"),
        contract(wave(8, 0.0003), symbol="ETH/USDT:USDT"),
        contract(wave(1, 0.0002), venue="beta", symbol="ETH/USDC:USDC"),
        contract(changing(), venue="gamma", symbol="ETH/USD:BTC", market="quanto"),
    ]
    return pl.concat(frames)


def residuals(error: float = 3e-11) -> pl.DataFrame:
    rows = contract(wave(1, 0.0001), venue="beta").select("slot", pl.col("funding_rate").alias("published"))
    wobble = pl.int_range(pl.len()) % 3 * error
    return rows.with_columns((pl.col("published") + wobble).alias("computed"), pl.lit(1e-10).alias("tolerance"))


def audits() -> tuple[Audit, ...]:
    good = Audit.of(
        {
            "venue": "beta",
            "symbol": "BTC/USDC:USDC",
            "rows": HOURS + 7,
            "recomputed": HOURS,
            "matched": HOURS,
            "max_abs_error": 6e-11,
            "checks": [{"name": "limit", "holds": True, "detail": "none beyond"}, {"name": "grid", "holds": None, "detail": "no schedule"}],
            "certificate": {"digest": "ab" * 32, "sources": [{"id": "one", "rows": 3}, {"id": "two", "rows": 4}], "gaps": []},
            "explain": ["The premium is at hand for every hour but seven."],
        },
        residuals(),
    )
    bad = Audit("alpha", "BTC/USDT:USDT", 1151, 100, 90, 2e-5, (Check("limit", holds=False, detail=NASTY),))
    quiet = [Audit("gamma", f"C{i}/USD:BTC", 5, 0, 0) for i in range(12)]
    return good, bad, *quiet


def inputs(*, synthetic: frozenset[str] = frozenset(), names: str = "file") -> ReportInputs:
    sources = [f"source-{venue}" for venue in ("alpha", "beta", "gamma")]
    return ReportInputs(
        funding=funding(),
        now_ms=NOW,
        terms=[Terms("alpha", 8, interest=0.0001, cap=0.003, floor=-0.003)],
        audits=audits(),
        problems=[Problem("funding", "alpha", "BTC/USDT:USDT", "gap", "2026-03-29T08:00:00Z", "2026-04-15T00:00:00Z", NASTY)] * 3,
        sources=[SourceNote(one, f"{names} {one}", synthetic=one in synthetic, facts=(("market", NASTY),)) for one in sources],
        certificate=(("digest", "cd" * 32),),
        made_by="perpscope 0.0",
    )
