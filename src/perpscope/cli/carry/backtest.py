"""What would a trade have earned? The verb `carry backtest`; nothing is computed here."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from perpscope.cli.carry.backtest_options import RunWords, TradeWords
from perpscope.cli.carry.given_costs import CostWords
from perpscope.cli.place import Where, say
from perpscope.cli.render import Format, render

FINE = 0


def backtest(
    *words: Annotated[str, Parameter(help="Legs as after --leg; or venue and symbol of one perpetual: ids, names, aliases, or a coin.")],
    trade: TradeWords = TradeWords(),  # noqa: B008 - frozen
    run: RunWords = RunWords(),  # noqa: B008 - frozen
    costs: CostWords = CostWords(),  # noqa: B008 - frozen
    compare: Annotated[
        tuple[Literal["hold", "exit", "flip"], ...], Parameter(negative="", help="Policies to run beside it; repeatable.")
    ] = (),
    capacity: Annotated[str, Parameter(help="Notionals to run it at: 1e5,1e6,1e7.")] = "",
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Run one trade over a history: funding at its stamps, margins at marks, liquidation with gaps, costs fill by fill.

    `short:VENUE:SYMBOL:x3 long:VENUE:SYMBOL` writes any trade; VENUE SYMBOL alone is a cash and carry on that perpetual.
    Without --strict, what is not known counts as nothing and is named.
    """
    from perpscope.cli.carry.backtest_question import question_of, trade_of
    from perpscope.cli.carry.backtest_tables import show, spoken, unopened
    from perpscope.cli.carry.backtest_words import sizes
    from perpscope.runs.backtest import run_backtest
    from perpscope.runs.contrast import capacity as at_sizes
    from perpscope.runs.contrast import compared, without_halts

    store, notionals = place.store(), sizes("--capacity", capacity)
    asked = question_of(store, trade_of(store, words, trade), run, costs)
    found = run_backtest(store, asked)
    document = found.document()
    if compare:
        document["compared"] = compared(found, compare, trade.look)
    if run.halt:
        document["halts"] = without_halts(found)
    if notionals:
        document["capacity"] = at_sizes(found.gathered, asked, notionals)
    for line in (*spoken(document), *unopened(document)):
        say(line)
    if format == "table":
        show(document)
    else:
        render(document, format)
    return FINE
