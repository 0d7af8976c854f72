"""Does demand show in the spot price or in the premium, and is there a peg where funding does not answer?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.inference.interval import Z95, around
from perpscope.analysis.inference.ols import ols
from perpscope.analysis.premium.pull import LEAST, pull_with_bends
from perpscope.analysis.premium.series import steps
from perpscope.claims.peg import HIGH, LOW, hourly
from perpscope.claims.wording import reasons
from perpscope.errors import NotEnoughData
from perpscope.market.table import VELOCITY_EVENTS
from perpscope.units import HOURS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

    from perpscope.analysis.inference.ols import Fit
    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

MONTH_DAYS = 30
SKEWED = "synthetix_v3_base"


def f21(case: Case) -> Reproduction:
    """Ask where news of demand shows, how long the premium remembers it, and whether it is pegged where funding does not answer.

    Source: article F, conclusion and opening; analysis.premium; the skew-funded venue's own events.
    """
    joined = hourly(case, "BTC")
    found_steps = steps(joined, MS_PER_HOUR)
    if len(found_steps.at) < LEAST or not found_steps.perp_return.var():
        raise NotEnoughData("moves of a premium", "too few hours in a row, or a price that never changes", "Import longer histories.")
    taken = float(found_steps.change.var() / found_steps.perp_return.var())
    at_once = ols(found_steps.change, found_steps.spot_return, ["return"])
    memory = _remembered(joined)
    bent = pull_with_bends(found_steps.premium, found_steps.change, LOW, HIGH)
    found = {
        "share_of_moves_in_premium": taken,
        "premium_per_return_same_hour": at_once.of("return").coef,
        "premium_per_month_return": memory.of("month").coef,
        "explained_by_month_return": memory.r2,
        **{f"pull_{name}": share for name, (share, _) in bent.items()},
        "level_on_average": float(found_steps.premium.mean()),
    }
    intervals = {
        "premium_per_return_same_hour": around(at_once.of("return").coef, at_once.of("return").se_hac),
        "premium_per_month_return": around(memory.of("month").coef, memory.of("month").se_hac),
        **{f"pull_{name}": around(*told) for name, told in bent.items()},
    }
    skewed = _skewed(case)
    n, month = len(found_steps.at), memory.of("month")
    pegged = around(*bent["inside"])[1] >= min(around(*bent[name])[0] for name in ("below", "above"))
    verdict: Verdict = "fails" if taken >= _SPOT else "holds" if pegged and abs(month.t) <= Z95 else "holds with changes"
    said = {"same_hour_bp": 100 * found["premium_per_return_same_hour"], "month_bp": 100 * month.coef, "t": month.t}
    why = reasons(case, verdict, {**found, **said, "n": n})
    if skewed is not None:
        found |= skewed
        why.insert(1, case.say("skew", **skewed))
    window = (int(found_steps.at[0]), int(found_steps.at[-1]))
    both = verdict == "holds with changes" and not pegged and abs(month.t) > Z95
    return case.answer(verdict, found, why=why, n=n, window=window, intervals=intervals, lead="lead_both" if both else "")


_SPOT = 0.05
"""Largest share of the variance of the perpetual's moves that its premium may take for 'demand shows in spot'."""


def _remembered(joined: pl.DataFrame) -> Fit:
    """Regress the premium at midnight on the spot's return of the thirty days before.

    Source: least squares with Newey-West errors over the length of the overlap.
    """
    import numpy as np
    import polars as pl

    day = int(HOURS_PER_DAY) * MS_PER_HOUR
    daily = joined.filter(pl.col("close_at") % day == 0)
    before = daily.select((pl.col("close_at") + MONTH_DAYS * day).alias("close_at"), pl.col("spot_quote").alias("then"))
    both = daily.join(before, on="close_at", how="inner").sort("close_at")
    returns = np.log((both["spot_quote"] / both["then"]).to_numpy())
    return ols(both["premium"].to_numpy(), returns, ["month"], lags=MONTH_DAYS + 1)


def _skewed(case: Case) -> dict[str, float] | None:
    """Share of time in which traders' skew and the rate had one sign, on the venue that funds by skew; None where it is not held."""
    import numpy as np

    if not case.has(VELOCITY_EVENTS, venue=SKEWED, contract="BTC"):
        return None
    rows = case.rows(VELOCITY_EVENTS, venue=SKEWED, contract="BTC").sort("ts", "sequence")
    skew, rate = rows["skew_base"].to_numpy()[:-1], rows["funding_rate_1d"].to_numpy()[:-1]
    lasted = np.diff(rows["ts"].dt.epoch("ms").to_numpy()).astype(np.float64)
    total = lasted.sum()
    return {
        "time_long_skewed": float(lasted[skew > 0].sum() / total),
        "time_longs_pay": float(lasted[rate > 0].sum() / total),
        "time_rate_follows_skew": float(lasted[np.sign(skew) == np.sign(rate)].sum() / total),
        "skew_events": float(rows.height),
    }
