"""What does a holder gain or lose, price and funding together?

Claims about single positions, told by the engine that settles them: positions and fixings go in, payments come out, and
the price legs are the contract's own profit. Exact fractions wherever a sentence is an identity.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from perpscope.catalogue.load import load_venue
from perpscope.claims.model import Grid, Text
from perpscope.claims.sweep import every_rule
from perpscope.errors import CatalogueError
from perpscope.market.contract import Contract
from perpscope.market.funding import Accrual, Position, PublishedFixing
from perpscope.market.number import Number, to_float
from perpscope.market.time import to_ms
from perpscope.mechanisms.window import Window
from perpscope.trading.entries import funding_entries
from perpscope.trading.ledger import OUTSIDE, Ledger, moved
from perpscope.trading.settle import Key, Listing, settle
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    from perpscope.catalogue.dated import DatedRule
    from perpscope.claims.case import Case
    from perpscope.claims.model import Cell, Reproduction, Verdict
    from perpscope.mechanisms.settle import Settlement

EIGHT = 8 * MS_PER_HOUR
LINEAR, INVERSE = "BTC/USDT:USDT", "BTC/USD:BTC"
ANYWHERE = "venue"


class Leg(NamedTuple):
    """What one perpetual position brought between two prices: price profit and funding, in the settle asset."""

    price: Number
    funding: Number


def leg(symbol: str, quantity: Number, prices: tuple[Number, Number], rate: Number, at: Number) -> Leg:
    """Hold `quantity` contracts from prices[0] to prices[1] over one stamp with `rate`, its notional taken at the price `at`."""
    contract = Contract.of_symbol(symbol, Fraction(1))
    held = [Position("me", ANYWHERE, symbol, 0, quantity)]
    terms: dict[Key, list[Listing]] = {(ANYWHERE, symbol): [Listing(contract)]}
    paid = settle(held, [PublishedFixing(ANYWHERE, symbol, EIGHT, rate, 8, at)], terms)
    return Leg(contract.profit(quantity, *prices), paid.totals[contract.asset])


def f02(case: Case) -> Reproduction:
    """Compare the profit of one period, settled, with notional x (price change - rate), for notional at either end and both payoffs.

    Source: article F, the formula of the long's profit; trading.settle.
    """
    before, after, rate = Fraction(20_000), Fraction(21_000), Fraction(1, 10_000)
    said = before * (after / before - 1 - rate)
    opening = sum(leg(LINEAR, Fraction(1), (before, after), rate, before))
    stamp = sum(leg(LINEAR, Fraction(1), (before, after), rate, after))
    in_coin = sum(leg(INVERSE, before, (before, after), rate, after))
    short = sum(leg(LINEAR, Fraction(-1), (before, after), rate, before))
    words = [rule.settlement().price for rule in every_rule() if rule.settlement().unit == "rate" and rule.settlement().flow == "stamp"]
    found = {
        "said": to_float(said),
        "settled_at_opening_notional": to_float(opening),
        "settled_at_the_stamp": to_float(stamp),
        "missed_at_the_stamp": to_float(said - stamp),
        "rate_times_return": to_float(before * rate * (after / before - 1)),
        "inverse_in_quote_money": to_float(in_coin * after),
        "long_plus_short": to_float(opening + short),
        "rules_paid_at_a_price_of_the_stamp": sum(word in {"mark", "index", "oracle", "close"} for word in words),
        "rules_paid_at_the_opening_price": sum(word in {"open", "opening", "entry"} for word in words),
    }
    exact = opening == said and opening + short == 0 and in_coin * after == said
    second_order = said - stamp == before * rate * (after / before - 1)
    verdict: Verdict = "fails" if not exact else "holds" if second_order else "holds with changes"
    return case.answer(verdict, found, why=[case.say("why", **found), case.say("slip")], n=len(words))


def a07(case: Case) -> Reproduction:
    """Settle the four arbitrage cases, hedged and naked, while the index falls, stays and rises.

    Source: article A, the table of arbitrage cases; the rule of one venue from the catalogue; trading.ledger.
    """
    hit = {name: _range(premium, hedged=hedged) for name, premium, hedged in _FOUR}
    inside = -Fraction(3, 10_000)
    trap = _range(inside, hedged=True)
    found: dict[str, float] = {}
    for name, (low, high) in hit.items():
        found |= {f"{name}_worst": low, f"{name}_best": high}
    found["rate_at_minus_0_03_percent"] = to_float(_binance(inside))
    found["rate_at_minus_0_05_percent"] = to_float(_binance(-Fraction(5, 10_000)))
    found["hedged_on_that_discount_worst"] = trap[0]
    hedged_win = all(hit[name][0] > 0 for name, _, hedged in _FOUR if hedged)
    verdict: Verdict = "fails" if not hedged_win else "holds" if found["rate_at_minus_0_03_percent"] <= 0 else "holds with changes"
    why = [case.say("why", **found), case.say("caveat", **found)]
    return case.answer(verdict, found, why=why, n=len(_FOUR) * len(_MOVES), grids=[_cases(case)])


_FOUR = (
    ("hedged_above", Fraction(2, 1000), True),
    ("hedged_below", -Fraction(2, 1000), True),
    ("naked_above", Fraction(2, 1000), False),
    ("naked_below", -Fraction(2, 1000), False),
)
_MOVES = (-Fraction(1, 10), Fraction(0), Fraction(1, 10))


def _range(premium: Fraction, *, hedged: bool) -> tuple[float, float]:
    gains = [to_float(arbitrage(premium, move, hedged=hedged)) for move in _MOVES]
    return min(gains), max(gains)


def _binance(premium: Fraction) -> Fraction:
    """Rate of eight hours under one venue's rule, with the limits of its largest contract."""
    venue = load_venue("binanceusdm")
    then = to_ms("2024-06-01T00:00:00Z")
    (dated,) = venue.at(then)
    rule = dated.build({"maintenance_margin": venue.contract("BTCUSDT", then)["maintenance_margin"]}, averaged=True, exact=True)
    return Fraction(rule.fix(Window.averaged(0, EIGHT, premium, Fraction(8))).rate)


def arbitrage(premium: Fraction, move: Fraction, *, hedged: bool) -> Fraction:
    """Gain of one arbitrage, as a fraction of the index at entry: against the premium, over one stamp, until the premium has closed.

    Parameters
    ----------
    premium : at entry, a fraction; above zero the perpetual is sold.
    move : of the index meanwhile, a fraction. hedged : with one coin on the other side.

    Source: trading.settle and trading.ledger; borrowing costs and fees are left out.
    """
    index = Fraction(60_000)
    later = index * (1 + move)
    side = Fraction(-1 if premium > 0 else 1)
    key = (ANYWHERE, LINEAR)
    ledger, contract = Ledger(), Contract.of_symbol(LINEAR, Fraction(1))
    fixing = PublishedFixing(*key, EIGHT, _binance(premium), 8, later)
    terms = {key: [Listing(contract)]}
    for entry in funding_entries(settle([Position("me", *key, 0, side)], [fixing], terms), terms):
        ledger.post(entry)
    gains = [contract.profit(side, index * (1 + premium), later), -side * (later - index) if hedged else Fraction(0)]
    for gain in gains:
        ledger.post(moved(OUTSIDE, "me", "USDT", ledger.units.of("USDT", gain), "realised", EIGHT))
    return ledger.units.amount("USDT", ledger.balance("me", "USDT")) / index


def _cases(case: Case) -> Grid:
    rows: list[tuple[Cell, ...]] = [
        (case.label(name), *(to_float(arbitrage(p, move, hedged=hedged)) for move in _MOVES)) for name, p, hedged in _FOUR
    ]
    columns = tuple(case.label(key) for key in ("case", "falls", "stays", "rises"))
    return Grid(case.label("table"), columns, tuple(rows), ("", "+.4%", "+.4%", "+.4%"))


def a12(case: Case) -> Reproduction:
    """Close before the stamp under every rule that says how it pays: who is charged all the same?

    Source: article A, the remark on day traders; the settlement parts of the catalogue.
    """
    stamped: list[DatedRule] = []
    flowing: list[DatedRule] = []
    other: list[DatedRule] = []
    for dated in every_rule():
        way = _way(dated)
        (stamped if way and way.flow == "stamp" else flowing if way and way.flow == "through" else other).append(dated)
    paid = {dated.id: left_before(_way(dated) or Listing(_COIN).settle) for dated in (*stamped, *flowing)}
    free = [dated for dated in stamped if paid[dated.id] == 0]
    charged = [dated for dated in flowing if paid[dated.id] < 0]
    grace = {to_float(dated.settlement().grace_s) for dated in stamped} - {0.0}
    found = {
        "rules_at_a_stamp": len(stamped),
        "free_at_a_stamp": len(free),
        "charged_at_a_stamp": len(stamped) - len(free),
        "rules_all_the_time": len(flowing),
        "charged_all_the_same": len(charged),
        "share_charged_after_half_an_interval": -to_float(paid[charged[0].id]) if charged else 0.0,
        "rules_that_pay_at_delivery_or_do_not_say": len(other),
        "longest_grace_seconds": max(grace, default=0.0),
    }
    verdict: Verdict = "fails" if not free else "holds" if len(free) == len(stamped) else "holds with changes"
    names = Text.listed(sorted({dated.venue for dated in charged}))
    return case.answer(verdict, found, why=[case.say("why", **found, names=names), case.say("caveat", **found)], n=len(paid))


_COIN = Contract("linear", "USDT", Fraction(1))


def _way(dated: DatedRule) -> Settlement | None:
    try:
        return dated.settlement()
    except CatalogueError:
        return None


def left_before(way: Settlement) -> Fraction:
    """Funding of a long who held half an interval and left before the stamp, as a share of what a long who stayed pays.

    Source: trading.settle; two others hold on, long and short, so that sides that share have somebody to share with.
    """
    plain = replace(way, price="mark", unit="rate", index_grains=0, side_grains=0, money_grains=0, level_grains=0)
    key = (ANYWHERE, LINEAR)
    rows = [("me", 0, 1), ("me", EIGHT // 2, 0), ("stays", 0, 1), ("short", 0, -1)]
    held = [Position(name, *key, at, Fraction(quantity)) for name, at, quantity in rows]
    accrual: Accrual = "continuous" if way.flow == "through" else "stamp"
    fixing = PublishedFixing(*key, EIGHT, Fraction(1, 100), 8, Fraction(1), accrual)
    paid = settle(held, [fixing], {key: [Listing(_COIN, plain)]}).payments
    amounts = {p.account: Fraction(p.amount) for p in paid}
    return amounts.get("me", Fraction(0)) / -amounts["stays"]
