"""Which trade, over which history, with which costs do the words of a command line ask for?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from perpscope.cli.amounts import maybe_share, number_of
from perpscope.cli.place import say

if TYPE_CHECKING:
    from perpscope.catalogue.tariff_row import CostRow
    from perpscope.cli.carry.backtest_options import RunWords, TradeWords
    from perpscope.cli.carry.given_costs import CostWords
    from perpscope.market.number import Number
    from perpscope.runs.backtest import Pricing, Question
    from perpscope.store import Store
    from perpscope.trading.costs.parts import TradeCosts
    from perpscope.trading.trade import Leg, Trade


def trade_of(store: Store, bare: tuple[str, ...], words: TradeWords) -> Trade:
    """Build the trade from its words."""
    from perpscope.cli.carry import backtest_words as read
    from perpscope.trading.leg_text import kind_of
    from perpscope.trading.trade import Collateral, Trade

    legs = _legs(store, bare, words)
    collateral = Collateral(
        _plain(maybe_share("--buffer", words.buffer) or 0),
        _plain(maybe_share("--top-up", words.top_up)),
        _plain(maybe_share("--target", words.target)),
        _plain(maybe_share("--rebalance", words.rebalance)),
    )
    times = (words.stay, words.rest, words.most)
    policy = read.policy_of(words.policy, words.enter, words.exit, words.look, times, follow=words.follow)
    return Trade(words.kind or kind_of(legs), legs, collateral, policy)


def _legs(store: Store, bare: tuple[str, ...], words: TradeWords) -> tuple[Leg, ...]:
    """Legs as written, or those that a kind of trade on one perpetual has."""
    from perpscope.cli.carry.backtest_words import kind_said, other_named
    from perpscope.cli.carry.legs import legs_of
    from perpscope.errors import InputError
    from perpscope.runs.legs import legs_of_kind, spot_of
    from perpscope.trading.leg_text import kind_of

    named = other_named(words.spot, words.against)
    written = (*words.leg, *(text for text in bare if text.lower().startswith(("short:", "long:"))))
    rest = [text for text in bare if text not in written]
    if written:
        if rest or named:
            raise InputError("a trade", f"{' '.join([*rest, named])} beside legs", "Write all legs as SIDE:VENUE:SYMBOL, or none.")
        return kind_said(words.kind, _exact(legs_of(written, leverage=words.leverage, maker=words.maker)))
    if len(rest) != 2:  # noqa: PLR2004 - a venue and a symbol
        there = " ".join(rest) or "neither legs nor a perpetual"
        raise InputError("a trade", there, "Give --leg once for each leg, or VENUE SYMBOL of a perpetual.")
    (perpetual,) = _exact(_perpetual(rest[0], rest[1], words))
    other: Leg | None = None
    if named:
        (other,) = _exact(legs_of([f"long:{named}"], leverage=words.leverage, maker=words.maker))
    kind = words.kind or ("cash_and_carry" if other is None else kind_of((perpetual, other)))
    if not named and kind in {"cash_and_carry", "reverse_carry"}:
        other = replace(spot_of(store, perpetual), liquidity=perpetual.liquidity)
    legs = legs_of_kind(kind, perpetual, other)
    if named and len(legs) == 1:
        say(f"the coins of the margin of {legs[0].name} are the hedge at a leverage of {float(legs[0].leverage):g}: no {named} is bought")
    return kind_said(words.kind, legs)


def _perpetual(venue: str, symbol: str, words: TradeWords) -> tuple[Leg, ...]:
    """Read the perpetual; of a bare coin with several, the one in the asset that the named other leg is quoted in."""
    from perpscope.cli.carry.legs import legs_of
    from perpscope.errors import InputError
    from perpscope.market.instrument import is_symbol, parse_symbol

    try:
        return legs_of([f"short:{venue}:{symbol}"], leverage=words.leverage, maker=words.maker)
    except InputError:
        other = (words.spot or words.against).partition(":")[2]
        if not is_symbol(other) or "/" in symbol:
            raise
        quote = parse_symbol(other)[1]
        return legs_of([f"short:{venue}:{symbol}/{quote}:{quote}"], leverage=words.leverage, maker=words.maker)


def _exact(legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    """Return the legs in plain numbers, which a long run is quicker in."""
    return tuple(replace(leg, ratio=_plain(leg.ratio), leverage=_plain(leg.leverage)) for leg in legs)


def _plain(value: Number | None) -> Any:  # noqa: ANN401 - a number of another kind, or none
    return value if value is None else int(value) if value == int(value) else float(value)


def question_of(store: Store, trade: Trade, words: RunWords, costs: CostWords) -> Question:
    """Build the question from the trade and the words about its run and its costs."""
    from perpscope.catalogue.bracket_file import read_brackets
    from perpscope.cli.carry import backtest_words as read
    from perpscope.cli.carry.given_costs import rows_for
    from perpscope.cli.carry.tiers import tiers_of_trade
    from perpscope.cli.files import text_of
    from perpscope.cli.window import window
    from perpscope.errors import InputError
    from perpscope.runs.backtest import Question
    from perpscope.runs.contracts import Margins
    from perpscope.runs.history import Wanted
    from perpscope.trading.costs.figure import Figure

    if words.strict and words.missing == "skip":
        raise InputError("--strict --missing skip", "a strict run goes over nothing that is missing", "Leave one of them out.")
    start, end = window(words.from_, words.to)
    halts = read.halts_of(words.halt)
    read.of_the_trade("--halt", halts, trade)
    given = rows_for(costs, trade)
    tiers_of_trade(costs.tier, trade, given)  # before a history is read
    tables = read_brackets(text_of(words.brackets), str(words.brackets)) if words.brackets else ()
    wanted = Wanted(
        start,
        end,
        read.bar_of(words.bar),
        read.stand_ins_of(words.price_of, trade.legs),
        Margins(read.maintenance_of(words.maintenance, trade.legs), tables),
        halts,
        read.late_of(words.late, trade.legs),
    )
    notional = number_of("--notional", words.notional) if words.notional else None
    return Question(
        trade,
        wanted,
        pricing(costs.tier, given, store if words.books else None, strict=words.strict),
        capital=_plain(number_of("--capital", words.capital or "1000000")) if words.capital or notional is None else None,
        notional=_plain(notional),
        strict=words.strict,
        missing=words.missing,
        compound=words.compound,
        close=not words.leave_open,
        risk_free=read.below_one("--risk-free", words.risk_free) if words.risk_free else 0.0,
        impact=Figure.assumed(read.coefficient(words.impact), "the square-root law with --impact") if words.impact else None,
    )


def pricing(texts: tuple[str, ...], given: tuple[CostRow, ...], store: Store | None = None, *, strict: bool = False) -> Pricing:
    """Build what says the costs of a trade: the user's own, the recorded books of a store where there is one, and the catalogue.

    Parameters
    ----------
    texts : fee tiers as written. given : the user's own rows. strict : whether an unknown stops.
    """
    from perpscope.cli.carry.tiers import tiers_of_trade
    from perpscope.runs.costs import recorded_crossings
    from perpscope.trading.costs.assemble import trade_costs

    def cost(trade: Trade, ms: int, notional: Number, prices: Mapping[str, Number]) -> TradeCosts:
        tiers = tiers_of_trade(texts, trade, given)
        walks = recorded_crossings(store, trade, ms) if store is not None else None
        return trade_costs(trade, ms, notional=notional, tiers=tiers, given=given, books=walks, prices=prices, strict=strict)

    return cost
