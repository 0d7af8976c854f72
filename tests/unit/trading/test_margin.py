"""Do margin and liquidation prices agree with what venues and the theory print?"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from perpscope.errors import InputError
from perpscope.market.brackets import Brackets, Tier
from perpscope.market.contract import Contract, Payoff
from perpscope.market.number import INF
from perpscope.trading.account import CrossAccount
from perpscope.trading.margin import Holding, Requirement, initial_margin, liquidation

LINEAR, INVERSE = Contract("linear", "USDT"), Contract("inverse", "BTC")
TWO_TIERS = Brackets.of([(50_000, Fraction("0.004"), Fraction(1, 125)), (250_000, Fraction("0.005"), Fraction(1, 100))])


def flat(rate: str, **more: str) -> Requirement:
    return Requirement(Brackets.flat(Fraction(rate)), **more)  # type: ignore[arg-type]  # names of fields, from the tables below


def test_the_theory_s_liquidation_price() -> None:
    """theory_checks.json, liq_price_linear_long_mark_mm: E (1 - 1/L) / (1 - mm), to the digits printed there."""
    held = Holding(LINEAR, 3, 100.0)
    price = liquidation(held, Requirement(Brackets.flat(0.005)), initial_margin(held, 10)).price
    assert price == pytest.approx(90.4522613065, rel=0, abs=5e-11)


def test_every_check_of_the_theory_about_contracts(shared: Path) -> None:
    checks = json.loads((shared / "spec" / "theory_checks.json").read_text(encoding="utf-8"))["checks"]
    found = {check["name"]: check for check in checks if check["group"] == "H contracts"}
    assert set(found) == {"inverse_pnl_btc", "liq_price_linear_long_mark_mm"}
    bought = found["inverse_pnl_btc"]["inputs"]
    held = Holding(INVERSE, bought["N"], bought["entry"])
    assert held.profit(bought["exit"]) == pytest.approx(found["inverse_pnl_btc"]["expected"], rel=0, abs=found["inverse_pnl_btc"]["tol"])
    check = found["liq_price_linear_long_mark_mm"]
    held = Holding(LINEAR, 1, check["inputs"]["E"])
    ends = liquidation(held, Requirement(Brackets.flat(check["inputs"]["mm"])), initial_margin(held, check["inputs"]["L"]))
    assert ends.price == pytest.approx(check["expected"], rel=0, abs=check["tol"])


def test_the_dollar_return_of_a_quanto(shared: Path) -> None:
    """theory_checks.json, ethusd_usd_return_identity: profit in coin at the later price of the coin, over the value at the earlier."""
    checks = json.loads((shared / "spec" / "theory_checks.json").read_text(encoding="utf-8"))["checks"]
    (check,) = (one for one in checks if one["name"] == "ethusd_usd_return_identity")
    coin, ether = 1 + check["inputs"]["r_btc"], 1 + check["inputs"]["r_eth"]
    held = Holding(Contract("quanto", "XBT", 1e-6), 1000, 200.0)
    earned = held.profit(200.0 * ether) * (10_000 * coin) / (held.value(200.0) * 10_000)
    assert earned == pytest.approx(check["expected"], rel=0, abs=check["tol"])


def test_kraken_s_example_of_an_inverse_long() -> None:
    """support.kraken.com 360022835671: 1,000 contracts at 8000 with 0.01 BTC and 1 %: liquidated at 7481, closed at 7407 (cut)."""
    held = Holding(INVERSE, 1000, Fraction(8000))
    ends = liquidation(held, flat("0.01"), Fraction(1, 100))
    assert ends.price is not None
    assert ends.bankruptcy is not None
    assert (int(ends.price), int(ends.bankruptcy)) == (7481, 7407)


def test_dydx_s_example_of_a_short() -> None:
    """docs of dYdX v4, isolated liquidation price: 1,000 USDC, short 3 ETH at 3000, 5 %: (1000 + 9000) / (3 x 0.05 + 3)."""
    held = Holding(LINEAR, -3, Fraction(3000))
    assert liquidation(held, flat("0.05"), 1000).price == Fraction(10_000) / Fraction("3.15")


def test_bybit_s_example_with_a_fee_at_bankruptcy() -> None:
    """help.bybit.com 360039261334: long 10,000 at 8000, 0.5 BTC, 0.5 % of the entry value, taker fee 0.075 % at bankruptcy.

    Printed: bankruptcy 5718.57, liquidation 5739.50; the page's own formula gives 5739.08, half a dollar is its tick.
    """
    held = Holding(INVERSE, 10_000, Fraction(8000))
    asked = Requirement(Brackets.flat(Fraction("0.005"), valued="entry"), Fraction("0.00075"), "bankruptcy")
    ends = liquidation(held, asked, Fraction(1, 2))
    assert ends.price is not None
    assert ends.bankruptcy is not None
    assert round(float(ends.bankruptcy), 2) == 5718.57
    assert ends.price == 10_000 / (Fraction(5, 4) + Fraction(1, 2) - Fraction("0.00625") - Fraction("7.5") / ends.bankruptcy)
    assert abs(float(ends.price) - 5739.50) < 0.5


def test_bybit_s_isolated_formula_of_an_inverse_short() -> None:
    """Liquidation-Price-Calculation-under-Isolated-Mode: quantity / (value - (initial - maintenance)), 60,000 at 50,000, 10x, 0.5 %."""
    held = Holding(INVERSE, -60_000, Fraction(50_000))
    asked = Requirement(Brackets.flat(Fraction("0.005"), valued="entry"))
    price = liquidation(held, asked, initial_margin(held, 10)).price
    assert price == 60_000 / (Fraction("1.2") - (Fraction("0.12") - Fraction("0.006")))


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("value", [30_000, 49_000, 51_000, 90_000, 240_000])
def test_the_formula_with_a_maintenance_amount(side: int, value: int) -> None:
    """Binance FAQ b3c689c1: (balance + amount - side x q x entry) / (q x rate - side x q), rate and amount of the tier at that price."""
    held = Holding(LINEAR, side * Fraction(value, 50_000), Fraction(50_000))
    margin = initial_margin(held, 20)
    ends = liquidation(held, Requirement(TWO_TIERS), margin)
    assert ends.price is not None
    assert ends.tier is not None
    q, worth = Fraction(value, 50_000), held.value(ends.price)
    rate, amount = (Fraction("0.004"), Fraction(0)) if worth <= 50_000 else (Fraction("0.005"), Fraction(50))
    assert ends.price == (margin + amount - side * q * held.entry) / (q * rate - side * q)
    assert ends.tier.maintenance == rate


@pytest.mark.parametrize("side", [1, -1])
def test_the_formula_with_the_margin_available(side: int) -> None:
    """Hyperliquid docs, trading/liquidations @14ba3d4977cf: price - side x available / size / (1 - l x side)."""
    held, rate = Holding(LINEAR, side * 2, Fraction(100)), Fraction("0.0125")
    margin = initial_margin(held, 20)
    available = margin - rate * held.value(held.entry)
    expected = held.entry - side * available / 2 / (1 - rate * side)
    assert liquidation(held, Requirement(Brackets.flat(rate)), margin).price == expected


def test_the_ratio_with_a_taker_fee() -> None:
    """OKX help (copy open-lib.com/11556): (margin + profit) / (face x contracts / mark x (rate + fee)) is 1 at liquidation."""
    contract = Contract("inverse", "BTC", 100)
    held = Holding(contract, 50, Fraction(40_000))
    margin, rate, fee = initial_margin(held, 10), Fraction("0.004"), Fraction("0.0005")
    price = liquidation(held, Requirement(Brackets.flat(rate), fee), margin).price
    assert price is not None
    assert (margin + held.profit(price)) / (100 * 50 / price * (rate + fee)) == 1


@pytest.mark.parametrize(
    ("payoff", "side", "entry", "leverage", "price", "bankruptcy"),
    [
        ("linear", 1, 100, 10, Fraction(90, 1) / Fraction("0.995"), Fraction(90)),
        ("linear", -1, 100, 10, Fraction(110, 1) / Fraction("1.005"), Fraction(110)),
        ("inverse", 1, 100, 10, Fraction(100) * Fraction("1.005") / Fraction("1.1"), Fraction(1000, 11)),
        ("inverse", -1, 100, 10, Fraction(100) * Fraction("0.995") / Fraction("0.9"), Fraction(1000, 9)),
        ("quanto", 1, 100, 10, Fraction(90, 1) / Fraction("0.995"), Fraction(90)),
        ("quanto", -1, 100, 10, Fraction(110, 1) / Fraction("1.005"), Fraction(110)),
    ],
)
def test_golden_prices(payoff: Payoff, side: int, entry: int, leverage: int, price: Fraction, bankruptcy: Fraction) -> None:
    """Closed forms at 10x and 0.5 %: E (1 -+ 1/L) / (1 -+ mm), and its mirror in 1/E."""
    held = Holding(Contract(payoff, "M", Fraction(1, 1000)), side * 7, Fraction(entry))
    ends = liquidation(held, flat("0.005"), initial_margin(held, leverage))
    assert (ends.price, ends.bankruptcy) == (price, bankruptcy)


@pytest.mark.parametrize(
    ("payoff", "side", "says"), [("linear", 1, "below zero"), ("quanto", 1, "below zero"), ("inverse", -1, "high enough")]
)
def test_what_is_paid_in_full_is_never_liquidated(payoff: Payoff, side: int, says: str) -> None:
    held = Holding(Contract(payoff, "M"), side, Fraction(100))
    ends = liquidation(held, flat("0.005"), initial_margin(held, 1))
    assert (ends.price, ends.bankruptcy, ends.already) == (None, None, False)
    assert says in ends.reason


@pytest.mark.parametrize(("payoff", "side", "price"), [("linear", -1, Fraction(200)), ("inverse", 1, Fraction(50))])
def test_the_other_side_ends_even_at_a_leverage_of_1(payoff: Payoff, side: int, price: Fraction) -> None:
    held = Holding(Contract(payoff, "M"), side, Fraction(100))
    assert liquidation(held, flat("0"), initial_margin(held, 1)).price == price


def test_a_position_below_its_maintenance_is_told_so() -> None:
    held = Holding(LINEAR, 1, Fraction(100))
    ends = liquidation(held, flat("0.01"), Fraction(10), mark=Fraction(90))
    assert ends.already
    assert ends.price == Fraction(90) / Fraction("0.99")
    hopeless = liquidation(held, Requirement(Brackets.flat(Fraction("0.9")), Fraction("0.2")), Fraction(-10))
    assert (hopeless.price, hopeless.already) == (None, True)
    assert "every price" in hopeless.reason


def test_a_table_that_jumps_ends_a_short_at_the_jump() -> None:
    """At 1,000 the rate of everything goes from 1 % to 10 %: a short with 5 % left is liquidated there, not at 10 %."""
    table = Brackets.of([(1000, Fraction("0.01"), None), (INF, Fraction("0.1"), None)], marginal=False)
    held = Holding(LINEAR, -1, Fraction(960))
    ends = liquidation(held, Requirement(table), Fraction(96))
    assert ends.price == 1000
    assert ends.tier == table.tiers[1]


def test_a_table_by_contracts_gives_one_rate_whatever_the_price() -> None:
    """Marginal by contracts: 1 % of the first 500,000 and 2 % of the rest is 1.25 % of 666,667-ish; here of 1,000,000: 1.5 %."""
    table = Brackets.of([(500_000, Fraction("0.01"), None), (INF, Fraction("0.02"), None)], measure="contracts")
    held = Holding(INVERSE, 1_000_000, Fraction(10_000))
    assert Requirement(table).maintenance(held, Fraction(8000)) == 125 * Fraction("0.015")
    assert liquidation(held, Requirement(table), 10).price == 10_000 * Fraction("1.015") / Fraction("1.1")


def test_a_ramp_by_coins_as_its_page_reckons_it() -> None:
    """support.deribit.com 25944738177565: 6,000 SOL at 200 open with 7 % = 84,000 USDC; 25 SOL keep 2.0125 % = 100.625."""
    table = Brackets((Tier(INF, Fraction("0.02"), Fraction("0.04"), 0, Fraction("0.000005")),), "base")
    large, small = (Holding(Contract("linear", "USDC"), n, Fraction(200)) for n in (6000, 25))
    opens = Requirement(table).table(large).initial(large.value(200))
    assert opens is not None
    assert opens * large.value(200) == 84_000
    assert Requirement(table).maintenance(small, Fraction(200)) == Fraction("100.625")


def test_a_ramp_of_an_inverse_contract_moves_with_the_price() -> None:
    table = Brackets((Tier(INF, 0.01, 0.02, 0, 0.00005),), "base")
    held = Holding(INVERSE, 10_000_000, 50_000.0)
    price = liquidation(held, Requirement(table), 20.0).price
    assert price is not None
    assert held.equity(20.0, price) == pytest.approx((0.01 + 0.00005 * held.value(price)) * held.value(price), rel=1e-12)  # roundings


@pytest.mark.parametrize(
    ("side", "leverage", "ramp"), [(1, 10.0, 0.00005), (-1, 10.0, 0.00005), (-1, 1.5, 0.001), (1, 2.0, 0.01), (1, 1.0, 0.0001)]
)
def test_a_ramp_ends_where_equity_fails_on_either_side(side: int, leverage: float, ramp: float) -> None:
    """v = 200 coins at entry; the parabola m + s (v - 200) - (0.01 + ramp v) v changes its sign at the price that is told."""
    held = Holding(INVERSE, side * 10_000_000, 50_000.0)
    asked, margin = Requirement(Brackets((Tier(INF, 0.01, None, 0, ramp),), "base")), initial_margin(held, leverage)
    ends = liquidation(held, asked, margin)
    assert ends.price is not None
    assert ends.already == (held.equity(margin, 50_000.0) < asked.needed(held, 50_000.0))
    worse, better = (ends.price * (1 - side * step) for step in (1e-6, -1e-6))
    assert held.equity(margin, worse) < asked.needed(held, worse)
    assert held.equity(margin, better) > asked.needed(held, better)


def test_leverage_is_checked_against_the_table() -> None:
    small, large = Holding(LINEAR, 1, Fraction(40_000)), Holding(LINEAR, 2, Fraction(40_000))
    assert initial_margin(small, 125, TWO_TIERS) == 320
    assert initial_margin(large, 100, TWO_TIERS) == 800
    with pytest.raises(InputError, match="a leverage of 125: a position of 80000 USDT may have 100"):
        initial_margin(large, 125, TWO_TIERS)
    with pytest.raises(InputError, match="the table ends at 250000 USDT"):
        initial_margin(Holding(LINEAR, 10, Fraction(40_000)), 2, TWO_TIERS)
    for leverage in (0.99, 0, -3, INF, float("nan")):
        with pytest.raises(InputError, match="Give 1 or more"):
            initial_margin(small, leverage)


def test_a_table_by_contracts_has_an_end_too() -> None:
    table = Brackets.of([(10, Fraction("0.01"), Fraction("0.02"))], measure="contracts")
    assert initial_margin(Holding(LINEAR, 10, Fraction(100)), 50, table) == 20
    with pytest.raises(InputError, match="the table ends at 1000 USDT"):
        initial_margin(Holding(LINEAR, 11, Fraction(100)), 50, table)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Holding(LINEAR, 0, 100), "a quantity of 0"),
        (lambda: Holding(LINEAR, float("nan"), 100), "a quantity of nan"),
        (lambda: Holding(LINEAR, 1, -5), "an entry price of -5"),
        (lambda: Requirement(TWO_TIERS, -1), "a closing fee: -1"),
        (lambda: Requirement(TWO_TIERS, 1), "a closing fee: 1"),
        (lambda: Brackets(()), "no tiers"),
        (lambda: Brackets((Tier(5, 0.1), Tier(5, 0.2))), "Sort them"),
        (lambda: Brackets.flat(1), "a maintenance rate of 1"),
        (lambda: Brackets.flat(0.5, 0.4), "an initial rate of 0.4"),
        (lambda: Tier(0, 0.1), "it ends at 0"),
        (lambda: Tier(1, 0.1, None, 0, -1), "a ramp of -1"),
        (lambda: Brackets((Tier(5, 0.1),), "weight"), "measured by 'weight'"),  # type: ignore[arg-type]  # the mistake is the point
        (
            lambda: Requirement(Brackets((Tier(5, 0.1),), "base")).table(Holding(Contract("quanto", "BTC", 1), 1, 1)),
            "a table by base units",
        ),
        (lambda: CrossAccount({}, {"x": (Holding(LINEAR, 1, 1), flat("0.1"))}), "no balance in USDT"),
        (lambda: CrossAccount({"USDT": 1}, {}).liquidation("x", {}), "the account holds nothing"),
        (lambda: CrossAccount({"USDT": 1}, {"x": (Holding(LINEAR, 1, 1), flat("0.1"))}).equity({}), "no mark price"),
    ],
)
def test_what_cannot_be_is_refused_in_its_own_words(make: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        make()  # type: ignore[operator]  # a table of calls


def test_a_cross_account_by_settle_asset() -> None:
    """Two linear positions share USDT; the inverse one draws on BTC alone."""
    account = CrossAccount(
        {"USDT": Fraction(1000), "BTC": Fraction(1, 10)},
        {
            "btc": (Holding(LINEAR, 1, Fraction(10_000), Fraction(-5)), flat("0.01")),
            "eth": (Holding(LINEAR, -2, Fraction(500)), flat("0.02")),
            "coin": (Holding(INVERSE, 1000, Fraction(10_000)), flat("0.01")),
        },
    )
    marks = {"btc": Fraction(10_100), "eth": Fraction(550), "coin": Fraction(8000)}
    assert account.equity(marks) == {"USDT": 1000 + 100 - 5 - 100, "BTC": Fraction(1, 10) + Fraction(1, 10) - Fraction(1, 8)}
    assert account.needed(marks) == {"USDT": 101 + 22, "BTC": Fraction(1, 800)}
    # 1000 - 5 - 100 (eth) - 22 (its maintenance) + (p - 10000) = p / 100
    assert account.liquidation("btc", marks).price == Fraction(9127) / Fraction("0.99")
