"""Do insiders set the funding rate?

Three tests that rival stories answer differently (the interest term, the clock of the window, the memory of the premium), each on the
premium where there is one, because the rate is a function of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from perpscope.analysis.inference.interval import Z95, around
from perpscope.analysis.inference.ols import lag_rule, mean_hac
from perpscope.analysis.premium.window_clock import Beyond, Clock, funding_beyond_premium, window_clock
from perpscope.analysis.returns.daily import funding_by_period
from perpscope.claims.case import Absent
from perpscope.claims.futures import hourly_premiums
from perpscope.claims.model import Axis, Figure, Grid, Series, Text
from perpscope.errors import NotEnoughData
from perpscope.market.table import FUNDING
from perpscope.market.time import day_ms
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

Sign = Literal["for", "against", "open"]
COINS = ("BTC", "ETH")
CROSS = (day_ms("2025-08-22"), day_ms("2026-08-01"))
PREMIA = (day_ms("2020-10-24"), day_ms("2023-12-20"))
HOURLY = (day_ms("2024-01-02"), day_ms("2025-12-28"))
WITHOUT, OTHERS = "binanceusdm", ("bybit", "hyperliquid")
CONTROLS = ("BTC", "ETH", "SOL", "DOGE", "NEAR", "ARB")
COIN = "BNB"
INTEREST = 0.0001
INTEREST_A_YEAR = INTEREST * 3 * 365
WINDOW = 8 * MS_PER_HOUR
CUT = 0.005
"""Share of premiums at each end drawn in to the next: last trades of a crash are not the premium of an hour."""
STRONG = 0.05
"""Least share of what history leaves open that funding must explain to help "strongly"."""
MEMORY_DAYS = 30
AT_INTEREST = 5e-11


@dataclass(frozen=True, slots=True)
class Step:
    """Test T1: how much of the interest term's difference shows in the rate.

    Parameters
    ----------
    passed, error : share of the difference that passes into the rate, and its standard error. n : days. expected : share of fixings at the
    interest term where there is one, which is what would pass if the premium did not move. start, end : ms UTC.
    """

    passed: float
    error: float
    n: int
    expected: float
    start: int
    end: int

    @property
    def sign(self) -> Sign:
        """For whoever sets the rate: perhaps nothing passes, and less than the plateau lets pass; against: the reverse."""
        low, high = around(self.passed, self.error)
        nothing, plateau = low <= 0, high >= self.expected
        return "open" if nothing == plateau else "for" if nothing else "against"


def f18(case: Case) -> Reproduction:
    """Run the three tests as far as the data goes, and count what speaks for a rate that is set.

    Source: article F, "Insiders"; theory notes, tests T1 to T3.
    """
    found: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    said: list[Text] = []
    signs: list[Sign] = []
    spans: list[tuple[int, int]] = []
    step = _step(case)
    if step is not None:
        found |= {"passed": step.passed, "plateau_share": step.expected}
        intervals["passed"] = around(step.passed, step.error)
        signs.append(step.sign)
        spans.append((step.start, step.end))
        said.append(case.say(f"step_{step.sign}", n=step.n, low=intervals["passed"][0], high=intervals["passed"][1], **found))
    clocks = _clocks(case)
    for coin, clock in clocks.items():
        found |= {f"late_slope_{coin}": clock.slope, f"difference_{coin}": clock.difference, f"variance_ratio_{coin}": clock.variance_ratio}
        intervals |= {f"difference_{coin}": (clock.low, clock.high), f"variance_ratio_{coin}": (clock.ratio_low, clock.ratio_high)}
    if clocks:
        signs.append(_clock_sign(clocks))
        spans.append(PREMIA)
        said.append(_clock_said(case, clocks))
    beyond = _beyond(case)
    for name, each in beyond.items():
        found |= {f"gain_{name}": each.gain, f"t_{name}": each.t}
    if beyond:
        signs.append(_beyond_sign(beyond))
        spans.append(PREMIA if "hyperliquid" not in beyond else (PREMIA[0], HOURLY[1]))
        most = max(each.gain for each in beyond.values())
        said.append(case.say("beyond_strong" if signs[-1] == "for" else "beyond_weak", most=most, n=sum(b.n for b in beyond.values())))
    if not signs:
        raise Absent(Text("funding of a contract without interest term, and no hourly premium", "零利率项合约的资金费率，亦无小时溢价"))
    found |= {"tests_for": float(signs.count("for")), "tests_against": float(signs.count("against"))}
    said.append(case.say("caveat", tests=len(signs), tests_for=signs.count("for"), tests_against=signs.count("against")))
    return case.answer(
        _verdict(signs),
        found,
        intervals=intervals,
        why=said,
        n=(0 if step is None else step.n) + sum(c.windows for c in clocks.values()) + sum(b.n for b in beyond.values()),
        window=(min(start for start, _ in spans), max(end for _, end in spans)),
        figures=[_clock_figure(case, clocks)] if clocks else [],
        grids=[_signs(case, step, clocks, beyond)],
        lead="lead_split" if (signs.count("for"), signs.count("against")) == (1, 1) else "",
    )


def _verdict(signs: list[Sign]) -> Verdict:
    """Two tests against and none for: it fails; two for and none against: it holds as far as it was tried; else nothing is decided."""
    votes = signs.count("for"), signs.count("against")
    if votes[1] >= 2 and votes[0] == 0:  # noqa: PLR2004 - one test alone decides nothing
        return "fails"
    return "holds with changes" if votes[0] >= 2 and votes[1] == 0 else "cannot be tested"  # noqa: PLR2004 - as above


def _daily(case: Case, venue: str, coin: str) -> pl.DataFrame | None:
    """Funding of each whole day, as a yearly rate; None where the contract is absent."""
    import polars as pl

    symbol = _symbol(venue, coin)
    if not case.has_funding(venue, symbol):
        return None
    days = funding_by_period(case.funding(venue, symbol, start=CROSS[0], end=CROSS[1]))
    return days.select("period", (pl.col("funding") * 365).alias("apr"))


def _step(case: Case) -> Step | None:
    """Compare the coin without interest term with the same coin elsewhere, less the same difference of other coins."""
    import polars as pl

    own = _daily(case, WITHOUT, COIN)
    if own is None:
        return None
    gaps: list[pl.DataFrame] = []
    for other in OTHERS:
        pairs = {coin: (_daily(case, WITHOUT, coin), _daily(case, other, coin)) for coin in (COIN, *CONTROLS)}
        both = {coin: _gap(here, there) for coin, (here, there) in pairs.items() if here is not None and there is not None}
        if COIN in both and len(both) > 1:
            rest = pl.concat([gap for coin, gap in both.items() if coin != COIN]).group_by("period").agg(pl.col("gap").mean().alias("rest"))
            gaps.append(both[COIN].join(rest, on="period").select("period", (pl.col("gap") - pl.col("rest")).alias("net")))
    if not gaps:
        return None
    net = pl.concat(gaps).group_by("period").agg(pl.col("net").mean()).sort("period")
    values = net["net"].to_numpy() / INTEREST_A_YEAR
    if len(values) < 2 * MEMORY_DAYS:
        return None
    mean, error = mean_hac(values, max(MEMORY_DAYS, lag_rule(len(values))))
    share = _on_plateau(case)
    return Step(mean, error, len(values), share, int(net["period"][0]), int(net["period"][-1]))


def _on_plateau(case: Case) -> float:
    """Share of the coin's fixings elsewhere that sit on the interest term there: what would pass if the premium did not move."""
    import numpy as np

    shares = []
    for venue in OTHERS:
        symbol = _symbol(venue, COIN)
        if case.has_funding(venue, symbol):
            rows = case.funding(venue, symbol, start=CROSS[0], end=CROSS[1])
            rates = rows["funding_rate"].to_numpy() * (8 / rows["interval_hours"].to_numpy())
            shares.append(float(np.mean(np.abs(rates - INTEREST) <= AT_INTEREST)))
    return sum(shares) / len(shares)


def _symbol(venue: str, coin: str) -> str:
    return f"{coin}/USDC:USDC" if venue == "hyperliquid" else f"{coin}/USDT:USDT"


def _gap(here: pl.DataFrame, there: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return here.join(there, on="period", suffix="_there").select("period", (pl.col("apr_there") - pl.col("apr")).alias("gap"))


def _premiums(case: Case, coin: str) -> pl.DataFrame | None:
    """Hourly premium of last trades, perpetual over spot of the same venue; extremes drawn in. None where prices are absent."""
    import polars as pl

    try:
        premium = hourly_premiums(case, coin, *PREMIA).select("close_at", "premium")
    except (Absent, NotEnoughData):
        return None
    low, high = premium["premium"].quantile(CUT), premium["premium"].quantile(1 - CUT)
    return premium.with_columns(pl.col("premium").clip(low, high))


def _clocks(case: Case) -> dict[str, Clock]:
    found: dict[str, Clock] = {}
    for coin in COINS:
        rows = _premiums(case, coin)
        if rows is None:
            continue
        try:
            found[coin] = window_clock(rows["close_at"].to_numpy(), rows["premium"].to_numpy())
        except NotEnoughData:
            continue
    return found


def _clock_sign(clocks: Mapping[str, Clock]) -> Sign:
    """Look for both marks in every coin: a slope below the other clocks' (the lowest for a whole mark), and a mean that varies less."""
    below = [clock.high < 0 for clock in clocks.values()]
    lowest = [clock.slope == min(clock.slopes) for clock in clocks.values()]
    calmer = [clock.ratio_high < 1 for clock in clocks.values()]
    if all(below) and all(lowest) and all(calmer):
        return "for"
    return "open" if any(calmer) or all(below) else "against"


def _clock_said(case: Case, clocks: Mapping[str, Clock]) -> Text:
    mean = {
        name: sum(getattr(c, name) for c in clocks.values()) / len(clocks)
        for name in ("slope", "placebo", "variance_ratio", "over_benchmark")
    }
    windows = sum(clock.windows for clock in clocks.values())
    lowest = sum(clock.slope == min(clock.slopes) for clock in clocks.values())
    below = sum(clock.high < 0 for clock in clocks.values())
    return case.say(f"clock_{_clock_sign(clocks)}", windows=windows, lowest=lowest, below=below, coins=len(clocks), **mean)


def _beyond(case: Case) -> dict[str, Beyond]:
    """Test T3 on eight-hour means of the last-trade premium, and on the published hourly premium where there is one."""
    import polars as pl

    tables: dict[str, tuple[pl.DataFrame, tuple[int, ...], int]] = {}
    for coin in COINS:
        rows = _premiums(case, coin)
        symbol = f"{coin}/USDT:USDT"
        if rows is None or not case.has_funding(WITHOUT, symbol):
            continue
        slot = ((pl.col("close_at") - 1) // WINDOW + 1) * WINDOW
        means = rows.group_by(slot.alias("slot")).agg(pl.col("premium").mean(), pl.len().alias("hours")).filter(pl.col("hours") == 8)  # noqa: PLR2004 - of a window
        rates = case.funding(WITHOUT, symbol, start=PREMIA[0], end=PREMIA[1]).select("slot", pl.col("funding_rate").alias("rate"))
        tables[coin] = (means.join(rates, on="slot").select("slot", "premium", "rate"), (1, 3, 21, 90), WINDOW)
    published = _published(case)
    if published is not None:
        tables["hyperliquid"] = (published, (1, 8, 24, 168), MS_PER_HOUR)
    found: dict[str, Beyond] = {}
    for name, (rows, spans, step) in tables.items():
        try:
            found[name] = funding_beyond_premium(_grid(rows, step), spans)
        except NotEnoughData:
            continue
    return found


def _published(case: Case) -> pl.DataFrame | None:
    import polars as pl

    try:
        raw = case.rows(FUNDING, venue="hyperliquid", contract="BTC/USDC:USDC", kind="settled", start=HOURLY[0], end=HOURLY[1])
    except Absent:
        return None
    rows = raw.filter(pl.col("premium_frac").is_not_null()).with_columns(pl.col("slot").dt.epoch("ms"))
    rows = rows.unique("slot", keep="first", maintain_order=True)
    return rows.select("slot", premium="premium_frac", rate=pl.col("funding_rate") * (8 / pl.col("interval_hours")))


def _grid(rows: pl.DataFrame, step: int) -> pl.DataFrame:
    """Rows on a grid without holes in its stamps: what is absent is null, so that neighbours are neighbours."""
    import polars as pl

    if rows.is_empty():
        return rows
    slots = pl.DataFrame({"slot": range(int(rows["slot"].min()), int(rows["slot"].max()) + 1, step)})  # type: ignore[arg-type]  # whole numbers
    return slots.join(rows, on="slot", how="left").sort("slot")


def _beyond_sign(beyond: Mapping[str, Beyond]) -> Sign:
    strong = [each.gain >= STRONG and abs(each.t) > Z95 for each in beyond.values()]
    return "for" if all(strong) else "open" if any(strong) else "against"


def _clock_figure(case: Case, clocks: Mapping[str, Clock]) -> Figure:
    places = tuple(float(k) for k in range(8))
    series = tuple(Series(Text.same(coin), places, clock.slopes, "points", colour=k) for k, (coin, clock) in enumerate(clocks.items()))
    axes = Axis(case.label("clock")), Axis(case.label("late_slope"))
    return Figure("clock", case.label("clock_title"), *axes, series, lines=((0.0, case.label("zero")),), note=case.say("note"))


def _signs(case: Case, step: Step | None, clocks: Mapping[str, Clock], beyond: Mapping[str, Beyond]) -> Grid:
    """Each test with the number that decides it."""
    rows: list[tuple[Text | str | float | None, ...]] = []
    if step is not None:
        rows.append((case.label("passed"), step.passed, case.label(step.sign)))
    for coin, clock in clocks.items():
        rows += [
            (case.label(f"{name}_{coin}"), getattr(clock, name), case.label(_clock_sign(clocks)))
            for name in ("difference", "variance_ratio", "over_benchmark")
        ]
    rows += [(case.label(f"gain_{name}"), each.gain, case.label(_beyond_sign(beyond))) for name, each in beyond.items()]
    columns = case.label("test"), case.label("value"), case.label("speaks")
    return Grid(case.label("tests"), columns, tuple(rows), ("", ".3f", ""))
