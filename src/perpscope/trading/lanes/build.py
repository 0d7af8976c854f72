"""Which trades can run in lanes, and what does a backtest's input come to there?

The lanes know the common case: one short and one long leg of the same coin, linear or spot held long, with fixed sides, constant costs,
one maintenance rate a leg, and no money moved between the legs. Anything else is refused with the way to the backtest, which knows it
all; what is taken for constant says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from perpscope.errors import InputError
from perpscope.market.instrument import parse_symbol
from perpscope.market.number import to_float
from perpscope.mechanisms.settle import NO_PRICE, Settlement, charge, payment
from perpscope.trading.backtest.account import LATE, Account, Due
from perpscope.trading.backtest.charges import Charges
from perpscope.trading.backtest.model import LegHistory, Plan
from perpscope.trading.backtest.ready import Instant, Ready, ready
from perpscope.trading.costs.parts import TradeCosts
from perpscope.trading.lanes.eras import Pair, eras_of
from perpscope.trading.lanes.run import Sizing
from perpscope.trading.lanes.track import LegTerms, Market, Terms, Track, lay
from perpscope.trading.margin import Holding, initial_margin
from perpscope.trading.settle import way
from perpscope.trading.trade import Leg, Trade
from perpscope.units import HOURS_PER_YEAR, MS_PER_HOUR

if TYPE_CHECKING:
    from perpscope.trading.lanes.track import Floats, Ints

_ELSE = "Run it one by one with a backtest."


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """A trade laid out for lanes.

    Parameters
    ----------
    track, terms : for the kernels. sizing : of the openings. asset : reporting asset. looks : of the track's signals, in order.
    assumed, unknown : as in a backtest's result; the constants of the lanes among what is assumed.
    """

    track: Track
    terms: Terms
    sizing: Sizing
    asset: str
    looks: tuple[int, ...]
    assumed: tuple[str, ...]
    unknown: dict[str, str]


def lay_out(
    trade: Trade, histories: Sequence[LegHistory], costs: TradeCosts, plan: Plan, looks: Sequence[int], leverages: Sequence[float] = (1.0,)
) -> Laid:
    """Bring a trade and its histories into lanes.

    Parameters
    ----------
    trade : its policy and leverage do not matter. histories, costs, plan : as for a backtest. looks : fixings looked at, each once.
    leverages : of all sets, at least one. Maintenance tables and the depth of books are asked for the notional that the highest allows.

    Raises
    ------
    InputError
        For a trade that the lanes do not know, a leverage that a venue does not allow, and what a backtest refuses before it begins.
    """
    pair = _pair(trade)
    for why in _strangers(trade, histories, plan):
        raise InputError(f"{trade.called} in lanes", why, _ELSE)
    charges = Charges(costs, strict=plan.strict)
    given = ready(trade, histories, charges, plan)
    for why in _others(trade, given):
        raise InputError(f"{trade.called} in lanes", why, _ELSE)
    notional = _largest(trade, plan, max(leverages))
    legs = [_terms(k, leg, given, charges, (notional, max(leverages))) for k, leg in enumerate(trade.legs)]
    terms = Terms(legs[pair.short], legs[pair.long], to_float(trade.collateral.buffer), pair.short == 0, 10.0**-plan.decimals)
    sizing = Sizing(
        trade.legs[pair.long].market == "spot",
        None if plan.capital is None else to_float(plan.capital),
        None if plan.notional is None else to_float(plan.notional),
        plan.compound,
    )
    track = _track(pair, given, charges, looks, notional)
    if plan.missing == "stop" and (holes := _holes(given, track)):
        raise InputError(f"{trade.called} in lanes", holes, 'Import those bars, or go on without them (missing="skip", --missing skip).')
    return Laid(track, terms, sizing, given.asset, tuple(looks), tuple(charges.assumed), dict(charges.unknown))


def _largest(trade: Trade, plan: Plan, leverage: float) -> float:
    """Largest notional that an opening is planned to have, at the highest leverage."""
    if plan.notional is not None:
        return to_float(plan.notional)
    margins = [1 / (1 if leg.market == "spot" else leverage) for leg in trade.legs]
    return to_float(plan.capital or 0) / (sum(margins) + to_float(trade.collateral.buffer))


def _pair(trade: Trade) -> Pair:
    sides = [leg.side for leg in trade.legs]
    if sorted(sides) != ["long", "short"]:
        raise InputError(
            f"{trade.called} in lanes", f"{len(sides)} legs: {', '.join(sides)}", f"Lanes take a short and a long one. {_ELSE}"
        )
    return Pair(sides.index("short"), sides.index("long"))


def _strangers(trade: Trade, histories: Sequence[LegHistory], plan: Plan) -> Iterator[str]:
    """Say what of a trade the lanes do not know."""
    moved = trade.collateral.top_up is not None or trade.collateral.rebalance is not None
    told = {
        "legs of two coins": len({parse_symbol(leg.symbol)[0] for leg in trade.legs}) > 1,
        "sides that turn": trade.policy.follow or plan.decide is not None,
        "money is moved between the legs": moved,
        "an opportunity cost is charged": plan.charge_opportunity,
        "a position is left open at the end": not plan.close,
    }
    yield from (what for what, so in told.items() if so)
    for leg, history in zip(trade.legs, histories, strict=False):
        of_leg = {
            f"{leg.name} is {leg.market}": leg.market not in {"spot", "linear"},
            f"{leg.name} is borrowed": leg.market == "spot" and leg.side == "short",
            f"{leg.name} has a ratio of {to_float(leg.ratio):g}": leg.ratio != 1,
            f"{leg.name} is halted at times": bool(history.halts),
        }
        yield from (what for what, so in of_leg.items() if so)


def _others(trade: Trade, given: Ready) -> Iterator[str]:
    """Say what of the histories they do not know."""
    for leg, own, dues in zip(trade.legs, given.accounts, given.dues, strict=True):
        if own.coin_is != "same":
            yield f"{leg.name} is settled in {own.asset}, another asset than {given.asset}"
        if own.ended <= given.end:
            yield f"{leg.name} ends within the window"
        if any(due.fixing.accrual == "continuous" for due in dues):
            yield f"funding of {leg.name} accrues between its stamps"


def _terms(k: int, leg: Leg, given: Ready, charges: Charges, at_most: tuple[float, float]) -> LegTerms:
    """Constants of one leg; `at_most` : notional, leverage."""
    if leg.market == "spot":
        return LegTerms(math.inf, -math.inf, 0.0)
    penalty = to_float(charges.number(f"liquidation fee of {leg.name}", charges.costs.legs[k].liquidation))
    return LegTerms(*_margin(given.accounts[k], charges, *at_most), penalty)


def _margin(own: Account, charges: Charges, notional: float, leverage: float) -> tuple[float, float]:
    """Divisor and need of a leg whose requirement is taken for one rate."""
    asked, leg, contract = own.requirement, own.leg, own.history.listing.contract
    price = to_float(own.bars.mark[max(own.row, 0)])
    holding = Holding(contract, leg.sign * notional / (price * to_float(contract.size)), price)
    initial_margin(holding, leverage, asked.brackets)
    rate, fee = to_float(asked.maintenance(holding, price)) / notional, to_float(asked.fee)
    if len(asked.brackets.tiers) > 1:
        charges.assume(f"the maintenance of {leg.name} is that of a position of {notional:,.0f}, {rate:.3%}, for all sizes (assumed)")
    if asked.brackets.valued == "entry":
        charges.assume(f"the maintenance of {leg.name} is asked of the value at the mark, not at the entry (assumed)")
    sign = -leg.sign  # a short needs more than its value, a long less
    if asked.fee_at == "trigger":
        return 1 + sign * (rate + fee), rate + fee
    return (1 + sign * rate) * (1 + sign * fee), rate


def _track(pair: Pair, given: Ready, charges: Charges, looks: Sequence[int], notional: float) -> Track:
    import numpy as np

    at = np.array([one.at for one in given.clock], dtype=np.int64)
    rows = [_seen(own, at) for own in given.accounts]
    decides = np.array([one.decides for one in given.clock]) & rows[0].fresh & rows[1].fresh
    legs = [_market(own, seen, dues, given.clock, charges) for own, seen, dues in zip(given.accounts, rows, given.dues, strict=True)]
    eras = eras_of(given, charges, pair, notional)
    return lay(at, decides, legs[pair.short], legs[pair.long], looks, eras)


def _holes(given: Ready, track: Track) -> str:
    """Say how many prices are missing where decisions are due; "" for none."""
    import numpy as np

    due = np.array([one.decides for one in given.clock])
    absent = int((due & ~track.decides).sum())
    step = max(own.bars.step_hours for own in given.accounts) * MS_PER_HOUR
    apart = int((np.diff(track.at[due]) > LATE * step).sum())
    return f"{absent} instants at which a leg has no price, {apart} stretches without bars" if absent or apart else ""


class _Seen(NamedTuple):
    """Row of a leg's bars that is the last one known at each instant, and whether it becomes known there."""

    row: Ints
    fresh: Floats


def _seen(own: Account, at: Ints) -> _Seen:
    import numpy as np

    known = np.asarray(own.bars.known, dtype=np.int64)
    row = np.maximum(np.searchsorted(known, at, side="right") - 1, 0)
    return _Seen(row, known[row] == at)


def _market(own: Account, seen: _Seen, dues: Sequence[Due], clock: Sequence[Instant], charges: Charges) -> Market:
    import numpy as np

    bars, short = own.bars, own.leg.sign < 0
    trade, mark, high, low = (np.asarray(column, dtype=np.float64)[seen.row] for column in (bars.trade, bars.mark, bars.high, bars.low))
    bad = np.where(seen.fresh, high if short else low, 0.0 if short else np.inf)
    first = np.full(len(mark), np.nan) if bars.open is None else np.asarray(bars.open, dtype=np.float64)[seen.row]
    good, gap = (np.where(np.isnan(first), other, first) for other in (low if short else high, mark))
    if not own.leg.perpetual:
        return Market.spot(trade, mark, bad, good, gap)
    places = {one.at: number for number, one in enumerate(clock)}
    rows = np.array([places[due.at] for due in dues], dtype=np.int64)
    fresh = (due.at - bars.known[seen.row[row]] <= LATE * bars.step_hours * MS_PER_HOUR for due, row in zip(dues, rows, strict=True))
    marks = [float(mark[row]) if new else None for row, new in zip(rows.tolist(), fresh, strict=True)]
    owed = np.array([_owed(own, due, price, charges) for due, price in zip(dues, marks, strict=True)])
    rates = np.array([*own.seen.rates, *(_yearly(due, float(mark[row])) for due, row in zip(dues, rows.tolist(), strict=True))])
    return Market(trade, mark, bad, good, gap, rows, owed, rates, len(own.seen.rates))


def _owed(own: Account, due: Due, mark: float | None, charges: Charges) -> float:
    """Money that one base unit on the leg's side costs a long, or brings a short, for one fixing; `mark` is None where it is too old."""
    fixing, contract = due.fixing, own.history.listing.contract
    settle: Settlement = way(own.history.listing.settle, fixing)
    if settle.sides not in {"mirror", "both_pay"}:
        charges.assume(f"receivers of {own.label} get in full what payers pay: the open interest of both sides is not at hand (assumed)")
        settle = replace(settle, sides="mirror")
    if settle.money_grains:
        charges.assume(f"funding of {own.label} is not rounded to the money's smallest unit (assumed)")
        settle = replace(settle, money_grains=0)
    price = fixing.price
    if price is None and fixing.per_base is None and settle.price != NO_PRICE:
        if mark is None:
            charges.assume(f"funding of {own.label} is left out where neither it nor a bar has a price (assumed)")
            return 0.0
        price = mark
        charges.assume(f"funding of {own.label} is charged on the bar's {own.bars.mark_is} price where its own is missing (assumed)")
    value = fixing.rate if fixing.per_base is None else fixing.per_base
    received = payment(charge(value, settle, contract, price), own.leg.sign, settle)
    return to_float(-own.leg.sign * received / contract.size)


def _yearly(due: Due, mark: float) -> float:
    """Rate of a fixing as a simple annual one, as decisions of a backtest see it."""
    fixing = due.fixing
    rate = to_float(fixing.rate)
    if fixing.per_base is not None:
        rate = to_float(fixing.per_base) / to_float(fixing.price or mark)
    return rate * (HOURS_PER_YEAR / to_float(fixing.interval_hours))
