"""What would a trade have earned, instant by instant, with everything that can go wrong?

At every instant, in this order: prices become known; legs that the bar took beyond their liquidation price are liquidated; funding and
borrowing are paid on what was held before; margins are looked at again, at the mark; contracts that end are settled; money on its way
arrives; and then the trade is decided on, by what was known strictly before, and filled at the trade price of the instant.
See docs/guide/backtest.md for every convention.
"""

from __future__ import annotations

from collections.abc import Sequence

from perpscope.errors import PerpscopeError
from perpscope.market.number import Number
from perpscope.trading.backtest import collateral, forced
from perpscope.trading.backtest.account import SCALE, YEAR_MS, Account
from perpscope.trading.backtest.charges import Charges
from perpscope.trading.backtest.desk import Desk, capital_of
from perpscope.trading.backtest.diary import Diary
from perpscope.trading.backtest.model import Event, LegHistory, Plan, Result, Why
from perpscope.trading.backtest.payments import pay_borrow, pay_fixing
from perpscope.trading.backtest.purse import VENUE, Purse
from perpscope.trading.backtest.ready import Instant, Ready, holes, ready
from perpscope.trading.backtest.rounding import apportioned, rounded
from perpscope.trading.backtest.strict import refuse_holes
from perpscope.trading.costs.parts import TradeCosts
from perpscope.trading.holdings import History
from perpscope.trading.trade import Trade


def backtest(trade: Trade, histories: Sequence[LegHistory], costs: TradeCosts, plan: Plan) -> Result:
    """Run a trade over the histories of its legs.

    Parameters
    ----------
    trade : legs, collateral and policy. histories : one a leg, in the order of the legs. costs : of the trade. plan : time, money, rigour.

    Raises
    ------
    InputError
        When something is missing that the plan does not allow to be missing, or does not fit.
    CatalogueError
        In a strict run, when a cost is not known.
    NotEnoughData
        When the legs have no time in common.

    Examples
    --------
    >>> from perpscope.market.contract import Contract
    >>> from perpscope.market.funding import PublishedFixing
    >>> from perpscope.trading.backtest.model import Bars
    >>> from perpscope.trading.costs.figure import Figure
    >>> from perpscope.trading.costs.parts import FlatFees, HalfSpread, LegCosts
    >>> from perpscope.trading.settle import Listing
    >>> from perpscope.trading.trade import Leg
    >>> leg, hour = Leg("venue", "BTC/USDT:USDT", "short"), 3_600_000
    >>> bars = Bars([0, 8 * hour, 9 * hour], *([[50_000.0] * 3] * 4), step_hours=8)
    >>> paid = (PublishedFixing("venue", "BTC/USDT:USDT", 8 * hour, 0.0001, 8, 50_000.0),)
    >>> free = LegCosts(FlatFees(Figure.given(0), Figure.given(0.0005)), HalfSpread(Figure.given(0)))
    >>> history = LegHistory(bars, Listing(Contract("linear", "USDT")), paid)
    >>> found = backtest(Trade("naked_short", (leg,)), [history], TradeCosts((free,)), Plan(capital=100_000, decimals=2))
    >>> found.equity, dict(found.by_reason)
    ((10000000, 9996000, 9991000), {'fee': -10000, 'funding': 1000})
    """
    charges = Charges(costs, strict=plan.strict)
    given = ready(trade, histories, charges, plan)
    if plan.strict:
        refuse_holes(trade, histories, charges, given, turns=plan.decide is not None or trade.policy.follow)
    return _Fold(trade, charges, plan, given).run()


class _Fold:
    """The state of one run."""

    def __init__(self, trade: Trade, charges: Charges, plan: Plan, given: Ready) -> None:
        self.trade, self.charges, self.plan, self.given = trade, charges, plan, given
        self.accounts = given.accounts
        self.diary = Diary(given.start)
        self.purse = Purse(given.accounts, given.asset, capital_of(trade, plan), given.start, keep=plan.keep_ledger)
        self.desk = Desk(trade, plan, charges, given, self.purse, self.diary)
        self.collects = trade.collateral.top_up is not None or trade.collateral.rebalance is not None
        self.points: list[tuple[int, int, bool]] = []
        self.liquidations = 0

    def run(self) -> Result:
        """Go through all instants; nothing more can happen when a contract has ended and all is closed and at home."""
        for instant in self.given.clock:
            held = self.desk.holding
            self._step(instant)
            holding = self.desk.holding
            over = any(own.dead for own in self.accounts) and not holding and not self.purse.flights
            if not self.points:
                self.points.append((instant.at, self.purse.capital, False))
            elif instant.bar or over or instant.at == self.given.end:
                self.points.append((instant.at, self.purse.equity, held or holding))
            if over:
                break
        if self.purse.booked != self.purse.equity:
            there = f"reasons sum to {self.purse.booked}, the accounts hold {self.purse.equity}"
            raise PerpscopeError("the books of a backtest", there, "This is a fault of the program; please report it with its input.")
        return self._result()

    def _step(self, instant: Instant) -> None:
        at, since = instant.at, self.diary.at
        collects = self.collects and instant.decides and self.desk.holding
        asked = collateral.wishes(self.purse, self.desk.way) if collects else None
        self.desk.seen.at, self.desk.seen.equity = at, self.purse.equity / SCALE
        before = [(own.price, own.coin, own.years_left if own.swap else 0) for own in self.accounts]
        self.diary.at = at
        for own, was in zip(self.accounts, before, strict=True):
            moved = own.advance(at)
            if own.quantity and (moved or own.swap):
                self.purse.revalue(own, was)
        if self.purse.flights:
            self.purse.revalue_flights()
        self._liquidations()
        self._payments(before, since)
        self._endings()
        if self.purse.flights:
            collateral.land_due(self.purse, self.diary)
        if instant.decides:
            self.desk.act(asked)
        self._learn()

    def _liquidations(self) -> None:
        for k, own in enumerate(self.accounts):
            if own.quantity and (price := forced.hit(own)) is not None:
                self._liquidate(k, own, price)

    def _liquidate(self, k: int, own: Account, price: Number) -> None:
        self.liquidations += 1
        self.desk.leaving = "a leg was liquidated"
        self.diary.say("liquidated", own.label, **forced.liquidate(self.purse, self.charges, k, own, price))

    def _payments(self, before: Sequence[tuple[Number, Number, Number]], since: int) -> None:
        if self.plan.charge_opportunity:
            self._opportunity(since)
        for k, own in enumerate(self.accounts):
            cash = own.wallet
            if own.spot and own.quantity < 0 and own.now > since:
                pay_borrow(self.purse, self.charges, k, own, before[k][0], since)
            self._fixings(k, own)
            if own.wallet < cash and own.beyond(own.mark) is not None:
                self._liquidate(k, own, own.mark)

    def _fixings(self, k: int, own: Account) -> None:
        dues = self.given.dues[k]
        while own.due < len(dues) and dues[own.due].at <= own.now:
            why = pay_fixing(self.purse, self.charges, own, dues[own.due], stop=self.plan.missing == "stop")
            if why:
                self.diary.say("skipped", own.label, why=why, what="a payment of funding")
            own.due += 1

    def _opportunity(self, since: int) -> None:
        rate = self.charges.number("what the capital would earn elsewhere", self.charges.costs.opportunity)
        units = round(self.purse.capital * rate * (self.diary.at - since) / YEAR_MS)
        self.purse.receive_idle(-units, "opportunity", "borrow", VENUE, self.diary.at, about="earned elsewhere")

    def _endings(self) -> None:
        for k, own in enumerate(self.accounts):
            if own.now < own.ended or own.dead:
                continue
            own.dead = True
            if own.quantity:
                self.desk.leaving = self.desk.leaving or "a contract ended"
                what = "delivered" if own.leg.market in {"dated", "swap"} else "delisted"
                self.diary.say(what, own.label, **forced.expire(self.purse, self.charges, k, own))

    def _learn(self) -> None:
        """Add to what decisions see from here on."""
        for k, own in enumerate(self.accounts):
            if own.fresh:
                own.seen.learn_bar(own.now, own.price, own.mark)
            while own.learned < own.due:
                own.seen.learn_fixing(self.given.dues[k][own.learned].fixing)
                own.learned += 1

    def _result(self) -> Result:
        places = self.plan.decimals
        at, equity, active = zip(*self.points, strict=True)
        curve = tuple(rounded(units, places) for units in equity)
        cells = apportioned(self.purse.cells, curve[-1] - curve[0], places)
        by_reason: dict[Why, int] = {}
        by_leg: dict[str, dict[Why, int]] = {}
        for (name, why), units in cells.items():
            by_reason[why] = by_reason.get(why, 0) + units
            by_leg.setdefault(name, {})[why] = units
        return Result(
            at=at,
            equity=curve,
            by_reason=by_reason,
            places=places,
            asset=self.given.asset,
            active=active,
            events=tuple(sorted((*self.diary.events, *self._holes(at[-1])), key=lambda event: event.at)),
            liquidations=self.liquidations,
            trades=self.desk.trades,
            by_leg=by_leg,
            assumed=tuple(self.charges.assumed),
            unknown=self.charges.unknown,
            notional=self.desk.largest,
            ledger=self.purse.ledger,
        )

    def _holes(self, end: int) -> list[Event]:
        """Stretches in which a leg was held and fixings are missing: nothing was paid for them."""
        found = []
        for own in self.accounts:
            held = History("", own.changed_at, own.changed_to)
            for since, until in holes(own, self.given.start, end):
                if held.any_in(since, until):
                    found.append(Event(until, "hole", own.label, {"since": since, "until": until, "why": "no funding is known"}))
        return found
