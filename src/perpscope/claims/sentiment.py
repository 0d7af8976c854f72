"""Do extremes of funding warn of a turn, or do they only tell what the price has already done?

Both halves are tried apart: whether the deviation from the interest measures a mood, which is seen in the month before, and
whether extremes of it precede reversals, which is seen in the days after, with every test of the grid paid for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.inference.interval import around
from perpscope.analysis.inference.ols import ols
from perpscope.analysis.returns.daily import funding_by_period
from perpscope.analysis.returns.events import Extreme, event_study, trailing_mean
from perpscope.claims.case import Absent
from perpscope.claims.model import Axis, Figure, Grid, Series
from perpscope.errors import NotEnoughData
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from perpscope.analysis.inference.ols import Estimate
    from perpscope.analysis.returns.events import Cell as Tested
    from perpscope.claims.case import Case
    from perpscope.claims.model import Cell, Reproduction, Text, Verdict

CONTRACTS = {
    "btc": ("binanceusdm", "BTC/USDT:USDT", "BTC/USD"),
    "eth": ("binanceusdm", "ETH/USDT:USDT", "ETH/USD"),
    "bitmex": ("bitmex", "BTC/USD:BTC", "BTC/USD"),
}
"""Whose funding, and whose daily closes."""
SIDES, LEVELS, OVER, HORIZONS = ("high", "low"), (0.95, 0.99), (1, 7), (1, 3, 7, 14, 30)
GRID = tuple(Extreme(side, level, over) for side in SIDES for over in OVER for level in LEVELS)  # type: ignore[arg-type] # two words
MAIN = {side: Extreme(side, LEVELS[0], OVER[-1]) for side in SIDES}  # type: ignore[arg-type] # two words
"""Persistently high or low: a week's average beyond the 95 % quantile of the year before."""
MONTH, WEEK = 30, 7
SEED, DRAWS = 20_210_519, 1000
SURE = 0.05
POWER = 2.8
"""Errors that an effect has to be large, to be found in four of five histories by one test at 5 %: 1.96 + 0.84."""
THREE = 3
"""Settlements a day of the interval that the stated interest is for."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Days of all contracts on one calendar.

    Parameters
    ----------
    days : n, ms, starts. signals : funding of the day less the interest of a day, nan where unknown.
    moves : log returns of the day. filled : days whose price was missing and carried on from the day before.
    """

    days: NDArray[np.int64]
    signals: dict[str, NDArray[np.float64]]
    moves: dict[str, NDArray[np.float64]]
    filled: int


def a13(case: Case) -> Reproduction:
    """Try the deviation from the interest as a thermometer, then its extremes as a warning.

    Source: article A, the sections on sentiment and on reversals; Romano and Wolf (2005) for the many tests.
    """
    import numpy as np

    paid, prices = _held(case)
    interest = THREE * case.claim.stated["interest"]
    history = _history(paid, prices, interest)
    own = {name: _history({name: paid[name]}, {name: prices[name]}, interest) for name in history.signals}
    mood = {name: _mood(each, name) for name, each in own.items()}
    ahead = {name: _ahead(each, name) for name, each in own.items()}
    tests = event_study(history.signals, history.moves, GRID, HORIZONS, np.random.default_rng(SEED), draws=DRAWS)
    found, intervals = _found(tests, mood, ahead)
    if "bitmex" in history.signals:
        found["bitmex_common_t"] = _ahead(history, "bitmex", within="btc").t
    turned = [one for one in tests if one.p is not None and _turns(one)]
    sure = [one for one in turned if one.stepped is not None and one.stepped < SURE]
    rests = [one for one in tests if one.stepped is not None and one.stepped < SURE and one not in sure]
    asked = sum(one.p is not None for one in tests)
    counts = {
        "contracts": len(history.signals),
        "asked": asked,
        "turned": len(turned),
        "alone": sum(one.p is not None and one.p < SURE for one in tests),
        "by_chance": SURE * asked,
        "sure": len(sure),
        "onward": len(rests),
    }
    thermometer = all(one.coef > 0 and one.p < SURE for one in mood.values())
    why = [case.say("mood"), *(_thermometer(case, name, one) for name, one in mood.items())]
    why += [case.say("turns" if sure else "no_turns", **counts, **found), *(_aftermath(case, tests, name) for name in mood)]
    why += [case.say("caveat", **found), *(case.say(f"ahead_{name}", **found) for name in ahead), case.say("single")]
    figures = [_path(case, history, name) for name in ("btc", "eth") if name in mood]
    verdict = _verdict(sure, len(rests), thermometer=thermometer)
    return case.answer(
        verdict, found, intervals=intervals, why=why, n=history.days.size,
        window=(int(history.days[0]), int(history.days[-1])), figures=figures,
        grids=[_table(case, tests, history.filled)], lead="lead_mood" if verdict == "holds with changes" and thermometer else "",
    )  # fmt: skip


def _thermometer(case: Case, name: str, one: Estimate) -> Text:
    return case.say(f"mood_{name}", beta=one.beta, t=one.t)


def _aftermath(case: Case, tests: Sequence[Tested], name: str) -> Text:
    high, low = (_main(tests, name, side) for side in SIDES)
    return case.say(f"month_{name}", highs=high.events, lows=low.events, high=high.excess, low=low.excess)


def _verdict(sure: Sequence[Tested], onward: int, *, thermometer: bool) -> Verdict:
    """Hold when it is a thermometer and a warning: turns after both extremes, and more of them than of the contrary."""
    both = {one.extreme.side for one in sure} == set(SIDES) and len(sure) > onward
    if thermometer and both:
        return "holds"
    return "holds with changes" if thermometer or both else "fails"


def _turns(one: Tested) -> bool:
    """Whether the price went the other way than the extreme says, against what is usual."""
    return one.excess < 0 if one.extreme.side == "high" else one.excess > 0


def _history(paid: Mapping[str, Mapping[int, float]], prices: Mapping[str, Mapping[int, float]], interest: float) -> History:
    """Lay funding and prices on the days from which all of them have prices.

    Raises
    ------
    NotEnoughData
        When they hardly meet.
    """
    import numpy as np

    shared = set.intersection(*(set(each) for each in prices.values()))
    first, last = min(shared, default=0), min(max(each) for each in prices.values())
    if not shared or last - first < 2 * MONTH * MS_PER_DAY:
        raise NotEnoughData("an event study", "closes of both coins that hardly overlap", "Import longer histories.")
    calendar = np.arange(first, last + 1, MS_PER_DAY, dtype=np.int64)
    levels, filled = {}, 0
    for name, each in prices.items():
        known = np.array([each.get(int(day), np.nan) for day in calendar])
        filled = max(filled, int(np.isnan(known).sum()))
        carried = np.maximum.accumulate(np.where(np.isnan(known), 0, np.arange(known.size)))
        levels[name] = np.log(known[carried])
    signals = {name: np.array([each.get(int(day), np.nan) for day in calendar[1:]]) - interest for name, each in paid.items()}
    moves = {name: np.diff(level) for name, level in levels.items()}
    return History(calendar[1:], signals, moves, filled)


def _held(case: Case) -> tuple[dict[str, dict[int, float]], dict[str, dict[int, float]]]:
    """Read funding by day and closes by day of the contracts at hand.

    Raises
    ------
    Absent
        When the first one's funding or closes are not there.
    """
    paid: dict[str, dict[int, float]] = {}
    prices: dict[str, dict[int, float]] = {}
    for name, (venue, contract, symbol) in CONTRACTS.items():
        try:
            rows = funding_by_period(case.funding(venue, contract)).select("period", "funding")
            paid[name], prices[name] = dict(rows.iter_rows()), _daily(case, symbol)
        except Absent:
            if not prices:
                raise
            paid.pop(name, None)
    return paid, prices


def _daily(case: Case, symbol: str) -> dict[int, float]:
    """Read closes by the start of the day they end."""
    rows = case.closes("yahoo", symbol, market="spot", bar_hours=24)
    return {int(at) - MS_PER_DAY: float(price) for at, price in rows.iter_rows()}


def _mood(history: History, name: str) -> Estimate:
    """Regress the week's deviation on the return of the month to the same evening."""
    import numpy as np

    week = trailing_mean(history.signals[name], WEEK)
    month = trailing_mean(history.moves[name], MONTH) * MONTH
    known = np.isfinite(week) & np.isfinite(month)
    return ols(week[known], month[known], ["month"], MONTH).of("month")


def _ahead(history: History, name: str, within: str = "") -> Estimate:
    """Regress the return of the month after on the week's deviation, on the days that contract `within` has too."""
    import numpy as np

    week = (trailing_mean(history.signals[name], WEEK) + 0.0 * trailing_mean(history.signals[within or name], WEEK))[:-MONTH]
    after = (trailing_mean(history.moves[name], MONTH) * MONTH)[MONTH:]
    known = np.isfinite(week) & np.isfinite(after)
    return ols(after[known], week[known], ["week"], MONTH).of("week")


def _main(tests: Sequence[Tested], name: str, side: str) -> Tested:
    """Pick the test that the text speaks of: a persistent extreme, a month ahead."""
    return next(one for one in tests if (one.asset, one.extreme, one.horizon) == (name, MAIN[side], MONTH))


def _found(
    tests: Sequence[Tested], mood: dict[str, Estimate], ahead: dict[str, Estimate]
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    found: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    for name, one_mood in mood.items():
        found |= {f"{name}_mood": one_mood.beta, f"{name}_mood_t": one_mood.t, f"{name}_ahead_t": ahead[name].t}
        for side in SIDES:
            one = _main(tests, name, side)
            if not one.events:
                raise NotEnoughData("an event study", f"no {side} of {name} in the history at hand", "Import longer histories.")
            found[f"{name}_{side}"] = one.excess
            intervals[f"{name}_{side}"] = around(one.excess, one.scatter)
    tried = [one for one in tests if one.p is not None and one.stepped is not None and one.fdr is not None]
    if not tried:
        raise NotEnoughData("an event study", "no kind of event happened often enough", "Import longer histories.")
    found["least_p"] = min(one.p for one in tried if one.p is not None)
    found["least_p_stepped"] = min(one.stepped for one in tried if one.stepped is not None)
    found["least_p_fdr"] = min(one.fdr for one in tried if one.fdr is not None)
    found["detectable"] = POWER * _main(tests, "btc", "high").scatter
    return found, intervals


def _path(case: Case, history: History, name: str) -> Figure:
    """Mean way of the price after persistent extremes, day by day, and where it would lie if nothing were foreseen."""
    import numpy as np

    signals, moves = {name: history.signals[name]}, {name: history.moves[name]}
    steps = range(1, MONTH + 1)
    tests = event_study(signals, moves, tuple(MAIN.values()), steps, np.random.default_rng(SEED), draws=DRAWS, block=float(MONTH))
    x = tuple(float(step) for step in steps)
    series = []
    for colour, side in enumerate(SIDES):
        each = [one for one in tests if one.extreme.side == side and one.events]
        if not each:
            continue
        usual = tuple(one.usual for one in each)
        low, high = zip(*(around(one.usual, one.scatter) for one in each), strict=True)
        series.append(Series(case.label(f"{side}_range"), x, usual, "band", low, high, colour))
        series.append(Series(case.label(f"after_{side}"), x, tuple(one.mean for one in each), "line", colour=colour))
    counts = {side: next(one.events for one in tests if one.extreme.side == side) for side in SIDES}
    note = case.say("note", **counts, days=history.days.size)
    return Figure(
        f"a13_{name}", case.label(f"drawn_{name}"), Axis(case.label("days_after")), Axis(case.label("log_return"), "percent"),
        tuple(series), lines=((0.0, case.label("unchanged")),), note=note,
    )  # fmt: skip


def _table(case: Case, tests: Sequence[Tested], filled: int) -> Grid:
    rows: list[tuple[Cell, ...]] = []
    for one in tests:
        if one.extreme.level != LEVELS[0] or one.horizon not in (WEEK, MONTH) or not one.events:
            continue
        who = (case.label(f"of_{one.asset}"), case.label(one.extreme.side), one.extreme.over, one.horizon)
        rows.append((*who, one.events, one.mean, one.usual, one.excess, one.scatter, one.rose, one.p, one.fdr, one.stepped))
    keys = ("contract", "side", "over", "horizon", "events", "mean", "usual", "excess", "scatter", "rose", "p", "fdr", "stepped")
    formats = ("", "", "d", "d", "d", "+.1%", "+.1%", "+.1%", ".1%", ".0%", ".3f", ".3f", ".3f")
    return Grid(case.label("table"), tuple(case.label(key) for key in keys), tuple(rows), formats, case.say("table_note", filled=filled))
