"""Does every unit that one holder pays reach another?

A random population of holders, real fixings, whole units of money: what is paid, what is received, and what stays in
between. Beside it, the rules on record whose two sides do not owe each other the same.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from perpscope.catalogue.load import load_venue
from perpscope.claims.interest import NAMED, in_force
from perpscope.claims.model import Grid, Text
from perpscope.claims.sweep import every_rule
from perpscope.market.contract import Contract
from perpscope.market.funding import Position, PublishedFixing
from perpscope.market.number import to_float
from perpscope.mechanisms.settle import charge, payment
from perpscope.trading.entries import funding_entries
from perpscope.trading.ledger import OUTSIDE, ROUNDING, Ledger
from perpscope.trading.settle import Listing, settle

if TYPE_CHECKING:
    from perpscope.catalogue.dated import DatedRule
    from perpscope.claims.case import Case
    from perpscope.claims.model import Cell, Reproduction, Verdict

VENUE, SYMBOL = "binanceusdm", "BTC/USDT:USDT"
ACCOUNTS, FIXINGS, SEED = 60, 240, 519
LEAST = 24


def a05(case: Case) -> Reproduction:
    """Pay real fixings to a random population, exactly and in whole units, and count the rules that let somebody else in.

    Source: article A, 'not a fee of the exchange'; trading.settle and trading.ledger; the settlement parts of the catalogue.
    """
    uneven = [dated for dated in every_rule() if _uneven(dated)]
    rules = every_rule()
    found: dict[str, float] = {
        "rules": float(len(rules)),
        "rules_that_mirror": float(len(rules) - len(uneven)),
        "named_venues_that_mirror": float(sum(not _uneven(in_force(venue)) for venue in NAMED)),
        "rules_with_a_third_party": float(len(uneven)),
        "rules_in_whole_units": float(sum(_grains(dated) for dated in rules)),
    }
    grid = _exceptions(case, uneven)
    if not case.has_funding(VENUE, SYMBOL, least=LEAST):
        return case.answer("cannot be tested", found, why=[case.say("unseen", **found)], grids=[grid])
    paid = _population(case)
    found |= paid.found
    exact = paid.found["sum_exact"] == 0 and paid.found["kept_by_the_venue"] == 0
    mirrored = found["named_venues_that_mirror"]
    verdict: Verdict = "fails" if not exact or not mirrored else "holds" if mirrored == len(NAMED) else "holds with changes"
    why = [case.say("why", **found), case.say("caveat", **found, names=Text.listed(_names(uneven)))]
    return case.answer(verdict, found, why=why, n=int(paid.found["payments"]), window=paid.window, grids=[grid])


class _Paid(NamedTuple):
    """What a population paid: numbers, and first and last stamp."""

    found: dict[str, float]
    window: tuple[int, int]


def _population(case: Case) -> _Paid:
    """Settle the last fixings among accounts whose positions change at random and always cancel."""
    import numpy as np
    import polars as pl

    from perpscope.market.table import FUNDING

    rows = case.rows(FUNDING, venue=VENUE, contract=SYMBOL, kind="settled").sort("slot").tail(FIXINGS)
    stamps = rows.select(pl.col("slot").dt.epoch("ms"))["slot"].to_list()
    marks = rows["mark_price_quote"].fill_null(strategy="backward").fill_null(strategy="forward").fill_null(1.0).to_list()
    fixings = [
        PublishedFixing(VENUE, SYMBOL, at, Fraction(str(rate)), Fraction(hours), Fraction(str(mark)))
        for at, rate, hours, mark in zip(stamps, rows["funding_rate"].to_list(), rows["interval_hours"].to_list(), marks, strict=True)
    ]
    chance = np.random.default_rng(SEED)
    held: list[Position] = []
    for at in stamps[:: max(len(stamps) // 12, 1)]:
        lots = chance.integers(-5_000, 5_001, ACCOUNTS)
        lots[-1] -= int(lots.sum())
        held += [Position(f"holder {k:02d}", VENUE, SYMBOL, at - 1, Fraction(int(lot), 1000)) for k, lot in enumerate(lots.tolist())]
    listing = {(VENUE, SYMBOL): [Listing(Contract.of_symbol(SYMBOL, Fraction(1)))]}
    settled = settle(held, fixings, listing)
    ledger = Ledger()
    for entry in funding_entries(settled, listing):
        ledger.post(entry)
    asset = "USDT"
    amounts = [Fraction(p.amount) for p in settled.payments]
    one_unit = Fraction(1, ledger.units.of(asset, Fraction(1)))
    found = {
        "payments": float(len(amounts)),
        "fixings": float(len(fixings)),
        "holders": float(ACCOUNTS),
        "changed_hands": to_float(sum(x for x in amounts if x > 0)),
        "sum_exact": to_float(sum(amounts)),
        "kept_by_the_venue": to_float(ledger.balance(OUTSIDE, asset) * one_unit),
        "left_by_rounding": to_float(ledger.balance(ROUNDING, asset) * one_unit),
        "faults_of_the_ledger": float(len(ledger.check())),
    }
    return _Paid(found, (stamps[0], stamps[-1]))


def _uneven(dated: DatedRule) -> bool:
    """Whether a third party takes or gives: sides that are no mirror, or a named account for what is left."""
    settlement = dated.settlement()
    return settlement.sides != "mirror" or settlement.to not in ("venue", "")


def _grains(dated: DatedRule) -> bool:
    """Whether money is paid in whole units, cut to somebody's loss."""
    parts = dated.parts["settle"]
    return "money_grains" in parts


def _names(uneven: list[DatedRule]) -> list[str]:
    return list(dict.fromkeys(load_venue(dated.venue).name for dated in uneven))


def _exceptions(case: Case, uneven: list[DatedRule]) -> Grid:
    """One line a way of sharing: who takes the rest, and what a holder is left with where longs outnumber shorts two to one."""
    lines: list[tuple[Cell, ...]] = []
    for dated in uneven:
        settlement = dated.settlement()
        lines.append(
            (Text.same(dated.id), case.label(f"sides_{settlement.sides}"), case.label(_TO.get(settlement.to, "to_venue")), _kept(dated))
        )
    counts = Counter(lines)
    columns = tuple(case.label(name) for name in ("rule", "sides", "to", "kept"))
    return Grid(case.label("grid"), columns, tuple(counts), ("", "", "", ".0%"), case.say("note"))


_TO = {
    "insurance fund": "to_insurance",
    "fee pool": "to_fee_pool",
    "the pool": "to_pool",
    "the market": "to_pool",
    "the pool of debt": "to_pool",
    "venue": "to_venue",
}


def _kept(dated: DatedRule) -> float:
    """Share of what payers pay that no receiver gets, two contracts long to one short at a positive rate."""
    from dataclasses import replace

    settlement = replace(dated.settlement(), unit="rate", price="mark", money_grains=0, side_grains=0, index_grains=0, level_grains=0)
    contract = Contract.of_symbol(SYMBOL, Fraction(1))
    owed = charge(Fraction(1, 1000), settlement, contract, Fraction(100), long_open=Fraction(2), short_open=Fraction(1), pool=Fraction(0))
    received = [Fraction(payment(owed, quantity, settlement)) for quantity in (Fraction(2), Fraction(-1))]
    given = -sum(x for x in received if x < 0)
    taken = sum(x for x in received if x > 0)
    return to_float((given - taken) / given) if given else 0.0
