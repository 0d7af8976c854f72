"""What is paid out of a flow of funding, under caps and with an interval that may change?

Every window is worked out once for each interval of the law; a path then walks from window to window and carries its interval along. A
change takes hold at the end of the window, so a path of long windows may change up to one window late.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from perpscope.analysis.risk.law import Law

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]

EXACT = 5e-11
"""Payments this near a limit are at it, as in `analysis.atoms`."""


@dataclass(frozen=True, slots=True, eq=False)
class Payments:
    """What each window pays, for each stage of a law.

    Parameters
    ----------
    paid : (stages, …) sum of the payments of a window, fraction of notional. hit : (stages, …) whether one of them was at a limit.
    calm, trailing : (stages, …) whether all were calm, and how many at the end were. count : (stages,) payments a window holds.
    """

    paid: Floats
    hit: Flags
    calm: Flags
    trailing: Ints
    count: tuple[int, ...]


def payments(flow: Floats, step_hours: float, law: Law) -> Payments:
    """Pay a flow at every interval of a law.

    Parameters
    ----------
    flow : (…, steps) fraction of notional of each step of a window. step_hours : length of a step.

    **Source** limits and switches of the law, which says where they are from.
    """
    import numpy as np

    steps = flow.shape[-1]
    found = [_stage(flow, round(stage.hours / step_hours), k, law) for k, stage in enumerate(law.stages)]
    paid, hit, calm, trailing = (np.stack(column) for column in zip(*found, strict=True))
    return Payments(paid, hit, calm, trailing, tuple(steps // round(stage.hours / step_hours) for stage in law.stages))


def _stage(flow: Floats, per: int, k: int, law: Law) -> tuple[Floats, Flags, Flags, Ints]:
    import numpy as np

    stage = law.stages[k]
    due = flow.reshape(*flow.shape[:-1], -1, per).sum(axis=-1)
    each = np.clip(due, stage.floor, stage.cap)
    at_limit = (each >= stage.cap - EXACT) | (each <= stage.floor + EXACT)
    quiet = np.abs(each) <= stage.calm_rate + EXACT
    trailing = np.cumprod(quiet[..., ::-1], axis=-1).sum(axis=-1)
    return each.sum(axis=-1), at_limit.any(axis=-1), quiet.all(axis=-1), trailing


def held(table: Payments, draws: Ints | None, law: Law) -> tuple[Floats, Floats]:
    """Sum what paths pay, window by window.

    Parameters
    ----------
    table : payments of a library of windows, or of the windows of every path (windows, paths).
    draws : (paths, windows) places in the library; None where the table holds the paths themselves.

    Returns
    -------
    total, switched : (paths,) fraction of notional a long paid, and the share of windows not paid at the interval in force at the start.

    **Source** `mechanisms.switching`: a payment at a limit shortens the interval, a row of calm ones lengthens it.
    """
    import numpy as np

    paths = table.paid.shape[-1] if draws is None else draws.shape[0]
    windows = table.paid.shape[1] if draws is None else draws.shape[1]
    if never_moves(table, law):
        total = table.paid[0].sum(axis=0) if draws is None else table.paid[0][draws].sum(axis=1)
        return total, np.zeros(paths)
    now, run = np.zeros(paths, dtype=np.int64), np.zeros(paths, dtype=np.int64)
    total, elsewhere, every = np.zeros(paths), np.zeros(paths), np.arange(paths)
    moves = _moves(law)
    count = np.array(table.count)
    for t in range(windows):
        at = (now, t, every) if draws is None else (now, draws[:, t])
        total += table.paid[at]
        elsewhere += now != 0
        run = np.where(table.calm[at], run + count[now], table.trailing[at])
        calm = (moves[2][now] > 0) & (run >= moves[2][now])
        after = np.where(table.hit[at], moves[0][now], np.where(calm, moves[1][now], now))
        run = np.where(after == now, run, 0)
        now = after
    return total, elsewhere / windows


def never_moves(table: Payments, law: Law) -> bool:
    """Whether no path can leave the first stage.

    **Source** none: bookkeeping.
    """
    first = law.stages[0]
    stays = not table.hit[0].any() or first.after_limit in (0.0, first.hours)
    return stays and not first.calm_payments


def _moves(law: Law) -> tuple[Ints, Ints, Ints]:
    """By stage: where a limit leads, where calm leads, and how many calm payments it takes (0: never)."""
    import numpy as np

    limit = [law.place(stage.after_limit) if stage.after_limit else k for k, stage in enumerate(law.stages)]
    calm = [law.place(stage.after_calm) if stage.after_calm else k for k, stage in enumerate(law.stages)]
    return np.array(limit), np.array(calm), np.array([stage.calm_payments for stage in law.stages])
