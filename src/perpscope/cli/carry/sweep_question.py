"""Which sweep do the words of a command line ask for?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.errors import InputError

if TYPE_CHECKING:
    from perpscope.cli.carry.backtest_options import RunWords
    from perpscope.cli.carry.given_costs import CostWords
    from perpscope.cli.carry.sweep_options import AxisWords, SweptWords, WorkWords
    from perpscope.runs.sweep import Asked
    from perpscope.store import Store
    from perpscope.trading.sweep.grid import Grid
    from perpscope.trading.trade import Trade

_AXES = {
    "enter": "enter",
    "exit": "exit",
    "look": "look",
    "leverage": "leverage",
    "stay": "stay_hours",
    "rest": "rest_hours",
    "most": "most_hours",
}
"""Option -> axis."""
_USUAL = {"enter": "0%..20%/5", "exit": "0%"}


@dataclass(frozen=True, slots=True)
class Swept:
    """All that was said with options."""

    trade: SweptWords
    axes: AxisWords
    run: RunWords
    costs: CostWords
    work: WorkWords


def asked_of(store: Store, bare: tuple[str, ...], said: Swept) -> Asked:
    """Build the question from all words; `bare` are those without an option: legs, or a perpetual's venue and symbol.

    Raises
    ------
    InputError
        When the words do not go together.
    """
    from perpscope.cli.carry.backtest_options import TradeWords
    from perpscope.cli.carry.backtest_question import question_of, trade_of
    from perpscope.cli.carry.given_costs import refuse_uncounted
    from perpscope.runs.sweep import Asked, Walking

    trade, run, work = said.trade, said.run, said.work
    refuse_uncounted(said.costs, "a sweep")
    legs = TradeWords(leg=trade.leg, spot=trade.spot, against=trade.against, kind=trade.kind, maker=trade.maker, buffer=trade.buffer)
    built = trade_of(store, bare, legs)
    question = question_of(store, built, run, said.costs)
    if run.halt or run.leave_open:
        raise InputError(
            "a sweep", "--halt" if run.halt else "--leave-open", "Leave it out, or run the sets one by one with carry backtest."
        )
    walking = Walking(
        365.0 if work.train is None else work.train,
        90.0 if work.test is None else work.test,
        work.purge,
        anchored=work.anchored,
        required=work.train is not None or work.test is not None,
    )
    if work.draws < 1 or work.show < 1:
        raise InputError("a sweep", f"{work.draws} draws, {work.show} sets shown", "Give 1 or more.")
    if work.seed < 0:
        raise InputError("a seed", str(work.seed), "Give a whole number from 0.")
    return Asked(question, _levered(grid_of(said.axes), built), walking, work.by, work.draws, work.seed)


def _levered(grid: Grid, trade: Trade) -> Grid:
    """Take the leverage that legs are written with (`:x3`) where no axis says one.

    Raises
    ------
    InputError
        When the axis says one as well, or the legs say several.
    """
    from perpscope.trading.sweep.grid import Grid

    written = sorted({float(leg.leverage) for leg in trade.legs if leg.market != "spot"})
    if written in ([], [1.0]):
        return grid
    if "leverage" in grid.axes or len(written) > 1:
        there = f"legs written with {', '.join(f'x{one:g}' for one in written)}" + (" beside the axis" if "leverage" in grid.axes else "")
        raise InputError("the leverage of a sweep", there, "Say it once, with --leverage, for every leg that is not spot.")
    return Grid.of({**grid.axes, "leverage": written})


def grid_of(axes: AxisWords) -> Grid:
    """Read the grid from the options or the file.

    Raises
    ------
    InputError
        When both are given, or one cannot be read.
    """
    import tomllib

    from perpscope.cli.files import text_of
    from perpscope.trading.sweep.grid import Grid, read_axis, read_grid

    said = {axis: getattr(axes, option) for option, axis in _AXES.items() if getattr(axes, option)}
    if axes.grid is None:
        texts = _USUAL | said if said.keys() <= {"look", "leverage"} else said
        found = {axis: read_axis(axis, text) for axis, text in texts.items()}
        if "enter" in found and "exit" not in found:
            found["exit"] = (min(0.0, *found["enter"]),)  # as `carry backtest` does
        return Grid.of(found)
    if said:
        raise InputError("a grid", f"the file {axes.grid} and --{next(iter(said)).removesuffix('_hours')}", "Give one of them.")
    try:
        return read_grid(tomllib.loads(text_of(axes.grid)))
    except tomllib.TOMLDecodeError as problem:
        raise InputError(f"the grid {axes.grid}", str(problem), "Give a TOML file.") from None
