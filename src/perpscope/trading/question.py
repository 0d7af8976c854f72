"""What does a question about a liquidation price leave open, and what is the answer?

Entry, side and leverage are often all a reader knows. What the catalogue knows is taken with its source, what nobody states is
asked for, and what has to be taken for granted is listed as assumed in the answer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

from perpscope.catalogue.bracket_file import BracketRow
from perpscope.catalogue.brackets import FoundBrackets, bracket_venue, find_brackets
from perpscope.catalogue.load import load_venue, resolve_symbol, venue_ids
from perpscope.errors import InputError
from perpscope.market.brackets import VALUED, Brackets, Tier, Valued
from perpscope.market.contract import PAYOFFS, Contract, Payoff
from perpscope.market.instrument import Instrument, market_of, parse_symbol
from perpscope.market.number import INF, Number, magnitude, to_float
from perpscope.trading.margin import FeeAt, Holding, Liquidation, Requirement, initial_margin, liquidation

_UNNAMED = {"linear": "quote asset", "inverse": "base asset", "quanto": "settle asset"}


@dataclass(frozen=True, slots=True)
class PriceQuestion:
    """What the reader said; None and "" where nothing was said.

    Parameters
    ----------
    side : "long" or "short". entry, mark : prices > 0. at : moment whose margin table is asked for, ms UTC.
    venue, symbol : whose contract. payoff, asset, contract_size : its terms, where no symbol says them.
    leverage : >= 1. margin : put aside for the position, settle asset. quantity : contracts, > 0. notional : value at entry.
    mode : "isolated" or "cross". balance : of the cross account. other_profit, other_maintenance : of its other positions.
    maintenance : rate instead of a table. valued : "mark" or "entry". fee, fee_at : closing fee, see `Requirement`.
    funding : so far, > 0 received. tables : of the reader's own file.
    """

    side: str
    entry: Number
    at: int
    venue: str = ""
    symbol: str = ""
    payoff: str = ""
    asset: str = ""
    contract_size: Number | None = None
    leverage: Number | None = None
    margin: Number | None = None
    quantity: Number | None = None
    notional: Number | None = None
    mark: Number | None = None
    mode: str = "isolated"
    balance: Number | None = None
    other_profit: Number = 0
    other_maintenance: Number = 0
    maintenance: Number | None = None
    valued: str = ""
    fee: Number | None = None
    fee_at: FeeAt = "trigger"
    funding: Number = 0
    tables: tuple[BracketRow, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be asked."""
        for name, value in {"entry price": self.entry, "mark price": self.mark}.items():
            if value is not None and not 0 < value < INF:
                raise InputError(f"the {name}", f"{to_float(value):g}", "Prices are positive.")
        if self.leverage is not None and not 1 <= self.leverage < INF:
            raise InputError("a leverage", f"{to_float(self.leverage):g}", "Give 1 or more; 1 is a position paid in full.")
        quantities = {"margin": self.margin, "quantity": self.quantity, "notional": self.notional, "contract size": self.contract_size}
        for name, value in quantities.items():
            if value is not None and not 0 < value < INF:
                raise InputError(f"the {name}", f"{to_float(value):g}", "Give a positive number; the side says which way.")
        if self.side not in ("long", "short"):
            raise InputError("the side of a position", repr(self.side), "Give long or short.")
        if self.mode not in ("isolated", "cross"):
            raise InputError("the margin mode", repr(self.mode), "Give isolated or cross.")


def liquidation_answer(asked: PriceQuestion) -> dict[str, object]:
    """Answer with prices, what they rest on, and what was assumed.

    Returns
    -------
    {venue, symbol, payoff, asset, side, mode, entry, mark, quantity, notional, leverage, margin, fee, liquidation_price,
    bankruptcy_price, distance (fraction of the mark, signed), already_below, reason, maintenance_rate, maintenance (money at the
    liquidation price), max_leverage, bracket (or null), assumed}.

    Raises
    ------
    InputError, CatalogueError
        When something is missing, contradicts itself or is not recorded.
    """
    assumed: list[str] = []
    table, found = _table(asked, assumed)
    contract, symbol = _contract(asked, found, assumed)
    holding = _holding(asked, contract, table, assumed)
    if not _sized(asked):
        table = _first_tier(table, assumed)
    money = _margin(asked, holding, table)
    if asked.fee is None:
        assumed.append("no closing fee is kept aside")
    requirement = Requirement(table, 0 * asked.entry if asked.fee is None else asked.fee, asked.fee_at)
    mark = asked.entry if asked.mark is None else asked.mark
    ends = liquidation(holding, requirement, money, mark)
    over = requirement.table(holding)
    opens = over.initial(holding.value(holding.entry))
    sized = _sized(asked)
    return {
        "venue": bracket_venue(asked.venue) if asked.venue else None,
        "symbol": symbol,
        "payoff": contract.payoff,
        "asset": contract.asset,
        "side": asked.side,
        "mode": asked.mode,
        "entry": to_float(asked.entry),
        "mark": to_float(mark),
        "quantity": to_float(magnitude(holding.quantity)) if sized else None,
        "notional": to_float(holding.value(holding.entry)) if sized else None,
        "leverage": to_float(holding.value(holding.entry) / money) if money > 0 else None,
        "margin": to_float(money) if sized else None,
        "fee": to_float(requirement.fee),
        **_prices(ends, holding, requirement, mark, sized=sized),
        "maintenance_rate": to_float((ends.tier or over.tier(holding.value(holding.entry))).maintenance),
        "max_leverage": None if not opens else to_float(1 / opens),
        "bracket": None if found is None else found.told(),
        "assumed": [*assumed, *(() if found is None else found.assumed)],
    }


def _prices(ends: Liquidation, holding: Holding, asked: Requirement, mark: Number, *, sized: bool) -> dict[str, object]:
    return {
        "liquidation_price": None if ends.price is None else to_float(ends.price),
        "bankruptcy_price": None if ends.bankruptcy is None else to_float(ends.bankruptcy),
        "distance": None if ends.price is None else to_float(ends.price / mark - 1),
        "already_below": ends.already,
        "reason": ends.reason or None,
        "maintenance": to_float(asked.maintenance(holding, ends.price)) if sized and ends.price is not None else None,
    }


def _sized(asked: PriceQuestion) -> bool:
    """Whether the value of the position is known, not only its leverage."""
    return asked.quantity is not None or asked.notional is not None or (asked.margin is not None and asked.leverage is not None)


def _table(asked: PriceQuestion, assumed: list[str]) -> tuple[Brackets, FoundBrackets | None]:
    if asked.valued and asked.valued not in VALUED:
        raise InputError("where maintenance is valued", repr(asked.valued), f"Give one of {', '.join(VALUED)}.")
    valued: Valued = "entry" if asked.valued == "entry" else "mark"
    if asked.maintenance is not None:
        if not asked.valued:
            assumed.append("maintenance is asked of the value at the mark price")
        return Brackets.flat(asked.maintenance, None, valued), None
    if not (asked.venue and asked.symbol):
        do = "Give --maintenance, such as 0.005, or a venue and a symbol whose table is recorded."
        raise InputError("a liquidation price", "no maintenance rate", do)
    found = find_brackets(asked.venue, asked.symbol, asked.at, asked.tables)
    table = found.brackets
    if asked.valued:
        table = Brackets(table.tiers, table.measure, valued)
    return table, found


def _contract(asked: PriceQuestion, found: FoundBrackets | None, assumed: list[str]) -> tuple[Contract, str | None]:
    """Return the terms of the contract, from the symbol or as given."""
    native, symbol = _named(asked, found)
    payoff, asset = _terms(asked, symbol)
    size = asked.contract_size
    if size is None and native and asked.venue:
        size = load_venue(bracket_venue(asked.venue)).contract(native, asked.at).get("contract_size")
    if size is None and asked.quantity is not None:
        if payoff == "quanto":
            raise InputError(f"the quanto {symbol or ''}".strip(), "its multiplier is not known", "Give --contract-size.")
        assumed.append(f"one contract is one {'quote' if payoff == 'inverse' else 'base'} unit")
    return Contract(payoff, asset or _UNNAMED[payoff], 1 if size is None else size), symbol


def _terms(asked: PriceQuestion, symbol: str | None) -> tuple[Payoff, str]:
    """Return payoff and settle asset; what the symbol says and what was given must agree."""
    payoff, asset = asked.payoff, asked.asset
    if symbol is not None:
        base, quote, settle = parse_symbol(symbol)
        market = market_of(base, quote, settle)
        if market not in PAYOFFS:
            raise InputError(f"a liquidation price of {symbol}", "a spot market has none", "Give a perpetual such as BTC/USDT:USDT.")
        if (payoff or market) != market or (asset or settle) != settle:
            there = f"it is {market}, settled in {settle}; {' '.join(filter(None, (payoff, asset)))} was given"
            raise InputError(f"the contract {symbol}", there, "Leave out what the symbol says.")
        payoff, asset = market, settle
    if not payoff:
        raise InputError("a liquidation price", "no contract", f"Give a venue and a symbol, or --payoff ({', '.join(PAYOFFS)}).")
    if payoff not in PAYOFFS:
        raise InputError("a contract", f"the payoff {payoff!r}", f"Give one of {', '.join(PAYOFFS)}.")
    return cast("Payoff", payoff), asset


def _named(asked: PriceQuestion, found: FoundBrackets | None) -> tuple[str, str | None]:
    """Return the native id and the unified symbol, as far as they are known."""
    if not asked.symbol:
        return "", None
    if not asked.venue:
        parse_symbol(asked.symbol)
        return "", asked.symbol
    venue = bracket_venue(asked.venue)
    if venue not in venue_ids():
        return "", asked.symbol if "/" in asked.symbol else None
    ids = found.row.contracts if found is not None else ()
    read = load_venue(venue).instrument
    known = tuple(instrument for name in ids if (instrument := read(name)) is not None)
    meant = resolve_symbol(venue, asked.symbol, known)
    return (meant.identity.native_id, meant.symbol) if isinstance(meant, Instrument) else ("", meant)


def _holding(asked: PriceQuestion, contract: Contract, table: Brackets, assumed: list[str]) -> Holding:
    """Return the position: of the size that was given, or of a value of 1 where only a leverage was."""
    one = Holding(contract, 1, asked.entry).value(asked.entry)
    given = {"quantity": asked.quantity, "notional": None if asked.notional is None else asked.notional / one}
    if asked.margin is not None and asked.leverage is not None:
        given["margin x leverage"] = asked.margin * asked.leverage / one
    sizes = {name: size for name, size in given.items() if size is not None}
    first = next(iter(sizes.values()), 1 / one)
    if any(not math.isclose(size, first, rel_tol=1e-9) for size in sizes.values()):
        there = " and ".join(f"{name} says {to_float(size):g} contracts" for name, size in sizes.items())
        raise InputError("the size of the position", there, "Leave out what contradicts the rest.")
    if asked.funding and not sizes:
        raise InputError("a liquidation price with funding", "the position has no size", "Give --quantity or --notional.")
    if table.measure == "contracts" and asked.quantity is None and sizes and asked.contract_size is None:
        assumed.append("one contract is one unit")
    return Holding(contract, first if asked.side == "long" else -first, asked.entry, asked.funding)


def _first_tier(table: Brackets, assumed: list[str]) -> Brackets:
    """Return the rates of a position of unknown size: those of the smallest."""
    first = table.tiers[0]
    if len(table.tiers) > 1 or first.ramp:
        assumed.append("the position lies in the first tier (no quantity or notional is given)")
    return Brackets((Tier(INF, first.maintenance, first.initial),), "value", table.valued)


def _margin(asked: PriceQuestion, holding: Holding, table: Brackets) -> Number:
    """Return the money that stands behind the position."""
    opened = None if asked.leverage is None else _opened(asked.leverage, holding, table, sized=_sized(asked))
    if asked.mode == "cross":
        if asked.balance is None or not _sized(asked):
            raise InputError("a cross position", "no balance, or no size", "Give --balance, and --quantity or --notional.")
        return asked.balance + asked.other_profit - asked.other_maintenance
    if asked.balance is not None or asked.other_profit or asked.other_maintenance:
        raise InputError("an isolated position", "a balance or other positions", "They count in cross mode only (--mode cross).")
    if asked.margin is not None and not _sized(asked):
        raise InputError("a position with its margin", "no size", "Give --quantity, --notional or --leverage too.")
    money = opened if asked.margin is None else asked.margin
    if money is None:
        raise InputError("a liquidation price", "neither leverage nor margin", "Give --leverage, or --margin and --quantity.")
    return money


def _opened(leverage: Number, holding: Holding, table: Brackets, *, sized: bool) -> Number:
    """Return the margin that a leverage asks for; of a position of unknown size only the first tier limits it."""
    highest = table.tiers[0].initial
    if not sized and highest is not None and leverage * highest > 1:
        there = f"the table allows {to_float(1 / highest):g} at most"
        raise InputError(f"a leverage of {to_float(leverage):g}", there, "Lower the leverage.")
    return initial_margin(holding, leverage, table)
