"""How was a carry fixed before premiums fixed it: by auction, by an index from outside, by agreement before the trade?

Four mechanisms that articles hold up against the perpetual's: run as they are described, in exact fractions, with the
property that each is praised for tested on more than its own example.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from perpscope.catalogue.load import load_venue
from perpscope.claims.model import Grid
from perpscope.market.number import magnitude, to_float
from perpscope.mechanisms.funding_swap import floating, upfront
from perpscope.mechanisms.repo import RepoResult, clear_repo
from perpscope.mechanisms.window import Window
from perpscope.trading.carrying import Carried, Day, Trade, carry_days
from perpscope.units import HOURS_PER_YEAR, MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np

    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

DAY_MS = 24 * MS_PER_HOUR
CLOSE, CHARGE = Fraction(100), Fraction(1, 100)
AUCTIONS, SEED = 400, 1988
SWAP_DAYS = 90


def f12(case: Case) -> Reproduction:
    """Carry an undated future from one day to the next at the stated numbers, and at charges of either sign.

    Source: article F on Gehr (1988); trading.carrying.
    """
    first, second = _carried(CHARGE, CLOSE)
    _, back = _carried(-CHARGE, CLOSE)
    _, risen = _carried(CHARGE, CLOSE + 1)
    charge = first.carry.charge if first.carry and first.carry.charge is not None else Fraction(0)
    base = second.base if second.base is not None else Fraction(0)
    traded = {CLOSE}
    found = {
        "rate_fixed": to_float(charge / CLOSE),
        "next_base": to_float(base),
        "long_at_unchanged_price": to_float(second.variation["long"]),
        "short_at_unchanged_price": to_float(second.variation["short"]),
        "long_after_a_rise_of_one": to_float(risen.variation["long"]),
        "long_at_a_negative_charge": to_float(back.variation["long"]),
        "deals_at_the_base": sum(price == base for price in traded),
    }
    exact = base == CLOSE + CHARGE and second.variation["long"] == -CHARGE and base not in traded
    mirrored = all(sum(day.variation.values()) == 0 for day in (second, back, risen))
    verdict: Verdict = "holds" if exact and mirrored else "fails"
    return case.answer(verdict, found, why=[case.say("why", **found), case.say("caveat", **found)], n=3, grids=[_days(case, first, second)])


def _carried(charge: Fraction, then: Fraction) -> list[Carried]:
    """Two days of one long and one short, both content with the charge and with nothing else."""
    deal = Trade("long", "short", CLOSE, Fraction(1))
    return carry_days([Day(CLOSE, (deal,), {"long": charge, "short": charge}), Day(then, (), {"long": charge, "short": charge})])


def _days(case: Case, first: Carried, second: Carried) -> Grid:
    rows = tuple(
        (
            case.label(name),
            to_float(CLOSE),
            None if day.base is None else to_float(day.base),
            to_float(day.variation["long"]),
            to_float(day.variation["short"]),
        )
        for name, day in (("first_day", first), ("second_day", second))
    )
    columns = tuple(case.label(name) for name in ("day", "close", "base", "to_long", "to_short"))
    return Grid(case.label("grid"), columns, rows, ("", ".2f", ".2f", ".2f", ".2f"), case.say("note"))


def f13(case: Case) -> Reproduction:
    """Settle Shiller's claim by the catalogue's rule, and compare with the formula over a grid of prices, dividends and interest.

    Source: article F on Shiller (1993); the rule shiller-1993 of the catalogue.
    """
    (dated,) = load_venue("shiller").rules
    grid = [
        (before, after, dividend, interest)
        for before in (Fraction(50), Fraction(100))
        for after in (Fraction(45), Fraction(100), Fraction(130))
        for dividend in (Fraction(0), Fraction(2), Fraction(9))
        for interest in (Fraction(-1, 100), Fraction(0), Fraction(3, 100))
    ]
    off = Fraction(0)
    for before, after, dividend, interest in grid:
        rule = dated.build({"interest": interest}, exact=True)
        window = Window(0, DAY_MS, {"rate_given": (dividend,)}, level=before)
        owed = Fraction(rule.fix(window).value)
        off = max(off, abs((after - before - owed) - (after - before + dividend - interest * before)))
    growth, interest, dividend = Fraction(2, 100), Fraction(5, 100), Fraction(3)
    fair = dividend * (1 + growth) / (interest - growth)
    drift = fair * growth + dividend * (1 + growth) - interest * fair
    rule = dated.build({"interest": interest}, exact=True)
    moved = {Fraction(rule.fix(Window(0, DAY_MS, {"rate_given": (dividend,)}, level=fair)).value) for _ in (fair, fair * 2)}
    found = {
        "cases": float(len(grid)),
        "largest_difference": to_float(off),
        "fair_price": to_float(fair),
        "expected_settlement_at_fair_price": to_float(drift),
        "paid_by_shorts_at_fair_price": to_float(dividend * (1 + growth)),
        "columns_of_the_market_used": float("mark" in rule.needs() or "index" in rule.needs()),
    }
    whole = off == 0 and drift == 0 and len(moved) == 1 and not found["columns_of_the_market_used"]
    verdict: Verdict = "holds" if whole else "fails"
    return case.answer(verdict, found, why=[case.say("why", **found), case.say("caveat", **found)], n=len(grid))


def f23(case: Case) -> Reproduction:
    """Fix the rate before the trade: a rate from outside under any premium, and a swap that turns realised funding into a fixed cost.

    Source: article F on hedge-fund swaps and stock loans; mechanisms.funding_swap, the rule design-outside.
    """
    agreed = Fraction(3, 100) / 365
    outside, inside = _under_premiums(agreed)
    found: dict[str, float] = {
        "rates_from_outside": float(len(outside)),
        "rates_from_the_premium": float(len(inside)),
        "premiums_tried": float(len(_PREMIUMS)),
        "fixed_leg": to_float(upfront(Fraction(100_000), Fraction(3, 100), SWAP_DAYS * 86_400)),
    }
    independent = len(outside) == 1 and len(inside) > 1
    why = [case.say("why", **found)]
    if not case.has_funding("binanceusdm", "BTC/USDT:USDT", least=3 * SWAP_DAYS):
        return case.answer("holds" if independent else "fails", found, why=[*why, case.say("unseen")], n=len(_PREMIUMS))
    swapped = _swapped(case)
    found |= {
        "smallest_realised": swapped.low,
        "largest_realised": swapped.high,
        "left_after_the_swap": swapped.left,
        "terms_swapped": float(swapped.terms),
    }
    verdict: Verdict = "holds" if independent and swapped.left == 0 else "fails"
    return case.answer(verdict, found, why=[*why, case.say("swapped", **found)], n=swapped.terms, window=swapped.window)


_PREMIUMS = tuple(Fraction(k, 1000) for k in range(-10, 11))


def _under_premiums(agreed: Fraction) -> tuple[set[Fraction], set[Fraction]]:
    """Rates a design from outside and a clamp rule decide, under every premium."""
    (outside,) = load_venue("design_outside").rules
    settle = outside.build({"schedule.hours": 24, "schedule.lag": 0, "settle.price": "mark"}, exact=True)
    given = {Fraction(settle.fix(Window(0, DAY_MS, {"rate_given": (agreed,), "premium_seen": (p,)})).rate) for p in _PREMIUMS}
    clamp = load_venue("hyperliquid").rules[0].build({}, averaged=True, exact=True)
    return given, {Fraction(clamp.fix(Window.averaged(0, MS_PER_HOUR, p)).rate) for p in _PREMIUMS}


class _Swapped(NamedTuple):
    """Ninety-day funding, realised and after a swap: smallest and largest a year, what is left over at most, terms, window."""

    low: float
    high: float
    left: float
    terms: int
    window: tuple[int, int]


def _swapped(case: Case) -> _Swapped:
    """Hold a perpetual and a swap that receives its funding, term after term, and see what remains beside the fixed leg."""
    rows = case.funding("binanceusdm", "BTC/USDT:USDT")
    per_term = 3 * SWAP_DAYS
    rates = [Fraction(rate) for rate in rows["funding_rate"].to_list()]
    yearly: list[float] = []
    left = Fraction(0)
    for k in range(0, len(rates) - per_term + 1, per_term):
        term = rates[k : k + per_term]
        paid = sum(term, start=Fraction(0))
        received = Fraction(floating(Fraction(1), paid))
        left = max(left, abs(received - paid))
        hours = sum(rows["interval_hours"][k : k + per_term].to_list())
        yearly.append(to_float(paid) / hours * HOURS_PER_YEAR)
    slots = rows["slot"].to_list()
    return _Swapped(min(yearly), max(yearly), to_float(left), len(yearly), (slots[0], slots[-1]))


def c02(case: Case) -> Reproduction:
    """Clear many repo auctions and test what is said of them: one price, the imbalance delivered, the price paid by all who stay.

    Source: article C on CoinFLEX; mechanisms.repo.
    """
    import numpy as np

    chance = np.random.default_rng(SEED)
    auctions = [_auction(chance) for _ in range(AUCTIONS)]
    seen = [one for one in auctions if one.result.net_delivery and not one.result.failed]
    failed = [one for one in auctions if one.result.failed]
    even = [one for one in auctions if not one.result.net_delivery]
    found = {
        "auctions": float(len(auctions)),
        "cleared": float(len(seen)),
        "failed": float(len(failed)),
        "nothing_to_clear": float(len(even)),
        "at_one_price": float(sum(_one_price(one) for one in seen)),
        "rate_is_the_price": float(sum(one.result.funding_rate == -(one.result.clearing_price or 0) for one in seen)),
        "largest_unpaid": max((abs(to_float(_unpaid(one))) for one in seen), default=0.0),
        "rates_known_after_failure": float(sum(one.result.funding_rate is not None for one in failed)),
        "longs_deliver_longs_receive": float(sum(_sign_fits(one) for one in seen)),
    }
    share = float(np.mean([_by_the_last(one) for one in seen])) if seen else 0.0
    found["moved_by_the_last_order"] = share
    told = ("at_one_price", "rate_is_the_price", "longs_deliver_longs_receive")
    whole = len(seen) > 0 and all(found[name] == len(seen) for name in told) and not found["largest_unpaid"]
    verdict: Verdict = "holds" if whole else "fails"
    return case.answer(verdict, found, why=[case.say("why", **found), case.say("caveat", **found)], n=len(auctions))


class _Auctioned(NamedTuple):
    """One auction: open interest, notices of each side, the book as (rate, quantity), and the result."""

    open: Fraction
    long: Fraction
    short: Fraction
    book: tuple[tuple[Fraction, Fraction], ...]
    result: RepoResult


def _auction(chance: np.random.Generator) -> _Auctioned:
    """Invent notices of delivery and a repo book, whole numbers of contracts and of hundredths of a basis point."""
    long, short = (Fraction(int(n)) for n in chance.integers(0, 60, 2))
    if chance.random() < 0.05:  # noqa: PLR2004 - one auction in twenty has nothing to clear
        short = long
    sign = 1 if long > short else -1
    count = int(chance.integers(1, 7))
    book = tuple(
        (sign * Fraction(int(r), 1_000_000), Fraction(int(q)))
        for r, q in zip(chance.integers(0, 400, count), chance.integers(1, 25, count), strict=True)
    )
    asks, bids = (list(book), []) if sign == 1 else ([], list(book))
    return _Auctioned(Fraction(200), long, short, book, clear_repo(long, short, bids, asks))


def _one_price(one: _Auctioned) -> bool:
    """Whether all fills have one price, add up to the imbalance, and leave no better order unfilled."""
    fills = one.result.fills
    worst = max(Fraction(magnitude(fill.rate)) for fill in fills)
    filled = sum((Fraction(fill.quantity) for fill in fills if Fraction(magnitude(fill.rate)) < worst), start=Fraction(0))
    better = sum((q for r, q in one.book if abs(r) < worst), start=Fraction(0))
    total = sum((Fraction(fill.quantity) for fill in fills), start=Fraction(0))
    return len({fill.price for fill in fills}) == 1 and total == abs(one.result.net_delivery) and filled == better


def _unpaid(one: _Auctioned) -> Fraction:
    """Sum of all payments of one auction: holders who stay, and the fills that step into what was delivered."""
    rate = Fraction(one.result.funding_rate or 0)
    longs, shorts = one.open - one.long, one.open - one.short
    filled = sum((Fraction(fill.quantity) for fill in one.result.fills), start=Fraction(0))
    stepped = filled if one.result.net_delivery > 0 else -filled
    return rate * (-longs + shorts - stepped)


def _sign_fits(one: _Auctioned) -> bool:
    """Whether shorts pay after more longs delivered, and longs after more shorts did; a price of nothing fits both."""
    rate = Fraction(one.result.funding_rate or 0)
    return rate <= 0 if one.result.net_delivery > 0 else rate >= 0


def _by_the_last(one: _Auctioned) -> float:
    """Part of the price that hangs on the last order filled: its distance from the order before, over the price."""
    rates = sorted({Fraction(magnitude(fill.rate)) for fill in one.result.fills})
    return to_float((rates[-1] - (rates[-2] if len(rates) > 1 else 0)) / rates[-1]) if rates and rates[-1] else 0.0
