"""What does a trade cost, part by part, and who says so? Nothing is computed here."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from perpscope.cli.amounts import number_of, share_of
from perpscope.cli.carry.backtest_tables import exposed
from perpscope.cli.carry.cost_tables import show_cost
from perpscope.cli.carry.given_costs import Books, CostWords, rows_for
from perpscope.cli.carry.legs import USUAL_LEVERAGE, USUAL_NOTIONAL, LegTexts, Leverage, Notional, legs_of
from perpscope.cli.carry.tiers import tiers_of_trade
from perpscope.cli.place import Place, Where, say
from perpscope.cli.render import Format, render
from perpscope.errors import InputError

if TYPE_CHECKING:
    from perpscope.trading.costs.parts import Crossing
    from perpscope.trading.trade import Trade

RECORD = ("kind", "of", "tier", "numbers", "from", "to", "seen", "status", "note")


def cost(
    leg: LegTexts = (),
    *,
    notional: Notional = USUAL_NOTIONAL,
    at: Annotated[str, Parameter(help="Moment whose costs are meant (2022-09-01, UTC); now where absent.")] = "",
    leverage: Leverage = USUAL_LEVERAGE,
    maker: Annotated[bool, Parameter(negative="", help="Orders rest instead of crossing, on every leg that does not say taker.")] = False,
    costs: CostWords = CostWords(),  # noqa: B008 - frozen
    books: Books = False,
    price: Annotated[
        tuple[str, ...], Parameter(negative="", help="Price of one unit: 40000, VENUE=40000 or ASSET=40000; repeatable.")
    ] = (),
    rate: Annotated[str, Parameter(help="Carry the trade receives, such as 0.01%/8h, for the break-even.", allow_leading_hyphen=True)] = "",
    buffer: Annotated[
        str, Parameter(help="Idle money beside the margins, a share of the notional: 0.2 or 20%.", allow_leading_hyphen=True)
    ] = "0",
    strict: Annotated[bool, Parameter(negative="", help="Stop at the first number that is not known.")] = False,
    record: Annotated[str, Parameter(help="List what is on record of a venue's costs instead.")] = "",
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Tell what entering, holding and leaving a trade costs, part by part, with the source of each number."""
    from perpscope.catalogue.overview import moment_of
    from perpscope.catalogue.tariffs import on_record
    from perpscope.runs.legs import exposure
    from perpscope.trading.costs.assemble import trade_costs
    from perpscope.trading.costs.sheet import Sheet
    from perpscope.trading.leg_text import kind_of
    from perpscope.trading.trade import Collateral, Trade
    from perpscope.units import Rate

    if record:
        if leg:
            raise InputError("what is on record", "legs beside --record", "Give --record VENUE alone, or legs without it.")
        render(on_record(record), format, columns=RECORD)
        return 0
    legs = legs_of(leg, leverage=leverage, maker=maker)
    trade = Trade(kind_of(legs), legs, Collateral(share_of("the buffer", buffer)))
    ms, value, named = moment_of(at, time.time_ns() // 1_000_000), number_of("the notional", notional), prices_of(price)
    of_their_time(trade, ms)
    told = [{"leg": one.name, "side": one.side, "payoff": one.market, "ratio": float(one.ratio)} for one in legs]
    for line in exposed(told, exposure(legs)):
        say(line)
    priced(named, trade)
    prices = {each.name: named.get(each.venue, named.get("", 0)) for each in legs if each.venue in named or "" in named}
    walks = recorded(place, trade, ms, named) if books else {}
    given = rows_for(costs, trade)
    tiers = tiers_of_trade(costs.tier, trade, given)
    found = trade_costs(trade, ms, notional=value, tiers=tiers, given=given, books=walks, prices=prices, strict=strict)
    sheet = Sheet(trade, found, ms, value, prices, Rate.parse(rate) if rate else None)
    if format == "table":
        show_cost(sheet)
    else:
        render(sheet.answer() if format == "json" else sheet.rows(), format)
    return 0


def prices_of(texts: Iterable[str]) -> dict[str, Fraction]:
    """Read prices: of one venue or asset where it is named, of all others under the empty name."""
    found = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        found[name.strip() if equals else ""] = number_of(f"the price {text!r}", value)
    if any(value <= 0 for value in found.values()):
        raise InputError("a price", "not above 0", "Give prices of one unit in quote units.")
    return found


def priced(prices: Mapping[str, Fraction], trade: Trade) -> None:
    """Refuse a price of a venue or an asset that the trade has nothing to do with.

    Raises
    ------
    InputError
        Naming it, and what prices can be of.
    """
    from perpscope.market.instrument import parse_symbol

    assets = {asset for leg in trade.legs for asset in parse_symbol(leg.symbol) if asset}
    for name in prices:
        if name and name not in {*trade.venues, *assets}:
            there = f"the trade has {', '.join((*trade.venues, *sorted(assets)))}"
            raise InputError(f"the price of {name}", there, "Name one of these venues or assets, or none.")


def recorded(place: Place, trade: Trade, ms: int, coins: Mapping[str, Fraction]) -> dict[str, Crossing]:
    """Return the books of the store; a leg without one is said."""
    from perpscope.runs.costs import recorded_crossings

    found = recorded_crossings(place.store(), trade, ms, coins)
    for leg in trade.legs:
        if leg.name not in found:
            say(f"no book of {leg.name} is recorded: spreads on record answer")
    return found


def of_their_time(trade: Trade, ms: int) -> None:
    """Refuse a dated future that has expired by then, or whose day does not exist.

    Raises
    ------
    InputError
        Naming the leg and its last day.
    """
    from perpscope.market.time import to_text
    from perpscope.runs.dated import expiry_of
    from perpscope.units import MS_PER_DAY

    for leg in trade.legs:
        if leg.market == "dated" and expiry_of(leg.symbol) + MS_PER_DAY <= ms:
            ended = to_text(expiry_of(leg.symbol))[:10]
            raise InputError(f"the leg {leg.name} on {to_text(ms)[:10]}", f"it expired on {ended}", "Name an earlier moment with --at.")
