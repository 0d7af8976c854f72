"""Does funding follow the coin's price, and which price: today's, or that of the month before?

Article F's figure 5, rebuilt as its own words say, then again with everything changed that the words leave open: where the
day is cut, whose prices, which returns, which venue, how long errors remember, which years.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from perpscope.analysis.inference.interval import Z95, around
from perpscope.analysis.inference.panel import pooled
from perpscope.analysis.returns.daily import DAYS, REGRESSORS, Periods, funding_beside_returns, regress_funding
from perpscope.claims.case import Absent
from perpscope.claims.model import Axis, Figure, Grid, Series, Text
from perpscope.errors import NotEnoughData
from perpscope.market.time import day_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from perpscope.analysis.inference.ols import Estimate, Fit
    from perpscope.claims.case import Case
    from perpscope.claims.model import Cell, Reproduction, Verdict

FIRST, BEHIND = day_ms("2019-09-10"), day_ms("2022-07-01")
"""Article F, figure 5: to June 2022, included; it says from August 2019, but the contract's first settlement was on 2019-09-10."""
MAIN = {"BTC": ("binanceusdm", "BTC/USDT:USDT"), "ETH": ("binanceusdm", "ETH/USDT:USDT")}
OTHERS = (
    ("BTC", "binancecoinm", "BTC/USD:BTC"),
    ("BTC", "bitmex", "BTC/USD:BTC"),
    ("BTC", "bybit", "BTC/USD:BTC"),
    ("BTC", "bybit", "BTC/USDT:USDT"),
    ("BTC", "gate", "BTC/USDT:USDT"),
    ("BTC", "htx", "BTC/USDT:USDT"),
    ("BTC", "deribit", "BTC/USD:BTC"),
    ("ETH", "bybit", "ETH/USDT:USDT"),
    ("ETH", "gate", "ETH/USDT:USDT"),
    ("ETH", "htx", "ETH/USDT:USDT"),
)
YAHOO, COINBASE, TOKENINSIGHT, HOURLY = ("yahoo", 24.0), ("coinbase", 24.0), ("tokeninsight", 24.0), ("binance", 1.0)
QUOTE = {"binance": "USDT"}
"""What a coin is quoted in where the prices come from; elsewhere dollars."""
MUCH = 3.0
"""How many times the share explained has to be, to call one return much the stronger."""
SURE = 0.05


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to read the article's sentence.

    Parameters
    ----------
    key : name of its label. coin, venue, contract : whose funding. prices : venue and bar length in hours. cut : periods.
    lags : of the errors; None takes the rule. first, behind : slots, ms.
    """

    key: str
    coin: str
    venue: str
    contract: str
    prices: tuple[str, float] = YAHOO
    cut: Periods = DAYS
    lags: int | None = None
    first: int = FIRST
    behind: int | None = BEHIND


@dataclass(frozen=True, slots=True)
class Run:
    """A variant and what came of it."""

    variant: Variant
    fit: Fit
    table: pl.DataFrame

    @property
    def same(self) -> Estimate:
        """The same-day return's part."""
        return self.fit.of("same")

    @property
    def prior(self) -> Estimate:
        """The prior month's part."""
        return self.fit.of("prior")

    def lead(self) -> tuple[float, float]:
        """Standardised coefficient of the prior month less the absolute one of the same day, and its error."""
        spread = float(self.table["funding"].std(ddof=0))  # type: ignore[arg-type] # a column of floats
        widths = [float(self.table[name].std(ddof=0)) / spread for name in REGRESSORS]  # type: ignore[arg-type] # the same
        sign = 1.0 if self.same.coef >= 0 else -1.0
        return self.fit.combined([0.0, -sign * widths[0], widths[1]])


def f09(case: Case) -> Reproduction:
    """Regress the day's funding on two returns, as written first, and then in every other way the words allow.

    Source: article F, figure 5 and the section around it; Newey and West (1987) and Driscoll and Kraay (1998) for the errors.
    """
    base = _base(case)
    runs = [*base.values(), *_others(case, base)]
    found, intervals = _found(base, runs)
    counts = {
        "runs": len(runs),
        "same_up": sum(run.same.coef > 0 for run in runs),
        "same_sure": sum(run.same.coef > 0 and run.same.p < SURE for run in runs),
        "prior_sure": sum(run.prior.coef > 0 and run.prior.p < SURE for run in runs),
        "prior_stronger": sum(_stronger(run) for run in runs),
    }
    why = [text for run in base.values() for text in _coin(case, run)]
    why += [case.say("pooled", **found)] if len(base) > 1 else [case.say("one_coin", coin=next(iter(base)))]
    firsts = Text.listed(f"{_date(run.table)} ({coin})" for coin, run in base.items())
    why += [case.say("variants", **counts, **found), case.say("caveat", firsts=firsts)]
    window = (int(min(run.table["period"][0] for run in base.values())), int(max(run.table["period"][-1] for run in base.values())))
    return case.answer(
        _verdict(base), found, intervals=intervals, why=why, n=sum(run.fit.n for run in base.values()), window=window,
        figures=[_drawn(case, runs)], grids=[_table(case, runs)],
    )  # fmt: skip


def _base(case: Case) -> dict[str, Run]:
    """Run both coins as written, or the one that is at hand.

    Raises
    ------
    Absent, NotEnoughData
        When there is none.
    """
    base: dict[str, Run] = {}
    missing: list[Absent | NotEnoughData] = []
    for coin, who in MAIN.items():
        try:
            base[coin] = _run(case, Variant("base", coin, *who))
        except (Absent, NotEnoughData) as problem:
            missing.append(problem)
    if not base:
        raise missing[0]
    return base


def _coin(case: Case, run: Run) -> list[Text]:
    """Tell one coin: a rise of 10 %, comparable units, the day, and how much hangs on how long errors remember."""
    same, prior, coin = run.same, run.prior, run.variant.coin
    told = {
        "n": run.fit.n, "lags": run.fit.lags, "ten": 0.1 * prior.coef, "t": prior.t, "beta": prior.beta, "partial": prior.partial_r2,
        "same_beta": same.beta, "same_partial": same.partial_r2, "times": prior.se_hac / prior.se_plain,
        "t30": regress_funding(run.table, 30).of("prior").t,
    }  # fmt: skip
    return [case.say("coin", coin=coin, **told), case.say("same_sure" if _same_sure(run) else "same_unsure", coin=coin, t=same.t)]


def _verdict(base: dict[str, Run]) -> Verdict:
    if not all(run.prior.coef > 0 and run.prior.p < SURE and _stronger(run) for run in base.values()):
        return "fails"
    return "holds" if all(_same_sure(run) for run in base.values()) else "holds with changes"


def _same_sure(run: Run) -> bool:
    return run.same.coef > 0 and run.same.p < SURE


def _stronger(run: Run) -> bool:
    """Whether the prior month explains much more, and its lead in standardised units is more than noise."""
    lead, error = run.lead()
    return run.prior.partial_r2 >= MUCH * run.same.partial_r2 and lead > Z95 * error


def _found(base: dict[str, Run], runs: list[Run]) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    found: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    for coin, run in base.items():
        for name, one in (("same", run.same), ("prior", run.prior)):
            key = f"{coin.lower()}_{name}"
            found |= {key: one.coef, f"{key}_t": one.t, f"{key}_beta": one.beta, f"{key}_partial": one.partial_r2}
            intervals[key] = around(one.coef, one.se_hac)
        lead, error = run.lead()
        found |= {f"{coin.lower()}_lead": lead, f"{coin.lower()}_r2": run.fit.r2}
        intervals[f"{coin.lower()}_lead"] = around(lead, error)
    found["least_same_beta"] = min(run.same.beta for run in runs)
    found["most_same_beta"] = max(run.same.beta for run in runs)
    found["least_prior_beta"] = min(run.prior.beta for run in runs)
    if len(base) > 1:
        pool = pooled(*_stacked(list(base.values())), REGRESSORS)
        found |= {"pooled_same": pool.coef[0], "pooled_prior": pool.coef[1], "pooled_same_t": pool.t[0], "pooled_prior_t": pool.t[1]}
    return found, intervals


def _others(case: Case, base: dict[str, Run]) -> Iterator[Run]:
    """Run all variants of the coins at hand for which there is data; the tables tell which there were."""
    for variant in (variant for variant in _variants() if variant.coin in base):
        try:
            yield _run(case, variant)
        except (Absent, NotEnoughData):
            continue


def _variants() -> Iterator[Variant]:
    for coin, who in MAIN.items():
        base = Variant("base", coin, *who)
        yield replace(base, key="closing", cut=Periods(closing=True))
        yield replace(base, key="log", cut=Periods(log=True))
        yield replace(base, key="month_of_memory", lags=30)
        yield replace(base, key="coinbase", prices=COINBASE)
        yield replace(base, key="tokeninsight", prices=TOKENINSIGHT)
        yield replace(base, key="cut_at_8", prices=HOURLY, cut=Periods(offset_hours=8, closing=True))
        yield replace(base, key="cut_at_16", prices=HOURLY, cut=Periods(offset_hours=16, closing=True))
        yield replace(base, key="by_8h", prices=HOURLY, cut=Periods(hours=8, closing=True))
        yield replace(base, key="after", first=BEHIND, behind=None)
    for coin, venue, contract in OTHERS:
        yield Variant(f"{venue}_{contract.split(':')[1].lower()}", coin, venue, contract)


def _run(case: Case, variant: Variant) -> Run:
    """Regress one variant.

    Raises
    ------
    Absent
        When the store lacks its funding or its prices.
    NotEnoughData
        When too few periods have both.
    """
    rows = case.funding(variant.venue, variant.contract, start=variant.first, end=variant.behind)
    venue, hours = variant.prices
    closes = case.closes(venue, f"{variant.coin}/{QUOTE.get(venue, 'USD')}", market="spot", bar_hours=hours)
    table = funding_beside_returns(rows, closes, variant.cut)
    return Run(variant, regress_funding(table, variant.lags), table)


def _stacked(runs: list[Run]) -> tuple[pl.Series, pl.DataFrame, pl.Series, pl.Series]:
    """Lay the days of all coins one below the other, for the pooled regression."""
    import polars as pl

    rows = pl.concat([run.table.with_columns(pl.lit(run.variant.coin).alias("coin")) for run in runs])
    return rows["funding"], rows.select(REGRESSORS), rows["coin"], rows["period"]


def _widths(run: Run) -> float:
    """Tell the standard deviation of the prior month's return in those of the same period's."""
    widths = [float(run.table[name].std()) for name in REGRESSORS]  # type: ignore[arg-type] # a column of floats
    return widths[1] / widths[0]


def _date(table: pl.DataFrame) -> str:
    import polars as pl

    return str(table.select(pl.from_epoch("period", "ms").dt.date())["period"][0])


def _name(case: Case, run: Run) -> Text:
    told = case.label(run.variant.key)
    return Text(f"{run.variant.coin}: {told.en}", f"{run.variant.coin}：{told.zh}")


def _drawn(case: Case, runs: list[Run]) -> Figure:
    """Standardised coefficients with their Newey-West intervals, variant by variant."""
    ordered = sorted(runs, key=lambda run: run.variant.coin)
    series = []
    for colour, name in enumerate(REGRESSORS):
        each = [run.fit.of(name) for run in ordered]
        errors = [Z95 * one.se_hac * one.beta / one.coef for one in each]
        x = tuple(place + 0.12 * (2 * colour - 1) for place in range(len(ordered)))
        y = tuple(one.beta for one in each)
        low, high = (tuple(b + s * abs(e) for b, e in zip(y, errors, strict=True)) for s in (-1, 1))
        series.append(Series(case.label(name), x, y, "points", low, high, colour))
    note = case.say("note", runs=len(runs), widths=_widths(runs[0]))
    return Figure(
        "f09", case.label("drawn"), Axis(Text("", ""), "category"), Axis(case.label("beta")), tuple(series),
        categories=tuple(_name(case, run) for run in ordered), lines=((0.0, Text("", "")),), note=note,
    )  # fmt: skip


def _table(case: Case, runs: list[Run]) -> Grid:
    rows: list[tuple[Cell, ...]] = []
    for run in sorted(runs, key=lambda run: run.variant.coin):
        same, prior = run.same, run.prior
        plain = (same.coef / same.se_plain, prior.coef / prior.se_plain)
        rows.append(
            (_name(case, run), run.fit.n, run.fit.lags, same.coef, plain[0], same.t, same.partial_r2,
             prior.coef, plain[1], prior.t, prior.partial_r2, run.fit.r2)
        )  # fmt: skip
    keys = ("variant", "n", "lags", "c_same", "tp_same", "t_same", "r_same", "c_prior", "tp_prior", "t_prior", "r_prior", "r2")
    formats = ("", ",d", "d", "+.3%", "+.1f", "+.1f", ".1%", "+.3%", "+.1f", "+.1f", ".1%", ".1%")
    return Grid(case.label("table"), tuple(case.label(key) for key in keys), tuple(rows), formats, case.say("table_note"))
