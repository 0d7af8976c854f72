"""Does money come out as the protocols' own tests say, from the book to the balance?

Every example of `protocols.json` (numbers of the protocols' tests and sources) is worked by the parts of the catalogue's rules
on exact numbers: premium, samples, rate, index, payment.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from perpscope.catalogue.load import load_venue
from perpscope.market.contract import Contract
from perpscope.market.number import Number
from perpscope.mechanisms.impact import depth_prices, notional_prices
from perpscope.mechanisms.operated import held
from perpscope.mechanisms.reduce import MedianMean, trimmed
from perpscope.mechanisms.rule import Fixing, Rule
from perpscope.mechanisms.settle import charge, payment
from perpscope.mechanisms.virtual_amm import Growth, VirtualAmm, time_weighted
from perpscope.mechanisms.window import Window

EXAMPLES: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "protocols.json").read_text(encoding="utf-8"))
HOUR, MINUTE, DAY = 3_600_000, 60_000, 86_400_000
PPM = 10**6
BASE_UNIT = Contract("linear", "USDC", Fraction(1))
WORKED: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]]] = {}


def works(start: str) -> Callable[[Any], Any]:
    def keep(function: Any) -> Any:  # noqa: ANN401 - the same function
        WORKED[start] = function
        return function

    return keep


def rule_of(venue: str, name: str, given: Mapping[str, Number] | None = None, *, averaged: bool = False) -> Rule:
    dated = next(rule for rule in load_venue(venue).rules if rule.id == name)
    return dated.build(given, exact=True, averaged=averaged)


def margins(spread: Number, **more: Number) -> dict[str, Number]:
    """Numbers of a contract whose initial margin is `spread` above its maintenance margin."""
    return {"initial_margin": spread, "maintenance_margin": Fraction(0), "default_funding": Fraction(0), **more}


def moved(rule: Rule, fixing: Fixing, price: Number) -> Number:
    """How far the index moves, in its own grains, for one contract held long."""
    return charge(fixing.value, rule.settle, BASE_UNIT, price).long * rule.settle.index_grains


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_comes_out(name: str) -> None:
    example = EXAMPLES[name]
    work = next(work for start, work in WORKED.items() if name.startswith(start))
    found = work(example["inputs"], example["expected"])
    assert set(found) == set(example["expected"])
    allowed = Fraction(example["tolerance"])
    for what, expected in example["expected"].items():
        if isinstance(expected, list):
            assert found[what] == [Fraction(x) for x in expected], what
        else:
            assert abs(Fraction(found[what]) - Fraction(expected)) <= allowed, (what, float(found[what]))


def test_every_way_of_working_is_needed() -> None:
    assert all(any(name.startswith(start) for name in EXAMPLES) for start in WORKED)


# -- an operator's rate ------------------------------------------------------------------------------------------------


@works("dydx1-getFunding")
def _operated(given: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    window = Window(0, int(given["seconds"]) * 1000, {"rate_given": [Fraction(given["rate_per_second"])]})
    hours = Fraction(given["seconds"]) / 3600
    return {"funding": rule_of("dydx1", "dydx1").fix(dataclasses.replace(window, hours=hours)).rate}


@works("dydx1-bounds")
def _bounds(given: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    unit = Fraction(given["base"])
    rule = rule_of("dydx1", "dydx1")
    fastest = load_venue("dydx1").contract("PBTC-USDC", 0)["fastest_change_per_second"]
    return {"max_abs_value_per_second": rule.formula.cap * unit, "max_abs_diff_per_second": fastest * unit}


def test_an_operator_may_go_from_one_bound_to_the_other_in_forty_five_minutes() -> None:
    """The bounds of the contract; what is left after 45 minutes is the remainder of its integer division."""
    rule = rule_of("dydx1", "dydx1")
    bound, speed = Fraction(rule.formula.cap), Fraction(load_venue("dydx1").contract("PBTC-USDC", 0)["fastest_change_per_second"])
    assert held(Fraction(1), -bound, 2700, speed) == -bound + 2700 * speed
    assert 0 <= bound - held(Fraction(1), -bound, 2700, speed) < Fraction(2700, 10**18)
    assert held(Fraction(1), -bound, 2701, speed) > bound


def test_an_index_of_eighteen_digits_and_balances_of_six() -> None:
    """0.000000123 at 9,000 USDC for one satoshi and for a bitcoin: debits up, credits down."""
    numbers = load_venue("dydx1").contract("PBTC-USDC", 0)
    rule = rule_of("dydx1", "dydx1", numbers)
    assert rule.settle.index_grains == 10**16
    owed = charge(Fraction(123, 10**9), rule.settle, BASE_UNIT, Fraction(9000))
    assert payment(owed, Fraction(1), rule.settle) == -Fraction(1107, 10**6)
    assert payment(owed, Fraction(1, 10**8), rule.settle) == -Fraction(1, 10**6)
    assert payment(owed, -Fraction(1, 10**8), rule.settle) == 0


# -- votes, medians and an index ---------------------------------------------------------------------------------------


@works("dydx4-index")
def _index(given: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    rule = rule_of("dydx", "dydx", {**margins(Fraction(1)), "atomic_resolution": Fraction(given["atomic_resolution"])})
    rate = Fraction(given["rate_8h_ppm"]) / PPM * Fraction(given["seconds"]) / 28_800
    price = Fraction(given["price"]) * Fraction(10) ** int(given["exponent"])
    return {"index_delta": charge(rate, rule.settle, BASE_UNIT, price).long * rule.settle.index_grains}


@works("dydx4-tick")
def _tick(given: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    numbers = margins(
        Fraction(given["cap_ppm_8h"]) / PPM / 6,
        default_funding=Fraction(given["default_funding_ppm"]) / PPM,
        atomic_resolution=Fraction(given["atomic_resolution"]),
    )
    rule = rule_of("dydx", "dydx", numbers)
    assert isinstance(rule.reduce, MedianMean)
    assert rule.reduce.at_least == int(given["min_samples"])
    of_samples = rule.but(reduce=rule.reduce.of_medians)
    window = Window(0, HOUR, {"premium": [Fraction(value) / PPM for value, count in given["sample_counts"] for _ in range(count)]})
    eight = of_samples.fix(dataclasses.replace(window, hours=8))
    hour = of_samples.fix(dataclasses.replace(window, hours=Fraction(given["tick_seconds"]) / 3600))
    return {"rate_8h_ppm": eight.rate * PPM, "index_delta": moved(rule, hour, Fraction(given["btc_price_usd"]))}


def ladder(levels: Sequence[Sequence[str]]) -> list[tuple[Number, Number]]:
    return [(Fraction(price), Fraction(quantity)) for price, quantity in levels]


@works("dydx4-premium")
def _vote(given: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    rule = rule_of("dydx", "dydx", margins(Fraction(given["max_abs_ppm"]) / PPM / 60))
    bid, ask = notional_prices(ladder(given["bids"]), ladder(given["asks"]), Fraction(given["impact_notional"]))
    return {"premium_ppm": rule.observe.premium(impact_bid=bid, impact_ask=ask, index=Fraction(given["index"])) * PPM}


@works("dydx4-trim")
def _trim(given: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"kept": trimmed(given["samples"], Fraction(given["removal_ppm"]) / PPM)}


@works("dydx4-e2e")
def _whole_hour(given: Mapping[str, Any], expected: Mapping[str, Any]) -> Mapping[str, Any]:
    """Sixty minutes of fifteen votes each, all from one book."""
    numbers = {name: Fraction(given[name]) for name in ("initial_margin", "maintenance_margin")}
    named = load_venue("dydx").contract("BTC-USD", 0)
    rule = rule_of("dydx", "dydx", {**numbers, **named, "default_funding": Fraction(0)})
    assert rule.formula.cap == Fraction(given["clamp_factor"]) * (numbers["initial_margin"] - numbers["maintenance_margin"])
    at = [minute * MINUTE + vote * 4000 for minute in range(60) for vote in range(15)]
    prices = {"impact_bid": given["impact_price"], "impact_ask": given["impact_price"], "index": given["index_price"]}
    rows = {name: [Fraction(value)] * len(at) for name, value in prices.items()}
    fixing = rule.fix(Window(0, HOUR, {"at": at, **rows}))
    assert fixing.coverage == 1
    price = Fraction(given["oracle_price_for_index"])
    owed = charge(fixing.value, rule.settle, BASE_UNIT, price)
    settled = {f"settle_{who}": payment(owed, Fraction(held), rule.settle) for who, held in given["positions_btc"].items()}
    assert sum(settled.values()) == 0
    assert set(settled) <= set(expected)
    return {"premium_ppm": fixing.terms.premium * PPM, "funding_index": moved(rule, fixing, price), **settled}


# -- a difference of averages ------------------------------------------------------------------------------------------


@works("drift-doc")
def _page(given: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    rule = rule_of("drift", "drift-1", {"max_spread_divisor": Fraction(33)})
    rows = {"mark": [Fraction(given["mark_twap"])], "index": [Fraction(given["oracle_twap"])]}
    return {"hourly_rate": rule.fix(Window(0, HOUR, rows)).rate}


@works("drift-")
def _difference(given: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    rule = rule_of(
        "drift", "drift-2" if given["offset_1_over_5000"] else "drift-1", {"max_spread_divisor": Fraction(given["max_spread_divisor"])}
    )
    rows = {"mark": [Fraction(given["mark_twap_1e6"]) / PPM], "index": [Fraction(given["oracle_twap_1e6"]) / PPM]}
    return {"rate_1e9": rule.fix(Window(0, HOUR, rows)).value * 10**9}


def test_receivers_get_what_payers_pay_and_a_third_of_the_pool() -> None:
    """Ten shorts against two longs at 0.041666666: they get their mirror while the pool lasts, else their share of what there is."""
    rule = rule_of("drift", "drift-1", {"max_spread_divisor": Fraction(33)})
    fixing = rule.fix(Window(0, HOUR, {"mark": [Fraction(50)], "index": [Fraction(49)]}))
    sides: dict[str, Number] = {"long_open": 2, "short_open": 10}
    rich = charge(fixing.value, rule.settle, BASE_UNIT, pool=Fraction(3), **sides)
    assert rich.short == -fixing.value
    poor = charge(fixing.value, rule.settle, BASE_UNIT, pool=Fraction(3, 10), **sides)
    assert poor.short == -Fraction(18333200, 10**9)  # (floor(83333.332) + 100000 - 1) / 10, in 1e-6 of money
    upstream = {"long_open": Fraction(12295081967, 10**9), "short_open": Fraction(24590163934, 10**9)}
    capped = charge(fixing.value, rule.settle, BASE_UNIT, pool=Fraction(1, 4), **upstream)
    assert (capped.long * 10**9, capped.short * 10**9) == (41666666, -24222164)  # capped_sym_funding_test of the protocol
    turned = charge(
        -fixing.value, rule.settle, BASE_UNIT, pool=Fraction(1, 4), long_open=upstream["short_open"], short_open=upstream["long_open"]
    )
    assert (turned.long, turned.short) == (capped.short, capped.long)
    assert payment(rich, Fraction(-1, 3), rule.settle) == Fraction(13888, PPM)
    assert payment(rich, Fraction(1, 3), rule.settle) == -Fraction(13888, PPM)


def day_of_trades() -> tuple[VirtualAmm, list[int], list[Number], dict[str, Number]]:
    """The pool of the protocol's test and two trades in it, a day before the payment: 600 in, 1200 out."""
    pool, alice = VirtualAmm(Fraction(1000), Fraction(100), Fraction(10**18)).with_quote(Fraction(600))
    pool, bob = pool.with_quote(Fraction(-1200))
    return pool, [0, 1], [Fraction("25.6"), pool.price], {"alice": alice, "bob": bob}


@works("perp1-loss")
def _virtual_market(given: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    rule = rule_of("perpfi1", "perpfi1")
    _pool, at, prices, held = day_of_trades()
    assert held == {who: Fraction(given[f"{who}_size"]) for who in held}
    mark = time_weighted(at, prices, DAY, HOUR)
    assert mark == Fraction(given["mark_twap"])
    hours = 24 * Fraction(given["funding_period_over_day"])
    fixing = rule.fix(Window(0, DAY, {"mark": [mark], "index": [Fraction(given["index_twap"])]}, hours))
    owed = charge(fixing.value, rule.settle, BASE_UNIT)
    paid = {who: payment(owed, quantity, rule.settle) for who, quantity in held.items()}
    assert rule.settle.to == "insurance fund"
    return {
        "premium_fraction": fixing.value,
        "alice_margin": Fraction(given["alice_margin"]) + paid["alice"],
        "bob_margin": Fraction(given["bob_margin"]) + paid["bob"],
        "insurance": Fraction(given["insurance"]) - sum(paid.values()),
    }


@works("perp1-seq")
def _three_payments(given: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    rule = rule_of("perpfi1", "perpfi1")
    margin: Number = Fraction(given["alice_margin"])
    found: dict[str, Number] = {}
    for k, index in enumerate(given["index_twaps"], 1):
        fixing = rule.fix(Window(0, DAY, {"mark": [Fraction(given["mark_twap"])], "index": [Fraction(index)]}))
        margin += payment(charge(fixing.value, rule.settle, BASE_UNIT), Fraction(given["alice_size"]), rule.settle)
        found[f"margin_{k}"] = margin
    return found


@works("perp2")
def _growth(given: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    """By the rule and by the growth that the contract keeps: the same; the example counts what the trader pays."""
    rule = rule_of("perpfi2", "perpfi2")
    mark, index, seconds = Fraction(given["mark_twap"]), Fraction(given["index"]), int(given["seconds"])
    fixing = rule.fix(Window(0, seconds * 1000, {"mark": [mark], "index": [index]}, Fraction(seconds, 3600)))
    start = Growth(0)
    assert start.grown(seconds * 1000, mark, index, rule.formula.cap).owed_since(start) == fixing.value
    return {"payment": -payment(charge(fixing.value, rule.settle, BASE_UNIT), Fraction(given["size"]), rule.settle)}


@works("vertex-cap")
def _reported(given: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    rule = rule_of("vertex", "vertex")
    window = Window(0, int(given["seconds"]) * 1000, {"rate_given": [Fraction(given["avg_price_diff"])]}, level=Fraction(given["index"]))
    return {"payment_long": payment(charge(rule.fix(window).value, rule.settle, BASE_UNIT), Fraction(given["size"]), rule.settle)}


# -- one look at a book ------------------------------------------------------------------------------------------------


def daily(**limits: str) -> Rule:
    return rule_of("mango4", "mango4", {name: Fraction(value) for name, value in limits.items()})


@works("mango4")
def _one_look(given: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    rule = daily(min_per_day=given["min_per_day"], max_per_day=given["max_per_day"])
    rows = {
        "impact_bid": [Fraction(given["impact_bid"])],
        "impact_ask": [Fraction(given["impact_ask"])],
        "index": [Fraction(given["oracle"])],
    }
    seconds = int(given["seconds"])
    fixing = rule.fix(Window(0, seconds * 1000, rows, Fraction(seconds, 3600)))
    owed = charge(fixing.value, rule.settle, BASE_UNIT, Fraction(given["oracle"]))
    return {"rate_per_day": fixing.rate * 24 / fixing.hours, "payment_long": payment(owed, Fraction(given["base"]), rule.settle)}


@pytest.mark.parametrize(
    ("bids", "asks", "daily_rate"),
    [
        ([("100.5", "9")], [("101.5", "9")], "0.01"),
        ([("100.5", "9")], [("101.5", "1")], "0.05"),
        ([("100.5", "1")], [("101.5", "9")], "-0.04"),
        ([("100.5", "1")], [], "0"),
    ],
)
def test_a_one_sided_book_is_at_the_limit_and_an_empty_one_at_the_index(
    bids: list[tuple[str, str]], asks: list[tuple[str, str]], daily_rate: str
) -> None:
    rule = daily(min_per_day="-0.04", max_per_day="0.05")
    bid, ask = depth_prices(ladder(bids), ladder(asks), Fraction(5), Fraction(100))
    window = Window(0, HOUR, {"impact_bid": [bid], "impact_ask": [ask], "index": [Fraction(100)]})
    assert rule.fix(window).rate == Fraction(daily_rate) / 24
