"""What must be there before a strict run begins?

Every kind of missing input is refused with what to do: a margin requirement, marks, prices of funding, fixings and bars of the whole
window, assumptions of any kind. Costs refuse when they are asked; those that may be asked are asked here, before anything is traded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from perpscope.errors import InputError
from perpscope.market.time import to_text
from perpscope.mechanisms.settle import NO_PRICE
from perpscope.trading.backtest.account import LATE, Account
from perpscope.trading.backtest.charges import Charges
from perpscope.trading.backtest.model import Bars, LegHistory
from perpscope.trading.backtest.ready import Ready, can_end, holes
from perpscope.trading.settle import way
from perpscope.trading.trade import Leg, Trade
from perpscope.units import MS_PER_HOUR

DO = "Give it, or run without --strict: then the result says what was missing."


def refuse_holes(trade: Trade, histories: Sequence[LegHistory], charges: Charges, given: Ready, *, turns: bool) -> None:
    """Refuse a strict run whose input has holes.

    Parameters
    ----------
    turns : whether the sides may be turned, so that coins may be borrowed.

    Raises
    ------
    InputError
        For the first hole of the data. CatalogueError, for a cost that may be asked and is not known.
    """
    for leg, history, own in zip(trade.legs, histories, given.accounts, strict=True):
        for what, there in _of_leg(leg, history, own, given, turns=turns):
            raise InputError(f"a strict backtest of {own.label}", f"{what}: {there}" if there else what, DO)
    for text in charges.assumed:
        raise InputError("a strict backtest", text, DO)
    for leg, own in zip(trade.legs, given.accounts, strict=True):
        _ask(leg, own, charges, given, turns=turns)
    if trade.collateral.top_up is not None and len(trade.venues) > 1:
        charges.transfer_hours()
        charges.number("the fee of a transfer between venues", charges.costs.transfer.fee)


def _ask(leg: Leg, own: Account, charges: Charges, given: Ready, *, turns: bool) -> None:
    """Ask for the costs of one leg that a run may come to."""
    if leg.market == "spot" and (turns or leg.side == "short"):
        charges.number(f"borrow of {leg.name}", own.costs.borrow)
    if can_end(leg) or turns:
        charges.number(f"liquidation fee of {leg.name}", own.costs.liquidation)
    if given.start <= own.ended <= given.end:
        charges.number(f"delivery fee of {leg.name}", own.costs.delivery)


def _of_leg(leg: Leg, history: LegHistory, own: Account, given: Ready, *, turns: bool) -> Iterator[tuple[str, str]]:
    """Tell what is missing of one leg, each with what is there."""
    if history.requirement is None and (can_end(leg) or turns):
        yield "no margin requirement", history.why_no_requirement
    if leg.market != "spot" and history.bars.mark_is != "mark":
        yield "no mark prices", f"the {history.bars.mark_is} price stands in"
    yield from _gaps("bars", history.bars, given.start, min(given.end, own.ended))
    if own.coin_is == "bars" and history.coin is not None:
        yield from _gaps(f"prices of {own.asset}", history.coin, given.start, min(given.end, own.ended))
    for one in history.fixings:
        inside = given.start < one.at <= given.end and history.listing.lasts(one.at)
        if inside and one.price is None and one.per_base is None and way(history.listing.settle, one).price != NO_PRICE and not leg.swap:
            yield f"the price of the funding at {to_text(one.at)}", ""
    for since, until in holes(own, given.start, given.end):
        yield f"no funding from {to_text(since)} to {to_text(until)}", ""
    if history.listing.settle.sides not in {"mirror", "both_pay"}:
        yield "the open interest of both sides, which receivers of funding share by", ""


def _gaps(what: str, bars: Bars, start: int, end: int) -> Iterator[tuple[str, str]]:
    longest = LATE * bars.step_hours * MS_PER_HOUR
    edges = [start, *(ms for ms in bars.known if start < ms < end), end]
    for before, after in pairwise(edges):
        if after - before > longest:
            yield f"no {what} from {to_text(before)} to {to_text(after)}", ""
