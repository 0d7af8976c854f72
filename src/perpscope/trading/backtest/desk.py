"""What does a trade do at a decision: enter, turn round, leave, or wait?

All legs in or none, filled at the trade price of the instant. Where a venue of the trade is halted or a price is missing, it waits and
decides again at the next instant. What is left after a liquidation or the end of a contract is closed leg by leg, as soon as each can be.
"""

from __future__ import annotations

from fractions import Fraction

from perpscope.errors import InputError
from perpscope.market.number import Number
from perpscope.market.time import to_text
from perpscope.trading.backtest import collateral, orders
from perpscope.trading.backtest.account import LATE, SCALE, Account, in_units
from perpscope.trading.backtest.charges import Charges
from perpscope.trading.backtest.diary import Diary
from perpscope.trading.backtest.model import PLACES, Plan
from perpscope.trading.backtest.purse import Purse
from perpscope.trading.backtest.ready import Ready, can_end
from perpscope.trading.backtest.seen import DECISIONS, ByPolicy, Decide, Seen
from perpscope.trading.trade import Trade
from perpscope.units import MS_PER_HOUR


def capital_per(trade: Trade) -> Number:
    """Return the capital that a unit of notional asks, exact where leverages and ratios are."""
    pairs = [(leg.ratio, leg.leverage) for leg in trade.legs]
    parts = [a / b if isinstance(a, float) or isinstance(b, float) else Fraction(a) / b for a, b in pairs]
    return sum(parts[1:], start=parts[0]) + trade.collateral.buffer


def most_capital_per(trade: Trade, plan: Plan) -> Number:
    """Return the capital that a unit of notional asks, in the orientation that asks more."""
    turns = plan.decide is not None or trade.policy.follow
    return max(capital_per(way) for way in (trade, *([trade.reversed()] if turns else [])))


def capital_of(trade: Trade, plan: Plan) -> int:
    """Money put in, in units of the reporting asset.

    Raises
    ------
    InputError
        When the capital does not reach for the notional, or is less than a unit of the result.
    """
    asked = most_capital_per(trade, plan) * (plan.notional or 0)
    put_in = in_units(asked if plan.capital is None else plan.capital)
    if put_in < 10 ** (PLACES - plan.decimals):
        there = f"a capital of {put_in / SCALE:g}"
        raise InputError("a backtest", there, f"Give at least what its money is counted in, 10^-{plan.decimals}.")
    if plan.capital is not None and plan.capital < asked:
        what = f"a notional of {float(plan.notional or 0):,.2f}, which asks {float(asked):,.2f}"
        raise InputError(what, f"a capital of {float(plan.capital):,.2f}", "Give more capital, a smaller notional, or more leverage.")
    return put_in


def notional_of(trade: Trade, plan: Plan) -> Number | None:
    """Notional of every opening; None where it follows the money."""
    if plan.compound:
        return None
    if plan.notional is not None:
        return plan.notional
    return None if plan.capital is None else plan.capital / most_capital_per(trade, plan)


class Desk:
    """Carries decisions out.

    Parameters
    ----------
    trade, plan, charges, given : of the run. purse, diary : where money and events are written.
    """

    def __init__(self, trade: Trade, plan: Plan, charges: Charges, given: Ready, purse: Purse, diary: Diary) -> None:
        self.plan, self.charges, self.given, self.purse, self.diary = plan, charges, given, purse, diary
        self.ways = {1: trade, -1: trade.reversed()}
        self.decide: Decide = plan.decide or ByPolicy(trade.policy)
        self.target = notional_of(trade, plan)
        self.seen = Seen(given.start, tuple(own.seen for own in given.accounts))
        self.step_ms = max(own.bars.step_hours for own in given.accounts) * MS_PER_HOUR
        self.decided_at = given.start
        self.leaving = ""
        self.trades = 0
        self.largest = 0.0

    @property
    def accounts(self) -> tuple[Account, ...]:
        """One a leg."""
        return self.given.accounts

    @property
    def holding(self) -> bool:
        """Whether any leg is held."""
        return any(own.quantity for own in self.accounts)

    @property
    def way(self) -> Trade:
        """The trade in the orientation it is held in."""
        return self.ways[self.seen.held or 1]

    def act(self, asked: collateral.Wishes | None) -> None:
        """Decide, and carry it out; `asked` : what the collateral's rules want."""
        ended, before = any(own.dead for own in self.accounts), self.decided_at
        self.decided_at = now = self.diary.at
        if self.leaving or now == self.given.end:
            self._leave()
            return
        if ended or not self._priced(before, now):
            return
        wanted = self.decide(self.seen)
        if wanted not in DECISIONS:
            raise InputError("a decision", repr(wanted), f"Return one of {', '.join(DECISIONS)}.")
        aim = {"open": 1, "reverse": -1, "close": 0, "keep": self.seen.held}[wanted]
        if aim == self.seen.held:
            self._keep(asked)
        elif not self._halted():
            self._turn(aim, wanted)

    def _priced(self, before: int, now: int) -> bool:
        """Whether every leg has a price at this instant, and had them since the decision before; else tell, or stop."""
        halts = [halt for own in self.accounts for halt in own.history.halts]
        if now - before > LATE * self.step_ms and not any(start < now and end > before for start, end in halts):
            self._missing(f"no prices from {to_text(before)} to {to_text(now)}")
        missing = [own.label for own in self.accounts if not own.fresh or own.coin_late]
        if missing and not any(start <= now < end for start, end in halts):
            self._missing(f"no price of {', '.join(missing)} at {to_text(now)}")
        return not missing

    def _missing(self, why: str) -> None:
        if self.plan.missing == "stop":
            do = 'Import the bars, or go on without them (missing="skip", --missing skip).'
            raise InputError(f"a decision at {to_text(self.diary.at)}", why, do)
        self.diary.say("skipped", why=why)

    def _halted(self) -> bool:
        halted = [own.label for own in self.accounts if own.halted(self.diary.at)]
        if halted:
            self.diary.once("waiting", "", f"{', '.join(halted)} is halted")
        return bool(halted)

    def _keep(self, asked: collateral.Wishes | None) -> None:
        if asked is None:
            return
        if asked.quantities and not self._halted():
            collateral.rebalance(self.purse, self.charges, self.way, asked, self.diary)
        collateral.top_up(self.purse, self.charges, self.way, asked, self.diary)

    def _turn(self, aim: int, why: str) -> None:
        if self.seen.held:
            for k, own in enumerate(self.accounts):
                orders.close_leg(self.purse, self.charges, k, own, self.way.legs[k])
            self.diary.over()
            self.diary.say("closed", why=why)
            self._doubt()
            self._closed()
        if aim:
            self._open(aim)

    def _open(self, aim: int) -> None:
        trade = self.ways[aim]
        reach = self.accounts[0].number(self.purse.idle) / capital_per(trade)
        notional = reach if self.target is None else min(self.target, reach)
        if self.purse.idle < 10 ** (PLACES - self.plan.decimals):
            self.diary.once("refused", "", "no money is left")
            return
        asked = orders.tickets(self.purse, self.charges, trade, notional)
        if why := orders.why_not(self.purse, asked, trade):
            self.diary.once("refused", "", why)
            return
        self.diary.over()
        orders.open_all(self.purse, asked)
        self._assume(trade)
        self.trades += 1
        self.largest = max(self.largest, float(notional))
        self.seen.held, self.seen.opened = aim, self.diary.at
        self.diary.say("opened", notional=float(notional), way="as written" if aim > 0 else "reversed")
        self._doubt()

    def _assume(self, trade: Trade) -> None:
        """Keep what holding a trade takes for granted."""
        for own, leg in zip(self.accounts, trade.legs, strict=True):
            if own.history.requirement is None and can_end(leg):
                why = own.history.why_no_requirement or "none was given"
                self.charges.assume(
                    f"{own.label} is liquidated when its margin is gone, no maintenance margin being known (assumed): {why}"
                )
            if own.bars.mark_is != "mark" and not own.spot:
                self.charges.assume(f"{own.label}: the {own.bars.mark_is} price is assumed to be its mark")
            if leg.liquidity == "maker":
                self.charges.assume(f"resting orders of {own.label} are always filled, at the trade price (assumed)")
            if own.coin_is != "same":
                self.charges.assume(f"{own.asset} put up for {own.label} is bought and sold at its price without a cost (assumed)")

    def _doubt(self) -> None:
        """Tell where a change of position lies inside a venue's tolerance of a funding stamp: it may count, or not."""
        for own, dues in zip(self.accounts, self.given.dues, strict=True):
            grace = round(max(own.history.listing.settle.grace_s, own.costs.tolerance.value or 0) * 1000)
            stamps = [due.fixing.at for due in dues[max(own.due - 1, 0) : own.due + 1]]
            for near in [stamp for stamp in stamps if abs(stamp - self.diary.at) < grace]:
                text = f"the position changed within {grace / 1000:g} s of the stamp {to_text(near)}: the venue may count it otherwise"
                self.diary.say("doubt", own.label, why=text)

    def _leave(self) -> None:
        """Close what is left, leg by leg, each as soon as it has a price and its venue trades."""
        if not self.leaving and not (self.plan.close and self.holding):
            return
        for k, own in enumerate(self.accounts):
            if own.quantity and own.fresh and not own.coin_late and not own.halted(self.diary.at):
                orders.close_leg(self.purse, self.charges, k, own, self.way.legs[k])
                self.diary.say("closed", own.label, why=self.leaving or "the end")
        if not self.holding:
            self._closed()
        elif self.diary.at == self.given.end:
            self.diary.say("left open", why="a venue is halted or has no price at the end")

    def _closed(self) -> None:
        self.seen.held, self.seen.closed, self.leaving = 0, self.diary.at, ""
