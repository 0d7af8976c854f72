"""What does the trader of a dated future know that the trader of a perpetual does not?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from perpscope.analysis.carry.lockin import PAST_DAYS, Visible, locked_and_paid, over, running, seen_at, visible
from perpscope.analysis.pricing.clamped import clamped_rate
from perpscope.claims.case import Absent
from perpscope.claims.futures import LINEAR, futures, hourly_premiums
from perpscope.claims.model import Axis, Figure, Grid, Series
from perpscope.errors import NotEnoughData
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Places = NDArray[np.int64]
    Vector = NDArray[np.float64]
    from perpscope.analysis.carry.lockin import Paid
    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

HORIZONS = (1.0, 7.0, 30.0, 90.0)
MONTH = 30.0
INTEREST, WIDTH, PERIODS, DAYS = 0.0001, 0.0005, 1095.0, 365.0
"""Interest and half width of the clamp per eight hours, such periods and days a year: article A."""
SAYS_LITTLE = 0.25
"""Share of the variance, and of an extreme, up to which a signal says little of the month to come."""
UNKNOWN_LEAST = 0.02
"""Standard deviation of a month's average (a year's terms) from which it cannot be called known: two points."""
SIGNALS = ("premium", "rate", "average")


def f17(case: Case) -> Reproduction:
    """Compare what a future locked with what a perpetual paid until its delivery, and ask what an extreme premium foretold.

    Source: article F, "locking in the funding rate".
    """
    funding = case.funding(*LINEAR)
    paid = running(funding)
    found: dict[str, float] = {}
    grids, figures = [], []
    try:
        dated = futures(case)
        for contract in ("front", "second"):
            table = locked_and_paid(dated.curve, paid, contract)
            found |= _locked(table, contract)
        figures.append(_scatter(case, locked_and_paid(dated.curve, paid, "front")))
    except (Absent, NotEnoughData):
        dated = None
    entries, premiums = _premiums(case, paid)
    shown = {
        "premium": premiums,
        "rate": seen_at(paid, entries),
        "average": over(paid, entries - PAST_DAYS * MS_PER_DAY, entries) / PAST_DAYS * 365,
    }
    seen = {(name, days): one for name, x in shown.items() for days in HORIZONS if (one := _tried(entries, x, paid, days)) is not None}
    found |= _months(seen)
    grids.append(_grid(case, seen))
    unknown = [value for name, value in found.items() if name.startswith(("unknown", "month_error_"))]
    if not unknown or ("unknown_front" not in found and ("rate", MONTH) not in seen):
        raise NotEnoughData("what is known at the trade", "neither futures nor a rate that changes for a month", "Import longer histories.")
    spread = min(unknown) >= UNKNOWN_LEAST
    spoken_of = {("rate", MONTH), ("average", MONTH)} <= set(seen)
    signal = "" if not spoken_of else "premium" if ("premium", MONTH) in seen else "rate"
    little = bool(signal) and found[f"r2_{signal}"] <= SAYS_LITTLE and found[f"kept_{signal}"] <= SAYS_LITTLE
    verdict: Verdict = "holds" if spread and little else "holds with changes" if spread else "fails"
    spoken = ["locked" if "unknown_front" in found else "no_future", {"premium": "signal", "rate": "rate_only", "": "constant"}[signal]]
    spoken += [*(["little" if little else "more"] if signal else []), "caveat"]
    told = found | {
        "n": seen[signal, MONTH].n if signal else funding.height,
        "years": (int(entries[-1]) - int(entries[0])) / MS_PER_DAY / 365,
    }
    if "extreme_premium" in found:
        of_a_day = found["extreme_premium"] / DAYS
        told["by_rule"] = float(clamped_rate(of_a_day, INTEREST, WIDTH)) * PERIODS
    why = [case.say(key, **told) for key in spoken]
    window = (int(paid.slots[0]), int(paid.slots[-1]))
    return case.answer(verdict, found, why=why, n=funding.height, window=window, figures=figures, grids=grids)


def _locked(table: pl.DataFrame, contract: str) -> dict[str, float]:
    """Average what the contract locked on its first day in its place, and what the perpetual then paid, in yearly terms."""
    import numpy as np
    import polars as pl

    fresh = table.filter(pl.col("fresh"))
    if fresh.height < 3:  # noqa: PLR2004 - a spread needs some
        raise NotEnoughData("carry locked and received", f"{fresh.height} contracts", "Import a longer curve.")
    locked, received, seen = (fresh[name].to_numpy() for name in ("locked_apr", "received_apr", "seen_apr"))
    return {
        f"contracts_{contract}": float(fresh.height),
        f"locked_{contract}": float(np.mean(locked)),
        f"locked_sd_{contract}": float(np.std(locked, ddof=1)),
        f"received_{contract}": float(np.mean(received)),
        f"received_sd_{contract}": float(np.std(received, ddof=1)),
        f"unknown_{contract}": float(np.sqrt(np.mean((received - seen) ** 2))),
        f"below_locked_{contract}": float(np.mean(received < locked)),
    }


def _tried(entries: Places, shown: Vector | None, paid: Paid, days: float) -> Visible | None:
    """One signal and one horizon; None where its data is missing, too short, or without an extreme to speak of."""
    if shown is None:
        return None
    try:
        told = visible(entries, shown, paid, days)
    except NotEnoughData:
        return None
    return told if math.isfinite(told.kept) else None


def _premiums(case: Case, paid: Paid) -> tuple[Places, Vector | None]:
    """Settlements, and the premium of the hour's last trades at each, read as the article reads it: a day's funding, times 365.

    Where there are prices, only settlements with a premium, so that every signal is tried on the same ones; else all, without it.
    """
    import polars as pl

    try:
        both = hourly_premiums(case).filter(pl.col("close_at").is_in(paid.slots.tolist()))
    except (Absent, NotEnoughData):
        return paid.slots, None
    if both.is_empty():
        return paid.slots, None
    return both["close_at"].to_numpy(), (both["premium"] * 365).to_numpy()


def _months(seen: Mapping[tuple[str, float], Visible]) -> dict[str, float]:
    """Numbers of the month ahead, by signal."""
    found: dict[str, float] = {}
    for signal in SIGNALS:
        if (told := seen.get((signal, MONTH))) is not None:
            found |= {
                f"r2_{signal}": told.r2,
                f"slope_{signal}": told.slope,
                f"kept_{signal}": told.kept,
                f"month_error_{signal}": told.best_error_sd,
            }
        if told is not None and signal != "average":
            found |= {
                f"extreme_{signal}": told.high_signal,
                f"then_{signal}": told.high_received,
                f"then_low_{signal}": told.high_low,
                f"then_high_{signal}": told.high_high,
            }
    return found


def _grid(case: Case, seen: Mapping[tuple[str, float], Visible]) -> Grid:
    rows = tuple(
        (
            case.label(signal),
            days,
            told.n,
            told.slope,
            told.slope_se,
            told.r2,
            told.best_error_sd,
            told.high_signal,
            told.high_received,
            told.kept,
        )
        for (signal, days), told in seen.items()
    )
    keys = ("signal", "days", "n", "slope", "slope_se", "r2", "left_sd", "extreme", "then", "kept")
    return Grid(
        case.label("table"), tuple(case.label(key) for key in keys), rows,
        ("", ".0f", ",d", ".2f", ".2f", ".0%", ".1%", ".0%", ".0%", ".0%"), note=case.say("table_note"),
    )  # fmt: skip


def _scatter(case: Case, table: pl.DataFrame) -> Figure:
    """One point a contract: locked at the turn of the series, received until its delivery."""
    import polars as pl

    fresh = table.filter(pl.col("fresh"))
    x = tuple(float(value) for value in fresh["entry"])
    series = (
        Series(case.label("locked_by_future"), x, tuple(fresh["locked_apr"]), "points", colour=2),
        Series(case.label("received_by_perpetual"), x, tuple(fresh["received_apr"]), "points", colour=0),
        Series(case.label("seen_at_trade"), x, tuple(fresh["seen_apr"]), "line", colour=5),
    )
    days = float(fresh["days"].sum()) / fresh.height
    return Figure(
        "lockin", case.label("lockin"), Axis(case.label("entry"), "time"), Axis(case.label("annual"), "percent"), series,
        note=case.say("note", n=fresh.height, days=days),
    )  # fmt: skip
