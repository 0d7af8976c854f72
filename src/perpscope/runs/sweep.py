"""Which parameters of a trade would have been best on the rows of a store, and what of that is luck?

Histories are gathered and laid out once; the sets are cut into orders, which any executor does and the registry keeps: the whole history
for every set, and each training and test window. What is found is judged as a search, not as a single result.
"""

from __future__ import annotations

import hashlib
import inspect
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from perpscope.errors import InputError, NotEnoughData
from perpscope.runs.backtest import Question, notional_of, refuse
from perpscope.runs.executors.model import Executor, Order
from perpscope.runs.executors.serial import Serial
from perpscope.runs.history import Gathered, gather
from perpscope.runs.registry import Job, Registry, digest, do
from perpscope.trading.lanes.build import Laid, lay_out
from perpscope.trading.lanes.run import COLUMNS, columns, days, run, window
from perpscope.trading.sweep.grid import Grid, ParameterSet
from perpscope.trading.sweep.judge import Verdict, Walked, judge
from perpscope.trading.sweep.scores import Scores, daily_returns, excess, scores, sharpe
from perpscope.trading.sweep.walk import Fold, Span, walk_forward
from perpscope.units import HOURS_PER_YEAR, MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from perpscope.store import Store

    Floats = NDArray[np.float64]

By = Literal["sharpe", "net_return"]
BATCH = 200
"""Sets of one order: enough that an order is worth its file, few enough that little is lost with one."""
_VERSION = "1"
"""Of what an order gives; changed with every change that the kernels' own text does not show."""


@dataclass(frozen=True, slots=True)
class Walking:
    """How to walk forward.

    Parameters
    ----------
    train_days, test_days : lengths of the windows. purge_hours : between them; None for the longest look back of all sets.
    anchored : whether training windows begin with the history. required : whether a history too short for it is an error.
    """

    train_days: float = 365.0
    test_days: float = 90.0
    purge_hours: float | None = None
    anchored: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A sweep.

    Parameters
    ----------
    question : trade, window, costs and money, as for a backtest; its policy and leverage do not matter. grid : the sets.
    walking : see `Walking`. by : what is best. draws, seed : of the resamples.
    """

    question: Question
    grid: Grid
    walking: Walking = field(default_factory=Walking)
    by: By = "sharpe"
    draws: int = 1000
    seed: int = 1


class Chosen(NamedTuple):
    """One walk-forward choice: its fold, the number of the chosen set, its scores where it was chosen and tested, its rank in the test."""

    fold: Fold
    number: int
    train: Scores
    test: Scores
    rank: int


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """A sweep with its answer.

    Parameters
    ----------
    asked, gathered, laid : as they are. capital : (sets,) money at the start. totals : (sets, 7), columns as in `lanes.run.COLUMNS`.
    scored : over the whole history. best : number of the best set. hours : of the history. verdict : None where `why_not` says.
    chosen : walk-forward choices; walked : what they come to, None where `why_not_walked` says. purge_ms : between the windows.
    found, computed : orders that were known, and that were done.
    """

    asked: Asked
    gathered: Gathered
    laid: Laid
    capital: Floats
    totals: Floats
    scored: Scores
    best: int
    hours: float
    verdict: Verdict | None
    why_not: str
    chosen: tuple[Chosen, ...]
    walked: Walked | None
    why_not_walked: str
    purge_ms: int
    found: int
    computed: int

    @property
    def sets(self) -> tuple[ParameterSet, ...]:
        """Return the sets tried."""
        return self.asked.grid.sets


def trial(shared: Laid, order: Order) -> bytes:
    """Run the sets of one order: the task of every executor.

    Parameters
    ----------
    shared : the trade laid out. order : `sets` as `ParameterSet.told` writes them, `span` (ms UTC, the last not included), and `gives`:
        "curve" (capital, totals and daily equity) or "scores" (capital and the four scores, beyond the simple yearly rate `risk_free`).

    Returns
    -------
    bytes
        A two-dimensional array in numpy's own format, one row a set.
    """
    import numpy as np

    start, end = order["span"]
    within = window(shared.track, start, end - 1)
    asked = columns([ParameterSet.of(one) for one in order["sets"]], shared.looks, shared.terms, shared.sizing)
    found = run(shared.track, shared.terms, asked, within, days(shared.track, within))
    capital = asked[:, 8]
    if order["gives"] == "curve":
        rows = np.hstack([capital[:, None], found.totals, found.curve])
    else:
        hours = float(shared.track.at[within[1]] - shared.track.at[within[0]]) / MS_PER_HOUR
        rows = np.column_stack([capital, *scores(found.curve, capital, hours, order["risk_free"])])
    out = io.BytesIO()
    np.save(out, np.ascontiguousarray(rows), allow_pickle=False)
    return out.getvalue()


@cache
def version() -> str:
    """Return what a kept result depends on beside its order and its data: the text that computes it."""
    from perpscope.trading.lanes import _kernels
    from perpscope.trading.lanes import run as lanes
    from perpscope.trading.sweep import scores as scoring

    text = "".join(inspect.getsource(module) for module in (_kernels, lanes, scoring)) + inspect.getsource(trial)
    return f"{_VERSION}.{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def run_sweep(
    store: Store,
    asked: Asked,
    executor: Executor | None = None,
    registry: Registry | None = None,
    tell: Callable[[int, int], None] = lambda _done, _all: None,
) -> Sweep:
    """Answer a sweep.

    Parameters
    ----------
    executor : who does the work; this process where absent. registry : where results are kept; nowhere where absent.
    tell : called with how many orders are done, of how many.

    Raises
    ------
    NotEnoughData
        When the store lacks prices or funding of a leg, or a walk that is required does not fit.
    InputError
        For a trade that cannot run in lanes, or a question that does not fit the data.
    """
    gathered, laid = _laid(store, asked)
    at = laid.track.at
    span = int(at[0]), int(at[-1]) + 1
    folds, purge, why_not_walked = _folds(asked, gathered, laid, span)
    orders = _orders(asked.grid.sets, span, folds, asked.question.risk_free)
    done = do(Job(trial, version(), laid, _digest(laid), orders), executor or Serial(), registry, tell)
    blocks = _blocks(done.results, len(asked.grid.sets))
    return _answer(asked, gathered, laid, (blocks, folds, purge, why_not_walked), (done.found, done.computed))


def _laid(store: Store, asked: Asked) -> tuple[Gathered, Laid]:
    from dataclasses import replace

    sets, question = asked.grid.sets, asked.question
    looks = tuple(sorted({one.look for one in sets}))
    policy = replace(question.trade.policy, look=looks[-1])  # so much is read before the window
    trade = replace(question.trade, policy=policy)
    gathered = gather(store, trade, question.wanted)
    if question.strict:
        refuse(gathered.lacks)
    prices = {leg.name: history.bars.trade[0] for leg, history in zip(trade.legs, gathered.histories, strict=True)}
    costs = question.costs(trade, gathered.start, notional_of(question), prices)
    leverages = sorted({one.leverage for one in sets})
    return gathered, lay_out(trade, gathered.histories, costs, question.plan(), looks, leverages)


def _digest(laid: Laid) -> str:
    track = laid.track
    sides = {
        f"{name} {field}": getattr(side, field) for name, side in (("short", track.short), ("long", track.long)) for field in side._fields
    }
    plain = {"terms": repr(laid.terms), "sizing": repr(laid.sizing), "looks": list(laid.looks)}
    return digest({"at": track.at, "decides": track.decides, "ends": track.ends, "signals": track.signals, **sides, **plain})


def _folds(asked: Asked, gathered: Gathered, laid: Laid, span: Span) -> tuple[tuple[Fold, ...], int, str]:
    """Windows to choose and to judge in that have prices, the gap between them, and why there are none."""
    own = asked.walking
    longest = max((fixing.interval_hours for history in gathered.histories for fixing in history.fixings), default=0)
    purge = max(one.look for one in asked.grid.sets) * float(longest) if own.purge_hours is None else own.purge_hours
    purge_ms = math.ceil(purge * MS_PER_HOUR)
    lengths = round(own.train_days * MS_PER_DAY), round(own.test_days * MS_PER_DAY)
    try:
        folds = walk_forward(span, *lengths, purge_ms, anchored=own.anchored)
    except NotEnoughData as problem:
        if own.required:
            raise
        return (), purge_ms, f"{problem.there}. {problem.do}"
    priced = tuple(fold for fold in folds if all(_has_prices(laid, part) for part in (fold.train, fold.test)))
    return priced, purge_ms, "" if priced else "no training window and its test both have prices"


def _has_prices(laid: Laid, span: Span) -> bool:
    inside = (laid.track.at >= span[0]) & (laid.track.at < span[1]) & laid.track.decides
    return int(inside.sum()) > 1


def _orders(sets: Sequence[ParameterSet], span: Span, folds: Sequence[Fold], risk_free: float) -> list[Order]:
    """Write all orders: for each window, its batches in turn; the whole history first."""
    batches = [[one.told() for one in sets[k : k + BATCH]] for k in range(0, len(sets), BATCH)]
    parts: list[tuple[Span, dict[str, Any]]] = [(span, {"gives": "curve"})]
    parts += [(part, {"gives": "scores", "risk_free": risk_free}) for fold in folds for part in (fold.train, fold.test)]
    return [{"span": list(part), "sets": batch, **gives} for part, gives in parts for batch in batches]


def _blocks(results: Sequence[bytes], sets: int) -> list[Floats]:
    """Join the batches of each window."""
    import numpy as np

    count = -(-sets // BATCH)
    read = [np.load(io.BytesIO(result), allow_pickle=False) for result in results]
    return [np.vstack(read[k : k + count]) for k in range(0, len(read), count)]


def best_of(found: Scores, by: By) -> int:
    """Return the number of the best set: highest score, the first where several have it; those without a score come last.

    Raises
    ------
    InputError
        When what is best is not defined.
    """
    import numpy as np

    if by not in Scores._fields:
        raise InputError(f"the best by {by!r}", "no such score", "Give sharpe or net_return.")
    values = getattr(found, by)
    return int(np.where(np.isnan(values), -np.inf, values).argmax())


def _answer(
    asked: Asked, gathered: Gathered, laid: Laid, read: tuple[list[Floats], tuple[Fold, ...], int, str], counts: tuple[int, int]
) -> Sweep:
    (whole, *parts), folds, purge, why_not_walked = read
    capital, totals, curve = whole[:, 0], whole[:, 1 : 1 + len(COLUMNS)], whole[:, 1 + len(COLUMNS) :]
    hours = float(laid.track.at[-1] - laid.track.at[0]) / MS_PER_HOUR
    risk_free = asked.question.risk_free
    scored = scores(curve, capital, hours, risk_free)
    best = best_of(scored, asked.by)
    verdict, why_not = None, ""
    try:
        verdict = judge(excess(daily_returns(curve, capital), hours, risk_free), best, hours, draws=asked.draws, seed=asked.seed)
    except NotEnoughData as problem:
        why_not = f"{problem.there}. {problem.do}"
    chosen = _choices(folds, parts, asked.by)
    walked = _walked(asked, laid, chosen) if chosen else None
    why_not_walked = why_not_walked or ("" if chosen else "no set trades in any training window")
    return Sweep(
        asked, gathered, laid, capital, totals, scored, best, hours, verdict, why_not, chosen, walked, why_not_walked, purge, *counts
    )


def _choices(folds: Sequence[Fold], parts: Sequence[Floats], by: By) -> tuple[Chosen, ...]:
    """Choose in each training window in which something trades."""
    import numpy as np

    found = []
    for k, fold in enumerate(folds):
        train, test = (Scores(*parts[2 * k + side][:, 1:].T) for side in (0, 1))
        if np.isnan(train.sharpe).all():
            continue
        number = best_of(train, by)
        values = np.nan_to_num(getattr(test, by), nan=0.0)  # who does not trade has neither gain nor risk
        rank = 1 + int((values > values[number]).sum())
        found.append(Chosen(fold, number, _of(train, number), _of(test, number), rank))
    return tuple(found)


def _of(found: Scores, number: int) -> Scores:
    return Scores(*(column[number] for column in found))


def _walked(asked: Asked, laid: Laid, chosen: Sequence[Chosen]) -> Walked:
    """Lay the test windows of the choices end to end."""
    import numpy as np

    returns, hours, nets = [], 0.0, []
    for one in chosen:
        within = window(laid.track, one.fold.test[0], one.fold.test[1] - 1)
        own = columns([asked.grid.sets[one.number]], laid.looks, laid.terms, laid.sizing)
        found = run(laid.track, laid.terms, own, within, days(laid.track, within))
        length = float(laid.track.at[within[1]] - laid.track.at[within[0]]) / MS_PER_HOUR
        returns.append(excess(daily_returns(found.curve, own[:, 8]), length, asked.question.risk_free))
        hours += length
        nets.append(float(one.test.net_return))
    trained = [float(one.train.sharpe) for one in chosen]
    below = sum(one.rank > len(asked.grid.sets) / 2 for one in chosen)
    apr = sum(nets) / hours * HOURS_PER_YEAR
    return Walked(float(np.mean(trained)), float(sharpe(np.hstack(returns), hours)[0]), apr, len(chosen), below)
