"""What did perpetuals pay month by month, and how much alike were the venues?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from perpscope.analysis.averages import within
from perpscope.analysis.dispersion import aligned, dispersion
from perpscope.analysis.smoothing import monthly
from perpscope.analysis.together import correlation, pairs, side_by_side
from perpscope.claims.futures import BEHIND, BTC, FIRST, INVERSE, LINEAR, closes, perpetuals
from perpscope.claims.model import Axis, Figure, Grid, Series, Text
from perpscope.claims.wording import named
from perpscope.errors import NotEnoughData
from perpscope.market.time import to_text

if TYPE_CHECKING:
    import polars as pl

    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

HIGH, HIGHEST = 0.50, 1.00
"""A spike, as the article has it: a month between these annual rates."""
SPIKES = 2
ONE_SIDED, TWO_SIDED = 0.25, 0.50
"""Lowest month over highest month, turned round: up to the first a venue is one-sided, from the second on it is not."""
HIGHLY, FAIRLY, A_LOT = 0.8, 0.5, 0.5
"""Middle correlation that is called high, and that is one at all; mean distance over mean size from which the rates differ a lot."""
LEAST_MONTHS = 12


def f07(case: Case) -> Reproduction:
    """Figure 3: monthly funding of two venues, its spikes, and whether it goes as far below zero as above.

    Source: article F, figure 3.
    """
    held = perpetuals(case, LINEAR, INVERSE)
    if len(held) < 2:  # noqa: PLR2004 - two venues are compared
        case.funding(*LINEAR)
        case.funding(*INVERSE)
    rows = {who: within(held[who], FIRST, BEHIND) for who in (LINEAR, INVERSE)}
    months = {who: monthly(each) for who, each in rows.items()}
    shared = set.intersection(*(set(each["month"].to_list()) for each in months.values()))
    rates = {who: {m: a for m, a in each.select("month", "apr").rows() if m in shared} for who, each in months.items()}
    if len(shared) < LEAST_MONTHS:
        raise NotEnoughData("monthly funding", f"{len(shared)} months of both venues", "Import longer histories.")
    found: dict[str, float] = {"months": float(len(shared))}
    for who, name in ((LINEAR, "binance"), (INVERSE, "bitmex")):
        found |= _sides(rows[who], list(rates[who].values()), name)
    moved = _price_months(case, sorted(shared))
    if moved:
        found["with_price_binance"] = _with(rates[LINEAR], moved)
        found["with_price_bitmex"] = _with(rates[INVERSE], moved)
    worst = to_text(min(rates[INVERSE], key=lambda month: rates[INVERSE][month]))[:7]
    spikes = found["spikes_binance"] >= SPIKES and found["highest_binance"] <= HIGHEST
    one_sided = found["symmetry_binance"] <= ONE_SIDED and found["symmetry_bitmex"] >= TWO_SIDED
    verdict: Verdict = "holds" if spikes and one_sided else "holds with changes" if spikes or one_sided else "fails"
    why = [case.say("why", **found), *([case.say("price", **found)] if moved else []), case.say("caveat", worst=worst, **found)]
    n = sum(each.height for each in rows.values())
    window = (min(each["slot"].item(0) for each in rows.values()), max(each["slot"].item(-1) for each in rows.values()))
    return case.answer(verdict, found, why=why, n=n, window=window, figures=[_months_drawn(case, rates, n)])


def _sides(rows: pl.DataFrame, months: Sequence[float], name: str) -> dict[str, float]:
    """Spikes, negative months and settlements, and how far down for how far up."""
    rate = rows["funding_rate"]
    negative, positive = float(rate.filter(rate < 0).sum()), float(rate.filter(rate > 0).sum())
    return {
        f"highest_{name}": max(months),
        f"lowest_{name}": min(months),
        f"spikes_{name}": float(sum(month >= HIGH for month in months)),
        f"negative_months_{name}": float(sum(month < 0 for month in months)),
        f"symmetry_{name}": -min(months) / max(months) if max(months) > 0 else 0.0,
        f"negative_share_{name}": float((rate < 0).sum()) / rate.len(),
        f"given_back_{name}": -negative / positive if positive else 0.0,
    }


def _price_months(case: Case, months: Sequence[int]) -> dict[int, float]:
    """Return of spot in each month; empty without prices."""
    import polars as pl

    spot = closes(case, "binance", "BTC/USDT", market="spot")
    if spot is None:
        return {}
    begin = pl.from_epoch(pl.col("close_at") - 1, time_unit="ms").dt.truncate("1mo").dt.epoch("ms").alias("month")
    ends = spot.group_by(begin).agg(pl.col("close_quote").last()).sort("month")
    moves = ends.with_columns((pl.col("close_quote") / pl.col("close_quote").shift(1) - 1).alias("move")).drop_nulls()
    return {month: move for month, move in moves.select("month", "move").rows() if month in months}


def _with(rates: Mapping[int, float], moved: Mapping[int, float]) -> float:
    import numpy as np

    shared = sorted(set(rates) & set(moved))
    return correlation(np.array([rates[m] for m in shared]), np.array([moved[m] for m in shared])) or 0.0


def _months_drawn(case: Case, rates: Mapping[tuple[str, str], Mapping[int, float]], n: int) -> Figure:
    series = tuple(
        Series(
            case.label(f"{name}_line"),
            tuple(map(float, sorted(rates[who]))),
            tuple(rates[who][m] for m in sorted(rates[who])),
            colour=colour,
        )
        for colour, (who, name) in enumerate(((LINEAR, "binance"), (INVERSE, "bitmex")))
    )
    return Figure(
        "fig3", case.label("fig3"), Axis(case.label("month"), "time"), Axis(case.label("annual"), "percent"), series,
        lines=((HIGH, case.label("fifty")), (HIGHEST, case.label("hundred"))), note=case.say("note", n=n),
    )  # fmt: skip


def f08(case: Case) -> Reproduction:
    """Figure 4: how alike and how far apart the rates of venues are, by month, by day and by eight hours.

    Source: article F, figure 4.
    """
    import polars as pl

    held = {who: inside for who, rows in perpetuals(case, *BTC).items() if (inside := within(rows, FIRST, BEHIND)).height}
    if len(held) < 2:  # noqa: PLR2004 - two venues are compared
        case.funding(*LINEAR, start=FIRST, end=BEHIND)
        case.funding(*INVERSE, start=FIRST, end=BEHIND)
    rows = pl.concat(held.values(), how="vertical_relaxed")
    months = monthly(rows).rename({"month": "stamp"}).join(rows.select("venue", "native_id", "symbol").unique(), on=["venue", "native_id"])
    wide = {"month": side_by_side(months), "day": side_by_side(aligned(rows, 24)), "eight": side_by_side(aligned(rows, 8))}
    compared = {name: pairs(table, LEAST_MONTHS if name == "month" else 90) for name, table in wide.items()}
    same = compared["month"].select("one", "other")
    compared = {name: table.join(same, on=["one", "other"], how="semi") for name, table in compared.items()}
    if any(table["pearson"].drop_nulls().is_empty() for table in compared.values()):
        raise NotEnoughData("rates side by side", "no two contracts whose rates change together for a year", "Import longer histories.")
    found = {"contracts": float(len(held)), "pairs": float(compared["month"].height)}
    for name, table in compared.items():
        found |= {
            f"correlation_{name}": float(_middle(table["pearson"])),
            f"lowest_{name}": float(_least(table["pearson"])),
            f"apart_{name}": float(_middle(table["mean_abs_gap"])),
            f"relative_{name}": float(_middle(table["ratio_of_gap"])),
        }
    spread = dispersion(aligned(rows, 8))
    found["spread_eight"] = float(_middle(spread["spread_apr"]))
    alike = found["correlation_month"]
    apart = found["relative_month"] >= A_LOT or found["apart_month"] >= HIGH / 10
    verdict: Verdict = "fails" if alike < FAIRLY or not apart else "holds" if alike >= HIGHLY else "holds with changes"
    window = (int(_least(rows["slot"])), int(rows["slot"].to_numpy().max()))
    return case.answer(
        verdict, found, why=[case.say("why", n=rows.height, **found), case.say("caveat", **found)], n=rows.height, window=window,
        figures=[_together_drawn(case, wide["month"], rows.height)], grids=[_pair_grid(case, compared["month"], compared["day"])],
    )  # fmt: skip


def _middle(values: pl.Series) -> float:
    import numpy as np

    return float(np.median(values.drop_nulls().to_numpy()))


def _least(values: pl.Series) -> float:
    return float(values.drop_nulls().to_numpy().min())


def _together_drawn(case: Case, wide: pl.DataFrame, n: int) -> Figure:
    names = [name for name in wide.columns if name != "stamp"]
    x = tuple(map(float, wide["stamp"]))
    series = tuple(
        Series(Text.same(named(name)), x, tuple(float("nan") if v is None else v for v in wide[name]), "line", colour=place % 8)
        for place, name in enumerate(names)
    )
    return Figure(
        "fig4", case.label("fig4"), Axis(case.label("month"), "time"), Axis(case.label("annual"), "percent"), series,
        note=case.say("note", n=n),
    )  # fmt: skip


def _pair_grid(case: Case, by_month: pl.DataFrame, by_day: pl.DataFrame) -> Grid:
    days = {frozenset((row["one"], row["other"])): row["pearson"] for row in by_day.iter_rows(named=True)}
    shown = ("n", "pearson", "spearman", "mean_gap", "mean_abs_gap", "ratio_of_gap")
    rows = tuple(
        (named(row["one"]), named(row["other"]), *(row[name] for name in shown), days.get(frozenset((row["one"], row["other"]))))
        for row in by_month.iter_rows(named=True)
    )
    keys = ("one", "other", "n_months", "pearson", "spearman", "mean_gap", "mean_abs_gap", "ratio", "pearson_day")
    formats = ("", "", "d", ".2f", ".2f", "+.1%", ".1%", ".2f", ".2f")
    return Grid(case.label("table"), tuple(case.label(key) for key in keys), rows, formats)
