"""What did every position pay in total, when nobody asks for the single payments?

Running sums of what a contract owes are kept once for each contract; a position's total is then one difference for each of
its changes. It is the fast answer of a search or a backtest, with its largest possible error beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.trading.columns import Decided, Held, refuse_infinite
from perpscope.trading.settle import Listing
from perpscope.trading.work import Work, kernel

if TYPE_CHECKING:
    from perpscope.trading.columns import Floats

_WORTH_A_THREAD = 4_000  # events and rows; below this the second thread costs more than it saves
_HALF_ULP = 2.0**-53


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals of all positions.

    Parameters
    ----------
    amounts : (p,) money of each contract's settle asset, > 0 received.
    error : (p,) bound of how far an amount is from the exact sum of exact cash flows on the decimals that came in:
        (rows + 16) * 2^-53 * (1 + n * 2^-52) times the sum of their magnitudes.
    conservation_error : (c,) magnitude of the sum of the amounts of a contract's positions. Where they hold nothing net it
        would be 0 in exact arithmetic, and is no more than the sum of their bounds; elsewhere it is what others owe.
    """

    amounts: Floats
    error: Floats
    conservation_error: Floats


def totals(held: Held, decided: Decided, terms: Sequence[Listing]) -> Totals:
    """Return the sum of all cash flows of every position, before the venue's rounding of money.

    Raises
    ------
    InputError
        As `cash_flows`.
    """
    import numpy as np

    work = Work.of(held, decided, terms, exactly=True)
    found = np.zeros((2, len(held.offsets) - 1))
    sum_up = kernel("sum_up")

    def part(low: int, high: int) -> None:
        sum_up(low, high, work.events, work.rows, work.charges, found)

    work.done_by(part, threads=2 if len(held.at) + len(decided.at) >= _WORTH_A_THREAD else 1)
    amounts, gross = found
    refuse_infinite(gross)
    bound = (np.diff(held.offsets) + 16) * _HALF_ULP * (1 + len(decided.at) * 2 * _HALF_ULP) * gross
    contracts = np.repeat(np.arange(len(terms)), np.diff(held.owners))
    return Totals(amounts, bound, np.abs(np.bincount(contracts, weights=amounts, minlength=len(terms))))
