"""What does doing otherwise cost: another policy, a venue that stands still, a larger size?

All on the same histories and costs, so that nothing but the question differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from perpscope.errors import InputError
from perpscope.market.number import Number
from perpscope.runs.backtest import Question, Run, run_on
from perpscope.runs.history import Gathered
from perpscope.trading.trade import Policy

POLICIES = ("hold", "exit", "flip")
"""Always on; out at every change of sign of the carry, in again at the next; turned round at every change of sign."""
_SHOWN = ("net_return", "apr", "sharpe", "max_drawdown", "trades", "liquidations")
_MONEY = ("funding", "fee", "impact", "basis", "convexity", "borrow", "transfer", "liquidation", "delivery")


def policy_named(name: str, look: int | None = None) -> Policy:
    """Build one of `POLICIES`; `look` fixings decide (1 where nothing is said: every single change of sign).

    Raises
    ------
    InputError
        For another name.

    Examples
    --------
    >>> policy_named("exit").exit, policy_named("flip").follow
    (0.0, True)
    """
    looked = 1 if look is None else look
    match name:
        case "hold":
            return Policy(look=looked)
        case "exit":
            return Policy(0.0, 0.0, looked)
        case "flip":
            return Policy.flip(looked)
    raise InputError("a policy", repr(name), f"Give one of {', '.join(POLICIES)}, or thresholds.")


def row_of(run: Run, **first: object) -> dict[str, Any]:
    """Write one run as a row of a comparison; money in the reporting asset."""
    document = run.answers
    money = {why: document["by_reason"].get(why, 0.0) for why in _MONEY}
    on_notional = run.money / run.result.notional if run.result.notional else None
    told = {name: document[name] for name in _SHOWN} | {"net_return_notional": on_notional}
    return {**first, **told, **money, "unknown": list(run.result.unknown)}


def compared(base: Run, others: Sequence[str], look: int | None = None) -> list[dict[str, Any]]:
    """Run the same trade by other policies; each row says what it earned more than the base.

    Parameters
    ----------
    base : a run, whose own row comes first. others : of `POLICIES`. look : fixings these look at.
    """
    rows = [row_of(base, policy="as asked", more_than_asked=0.0)]
    for name in others:
        trade = replace(base.question.trade, policy=policy_named(name, look))
        run = run_on(base.gathered, replace(base.question, trade=trade))
        rows.append(row_of(run, policy=name, more_than_asked=run.answers["net_return"] - base.answers["net_return"]))
    return rows


def without_halts(base: Run) -> Mapping[str, Any]:
    """Run the same trade with no venue halted, and say what the halts cost (a fraction of the capital, > 0 where they cost)."""
    free = tuple(replace(history, halts=()) for history in base.gathered.histories)
    gathered = replace(base.gathered, histories=free)
    run = run_on(gathered, base.question)
    row = row_of(run)
    cost = run.answers["net_return"] - base.answers["net_return"]
    return {"cost": cost, "without": row, "halted": row_of(base)}


def capacity(gathered: Gathered, question: Question, notionals: Sequence[Number]) -> list[dict[str, Any]]:
    """Run the same trade at several notionals, each with the capital it asks; a size that is not allowed is a row with the reason.

    What a fill costs grows with the notional only where a cost says so (`Question.impact`, recorded books, measured walks).
    """
    rows = []
    for notional in sorted(notionals):
        try:
            run = run_on(gathered, replace(question, notional=notional, capital=None))
        except InputError as problem:
            rows.append({"notional": float(notional), "refused": str(problem)})
            continue
        first, opened = run.answers["equity"]["first"], run.result.notional
        rows.append(row_of(run, notional=float(notional), capital=first, opened=opened))
    return rows
