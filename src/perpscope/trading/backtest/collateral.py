"""Which leg needs money, where does it come from, and when does it arrive?

What is wanted is worked out from marks and money known before the instant; it is sent at the instant. Between venues it takes the
transfer's hours and costs its fee; within one venue it is there at once, for nothing. Money that arrives inside a bar helps after it.
"""

from __future__ import annotations

from dataclasses import dataclass

from perpscope.market.number import Number, magnitude
from perpscope.trading.backtest.account import SCALE, Account, in_units
from perpscope.trading.backtest.charges import Charges
from perpscope.trading.backtest.diary import Diary
from perpscope.trading.backtest.orders import change
from perpscope.trading.backtest.purse import VENUE, Purse
from perpscope.trading.trade import Trade
from perpscope.units import MS_PER_HOUR


@dataclass(frozen=True, slots=True)
class Want:
    """A leg that is short of money, and how much it needs, in the reporting asset at the prices seen."""

    own: Account
    units: int


@dataclass(frozen=True, slots=True)
class Spare:
    """A leg with money beyond its own need, in the reporting asset at the prices seen."""

    own: Account
    units: int


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the collateral's rules ask for before an instant."""

    wants: tuple[Want, ...] = ()
    spares: tuple[Spare, ...] = ()
    quantities: tuple[Number | None, ...] = ()


def wishes(purse: Purse, trade: Trade) -> Wishes | None:
    """Work out what is wanted, from what is known so far; None for nothing."""
    plan = trade.collateral
    quantities = () if plan.rebalance is None else _balanced(purse, trade, plan.rebalance)
    wants: list[Want] = []
    spares: list[Spare] = []
    for own, leg in zip(purse.accounts, trade.legs, strict=True):
        if own.safe or plan.top_up is None:
            continue
        value, equity = own.value(own.mark), own.equity(own.mark)
        target = 1 / leg.leverage if plan.target is None else plan.target
        flying = own.number(sum(one.units for one in purse.flights if one.to is own))
        if equity + flying < plan.top_up * value:
            lacks = target * value - equity - flying
            wants += [Want(own, in_units(lacks * own.coin))] if lacks > 0 else []
        elif leg.market != "spot":
            free = min(own.number(own.wallet), equity - target * value)
            spares += [Spare(own, int(free * own.coin * SCALE))] if free > 0 else []
    return Wishes(tuple(wants), tuple(spares), quantities) if wants or quantities else None


def _balanced(purse: Purse, trade: Trade, drift: Number) -> tuple[Number | None, ...]:
    """Return the quantities that bring drifted exposures together by the least trading; () where they are near enough."""
    found = [own.exposure(own.price) if own.quantity else None for own in purse.accounts]
    shares = [None if x is None else magnitude(x) / leg.ratio for x, leg in zip(found, trade.legs, strict=True)]
    known = sorted(share for share in shares if share is not None)
    if len(known) < 2 or known[-1] <= known[0] * (1 + drift):  # noqa: PLR2004 - one alone has nothing to drift from
        return ()

    def traded(aim: Number) -> Number:
        moves = [leg.ratio * magnitude(s - aim) for s, leg in zip(shares, trade.legs, strict=True) if s is not None]
        return sum(moves[1:], start=moves[0])

    aim = min(known, key=traded)
    return tuple(
        None if share is None or share == aim else own.quantity * (aim / share) for own, share in zip(purse.accounts, shares, strict=True)
    )


def rebalance(purse: Purse, charges: Charges, trade: Trade, asked: Wishes, diary: Diary) -> None:
    """Bring the legs to the quantities asked for, at the trade price."""
    for k, (own, quantity) in enumerate(zip(purse.accounts, asked.quantities, strict=True)):
        if quantity is not None:
            diary.say("rebalanced", own.label, before=float(own.quantity), after=float(quantity))
            change(purse, charges, k, trade.legs[k], quantity)


def top_up(purse: Purse, charges: Charges, trade: Trade, asked: Wishes, diary: Diary) -> None:
    """Send what is wanted: from the idle money, then from the legs that have most to spare."""
    spare = sorted(asked.spares, key=lambda one: -one.units)
    for want in asked.wants:
        lacks = want.units
        for giver in (None, *spare):
            if lacks > 0:
                near = len(trade.venues) == 1 or (giver is not None and giver.own.leg.venue == want.own.leg.venue)
                lacks -= _send(purse, charges, giver, Want(want.own, lacks), diary, near=near)


def _send(purse: Purse, charges: Charges, giver: Spare | None, want: Want, diary: Diary, *, near: bool) -> int:
    """Send what is wanted as far as the giver (None: the idle money) has it; return the units that left."""
    source, taker = None if giver is None else giver.own, want.own
    fee = 0 if near else _fee(purse, charges)
    units = min(want.units, (purse.idle if giver is None else giver.units) - fee)
    if units <= 0:
        return 0
    halted = [own.label for own in (source, taker) if own is not None and own.halted(diary.at)]
    hours = 0 if near else charges.transfer_hours()
    if halted or hours is None:
        why = f"{', '.join(halted)} is halted" if halted else "how long a transfer between the venues takes is not known"
        diary.once("refused", taker.label, f"no top-up: {why}")
        return 0
    if fee:
        _pay_fee(purse, source, fee, diary.at)
    arrives = diary.at + round(hours * MS_PER_HOUR)
    purse.send(source, taker, units, arrives)
    diary.say("moved", taker.label, giver="idle" if source is None else source.label, amount=units / SCALE, arrives=arrives)
    if near:
        purse.land(purse.flights[-1])
    return units


def _fee(purse: Purse, charges: Charges) -> int:
    """Fee of one transfer in units of the reporting asset."""
    asset, fee = charges.costs.transfer.asset, charges.number("the fee of a transfer between venues", charges.costs.transfer.fee)
    coin = next((own.coin for own in purse.accounts if own.asset == asset and own.coin_is != "same"), 1)
    return in_units(fee * coin)


def _pay_fee(purse: Purse, source: Account | None, fee: int, at: int) -> None:
    if source is None:
        purse.receive_idle(-fee, "transfer", "transfer", VENUE, at, about="transfer fee")
    else:
        purse.receive(source, -purse.bought(source, fee), "transfer", "transfer", VENUE, "transfer fee")


def land_due(purse: Purse, diary: Diary) -> None:
    """Let what is due arrive, where its venue is not halted."""
    for one in [one for one in purse.flights if one.arrives <= diary.at and not one.to.halted(diary.at)]:
        diary.say("arrived", one.to.label, amount=one.units / SCALE, asset=one.to.asset)
        purse.land(one)
