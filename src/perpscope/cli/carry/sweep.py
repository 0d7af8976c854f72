"""Which parameters would have been best, and how much of that is luck? The verb `carry sweep`; nothing is computed here."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from perpscope.cli.carry.backtest_options import RunWords
from perpscope.cli.carry.given_costs import CostWords
from perpscope.cli.carry.sweep_options import AxisWords, SweptWords, WorkWords
from perpscope.cli.place import Where, say
from perpscope.cli.render import Format, render

FINE = 0


def sweep(
    *words: Annotated[str, Parameter(help="Legs as after --leg; or venue and symbol of one perpetual: ids, names, aliases, or a coin.")],
    trade: SweptWords = SweptWords(),  # noqa: B008 - frozen
    axes: AxisWords = AxisWords(),  # noqa: B008 - frozen
    run: RunWords = RunWords(),  # noqa: B008 - frozen
    costs: CostWords = CostWords(),  # noqa: B008 - frozen
    work: WorkWords = WorkWords(),  # noqa: B008 - frozen
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Run every parameter set of a grid over a history, and put the search on trial.

    The trade is a short and a long leg of one coin, linear or spot: VENUE SYMBOL for a cash and carry, or two legs as of `carry backtest`,
    which gives the same for each set. A sweep that was stopped goes on where it was.
    """
    from perpscope.cli.carry.backtest_tables import spoken
    from perpscope.cli.carry.sweep_question import Swept, asked_of
    from perpscope.cli.carry.sweep_tables import show
    from perpscope.cli.progress import progress
    from perpscope.runs.executors.choose import executor
    from perpscope.runs.registry import FOLDER, Registry
    from perpscope.runs.sweep import run_sweep
    from perpscope.runs.sweep_told import document, ranked, row_of

    store, worker = place.store(), executor(work.executor, work.workers, work.address)
    asked = asked_of(store, words, Swept(trade, axes, run, costs, work))
    with progress(f"{len(asked.grid.sets):,} sets") as tell:
        found = run_sweep(store, asked, worker, Registry(place.store_folder / FOLDER) if work.keep else None, tell)
    told = document(found, work.show)
    for line in spoken(told):
        say(line)
    say(f"{found.computed:,} pieces of work done by {worker.name}, {found.found:,} known before")
    if format == "csv":
        render([row_of(found, number) for number in ranked(found)], format)
    elif format == "json":
        render(told, format)
    else:
        show(told)
    return FINE
