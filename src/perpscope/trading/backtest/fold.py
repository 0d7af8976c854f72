"""What would a trade have earned, instant by instant, with everything that can go wrong?

At every instant, in this order: prices become known; legs that the bar took beyond their liquidation price are liquidated; funding and
borrowing are paid on what was held before; margins are looked at again, at the mark; contracts that end are settled; money on its way
arrives; and then the trade is decided on, by what was known strictly before, and filled at the trade price of the instant.
See docs/guide/backtest.md for every convention.
"""

from __future__ import annotations

from collections.abc import Sequence

from perpscope.errors import InputError, PerpscopeError
from perpscope.market.number import Number
from perpscope.market.time import to_text
from perpscope.trading.backtest import collateral, forced, orders
from perpscope.trading.backtest.account import LATE, SCALE, YEAR_MS, Account, in_units
from perpscope.trading.backtest.charges import Charges
from perpscope.trading.backtest.model import Event, LegHistory, Plan, Result, Why
from perpscope.trading.backtest.payments import pay_borrow, pay_fixing
from perpscope.trading.backtest.purse import VENUE, Purse
from perpscope.trading.backtest.ready import Instant, Ready, ready
from perpscope.trading.backtest.rounding import apportioned, rounded
from perpscope.trading.backtest.seen import DECISIONS, ByPolicy, Decide, Decision, Seen
from perpscope.trading.backtest.strict import refuse_holes
from perpscope.trading.costs.parts import TradeCosts
from perpscope.trading.trade import Trade
from perpscope.units import MS_PER_HOUR


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
        self.ways = {1: trade, -1: trade.reversed()}
        self.decide: Decide = plan.decide or ByPolicy(trade.policy)
        self.target = self._target()
        self.purse = Purse(given.accounts, given.asset, self._capital(), given.start, keep=plan.keep_ledger)
        self.seen = Seen(given.start, tuple(own.seen for own in given.accounts))
        self.events: list[Event] = []
        self.points: list[tuple[int, int, bool]] = []
        self.due = [0] * len(given.accounts)
        self.learned = [0] * len(given.accounts)
        self.paid_to: list[int | None] = [None] * len(given.accounts)
        self.last_at, self.last_decision = given.start, given.start
        self.liquidations = self.trades = 0
        self.largest = 0.0
        self.leaving = ""
        self.said = ""

    def _capital_per(self) -> Number:
        """Capital that a unit of notional asks, in the orientation that asks more."""
        follows = self.plan.decide is not None or self.trade.policy.follow
        return max(way.capital for way in (self.ways.values() if follows else [self.trade]))

    def _target(self) -> Number | None:
        """Notional of every opening; None where it follows the money."""
        if self.plan.compound:
            return None
        if self.plan.notional is not None:
            return self.plan.notional
        return None if self.plan.capital is None else self.plan.capital / self._capital_per()

    def _capital(self) -> int:
        asked = self._capital_per() * (self.plan.notional or 0)
        if self.plan.capital is None:
            return in_units(asked)
        if self.plan.capital < asked:
            there = f"a capital of {float(self.plan.capital):,.2f}"
            what = f"a notional of {float(self.plan.notional or 0):,.2f}, which asks {float(asked):,.2f}"
            raise InputError(what, there, "Give more capital, a smaller notional, or more leverage.")
        return in_units(self.plan.capital)

    @property
    def accounts(self) -> tuple[Account, ...]:
        return self.given.accounts

    @property
    def holding(self) -> bool:
        return any(own.quantity for own in self.accounts)

    def way(self) -> Trade:
        """Return the trade in the orientation it is held in."""
        return self.ways[self.seen.held or 1]

    def say(self, what: str, own: Account | None = None, /, **detail: object) -> None:
        self.events.append(Event(self.last_at, what, "" if own is None else own.label, detail))

    # the loop -------------------------------------------------------------------------------------------------------------------------

    def run(self) -> Result:
        """Go through all instants."""
        for instant in self.given.clock:
            held = self.holding
            self._step(instant)
            if instant.bar or instant.at == self.given.end or not self.points:
                first = not self.points
                self.points.append((instant.at, self.purse.capital if first else self.purse.equity, not first and (held or self.holding)))
        if self.purse.booked != self.purse.equity:
            there = f"reasons sum to {self.purse.booked}, the accounts hold {self.purse.equity}"
            raise PerpscopeError("the books of a backtest", there, "This is a fault of the program; please report it with its input.")
        return self._result()

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
            events=tuple(self.events),
            liquidations=self.liquidations,
            trades=self.trades,
            by_leg=by_leg,
            assumed=tuple(self.charges.assumed),
            unknown=self.charges.unknown,
            notional=self.largest,
            ledger=self.purse.ledger,
        )

    def _step(self, instant: Instant) -> None:
        at, since = instant.at, self.last_at
        collects = self.trade.collateral.top_up is not None or self.trade.collateral.rebalance is not None
        asked = collateral.wishes(self.purse, self.way()) if collects and self.holding and instant.decides else None
        self.seen.at, self.seen.equity = at, self.purse.equity / SCALE
        before = [(own.price, own.coin, own.years_left if own.swap else 0) for own in self.accounts]
        self.last_at = at
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
            self.events += collateral.land_due(self.purse, at)
        if instant.decides:
            self._decisions(asked)
        self._learn()

    def _liquidations(self) -> None:
        for k, own in enumerate(self.accounts):
            if own.quantity and (price := forced.hit(own)) is not None:
                self._liquidate(k, own, price)

    def _liquidate(self, k: int, own: Account, price: Number) -> None:
        self.liquidations += 1
        self.leaving = "a leg was liquidated"
        self.say("liquidated", own, **forced.liquidate(self.purse, self.charges, k, own, price))

    def _payments(self, before: Sequence[tuple[Number, Number, Number]], since: int) -> None:
        if self.plan.charge_opportunity:
            self._opportunity(since)
        for k, own in enumerate(self.accounts):
            cash = own.wallet
            if own.quantity < 0 and own.leg.market == "spot" and own.now > since:
                pay_borrow(self.purse, self.charges, k, own, before[k][0], since)
            self._fixings(k, own)
            if own.wallet < cash and own.beyond(own.mark) is not None:
                self._liquidate(k, own, own.mark)

    def _fixings(self, k: int, own: Account) -> None:
        dues = self.given.dues[k]
        while self.due[k] < len(dues) and dues[self.due[k]].at <= own.now:
            due = dues[self.due[k]]
            self.due[k] += 1
            why = pay_fixing(self.purse, self.charges, own, due, stop=self.plan.missing == "stop")
            if why:
                self.say("skipped", own, what="a payment of funding", why=why)
            self._hole(k, own, due.at, round(due.fixing.interval_hours * MS_PER_HOUR))

    def _hole(self, k: int, own: Account, at: int, step: int) -> None:
        """Tell of fixings that are missing while the leg was held."""
        since = self.paid_to[k] if self.paid_to[k] is not None else self.seen.opened
        if own.quantity and since is not None and 2 * (at - step - since) > step:
            self.say("hole", own, since=since, until=at - step)
        self.paid_to[k] = at

    def _opportunity(self, since: int) -> None:
        rate = self.charges.number("what the capital would earn elsewhere", self.charges.costs.opportunity)
        units = round(self.purse.capital * rate * (self.last_at - since) / YEAR_MS)
        self.purse.receive_idle(-units, "opportunity", "borrow", VENUE, self.last_at, about="earned elsewhere")

    def _endings(self) -> None:
        for k, own in enumerate(self.accounts):
            if own.now < own.ended or own.dead:
                continue
            own.dead = True
            if own.quantity:
                self.leaving = self.leaving or "a contract ended"
                what = "delivered" if own.leg.market in {"dated", "swap"} else "delisted"
                self.say(what, own, **forced.expire(self.purse, self.charges, k, own))

    def _learn(self) -> None:
        """Add to what decisions see from here on."""
        for k, own in enumerate(self.accounts):
            if own.fresh:
                own.seen.learn_bar(own.now, own.price, own.mark)
            while self.learned[k] < self.due[k]:
                own.seen.learn_fixing(self.given.dues[k][self.learned[k]].fixing)
                self.learned[k] += 1

    # decisions ------------------------------------------------------------------------------------------------------------------------

    def _decisions(self, asked: collateral.Wishes | None) -> None:
        over = any(own.dead for own in self.accounts)
        if self.last_at - self.last_decision > LATE * self._step_ms() and not over:
            self._missing(f"no prices from {to_text(self.last_decision)} to {to_text(self.last_at)}", once=False)
        self.last_decision = self.last_at
        if self.leaving or self.last_at == self.given.end:
            self._leave()
        elif not over:
            self._decide(asked)

    def _step_ms(self) -> float:
        return max(own.bars.step_hours for own in self.accounts) * MS_PER_HOUR

    def _leave(self) -> None:
        """Close what is left, leg by leg, each as soon as it has a price and its venue trades."""
        if not self.leaving and not (self.plan.close and self.holding):
            return
        why = self.leaving or "the end"
        for k, own in enumerate(self.accounts):
            if own.quantity and own.fresh and not own.halted(self.last_at):
                orders.close_leg(self.purse, self.charges, k, own, self.way().legs[k])
                self.say("closed", own, why=why)
        if not self.holding:
            self._closed()
        elif self.last_at == self.given.end:
            self.say("open at the end", why="a venue is halted or has no price")

    def _closed(self) -> None:
        self.seen.held, self.seen.closed, self.leaving = 0, self.last_at, ""

    def _decide(self, asked: collateral.Wishes | None) -> None:
        wanted = self.decide(self.seen)
        if wanted not in DECISIONS:
            raise InputError("a decision", repr(wanted), f"Return one of {', '.join(DECISIONS)}.")
        aim = {"open": 1, "reverse": -1, "close": 0, "keep": self.seen.held}[wanted]
        if aim == self.seen.held and asked is not None:
            self.events += collateral.top_up(self.purse, self.charges, self.way(), asked)
        if aim == self.seen.held and not (asked and asked.quantities):
            return
        if halted := [own.label for own in self.accounts if own.halted(self.last_at)]:
            self._once("waiting", f"{', '.join(halted)} is halted", wanted)
            return
        if any(not own.fresh or own.coin_late for own in self.accounts):
            missing = [own.label for own in self.accounts if not own.fresh or own.coin_late]
            self._missing(f"no price of {', '.join(missing)} at {to_text(self.last_at)}")
            return
        self.said = ""
        if aim != self.seen.held:
            self._turn(aim, wanted)
        elif asked is not None:
            self.events += collateral.rebalance(self.purse, self.charges, self.way(), asked)

    def _turn(self, aim: int, wanted: Decision) -> None:
        if self.seen.held:
            for k, own in enumerate(self.accounts):
                orders.close_leg(self.purse, self.charges, k, own, self.way().legs[k])
            self.say("closed", why=wanted)
            self._closed()
        if aim:
            self._open(aim)

    def _open(self, aim: int) -> None:
        trade = self.ways[aim]
        reach = self.accounts[0].number(self.purse.idle) / trade.capital
        notional = reach if self.target is None else min(self.target, reach)
        if notional <= 0:
            self._once("refused", "no money is left", "open")
            return
        asked = orders.tickets(self.purse, self.charges, trade, notional)
        if why := orders.why_not(self.purse, asked, trade):
            self._once("refused", why, "open")
            return
        orders.open_all(self.purse, asked)
        self.trades += 1
        self.largest = max(self.largest, float(notional))
        self.seen.held, self.seen.opened = aim, self.last_at
        self.paid_to = [None] * len(self.accounts)
        self.say("opened", notional=float(notional), way="as written" if aim > 0 else "reversed")

    def _once(self, what: str, why: str, wanted: str) -> None:
        """Tell of something that lasts when it begins."""
        if self.said != what + why:
            self.say(what, why=why, wanted=wanted)
        self.said = what + why

    def _missing(self, why: str, *, once: bool = True) -> None:
        if self.plan.missing == "stop":
            raise InputError(f"a decision at {to_text(self.last_at)}", why, 'Import the bars, or go on without them (missing="skip").')
        if once:
            self._once("skipped", why, "keep")
        else:
            self.say("skipped", why=why)
