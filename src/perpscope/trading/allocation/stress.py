"""How much margin does a leg need so that a move of its price does not liquidate it?

Nothing is moved between venues while the price moves: each leg survives on its own margin. A leg whose leverage leaves too little is given
more, and the plan pays for that in capital; so the liquidation limit of a plan is linear.
"""

from __future__ import annotations

from perpscope.errors import InputError
from perpscope.market.number import Number
from perpscope.trading.costs.figure import Figure
from perpscope.trading.trade import Leg


def margin_needed(leg: Leg, move: Number, kept: Number) -> Number:
    """Return the least margin, a share of the leg's notional at entry, with which it survives an adverse move.

    Parameters
    ----------
    leg : its side and market. move : 0 <= move < 1, a fall for a long and a rise for a short, fraction of the entry price.
    kept : maintenance and closing fee, a fraction of the value at that price, >= 0.

    **Source**: equity of the margin, m + s (v - v0) >= kept v, of `trading.margin` solved for m; a linear or quanto contract is worth
    1 + s move of its entry value then, an inverse one 1 / (1 + s move) in the coin its margin is held in (s = -1 long, +1 short).

    Examples
    --------
    >>> from perpscope.trading.trade import Leg
    >>> round(margin_needed(Leg("venue", "BTC/USDT:USDT", "short"), 0.2, 0.005), 6)
    0.206
    >>> round(margin_needed(Leg("venue", "BTC/USD:BTC", "long"), 0.2, 0.005), 6)
    0.25625
    """
    if not 0 <= move < 1 or not 0 <= kept < 1:
        there = f"a move of {float(move):g} with {float(kept):g} kept"
        raise InputError("a stress move", there, "Give fractions from 0 to below 1: 0.2 is 20 %.")
    if leg.market == "spot" and leg.side == "long":
        return 1
    if leg.market == "swap":
        raise InputError(f"the leg {leg.name}", "a swap of rates does not move with the price", "Give its margin as it is.")
    worth = 1 + (move if leg.side == "short" else -move)
    if leg.in_coin:
        return (move + kept) / worth
    return move + kept * worth


def margin_of(leg: Leg, move: Number | None, kept: Figure) -> tuple[Number | None, str]:
    """Return the margin a plan puts aside for a leg, a share of the leg's notional, and what of it a reader must know.

    Parameters
    ----------
    leg : its leverage says what is put aside at least. move : as `margin_needed`; None asks for no stress. kept : as there, or a hole.

    Returns
    -------
    margin, words
        None where the move asks for a number that is not known; the words then say which.
    """
    own = 1 / leg.leverage
    if move is None or leg.market == "swap" or (leg.market == "spot" and leg.side == "long"):
        return own, ""
    if kept.value is None:
        return None, f"{leg.name}: {kept.note}"
    needed = margin_needed(leg, move, kept.value)
    if needed <= own:
        return own, ""
    return needed, f"{leg.name}: {float(1 / needed):.3g}x instead of {float(leg.leverage):.3g}x, to survive a move of {float(move):.0%}"
