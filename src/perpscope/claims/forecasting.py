"""Does a moving average of past funding foretell funding better than the current premium, and how much of that is arithmetic?"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from perpscope.analysis.forecast.contest import one_round
from perpscope.analysis.forecast.entrants import FROM_RATES, INTEREST, LAST, LONG_RUN, MEAN, MOVING, PREMIUM
from perpscope.analysis.forecast.history import BP, HOURS
from perpscope.analysis.forecast.placebo import looked_ahead, shuffled
from perpscope.analysis.forecast.scores import DieboldMariano, diebold_mariano, r2_out_of_sample
from perpscope.analysis.inference.interval import around
from perpscope.claims.foretold import AVERAGED, HORIZONS, SETTING, Filling, Tried, filling_window, tried, unclamped_gain
from perpscope.claims.model import Axis, Figure, Grid, Series, Text
from perpscope.errors import NotEnoughData

if TYPE_CHECKING:
    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

SURE = 0.05
"""A test decides where its p is below this."""
DRAWN = (PREMIUM, AVERAGED, LAST, MOVING, "ewma", "combination_weighted", INTEREST)
"""Models of the figures, each in its own colour."""
UNFIT = ("bitmex_btc",)
"""Markets whose premium is measured against another currency and a minute late: shown, and tried against the last rate alone."""
WINDOW = 8
HOURLY = ("hyperliquid_btc",)


class Against(NamedTuple):
    """The moving average against another model at one market and horizon.

    gain: share of the other's mean squared error that it saves; low, high: its 95 % interval; sure: 1 better, -1 worse, 0 undecided.
    """

    market: str
    horizon: str
    gain: float
    low: float
    high: float
    p: float
    sure: int


SAME = 1e-4
"""Forecasts whose errors differ by less than this part of their size are one number in different digits."""


def f16(case: Case) -> Reproduction:
    """Hold the contest on every market whose premium is known, and take the gap to the moving average apart.

    Source: article F, opening paragraph.
    """
    markets, missing = tried(case)
    fit = [one for one in markets if one.key not in UNFIT]
    if not fit:
        if missing:
            raise missing[0]
        raise NotEnoughData("forecasts of funding", "no market with a known premium and a rate that changes", "Import longer histories.")
    premium = [_against(one, horizon, PREMIUM) for one in fit for horizon in one.scores]
    apart = [each for each in premium if _apart(fit, each)] or premium
    last = [_against(one, horizon, LAST) for one in markets for horizon in one.scores]
    window = filling_window(fit[0], WINDOW)
    found = {
        **_numbers(fit, premium, last, window),
        "won": _count(apart, 1) / len(apart),
        "among_the_best": _mean(_among_the_best(markets)),
    }
    _shuffled(fit[0], found)
    lead = fit[0].scores["next"] if "next" in fit[0].scores else next(iter(fit[0].scores.values()))
    slots = [int(one.seen.history.slot[end]) for one in markets for end in (0, -1)]
    verdict = _verdict(markets, apart, last)
    return case.answer(
        verdict,
        found,
        intervals={f"gain_{each.market}_{each.horizon}": (each.low, each.high) for each in premium if math.isfinite(each.low)},
        why=[
            *_why(case, markets, apart, last, window),
            case.say("caveat"),
        ],
        n=sum(max(scores[MOVING].n for scores in one.scores.values()) for one in markets),
        window=(min(slots), max(slots)),
        figures=[*(_errors(case, one) for one in fit), *([_filled(case, fit[0], window)] if window else [])],
        grids=[_table(case, markets), _models(case, fit[0], tuple(lead))],
        lead="lead_wherever" if verdict == "holds with changes" and _count(apart, 1) == len(apart) else "",
    )


def _apart(markets: list[Tried], pair: Against) -> bool:
    """Whether premium and last rate are two forecasts there, and not one number."""
    return _two_forecasts(next(one for one in markets if one.key == pair.market), pair.horizon)


def _two_forecasts(one: Tried, horizon: str) -> bool:
    import numpy as np

    ours, theirs = (one.rounds[horizon].error(name) for name in (PREMIUM, LAST))
    return bool(np.abs(ours - theirs).mean() > SAME * np.abs(theirs).mean())


def _against(one: Tried, horizon: str, other: str) -> Against:
    found, scores = one.rounds[horizon], one.scores[horizon]
    theirs, ours = found.error(other) ** 2, found.error(MOVING) ** 2
    test = diebold_mariano(theirs, ours, scores[MOVING].ahead)
    scale = float(theirs.mean())
    if not scale:
        return Against(one.key, horizon, 0.0, math.nan, math.nan, 1.0, 0)
    error = abs(test.gain / test.statistic) / scale if test.statistic else math.nan
    gain = test.gain / scale
    return Against(one.key, horizon, gain, *around(gain, error), test.p, _decided(test))


def _decided(test: DieboldMariano) -> int:
    return (1 if test.gain > 0 else -1) if test.p < SURE else 0


def _count(pairs: Iterable[Against], sure: int) -> int:
    return sum(each.sure == sure for each in pairs)


def _verdict(markets: list[Tried], premium: list[Against], last: list[Against]) -> Verdict:
    """Judge: it holds where the average beats the premium everywhere, loses to no last rate, and is among the best as often as not."""
    best = _among_the_best(markets)
    if 2 * _count(premium, 1) < len(premium):
        return "fails"
    whole = _count(premium, 1) == len(premium) and not _count(last, -1) and 2 * sum(best) >= len(best)
    return "holds" if whole else "holds with changes"


def _among_the_best(markets: list[Tried]) -> list[bool]:
    """Whether the moving average is in the model confidence set, contest by contest."""
    return [scores[MOVING].in_mcs for one in markets for scores in one.scores.values()]


def _mean(values: list[bool]) -> float:
    return sum(values) / len(values)


def _numbers(fit: list[Tried], premium: list[Against], last: list[Against], window: Filling | None) -> dict[str, float]:
    found = {"won_over_last": _count(last, 1) / len(last)}
    found |= {f"gain_{each.market}_{each.horizon}": each.gain for each in premium}
    for one in fit:
        if one.seen.premium is None:
            continue
        if "next" in one.ladders:
            found[f"mechanical_{one.key}_next"] = 1.0 - one.ladders["next"].shares[-1]
        if (bare := unclamped_gain(one.seen, WINDOW)) is not None:
            found[f"unclamped_{one.key}"] = bare
        off = one.off_interest() if "next" in one.rounds else {}
        if off and off[PREMIUM]:
            found[f"off_interest_{one.key}"] = 1.0 - (off[MOVING] / off[PREMIUM]) ** 2
    if window is not None:
        found |= {"window_moment": window.moment[0], "window_average": window.average}
        found |= {"window_half": window.so_far[WINDOW // 2], "window_whole": window.so_far[-1]}
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _why(case: Case, markets: list[Tried], premium: list[Against], last: list[Against], window: Filling | None) -> list[Text]:
    fit = [one for one in markets if one.key not in UNFIT]
    horizon = next(iter(fit[0].scores))
    scores, steps = fit[0].scores[horizon], fit[0].ladders[horizon]
    share = _per_eight(scores[MOVING].per_hours)
    told = [
        case.say(
            "won",
            won=_count(premium, 1),
            pairs=len(premium),
            lost=_count(premium, -1),
            average=scores[MOVING].rmse_bp * share,
            premium=scores[PREMIUM].rmse_bp * share,
            n=scores[MOVING].n,
        )
    ]
    if fit[0].seen.premium is not None:
        longest = list(fit[0].ladders.values())[-1]
        told.append(case.say("mechanical", share=1.0 - steps.shares[-1], later=1.0 - longest.shares[-1]))
    told.append(_against_last(case, last))
    for one in fit:
        if one.key in HOURLY and "next" in one.scores:
            own, scale = one.scores["next"], _per_eight(one.scores["next"][MOVING].per_hours)
            nearer = "hourly" if own[PREMIUM].rmse_bp < own[MOVING].rmse_bp else "hourly_too"
            key = nearer if any(each.market == one.key for each in premium) else "same"
            told.append(case.say(key, premium=own[PREMIUM].rmse_bp * scale, average=own[MOVING].rmse_bp * scale, n=own[MOVING].n))
    turn = None if window is None else next((e for e, error in enumerate(window.so_far) if error < window.average), None)
    if window is not None and turn:
        told.append(case.say("window", hours=turn))
    inside = _among_the_best(markets)
    return [*told, case.say("best", inside=sum(inside), pairs=len(inside))]


def _against_last(case: Case, last: list[Against]) -> Text:
    at_once = [each for each in last if each.horizon == "next"]
    later = [each for each in last if each.horizon != "next"]
    return case.say(
        "last",
        won_next=_count(at_once, 1),
        pairs_next=len(at_once),
        lost_next=_count(at_once, -1),
        won=_count(later, 1),
        pairs=len(later),
        lost=_count(later, -1),
    )


def _shuffled(one: Tried, found: dict[str, float]) -> None:
    """Hold the first contest on the same rates in random order, and make each forecast again with another future."""
    history = one.seen.history
    random = one_round(shuffled(history, SETTING.seed), HORIZONS[0], SETTING, (*FROM_RATES, MEAN))
    base = random.error(LONG_RUN)
    found["shuffled_r2"] = max(r2_out_of_sample(random.error(name), base) for name in random.names if name != LONG_RUN)
    found["moved"] = max(looked_ahead(history, HORIZONS[0], FROM_RATES, len(history) // 2, SETTING.seed).values())


def _per_eight(per_hours: float) -> float:
    return HOURS / per_hours


def _titled(case: Case, one: Tried, key: str) -> Text:
    market, title = case.label(one.key), case.label(key)
    return Text(f"{market.en}: {title.en}", f"{market.zh}：{title.zh}")


def _counted(case: Case, horizon: str, n: int) -> Text:
    label = case.label(f"ahead_{horizon}")
    return Text(f"{label.en}: {n:,}", f"{label.zh}：{n:,}")


def _errors(case: Case, one: Tried) -> Figure:
    """Draw the error of each model by horizon."""
    horizons = tuple(one.scores)
    series = []
    for colour, model in enumerate(DRAWN):
        here = [(x, one.scores[h][model]) for x, h in enumerate(horizons) if model in one.scores[h]]
        if here:
            xs, ys = zip(*((float(x), s.rmse_bp * _per_eight(s.per_hours) / BP) for x, s in here), strict=True)
            series.append(Series(case.label(model), xs, ys, colour=colour))
    counts = Text.listed((_counted(case, horizon, one.scores[horizon][MOVING].n) for horizon in horizons), ("; ", "；"))
    return Figure(
        key=f"errors_{one.key}",
        title=_titled(case, one, "errors_title"),
        x=Axis(case.label("horizon"), "category"),
        y=Axis(case.label("rmse"), "bp"),
        series=tuple(series),
        categories=tuple(case.label(f"ahead_{horizon}") for horizon in horizons),
        note=Text.joined([case.say("errors_note", counts=counts), *([] if _two_forecasts(one, horizons[0]) else [case.say("one_line")])]),
    )


def _filled(case: Case, one: Tried, window: Filling) -> Figure:
    """Draw the errors of forecasts made while the window fills."""
    hours = tuple(float(e) for e in range(len(window.moment)))
    return Figure(
        key="window",
        title=_titled(case, one, "window_title"),
        x=Axis(case.label("hours_seen"), "number"),
        y=Axis(case.label("rmse"), "bp"),
        series=(
            Series(case.label(PREMIUM), hours, window.moment, colour=0),
            Series(case.label("so_far"), hours, window.so_far, colour=1),
        ),
        lines=((window.average, case.label(MOVING)), (window.last, case.label(LAST))),
        note=case.say("window_note", n=window.n),
    )


def _table(case: Case, markets: list[Tried]) -> Grid:
    """List every market and horizon: errors of the steps from premium to average, who was best, and the tests."""
    rows = []
    for one in markets:
        for horizon, scores in one.scores.items():
            scale = _per_eight(scores[MOVING].per_hours)
            steps = [scores[m].rmse_bp * scale if m in scores else None for m in (PREMIUM, AVERAGED, LAST, MOVING)]
            best = min(scores.values(), key=lambda score: score.rmse_bp)
            saved = [_starred(_against(one, horizon, other)) for other in (PREMIUM, LAST)]
            closed = 1.0 - one.ladders[horizon].shares[-1] if one.seen.premium is not None else None
            inside = case.label("yes" if scores[MOVING].in_mcs else "no")
            who = (case.label(one.key), case.label(f"ahead_{horizon}"), scores[MOVING].n)
            rows.append((*who, *steps, case.label(best.model), *saved, closed, inside))
    steps_of = ("col_premium", "col_averaged", "col_last", "col_moving")
    names = ("market", "horizon", "n", *steps_of, "best", "gain", "gain_last", "mechanical", "in_set")
    formats = ("", "", ",", *[".2f"] * 4, "", "", "", ".0%", "")
    return Grid(case.label("table"), tuple(case.label(n) for n in names), tuple(rows), formats, case.say("table_note"))


def _starred(pair: Against) -> str:
    """Write what is saved, with a star where the test decides."""
    return f"{pair.gain:.0%}{'*' if pair.sure else ''}"


def _models(case: Case, one: Tried, names: tuple[str, ...]) -> Grid:
    """List every model of one market: its errors by horizon, a star in the confidence set, and the coverage of its intervals."""
    rows = []
    for model in names:
        cells: list[Text | str | float | None] = [case.label(model)]
        for scores in one.scores.values():
            here = scores.get(model)
            star = "" if here is None else f"{here.rmse_bp * _per_eight(here.per_hours):.2f}{'*' if here.in_mcs else ''}"
            cells += [star or None]
        first = next(iter(one.scores.values()))[model]
        cells += [first.r2_oos if model != LONG_RUN else None, first.coverage_90, first.money_per_million]
        rows.append(tuple(cells))
    ahead = tuple(case.label(f"ahead_{horizon}") for horizon in one.scores)
    columns = (case.label("model"), *ahead, case.label("r2"), case.label("coverage"), case.label("money"))
    title = _titled(case, one, "models_title")
    return Grid(title, columns, tuple(rows), ("", *[""] * len(ahead), ".1%", ".1%", ",.0f"), case.say("models_note"))
