"""Which rates and premiums came most often, and how often was it 0.01 %?"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from perpscope.analysis.atoms import EXACT
from perpscope.analysis.modes import Mode, binned_mode, exact_mode, histogram, share_near
from perpscope.analysis.ruled import Contract, terms_of
from perpscope.analysis.stays import stay_lengths, stays
from perpscope.analysis.terms import with_terms
from perpscope.claims.case import Absent
from perpscope.claims.futures import BTC, LINEAR, hourly_premiums, perpetuals
from perpscope.claims.model import Axis, Figure, Grid, Series, Text
from perpscope.claims.wording import named as contract_named
from perpscope.errors import NotEnoughData
from perpscope.market.table import FUNDING
from perpscope.market.time import day_ms, to_text
from perpscope.units import HOURS_PER_DAY, MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

    Vector = NDArray[np.float64]

MODAL = 0.0003
GRAIN = 1e-8
"""Last digit that most venues publish."""
WIDTHS = (0.00005, 0.0001, 0.0002)
MIDDLE_WIDTH = 1
LEAST_HOURS = 720.0
"""Hours that a contract must have been paid in a year for the year to count: thirty days."""
LEAST_DAYS, LEAST_PREMIUMS = 90, 1000
EDGES = tuple(n * 0.00005 - 0.0015 - 0.000025 for n in range(62))
PREMIUM_VENUE = ("hyperliquid", "BTC/USDC:USDC")
INTEREST_8H = 0.0001
NAMED = ("binanceusdm", "okx", "bybit")
MOST = 0.5
"""What "in most conditions" takes: more than half of the settlements."""


def f30(case: Case) -> Reproduction:
    """Find the most frequent daily funding, exactly, and the most frequent premium, in bins of several widths and positions.

    Source: article F, "the Planck scale of asset prices".
    """
    held = perpetuals(case, *BTC)
    days = {who: mode for who, rows in held.items() if (mode := _daily_mode(rows)) is not None}
    if not days:
        case.funding(*LINEAR)
        raise NotEnoughData("the most frequent daily funding", "no contract with ninety whole days", "Import longer histories.")
    found = {"contracts": float(len(days)), "contracts_at_it": float(sum(_is_modal(mode.value) for mode in days.values()))}
    if LINEAR in days:
        found |= {"daily_mode": days[LINEAR].value, "daily_share": days[LINEAR].share}
    premiums, since = _premiums(case)
    modes = {name: [binned_mode(values, width) for width in WIDTHS] for name, values in premiums.items()}
    for name, told in modes.items():
        found |= {
            f"premium_mode_{name}": told[MIDDLE_WIDTH].value,
            f"premium_low_{name}": min(mode.low for mode in told),
            f"premium_high_{name}": max(mode.high for mode in told),
            f"premium_share_{name}": told[MIDDLE_WIDTH].share,
            f"near_it_{name}": share_near(premiums[name], MODAL, WIDTHS[MIDDLE_WIDTH]),
        }
    daily = 2 * found["contracts_at_it"] > found["contracts"]
    there = [all(_in_bins(mode, width) for mode, width in zip(told, WIDTHS, strict=True)) for told in modes.values()]
    verdict: Verdict = "holds" if daily and there and all(there) else "holds with changes" if daily or any(there) else "fails"
    n = sum(mode.n for mode in days.values()) + sum(values.size for values in premiums.values())
    spoken = [*(["daily"] if LINEAR in days else []), "venues", *(premiums or ["no_premium"])]
    why = [case.say(key, n=n, **found) for key in spoken]
    window = (min(rows["slot"].item(0) for rows in held.values()), max(rows["slot"].item(-1) for rows in held.values()))
    return case.answer(
        verdict, found, why=[*why, case.say("caveat" if premiums else "untried", since=since)], n=n, window=window,
        figures=[_premiums_drawn(case, premiums)] if premiums else [], grids=[_mode_grid(case, days)],
        lead="lead_daily" if verdict == "holds with changes" and there and not any(there) else "",
    )  # fmt: skip


def _daily_mode(rows: pl.DataFrame) -> Mode | None:
    """Mode of the sums over whole UTC days; None where there are fewer than ninety."""
    import polars as pl

    begins = pl.col("slot") - (pl.col("interval_hours") * MS_PER_HOUR).round().cast(pl.Int64)
    days = rows.group_by(begins // MS_PER_DAY).agg(pl.col("funding_rate", "interval_hours").sum())
    whole = days.filter((pl.col("interval_hours") - HOURS_PER_DAY).abs() < 0.5)["funding_rate"]  # noqa: PLR2004 - half an hour
    return exact_mode(whole.to_numpy(), GRAIN) if whole.len() >= LEAST_DAYS else None


def _is_modal(value: float) -> bool:
    return abs(value - MODAL) <= GRAIN / 2


def _in_bins(mode: Mode, width: float) -> bool:
    """Whether the number asked about can lie in the fullest bin."""
    return mode.low - width / 2 <= MODAL <= mode.high + width / 2


def _premiums(case: Case) -> tuple[dict[str, Vector], str]:
    """Hourly premiums (last trades of perpetual and spot; the average one venue publishes), and the month they begin in."""
    import polars as pl

    found: dict[str, Vector] = {}
    begins: list[int] = []
    try:
        traded = hourly_premiums(case)
        begins.append(int(traded["close_at"][0]))
        found["traded"] = traded["premium"].to_numpy()
    except (Absent, NotEnoughData):
        pass
    if case.has_funding(*PREMIUM_VENUE):
        told = case.rows(FUNDING, venue=PREMIUM_VENUE[0], contract=PREMIUM_VENUE[1], kind="settled").filter(
            pl.col("premium_frac").is_not_null()
        )
        begins += told["ts"].dt.epoch("ms").head(1).to_list()
        found["published"] = told["premium_frac"].to_numpy()
    return {name: values for name, values in found.items() if values.size >= LEAST_PREMIUMS}, to_text(min(begins))[:7] if begins else ""


def _premiums_drawn(case: Case, premiums: Mapping[str, Vector]) -> Figure:
    middles = tuple((low + high) / 2 for low, high in pairwise(EDGES))
    series = tuple(
        Series(case.label(f"premium_{name}"), middles, tuple(histogram(values, EDGES)), "steps", colour=colour)
        for colour, (name, values) in enumerate(premiums.items())
    )
    n = sum(values.size for values in premiums.values())
    return Figure(
        "premiums", case.label("premiums"), Axis(case.label("premium"), "percent"), Axis(case.label("share"), "percent"), series,
        note=case.say("note", n=n, modal=MODAL),
    )  # fmt: skip


def _mode_grid(case: Case, days: Mapping[tuple[str, str], Mode]) -> Grid:
    rows = tuple(
        (contract_named(" ".join(who)), mode.n, mode.value, mode.share, mode.runner_up, mode.runner_up_share) for who, mode in days.items()
    )
    keys = ("contract", "days", "mode", "mode_share", "runner_up", "runner_up_share")
    return Grid(case.label("table"), tuple(case.label(key) for key in keys), rows, ("", ",d", ".4%", ".1%", ".4%", ".2%"))


def a04(case: Case) -> Reproduction:
    """Count, by venue and year, the settlements exactly at 0.01 % per eight hours.

    Source: article A, opening; article C, "across the whole cash-settled field".
    """
    import polars as pl

    held = perpetuals(case, *BTC)
    if not held:
        case.funding(*LINEAR)
    rows = pl.concat(held.values(), how="vertical_relaxed")
    keys = rows.select("venue", "market_list", "native_id", "market", "interval_hours").unique().rows()
    termed = with_terms(rows, terms_of(Contract(*key) for key in keys))
    every = pl.concat([_at_it(termed, None), _at_it(termed, "year")])
    whole = {
        (venue, symbol): share for venue, symbol, period, share in every.select("venue", "symbol", "period", "at").rows() if period is None
    }
    named = {venue: share for (venue, symbol), share in whole.items() if venue in NAMED and symbol == "BTC/USDT:USDT"}
    modal = [share for share in (_modal_share(each) for each in held.values()) if share is not None]
    yearly = every.filter(pl.col("period").is_not_null() & (pl.col("hours") >= LEAST_HOURS))
    if yearly.is_empty():
        raise NotEnoughData("the share at 0.01 %", f"no contract has {LEAST_HOURS:.0f} hours of one year", "Import longer histories.")
    scale = 8.0 / pl.col("interval_hours")
    near = (pl.col("funding_rate") * scale - INTEREST_8H).abs() <= INTEREST_8H / 2
    found = {f"{venue}_share": share for venue, share in named.items()}
    found |= {
        "pooled_share": float(rows.select((_exactly() * pl.col("interval_hours")).sum() / pl.col("interval_hours").sum()).item()),
        "near_share": float(rows.select((near * pl.col("interval_hours")).sum() / pl.col("interval_hours").sum()).item()),
        "contracts": float(len(held)),
        "contracts_with_it_modal": float(len(modal)),
        "contract_years": float(yearly.height),
        "years_above_half": float((yearly["at"] > MOST).sum()),
    }
    found["longest_stay_days"] = _longest_stay(termed)
    most = [share > MOST for share in named.values()]
    verdict: Verdict = (
        "holds" if len(named) == len(NAMED) and all(most) else "holds with changes" if 2 * len(modal) > len(held) else "fails"
    )
    spoken = {
        "named": Text.listed(f"{contract_named(venue)} {share:.0%}" for venue, share in sorted(named.items())),
        "absent": len(NAMED) - len(named),
    }
    why = [case.say("why", n=rows.height, **spoken, **found), case.say("caveat", fallen=_highest_and_last(yearly))]
    window = (int(rows["slot"].to_numpy().min()), int(rows["slot"].to_numpy().max()))
    return case.answer(
        verdict,
        found,
        why=why,
        n=rows.height,
        window=window,
        grids=[_share_grid(case, yearly)],
        figures=[_shares_drawn(case, yearly, rows.height)],
    )


def _highest_and_last(yearly: pl.DataFrame) -> Text:
    """Tell the share of each named venue's contract in its highest year and in its last one."""
    import polars as pl

    told = []
    for venue in NAMED:
        years = yearly.filter((pl.col("venue") == venue) & (pl.col("symbol") == "BTC/USDT:USDT")).sort("period")
        if years.height > 1 and years["at"].max():
            peak, last = years.sort("at", descending=True, maintain_order=True).row(0, named=True), years.row(-1, named=True)
            told.append(
                Text(
                    f"{contract_named(venue)} {peak['period']}: {peak['at']:.0%}, {last['period']}: {last['at']:.0%}",
                    f"{contract_named(venue)} {peak['period']} 年 {peak['at']:.0%}、{last['period']} 年 {last['at']:.0%}",
                )
            )
    return Text.listed(told, ("; ", "；"))


def _exactly() -> pl.Expr:
    """Whether a rate is 0.01 % per eight hours, to the last published digit of its own interval."""
    import polars as pl

    return (pl.col("funding_rate") * 8.0 / pl.col("interval_hours") - INTEREST_8H).abs() <= EXACT * 8.0 / pl.col("interval_hours")


def _at_it(termed: pl.DataFrame, every: str | None) -> pl.DataFrame:
    """Share of a contract's fixings at 0.01 % per 8 h, at the interest term of its own rule, negative and n; by year or in all."""
    import polars as pl

    period: pl.Expr = pl.lit(None, dtype=pl.Int32)
    if every == "year":
        begins = pl.col("slot") - (pl.col("interval_hours") * MS_PER_HOUR).round().cast(pl.Int64)
        period = pl.from_epoch(begins, time_unit="ms").dt.year()
    rate = pl.col("funding_rate")
    own = (rate - pl.col("interest")).abs() <= EXACT
    return (
        termed.group_by("venue", "symbol", period.alias("period"))
        .agg(
            _exactly().mean().alias("at"),
            own.mean().alias("own"),
            (rate < 0).mean().alias("negative"),
            pl.len().cast(pl.Int64).alias("n"),
            pl.col("interval_hours").sum().alias("hours"),
        )
        .sort("venue", "symbol", "period")
    )


def _modal_share(rows: pl.DataFrame) -> float | None:
    """Share of the most frequent rate per eight hours if that is 0.01 %, else None."""
    mode = exact_mode((rows["funding_rate"] * 8.0 / rows["interval_hours"]).to_numpy(), GRAIN)
    return mode.share if abs(mode.value - INTEREST_8H) <= GRAIN / 2 else None


def _longest_stay(termed: pl.DataFrame) -> float:
    """Days of the longest unbroken stay at the interest term, over all contracts."""
    import polars as pl

    lengths = stay_lengths(stays(termed)).filter(pl.col("state") == "at interest")
    return float(lengths["longest_hours"].to_numpy().max()) / HOURS_PER_DAY if lengths.height else 0.0


def _share_grid(case: Case, yearly: pl.DataFrame) -> Grid:
    """One row a contract, one column a year."""
    years = sorted(set(yearly["period"].to_list()))
    shares = {(row["venue"], row["symbol"], row["period"]): row["at"] for row in yearly.iter_rows(named=True)}
    contracts = sorted({key[:2] for key in shares})
    rows = tuple((contract_named(" ".join(who)), *(shares.get((*who, year)) for year in years)) for who in contracts)
    columns = (case.label("contract"), *(Text.same(str(year)) for year in years))
    return Grid(case.label("table"), columns, rows, ("", *[".0%"] * len(years)), note=case.say("grid_note"))


def _shares_drawn(case: Case, yearly: pl.DataFrame, n: int) -> Figure:
    """One line a contract of at least two years, each year at its first instant."""
    series = []
    for place, (venue, symbol) in enumerate(BTC):
        told = {row["period"]: row["at"] for row in yearly.iter_rows(named=True) if (row["venue"], row["symbol"]) == (venue, symbol)}
        if len(told) > 1:
            x = tuple(float(day_ms(f"{year}-07-01")) for year in told)
            series.append(Series(Text.same(contract_named(f"{venue} {symbol}")), x, tuple(told.values()), "line", colour=place % 8))
    return Figure(
        "shares", case.label("shares"), Axis(case.label("year"), "time"), Axis(case.label("at"), "percent"), tuple(series),
        lines=((MOST, case.label("half")),), note=case.say("note", n=n),
    )  # fmt: skip
