"""Is everything there that a backtest needs, and at which instants does something happen?

The legs' accounts, the window, and the clock: every bar, fixing and end of a contract in order of time. What is missing is refused
here, before anything is traded: always what no result could stand on, in a strict run everything.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from perpscope.errors import InputError, NotEnoughData
from perpscope.market.brackets import Brackets
from perpscope.market.instrument import parse_symbol
from perpscope.market.time import FOREVER, to_text
from perpscope.trading.backtest.account import LATE, Account, Coin, Due
from perpscope.trading.backtest.charges import Charges
from perpscope.trading.backtest.model import LegHistory, Plan
from perpscope.trading.backtest.seen import SeenLeg
from perpscope.trading.costs.parts import LegCosts, TradeCosts
from perpscope.trading.decided import gaps, once
from perpscope.trading.margin import Requirement
from perpscope.trading.trade import Leg, Trade
from perpscope.units import MS_PER_HOUR

DOLLARS = frozenset({"USD", "USDT", "USDC", "BUSD", "FDUSD", "TUSD", "USDP", "USDE", "DAI"})
"""Assets that may stand for one another at par where no price is given, with the word assumed."""
MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment at which something happens.

    Parameters
    ----------
    at : ms UTC. bar : whether prices become known. decides : whether the trade is decided on.
    """

    at: int
    bar: bool
    decides: bool


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """All a run needs, checked.

    Parameters
    ----------
    accounts, dues : one a leg; its fixings from the start on, in order. asset : reporting asset. clock : instants, in order.
    start, end : of the window, ms UTC: the first and the last decision.
    """

    accounts: tuple[Account, ...]
    dues: tuple[tuple[Due, ...], ...]
    asset: str
    clock: tuple[Instant, ...]
    start: int
    end: int


def ready(trade: Trade, histories: Sequence[LegHistory], charges: Charges, plan: Plan) -> Ready:
    """Check what is given, and bring it into the order of time.

    Raises
    ------
    InputError
        When histories and costs do not fit the legs, or a price of a settle asset is missing; in a strict run, for any hole.
    NotEnoughData
        When the legs have no time in common.
    """
    _refuse_unequal(trade, histories, charges.costs)
    asset = plan.asset or parse_symbol(trade.legs[0].symbol)[1]
    start, end, grid = _window(histories, plan)
    accounts, dues = [], []
    for leg, history, costs in zip(trade.legs, histories, charges.costs.legs, strict=True):
        own = _account(leg, history, costs, _coin(leg, history, asset, charges))
        for row in range(bisect_right(history.bars.known, start - 1)):
            own.seen.learn_bar(history.bars.known[row], history.bars.trade[row], history.bars.mark[row])
            own.advance(history.bars.known[row])
        for due in own.paid:
            if due.at < start:
                own.seen.learn_fixing(due.fixing)
        if own.ended <= start:
            raise NotEnoughData(f"a backtest from {to_text(start)}", f"{own.label} ended at {to_text(own.ended)}", "Begin earlier.")
        accounts.append(own)
        dues.append(tuple(due for due in own.paid if start <= due.at <= min(end, own.ended)))
    return Ready(tuple(accounts), tuple(dues), asset, _clock(accounts, dues, grid, end), start, end)


def label(leg: Leg) -> str:
    """Name of a leg in results."""
    return f"{leg.name} swap" if leg.swap else leg.name


def can_end(leg: Leg) -> bool:
    """Whether a leg can be liquidated: not spot held long, nor what is paid in full on the side that can lose no more."""
    if leg.market == "spot":
        return leg.side == "short"
    if leg.swap or leg.leverage > 1:
        return True
    return (leg.side == "short") != (parse_symbol(leg.symbol)[0] == leg.asset)


def _refuse_unequal(trade: Trade, histories: Sequence[LegHistory], costs: TradeCosts) -> None:
    if not len(trade.legs) == len(histories) == len(costs.legs):
        there = f"{len(histories)} histories and {len(costs.legs)} sets of costs for {len(trade.legs)} legs"
        raise InputError("a backtest", there, "Give one of each a leg, in the order of the legs.")
    for leg, history in zip(trade.legs, histories, strict=True):
        if not history.bars.known:
            raise NotEnoughData(f"a backtest of {leg.name}", "no prices", "Import bars of it.")
        if (leg.perpetual or leg.swap) and not history.fixings:
            there = f"a {'swap' if leg.swap else 'perpetual'} without any fixing"
            raise InputError(f"a backtest of {leg.name}", there, "Give its funding; nothing is paid as if it were 0.")
        if leg.swap != history.bars.rates:
            there = f"bars of {'rates' if history.bars.rates else 'prices'}"
            raise InputError(f"a backtest of {leg.name}", there, "A swap is quoted in fixed rates a year, everything else in prices.")
        if leg.market in {"dated", "swap"} and history.listing.ended is None:
            raise InputError(f"a backtest of {leg.name}", "its end is not known", "Give the instant of its expiry (listing.ended).")


def _window(histories: Sequence[LegHistory], plan: Plan) -> tuple[int, int, frozenset[int]]:
    """First and last decision, and all of them: the instants of the legs whose bars are longest."""
    longest = max(history.bars.step_hours for history in histories)
    grid = {ms for history in histories if history.bars.step_hours == longest for ms in history.bars.known}
    first = max(max(history.bars.known[0], history.listing.first) for history in histories)
    last = _last(histories)
    if plan.start is not None and plan.missing == "stop" and plan.start + LATE * longest * MS_PER_HOUR < first:
        there = f"the last leg begins at {to_text(first)}"
        raise InputError(f"a backtest from {to_text(plan.start)}", there, 'Begin later, or let it wait (missing="skip", --missing skip).')
    inside = sorted(ms for ms in grid if max(first, plan.start or first) <= ms <= min(last, plan.end or last))
    if len(inside) < 2:  # noqa: PLR2004 - a return needs two
        there = f"the legs' prices have {len(inside)} instants in common between {to_text(first)} and {to_text(last)}"
        raise NotEnoughData("a backtest", there, "Import bars that overlap, or choose another window.")
    return inside[0], inside[-1], frozenset(inside)


def _last(histories: Sequence[LegHistory]) -> int:
    """Return until when there are prices of all legs, or of those whose contracts have not ended."""
    cut = [h.bars.known[-1] for h in histories if h.listing.last - h.bars.known[-1] > LATE * h.bars.step_hours * MS_PER_HOUR]
    return min(cut, default=max(history.bars.known[-1] for history in histories))


def _account(leg: Leg, history: LegHistory, costs: LegCosts, coin: Coin) -> Account:
    asked = history.requirement
    if asked is None:
        asked = Requirement(Brackets.flat(0))
    exact = isinstance(history.bars.trade[0], Fraction)
    ended = FOREVER if history.listing.ended is None else history.listing.ended
    return Account(label(leg), leg, history, costs, asked, coin, exact, SeenLeg(leg), _dues(leg, history), ended)


def _coin(leg: Leg, history: LegHistory, asset: str, charges: Charges) -> Coin:
    """How a leg's settle asset is worth money in the reporting asset."""
    contract = history.listing.contract
    quote = parse_symbol(leg.symbol)[1]
    if contract.asset == asset:
        return "same"
    if history.coin is not None:
        return "bars"
    if contract.payoff == "inverse" and not leg.swap and _par(quote, asset):
        if quote != asset:
            charges.assume(f"{quote} is taken for {asset} at par (assumed)")
        return "own"
    if _par(contract.asset, asset):
        charges.assume(f"{contract.asset} is taken for {asset} at par (assumed)")
        return "same"
    raise InputError(
        f"{label(leg)} in {asset}", f"no price of {contract.asset} in {asset}", "Give it (LegHistory.coin), or report in another asset."
    )


def _par(one: str, other: str) -> bool:
    return one == other or (one in DOLLARS and other in DOLLARS)


def _dues(leg: Leg, history: LegHistory) -> tuple[Due, ...]:
    """Return the fixings of a leg's life, each once, in order; a stamp less than a minute (and half a bar) behind a bar is paid with it."""
    if not (leg.perpetual or leg.swap):
        return ()
    told = once(one for one in history.fixings if history.listing.lasts(one.at))
    if len(told) > 1:
        there = f"fixings of {', '.join(' '.join(key) for key in sorted(told))}"
        raise InputError(f"the funding of {label(leg)}", there, "Give those of one contract a leg.")
    known = history.bars.known
    near = min(MINUTE, history.bars.step_hours * MS_PER_HOUR / 2)
    found = []
    for one in next(iter(told.values()), []):
        row = bisect_right(known, one.at) - 1
        found.append(Due(known[row] if row >= 0 and one.at - known[row] < near else one.at, one))
    return tuple(found)


def _clock(accounts: Sequence[Account], dues: Sequence[Sequence[Due]], grid: frozenset[int], end: int) -> tuple[Instant, ...]:
    start = min(grid)
    bars: set[int] = set()
    for own in accounts:
        bars.update(ms for ms in own.bars.known if start <= ms <= end)
        if own.coin_is == "bars" and own.history.coin is not None:
            bars.update(ms for ms in own.history.coin.known if start <= ms <= end)
    others = {due.at for paid in dues for due in paid} | {own.ended for own in accounts if start <= own.ended <= end}
    return tuple(Instant(ms, ms in bars, ms in grid) for ms in sorted(bars | others))


def holes(own: Account, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Stretches (ms UTC) of a window of which the funding of a leg is missing; see `gaps`."""
    if own.leg.perpetual or own.leg.swap:
        last = min(end, own.ended)
        yield from gaps([due.fixing for due in own.paid if start < due.at <= last], [due.fixing for due in own.paid], start, last)
