"""What does this trade cost, from everything that is known: the user's schedule, recorded books, the catalogue?

One function for the scan, the backtest, the allocation and the hedge, so that the same object ranks and charges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from typing import TYPE_CHECKING

from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.catalogue.tariff_row import CostRow
from perpscope.catalogue.tariffs import BASE, Asked, find_cost
from perpscope.market.instrument import parse_symbol
from perpscope.market.number import Number
from perpscope.market.time import to_text
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.listed import ListedCrossing, ListedFees, PriceList, figure_of
from perpscope.trading.costs.parts import Crossing, LegCosts, TradeCosts, Transfer, turn
from perpscope.trading.costs.transfers import Move, transfer_of

if TYPE_CHECKING:
    from perpscope.trading.trade import Leg, Trade

_IDLE = "nothing says what the capital would earn elsewhere; give [[opportunity]] per_year_pct in a cost file, 0 if it would lie idle"


def trade_costs(
    trade: Trade,
    ms: int,
    *,
    notional: Number = 0,
    tiers: str | Mapping[str, str] = BASE,
    given: Sequence[CostRow] = (),
    books: Mapping[str, Crossing] | None = None,
    prices: Mapping[str, Number] | None = None,
    strict: bool = False,
) -> TradeCosts:
    r"""Gather what a trade costs; fees and crossings answer for any moment later on, the other figures are those of `ms`.

    Parameters
    ----------
    trade : legs and collateral. ms : moment (UTC) that the other parts are looked up for: the entry.
    notional : of the trade, quote units; a strict run asks every leg's crossing for it.
    tiers : fee tier of every venue, or venue id -> tier ("" for those not named); "VIP3+BNB" pays the tier with that discount.
    given : rows of the user's cost file (`read_costs`), which answer first. books : leg name (`Leg.name`) -> recorded books, which answer
        before the catalogue's spreads, after the user's. prices : leg name -> price, for venues that charge per contract.
    strict : whether an unknown stops.

    Raises
    ------
    CatalogueError
        Strict, and a number is unknown: which, of which leg, and what to do.

    Examples
    --------
    >>> from perpscope.trading.trade import Leg, Trade
    >>> from perpscope.catalogue.tariff_file import read_costs
    >>> mine = read_costs('[[fee]]\nvenue = "gate"\nmaker_bp = 1\ntaker_bp = 5\n[[spread]]\nhalf_bp = 1')
    >>> costs = trade_costs(Trade("naked_short", (Leg("gate", "BTC/USDT:USDT", "short"),)), 0, given=mine)
    >>> {part: float(figure.value) for part, figure in costs.legs[0].fill(0, "sell", 1000, "taker").items()}
    {'fee': 0.0005, 'impact': 0.0001}
    """
    rows = tuple(given)
    found = TradeCosts(
        tuple(leg_costs(leg, ms, PriceList.of(_tier(tiers, leg.venue), rows), (books or {}).get(leg.name)) for leg in trade.legs),
        _transfer(trade, ms, rows),
        _opportunity(ms, rows),
    )
    if strict:
        for what, figure in demanded(trade, found, ms, notional, prices):
            figure.needed(what)
    return found


def _tier(tiers: str | Mapping[str, str], venue: str) -> str:
    return tiers if isinstance(tiers, str) else tiers.get(venue) or tiers.get("") or BASE


def leg_costs(leg: Leg, ms: int, prices: PriceList, book: Crossing | None = None) -> LegCosts:
    """Gather what one leg costs, as `trade_costs` does for all of a trade's."""
    asked = Asked(leg.venue, leg.symbol, leg.market)
    where = f'venue = "{leg.venue}"'
    listed = ListedCrossing(prices, asked)
    return LegCosts(
        ListedFees(prices, asked, leg.multiplier),
        listed if book is None or listed.users(ms) else book,
        _borrow(leg, ms, prices),
        prices.figure("liquidation", "fee", asked, ms, f"[[liquidation]] {where}, fee_pct"),
        prices.figure("delivery", "fee", asked, ms, f"[[delivery]] {where}, fee_pct"),
        _tolerance(asked, ms, prices) if leg.perpetual else Figure.given(0, "it pays no funding"),
    )


def _borrow(leg: Leg, ms: int, prices: PriceList) -> Figure:
    """Yearly rate of the leg's coin at its venue, of the borrower's level or of the lowest."""
    coin = parse_symbol(leg.symbol)[0]
    asked = Asked(leg.venue, "", "spot", prices.tier, {"asset": coin})
    found = find_cost("borrow", "rate", asked, ms, prices.given)
    if found is not None:
        return figure_of(found)
    lowest = Asked(leg.venue, "", "spot", BASE, {"asset": coin})
    return prices.figure("borrow", "rate", lowest, ms, f'[[borrow]] venue = "{leg.venue}", asset = "{coin}", per_year_pct')


def _tolerance(asked: Asked, ms: int, prices: PriceList) -> Figure:
    """Seconds around a stamp, as the user gives them or as the rule in force states them."""
    found = find_cost("tolerance", "seconds", asked, ms, prices.given)
    if found is not None:
        return figure_of(found)
    venue = asked.venue.rpartition(":")[2]
    rules = load_venue(venue).at(ms, "", asked.market) if venue in venue_ids() else ()
    stated = [(rule, rule.parts["settle"]["grace_s"]) for rule in rules if "grace_s" in rule.parts["settle"]]
    for rule, value in stated:
        if value.known:
            source = load_venue(venue).sources.get(value.source)
            return Figure(value.number({}), "stated", f"{source.title if source else value.source}, rule {rule.id}")
    why = f"no rule of {asked.venue} in force on {to_text(ms)[:10]} states a tolerance around its funding stamps"
    return Figure.unknown(f'{why}; give [[tolerance]] venue = "{asked.venue}", seconds in a cost file')


def _transfer(trade: Trade, ms: int, given: tuple[CostRow, ...]) -> Transfer:
    """Return the dearest and the slowest of all ways between the venues; collateral in two assets is not moved by a transfer alone."""
    if len(trade.venues) < 2:  # noqa: PLR2004 - from one to another
        inside = Figure.given(0, "one venue: nothing is moved")
        return Transfer(inside, inside)
    assets = {leg.venue: leg.asset for leg in trade.legs}
    if len(set(assets.values())) > 1:
        both = ", ".join(f"{asset} at {venue}" for venue, asset in assets.items())
        hole = Figure.unknown(f"collateral is {both}: moving it takes an exchange as well, which is not costed")
        return Transfer(hole, hole)
    asset = next(iter(assets.values()))
    ways = [transfer_of(Move(*pair, asset), ms, given) for pair in permutations(trade.venues, 2)]
    fee, hours = (_worst([getattr(way, name) for way in ways]) for name in ("fee", "hours"))
    return Transfer(fee, hours, asset, whole=all(way.whole for way in ways))


def _worst(figures: Sequence[Figure]) -> Figure:
    """Return the largest; a hole where there is one."""
    return next((figure for figure in figures if not figure.known), None) or max(figures, key=lambda each: each.needed("a known figure"))


def _opportunity(ms: int, given: tuple[CostRow, ...]) -> Figure:
    found = find_cost("opportunity", "rate", Asked(""), ms, given)
    return Figure.unknown(_IDLE) if found is None else figure_of(found)


def demanded(
    trade: Trade, costs: TradeCosts, ms: int, notional: Number, prices: Mapping[str, Number] | None = None
) -> Iterator[tuple[str, Figure]]:
    """Yield every figure the trade may come to pay, with its name: what a strict run asks for before it begins."""
    told = [(prices or {}).get(leg.name) for leg in trade.legs]
    for opening in (True, False):
        yield from turn(costs, trade.legs, notional, ms, opening=opening, prices=told).items()
    for leg, own in zip(trade.legs, costs.legs, strict=True):
        if leg.market == "spot" and (leg.side == "short" or trade.policy.follow):
            yield f"borrow {leg.name}", own.borrow
        if leg.market != "spot" and leg.leverage > 1:
            yield f"liquidation fee {leg.name}", own.liquidation
        if leg.market == "dated":
            yield f"delivery fee {leg.name}", own.delivery
    if len(trade.venues) > 1 and trade.collateral.top_up is not None:
        yield "transfer fee", costs.transfer.fee
        yield "transfer hours", costs.transfer.hours if costs.transfer.whole else _bound(costs.transfer.hours)
    yield "opportunity cost", costs.opportunity


def _bound(hours: Figure) -> Figure:
    """Return a hole where only a part of the time is known."""
    known = f"only a lower bound of {float(hours.value):g} h is known, {hours.note}" if hours.value is not None else hours.note
    return Figure.unknown(f"{known}; give [[transfer]] hours in a cost file")
